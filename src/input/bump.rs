//! A bump of activity that moves over the units: the drive of a sequence.

use super::{Input, Moment};
use crate::error::{Error, Result, in_range, positive};
use serde::{Deserialize, Serialize};

/// u_i(t) = exp( -(i / n - c(t))² / (2 width²) ) for unit i of n, where the centre c moves from 0 at `start` to 1 at `stop` and then stays.
///
/// Before `start` the centre rests at 0. Source of the form: Rajan, Harvey & Tank 2016, idealised sequence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bump {
    /// Standard deviation as a fraction of the units; positive, default 0.1.
    pub width: f64,
    /// Time at which the bump leaves the first unit, in s; default 0.
    pub start: f64,
    /// Time at which it arrives at the last unit, in s; default 1.
    pub stop: f64,
}

impl Default for Bump {
    fn default() -> Self {
        Bump { width: 0.1, start: 0.0, stop: 1.0 }
    }
}

impl Input for Bump {
    fn add(&self, moment: Moment, drive: &mut [f64]) {
        let centre = ((moment.seconds() - self.start) / (self.stop - self.start)).clamp(0.0, 1.0);
        let units = drive.len() as f64;
        for (i, u) in drive.iter_mut().enumerate() {
            let distance = (i as f64 / units - centre) / self.width;
            *u += (-0.5 * distance * distance).exp();
        }
    }

    fn check(&self, _units: usize) -> Result<()> {
        positive("width of a bump", self.width)?;
        in_range("start of a bump", self.start, .., "a finite number of seconds")?;
        if self.stop > self.start && self.stop.is_finite() {
            return Ok(());
        }
        Err(Error::parameter("stop of a bump", self.stop, format!("after its start at {} s", self.start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_peak_walks_from_the_first_to_the_last_unit() {
        let clock = Clock::new(0.01, 1.0).unwrap();
        let bump = Bump::default();
        let peak = |step| {
            let mut drive = vec![0.0; 50];
            bump.add(Moment { clock: &clock, step, stage: 0.0 }, &mut drive);
            drive.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0
        };
        assert_eq!((peak(-10), peak(0), peak(50), peak(100), peak(300)), (0, 0, 25, 49, 49));
    }
}
