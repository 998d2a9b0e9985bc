//! Ensemble: a law of J and what is predicted of its spectrum, one file per member.

mod block_law;
mod bulk;
mod column_law;
mod gaussian;
mod multi_region;
mod prediction;

pub use bulk::Bulk;
pub use gaussian::Gaussian;
pub(crate) use gaussian::normal_matrix;
pub use multi_region::{Between, MultiRegion};
pub use prediction::{Outlier, Prediction};

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
    use nalgebra::DMatrix;

    fn regions() -> Regions {
        Regions::new([("A", 160), ("B", 120), ("C", 120)]).unwrap()
    }

    fn radius(matrix: &DMatrix<f64>) -> f64 {
        matrix.complex_eigenvalues().iter().map(|z| z.norm()).fold(0.0, f64::max)
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
    fn the_radius_is_where_theory_puts_it() {
        for law in AnyEnsemble::members() {
            let Some(prediction) = law.prediction(&regions()) else { continue };
            let found = radius(&law.sample(&regions(), Seed(5)).unwrap().to_dense());
            let largest = prediction.spectral_radius();
            // T1: 1.032 ± 0.06 of the limit at N = 400 (edge excess of finite matrices).
            assert!((found / largest - 1.032).abs() < 0.06, "{law:?}: {found} against {largest}");
        }
    }
}
