//! One pattern over the units, then another: two fixed points.

use super::{Input, Moment};
use crate::error::{Error, Result, in_range};
use serde::{Deserialize, Serialize};

/// u_i = first_i before `switch`, second_i from then on.
///
/// A pattern of one number stands for all units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TwoPoints {
    /// Pattern before the switch: one number, or one per unit; default 1.
    pub first: Vec<f64>,
    /// Pattern after it; default -1.
    pub second: Vec<f64>,
    /// Time of the switch, in s since the first recorded sample; default 0.5.
    pub switch: f64,
}

impl Default for TwoPoints {
    fn default() -> Self {
        TwoPoints { first: vec![1.0], second: vec![-1.0], switch: 0.5 }
    }
}

impl Input for TwoPoints {
    fn add(&self, moment: Moment, drive: &mut [f64]) {
        let pattern = if moment.seconds() + 0.0005 * moment.clock.dt() < self.switch { &self.first } else { &self.second };
        for (i, u) in drive.iter_mut().enumerate() {
            *u += if pattern.len() == 1 { pattern[0] } else { pattern[i] };
        }
    }

    fn check(&self, units: usize) -> Result<()> {
        in_range("switch between two points", self.switch, .., "a finite number of seconds")?;
        for pattern in [&self.first, &self.second] {
            if pattern.len() != 1 && pattern.len() != units {
                return Err(Error::shape("pattern of a two-point input", format!("1 or {units} numbers"), pattern.len()));
            }
            pattern.iter().try_for_each(|&v| in_range("value of a two-point input", v, .., "a finite number").map(|_| ()))?;
        }
        Ok(())
    }
}
