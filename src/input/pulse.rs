//! One between two times: a pulse, or a step when it never ends.

use super::{Input, Moment};
use crate::error::{Error, Result, in_range};
use serde::{Deserialize, Serialize};

/// u = 1 for start <= t < stop, 0 otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pulse {
    /// First moment, in s since the first recorded sample; default 0.
    pub start: f64,
    /// End, in s; infinite (the default) for a step.
    pub stop: f64,
}

impl Default for Pulse {
    fn default() -> Self {
        Pulse { start: 0.0, stop: f64::INFINITY }
    }
}

impl Input for Pulse {
    fn add(&self, moment: Moment, drive: &mut [f64]) {
        // Half a thousandth of a step keeps a boundary that falls on a sample on that sample, whatever the rounding of step * dt.
        let seconds = moment.seconds() + 0.0005 * moment.clock.dt();
        if seconds >= self.start && seconds < self.stop {
            drive.iter_mut().for_each(|u| *u += 1.0);
        }
    }

    fn check(&self, _units: usize) -> Result<()> {
        in_range("start of a pulse", self.start, .., "a finite number of seconds")?;
        if self.stop > self.start {
            Ok(())
        } else {
            Err(Error::parameter("stop of a pulse", self.stop, format!("after its start at {} s", self.start)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_pulse_covers_the_steps_between_its_times_whatever_the_rounding() {
        for dt in [0.01, 0.033, 0.1, 0.3] {
            let clock = Clock::with_steps(dt, 100).unwrap();
            let pulse = Pulse { start: 20.0 * dt, stop: 30.0 * dt };
            let on = (0..100)
                .filter(|&step| {
                    let mut drive = [0.0];
                    pulse.add(Moment { clock: &clock, step, stage: 0.0 }, &mut drive);
                    drive[0] == 1.0
                })
                .collect::<Vec<_>>();
            assert_eq!(on, (20..30).collect::<Vec<_>>(), "dt = {dt}");
        }
    }
}
