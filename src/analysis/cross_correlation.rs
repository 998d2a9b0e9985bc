//! Correlation of two signals at every lag, beside what unrelated signals of the same memory would show.

use super::estimate::{Estimate, time_blocks};
use crate::error::{Error, Result, positive};
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How cross-correlations are estimated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrossCorrelation {
    /// Longest lag to either side in s; default a tenth of the longest trial.
    pub longest: Option<f64>,
    /// Parts of the time for the standard errors; default 10.
    pub blocks: usize,
}

/// Correlation of first(t) with second(t + lag): a peak at a positive lag means that the second follows.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossCorrelogram {
    /// Lags in s, from the most negative to the most positive.
    pub lags: Vec<f64>,
    /// Correlation at each lag, -1 to 1.
    pub values: Vec<f64>,
    /// Standard error of each, from blocks of time.
    pub errors: Vec<f64>,
    /// Standard deviation of the correlation if the two signals had nothing to do with each other.
    pub null: Vec<f64>,
}

/// The lag at which a cross-correlation is largest in modulus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lead {
    /// In s; positive: the second signal follows the first.
    pub lag: f64,
    /// Correlation there.
    pub correlation: Estimate,
    /// Standard deviation there of signals that have nothing to do with each other.
    pub null: f64,
}

impl Default for CrossCorrelation {
    fn default() -> Self {
        CrossCorrelation { longest: None, blocks: 10 }
    }
}

impl CrossCorrelogram {
    /// The lag with the largest modulus. It is the largest of many: beside white signals ask for 4 of its null deviations.
    pub fn lead(&self) -> Lead {
        let larger = |&a: &usize, &b: &usize| self.values[a].abs().total_cmp(&self.values[b].abs());
        let at = (0..self.values.len()).max_by(larger).expect("lag zero is always there");
        let correlation = Estimate { value: self.values[at], error: self.errors[at] };
        Lead { lag: self.lags[at], correlation, null: self.null[at] }
    }
}

impl CrossCorrelation {
    /// The cross-correlation of rows `first` and `second` of a recording, pairs of samples within trials only.
    ///
    /// Two unrelated signals of long memory correlate by chance far more than their number of samples suggests. The band is Bartlett's (1946):
    /// with the autocorrelations ρ of the two
    ///
    /// ```text
    /// variance(lag) = sum_k ρ_first(k) ρ_second(k) (1 - |k| / n) / n            n pairs of samples at this lag
    /// ```
    ///
    /// summed up to the longest lag. Errors leave out one block of time after the other, as [`Estimate::jackknife`].
    ///
    /// ```
    /// use crosscurrent::{Recording, Regions, analysis::CrossCorrelation};
    /// use nalgebra::DMatrix;
    /// let noise = |k: usize| (1.7 * (k * k) as f64).sin();
    /// let rates = DMatrix::from_fn(2, 1000, |i, k| noise(k + 10 - 4 * i));
    /// let recording = Recording::new(rates, 0.01, Regions::single("all", 2)?)?;
    /// let lead = CrossCorrelation { longest: Some(0.2), ..Default::default() }.of(&recording, 0, 1)?.lead();
    /// assert!((lead.lag - 0.04).abs() < 1e-12, "neuron 1 does what neuron 0 did 4 samples before");
    /// assert!(lead.correlation.value > 0.99);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// A row that is not there or does not vary, a longest lag beyond half of the longest trial, no blocks.
    pub fn of(&self, recording: &Recording, first: usize, second: usize) -> Result<CrossCorrelogram> {
        let (a, b) = (standard(recording, first)?, standard(recording, second)?);
        let longest = self.lags(recording)?;
        let blocks = time_blocks(recording, self.blocks)?;
        let at = |x: &[f64], y: &[f64], lag: i64| -> Vec<Sums> {
            recording
                .trials()
                .flat_map(|trial| parts(&blocks, &trial).map(move |part| (part, trial.clone())).collect::<Vec<_>>())
                .map(|(part, trial)| products(x, y, part, trial, lag))
                .collect()
        };
        let correlation = |sums: &[Sums], left_out: Option<usize>| {
            let kept = || sums.iter().enumerate().filter(|(block, _)| Some(*block) != left_out).map(|(_, sums)| sums);
            let sum = |read: fn(&Sums) -> f64| kept().map(read).sum::<f64>();
            sum(|s| s.product) / (sum(|s| s.first) * sum(|s| s.second)).sqrt()
        };
        let auto = |x: &[f64]| -> Vec<f64> { (0..=longest).map(|lag| correlation(&at(x, x, lag), None)).collect() };
        let (memory_a, memory_b) = (auto(&a), auto(&b));
        let mut found = CrossCorrelogram { lags: Vec::new(), values: Vec::new(), errors: Vec::new(), null: Vec::new() };
        for lag in -longest..=longest {
            let sums = at(&a, &b, lag);
            let estimate = Estimate::jackknife(sums.len(), |left_out| correlation(&sums, left_out));
            found.lags.push(lag as f64 * recording.clock.dt());
            found.values.push(estimate.value);
            found.errors.push(estimate.error);
            found.null.push(chance(&memory_a, &memory_b, sums.iter().map(|part| part.pairs).sum()));
        }
        Ok(found)
    }

