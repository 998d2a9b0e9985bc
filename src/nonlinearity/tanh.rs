//! Hyperbolic tangent, the nonlinearity of the theory and of CURBD.

use super::Nonlinearity;
use crate::kernels;
use serde::{Deserialize, Serialize};

/// phi(x) = tanh(x), slope 1 at zero, rates in (-1, 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tanh;

impl Nonlinearity for Tanh {
    fn rate(&self, x: f64) -> f64 {
        x.tanh()
    }

    fn slope(&self, x: f64) -> f64 {
        let rate = x.tanh();
        1.0 - rate * rate
    }

    fn inverse(&self, rate: f64) -> Option<f64> {
        (rate.abs() < 1.0).then(|| rate.atanh())
    }

    fn range(&self) -> (f64, f64) {
        (-1.0, 1.0)
    }

    fn rates(&self, x: &[f64], rates: &mut [f64]) {
        kernels::tanh(kernels::Level::detect(), x, rates);
    }

    fn slopes(&self, x: &[f64], slopes: &mut [f64]) {
        self.rates(x, slopes);
        slopes.iter_mut().for_each(|rate| *rate = 1.0 - *rate * *rate);
    }

    fn rates_single(&self, x: &[f32], rates: &mut [f32]) {
        kernels::tanh(kernels::Level::detect(), x, rates);
    }
}
