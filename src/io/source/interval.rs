//! The sample interval: from the user, or from a number of the file that is named like one.

use super::Source;
use crate::error::{Result, positive};
use crate::io::Arrays;

/// Names of intervals, with what makes seconds of them.
const INTERVALS: [(&str, f64); 9] = [
    ("dt_s", 1.0),
    ("dt", 1.0),
    ("dt_data", 1.0),
    ("dtData", 1.0),
    ("tr_s", 1.0),
    ("sample_interval_s", 1.0),
    ("bin_s", 1.0),
    ("dt_ms", 1e-3),
    ("bin_ms", 1e-3),
];

/// Names of samples per second.
const RATES: [&str; 6] = ["fps", "fps_approx", "fs", "fs_hz", "sampling_rate", "sampling_rate_hz"];

impl Source {
    /// Seconds between samples.
    pub(super) fn interval(&self, arrays: &Arrays, notices: &mut Vec<String>) -> Result<f64> {
        if let Some(dt) = self.dt {
            return positive("dt", dt);
        }
        let scalar = |name: &str| arrays.find(name).and_then(|array| array.scalar().ok());
        let interval = INTERVALS.iter().find_map(|&(name, unit)| scalar(name).map(|value| (name, value, value * unit)));
        let rate = || RATES.iter().find_map(|&name| scalar(name).map(|value| (name, value, 1.0 / value)));
        let Some((name, value, dt)) = interval.or_else(rate) else {
            let problem = "the file does not say the time between samples (no number called dt, tr_s, fps, …)";
            return Err(self.wrong(problem, "give it in seconds with --dt"));
        };
        if !(dt.is_finite() && dt > 0.0) {
            let problem = format!("'{name}' = {value} is no time between samples");
            return Err(self.wrong(problem, "give it in seconds with --dt"));
        }
        notices.push(format!("a sample every {} s, from '{name}' = {value} in the file (--dt overrides it)", rounded(dt)));
        Ok(dt)
    }
}

/// Six significant digits, for the eye.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}
