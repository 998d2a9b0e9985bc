//! The autocovariance of a mean field, as a curve.

use super::potential::Motion;

/// Delta(tau) = <x(t) x(t + tau)>, even in tau: a fine grid where it bends, the exponential of its tail beyond.
///
/// ```
/// use crosscurrent::theory::autonomous;
/// let delta = autonomous(2.0)?.autocovariance;
/// let half = delta.half_width().unwrap();
/// assert!((delta.at(half) - 0.5 * delta.at(0.0)).abs() < 1e-9);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Autocovariance {
    variance: f64,
    step: f64,
    /// (-ln(Delta / Delta0), its slope) at the multiples of the step; empty when the variance is zero.
    points: Vec<(f64, f64)>,
}

impl Autocovariance {
    /// No activity: zero at every lag.
    pub(super) fn silent() -> Self {
        Autocovariance { variance: 0.0, step: 1.0, points: Vec::new() }
    }

    /// Follows the motion from Delta0 with the slope -sigma² until what is left of Delta² cannot be seen (Runge–Kutta of order 4).
    pub(super) fn follow(motion: &Motion, variance: f64, sigma: f64, step: f64) -> Self {
        let (mut y, mut v) = (0.0, sigma * sigma / variance);
        let mut points = vec![(y, v)];
        while y < 16.0 {
            let a = (v, motion.force(y));
            let b = (v + 0.5 * step * a.1, motion.force(y + 0.5 * step * a.0));
            let c = (v + 0.5 * step * b.1, motion.force(y + 0.5 * step * b.0));
            let d = (v + step * c.1, motion.force(y + step * c.0));
            y += step / 6.0 * (a.0 + 2.0 * b.0 + 2.0 * c.0 + d.0);
            v += step / 6.0 * (a.1 + 2.0 * b.1 + 2.0 * c.1 + d.1);
            points.push((y, v));
        }
        Autocovariance { variance, step, points }
    }

    /// Delta(tau).
    pub fn at(&self, tau: f64) -> f64 {
        if self.points.is_empty() { 0.0 } else { self.variance * (-self.fall(tau.abs())).exp() }
    }

    /// -ln(Delta / Delta0) at a lag of at least zero: Hermite's cubic on the grid, a straight line beyond.
    fn fall(&self, tau: f64) -> f64 {
        let last = self.points.len() - 1;
        let k = (tau / self.step) as usize;
        if k >= last {
            let (y, v) = self.points[last];
            return y + v * (tau - last as f64 * self.step);
        }
        let ((y0, v0), (y1, v1)) = (self.points[k], self.points[k + 1]);
        let s = tau / self.step - k as f64;
        let (bend0, bend1) = (self.step * v0 - (y1 - y0), (y1 - y0) - self.step * v1);
        y0 + s * (y1 - y0) + s * (1.0 - s) * ((1.0 - s) * bend0 + s * bend1)
    }

    /// The lag at which Delta has fallen to this fraction (between 0 and 1) of Delta0; `None` without activity.
    pub fn time_to(&self, fraction: f64) -> Option<f64> {
        let goal = -fraction.ln();
        let last = *self.points.last()?;
        if goal.is_nan() || goal < 0.0 {
            return None;
        }
        if goal >= last.0 {
            return Some((self.points.len() - 1) as f64 * self.step + (goal - last.0) / last.1);
        }
        let k = self.points.partition_point(|point| point.0 <= goal) - 1;
        let (mut low, mut high) = (k as f64 * self.step, (k + 1) as f64 * self.step);
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if self.fall(middle) < goal { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    }

    /// Half the width at half of the maximum; `None` without activity.
    pub fn half_width(&self) -> Option<f64> {
        self.time_to(0.5)
    }

    /// Integral of Delta / Delta0 over positive lags; `None` without activity.
    pub fn integral_time(&self) -> Option<f64> {
        let (y, v) = *self.points.last()?;
        let (sum, tail) = (self.points.iter().map(|point| (-point.0).exp()).sum::<f64>(), (-y).exp());
        // The trapezoid rule, corrected with the slopes at both ends, is of order 4 as the grid itself.
        let corrected = sum - 0.5 * (1.0 + tail) + self.step / 12.0 * (v * tail - self.points[0].1);
        Some(self.step * corrected + tail / v)
    }

    /// Time constant of the last, exponential fall; `None` without activity.
    pub fn tail_time(&self) -> Option<f64> {
        self.points.last().map(|point| 1.0 / point.1)
    }

    /// The step of the grid.
    pub(super) fn step(&self) -> f64 {
        self.step
    }

    /// -ln(Delta / Delta0) on the grid.
    pub(super) fn falls(&self) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().map(|point| point.0)
    }
}
