//! Traces: the learning errors of many series under one trained tracker.

use crate::kernels::{Level, Real, separate};
use std::ops::Range;

/// E(t) of every series of a test, in the order of their list.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    outputs: usize,
    /// Where each series begins, and the end.
    starts: Vec<usize>,
    values: Vec<f64>,
}

impl Traces {
    /// Zeros for series with these numbers of samples.
    pub(super) fn new(outputs: usize, samples: impl Iterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        for samples in samples {
            starts.push(starts[starts.len() - 1] + samples * outputs);
        }
        Traces { outputs, values: vec![0.0; starts[starts.len() - 1]], starts }
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// E of one series: for each sample, one value per output.
    pub fn learning_error(&self, series: usize) -> &[f64] {
        &self.values[self.starts[series]..self.starts[series + 1]]
    }

    /// All series one after the other; with one output and equal lengths, series × time in row-major order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Sorts `errors`, vectors with a value for each lane, into the traces of the members.
    pub(super) fn keep<T: Real>(&mut self, level: Level, errors: &[T], members: &[usize]) {
        let places: Vec<Range<usize>> = members.iter().map(|&member| self.starts[member]..self.starts[member + 1]).collect();
        separate(level, errors, &mut self.values, &places);
    }
}
