//! Folds: which series are tested together, and which ones stand for their class alone.

use super::Labelled;
use crate::error::{Error, Result};
use crate::seed::Seed;
use rand::seq::SliceRandom;

/// Stratified folds: the fold (0 to `folds` − 1) of every series.
///
/// The series of each class are shuffled and dealt out in turn, one class going on where the one before it stopped. So the sizes of the
/// folds differ by at most one, and so do the counts of every class.
///
/// ```
/// use crosscurrent::{Seed, classify::stratified_folds};
/// let folds = stratified_folds(&[0, 0, 0, 0, 1, 1], 2, Seed(1))?;
/// assert_eq!(folds[..4].iter().filter(|&&fold| fold == 0).count(), 2);
/// assert_eq!(folds[4] + folds[5], 1);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] unless 2 ≤ `folds` ≤ number of series; [`Error::Data`] for a class that occurs once, which could never be learned
/// when it is tested.
pub fn stratified_folds(labels: &[usize], folds: usize, seed: Seed) -> Result<Vec<usize>> {
    if folds < 2 || folds > labels.len() {
        return Err(Error::parameter("folds", folds, format!("2 to {}, the number of series", labels.len())));
    }
    let mut rng = seed.child("folds").rng();
    let (mut assigned, mut next) = (vec![0; labels.len()], 0);
    for label in 0..labels.iter().max().map_or(0, |&last| last + 1) {
        let mut members = members(labels, label);
        if members.len() == 1 {
            let remedy = "leave the class out, or use the standard split";
            return Err(Error::data("cross-validation", format!("class {label} occurs once (series {})", members[0]), remedy));
        }
        members.shuffle(&mut rng);
        for member in members {
            assigned[member] = next % folds;
            next += 1;
        }
    }
    Ok(assigned)
}

/// One series of each class that occurs, drawn at random: the only ones that a one-shot classifier sees.
///
/// ```
/// use crosscurrent::{Seed, classify::{Labelled, one_of_each}};
/// # use nalgebra::dmatrix;
/// let data = Labelled::new(vec![dmatrix![0.0, 1.0], dmatrix![1.0, 0.0], dmatrix![0.0, 2.0]], &["rise", "fall", "rise"])?;
/// let chosen = one_of_each(&data, 1, Seed(3));
/// assert_eq!(chosen[0], 1);
/// assert!(chosen[1] == 0 || chosen[1] == 2);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// With `count` above 1 up to that many of each class.
pub fn one_of_each(data: &Labelled, count: usize, seed: Seed) -> Vec<usize> {
    let mut rng = seed.child("templates").rng();
    let draw = |label| {
        let mut members = members(data.labels(), label);
        members.shuffle(&mut rng);
        members.truncate(count);
        members
    };
    (0..data.classes().len()).flat_map(draw).collect()
}

/// Indices of the series of one class.
fn members(labels: &[usize], label: usize) -> Vec<usize> {
    (0..labels.len()).filter(|&index| labels[index] == label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_spread_evenly_over_folds_of_equal_size() {
        let labels: Vec<usize> = (0..103).map(|k| [0, 0, 1, 2, 2, 2][k % 6]).collect();
        let folds = stratified_folds(&labels, 10, Seed(4)).unwrap();
        let spread = |counts: Vec<usize>| counts.iter().max().unwrap() - counts.iter().min().unwrap();
        assert!(spread((0..10).map(|f| folds.iter().filter(|&&g| g == f).count()).collect()) <= 1);
        for label in 0..3 {
            let count = |f| (0..103).filter(|&k| labels[k] == label && folds[k] == f).count();
            assert!(spread((0..10).map(count).collect()) <= 1, "class {label}");
        }
        assert_eq!(folds, stratified_folds(&labels, 10, Seed(4)).unwrap());
        assert_ne!(folds, stratified_folds(&labels, 10, Seed(5)).unwrap());
    }

    #[test]
    fn a_class_that_occurs_once_cannot_be_cross_validated() {
        assert!(stratified_folds(&[0, 0, 1], 2, Seed(1)).unwrap_err().to_string().contains("class 1 occurs once (series 2)"));
        assert!(stratified_folds(&[0, 0], 3, Seed(1)).is_err());
        assert!(stratified_folds(&[0, 0], 1, Seed(1)).is_err());
    }
}
