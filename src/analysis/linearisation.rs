//! The linear dynamics around a state of a network.

use crate::error::{Error, Result};
use crate::linalg::eigenvalues;
use crate::network::Network;
use nalgebra::Complex;
use serde::Serialize;
use std::f64::consts::TAU;

/// Real parts within this share of the largest modulus count as zero.
const MARGIN: f64 = 1e-8;

/// The eigenvalues of the Jacobian (J_ik phi'(x_k) - delta_ik) / tau_i at a state.
///
/// ```
/// use crosscurrent::{Connectivity, Network, Regions, analysis::{Linearisation, Stability}, nonlinearity::Tanh};
/// use nalgebra::dmatrix;
/// let j = Connectivity::dense(dmatrix![1.5, -2.0; 2.0, 1.5])?;
/// let network = Network::new(Regions::single("all", 2)?, j, Tanh, &[0.1])?;
/// let rest = Linearisation::at(&network, &[0.0, 0.0])?;
/// // (1.5 ± 2i - 1) / 0.1 s
/// assert!((rest.growth() - 5.0).abs() < 1e-12);
/// assert!((rest.frequency() - 20.0 / std::f64::consts::TAU).abs() < 1e-12);
/// assert_eq!((rest.unstable(), rest.stability()), (2, Stability::Repeller));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Linearisation {
    /// In 1/s, by decreasing real part; of a pair the one above the real axis first.
    pub eigenvalues: Vec<Complex<f64>>,
}

/// What becomes of small perturbations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stability {
    /// All decay.
    Stable,
    /// Some decay, some grow.
    Saddle,
    /// All grow.
    Repeller,
    /// None grow, but some do not decay (to linear order): a bifurcation, or a line of fixed points.
    Marginal,
}

impl std::fmt::Display for Stability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Stability::Stable => "stable",
            Stability::Saddle => "saddle",
            Stability::Repeller => "repeller",
            Stability::Marginal => "marginal",
        })
    }
}

impl Linearisation {
    /// Around the activations `state` (N values).
    ///
    /// # Errors
    /// A state of another size or with values that are not finite, or an iteration for eigenvalues that fails.
    pub fn at(network: &Network, state: &[f64]) -> Result<Self> {
        if state.len() != network.neurons() || state.iter().any(|x| !x.is_finite()) {
            let wanted = format!("{} finite activations", network.neurons());
            return Err(Error::shape("state of a network", wanted, format!("{} values", state.len())));
        }
        let mut eigenvalues = eigenvalues(&network.jacobian(state))?;
        eigenvalues.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        Ok(Linearisation { eigenvalues })
    }

    /// Largest real part (the spectral abscissa), in 1/s: the rate at which a perturbation grows in the long run; below zero it decays.
    pub fn growth(&self) -> f64 {
        self.eigenvalues[0].re
    }

    /// Frequency of that perturbation in Hz; 0 where it does not oscillate.
    pub fn frequency(&self) -> f64 {
        self.eigenvalues[0].im.abs() / TAU
    }

    /// Number of directions in which perturbations grow.
    pub fn unstable(&self) -> usize {
        let margin = self.margin();
        self.eigenvalues.iter().filter(|z| z.re > margin).count()
    }

    /// What becomes of small perturbations.
    pub fn stability(&self) -> Stability {
        match self.unstable() {
            0 if self.growth() < -self.margin() => Stability::Stable,
            0 => Stability::Marginal,
            all if all == self.eigenvalues.len() => Stability::Repeller,
            _ => Stability::Saddle,
        }
    }

    fn margin(&self) -> f64 {
        MARGIN * self.eigenvalues.iter().map(|z| z.norm()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectivity::Connectivity;
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use nalgebra::{DMatrix, dmatrix};

    fn network(j: DMatrix<f64>, tau: &[f64]) -> Network {
        let regions = Regions::single("all", j.nrows()).unwrap();
        Network::new(regions, Connectivity::dense(j).unwrap(), Tanh, tau).unwrap()
    }

    #[test]
    fn slopes_and_time_constants_enter_by_hand() {
        // Triangular, so the eigenvalues are on the diagonal: (2 phi'(1) - 1) / 0.5 and (3 phi'(0) - 1) / 0.1.
        let found = Linearisation::at(&network(dmatrix![2.0, 7.0; 0.0, 3.0], &[0.5, 0.1]), &[1.0, 0.0]).unwrap();
        let slope = 1.0 - 1.0_f64.tanh().powi(2);
        assert!((found.eigenvalues[0].re - 20.0).abs() < 1e-10);
        assert!((found.eigenvalues[1].re - (2.0 * slope - 1.0) / 0.5).abs() < 1e-10);
        assert_eq!((found.stability(), found.unstable(), found.frequency()), (Stability::Saddle, 1, 0.0));
    }

    #[test]
    fn every_kind_is_told_apart() {
        let kind = |a: f64, b: f64| Linearisation::at(&network(dmatrix![a, 0.0; 0.0, b], &[1.0]), &[0.0, 0.0]).unwrap().stability();
        assert_eq!(kind(0.5, -2.0), Stability::Stable);
        assert_eq!(kind(0.5, 1.0), Stability::Marginal);
        assert_eq!(kind(0.5, 1.1), Stability::Saddle);
        assert_eq!(kind(1.5, 1.1), Stability::Repeller);
        let two = network(DMatrix::zeros(2, 2), &[1.0]);
        assert!(Linearisation::at(&two, &[0.0]).is_err() && Linearisation::at(&two, &[0.0, f64::NAN]).is_err());
    }
}
