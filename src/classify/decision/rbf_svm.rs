//! Support vector machine with a Gaussian kernel.

use super::{Decision, by_fold, check, one_vs_one};
use crate::error::{Error, Result, positive};
use crate::kernels::{Level, decay};
use crate::linalg::product;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Support vector machine with the kernel exp(−gamma |x − y|²) and a soft margin, one against one.
///
/// The defaults are those of the published TRAKR protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RbfSvm {
    /// C, the price of a violated margin; above 0, default 1.
    pub penalty: f64,
    /// Above 0; `None` is 1 / (features × variance of all training features).
    pub gamma: Option<f64>,
}

impl Default for RbfSvm {
    fn default() -> Self {
        RbfSvm { penalty: 1.0, gamma: None }
    }
}

impl Decision for RbfSvm {
    fn name(&self) -> &'static str {
        "RBF SVM"
    }

    fn scores(&self, train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        check(train, labels, classes, test)?;
        positive("penalty", self.penalty)?;
        let gamma = match self.gamma {
            Some(gamma) => positive("gamma", gamma)?,
            None => scale(train.len(), train.nrows(), train.sum(), train.norm_squared())?,
        };
        let (own, cross) = (gram(train, train), gram(train, test));
        let squares: Vec<f64> = own.diagonal().iter().copied().collect();
        let others: Vec<f64> = test.column_iter().map(|column| column.norm_squared()).collect();
        let kernel = |products: &DMatrix<f64>, columns: &[f64]| {
            rbf_kernel(DMatrix::from_fn(products.nrows(), products.ncols(), |i, j| squares[i] + columns[j] - 2.0 * products[(i, j)]), gamma)
        };
        one_vs_one(&kernel(&own, &squares), &kernel(&cross, &others), (labels, classes), self.penalty)
    }

    /// One matrix of squared distances serves all folds; gamma is that of each fold's training series.
    fn cross_validated(&self, features: &DMatrix<f64>, labels: &[usize], classes: usize, folds: &[usize]) -> Result<DMatrix<f64>> {
        check(features, labels, classes, features)?;
        positive("penalty", self.penalty)?;
        let all = gram(features, features);
        let squares: Vec<f64> = all.diagonal().iter().copied().collect();
        let sums: Vec<f64> = features.column_iter().map(|column| column.sum()).collect();
        let total = |values: &[f64], columns: &[usize]| columns.iter().map(|&k| values[k]).sum::<f64>();
        by_fold(folds, classes, |learned, tested| {
            let gamma = match self.gamma {
                Some(gamma) => positive("gamma", gamma)?,
                None => scale(learned.len() * features.nrows(), features.nrows(), total(&sums, learned), total(&squares, learned))?,
            };
            let known: Vec<usize> = learned.iter().map(|&k| labels[k]).collect();
            let part = |columns: &[usize]| {
                let distance = |i: usize, j: usize| squares[i] + squares[j] - 2.0 * all[(i, j)];
                rbf_kernel(DMatrix::from_fn(learned.len(), columns.len(), |i, j| distance(learned[i], columns[j])), gamma)
            };
            one_vs_one(&part(learned), &part(tested), (&known, classes), self.penalty)
        })
    }
}

/// 1 / (features × variance) from the number, sum and sum of squares of all entries.
fn scale(entries: usize, features: usize, sum: f64, squares: f64) -> Result<f64> {
    let mean = sum / entries as f64;
    let variance = squares / entries as f64 - mean * mean;
    if variance.is_finite() && variance > 1e-14 * mean * mean {
        Ok(1.0 / (features as f64 * variance))
    } else {
        Err(Error::data("features", format!("their variance is {variance}"), "give series that differ, or set gamma"))
    }
}

/// Products of all columns of `a` with all columns of `b`.
pub fn gram(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    product(&a.transpose(), b)
}

/// exp(−gamma |x − y|²) from the squared distances, which rounding may have made negative.
fn rbf_kernel(squared: DMatrix<f64>, gamma: f64) -> DMatrix<f64> {
    let exponents = squared.map(|squared| gamma * squared.max(0.0));
    let mut kernel = squared;
    decay(Level::detect(), exponents.as_slice(), kernel.as_mut_slice());
    kernel
}
