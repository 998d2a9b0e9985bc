//! Decision: classes from vectors of features, one file per member.

mod linear_svm;
mod naive_bayes;
mod nearest;
mod one_vs_one;
mod rbf_svm;
mod smo;

pub use linear_svm::LinearSvm;
pub use naive_bayes::NaiveBayes;
pub use nearest::NearestNeighbours;
pub use rbf_svm::RbfSvm;

pub(super) use nearest::{nearest_scores, squared_distances};
use one_vs_one::one_vs_one;
use rbf_svm::gram;

use crate::error::{Error, Result};
use crate::family::family;
use nalgebra::DMatrix;
use std::any::Any;
use std::fmt::Debug;

/// Reads labelled vectors of features and scores others.
///
/// ```
/// use crosscurrent::classify::decision::{Decision, RbfSvm};
/// use nalgebra::dmatrix;
/// // Exclusive or: no straight line parts these classes.
/// let features = dmatrix![0.0, 1.0, 0.0, 1.0; 0.0, 1.0, 1.0, 0.0];
/// let scores = RbfSvm { penalty: 10.0, gamma: Some(1.0) }.scores(&features, &[0, 0, 1, 1], 2, &features)?;
/// assert!(scores[(0, 0)] > scores[(0, 1)] && scores[(3, 1)] > scores[(3, 0)]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub trait Decision: Any + Debug + Send + Sync {
    /// Its name in tables.
    fn name(&self) -> &'static str;

    /// Scores of the columns of `test`, series × classes; the larger, the more likely. `train` and `test` are features × series, `labels`
    /// holds the class (0 to `classes` − 1) of each column of `train`. A class that `labels` does not name never has the largest score.
    ///
    /// # Errors
    /// Shapes that disagree, a parameter out of range, classes with too few series.
    fn scores(&self, train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<DMatrix<f64>>;

    /// Scores of every column of `features` by a decision that learned from the columns of the other folds; `folds` holds the fold of each.
    ///
    /// # Errors
    /// As [`Decision::scores`].
    fn cross_validated(&self, features: &DMatrix<f64>, labels: &[usize], classes: usize, folds: &[usize]) -> Result<DMatrix<f64>> {
        by_fold(folds, classes, |learned, tested| {
            let known: Vec<usize> = learned.iter().map(|&k| labels[k]).collect();
            self.scores(&features.select_columns(learned), &known, classes, &features.select_columns(tested))
        })
    }
}

/// Puts together what `score` (learned columns, tested columns) gives for every fold.
fn by_fold(folds: &[usize], classes: usize, score: impl Fn(&[usize], &[usize]) -> Result<DMatrix<f64>>) -> Result<DMatrix<f64>> {
    let mut scores = DMatrix::zeros(folds.len(), classes);
    for fold in 0..folds.iter().max().map_or(0, |&last| last + 1) {
        let (tested, learned): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|&k| folds[k] == fold);
        let found = score(&learned, &tested)?;
        tested.iter().enumerate().for_each(|(row, &k)| scores.set_row(k, &found.row(row)));
    }
    Ok(scores)
}

family! {
    /// The decisions that a file can name.
    AnyDecision: Decision {
        /// Support vector machine with a Gaussian kernel
        RbfSvm,
        /// Support vector machine on the features themselves
        LinearSvm,
        /// Votes of the nearest series
        NearestNeighbours,
        /// Independent Gaussian features
        NaiveBayes,
    }
}

impl Default for AnyDecision {
    fn default() -> Self {
        RbfSvm::default().into()
    }
}