    fn lags(&self, recording: &Recording) -> Result<i64> {
        let trial = recording.trials().map(|trial| trial.len()).max().unwrap_or(0);
        let dt = recording.clock.dt();
        let lags = match self.longest {
            Some(longest) => (positive("longest lag", longest)? / dt).round() as usize,
            None => (trial / 10).max(1),
        };
        if lags == 0 || 2 * lags > trial {
            let wanted = format!("{dt} to {} s (half of the longest trial)", (trial / 2) as f64 * dt);
            return Err(Error::parameter("longest lag", self.longest.unwrap_or(lags as f64 * dt), wanted));
        }
        Ok(lags as i64)
    }
}

/// The mean rate of every region: a recording with one row, and one region, for each.
///
/// # Errors
/// None of a valid recording.
pub fn region_means(recording: &Recording) -> Result<Recording> {
    let rows: Vec<_> = recording.regions.iter().map(|(_, range)| recording.rates.rows(range.start, range.len()).row_mean()).collect();
    let regions = Regions::new(recording.regions.names().iter().map(|name| (name.clone(), 1)))?;
    let rates = DMatrix::from_rows(&rows);
    Ok(Recording { rates, clock: recording.clock, regions, trial_starts: recording.trial_starts.clone(), inputs: None, anatomy: None })
}

/// A row about its mean, in units of its standard deviation.
fn standard(recording: &Recording, row: usize) -> Result<Vec<f64>> {
    if row >= recording.neurons() {
        return Err(Error::parameter("neuron", row, format!("a number below {}", recording.neurons())));
    }
    let values = recording.rates.row(row);
    let (mean, deviation) = (values.mean(), values.variance().sqrt());
    if deviation <= 1e-12 * values.amax() {
        return Err(Error::data(format!("neuron {row}"), "it does not vary", "choose one that varies"));
    }
    Ok(values.iter().map(|value| (value - mean) / deviation).collect())
}

/// The blocks inside a trial.
fn parts<'a>(blocks: &'a [Range<usize>], trial: &Range<usize>) -> impl Iterator<Item = Range<usize>> + 'a {
    let trial = trial.clone();
    blocks.iter().filter(move |block| trial.contains(&block.start)).cloned()
}

/// Sums over the pairs x(t), y(t + lag) whose t is in one block.
struct Sums {
    product: f64,
    /// Of x².
    first: f64,
    /// Of y².
    second: f64,
    pairs: f64,
}

/// The sums over the times t of a block, as far as t + lag is in the trial.
fn products(x: &[f64], y: &[f64], block: Range<usize>, trial: Range<usize>, lag: i64) -> Sums {
    let start = (block.start as i64).max(trial.start as i64 - lag);
    let end = (block.end as i64).min(trial.end as i64 - lag).max(start);
    if end == start {
        return Sums { product: 0.0, first: 0.0, second: 0.0, pairs: 0.0 };
    }
    let (early, late) = (&x[start as usize..end as usize], &y[(start + lag) as usize..(end + lag) as usize]);
    let squares = |values: &[f64]| values.iter().map(|value| value * value).sum();
    let product = early.iter().zip(late).map(|(a, b)| a * b).sum();
    Sums { product, first: squares(early), second: squares(late), pairs: early.len() as f64 }
}

