//! Geometry: which combinations of presynaptic rates were visited, and which never.

use crate::analysis::{components_for, participation_ratio, principal_variances};
use crate::error::Result;
use crate::linalg::{product, svd};
use crate::recording::Recording;
use nalgebra::DMatrix;
use serde::Serialize;

/// The subspace of rates that the recording has visited far enough to say something about J.
#[derive(Clone, Debug, Serialize)]
pub struct Geometry {
    /// Variances of the rates along their principal components, decreasing.
    pub variances: Vec<f64>,
    /// (sum p)² / sum p².
    pub participation_ratio: f64,
    /// Components that carry 95 % of the variance.
    pub components_95: usize,
    /// Directions along which a weight of the fitted size moves the drive more than the noise hides: s_k² |J|²/N² > noise variance, s_k the
    /// singular values of the rates. Only these combinations of the weights of a neuron are constrained by the data; the prior (or the
    /// initial J) decides the others.
    pub visited: usize,
    /// Neurons.
    pub neurons: usize,
    /// Samples.
    pub samples: usize,
    /// The visited directions, neurons × visited, orthonormal.
    #[serde(skip)]
    pub directions: DMatrix<f64>,
}

/// Squared error of J relative to the truth, inside and outside of the visited subspace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SubspaceError {
    /// |(fit - truth) P|² / |truth P|², P the projector on the visited directions.
    pub inside: f64,
    /// The same outside; 1 for a fit that is zero there.
    pub outside: f64,
    /// Share of |truth|² that lies inside.
    pub share_inside: f64,
}

/// A neuron whose stimulation would open new directions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stimulus {
    /// Row of the recording.
    pub neuron: usize,
    /// Its region.
    pub region: String,
    /// How much of its own axis was never visited and is not covered by the suggestions before it: 1 is a whole new direction.
    pub new: f64,
}

impl Geometry {
    /// Reads `recording` at a mean squared weight and a noise variance of the drive.
    pub(super) fn of(recording: &Recording, weight: f64, noise: f64) -> Result<Self> {
        let variances = principal_variances(&recording.rates)?;
        let svd = svd(&recording.rates)?;
        // Below the rounding of the rates there is nothing to see even without noise.
        let floor = (1e-12 * svd.s[0]).powi(2);
        let visited = svd.s.iter().take_while(|&&s| s * s * weight > noise && s * s > floor).count();
        Ok(Geometry {
            participation_ratio: participation_ratio(&variances)?,
            components_95: components_for(&variances, 0.95)?,
            variances,
            visited,
            neurons: recording.neurons(),
            samples: recording.samples(),
            directions: svd.u.columns(0, visited).into_owned(),
        })
    }

    /// How wrong `fit` is about `truth` where the data have been, and where they have not.
    pub(super) fn error(&self, fit: &DMatrix<f64>, truth: &DMatrix<f64>) -> SubspaceError {
        let inside = |j: &DMatrix<f64>| product(j, &self.directions).norm_squared();
        let error = fit - truth;
        let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { f64::NAN };
        let (all, whole) = (truth.norm_squared(), error.norm_squared());
        let outside = ratio((whole - inside(&error)).max(0.0), (all - inside(truth)).max(0.0));
        SubspaceError { inside: ratio(inside(&error), inside(truth)), outside, share_inside: ratio(inside(truth), all) }
    }

    /// Greedily, the neurons whose axes stick out farthest of the visited subspace and of those chosen before.
    pub(super) fn suggest(&self, recording: &Recording, count: usize) -> Vec<Stimulus> {
        let mut left = DMatrix::identity(self.neurons, self.neurons) - product(&self.directions, &self.directions.transpose());
        let mut chosen = Vec::new();
        for _ in 0..count.min(self.neurons - self.visited.min(self.neurons)) {
            let neuron = left.diagonal().imax();
            let new = left[(neuron, neuron)];
            if new < 1e-9 {
                break;
            }
            let column = left.column(neuron).into_owned();
            left -= &column * column.transpose() / new;
            let region = recording.regions.iter().find(|(_, range)| range.contains(&neuron)).map_or("", |(name, _)| name);
            chosen.push(Stimulus { neuron, region: region.to_string(), new });
        }
        chosen
    }
}