/// Refuses features that disagree with the labels or with each other, or fewer than two classes.
fn check(train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<()> {
    if train.ncols() != labels.len() {
        return Err(Error::shape("labels of features", train.ncols(), labels.len()));
    }
    if train.nrows() != test.nrows() {
        return Err(Error::shape("features to score", format!("{} per series, as learned", train.nrows()), test.nrows()));
    }
    if let Some(label) = labels.iter().find(|&&label| label >= classes) {
        return Err(Error::parameter("label", label, format!("less than {classes}, the number of classes")));
    }
    let first = labels.first();
    if labels.iter().all(|label| Some(label) == first) {
        return Err(Error::data("series to learn from", "they are all of one class", "give at least two classes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;
    use crate::seed::Seed;

    /// Three Gaussian clouds around the corners of a triangle; label 1 of four classes never occurs.
    fn clouds(per_class: usize, seed: u64) -> (DMatrix<f64>, Vec<usize>) {
        let labels: Vec<usize> = (0..3 * per_class).map(|k| [0, 2, 3][k % 3]).collect();
        let mut features = normal_matrix(2, labels.len(), 0.5, Seed(seed));
        for (k, &label) in labels.iter().enumerate() {
            let angle = std::f64::consts::TAU * label as f64 / 4.0;
            features[(0, k)] += 2.0 * angle.cos();
            features[(1, k)] += 2.0 * angle.sin();
        }
        (features, labels)
    }

    #[test]
    fn every_member_parts_three_clouds_and_never_names_an_absent_class() {
        let ((train, labels), (test, truth)) = (clouds(20, 1), clouds(100, 2));
        for member in AnyDecision::members() {
            let scores = member.scores(&train, &labels, 4, &test).unwrap();
            let given = super::super::evaluation::predicted(&scores);
            let hits = given.iter().zip(&truth).filter(|(a, b)| a == b).count();
            assert!(hits > 285, "{member:?}: {hits} of 300");
            assert!(given.iter().all(|&class| class != 1) && scores.iter().all(|score| !score.is_nan()), "{member:?}");
        }
    }

    #[test]
    fn every_member_is_indifferent_to_the_order_of_the_test_series() {
        let ((train, labels), (test, _)) = (clouds(10, 1), clouds(5, 2));
        let mut reversed = test.clone();
        (0..15).for_each(|k| reversed.set_column(k, &test.column(14 - k)));
        for member in AnyDecision::members() {
            let (one, other) = (member.scores(&train, &labels, 4, &test).unwrap(), member.scores(&train, &labels, 4, &reversed).unwrap());
            (0..15).for_each(|k| assert!((one.row(k) - other.row(14 - k)).iter().all(|d| d.is_nan() || d.abs() <= 1e-12), "{member:?}"));
        }
    }

    /// Decision values (one versus rest) of scikit-learn 1.7, C = 1.5, gamma = "scale", tolerance 1e-8; ours stop at 1e-3.
    #[test]
    fn support_vector_machines_agree_with_scikit_learn() {
        let y: Vec<usize> = (0..30).map(|k| k % 3).collect();
        let features = |k: f64, label: usize| {
            [
                (0.9 * k).sin() + if label == 1 { 0.8 } else { 0.0 },
                (1.7 * k).cos() + if label == 2 { 0.8 } else { 0.0 },
                (0.31 * k * k).sin(),
            ]
        };
        let train = DMatrix::from_fn(3, 30, |i, k| features(k as f64, y[k])[i]);
        let test = DMatrix::from_fn(3, 6, |i, t| [0.3 * t as f64 - 0.8, (2.0 * t as f64).cos(), (1.1 * t as f64).sin()][i]);
        let rbf = [
            [2.184748, -0.219598, 1.135791],
            [2.175554, -0.179421, 1.016804],
            [2.189185, -0.14656, 0.884854],
            [2.156984, -0.180385, 1.074775],
            [0.989276, 2.214051, -0.212615],
            [1.16525, 2.182408, -0.228897],
        ];
        let linear = [
            [1.178489, -0.257753, 2.231009],
            [2.249951, -0.26119, 1.127922],
            [2.244939, -0.240903, 0.95287],
            [0.921422, -0.172002, 2.192958],
            [1.031454, 2.226965, -0.230388],
            [1.131227, 2.245105, -0.258044],
        ];
        let members: [(&dyn Decision, [[f64; 3]; 6]); 2] =
            [(&RbfSvm { penalty: 1.5, gamma: None }, rbf), (&LinearSvm { penalty: 1.5 }, linear)];
        for (member, expected) in members {
            let found = member.scores(&train, &y, 3, &test).unwrap();
            let expected = DMatrix::from_fn(6, 3, |t, class| expected[t][class]);
            assert!((&found - expected).amax() < 1e-3, "{member:?}: {found}");
        }
    }

    #[test]
    fn folds_with_a_shared_kernel_are_folds_by_themselves() {
        let (features, labels) = clouds(12, 1);
        let folds: Vec<usize> = (0..36).map(|k| (k / 3) % 4).collect();
        for member in AnyDecision::members() {
            let found = member.cross_validated(&features, &labels, 4, &folds).unwrap();
            for fold in 0..4 {
                let (tested, learned): (Vec<usize>, Vec<usize>) = (0..36).partition(|&k| folds[k] == fold);
                let known: Vec<usize> = learned.iter().map(|&k| labels[k]).collect();
                let alone = member.scores(&features.select_columns(&learned), &known, 4, &features.select_columns(&tested)).unwrap();
                // Another order of sums gives another last digit of gamma, and training stops at 1e-3.
                let differs = |(row, &k): (usize, &usize)| (alone.row(row) - found.row(k)).iter().any(|d| d.abs() > 2e-3);
                assert!(!tested.iter().enumerate().any(differs), "{member:?}");
            }
        }
    }

    #[test]
    fn every_member_refuses_what_does_not_fit() {
        let (train, labels) = clouds(3, 1);
        for member in AnyDecision::members() {
            assert!(member.scores(&train, &labels[1..], 4, &train).is_err(), "{member:?}");
            assert!(member.scores(&train, &labels, 2, &train).is_err(), "{member:?}");
            assert!(member.scores(&train, &labels, 4, &DMatrix::zeros(3, 1)).is_err(), "{member:?}");
            let one_class = member.scores(&train, &[2; 9], 4, &train).unwrap_err();
            assert!(one_class.to_string().contains("one class"), "{member:?}");
        }
    }
}
