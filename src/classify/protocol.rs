//! Protocols: what a classifier may learn from, and what it is tested on.

use super::{Classifier, Evaluation, Labelled, Repeated, one_of_each, stratified_folds};
use crate::error::{Error, Result};
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::ops::ControlFlow;

/// Asked between the parts of a protocol whether to go on.
pub type GoOn<'a> = dyn Fn() -> ControlFlow<()> + Sync + 'a;

/// Learns from `train`, is tested on `test`: the split that comes with a data set.
///
/// ```
/// use crosscurrent::{Seed, classify::{EuclideanNearest, Labelled, standard}};
/// use nalgebra::dmatrix;
/// let train = Labelled::new(vec![dmatrix![0.0, 1.0], dmatrix![1.0, 0.0]], &["rise", "fall"])?;
/// let test = Labelled::new(vec![dmatrix![0.1, 0.8], dmatrix![0.0, -1.0]], &["rise", "fall"])?;
/// assert_eq!(standard(&EuclideanNearest {}, &train, &test, Seed(1))?.accuracy.value, 1.0);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] when a class of the test series is not in the training series, and what the classifier gives.
pub fn standard(classifier: &dyn Classifier, train: &Labelled, test: &Labelled, seed: Seed) -> Result<Evaluation> {
    let known = train.counts();
    if let Some(class) = (0..test.classes().len()).find(|&c| test.counts()[c] > 0 && known.get(c).is_none_or(|&count| count == 0)) {
        let problem = format!("class '{}' is not in the training series", test.classes()[class]);
        return Err(Error::data("test series", problem, "give training series of every class"));
    }
    Evaluation::new(&classifier.scores(train, test.series(), seed)?, test.labels())
}

/// Stratified cross-validation: every series is scored once, by a classifier that learned from the other folds.
///
/// # Errors
/// As [`stratified_folds`], what the classifier gives, and [`Error::Cancelled`].
pub fn cross_validated(classifier: &dyn Classifier, data: &Labelled, folds: usize, seed: Seed, go_on: &GoOn) -> Result<Evaluation> {
    let assigned = stratified_folds(data.labels(), folds, seed)?;
    let mut scores = DMatrix::zeros(data.len(), data.classes().len());
    for fold in 0..folds {
        if go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let (tested, learned): (Vec<usize>, Vec<usize>) = (0..data.len()).partition(|&k| assigned[k] == fold);
        let (train, test) = (data.subset(&learned), data.subset(&tested));
        let found = classifier.scores(&train, test.series(), seed.child("fold").trial(fold as u64))?;
        tested.iter().enumerate().for_each(|(row, &k)| scores.set_row(k, &found.row(row)));
    }
    Evaluation::new(&scores, data.labels())
}

/// One-shot classification: one series of each class, drawn at random, is all that is learned from; everything else is the test. Averaged
/// over `draws` draws.
///
/// # Errors
/// [`Error::Parameter`] without draws, [`Error::Data`] when nothing is left to test, what the classifier gives, and [`Error::Cancelled`].
pub fn one_shot(classifier: &dyn Classifier, data: &Labelled, draws: usize, seed: Seed, go_on: &GoOn) -> Result<Evaluation> {
    if draws == 0 {
        return Err(Error::parameter("draws", 0, "at least 1"));
    }
    let mut repeated = Repeated::new(data.len(), data.classes().len());
    for draw in 0..draws as u64 {
        if go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let seed = seed.child("one-shot").trial(draw);
        let chosen = one_of_each(data, 1, seed);
        let rest: Vec<usize> = (0..data.len()).filter(|k| !chosen.contains(k)).collect();
        if rest.is_empty() {
            return Err(Error::data("one-shot classification", "every series is a template", "give more than one series of a class"));
        }
        let test = data.subset(&rest);
        let scores = classifier.scores(&data.subset(&chosen), test.series(), seed)?;
        repeated.add(&scores, test.labels(), &rest)?;
    }
    Ok(repeated.evaluation())
}
