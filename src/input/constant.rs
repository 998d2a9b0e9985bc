//! The same value at all times.

use super::{Input, Moment};
use crate::error::{Result, in_range};
use serde::{Deserialize, Serialize};

/// u = value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Constant {
    /// Value; default 1.
    pub value: f64,
}

impl Default for Constant {
    fn default() -> Self {
        Constant { value: 1.0 }
    }
}

impl Input for Constant {
    fn add(&self, _moment: Moment, drive: &mut [f64]) {
        drive.iter_mut().for_each(|u| *u += self.value);
    }

    fn check(&self, _units: usize) -> Result<()> {
        in_range("value of a constant input", self.value, .., "a finite number").map(|_| ())
    }
}
