//! Detection: how a detector judges.

use crate::error::{Result, in_range, positive};
use serde::{Deserialize, Serialize};

/// The settings of a detector.
///
/// ```
/// use crosscurrent::track::Detection;
/// let strict = Detection { false_alarm: 0.001, horizon: 600.0, ..Default::default() };
/// assert!(strict.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detection {
    /// Largest probability of any false alarm within the horizon; in (0, 1), default 0.05.
    pub false_alarm: f64,
    /// Time that the probability is for, in s; positive, default 3600. It also bounds the mean number of false alarms in that time.
    pub horizon: f64,
    /// Length of a block, in s; the default chooses the shortest whose neighbours are uncorrelated in the calibration stretch.
    pub block: Option<f64>,
    /// Whether P keeps the value that it has after training; default true. The published protocol lets it go on shrinking, and the learning
    /// errors of a stationary signal with it, so that late changes go unseen.
    pub frozen_correlation: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Detection { false_alarm: 0.05, horizon: 3600.0, block: None, frozen_correlation: true }
    }
}

impl Detection {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] that names the one out of range.
    pub fn check(&self) -> Result<()> {
        in_range("false alarm", self.false_alarm, f64::MIN_POSITIVE..1.0, "a probability between 0 and 1")?;
        positive("horizon", self.horizon)?;
        self.block.map_or(Ok(1.0), |block| positive("block", block)).map(|_| ())
    }
}
