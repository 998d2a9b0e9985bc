//! Networks driven by sines with a random phase per unit, and by any other input (tau = 1, phi = tanh unless said).

mod branch;
mod course;
mod critical;
mod entrained;
mod hermite;
mod limits;
mod two_time;

pub use course::Course;
pub use critical::{Critical, best_frequency, critical_amplitude};
pub use entrained::Entrained;
pub use limits::{high_frequency_amplitude, low_frequency_limit};
pub use two_time::{TwoTime, TwoTimeCovariance};

use crate::error::{Error, Result};

/// How finely the periodic state is resolved.
///
/// The default gives critical amplitudes to a relative 1e-6 for gains up to 2 and frequencies from 0.02. Slower drives need more
/// points (the kink of the static solution has a width of omega^(2/3)), larger gains more terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Points per period, M; a multiple of 4.
    pub points: usize,
    /// Terms of the Hermite expansion.
    pub order: usize,
}

impl Default for Resolution {
    fn default() -> Self {
        Resolution { points: 128, order: 120 }
    }
}

impl Resolution {
    fn check(self) -> Result<()> {
        if self.points < 8 || self.points > 4096 || !self.points.is_multiple_of(4) {
            return Err(Error::parameter("points", self.points, "a multiple of 4 between 8 and 4096"));
        }
        if !(4..=400).contains(&self.order) {
            return Err(Error::parameter("order", self.order, "between 4 and 400"));
        }
        Ok(())
    }
}

/// The angular frequency at which the continuous theory equals that of forward Euler with step `dt` (tau = 1).
///
/// Euler steps turn 1 + omega² into |exp(i omega dt) - 1 + dt|² / dt². For small omega dt this is omega sqrt(1 - dt): Euler stretches
/// time. Exact for the drive and the first harmonic of the response.
///
/// ```
/// use crosscurrent::theory::driven::euler_frequency;
/// assert!((euler_frequency(0.15, 0.1) / 0.15 - 0.9_f64.sqrt()).abs() < 1e-4);
/// assert!((euler_frequency(2.0, 1e-6) - 2.0).abs() < 1e-5);
/// ```
pub fn euler_frequency(omega: f64, dt: f64) -> f64 {
    2.0 * (1.0 - dt).max(0.0).sqrt() * (0.5 * omega * dt).sin().abs() / dt
}

#[cfg(test)]
mod tests;
