//! Evaluation: how well scores tell the classes apart.

use super::auc::macro_auc;
use super::interval::{Interval, mean, variance_of_mean};
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use serde::Serialize;

/// Accuracy, area under the ROC curve and confusions of one method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Share of series whose class has the largest score.
    pub accuracy: Interval,
    /// One-versus-rest area under the ROC curve from the scores, averaged over classes.
    pub auc: Interval,
    /// The same area from predictions alone (0 or 1 instead of a score), as published for TRAKR: it equals balanced accuracy averaged over
    /// classes and their rests, and is lower than the area of the scores.
    pub hard_auc: f64,
    /// Series tested.
    pub tested: usize,
    /// Repetitions over which everything is averaged (draws of templates, or templates).
    pub repetitions: usize,
    /// Share of the series of each class (rows) that were given each class (columns).
    #[serde(skip)]
    pub confusion: DMatrix<f64>,
}

impl Evaluation {
    /// From the scores (series × classes) of series whose classes are `truth`.
    ///
    /// ```
    /// use crosscurrent::classify::Evaluation;
    /// use nalgebra::dmatrix;
    /// let scores = dmatrix![0.9, 0.1; 0.6, 0.4; 0.7, 0.3; 0.2, 0.8];
    /// let found = Evaluation::new(&scores, &[0, 0, 1, 1])?;
    /// assert_eq!((found.accuracy.value, found.auc.value), (0.75, 0.75));
    /// assert_eq!(found.confusion, dmatrix![1.0, 0.0; 0.5, 0.5]);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one class per row of scores, [`Error::Data`] for a score that is not a number.
    pub fn new(scores: &DMatrix<f64>, truth: &[usize]) -> Result<Self> {
        let one = Single::new(scores, truth)?;
        let hits = one.correct.iter().filter(|correct| **correct == 1.0).count();
        Ok(Evaluation {
            accuracy: Interval::wilson(hits, truth.len()),
            auc: Interval::logit(one.auc, variance_of_mean(&one.influence).sqrt()),
            hard_auc: one.hard_auc,
            tested: truth.len(),
            repetitions: 1,
            confusion: shares(one.confusion),
        })
    }
}

/// The class of the largest score of each row; the first of equals.
pub fn predicted(scores: &DMatrix<f64>) -> Vec<usize> {
    let largest = |row: usize| (1..scores.ncols()).fold(0, |best, c| if scores[(row, c)] > scores[(row, best)] { c } else { best });
    (0..scores.nrows()).map(largest).collect()
}

/// One table of scores, judged series by series.
struct Single {
    correct: Vec<f64>,
    auc: f64,
    influence: Vec<f64>,
    hard_auc: f64,
    confusion: DMatrix<f64>,
}

impl Single {
    fn new(scores: &DMatrix<f64>, truth: &[usize]) -> Result<Self> {
        if scores.nrows() != truth.len() {
            return Err(Error::shape("scores", format!("{} rows, one per series", truth.len()), scores.nrows()));
        }
        if let Some(at) = scores.iter().position(|score| score.is_nan()) {
            return Err(Error::data("scores", format!("NaN for series {}", at % scores.nrows()), "check the settings of the method"));
        }
        let predicted = predicted(scores);
        let mut confusion = DMatrix::zeros(scores.ncols(), scores.ncols());
        truth.iter().zip(&predicted).for_each(|(&is, &given)| confusion[(is, given)] += 1.0);
        let correct = truth.iter().zip(&predicted).map(|(is, given)| f64::from(u8::from(is == given))).collect();
        let (auc, influence) = macro_auc(scores, truth);
        let hard = DMatrix::from_fn(scores.nrows(), scores.ncols(), |k, class| f64::from(u8::from(predicted[k] == class)));
        Ok(Single { correct, auc, influence, hard_auc: macro_auc(&hard, truth).0, confusion })
    }
}

/// Each row divided by its sum; rows of zeros stay.
fn shares(mut counts: DMatrix<f64>) -> DMatrix<f64> {
    for mut row in counts.row_iter_mut() {
        let sum = row.sum().max(1.0);
        row /= sum;
    }
    counts
}

/// Adds up repetitions on the same series: draws of templates, or one template after the other.
#[derive(Clone, Debug)]
pub struct Repeated {
    accuracy: Vec<f64>,
    auc: Vec<f64>,
    hard_auc: Vec<f64>,
    /// Per series: sum of correct, sum of influences, times tested.
    series: Vec<(f64, f64, f64)>,
    confusion: DMatrix<f64>,
}

