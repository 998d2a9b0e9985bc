//! Logistic function, the nonlinearity of the sequence models (Rajan, Harvey & Tank 2016).

use super::Nonlinearity;
use serde::{Deserialize, Serialize};

/// phi(x) = 1 / (1 + exp(-x)), slope 1/4 at zero, rates in (0, 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logistic;

impl Nonlinearity for Logistic {
    fn rate(&self, x: f64) -> f64 {
        // Written for the sign of x, so that neither tail loses its digits.
        if x >= 0.0 {
            1.0 / (1.0 + (-x).exp())
        } else {
            let e = x.exp();
            e / (1.0 + e)
        }
    }

    fn slope(&self, x: f64) -> f64 {
        let e = (-x.abs()).exp();
        e / ((1.0 + e) * (1.0 + e))
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        (rate > 0.0 && rate < 1.0).then(|| rate.ln() - (-rate).ln_1p())
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
