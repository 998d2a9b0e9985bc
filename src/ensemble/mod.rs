//! Ensemble: a law of J and what is predicted of its spectrum, one file per member.

mod block_law;
mod bulk;
mod column_law;
mod dale;
mod elliptic;
mod gaussian;
mod heavy_tailed;
mod low_rank;
mod multi_region;
mod orthogonal;
mod prediction;
mod signs;

pub use bulk::Bulk;
pub use dale::{Dale, DaleWeights, RowBalance};
pub use elliptic::Elliptic;
pub use gaussian::Gaussian;
pub(crate) use gaussian::normal_matrix;
pub use heavy_tailed::HeavyTailed;
pub use low_rank::{LowRank, Structure};
pub use multi_region::{Between, MultiRegion};
pub use orthogonal::Orthogonal;
pub use prediction::{Outlier, Prediction};
pub use signs::Signs;

use crate::connectivity::Connectivity;
use crate::error::Result;
use crate::family::family;
use crate::regions::Regions;
use crate::seed::Seed;
use std::fmt::Debug;

/// A probability law of connectivities.
///
/// ```
/// use crosscurrent::{Ensemble, Regions, Seed, ensemble::Gaussian};
/// let law = Gaussian { gain: 1.5, ..Default::default() };
/// let regions = Regions::single("all", 200)?;
/// let j = law.sample(&regions, Seed(1))?;
/// assert_eq!(j.neurons(), 200);
/// assert_eq!(law.prediction(&regions).unwrap().radius(), 1.5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub trait Ensemble: Debug + Send + Sync {
    /// One J over all neurons of `regions`. Equal seeds give equal matrices.
    ///
    /// # Errors
    /// A parameter outside its range, or one that does not fit the regions.
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity>;

    /// What theory predicts of the spectrum as N grows; `None` where no theory is built in.
    fn prediction(&self, regions: &Regions) -> Option<Prediction>;
}

family! {
    /// The ensembles that a file can name.
    AnyEnsemble: Ensemble {
        /// Independent Gaussian weights
        Gaussian,
        /// Regions with gains of their own and a structure between them
        MultiRegion,
        /// Independent weights of one size and random sign
        Signs,
        /// Gaussian weights that are correlated with those in the opposite direction
        Elliptic,
        /// Excitatory and inhibitory neurons
        Dale,
        /// A structure of low rank plus a random part
        LowRank,
        /// Independent weights of Student's distribution
        HeavyTailed,
        /// Random rotations
        Orthogonal,
    }
}

impl Ensemble for AnyEnsemble {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        (**self).sample(regions, seed)
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        (**self).prediction(regions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;
    use nalgebra::Complex;

    fn regions() -> Regions {
        Regions::new([("A", 160), ("B", 120), ("C", 120)]).unwrap()
    }

    fn spectrum(law: &AnyEnsemble) -> Vec<Complex<f64>> {
        eigenvalues(&law.sample(&regions(), Seed(5)).unwrap().to_dense()).unwrap()
    }

    fn is_at(z: Complex<f64>, outlier: &Outlier) -> bool {
        (z - outlier.value).norm() <= 4.0 * outlier.deviation + 1e-9
    }

    #[test]
    fn equal_seeds_give_equal_matrices_and_others_differ() {
        for law in AnyEnsemble::members() {
            let draw = |seed| law.sample(&regions(), Seed(seed)).unwrap().to_dense();
            assert_eq!(draw(3), draw(3), "{law:?}");
            assert_ne!(draw(3), draw(4), "{law:?}");
            assert_eq!(draw(3).nrows(), 400);
        }
    }

    #[test]
    fn the_support_holds_the_eigenvalues_and_outliers_are_where_theory_puts_them() {
        for law in AnyEnsemble::members() {
            let Some(prediction) = law.prediction(&regions()) else { continue };
            let found = spectrum(&law);
            for outlier in &prediction.outliers {
                assert!(found.iter().any(|&z| is_at(z, outlier)), "{law:?}: {outlier:?}, found {}", found[0]);
            }
            // T1: the edge of finite matrices lies 3 to 7 % further out at N = 400.
            let stray = |z: &&Complex<f64>| {
                !prediction.bulk.contains(**z, 0.08 * prediction.radius()) && !prediction.outliers.iter().any(|o| is_at(**z, o))
            };
            assert!(found.iter().filter(stray).count() == 0, "{law:?}: {}", found[0]);
        }
    }

    #[test]
    fn the_bulk_reaches_its_edge_and_fills_its_radial_law() {
        for law in AnyEnsemble::members() {
            let Some(prediction) = law.prediction(&regions()) else { continue };
            let found = spectrum(&law);
            let within = |r: f64| found.iter().filter(|z| z.norm() <= r).count() as f64 / found.len() as f64;
            assert!(within(0.97 * prediction.radius()) < 1.0, "{law:?}");
            for p in [0.1, 0.25, 0.5, 0.75, 0.9] {
                let Some(r) = prediction.bulk.quantile(p) else { continue };
                if matches!(prediction.bulk, Bulk::Circle { .. }) {
                    assert_eq!((within(0.999_999 * r), within(1.000_001 * r)), (0.0, 1.0), "{law:?}");
                    continue;
                }
                // Eigenvalues repel: shares of 400 scatter by 0.01.
                assert!((within(r) - p).abs() < 0.035, "{law:?} at {p}: {}", within(r));
            }
        }
    }

    #[test]
    fn the_number_of_real_eigenvalues_is_as_predicted() {
        for law in AnyEnsemble::members() {
            let Some(expected) = law.prediction(&regions()).and_then(|prediction| prediction.real_eigenvalues) else { continue };
            let count = spectrum(&law).iter().filter(|z| z.im == 0.0).count() as f64;
            // Variance (2 − √2) × mean for Gaussian weights (Forrester & Nagao 2007); at most 2 for rotations.
            assert!((count - expected).abs() <= 4.0 * (0.59 * expected).sqrt(), "{law:?}: {count} against {expected}");
        }
    }

    #[test]
    fn a_gain_of_zero_predicts_what_is_found() {
        for law in [AnyEnsemble::from(Signs { gain: 0.0 }), Elliptic { gain: 0.0, tau: 0.5 }.into(), Orthogonal { gain: 0.0 }.into()] {
            let prediction = law.prediction(&regions()).unwrap();
            assert_eq!((prediction.radius(), prediction.bulk.contains(Complex::ZERO, 0.0)), (0.0, true), "{law:?}");
            assert_eq!(law.sample(&regions(), Seed(1)).unwrap().to_dense().norm(), 0.0);
        }
    }
}
