//! Clock: a step in seconds and a whole number of steps; the only owner of time.

use crate::error::{Error, Result, positive};
use serde::{Deserialize, Serialize};

/// A uniform grid of time points: `steps` points, `dt` seconds apart, the first at time zero.
///
/// Everything inside counts in whole steps; seconds exist only at the door. So a clock can neither slip nor drift, whatever
/// the rounding of `dt` (the published CURBD programs accumulate floating-point time and lose an update for some pairs of steps).
///
/// ```
/// use crosscurrent::Clock;
/// let clock = Clock::new(0.01, 12.0)?;
/// assert_eq!(clock.steps(), 1200);
/// let fine = clock.refine(5)?;                 // five integration steps per sample
/// assert_eq!(fine.steps(), 6000);
/// assert!((fine.dt() - 0.002).abs() < 1e-15);
/// assert!((clock.time(100) - 1.0).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    dt: f64,
    steps: usize,
}

impl Clock {
    /// The grid that covers `duration_s` seconds in steps of `dt_s` seconds.
    ///
    /// # Errors
    /// Both must be positive, and the duration a whole number of steps to within a millionth of a step.
    pub fn new(dt_s: f64, duration_s: f64) -> Result<Self> {
        positive("dt", dt_s)?;
        positive("duration", duration_s)?;
        let ratio = duration_s / dt_s;
        let whole = ratio.round();
        if (ratio - whole).abs() > 1e-6 * whole.max(1.0) || whole < 1.0 {
            let below = ratio.floor() * dt_s;
            return Err(Error::parameter("duration", duration_s, format!("a whole number of steps of {dt_s} s, such as {} s", below.max(dt_s))));
        }
        Self::with_steps(dt_s, whole as usize)
    }

    /// The grid of `steps` points that are `dt_s` seconds apart.
    ///
    /// # Errors
    /// `dt_s` must be positive and `steps` at least 1.
    pub fn with_steps(dt_s: f64, steps: usize) -> Result<Self> {
        positive("dt", dt_s)?;
        if steps == 0 {
            return Err(Error::parameter("steps", steps, "at least 1"));
        }
        Ok(Clock { dt: dt_s, steps })
    }

    /// Step in seconds.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Number of points.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Time of point `step`, in seconds.
    pub fn time(&self, step: usize) -> f64 {
        step as f64 * self.dt
    }

    /// `steps * dt`, in seconds.
    pub fn duration(&self) -> f64 {
        self.time(self.steps)
    }

    /// The grid with `factor` points for every point of this one.
    ///
    /// # Errors
    /// `factor` must be at least 1.
    pub fn refine(&self, factor: usize) -> Result<Clock> {
        if factor == 0 {
            return Err(Error::parameter("steps per sample", factor, "at least 1"));
        }
        Ok(Clock { dt: self.dt / factor as f64, steps: self.steps * factor })
    }

    /// The grid that keeps every `factor`-th point of this one, the first included.
    ///
    /// # Errors
    /// `factor` must be at least 1.
    pub fn coarsen(&self, factor: usize) -> Result<Clock> {
        if factor == 0 {
            return Err(Error::parameter("sampling factor", factor, "at least 1"));
        }
        Ok(Clock { dt: self.dt * factor as f64, steps: self.steps.div_ceil(factor) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_that_is_not_a_whole_number_of_steps_is_refused_with_a_hint() {
        let message = Clock::new(0.3, 1.0).unwrap_err().to_string();
        assert!(message.contains("0.9"), "{message}");
    }

    #[test]
    fn refine_and_coarsen_are_inverse_for_every_factor() {
        for dt in [0.001, 0.01, 0.033, 0.05, 0.1, 1.0, 1.89] {
            for factor in 1..=20 {
                let clock = Clock::with_steps(dt, 160).unwrap();
                let back = clock.refine(factor).unwrap().coarsen(factor).unwrap();
                assert_eq!(back.steps(), 160);
                assert!((back.dt() - dt).abs() <= 1e-15 * dt.max(1.0));
            }
        }
    }

    #[test]
    fn bad_steps_are_errors() {
        assert!(Clock::new(0.0, 1.0).is_err());
        assert!(Clock::new(f64::NAN, 1.0).is_err());
        assert!(Clock::with_steps(0.1, 0).is_err());
        assert!(Clock::with_steps(0.1, 5).unwrap().refine(0).is_err());
    }
}
