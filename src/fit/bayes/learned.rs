//! Learned: from the regression to J, its posterior, and the signs of a misfit.

use super::evidence::{Gaussian, Variances, maximise};
use super::problem::Problem;
use super::sparse::{self, Hyper, Round, Told};
use super::{Bayes, Between};
use crate::error::{Error, Result};
use crate::fit::misfit::{Misfit, colour, surprise};
use crate::fit::posterior::Posterior;
use crate::linalg::product;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector};
use std::ops::{ControlFlow, Range};

/// Iterations of the fixed point of the evidence.
const ITERATIONS: usize = 100;
/// The same from variances that are nearly right.
const AGAIN: usize = 20;
/// Share of the weights between regions that the sparse prior starts from.
const START: f64 = 0.02;
/// Residuals below this share of the power of the drive are rounding.
const ROUNDING: f64 = 1e-10;

/// The chains that decide between the priors, from scratch on the training samples.
const TRIAL: Round = Round { settle: 20, average: 20, covariance: false };

/// Columns that have a successor: rates, and the drives that they should explain.
#[derive(Clone, Debug)]
pub(in crate::fit) struct Data {
    pub rates: DMatrix<f64>,
    pub targets: DMatrix<f64>,
    /// Whether the next column is the next sample.
    joined: Vec<bool>,
}

impl Data {
    pub(super) fn new(rates: &DMatrix<f64>, targets: &DMatrix<f64>, follows: &[bool]) -> Self {
        let used: Vec<usize> = (0..follows.len()).filter(|&k| follows[k]).collect();
        let joined = used.iter().map(|&k| k + 1 < follows.len() && follows[k + 1]).collect();
        Data { rates: rates.select_columns(&used), targets: targets.select_columns(&used), joined }
    }

    /// The first four fifths, and the rest.
    fn split(&self) -> (Data, Data) {
        let samples = self.rates.ncols();
        let cut = samples - (samples / 5).max(1);
        let part = |from: usize, count: usize| Data {
            rates: self.rates.columns(from, count).into_owned(),
            targets: self.targets.columns(from, count).into_owned(),
            joined: self.joined[from..from + count].to_vec(),
        };
        (part(0, cut), part(cut, samples - cut))
    }
}

/// What a fit of this kind finds.
pub(in crate::fit) struct Learned {
    pub mean: DMatrix<f64>,
    pub posterior: Posterior,
}

/// Told after every pass.
pub(in crate::fit) type Tick<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// Learns J from `data`; currents and their deviations are those of the rates of `model`.
pub(in crate::fit) fn learn(config: &Bayes, data: &Data, model: &Recording, seed: Seed, tick: &mut Tick) -> Result<Learned> {
    let problem_of = |data: &Data| Problem::new(&data.rates, &data.targets, model, model.anatomy.as_ref());
    let problem = problem_of(data);
    let gaussian = maximise(&problem, None, ITERATIONS)?;
    go_on(tick)?;
    let (train, test) = data.split();
    let trained = problem_of(&train);
    let trial = maximise(&trained, Some(gaussian.variances.clone()), 0)?;
    let mut misfit = Misfit { colour: Vec::new(), surprise: surprises(&trial, &test), samples: data.rates.ncols() };
    let sparse = match config.between {
        Between::Gaussian => None,
        _ if model.regions.count() == 1 => None,
        Between::Sparse => Some(learn_sparse(config, &problem, &gaussian, seed, tick)?),
        Between::Choose => {
            let hyper = learn_sparse(config, &problem, &gaussian, seed, tick)?;
            let told = sparse::round((&trained, &hyper), &[], TRIAL, seed.child("trial"), |told| told)?;
            let error = |mean: &DMatrix<f64>| held_out_error(mean, &gaussian.variances, &test);
            Some(hyper).filter(|_| error(&rows(&told)) < error(&gaussian_mean(&trial)))
        }
    };
    let (mean, posterior) = match sparse {
        Some(hyper) => sparse_posterior(config, &problem, &hyper, model, seed)?,
        None => gaussian_posterior(&gaussian, model)?,
    };
    misfit.colour = colour(&(&data.targets - product(&mean, &data.rates)), &data.joined);
    for target in 0..problem.neurons() {
        if posterior.noise[target].powi(2) < ROUNDING * problem.power[target] {
            (misfit.colour[target], misfit.surprise[target]) = (f64::NAN, f64::NAN);
        }
    }
    Ok(Learned { mean, posterior: Posterior { misfit, ..posterior } })
}

/// The prior and noise variances under which `targets` are most probable as J `rates` + noise, from `start` on.
pub(in crate::fit) fn evidence(
    rates: &DMatrix<f64>,
    targets: &DMatrix<f64>,
    model: &Recording,
    start: Option<Variances>,
) -> Result<Variances> {
    let iterations = if start.is_some() { AGAIN } else { ITERATIONS };
    Ok(maximise(&Problem::new(rates, targets, model, model.anatomy.as_ref()), start, iterations)?.variances)
}

