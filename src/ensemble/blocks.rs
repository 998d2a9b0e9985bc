//! A gain for every pair of regions (Aljadeff, Stern & Sharpee 2015).

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// J_ij ~ N(0, g_ab² / N) for a target i in region a and a source j in region b: the variance of a weight depends on its two regions.
///
/// With α_b the share of the neurons in region b, the radius is the root of the Perron eigenvalue of Q_ab = α_b g_ab². N is the number of
/// all neurons: a gain g relative to the size of the source region, as [`MultiRegion`](super::MultiRegion) has it, is g / √α_b here.
///
/// ```
/// use crosscurrent::{Ensemble, Regions, ensemble::Blocks};
/// let law = Blocks { gains: vec![vec![1.2, 0.5, 0.0], vec![0.8, 0.6, 1.0], vec![0.2, 1.5, 0.9]] };
/// let regions = Regions::new([("A", 500), ("B", 300), ("C", 200)])?;
/// assert!((law.prediction(&regions).unwrap().radius() - 0.88025).abs() < 1e-5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blocks {
    /// g, at least 0: one row per target region with one gain per source region, or a single gain for all pairs. Default 1.5.
    pub gains: Vec<Vec<f64>>,
}

impl Default for Blocks {
    fn default() -> Self {
        Blocks { gains: vec![vec![1.5]] }
    }
}

impl Blocks {
    /// The gains as a matrix, targets × sources.
    fn matrix(&self, regions: &Regions) -> Result<DMatrix<f64>> {
        let count = regions.count();
        if let [row] = self.gains.as_slice()
            && let [gain] = row.as_slice()
        {
            in_range("gain", *gain, 0.0.., "at least 0")?;
            return Ok(DMatrix::from_element(count, count, *gain));
        }
        let expected = format!("{count} rows of {count} numbers, or one number");
        if self.gains.len() != count {
            return Err(Error::shape("gains of pairs of regions", expected, format!("{} rows", self.gains.len())));
        }
        for row in &self.gains {
            if row.len() != count {
                return Err(Error::shape("gains of pairs of regions", expected, format!("a row of {} numbers", row.len())));
            }
            row.iter().try_for_each(|&gain| in_range("gain of a pair of regions", gain, 0.0.., "at least 0").map(|_| ()))?;
        }
        Ok(DMatrix::from_fn(count, count, |target, source| self.gains[target][source]))
    }
}

impl Ensemble for Blocks {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        let gains = self.matrix(regions)?;
        let neurons = regions.neurons();
        let region: Vec<usize> = (0..neurons).map(|neuron| regions.region_of(neuron)).collect();
        let scale = 1.0 / (neurons as f64).sqrt();
        let mut rng = seed.child("connectivity").rng();
        Connectivity::dense(DMatrix::from_fn(neurons, neurons, |target, source| {
            let z: f64 = StandardNormal.sample(&mut rng);
            scale * gains[(region[target], region[source])] * z
        }))
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        let gains = self.matrix(regions).ok()?;
        let neurons = regions.neurons() as f64;
        let fractions = regions.sizes().iter().map(|&size| size as f64 / neurons).collect();
        Some(Bulk::Blocks { fractions, gains }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    fn example() -> (Blocks, Regions) {
        let law = Blocks { gains: vec![vec![1.2, 0.5, 0.0], vec![0.8, 0.6, 1.0], vec![0.2, 1.5, 0.9]] };
        (law, Regions::new([("A", 300), ("B", 180), ("C", 120)]).unwrap())
    }

    #[test]
    fn radius_and_radial_law_of_the_published_example_are_met() {
        // T7 and T8.
        let (law, regions) = example();
        let prediction = law.prediction(&regions).unwrap();
        let moduli: Vec<f64> = (0..2)
            .flat_map(|seed| eigenvalues(&law.sample(&regions, Seed(seed)).unwrap().to_dense()).unwrap())
            .map(|z| z.norm() / prediction.radius())
            .collect();
        assert!((moduli[0] - 1.023).abs() < 0.05, "{}", moduli[0]);
        for (r, expected) in [(0.25, 0.0693), (0.5, 0.2753), (0.75, 0.6124), (0.9, 0.8559)] {
            let found = moduli.iter().filter(|&&modulus| modulus <= r).count() as f64 / moduli.len() as f64;
            assert!((found - expected).abs() < 0.02, "{r}: {found}");
        }
    }

    #[test]
    fn every_block_has_its_own_variance() {
        let (law, regions) = example();
        let j = law.sample(&regions, Seed(4)).unwrap();
        for projection in regions.projections() {
            let block = j.block(&regions, &projection).unwrap();
            let (target, source) = (regions.index(&projection.target).unwrap(), regions.index(&projection.source).unwrap());
            let found = (600.0 * block.norm_squared() / block.len() as f64).sqrt();
            let expected = law.gains[target][source];
            // Four standard errors.
            assert!((found - expected).abs() <= 4.0 * expected / (2.0 * block.len() as f64).sqrt(), "{projection}: {found}");
        }
    }

    #[test]
    fn gains_that_do_not_fit_the_regions_are_refused() {
        let (_, regions) = example();
        let refused = |gains| Blocks { gains }.sample(&regions, Seed(1)).unwrap_err().to_string();
        assert!(refused(vec![vec![1.0; 3]; 2]).contains("3 rows"));
        assert!(refused(vec![vec![1.0; 3], vec![1.0; 2], vec![1.0; 3]]).contains("a row of 2"));
        assert!(refused(vec![vec![-1.0]]).contains("-1"));
    }
}
