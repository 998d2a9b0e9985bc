//! Error function, for which many Gaussian averages are known in closed form.

use super::Nonlinearity;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// phi(x) = erf(sqrt(pi) x / 2), slope 1 at zero, rates in (-1, 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorFunction;

const SCALE: f64 = 0.886_226_925_452_758; // sqrt(pi) / 2

impl Nonlinearity for ErrorFunction {
    fn rate(&self, x: f64) -> f64 {
        libm::erf(SCALE * x)
    }

    fn slope(&self, x: f64) -> f64 {
        (-PI * x * x / 4.0).exp()
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        (rate.abs() < 1.0).then(|| inverse_erf(rate) / SCALE)
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }
}

/// y with erf(y) = z, |z| < 1: a closed approximation (Winitzki 2008) polished by Halley steps on erfc, which keeps the digits of the tail.
fn inverse_erf(z: f64) -> f64 {
    const A: f64 = 0.147;
    let tail = 1.0 - z.abs();
    let log = (tail * (2.0 - tail)).ln();
    let half = 2.0 / (PI * A) + log / 2.0;
    let mut y = ((half * half - log / A).sqrt() - half).max(0.0).sqrt();
    for _ in 0..4 {
        let slope = 2.0 / PI.sqrt() * (-y * y).exp();
        // Near zero erf itself is exact, in the tail its complement is.
        let error = if y < 0.5 { libm::erf(y) - z.abs() } else { tail - libm::erfc(y) };
        let newton = error / slope;
        y -= newton / (1.0 + y * newton);
    }
    y.copysign(z)
}
