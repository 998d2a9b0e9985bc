//! Networks of blocks (Aljadeff, Stern & Sharpee 2015): regions or classes of neurons with gains and time constants of their own.

mod chaotic;
mod collocation;
mod newton;

pub use chaotic::BlockChaos;

use crate::error::{Error, Result, in_range, positive};
use nalgebra::DMatrix;

/// Blocks a = 1 … M with shares alpha_a of N units: J_ij ~ N(0, g_ab² / N) for i in a, j in b, and tau_a dx_i/dt = -x_i + sum_j J_ij tanh(x_j).
///
/// N is the size of the whole network. A block is a region, or a class of neurons of one region.
///
/// ```
/// use crosscurrent::theory::Blocks;
/// use nalgebra::dmatrix;
/// let gains = dmatrix![1.2, 0.5, 0.0; 0.8, 0.6, 1.0; 0.2, 1.5, 0.9];
/// let network = Blocks { fractions: vec![0.5, 0.3, 0.2], gains, tau: vec![1.0; 3] };
/// assert!((network.radius()? - 0.88025).abs() < 1e-5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Blocks {
    /// alpha_a, shares of the units; they add up to 1.
    pub fractions: Vec<f64>,
    /// g_ab, M × M, target × source, at least 0.
    pub gains: DMatrix<f64>,
    /// tau_a, time constants; results have their unit.
    pub tau: Vec<f64>,
}

impl Blocks {
    /// Q_ab = alpha_b g_ab², M × M: the variance of the current of a unit in a is sum_b Q_ab <phi²>_b.
    ///
    /// # Errors
    /// Shares that do not add up to 1, a negative gain, a tau that is not positive, or shapes that disagree.
    pub fn coupling(&self) -> Result<DMatrix<f64>> {
        let blocks = self.fractions.len();
        if self.gains.shape() != (blocks, blocks) || self.tau.len() != blocks || blocks == 0 {
            let found = format!("{} × {} gains, {} values of tau", self.gains.nrows(), self.gains.ncols(), self.tau.len());
            return Err(Error::shape("blocks", format!("{blocks} × {blocks} gains and {blocks} values of tau"), found));
        }
        self.fractions.iter().try_for_each(|&share| positive("fraction", share).map(|_| ()))?;
        self.tau.iter().try_for_each(|&tau| positive("tau", tau).map(|_| ()))?;
        self.gains.iter().try_for_each(|&gain| in_range("gain", gain, 0.0.., "at least 0").map(|_| ()))?;
        let total: f64 = self.fractions.iter().sum();
        in_range("sum of the fractions", total, 1.0 - 1e-9..=1.0 + 1e-9, "1")?;
        Ok(DMatrix::from_fn(blocks, blocks, |a, b| self.fractions[b] * self.gains[(a, b)].powi(2)))
    }

    /// Spectral radius of J, the root of the Perron eigenvalue of Q. Above 1 the origin is unstable and the network is chaotic,
    /// whatever the time constants are.
    ///
    /// # Errors
    /// As [`Blocks::coupling`].
    pub fn radius(&self) -> Result<f64> {
        Ok(perron_value(&self.coupling()?).sqrt())
    }

    /// Relative variance of the activity of each block at the transition: the right Perron eigenvector of Q, scaled to an average over
    /// units of 1.
    ///
    /// # Errors
    /// As [`Blocks::coupling`]; [`Error::NotConverged`] where the eigenvector is not unique.
    pub fn critical_pattern(&self) -> Result<Vec<f64>> {
        let pattern = perron_vector(&self.coupling()?)?;
        let average: f64 = pattern.iter().zip(&self.fractions).map(|(v, alpha)| v * alpha).sum();
        Ok(pattern.iter().map(|v| v / average).collect())
    }
}

/// Largest modulus of the eigenvalues of a matrix without negative entries.
fn perron_value(matrix: &DMatrix<f64>) -> f64 {
    matrix.complex_eigenvalues().iter().map(|z| z.norm()).fold(0.0, f64::max)
}

/// The eigenvector of that eigenvalue, without negative entries and with sum 1.
fn perron_vector(matrix: &DMatrix<f64>) -> Result<Vec<f64>> {
    let (blocks, tolerance, limit) = (matrix.nrows(), 1e-14, 100_000);
    // The shift makes the power method converge for periodic matrices too.
    let shifted = matrix + DMatrix::identity(blocks, blocks) * (0.5 * perron_value(matrix)).max(f64::MIN_POSITIVE);
    let mut vector = nalgebra::DVector::from_element(blocks, 1.0 / blocks as f64);
    let mut change = f64::INFINITY;
    for _ in 0..limit {
        let mut next = &shifted * &vector;
        next /= next.sum();
        change = (&next - &vector).amax();
        vector = next;
        if change < tolerance {
            return Ok(vector.as_slice().to_vec());
        }
    }
    Err(Error::NotConverged { what: "Perron eigenvector of the blocks".into(), residual: change, iterations: limit, tolerance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_radius_and_the_pattern_of_two_blocks_are_those_of_the_quadratic_formula() {
        let network = Blocks { fractions: vec![0.6, 0.4], gains: dmatrix![1.1, 0.7; 1.4, 0.5], tau: vec![1.0, 3.0] };
        let (a, b, c, d) = (0.6 * 1.21, 0.4 * 0.49, 0.6 * 1.96, 0.4 * 0.25_f64);
        let value = 0.5 * (a + d) + (0.25 * (a - d).powi(2) + b * c).sqrt();
        assert!((network.radius().unwrap() - value.sqrt()).abs() < 1e-12);
        let pattern = network.critical_pattern().unwrap();
        assert!((pattern[1] / pattern[0] - (value - a) / b).abs() < 1e-10);
        assert!((0.6 * pattern[0] + 0.4 * pattern[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_chain_has_the_radius_of_its_strongest_link_to_itself() {
        let gains = dmatrix![0.9, 0.0, 0.0; 5.0, 1.3, 0.0; 5.0, 5.0, 0.4];
        let network = Blocks { fractions: vec![0.25, 0.25, 0.5], gains, tau: vec![1.0; 3] };
        assert!((network.radius().unwrap() - 0.65).abs() < 1e-9);
    }

    #[test]
    fn blocks_that_do_not_fit_are_refused() {
        let good = Blocks { fractions: vec![0.5, 0.5], gains: DMatrix::from_element(2, 2, 1.0), tau: vec![1.0; 2] };
        let bad = [
            Blocks { fractions: vec![0.5, 0.4], ..good.clone() },
            Blocks { tau: vec![1.0], ..good.clone() },
            Blocks { tau: vec![1.0, 0.0], ..good.clone() },
            Blocks { gains: DMatrix::from_element(2, 2, -1.0), ..good.clone() },
            Blocks { gains: DMatrix::from_element(2, 3, 1.0), ..good.clone() },
        ];
        assert!(good.coupling().is_ok() && bad.iter().all(|network| network.coupling().is_err()));
    }
}
