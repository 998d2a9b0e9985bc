//! Exponential Euler: the leak is exact, so that time constants of very different size can share a step.

use super::{Integrator, Scheme, Stage};
use serde::{Deserialize, Serialize};

/// x <- exp(-z) x + (1 - exp(-z)) F, order 1, exact for a constant drive and stable for every z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialEuler;

impl Integrator for ExponentialEuler {
    fn order(&self) -> u32 {
        1
    }

    fn scheme(&self, z: f64) -> Scheme {
        let start = Stage { node: 0.0, decay: 1.0, weights: vec![] };
        Scheme { stages: vec![start, Stage { node: 1.0, decay: (-z).exp(), weights: vec![-(-z).exp_m1()] }] }
    }
}
