//! Random rotations: every eigenvalue has the same modulus.

use super::{Bulk, Ensemble, Prediction, normal_matrix};
use crate::connectivity::Connectivity;
use crate::error::{Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use serde::{Deserialize, Serialize};

/// J = gain × Q with Q uniform among the orthogonal matrices (Haar measure): J J^T = gain², and the eigenvalues lie on the circle.
///
/// Q comes from the QR decomposition of a Gaussian matrix with the signs of the diagonal of R moved into it (Mezzadri 2007); without
/// that step the law would depend on the conventions of the decomposition. On average one eigenvalue is real: ± gain both or
/// neither for even N, one of the two for odd N.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Orthogonal {
    /// Gain g; at least 0, default 1.
    pub gain: f64,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Orthogonal { gain: 1.0 }
    }
}

impl Ensemble for Orthogonal {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        let neurons = regions.neurons();
        let (mut q, r) = normal_matrix(neurons, neurons, 1.0, seed.child("connectivity")).qr().unpack();
        for (mut column, diagonal) in q.column_iter_mut().zip(r.diagonal().iter()) {
            column *= self.gain * diagonal.signum();
        }
        Connectivity::dense(q)
    }

    fn prediction(&self, _regions: &Regions) -> Option<Prediction> {
        in_range("gain", self.gain, 0.0.., "at least 0").ok()?;
        let known = self.gain > 0.0;
        Some(Prediction { real_eigenvalues: known.then_some(1.0), ..Bulk::Circle { radius: self.gain }.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn columns_are_orthogonal_and_traces_are_those_of_the_haar_measure() {
        let regions = Regions::single("all", 12).unwrap();
        let law = Orthogonal { gain: 1.5 };
        let q = law.sample(&regions, Seed(1)).unwrap().to_dense();
        assert!((q.transpose() * &q - 2.25 * DMatrix::<f64>::identity(12, 12)).norm() < 1e-13);
        // The trace has mean 0 and variance 1 at every N ≥ 2; a decomposition with a fixed sign of the diagonal would shift it.
        let traces: Vec<f64> = (0..400).map(|k| law.sample(&regions, Seed(k)).unwrap().to_dense().trace() / 1.5).collect();
        let mean = traces.iter().sum::<f64>() / 400.0;
        let variance = traces.iter().map(|t| t * t).sum::<f64>() / 400.0;
        assert!(mean.abs() < 0.2 && (variance - 1.0).abs() < 0.3, "{mean} {variance}");
    }
}
