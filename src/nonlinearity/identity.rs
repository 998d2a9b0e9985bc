//! Identity: the linear network.

use super::Nonlinearity;
use serde::{Deserialize, Serialize};

/// phi(x) = x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity;

impl Nonlinearity for Identity {
    fn rate(&self, x: f64) -> f64 {
        x
    }

    fn slope(&self, _x: f64) -> f64 {
        1.0
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        rate.is_finite().then_some(rate)
    }

    fn range(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }
}
