//! Nearest neighbour by mutual information.

use super::decision::nearest_scores;
use super::values::stacked;
use super::{Classifier, Labelled};
use crate::error::{Error, Result};
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One nearest neighbour by mutual information: how much the value of one series says about the value of the other at the same sample.
///
/// The distance of two series is 1 − I(a; b) / sqrt(H(a) H(b)), with entropies of values binned into equally wide bins between the smallest
/// and largest value of each series; channels are binned apart and then taken as further samples of the pair. The series need equal lengths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MutualInformation {
    /// Bins of each series; 2 to 64, default 10.
    pub bins: usize,
}

impl Default for MutualInformation {
    fn default() -> Self {
        MutualInformation { bins: 10 }
    }
}

impl Classifier for MutualInformation {
    fn name(&self) -> String {
        "mutual information 1-NN".into()
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], _seed: Seed) -> Result<DMatrix<f64>> {
        let distances = self.distances(train, test)?;
        Ok(nearest_scores(&distances, train.labels(), train.classes().len()))
    }
}

impl MutualInformation {
    /// 1 − normalised mutual information of every pair, train × test.
    ///
    /// # Errors
    /// Unequal lengths, or bins out of range.
    pub(super) fn distances(&self, train: &Labelled, test: &[DMatrix<f64>]) -> Result<DMatrix<f64>> {
        if !(2..=64).contains(&self.bins) {
            return Err(Error::parameter("bins", self.bins, "2 to 64"));
        }
        stacked("mutual information", train, test)?;
        let prepare = |series: &[DMatrix<f64>]| series.iter().map(|one| Binned::new(one, self.bins)).collect::<Vec<_>>();
        let (known, asked) = (prepare(train.series()), prepare(test));
        let column = |one: &Binned| known.iter().map(|other| one.distance(other, self.bins)).collect::<Vec<_>>();
        let columns: Vec<Vec<f64>> = asked.par_iter().map(column).collect();
        Ok(DMatrix::from_iterator(train.len(), test.len(), columns.into_iter().flatten()))
    }
}

/// The bin of every sample, and the entropy of the bins.
struct Binned {
    bins: Vec<u8>,
    entropy: f64,
}

impl Binned {
    fn new(series: &DMatrix<f64>, bins: usize) -> Self {
        let mut places = Vec::with_capacity(series.len());
        for row in series.row_iter() {
            let (low, high) = (row.min(), row.max());
            let width = (high - low).max(f64::MIN_POSITIVE) / bins as f64;
            places.extend(row.iter().map(|v| (((v - low) / width) as usize).min(bins - 1) as u8));
        }
        let mut counts = vec![0; bins];
        places.iter().for_each(|&place| counts[usize::from(place)] += 1);
        let entropy = entropy(&counts, places.len());
        Binned { bins: places, entropy }
    }

    fn distance(&self, other: &Binned, bins: usize) -> f64 {
        let norm = (self.entropy * other.entropy).sqrt();
        if norm == 0.0 {
            return 1.0;
        }
        let mut counts = vec![0_u32; bins * bins];
        for (&a, &b) in self.bins.iter().zip(&other.bins) {
            counts[usize::from(a) * bins + usize::from(b)] += 1;
        }
        let information = self.entropy + other.entropy - entropy(&counts, self.bins.len());
        (1.0 - information / norm).max(0.0)
    }
}

/// −sum p ln p.
fn entropy(counts: &[u32], total: usize) -> f64 {
    let shares = counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / total as f64);
    -shares.map(|p| p * p.ln()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_says_everything_about_itself_and_its_mirror_and_nothing_about_noise() {
        let wave = DMatrix::from_fn(1, 4000, |_, t| (t as f64 * 0.37).sin());
        let other = DMatrix::from_fn(1, 4000, |_, t| (t as f64 * 0.211 + 1.0).sin());
        let (a, mirror, b) = (Binned::new(&wave, 8), Binned::new(&-&wave, 8), Binned::new(&other, 8));
        assert!(a.distance(&a, 8).abs() < 1e-12);
        assert!(a.distance(&mirror, 8) < 0.02);
        assert!(a.distance(&b, 8) > 0.97);
        // By hand: two bins, joint counts 2, 1, 1, 0 of 4.
        let pair = |x: [f64; 4]| Binned::new(&DMatrix::from_row_slice(1, 4, &x), 2);
        let (x, y) = (pair([0.0, 0.0, 0.0, 1.0]), pair([0.0, 0.0, 1.0, 0.0]));
        let h = -(0.75_f64 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln());
        let joint = -(0.5 * 0.5_f64.ln() + 2.0 * 0.25 * 0.25_f64.ln());
        assert!((x.distance(&y, 2) - (1.0 - (2.0 * h - joint) / h)).abs() < 1e-12);
    }
}
