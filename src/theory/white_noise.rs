//! A random network driven by white noise (Schuecker, Goedeke & Helias 2018).

use super::mean_field::MeanField;
use super::potential::Potential;
use super::root::root;
use crate::error::{Result, in_range};
use crate::nonlinearity::Tanh;

/// The mean field of dx = (-x + J tanh(x)) dt + sqrt(2) sigma dW, noise independent per unit.
///
/// The noise gives Delta a kink, Delta'(0+) = -sigma², and lifts the energy: `sigma⁴ / 2 = Delta0² / 2 - g² (<Phi²> - <Phi>²)`. The exponent
/// is that of two replicas with the same noise.
///
/// ```
/// use crosscurrent::theory::white_noise;
/// // Without connections every unit is an Ornstein–Uhlenbeck process: Delta = sigma² exp(-tau).
/// let state = white_noise(0.0, 0.5)?;
/// assert!((state.autocovariance.at(2.0) - 0.25 * (-2.0_f64).exp()).abs() < 1e-9);
/// assert!((state.exponent + 1.0).abs() < 1e-9);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A negative gain or sigma, or [`crate::Error::NotConverged`].
pub fn white_noise(gain: f64, sigma: f64) -> Result<MeanField> {
    MeanField::solve(&Tanh, gain, sigma)
}

/// A point of a line in the plane of gain and noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseLine {
    /// g.
    pub gain: f64,
    /// Strength of the noise on the line.
    pub sigma: f64,
    /// Delta0 there.
    pub variance: f64,
}

/// The noise that ends chaos at this gain (above 1): Delta0 = g² <phi²>, where lambda is zero.
///
/// ```
/// use crosscurrent::theory::{noise_transition, local_expansion_line};
/// let (end, line) = (noise_transition(1.5)?, local_expansion_line(1.5)?);
/// assert!((end.sigma.powi(2) - 0.13808).abs() < 1e-5);
/// // Between the two the network expands locally and yet is not chaotic.
/// assert!(line.sigma > end.sigma);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A gain that is not above 1.
pub fn noise_transition(gain: f64) -> Result<NoiseLine> {
    line(gain, |potential, variance| variance - gain * gain * potential.power(variance))
}

/// The noise at which the mean local expansion ends at this gain (above 1): g² <phi'²> = 1.
///
/// # Errors
/// As [`noise_transition`].
pub fn local_expansion_line(gain: f64) -> Result<NoiseLine> {
    line(gain, |potential, variance| 1.0 - gain * gain * potential.slope_power(variance))
}

/// The point whose variance makes `condition` zero; the condition rises with the variance.
fn line(gain: f64, condition: impl Fn(&Potential, f64) -> f64) -> Result<NoiseLine> {
    in_range("gain", gain, (1.0 + 1e-6).., "above 1: below there is no chaos to end")?;
    let potential = Potential::new(&Tanh, gain)?;
    let mut above = gain * gain;
    while condition(&potential, above) < 0.0 {
        above *= 2.0;
    }
    let mut below = 0.9 * above;
    while condition(&potential, below) > 0.0 {
        (above, below) = (below, 0.9 * below);
    }
    let variance = root("variance on a line of the noise", (below, above), 1e-15 * above, |v| condition(&potential, v))?;
    let sigma = (variance * variance - 2.0 * gain * gain * potential.primitive_variance(variance)).max(0.0).powf(0.25);
    Ok(NoiseLine { gain, sigma, variance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::autonomous;

    #[test]
    fn the_lines_of_the_noise_are_reproduced() {
        // g, sigma², Delta0 at the transition, sigma² where local expansion ends.
        let table =
            [[1.2, 0.02238, 0.2495, 0.0626], [1.5, 0.13808, 0.7934, 0.5015], [2.0, 0.54711, 2.1215, 2.8193], [3.0, 2.16524, 6.3054, 19.25]];
        for [gain, squared, variance, local] in table {
            let end = noise_transition(gain).unwrap();
            assert!((end.sigma.powi(2) / squared - 1.0).abs() < 2.5e-4, "{end:?}");
            assert!((end.variance / variance - 1.0).abs() < 1e-4, "{end:?}");
            let expansion = local_expansion_line(gain).unwrap().sigma.powi(2);
            assert!((expansion / local - 1.0).abs() < 1e-3, "{expansion}");
            // T21: the exponent changes its sign on the line, also where a spline is not enough (g = 3 and beyond).
            let exponent = white_noise(gain, end.sigma).unwrap().exponent;
            assert!(exponent.abs() < 1e-8, "g = {gain}: {exponent}");
        }
        let end = noise_transition(10.0).unwrap();
        assert!(white_noise(10.0, end.sigma).unwrap().exponent.abs() < 1e-7);
        assert!(noise_transition(0.9).is_err());
    }

    #[test]
    fn points_below_the_transition_are_reproduced() {
        // g, sigma², Delta0, lambda, half width.
        let points = [
            [1.5, 0.01, 0.7479, 0.0428, 7.39],
            [1.5, 0.05, 0.7541, 0.0285, 5.64],
            [1.5, 0.125, 0.7856, 0.0042, 3.58],
            [2.0, 0.125, 1.9363, 0.0809, 4.36],
            [2.0, 0.5, 2.0920, 0.0081, 2.42],
        ];
        for [gain, squared, variance, exponent, half] in points {
            let state = white_noise(gain, f64::sqrt(squared)).unwrap();
            // Half a unit of the last digit.
            assert!((state.variance - variance).abs() < 5.5e-5, "{}", state.variance);
            assert!((state.exponent - exponent).abs() < 5.5e-5, "{}", state.exponent);
            assert!((state.autocovariance.half_width().unwrap() - half).abs() < 5.5e-3);
            let kink = (state.variance - state.autocovariance.at(1e-5)) / 1e-5;
            assert!((kink / squared - 1.0).abs() < 1e-3, "{kink}");
            assert!(state.neutral_level.abs() < 1e-8);
        }
    }

    #[test]
    fn noise_that_vanishes_leaves_the_autonomous_network() {
        let (quiet, still) = (white_noise(1.5, 1e-3).unwrap(), autonomous(1.5).unwrap());
        assert!((quiet.exponent - still.exponent).abs() < 1e-5);
        assert!((quiet.variance - still.variance).abs() < 1e-5);
        // Noise also drives a network whose origin is stable, and strong noise forgets the connections.
        let stable = white_noise(0.5, 0.3).unwrap();
        assert!(stable.exponent < -0.4 && stable.variance > 0.09);
        assert!((white_noise(1.5, 6.0).unwrap().variance / 36.0 - 1.0).abs() < 0.05);
    }
}
