//! Support vector machine on the features themselves.

use super::{Decision, by_fold, check, gram, one_vs_one};
use crate::error::{Result, positive};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Linear support vector machine with a soft margin, one against one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinearSvm {
    /// C, the price of a violated margin; above 0, default 1.
    pub penalty: f64,
}

impl Default for LinearSvm {
    fn default() -> Self {
        LinearSvm { penalty: 1.0 }
    }
}

impl Decision for LinearSvm {
    fn name(&self) -> &'static str {
        "linear SVM"
    }

    fn scores(&self, train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        check(train, labels, classes, test)?;
        positive("penalty", self.penalty)?;
        one_vs_one(&gram(train, train), &gram(train, test), (labels, classes), self.penalty)
    }

    fn cross_validated(&self, features: &DMatrix<f64>, labels: &[usize], classes: usize, folds: &[usize]) -> Result<DMatrix<f64>> {
        check(features, labels, classes, features)?;
        positive("penalty", self.penalty)?;
        let all = gram(features, features);
        by_fold(folds, classes, |learned, tested| {
            let known: Vec<usize> = learned.iter().map(|&k| labels[k]).collect();
            let part = |columns: &[usize]| all.select_rows(learned).select_columns(columns);
            one_vs_one(&part(learned), &part(tested), (&known, classes), self.penalty)
        })
    }
}
