//! Forward Euler, the integrator of the published programs.

use super::{Integrator, Scheme, Stage};
use serde::{Deserialize, Serialize};

/// x <- x + z (F - x), order 1.
///
/// The stationary statistics of a chaotic network keep their size; every correlation time shrinks by sqrt(1 - z).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Euler;

impl Integrator for Euler {
    fn order(&self) -> u32 {
        1
    }

    fn scheme(&self, z: f64) -> Scheme {
        let start = Stage { node: 0.0, decay: 1.0, weights: vec![] };
        Scheme { stages: vec![start, Stage { node: 1.0, decay: 1.0 - z, weights: vec![z] }] }
    }
}