fn go_on(tick: &mut Tick) -> Result<()> {
    match tick() {
        ControlFlow::Break(()) => Err(Error::Cancelled),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Squared errors on `test`, each neuron in units of its noise.
fn held_out_error(mean: &DMatrix<f64>, variances: &Variances, test: &Data) -> f64 {
    let error = &test.targets - product(mean, &test.rates);
    error.row_iter().zip(&variances.noise).map(|(row, noise)| row.norm_squared() / noise).sum()
}

fn learn_sparse(config: &Bayes, problem: &Problem, gaussian: &Gaussian, seed: Seed, tick: &mut Tick) -> Result<Hyper> {
    let mut hyper = Hyper::start(gaussian, START);
    let mut on: Vec<Vec<bool>> = Vec::new();
    for index in 0..config.rounds {
        let settle = if index == 0 { 8 } else { 1 };
        let plan = Round { settle, average: 3, covariance: false };
        let told = sparse::round((problem, &hyper), &on, plan, seed.child("round").trial(index as u64), |told| told)?;
        hyper = sparse::maximise(problem, &hyper, &told);
        on = told.into_iter().map(|told| told.on).collect();
        go_on(tick)?;
    }
    Ok(hyper)
}

fn rows(told: &[Told]) -> DMatrix<f64> {
    DMatrix::from_fn(told.len(), told.len(), |i, j| told[i].mean[j])
}

fn gaussian_mean(gaussian: &Gaussian) -> DMatrix<f64> {
    let neurons = gaussian.variances.noise.len();
    let mut mean = DMatrix::zeros(neurons, neurons);
    for (group, block) in gaussian.groups.iter().zip(&gaussian.blocks) {
        for (i, &target) in group.targets.iter().enumerate() {
            group.sources.iter().enumerate().for_each(|(j, &source)| mean[(target, source)] = block.mean[(i, j)]);
        }
    }
    mean
}

/// Variance of w_i · r over `sources` (positions among the sources of each group): targets × samples.
fn gaussian_variance(gaussian: &Gaussian, rates: &DMatrix<f64>, keep: impl Fn(usize) -> bool) -> DMatrix<f64> {
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

fn surprises(trial: &Gaussian, test: &Data) -> Vec<f64> {
    let variance = gaussian_variance(trial, &test.rates, |_| true);
    surprise((&test.rates, &test.targets), &gaussian_mean(trial), &variance, &trial.variances.noise)
}

fn gaussian_posterior(gaussian: &Gaussian, model: &Recording) -> Result<(DMatrix<f64>, Posterior)> {
    let neurons = model.neurons();
    let mut weights = DMatrix::zeros(neurons, neurons);
    for (group, block) in gaussian.groups.iter().zip(&gaussian.blocks) {
        let found = product(&block.open, &block.directions.transpose().map(|value| value * value));
        for (i, &target) in group.targets.iter().enumerate() {
            let scale = gaussian.variances.scale[target];
            group.sources.iter().enumerate().for_each(|(j, &source)| weights[(target, source)] = (scale * found[(i, j)]).sqrt());
        }
    }
    let regions: Vec<_> = model.regions.iter().map(|(_, range)| range).collect();
    let variances: Vec<DMatrix<f64>> =
        regions.iter().map(|source| gaussian_variance(gaussian, &model.rates, |j| source.contains(&j))).collect();
    let mut currents = Vec::new();
    for target in &regions {
        currents.extend(variances.iter().map(|variance| variance.rows(target.start, target.len()).map(|v: f64| v.max(0.0).sqrt())));
    }
    let noise = gaussian.variances.noise.iter().map(|variance| variance.sqrt()).collect();
    Ok((gaussian_mean(gaussian), Posterior { noise, weights, currents, misfit: Misfit::default(), sparse: false }))
}

fn sparse_posterior(config: &Bayes, problem: &Problem, hyper: &Hyper, model: &Recording, seed: Seed) -> Result<(DMatrix<f64>, Posterior)> {
    let plan = Round { settle: 20, average: config.sweeps, covariance: true };
    let regions: Vec<_> = model.regions.iter().map(|(_, range)| range).collect();
    let parts: Vec<DMatrix<f64>> = regions.iter().map(|range| model.rates.rows(range.start, range.len()).into_owned()).collect();
    let told = sparse::round((problem, hyper), &[], plan, seed.child("posterior"), |told| {
        let covariance = told.covariance.expect("the plan asks for it");
        let block = |range: &Range<usize>| covariance.view((range.start, range.start), (range.len(), range.len())).into_owned();
        let currents: Vec<Vec<f64>> = regions.iter().zip(&parts).map(|(range, rates)| deviation(&block(range), rates)).collect();
        (told.mean, covariance.diagonal().map(|variance| variance.max(0.0).sqrt()), currents)
    })?;
    let mut currents = Vec::new();
    for target in &regions {
        for source in 0..regions.len() {
            currents.push(DMatrix::from_fn(target.len(), model.samples(), |i, k| told[target.start + i].2[source][k]));
        }
    }
    let matrix = |row: &dyn Fn(usize) -> DVector<f64>| DMatrix::from_rows(&(0..told.len()).map(|i| row(i).transpose()).collect::<Vec<_>>());
    let weights = matrix(&|i| told[i].1.clone());
    let noise = hyper.variances.noise.iter().map(|variance| variance.sqrt()).collect();
    Ok((matrix(&|i| told[i].0.clone()), Posterior { noise, weights, currents, misfit: Misfit::default(), sparse: true }))
}

/// sqrt(r^T C r) at every sample.
fn deviation(covariance: &DMatrix<f64>, rates: &DMatrix<f64>) -> Vec<f64> {
    let image = product(covariance, rates);
    image.column_iter().zip(rates.column_iter()).map(|(c, r)| c.dot(&r).max(0.0).sqrt()).collect()
}
