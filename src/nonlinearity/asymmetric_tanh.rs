//! The saturating nonlinearity around a background rate of Rajan, Abbott & Sompolinsky (2010).

use super::Nonlinearity;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// phi(x) = r0 + r0 tanh(x / r0) for x <= 0 and r0 + (rmax - r0) tanh(x / (rmax - r0)) for x > 0.
///
/// Slope 1 at zero, so that the transition of the undriven network stays at gain 1. Source: Rajan, Abbott & Sompolinsky 2010, equation 2.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AsymmetricTanh {
    /// Background rate r0; between 0 and `maximum`, default 0.1.
    pub background: f64,
    /// Largest rate rmax; default 1.
    pub maximum: f64,
}

impl Default for AsymmetricTanh {
    fn default() -> Self {
        AsymmetricTanh { background: 0.1, maximum: 1.0 }
    }
}

impl AsymmetricTanh {
    /// Distance from the background to the limit on the side of `sign`.
    fn room(&self, sign: f64) -> f64 {
        if sign <= 0.0 { self.background } else { self.maximum - self.background }
    }
}

impl Nonlinearity for AsymmetricTanh {
    fn rate(&self, x: f64) -> f64 {
        let room = self.room(x);
        self.background + room * (x / room).tanh()
    }

    fn slope(&self, x: f64) -> f64 {
        let t = (x / self.room(x)).tanh();
        1.0 - t * t
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        let above = rate - self.background;
        let room = self.room(above);
        // Outside (0, rmax), and where the rate has rounded to a limit, the inverse is not finite.
        Some(room * (above / room).atanh()).filter(|x| x.is_finite())
    }

    fn range(&self) -> (f64, f64) {
        (0.0, self.maximum)
    }

    fn check(&self) -> Result<()> {
        if self.background > 0.0 && self.background < self.maximum && self.maximum.is_finite() {
            return Ok(());
        }
        Err(Error::parameter("background", self.background, format!("between 0 and the maximum {}", self.maximum)))
    }
}