/// Bartlett's standard deviation for `pairs` pairs of samples.
fn chance(first: &[f64], second: &[f64], pairs: f64) -> f64 {
    let term = |lag: usize| first[lag] * second[lag] * (1.0 - lag as f64 / pairs).max(0.0) * if lag == 0 { 1.0 } else { 2.0 };
    ((0..first.len()).map(term).sum::<f64>().max(0.0) / pairs).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand_distr::{Distribution, StandardNormal};

    /// Rows with correlation memory^lag that have nothing to do with each other.
    fn unrelated(memory: f64, samples: usize, seed: u64) -> Recording {
        let mut rng = Seed(seed).rng();
        let mut rates = DMatrix::from_fn(2, samples, |_, _| <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng));
        for k in 1..samples {
            for i in 0..2 {
                rates[(i, k)] += memory * rates[(i, k - 1)];
            }
        }
        Recording::new(rates, 0.1, Regions::single("all", 2).unwrap()).unwrap()
    }

    #[test]
    fn unrelated_signals_stay_in_the_band_of_their_memory() {
        let squares = |seed| {
            let found = CrossCorrelation { longest: Some(5.0), blocks: 10 }.of(&unrelated(0.9, 2000, seed), 0, 1).unwrap();
            // (1 + 0.81) / (1 - 0.81) times the variance of white signals.
            assert!((found.null[50] / (9.5263_f64 / 2000.0).sqrt() - 1.0).abs() < 0.35, "{}", found.null[50]);
            found.values.iter().zip(&found.null).map(|(value, null)| (value / null).powi(2)).sum::<f64>() / 101.0
        };
        let mean = (0..40).map(squares).sum::<f64>() / 40.0;
        assert!((0.75..1.25).contains(&mean), "{mean}");
    }

    #[test]
    fn a_shifted_copy_with_noise_has_its_lag_sign_and_size() {
        let mut recording = unrelated(0.0, 4000, 7);
        for k in 5..4000 {
            // Half of its variance is minus the first neuron, 5 samples ago.
            recording.rates[(1, k)] = 0.5_f64.sqrt() * (recording.rates[(1, k)] - recording.rates[(0, k - 5)]);
        }
        let found = CrossCorrelation { longest: Some(1.0), blocks: 20 }.of(&recording, 0, 1).unwrap();
        let lead = found.lead();
        assert!((lead.lag - 0.5).abs() < 1e-12);
        assert!((lead.correlation.value + 0.5_f64.sqrt()).abs() < 4.0 * lead.correlation.error && lead.correlation.error < 0.02);
        assert!((lead.null * 4000.0_f64.sqrt() - 1.0).abs() < 0.2);
        let back = CrossCorrelation { longest: Some(1.0), blocks: 20 }.of(&recording, 1, 0).unwrap();
        assert!((back.lead().lag + 0.5).abs() < 1e-12);
    }

    #[test]
    fn means_of_regions_and_pairs_across_trials() {
        let rates = nalgebra::dmatrix![1.0, 2.0, 3.0, 4.0; 3.0, 2.0, 1.0, 0.0; 5.0, 6.0, 5.0, 6.0];
        let recording = Recording::new(rates, 0.1, Regions::new([("A", 2), ("B", 1)]).unwrap()).unwrap();
        let means = region_means(&recording).unwrap();
        assert_eq!(means.rates, nalgebra::dmatrix![2.0, 2.0, 2.0, 2.0; 5.0, 6.0, 5.0, 6.0]);
        assert!(CrossCorrelation::default().of(&means, 0, 1).unwrap_err().to_string().contains("does not vary"));
        let trials = Recording { trial_starts: vec![0, 2], ..recording };
        let found = CrossCorrelation { longest: Some(0.1), blocks: 2 }.of(&trials, 2, 2).unwrap();
        // Within the two trials the pairs are (-, +) only.
        assert!((found.values[0] + 1.0).abs() < 1e-12 && (found.values[2] + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_estimated_is_refused() {
        let recording = unrelated(0.5, 100, 1);
        let method = |longest: f64, blocks: usize| CrossCorrelation { longest: Some(longest), blocks };
        assert!(method(1.0, 5).of(&recording, 0, 2).is_err());
        assert!(method(5.1, 5).of(&recording, 0, 1).is_err() && method(0.0, 5).of(&recording, 0, 1).is_err());
        assert!(method(1.0, 0).of(&recording, 0, 1).is_err() && method(5.0, 5).of(&recording, 0, 1).is_ok());
    }
}
