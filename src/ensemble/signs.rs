//! Weights of one size and random sign: the circular law does not ask for normal numbers (Girko 1985; Tao & Vu 2010).

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// J_ij = ± gain / √N with equal chances, independent. As N grows the eigenvalues fill the disc of radius `gain` uniformly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signs {
    /// Gain g; at least 0, default 1.5.
    pub gain: f64,
}

impl Default for Signs {
    fn default() -> Self {
        Signs { gain: 1.5 }
    }
}

impl Ensemble for Signs {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        let neurons = regions.neurons();
        let weight = self.gain / (neurons as f64).sqrt();
        let mut rng = seed.child("connectivity").rng();
        Connectivity::dense(DMatrix::from_fn(neurons, neurons, |_, _| if rng.random::<bool>() { weight } else { -weight }))
    }

    fn prediction(&self, _regions: &Regions) -> Option<Prediction> {
        in_range("gain", self.gain, 0.0.., "at least 0").ok()?;
        Some(Bulk::Disc { radius: self.gain }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_have_one_size_and_both_signs() {
        let j = Signs { gain: 2.0 }.sample(&Regions::single("all", 100).unwrap(), Seed(1)).unwrap().to_dense();
        assert!(j.iter().all(|w| (w.abs() - 0.2).abs() < 1e-15));
        // The mean of 10 000 signs has a standard deviation of 0.01.
        assert!((j.mean() / 0.2).abs() < 0.04);
    }
}
