//! Rectification.

use super::Nonlinearity;
use serde::{Deserialize, Serialize};

/// phi(x) = max(x, 0); only positive rates have an inverse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rectified;

impl Nonlinearity for Rectified {
    fn rate(&self, x: f64) -> f64 {
        x.max(0.0)
    }

    fn slope(&self, x: f64) -> f64 {
        if x >= 0.0 { 1.0 } else { 0.0 }
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        (rate > 0.0 && rate.is_finite()).then_some(rate)
    }

    fn range(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }
}
