//! Low-rank networks (Mastrogiuseppe & Ostojic 2018): J = g chi + m nᵀ / N, random strength g plus one dimension of structure.
//!
//! dx_i/dt = -x_i + sum_j J_ij tanh(x_j) + I_i with chi_ij ~ N(0, 1/N); m_i, n_i and I_i are normal and independent of chi and, but for a
//! covariance of n with I, of each other. As N grows, x_i is Gaussian around a mean mu + ... with what the structure carries:
//!
//! ```text
//! kappa = <n phi> = M_n <phi> + S_nI <phi'>        mu = M_m kappa + M_I
//! ```
//!
//! and the variance over units that structure and input alone give, S_m² kappa² + S_I².

mod chaotic;
mod phases;
mod scan;
mod stationary;

pub use chaotic::Chaotic;
pub use phases::Phase;
pub use stationary::Stationary;

use super::tanh_pair::tanh_average as average;
use crate::error::{Result, in_range};
use serde::{Deserialize, Serialize};

/// A rank-one network with random couplings, in the limit of many units.
///
/// The default has the vectors of the published figure: M_m = 1.1, M_n = 2, S_m = S_n = 1, g = 1, no input.
///
/// ```
/// use crosscurrent::theory::LowRank;
/// let network = LowRank { gain: 1.0, ..LowRank::default() };
/// let structured = network.structured()?.expect("M_m M_n = 2.2 is above 1");
/// assert!((structured.kappa - 1.08785).abs() < 1e-5);
/// assert!(structured.stable());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LowRank {
    /// Random strength g, at least 0.
    pub gain: f64,
    /// M_m, mean of m.
    pub mean_m: f64,
    /// M_n, mean of n.
    pub mean_n: f64,
    /// S_m, standard deviation of m.
    pub deviation_m: f64,
    /// S_n, standard deviation of n; it only bounds the covariance with the input.
    pub deviation_n: f64,
    /// M_I, mean of the constant input.
    pub input_mean: f64,
    /// S_I, its standard deviation over units.
    pub input_deviation: f64,
    /// S_nI, covariance of n and input, at most S_n S_I in modulus.
    pub input_covariance: f64,
}

impl Default for LowRank {
    fn default() -> Self {
        LowRank {
            gain: 1.0,
            mean_m: 1.1,
            mean_n: 2.0,
            deviation_m: 1.0,
            deviation_n: 1.0,
            input_mean: 0.0,
            input_deviation: 0.0,
            input_covariance: 0.0,
        }
    }
}

impl LowRank {
    /// M_m M_n, the outlier of J: structured activity needs more than 1 of it at small g.
    pub fn strength(&self) -> f64 {
        self.mean_m * self.mean_n
    }

    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        in_range("mean of m", self.mean_m, .., "a finite number")?;
        in_range("mean of n", self.mean_n, .., "a finite number")?;
        in_range("deviation of m", self.deviation_m, 0.0.., "at least 0")?;
        in_range("deviation of n", self.deviation_n, 0.0.., "at least 0")?;
        in_range("input mean", self.input_mean, .., "a finite number")?;
        in_range("input deviation", self.input_deviation, 0.0.., "at least 0")?;
        let bound = self.deviation_n * self.input_deviation;
        in_range("input covariance", self.input_covariance, -bound..=bound, "at most S_n S_I in modulus")?;
        Ok(())
    }

    /// With -x every solution x is another one.
    fn symmetric(&self) -> bool {
        self.input_mean == 0.0 && self.input_covariance == 0.0
    }

    /// Mean over units at an overlap kappa.
    fn mu(&self, kappa: f64) -> f64 {
        self.mean_m * kappa + self.input_mean
    }

    /// Variance over units that structure and input give at an overlap kappa.
    fn structured_variance(&self, kappa: f64) -> f64 {
        (self.deviation_m * kappa).powi(2) + self.input_deviation.powi(2)
    }

    /// The overlap <n phi> of activity with this overlap and this variance: itself in a solution.
    fn overlap(&self, kappa: f64, delta0: f64) -> f64 {
        let mu = self.mu(kappa);
        let slope = if self.input_covariance == 0.0 { 0.0 } else { average(mu, delta0, slope) };
        self.mean_n * average(mu, delta0, f64::tanh) + self.input_covariance * slope
    }

    /// No overlap is larger than this.
    fn largest_overlap(&self) -> f64 {
        self.mean_n.abs() + self.input_covariance.abs()
    }

    /// g sqrt(<phi'²>): radius of the disc of eigenvalues of J phi' in a state with this overlap and this variance.
    fn bulk_radius(&self, kappa: f64, delta0: f64) -> f64 {
        self.gain * average(self.mu(kappa), delta0, |x| slope(x).powi(2)).sqrt()
    }
}

/// phi' of phi = tanh.
fn slope(x: f64) -> f64 {
    1.0 - x.tanh().powi(2)
}
