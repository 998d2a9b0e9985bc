//! Independent Gaussian features.

use super::{Decision, check};
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Gaussian naive Bayes: within a class every feature is normal and independent of the others; the classes are as frequent as in training.
///
/// The score of a class is its posterior log-odds, ln p(c | x) − ln p(not c | x).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NaiveBayes {
    /// Added to every variance, as a share of the largest variance of a feature; above 0, default 1e-9.
    pub smoothing: f64,
}

impl Default for NaiveBayes {
    fn default() -> Self {
        NaiveBayes { smoothing: 1e-9 }
    }
}

impl Decision for NaiveBayes {
    fn name(&self) -> &'static str {
        "naive Bayes"
    }

    fn scores(&self, train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        check(train, labels, classes, test)?;
        crate::error::positive("smoothing", self.smoothing)?;
        let floor = self.smoothing * variances(train, &train.column_mean()).max();
        if floor == 0.0 {
            return Err(Error::data("features", "every feature is the same in all series", "give series that differ"));
        }
        let mut joint = DMatrix::from_element(test.ncols(), classes, f64::NEG_INFINITY);
        for class in 0..classes {
            let members: Vec<usize> = (0..labels.len()).filter(|&k| labels[k] == class).collect();
            if members.is_empty() {
                continue;
            }
            let own = train.select_columns(&members);
            let means = own.column_mean();
            let variances = variances(&own, &means).add_scalar(floor);
            let prior = (members.len() as f64 / labels.len() as f64).ln() - 0.5 * variances.map(f64::ln).sum();
            let precisions = variances.map(f64::recip);
            for (row, x) in test.column_iter().enumerate() {
                let away = x - &means;
                joint[(row, class)] = prior - 0.5 * away.component_mul(&away).dot(&precisions);
            }
        }
        Ok(log_odds(&joint))
    }
}

/// Variance of every row around its mean, by columns, as they are stored.
fn variances(values: &DMatrix<f64>, means: &DVector<f64>) -> DVector<f64> {
    let mut sums = DVector::zeros(values.nrows());
    for column in values.column_iter() {
        sums.zip_zip_apply(&column, means, |sum, value, mean| *sum += (value - mean).powi(2));
    }
    sums / values.ncols() as f64
}

/// ln p(c | x) − ln p(not c | x) from joint log-densities.
fn log_odds(joint: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(joint.nrows(), joint.ncols(), |row, class| {
        let others = || (0..joint.ncols()).filter(|&c| c != class).map(|c| joint[(row, c)]);
        let largest = others().fold(f64::NEG_INFINITY, f64::max);
        joint[(row, class)] - largest - others().map(|l| (l - largest).exp()).sum::<f64>().ln()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_odds_are_those_of_two_normal_densities() {
        // Variances 1 (of n) around -1 and 2, priors 2/5 and 3/5.
        let train = dmatrix![-2.0, 0.0, 2.0 - 1.5_f64.sqrt(), 2.0, 2.0 + 1.5_f64.sqrt()];
        let scores = NaiveBayes::default().scores(&train, &[0, 0, 1, 1, 1], 2, &dmatrix![0.7]).unwrap();
        let by_hand = (0.4_f64 / 0.6).ln() - 0.5 * (1.7_f64.powi(2) - 1.3_f64.powi(2));
        assert!((scores[(0, 0)] - by_hand).abs() < 1e-6 && (scores[(0, 1)] + by_hand).abs() < 1e-6);
    }
}
