//! Votes of the nearest series.

use super::{Decision, check};
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// k nearest neighbours by Euclidean distance.
///
/// The class with most votes wins; among equals the one with the nearest member. With one neighbour the score of a class is
/// (d' − d) / (d' + d), d its smallest distance and d' that of the other classes; with more, votes are counted first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NearestNeighbours {
    /// k; at least 1, default 1.
    pub neighbours: usize,
}

impl Default for NearestNeighbours {
    fn default() -> Self {
        NearestNeighbours { neighbours: 1 }
    }
}

impl Decision for NearestNeighbours {
    fn name(&self) -> &'static str {
        "nearest neighbours"
    }

    fn scores(&self, train: &DMatrix<f64>, labels: &[usize], classes: usize, test: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        check(train, labels, classes, test)?;
        if self.neighbours == 0 {
            return Err(Error::parameter("neighbours", 0, "at least 1"));
        }
        let distances = squared_distances(train, test).map(f64::sqrt);
        let mut scores = nearest_scores(&distances, labels, classes);
        if self.neighbours > 1 {
            for (row, distances) in distances.column_iter().enumerate() {
                let votes = votes(distances.as_slice(), labels, classes, self.neighbours);
                for class in 0..classes {
                    let best_other = (0..classes).filter(|&c| c != class).map(|c| votes[c]).max().unwrap_or(0);
                    // Scores by distance lie within ± 1, so they decide between equal votes only.
                    scores[(row, class)] = votes[class] as f64 - best_other as f64 + 0.49 * scores[(row, class)].max(-1.0);
                }
            }
        }
        Ok(scores)
    }
}

/// Votes of the nearest `neighbours` for each class.
fn votes(distances: &[f64], labels: &[usize], classes: usize, neighbours: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
    let mut votes = vec![0; classes];
    order.iter().take(neighbours).for_each(|&k| votes[labels[k]] += 1);
    votes
}

/// Squared Euclidean distances, columns of `train` × columns of `test`.
pub fn squared_distances(train: &DMatrix<f64>, test: &DMatrix<f64>) -> DMatrix<f64> {
    let squared = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    let column = |matrix: &DMatrix<f64>, k: usize| k * matrix.nrows()..(k + 1) * matrix.nrows();
    let pair = |i, j| squared(&train.as_slice()[column(train, i)], &test.as_slice()[column(test, j)]);
    DMatrix::from_fn(train.ncols(), test.ncols(), pair)
}

/// Scores (test × classes) from distances (train × test, none negative): (d' − d) / (d' + d) with d the smallest distance to the class and
/// d' the smallest to any other; minus infinity for a class without members.
///
/// The largest score is that of the nearest series, and scores of different test series can be compared, which raw distances cannot.
pub fn nearest_scores(distances: &DMatrix<f64>, labels: &[usize], classes: usize) -> DMatrix<f64> {
    let mut scores = DMatrix::zeros(distances.ncols(), classes);
    let mut nearest = vec![f64::INFINITY; classes];
    for (row, column) in distances.column_iter().enumerate() {
        nearest.fill(f64::INFINITY);
        column.iter().zip(labels).for_each(|(&d, &label)| nearest[label] = nearest[label].min(d));
        for class in 0..classes {
            scores[(row, class)] = contrast(&nearest, class);
        }
    }
    scores
}

/// (d' − d) / (d' + d) of one class, from the smallest distance to each.
pub fn contrast(nearest: &[f64], class: usize) -> f64 {
    let own = nearest[class];
    let others = nearest.iter().enumerate().filter(|(other, _)| *other != class);
    let other = others.map(|(_, &d)| d).fold(f64::INFINITY, f64::min);
    match (own.is_finite(), other.is_finite(), own + other > 0.0) {
        (false, ..) => f64::NEG_INFINITY,
        (true, false, _) => 1.0,
        (true, true, false) => 0.0,
        (true, true, true) => (other - own) / (other + own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn votes_count_before_distance() {
        let train = dmatrix![0.0, 1.0, 1.1, 1.2];
        let labels = [0, 1, 1, 1];
        let nearest = |neighbours| NearestNeighbours { neighbours }.scores(&train, &labels, 2, &dmatrix![0.4]).unwrap();
        assert!(nearest(1)[(0, 0)] > nearest(1)[(0, 1)]);
        assert!(nearest(3)[(0, 1)] > nearest(3)[(0, 0)]);
        // One vote each: the nearer one decides.
        assert!(nearest(2)[(0, 0)] > nearest(2)[(0, 1)]);
        assert!(NearestNeighbours { neighbours: 0 }.scores(&train, &labels, 2, &train).is_err());
    }
}
