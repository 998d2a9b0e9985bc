//! Independent Gaussian weights: the circular law (Girko 1985; Ginibre 1965).

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// J_ij ~ N(0, gain² / N), independent. As N grows the eigenvalues fill the disc of radius `gain` uniformly (Girko 1985).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gaussian {
    /// Gain g; at least 0, default 1.5.
    pub gain: f64,
    /// Whether J_ii is drawn too (true, the default) or zero.
    pub autapses: bool,
}

impl Default for Gaussian {
    fn default() -> Self {
        Gaussian { gain: 1.5, autapses: true }
    }
}

/// A rows × columns matrix of independent normal numbers with standard deviation `scale`, filled column by column.
pub(crate) fn normal_matrix(rows: usize, columns: usize, scale: f64, seed: Seed) -> DMatrix<f64> {
    let mut rng = seed.rng();
    DMatrix::from_fn(rows, columns, |_, _| {
        let z: f64 = StandardNormal.sample(&mut rng);
        scale * z
    })
}

impl Ensemble for Gaussian {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        let neurons = regions.neurons();
        let mut j = normal_matrix(neurons, neurons, self.gain / (neurons as f64).sqrt(), seed.child("connectivity"));
        if !self.autapses {
            j.fill_diagonal(0.0);
        }
        Connectivity::dense(j)
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        in_range("gain", self.gain, 0.0.., "at least 0").ok()?;
        // Edelman, Kostlan & Shub 1994, with the next order; derived for a full matrix.
        let real = (2.0 * regions.neurons() as f64 / PI).sqrt() + 0.5;
        Some(Prediction { real_eigenvalues: (self.autapses && self.gain > 0.0).then_some(real), ..Bulk::Disc { radius: self.gain }.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    #[test]
    fn the_fraction_inside_the_disc_follows_the_edge_law() {
        let regions = Regions::single("all", 400).unwrap();
        let law = Gaussian { gain: 1.0, autapses: true };
        let j = law.sample(&regions, Seed(11)).unwrap().to_dense();
        let inside = eigenvalues(&j).unwrap().iter().filter(|z| z.norm() <= 1.0).count() as f64 / 400.0;
        // T2: 1 - 1 / sqrt(2 pi N) = 0.9801 ± 0.02
        assert!((inside - 0.9801).abs() < 0.02, "{inside}");
    }

    #[test]
    fn autapses_can_be_left_out() {
        let regions = Regions::single("all", 30).unwrap();
        let j = Gaussian { gain: 1.0, autapses: false }.sample(&regions, Seed(1)).unwrap().to_dense();
        assert!(j.diagonal().iter().all(|&w| w == 0.0));
        assert!(Gaussian { gain: -1.0, autapses: true }.sample(&regions, Seed(1)).is_err());
    }
}
