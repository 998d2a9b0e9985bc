//! Weights that are correlated with those in the opposite direction: the elliptic law (Sommers, Crisanti, Sompolinsky & Stein 1988).

use super::{Bulk, Ensemble, Prediction, normal_matrix};
use crate::connectivity::Connectivity;
use crate::error::{Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// J_ij ~ N(0, gain² / N) with <J_ij J_ji> = tau gain² / N: symmetric at tau = 1, antisymmetric at tau = −1.
///
/// J = gain (√((1 + tau) / 2) S + √((1 − tau) / 2) K) / √N, with S symmetric and K antisymmetric; the variance of J_ii is (1 + tau)
/// gain² / N. As N grows the eigenvalues fill the ellipse with the semi-axes gain (1 + tau) and gain (1 − tau) uniformly.
///
/// ```
/// use crosscurrent::{Ensemble, Regions, ensemble::{Bulk, Elliptic}};
/// let prediction = Elliptic { gain: 1.0, tau: 0.5 }.prediction(&Regions::single("all", 100)?).unwrap();
/// assert_eq!(prediction.bulk, Bulk::Ellipse { real: 1.5, imaginary: 0.5 });
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Elliptic {
    /// Gain g; at least 0, default 1.
    pub gain: f64,
    /// Correlation of J_ij and J_ji; −1 to 1, default 0.5.
    pub tau: f64,
}

impl Default for Elliptic {
    fn default() -> Self {
        Elliptic { gain: 1.0, tau: 0.5 }
    }
}

impl Elliptic {
    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        in_range("tau", self.tau, -1.0..=1.0, "a correlation from -1 to 1").map(|_| ())
    }

    /// Mean number of real eigenvalues for large N (Forrester & Nagao 2007), with the next order; exact at tau = ± 1.
    fn real_eigenvalues(&self, neurons: usize) -> f64 {
        match self.tau {
            1.0 => neurons as f64,
            -1.0 => (neurons % 2) as f64,
            tau => (2.0 * neurons as f64 * (1.0 + tau) / (PI * (1.0 - tau))).sqrt() + 0.5,
        }
    }
}

impl Ensemble for Elliptic {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        self.check()?;
        let neurons = regions.neurons();
        let seed = seed.child("connectivity");
        let unit = self.gain / (2.0 * neurons as f64).sqrt();
        let a = normal_matrix(neurons, neurons, unit * (0.5 * (1.0 + self.tau)).sqrt(), seed.child("symmetric"));
        let b = normal_matrix(neurons, neurons, unit * (0.5 * (1.0 - self.tau)).sqrt(), seed.child("antisymmetric"));
        Connectivity::dense((&a + a.transpose()) + (&b - b.transpose()))
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        self.check().ok()?;
        let bulk = Bulk::Ellipse { real: self.gain * (1.0 + self.tau), imaginary: self.gain * (1.0 - self.tau) };
        let known = self.gain > 0.0;
        Some(Prediction { real_eigenvalues: known.then(|| self.real_eigenvalues(regions.neurons())), ..bulk.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    #[test]
    fn weights_have_the_variance_and_the_correlation_asked_for() {
        let neurons = 300;
        let regions = Regions::single("all", neurons).unwrap();
        for tau in [-1.0, -0.5, 0.0, 0.7, 1.0] {
            let j = Elliptic { gain: 2.0, tau }.sample(&regions, Seed(3)).unwrap().to_dense();
            let (mut square, mut product, mut pairs) = (0.0, 0.0, 0.0);
            for i in 0..neurons {
                for k in 0..i {
                    square += 0.5 * (j[(i, k)].powi(2) + j[(k, i)].powi(2));
                    product += j[(i, k)] * j[(k, i)];
                    pairs += 1.0;
                }
            }
            // Four standard deviations of a mean over 44 850 pairs.
            let unit = neurons as f64 / (4.0 * pairs);
            assert!((square * unit - 1.0).abs() < 0.027, "{tau}: {}", square * unit);
            assert!((product * unit - tau).abs() < 0.027, "{tau}: {}", product * unit);
            let diagonal = j.diagonal().norm_squared() / 4.0;
            // The mean square of 300 normal numbers has a relative standard deviation of 0.082.
            assert!((diagonal - (1.0 + tau)).abs() < 0.33 * (1.0 + tau) + 1e-12, "{tau}: {diagonal}");
        }
    }

    #[test]
    fn the_number_of_real_eigenvalues_follows_the_correlation() {
        let neurons = 80;
        let matrices = 60;
        let regions = Regions::single("all", neurons).unwrap();
        for tau in [-1.0, -0.5, 0.0, 0.5, 1.0] {
            let law = Elliptic { gain: 1.0, tau };
            let expected = law.prediction(&regions).unwrap().real_eigenvalues.unwrap();
            let count = |seed| {
                let j = law.sample(&regions, Seed(seed)).unwrap().to_dense();
                eigenvalues(&j).unwrap().iter().filter(|z| z.im == 0.0).count() as f64
            };
            let mean = (0..matrices).map(count).sum::<f64>() / matrices as f64;
            // The variance of the number is (2 − √2) times its mean at tau = 0 (Forrester & Nagao 2007).
            let deviation = (0.59 * expected / matrices as f64).sqrt() * if tau.abs() == 1.0 { 0.0 } else { 1.0 };
            assert!((mean - expected).abs() <= 4.0 * deviation, "{tau}: {mean} against {expected}");
        }
    }

    #[test]
    fn correlations_beyond_one_are_refused() {
        let sample = |gain, tau| Elliptic { gain, tau }.sample(&Regions::single("all", 3).unwrap(), Seed(1));
        assert!(sample(1.0, 1.1).unwrap_err().to_string().contains("tau = 1.1"));
        assert!(sample(-1.0, 0.0).unwrap_err().to_string().contains("gain = -1"));
    }
}
