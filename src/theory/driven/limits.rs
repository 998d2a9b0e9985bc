//! Critical amplitudes in the limits of fast and of slow drives.

use super::Critical;
use crate::error::{Error, Result, in_range};
use crate::theory::{average, root};
use std::f64::consts::PI;

/// Mean over the phases of the drive, of which a quarter of the circle stands for all.
///
/// The integrands are analytic and periodic, so the sum converges exponentially: 64 phases where tanh is bare, fewer where a Gaussian
/// variable smooths it.
fn over_phases(phases: usize, f: impl Fn(f64) -> f64) -> f64 {
    (0..phases).map(|k| f((0.5 * PI * (k as f64 + 0.5) / phases as f64).cos())).sum::<f64>() / phases as f64
}

fn square_slope(x: f64) -> f64 {
    (1.0 - x.tanh().powi(2)).powi(2)
}

fn above_one(gain: f64) -> Result<f64> {
    let wanted = "greater than 1 and at most 20: without chaos there is nothing to suppress";
    in_range("gain", gain, 1.0 + 1e-9..=20.0, wanted)
}

/// A_inf: for omega -> infinity the critical amplitude is A_inf omega. It solves <sech²(A cos theta)> over theta = 1 / g.
///
/// A fast drive changes x by A cos(theta) before the network can answer: all that is left is a smaller mean slope.
///
/// ```
/// use crosscurrent::theory::driven::high_frequency_amplitude;
/// assert!((high_frequency_amplitude(1.5)? - 1.00563).abs() < 1e-5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A gain of at most 1, or above 20.
pub fn high_frequency_amplitude(gain: f64) -> Result<f64> {
    above_one(gain)?;
    let slope = |amplitude: f64| over_phases(64, |cosine| 1.0 - (amplitude * cosine).tanh().powi(2));
    root("critical amplitude of fast drives", (0.0, 10.0 * gain), 1e-12, |amplitude| slope(amplitude) * gain - 1.0)
}

/// The critical amplitude and Delta(0) for omega -> 0, where the drive is a constant of its own for every unit.
///
/// D = g² <phi²> and g² <phi'²> = 1 with phi of I cos(theta) + sqrt(D) z.
///
/// ```
/// use crosscurrent::theory::driven::low_frequency_limit;
/// let slow = low_frequency_limit(1.5)?;
/// assert!((slow.amplitude - 0.5952).abs() < 1e-4 && (slow.variance - 0.933).abs() < 1e-3);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A gain of at most 1, or above 20.
pub fn low_frequency_limit(gain: f64) -> Result<Critical> {
    above_one(gain)?;
    let phases = 8 + (4.0 * gain) as usize;
    let over = |amplitude: f64, variance: f64, f: fn(f64) -> f64| over_phases(phases, |cosine| average(amplitude * cosine, variance, f));
    let variance = |amplitude: f64| {
        let excess = |d: f64| gain * gain * over(amplitude, d, |x| x.tanh().powi(2)) - d;
        // Not the trivial solution D = 0 of the undriven network.
        root("variance of the static state", (1e-3 * (gain - 1.0), gain * gain), 1e-13, excess)
    };
    let excess = |amplitude: f64| variance(amplitude).map_or(f64::NAN, |d| gain * gain * over(amplitude, d, square_slope) - 1.0);
    let amplitude = root("critical amplitude of slow drives", (1e-3 * (gain - 1.0), 5.0 * gain), 1e-12, excess)?;
    if amplitude.is_nan() {
        return Err(Error::parameter("gain", gain, "a gain at which the static state can be found"));
    }
    Ok(Critical { amplitude, variance: variance(amplitude)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_their_known_values() {
        // T19 and the first and last rows of the table of critical amplitudes; gain 3 from the same source.
        for (gain, fast, slow) in [(1.2, 0.6331, 0.1484), (1.5, 1.00563, 0.5952), (2.0, 1.44151, 1.6618), (3.0, 2.1232, 4.4613)] {
            assert!((high_frequency_amplitude(gain).unwrap() - fast).abs() < 6e-5, "{gain}");
            assert!((low_frequency_limit(gain).unwrap().amplitude - slow).abs() < 6e-5, "{gain}");
        }
        assert!((low_frequency_limit(2.0).unwrap().variance - 2.567).abs() < 6e-4);
    }

    #[test]
    fn without_chaos_there_is_no_limit() {
        for gain in [1.0, 0.5, -1.0, f64::NAN, 1e3] {
            assert!(high_frequency_amplitude(gain).is_err() && low_frequency_limit(gain).is_err(), "{gain}");
        }
    }
}
