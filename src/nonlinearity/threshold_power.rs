//! Threshold power law, as in supralinear networks.

use super::Nonlinearity;
use crate::error::{Result, in_range, positive};
use serde::{Deserialize, Serialize};

/// phi(x) = gain * max(x - threshold, 0)^exponent; only positive rates have an inverse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdPower {
    /// Rate at one unit above threshold; positive, default 1.
    pub gain: f64,
    /// Activation at which the rate leaves zero; default 0.
    pub threshold: f64,
    /// Power; at least 1, default 2.
    pub exponent: f64,
}

impl Default for ThresholdPower {
    fn default() -> Self {
        ThresholdPower { gain: 1.0, threshold: 0.0, exponent: 2.0 }
    }
}

impl Nonlinearity for ThresholdPower {
    fn rate(&self, x: f64) -> f64 {
        self.gain * (x - self.threshold).max(0.0).powf(self.exponent)
    }

    fn slope(&self, x: f64) -> f64 {
        let above = x - self.threshold;
        if above < 0.0 { 0.0 } else { self.gain * self.exponent * above.powf(self.exponent - 1.0) }
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        (rate > 0.0 && rate.is_finite()).then(|| self.threshold + (rate / self.gain).powf(1.0 / self.exponent))
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn check(&self) -> Result<()> {
        positive("gain of the threshold power", self.gain)?;
        in_range("threshold of the threshold power", self.threshold, .., "a finite number")?;
        in_range("exponent of the threshold power", self.exponent, 1.0.., "at least 1").map(|_| ())
    }
}
