//! Heun's method: the trapezium rule with an Euler predictor.

use super::{Integrator, Scheme};
use serde::{Deserialize, Serialize};

/// Two drives a step, order 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heun;

impl Integrator for Heun {
    fn order(&self) -> u32 {
        2
    }

    fn scheme(&self, z: f64) -> Scheme {
        Scheme::runge_kutta(&[&[], &[1.0]], &[0.5, 0.5], &[0.0, 1.0], z)
    }
}
