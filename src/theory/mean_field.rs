//! Dynamic mean-field theory of a large random network, autonomous or driven by white noise.

use super::autocovariance::Autocovariance;
use super::potential::Potential;
use super::schroedinger::Well;
use crate::error::{Error, Result, in_range};
use crate::nonlinearity::Nonlinearity;

/// How far the level that has to be zero may be from it.
const SELF_TEST: f64 = 1e-6;

/// Grid points in the shortest time scale of the autocovariance.
const FINENESS: f64 = 100.0;

/// The state of dx = (-x + J phi(x)) dt + sqrt(2) sigma dW with J_ij ~ N(0, g² / N) as N grows: every unit is a Gaussian process.
///
/// Its autocovariance obeys Delta'' = Delta - g² <phi(x) phi(y)> with Delta'(0+) = -sigma² (Sompolinsky, Crisanti & Sommers 1988;
/// Schuecker, Goedeke & Helias 2018). Times are in units of tau = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanField {
    /// g.
    pub gain: f64,
    /// Strength of the noise; 0 for an autonomous network.
    pub sigma: f64,
    /// Delta0 = <x²>, the variance of an activation.
    pub variance: f64,
    /// q = <phi²>, the variance of a rate.
    pub rate_power: f64,
    /// <phi'²>: times g² it is the squared radius of the spectrum of J diag(phi'), the mean local expansion.
    pub slope_power: f64,
    /// Delta(tau).
    pub autocovariance: Autocovariance,
    /// E_0, the lowest level of -psi'' + (1 - g² <phi'(x) phi'(y)>) psi = E psi.
    pub ground_level: f64,
    /// The level that belongs to dDelta/dtau and has to be zero: E_1 in an autonomous network. It tells how precise the solution is.
    pub neutral_level: f64,
    /// lambda = -1 + sqrt(1 - E_0), the largest Lyapunov exponent in 1/tau, given the noise.
    pub exponent: f64,
}

impl MeanField {
    /// Solves for any odd, bounded phi.
    pub(super) fn solve(phi: &dyn Nonlinearity, gain: f64, sigma: f64) -> Result<Self> {
        in_range("sigma", sigma, 0.0.., "at least 0")?;
        let potential = Potential::new(phi, gain)?;
        let variance = potential.variance(sigma)?;
        let (rate_power, slope_power) = (potential.power(variance), potential.slope_power(variance));
        if variance == 0.0 {
            // W = 1 - g² phi'(0)² everywhere: the exponent is that of the origin, g phi'(0) - 1.
            let level = 1.0 - gain * gain * slope_power;
            let autocovariance = Autocovariance::silent();
            let state = MeanField {
                gain,
                sigma,
                variance,
                rate_power,
                slope_power,
                autocovariance,
                ground_level: level,
                neutral_level: 0.0,
                exponent: 0.0,
            };
            return Ok(state.with_exponent());
        }
        let motion = potential.motion(variance)?;
        let (edge, pull) = (motion.edge(), gain * gain * rate_power - variance);
        if edge <= 0.0 || edge.is_nan() {
            let what = "the mean field: a decaying autocovariance".to_string();
            return Err(Error::NotConverged { what, residual: edge, iterations: 0, tolerance: 0.0 });
        }
        let narrow = variance.min(1.0);
        let scale = (1.0 / edge.sqrt()).min((narrow / pull.abs()).sqrt()).min(narrow / (sigma * sigma));
        let autocovariance = Autocovariance::follow(&motion, variance, sigma, scale / FINENESS);
        let values = autocovariance.falls().map(|y| motion.well(y)).collect();
        let well = Well::new(autocovariance.step(), values, edge);
        let neutral_level = well.lowest([-pull, sigma * sigma])?;
        if neutral_level.abs() > SELF_TEST || neutral_level.is_nan() {
            let what = "the mean field: its neutral level is not zero and".to_string();
            return Err(Error::NotConverged { what, residual: neutral_level, iterations: 0, tolerance: SELF_TEST });
        }
        let ground_level = well.lowest([0.0, 1.0])?;
        let state =
            MeanField { gain, sigma, variance, rate_power, slope_power, autocovariance, ground_level, neutral_level, exponent: 0.0 };
        Ok(state.with_exponent())
    }

    fn with_exponent(mut self) -> Self {
        self.exponent = (1.0 - self.ground_level).sqrt() - 1.0;
        self
    }
}
