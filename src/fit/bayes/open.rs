//! Open: what the data leave open of the weights and the currents, put together for all neurons.

use super::Bayes;
use super::evidence::Gaussian;
use super::gains::Gains;
use super::problem::Problem;
use super::row::{Course, Row};
use super::sparse::{self, Hyper, Round};
use crate::error::Result;
use crate::fit::misfit::Misfit;
use crate::fit::posterior::{OpenCurrent, Posterior};
use crate::linalg::product;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::ops::Range;

/// The recording whose currents are asked for, and the gains of its inputs where they were inferred.
pub(super) struct Open<'a> {
    pub model: &'a Recording,
    pub gains: Option<&'a Gains>,
}

impl Open<'_> {
    /// J and its posterior under the Gaussian prior.
    pub(super) fn gaussian(&self, gaussian: &Gaussian) -> (DMatrix<f64>, Posterior) {
        let mean = gaussian_mean(gaussian);
        let regions = self.regions();
        let of_source = |source: &Range<usize>| {
            let rates = self.rates(source);
            let mut variance = gaussian_variance(gaussian, &self.model.rates, |j| source.contains(&j));
            for target in 0..variance.nrows() {
                self.of_gain(target, source, &rates).iter().enumerate().for_each(|(k, open)| variance[(target, k)] += open);
            }
            (product(&mean.columns(source.start, source.len()).into_owned(), &rates), variance.map(|v| v.max(0.0).sqrt()))
        };
        let found: Vec<(DMatrix<f64>, DMatrix<f64>)> = regions.iter().map(of_source).collect();
        let of = |matrix: &DMatrix<f64>, target: &Range<usize>| matrix.rows(target.start, target.len()).into_owned();
        let pairs = regions.iter().flat_map(|target| found.iter().map(move |found| (target, found)));
        let currents = pairs.map(|(target, (mean, deviation))| OpenCurrent::normal(&of(mean, target), of(deviation, target))).collect();
        let weights = self.widened(gaussian_weights(gaussian));
        let noise = gaussian.variances.noise.iter().map(|variance| variance.sqrt()).collect();
        (mean, Posterior { noise, weights, currents, misfit: Misfit::default(), sparse: false })
    }

    /// The same under the sparse prior: a mixture over the sweeps of a chain, neuron by neuron.
    pub(super) fn sparse(&self, config: &Bayes, problem: &Problem, hyper: &Hyper, seed: Seed) -> Result<(DMatrix<f64>, Posterior)> {
        let plan = Round { settle: 20, average: config.sweeps, row: true };
        let regions = self.regions();
        let parts: Vec<DMatrix<f64>> = regions.iter().map(|range| self.rates(range)).collect();
        let mut told = sparse::round((problem, hyper), &[], plan, seed.child("posterior"), |told| {
            let row: Row = told.row.expect("the plan asks for it");
            let one = |range: &Range<usize>| row.deviations(range, &DMatrix::identity(range.len(), range.len()));
            let course = |(range, rates)| row.course(range, rates, &self.of_gain(told.target, range, rates));
            let weights: Vec<f64> = regions.iter().flat_map(one).collect();
            (told.mean, weights, regions.iter().zip(&parts).map(course).collect::<Vec<Course>>())
        })?;
        let mut currents = Vec::new();
        for target in &regions {
            for source in 0..regions.len() {
                let courses: Vec<Course> = target.clone().map(|i| std::mem::take(&mut told[i].2[source])).collect();
                let matrix = |of: fn(&Course) -> &[f64]| DMatrix::from_fn(courses.len(), self.model.samples(), |i, k| of(&courses[i])[k]);
                let inside = courses.iter().map(|course| course.inside).sum::<f64>() / (courses.len() * self.model.samples()) as f64;
                currents.push(OpenCurrent {
                    deviation: matrix(|c| &c.deviation),
                    low: matrix(|c| &c.low),
                    high: matrix(|c| &c.high),
                    inside,
                });
            }
        }
        let count = told.len();
        let weights = self.widened(DMatrix::from_fn(count, count, |i, j| told[i].1[j]));
        let noise = hyper.variances.noise.iter().map(|variance| variance.sqrt()).collect();
        let mean = DMatrix::from_fn(count, count, |i, j| told[i].0[j]);
        Ok((mean, Posterior { noise, weights, currents, misfit: Misfit::default(), sparse: true }))
    }

    fn regions(&self) -> Vec<Range<usize>> {
        self.model.regions.iter().map(|(_, range)| range).collect()
    }

    fn rates(&self, range: &Range<usize>) -> DMatrix<f64> {
        self.model.rates.rows(range.start, range.len()).into_owned()
    }

    /// Variance that the gain of one target's input adds to its current from `source`, sample by sample; empty without gains.
    fn of_gain(&self, target: usize, source: &Range<usize>, rates: &DMatrix<f64>) -> Vec<f64> {
        self.gains.map_or_else(Vec::new, |gains| gains.open(target, source, rates))
    }

    /// Deviations of weights, with what the gains leave open.
    fn widened(&self, weights: DMatrix<f64>) -> DMatrix<f64> {
        match self.gains {
            None => weights,
            Some(gains) => weights.map_with_location(|i, j, deviation| (deviation * deviation + gains.open_weight(i, j)).sqrt()),
        }
    }
}

/// The posterior mean of J.
pub(super) fn gaussian_mean(gaussian: &Gaussian) -> DMatrix<f64> {
    let neurons = gaussian.variances.noise.len();
    let mut mean = DMatrix::zeros(neurons, neurons);
    for (group, block) in gaussian.groups.iter().zip(&gaussian.blocks) {
        for (i, &target) in group.targets.iter().enumerate() {
            group.sources.iter().enumerate().for_each(|(j, &source)| mean[(target, source)] = block.mean[(i, j)]);
        }
    }
    mean
}

/// Standard deviation of every weight, targets × sources.
fn gaussian_weights(gaussian: &Gaussian) -> DMatrix<f64> {
    let neurons = gaussian.variances.noise.len();
    let mut weights = DMatrix::zeros(neurons, neurons);
    for (group, block) in gaussian.groups.iter().zip(&gaussian.blocks) {
        let found = product(&block.open, &block.directions.transpose().map(|value| value * value));
        for (i, &target) in group.targets.iter().enumerate() {
            let scale = gaussian.variances.scale[target];
            group.sources.iter().enumerate().for_each(|(j, &source)| weights[(target, source)] = (scale * found[(i, j)]).sqrt());
        }
    }
    weights
}

/// Variance of w_i · r over `sources` (positions among the sources of each group): targets × samples.
pub(super) fn gaussian_variance(gaussian: &Gaussian, rates: &DMatrix<f64>, keep: impl Fn(usize) -> bool) -> DMatrix<f64> {
    let mut variance = DMatrix::zeros(gaussian.variances.noise.len(), rates.ncols());
    for (group, block) in gaussian.groups.iter().zip(&gaussian.blocks) {
        let kept: Vec<usize> = (0..group.sources.len()).filter(|&j| keep(group.sources[j])).collect();
        let sources: Vec<usize> = kept.iter().map(|&j| group.sources[j]).collect();
        let along = product(&block.directions.select_rows(&kept).transpose(), &rates.select_rows(&sources));
        let found = product(&block.open, &along.map(|value| value * value));
        let scale = |target: usize| gaussian.variances.scale[target];
        group.targets.iter().enumerate().for_each(|(i, &target)| variance.set_row(target, &(found.row(i) * scale(target))));
    }
    variance
}
