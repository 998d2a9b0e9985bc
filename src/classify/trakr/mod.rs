//! TRAKR as a classifier: error traces of templates, read by a decision.

mod reading;
mod scaling;
mod tuned;

pub use reading::Reading;
pub use scaling::Scaling;
pub use tuned::Tuned;

use super::decision::nearest_scores;
use super::labelled::check_series;
use super::values::check_test;
use super::{Classifier, Labelled, one_of_each};
use crate::ensemble::{AnyEnsemble, Ensemble, Gaussian};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::precision::Precision;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::track::{Batch, Series, Traces, Tracking, Wiring};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Classification by error traces: some training series of each class are templates, a reservoir readout learns each of them, and what the
/// frozen readout gets wrong on a series, E(t), tells how the series differs from the template.
///
/// Every pass over a series is reduced at once to the means of E over `bins` stretches of its own length, so the tensor of templates ×
/// series × samples never exists, and series of any lengths are comparable. All templates share one reservoir (time constant 1 s,
/// input weights and initial state N(0, 1)). Channels are inputs and targets alike, with a trace each.
/// Source: Afzal et al. 2021; [`super::Published`] is the protocol of the paper.
///
/// ```
/// use crosscurrent::{Seed, classify::{Classifier, Labelled, Reading, Trakr, predicted}};
/// let wave = |rate: f64, phase: f64| nalgebra::DMatrix::from_fn(1, 200, |_, t| (rate * t as f64 + phase).sin());
/// // One template of each class is all that is known.
/// let train = Labelled::new(vec![wave(0.1, 0.0), wave(0.3, 0.0)], &["slow", "fast"])?;
/// let one_shot = Trakr { reading: Reading::Nearest, ..Default::default() };
/// let scores = one_shot.scores(&train, &[wave(0.1, 0.4), wave(0.3, 0.4)], Seed(1))?;
/// assert_eq!(predicted(&scores), [1, 0]); // slow, fast: classes are in alphabetical order
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "TRAKR")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trakr {
    /// Reservoir neurons N; at least 1, default 30.
    pub units: usize,
    /// Law of J; default Gaussian with gain 1.2 and autapses.
    pub reservoir: AnyEnsemble,
    /// Learning rule, seconds per sample (default 0.3) and initial P.
    pub tracking: Tracking,
    /// Storage of the passes; default single, which agrees with double to some 1e-5 of the largest E.
    pub precision: Precision,
    /// Templates drawn from each class; 0 takes all training series; default 1.
    pub templates: usize,
    /// What is done to the series first; default z-scores of each series.
    pub scaling: Scaling,
    /// Stretches over which E is averaged; 0 keeps every sample (equal lengths then); default 16.
    pub bins: usize,
    /// Takes the logarithm of the averages, so that factors count and not differences; default true.
    pub logarithm: bool,
    /// How classes are read from the averages; default a support vector machine with a Gaussian kernel.
    pub reading: Reading,
}

impl Default for Trakr {
    fn default() -> Self {
        Trakr {
            units: 30,
            reservoir: Gaussian { gain: 1.2, autapses: true }.into(),
            tracking: Tracking { dt: 0.3, ..Default::default() },
            precision: Precision::Single,
            templates: 1,
            scaling: Scaling::Series,
            bins: 16,
            logarithm: true,
            reading: Reading::default(),
        }
    }
}

impl Classifier for Trakr {
    fn name(&self) -> String {
        format!("TRAKR, {}", self.reading)
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], seed: Seed) -> Result<DMatrix<f64>> {
        check_test(train, test)?;
        let chosen = match self.templates {
            0 => (0..train.len()).collect(),
            count => one_of_each(train, count, seed),
        };
        let scaled = self.scaling.apply(train.series(), test)?;
        let templates: Vec<Series> = chosen.iter().map(|&k| series(&scaled[k])).collect();
        let (classes, batch) = (train.classes().len(), self.batch(train.channels(), seed)?);
        match &self.reading {
            Reading::Nearest => {
                let labels: Vec<usize> = chosen.iter().map(|&k| train.labels()[k]).collect();
                let asked: Vec<Series> = scaled[train.len()..].iter().map(series).collect();
                Ok(nearest_scores(&mean_errors(&batch, &templates, &asked)?, &labels, classes))
            }
            Reading::Decision { decision } => {
                let all: Vec<Series> = scaled.iter().map(series).collect();
                let features = self.features(&batch, &templates, &all)?;
                let (known, asked) =
                    (features.columns(0, train.len()).into_owned(), features.columns(train.len(), test.len()).into_owned());
                decision.scores(&known, train.labels(), classes, &asked)
            }
        }
    }
}

