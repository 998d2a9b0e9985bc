//! The amplitude above which a drive suppresses chaos.

use super::Resolution;
use super::branch::Branch;
use super::entrained::Descent;
use crate::error::{Error, Result};
use crate::theory::root;

/// Where the drive just suppresses chaos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Critical {
    /// Critical amplitude I_c.
    pub amplitude: f64,
    /// Delta(0) there.
    pub variance: f64,
}

/// I_c at gain `gain` and angular frequency `omega` (1/tau): where the largest exponent of the entrained state is zero.
///
/// Resonant: I_c has a minimum at a frequency of its own, see [`best_frequency`]. Source: Rajan, Abbott & Sompolinsky 2010.
///
/// ```
/// use crosscurrent::theory::driven::{Resolution, critical_amplitude};
/// let critical = critical_amplitude(1.5, 1.0, Resolution::default())?;
/// assert!((critical.amplitude - 1.221).abs() < 1e-3);
/// assert!((critical.variance - 0.401).abs() < 1e-3);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A gain of at most 1, a frequency that is not positive, a resolution that makes no sense, or no convergence.
pub fn critical_amplitude(gain: f64, omega: f64, resolution: Resolution) -> Result<Critical> {
    let branch = Branch::new(gain, omega, resolution)?;
    let mut walk = Descent::new(&branch)?;
    let mut state = walk.state();
    if state.ground_level() <= 0.0 {
        let what = format!("critical amplitude at gain {gain}, omega {omega}: unstable at the largest amplitude");
        return Err(Error::NotConverged { what, residual: state.ground_level(), iterations: 0, tolerance: 0.0 });
    }
    let mut above = state.amplitude();
    while state.ground_level() > 0.0 {
        above = state.amplitude();
        walk.step_down(0.0)?;
        state = walk.state();
    }
    let level = |amplitude: f64| walk.near(amplitude).map_or(f64::NAN, |state| state.ground_level());
    let amplitude = root("critical amplitude", (state.amplitude(), above), 1e-10, level)?;
    Ok(Critical { amplitude, variance: walk.near(amplitude)?.variance() })
}

/// The angular frequency (1/tau) at which the least amplitude suppresses chaos (to 0.2 %), and that amplitude.
///
/// # Errors
/// As [`critical_amplitude`].
pub fn best_frequency(gain: f64, resolution: Resolution) -> Result<(f64, Critical)> {
    let at = |omega: f64| critical_amplitude(gain, omega, resolution);
    // Down from the rising side until the amplitude grows again.
    let ratio = 0.75;
    let (mut high, mut middle) = (1.0, ratio);
    while at(middle * ratio)?.amplitude < at(middle)?.amplitude {
        (high, middle) = (middle, middle * ratio);
    }
    let omega = golden_section((middle * ratio, high), 2e-3, |omega| Ok(at(omega)?.amplitude))?;
    Ok((omega, at(omega)?))
}

/// The minimum of a function with one minimum between `low` and `high`, to a relative precision.
fn golden_section((mut low, mut high): (f64, f64), precision: f64, f: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let part = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - part * (high - low), low + part * (high - low));
    let (mut fa, mut fb) = (f(a)?, f(b)?);
    while high - low > precision * high {
        if fa < fb {
            (high, b, fb) = (b, a, fa);
            a = high - part * (high - low);
            fa = f(a)?;
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + part * (high - low);
            fb = f(b)?;
        }
    }
    Ok(0.5 * (low + high))
}
