//! A sine with a phase of its own for every unit (Rajan, Abbott & Sompolinsky 2010).

use super::{Input, Moment};
use crate::error::{Error, Result, positive};
use crate::seed::Seed;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// u_i(t) = cos(2 pi f t + theta_i).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sine {
    /// Frequency f in Hz; positive, default 1. (Angular frequency omega in units of 1/tau: f = omega / (2 pi tau).)
    pub frequency: f64,
    /// Phases theta_i; default random.
    pub phases: Phases,
}

/// Phases of the units, in radians.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phases {
    /// Uniform and independent, drawn from this seed.
    Random(Seed),
    /// The same for all units: drives a coherent mode.
    Common(f64),
    /// One per unit.
    Given(Vec<f64>),
}

impl Default for Sine {
    fn default() -> Self {
        Sine { frequency: 1.0, phases: Phases::Random(Seed(0)) }
    }
}

impl Phases {
    /// Phase of unit `k`, without a table: a pure function of the seed and the unit.
    fn phase(&self, k: usize) -> f64 {
        match self {
            // 53 bits of the hash make a uniform number in [0, 1).
            Phases::Random(seed) => TAU * (seed.child("phase").trial(k as u64).0 >> 11) as f64 / (1_u64 << 53) as f64,
            Phases::Common(phase) => *phase,
            Phases::Given(phases) => phases[k],
        }
    }
}

impl Input for Sine {
    fn add(&self, moment: Moment, drive: &mut [f64]) {
        let angle = TAU * self.frequency * moment.seconds();
        for (k, u) in drive.iter_mut().enumerate() {
            *u += (angle + self.phases.phase(k)).cos();
        }
    }

    fn check(&self, units: usize) -> Result<()> {
        positive("frequency", self.frequency)?;
        match &self.phases {
            Phases::Given(phases) if phases.len() != units => Err(Error::shape("phases of a sine input", units, phases.len())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_phases_cover_the_circle() {
        let phases = Phases::Random(Seed(3));
        let (mut c, mut s) = (0.0, 0.0);
        for k in 0..4000 {
            c += phases.phase(k).cos();
            s += phases.phase(k).sin();
        }
        // Mean resultant of n uniform phases is about 1 / sqrt(n) = 0.016.
        assert!((c * c + s * s).sqrt() / 4000.0 < 0.06);
    }

    #[test]
    fn phases_must_match_the_units() {
        let sine = Sine { phases: Phases::Given(vec![0.0; 3]), ..Default::default() };
        assert!(sine.check(3).is_ok() && sine.check(4).is_err());
        assert!(Sine { frequency: 0.0, ..Default::default() }.check(1).is_err());
    }
}
