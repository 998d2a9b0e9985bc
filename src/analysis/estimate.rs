//! A number with its standard error, and the jackknife that gives it.

use crate::error::{Error, Result};
use crate::recording::Recording;
use serde::Serialize;
use std::ops::Range;

/// A value ± its standard error (NaN where the data cannot say).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// From all data.
    pub value: f64,
    /// Standard error.
    pub error: f64,
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.4} ± {:.4}", self.value, self.error)
    }
}

impl Estimate {
    /// The statistic of all blocks, and its standard error by leaving out one block after the other (Quenouille 1956; Tukey 1958):
    ///
    /// ```text
    /// error² = (B - 1) / B sum_b (theta_b - mean theta)²
    /// ```
    ///
    /// `statistic(None)` is taken over all `blocks`, `statistic(Some(b))` over all but block b. Blocks have to be longer than the data stay
    /// correlated. The error is NaN for fewer than two blocks, or when a statistic is.
    ///
    /// ```
    /// use crosscurrent::analysis::Estimate;
    /// let data = [1.0, 2.0, 6.0];
    /// let mean = |left_out: Option<usize>| {
    ///     let kept: Vec<f64> = (0..3).filter(|k| Some(*k) != left_out).map(|k| data[k]).collect();
    ///     kept.iter().sum::<f64>() / kept.len() as f64
    /// };
    /// let estimate = Estimate::jackknife(3, mean);
    /// // Of a mean it is the usual one: √(7 / 3).
    /// assert!((estimate.value - 3.0).abs() < 1e-12 && (estimate.error - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    /// ```
    pub fn jackknife(blocks: usize, statistic: impl Fn(Option<usize>) -> f64) -> Estimate {
        let value = statistic(None);
        if blocks < 2 {
            return Estimate { value, error: f64::NAN };
        }
        let without: Vec<f64> = (0..blocks).map(|block| statistic(Some(block))).collect();
        let count = blocks as f64;
        let mean = without.iter().sum::<f64>() / count;
        let squares: f64 = without.iter().map(|theta| (theta - mean).powi(2)).sum();
        Estimate { value, error: ((count - 1.0) / count * squares).sqrt() }
    }
}

/// The time of a recording in at least `wanted` pieces of nearly equal length, none of which reaches across the start of a trial.
///
/// # Errors
/// No blocks, or more than there are samples.
pub(super) fn time_blocks(recording: &Recording, wanted: usize) -> Result<Vec<Range<usize>>> {
    let samples = recording.samples();
    if wanted == 0 || wanted > samples {
        return Err(Error::parameter("blocks", wanted, format!("1 to {samples}, the number of samples")));
    }
    let pieces = |trial: &Range<usize>| (wanted * trial.len()).div_ceil(samples).clamp(1, trial.len());
    let cut = |trial: Range<usize>| {
        let count = pieces(&trial);
        let edge = move |k: usize| trial.start + k * trial.len() / count;
        (0..count).map(move |k| edge(k)..edge(k + 1)).collect::<Vec<_>>()
    };
    Ok(recording.trials().flat_map(cut).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::DMatrix;

    #[test]
    fn blocks_cover_every_sample_once_and_stay_within_trials() {
        let rates = DMatrix::from_element(1, 23, 1.0);
        let whole = Recording::new(rates, 0.1, Regions::single("all", 1).unwrap()).unwrap();
        let trials = Recording { trial_starts: vec![0, 4, 17], ..whole.clone() };
        for (recording, wanted) in [(&whole, 1), (&whole, 5), (&whole, 23), (&trials, 1), (&trials, 6), (&trials, 23)] {
            let blocks = time_blocks(recording, wanted).unwrap();
            assert!(blocks.len() >= wanted && blocks[0].start == 0 && blocks.last().unwrap().end == 23);
            assert!(blocks.windows(2).all(|pair| pair[0].end == pair[1].start) && blocks.iter().all(|block| !block.is_empty()));
            assert!(recording.trial_starts.iter().all(|start| blocks.iter().any(|block| block.start == *start)));
        }
        assert!(time_blocks(&whole, 0).is_err() && time_blocks(&whole, 24).is_err());
    }

    #[test]
    fn one_block_has_no_error() {
        assert!(Estimate::jackknife(1, |_| 3.0).error.is_nan());
    }
}