impl Repeated {
    /// Nothing yet, on `series` series of `classes` classes.
    pub fn new(series: usize, classes: usize) -> Self {
        let (none, confusion) = (Vec::new(), DMatrix::zeros(classes, classes));
        Repeated { accuracy: none.clone(), auc: none.clone(), hard_auc: none, series: vec![(0.0, 0.0, 0.0); series], confusion }
    }

    /// Adds the scores of the series `indices`, whose classes are `truth`.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn add(&mut self, scores: &DMatrix<f64>, truth: &[usize], indices: &[usize]) -> Result<()> {
        let one = Single::new(scores, truth)?;
        self.accuracy.push(mean(&one.correct));
        self.auc.push(one.auc);
        self.hard_auc.push(one.hard_auc);
        self.confusion += &one.confusion;
        for (row, &index) in indices.iter().enumerate() {
            let (correct, influence, times) = &mut self.series[index];
            *correct += one.correct[row];
            *influence += one.influence[row];
            *times += 1.0;
        }
        Ok(())
    }

    /// Accuracy of each repetition.
    pub fn accuracies(&self) -> &[f64] {
        &self.accuracy
    }

    /// The means; intervals take both the repetitions and the series as samples.
    pub fn evaluation(&self) -> Evaluation {
        let tested: Vec<_> = self.series.iter().filter(|(.., times)| *times > 0.0).collect();
        let column = |pick: fn(&(f64, f64, f64)) -> f64| tested.iter().map(|one| pick(one) / one.2).collect::<Vec<_>>();
        Evaluation {
            accuracy: Interval::crossed(&self.accuracy, &column(|one| one.0)),
            auc: Interval::crossed(&self.auc, &column(|one| one.1)),
            hard_auc: mean(&self.hard_auc),
            tested: tested.len(),
            repetitions: self.accuracy.len(),
            confusion: shares(self.confusion.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use nalgebra::dmatrix;
    use rand::RngExt;

    /// Standard normal numbers by Box and Muller.
    fn normal(rng: &mut impl rand::Rng) -> f64 {
        (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos()
    }

    #[test]
    fn intervals_cover_the_true_area_and_accuracy_as_often_as_they_promise() {
        // Two classes with unit normal scores one apart: area Phi(1 / sqrt 2), accuracy of the threshold at one half Phi(1 / 2).
        let (area, accuracy, repetitions) = (0.760_250, 0.691_462, 1000);
        let (mut covered_area, mut covered_accuracy) = (0, 0);
        for trial in 0..repetitions {
            let mut rng = Seed(5).trial(trial).rng();
            let truth: Vec<usize> = (0..80).map(|k| k % 2).collect();
            let evidence: Vec<f64> = truth.iter().map(|&label| label as f64 - 0.5 + normal(&mut rng)).collect();
            let found = Evaluation::new(&DMatrix::from_fn(80, 2, |k, c| if c == 1 { evidence[k] } else { -evidence[k] }), &truth).unwrap();
            covered_area += usize::from((found.auc.low..=found.auc.high).contains(&area));
            covered_accuracy += usize::from((found.accuracy.low..=found.accuracy.high).contains(&accuracy));
        }
        assert!((925..=975).contains(&covered_area), "{covered_area} of {repetitions}");
        assert!((925..=975).contains(&covered_accuracy), "{covered_accuracy} of {repetitions}");
    }

    #[test]
    fn an_area_of_hard_predictions_is_balanced_accuracy() {
        let scores = dmatrix![0.9, 0.1; 0.6, 0.4; 0.7, 0.3; 0.2, 0.8; 0.45, 0.55];
        let found = Evaluation::new(&scores, &[0, 0, 1, 1, 1]).unwrap();
        assert!((found.hard_auc - 0.5 * (1.0 + 2.0 / 3.0)).abs() < 1e-12);
        assert!(Evaluation::new(&scores, &[0, 1]).is_err());
    }

    #[test]
    fn equal_repetitions_change_nothing_but_the_count() {
        let scores = dmatrix![0.9, 0.1; 0.6, 0.4; 0.7, 0.3; 0.2, 0.8];
        let mut repeated = Repeated::new(4, 2);
        (0..3).for_each(|_| repeated.add(&scores, &[0, 0, 1, 1], &[0, 1, 2, 3]).unwrap());
        let (many, one) = (repeated.evaluation(), Evaluation::new(&scores, &[0, 0, 1, 1]).unwrap());
        assert_eq!((many.accuracy.value, many.auc.value, many.repetitions), (one.accuracy.value, one.auc.value, 3));
        assert_eq!(many.confusion, one.confusion);
    }
}
