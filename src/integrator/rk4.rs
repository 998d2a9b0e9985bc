//! The classical Runge–Kutta method (Kutta 1901).

use super::{Integrator, Scheme};
use serde::{Deserialize, Serialize};

/// Four drives a step, order 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rk4;

impl Integrator for Rk4 {
    fn order(&self) -> u32 {
        4
    }

    fn scheme(&self, z: f64) -> Scheme {
        let sixth = 1.0 / 6.0;
        Scheme::runge_kutta(
            &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
            &[sixth, 2.0 * sixth, 2.0 * sixth, sixth],
            &[0.0, 0.5, 0.5, 1.0],
            z,
        )
    }
}
