//! Tracking: the settings of a tracker.

use crate::error::{Result, positive};
use serde::{Deserialize, Serialize};

/// How a tracker steps and learns.
///
/// ```
/// use crosscurrent::track::{Rule, Tracking};
/// let published = Tracking { rule: Rule::Published, ..Default::default() };
/// assert_eq!(published.dt, 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tracking {
    /// Default recursive least squares.
    pub rule: Rule,
    /// Seconds per sample, which is one Euler step; positive, default 0.1 (a tenth of the published time constant 1).
    pub dt: f64,
    /// P at the start, times the identity; positive, default 1. The published programs call it alpha.
    #[doc(alias = "alpha")]
    pub learning_rate: f64,
}

/// The weight change that an error asks for, with k = P r before the update of P and c = 1 / (1 + r·k).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// c e k: recursive least squares.
    #[default]
    LeastSquares,
    /// c² e k: the published program multiplies by c the gain P r that it takes after the update of P, which is c k already. As c nears 1
    /// within a few samples, little changes.
    Published,
}

impl Default for Tracking {
    fn default() -> Self {
        Tracking { rule: Rule::LeastSquares, dt: 0.1, learning_rate: 1.0 }
    }
}

impl Tracking {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] that names the one out of range.
    pub fn check(&self) -> Result<()> {
        positive("dt", self.dt)?;
        positive("learning rate", self.learning_rate).map(|_| ())
    }
}