impl Trakr {
    /// The reservoir, ready to learn templates of `channels` channels. Equal seeds give equal reservoirs.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn batch(&self, channels: usize, seed: Seed) -> Result<Batch> {
        if self.units == 0 {
            return Err(Error::parameter("units", 0, "at least 1"));
        }
        let seed = seed.child("reservoir");
        let regions = Regions::single("reservoir", self.units)?;
        let j = self.reservoir.sample(&regions, seed.child("connectivity"))?;
        let network = Network::new(regions, j, Tanh, &[1.0])?;
        Batch::new(&network, self.tracking, Wiring::sample(self.units, channels, channels, seed), self.precision)
    }

    /// Averages of E over stretches, one column per series: templates × stretches × channels, the channels fastest.
    fn features(&self, batch: &Batch, templates: &[Series], all: &[Series]) -> Result<DMatrix<f64>> {
        let lengths: Vec<usize> = all.iter().map(Series::samples).collect();
        if self.bins == 0 && lengths.iter().any(|&length| length != lengths[0]) {
            return Err(Error::parameter("bins", 0, "at least 1 for series of unequal lengths"));
        }
        let bins = if self.bins == 0 { lengths[0] } else { self.bins };
        let average = |_: usize, traces: &Traces| -> Vec<f64> { (0..all.len()).flat_map(|k| self.averages(traces, k, bins)).collect() };
        let blocks = batch.test(&learn(batch, templates)?, all, average)?;
        let size = blocks[0].len() / all.len();
        let mut features = DMatrix::zeros(size * templates.len(), all.len());
        for (b, block) in blocks.iter().enumerate() {
            for (k, values) in block.chunks_exact(size).enumerate() {
                features.view_mut((b * size, k), (size, 1)).copy_from_slice(values);
            }
        }
        Ok(features)
    }

    /// Means of one trace over `bins` stretches, the channels fastest; a trace shorter than that repeats its samples.
    fn averages(&self, traces: &Traces, series: usize, bins: usize) -> Vec<f64> {
        let (errors, channels) = (traces.learning_error(series), traces.outputs());
        let samples = errors.len() / channels;
        let mut means = Vec::with_capacity(bins * channels);
        for bin in 0..bins {
            let from = bin * samples / bins;
            let to = ((bin + 1) * samples / bins).max(from + 1);
            for channel in 0..channels {
                let sum: f64 = (from..to).map(|t| errors[t * channels + channel]).sum();
                means.push(sum / (to - from) as f64);
            }
        }
        if self.logarithm {
            // An error of exactly zero has no logarithm; it is then as small as single precision goes.
            means.iter_mut().for_each(|mean| *mean = mean.max(f64::from(f32::MIN_POSITIVE)).ln());
        }
        means
    }
}

/// A channel is both input and target.
fn series(values: &DMatrix<f64>) -> Series {
    Series { input: values.clone(), target: None }
}

/// A tracker for every template, plastic throughout.
fn learn(batch: &Batch, templates: &[Series]) -> Result<Vec<crate::track::Trained>> {
    let longest = templates.iter().map(Series::samples).max().unwrap_or(0);
    batch.train(templates, 0..longest)
}

/// E of every series averaged over time and channels, templates × series.
fn mean_errors(batch: &Batch, templates: &[Series], asked: &[Series]) -> Result<DMatrix<f64>> {
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    let rows = batch.test(&learn(batch, templates)?, asked, |_, traces| {
        (0..asked.len()).map(|k| mean(traces.learning_error(k))).collect::<Vec<f64>>()
    })?;
    Ok(DMatrix::from_row_iterator(templates.len(), asked.len(), rows.into_iter().flatten()))
}

/// E(t) of `shown` (channels × time each) under one template: a matrix channels × time per series, for figures.
///
/// # Errors
/// Series that cannot be used, or a parameter out of range.
pub fn error_traces(trakr: &Trakr, template: &DMatrix<f64>, shown: &[DMatrix<f64>], seed: Seed) -> Result<Vec<DMatrix<f64>>> {
    check_series(std::slice::from_ref(template))?;
    let scaled = trakr.scaling.apply(std::slice::from_ref(template), shown)?;
    let batch = trakr.batch(template.nrows(), seed)?;
    let asked: Vec<Series> = scaled[1..].iter().map(series).collect();
    let found = batch.test(&learn(&batch, &[series(&scaled[0])])?, &asked, |_, traces| {
        let matrix = |k: usize| DMatrix::from_column_slice(traces.outputs(), asked[k].samples(), traces.learning_error(k));
        (0..asked.len()).map(matrix).collect::<Vec<_>>()
    })?;
    Ok(found.into_iter().next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
