//! Learned: from the regression to J, its posterior, and the signs of a misfit.

use super::evidence::{Gaussian, Variances, maximise};
use super::gains::Gains;
use super::open::{Open, gaussian_mean, gaussian_variance};
use super::problem::{Problem, Reduction};
use super::sparse::{self, Hyper, Round, Told};
use super::{Bayes, Between};
use crate::error::{Error, Result};
use crate::fit::misfit::{Misfit, colour, self_weight, surprise, unevenness};
use crate::fit::posterior::Posterior;
use crate::linalg::product;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::ops::ControlFlow;

/// Iterations of the fixed point of the evidence.
const ITERATIONS: usize = 100;
/// The same from variances that are nearly right.
const AGAIN: usize = 20;
/// Share of the weights between regions that the sparse prior starts from.
const START: f64 = 0.02;
/// Residuals below this share of the power of the drive are rounding.
const ROUNDING: f64 = 1e-10;

/// The chains that decide between the priors, from scratch on the training samples.
const TRIAL: Round = Round { settle: 20, average: 20, row: false };

/// Columns that have a successor: rates, and the drives that they should explain.
#[derive(Clone, Debug)]
pub(in crate::fit) struct Data {
    pub rates: DMatrix<f64>,
    pub targets: DMatrix<f64>,
    /// Recorded states.
    states: DMatrix<f64>,
    /// Whether the next column is the next sample.
    joined: Vec<bool>,
}

impl Data {
    pub(super) fn new((rates, states): (&DMatrix<f64>, &DMatrix<f64>), targets: &DMatrix<f64>, follows: &[bool]) -> Self {
        let used: Vec<usize> = (0..follows.len()).filter(|&k| follows[k]).collect();
        let joined = used.iter().map(|&k| k + 1 < follows.len() && follows[k + 1]).collect();
        let [rates, states, targets] = [rates, states, targets].map(|matrix| matrix.select_columns(&used));
        Data { rates, targets, states, joined }
    }

    /// See [`Misfit`].
    fn unevenness(&self, reduction: &Reduction) -> Vec<f64> {
        let (neurons, samples) = self.rates.shape();
        if samples <= neurons {
            return vec![f64::NAN; neurons];
        }
        unevenness(&self.states, &reduction.project(&self.targets).1, &reduction.leverage(samples))
    }

    /// The first four fifths, and the rest.
    fn split(&self) -> (Data, Data) {
        let samples = self.rates.ncols();
        let cut = samples - (samples / 5).max(1);
        let part = |from: usize, count: usize| Data {
            rates: self.rates.columns(from, count).into_owned(),
            targets: self.targets.columns(from, count).into_owned(),
            states: self.states.columns(from, count).into_owned(),
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

/// Learns J from `data`; currents are those of the rates of `model`, `gains` what was inferred of its inputs.
pub(in crate::fit) fn learn(
    config: &Bayes,
    data: &Data,
    (model, gains): (&Recording, Option<&Gains>),
    seed: Seed,
    tick: &mut Tick,
) -> Result<Learned> {
    let problem_of = |data: &Data| Problem::new(&data.rates, &data.targets, model, model.anatomy.as_ref());
    let reduction = Reduction::new(&data.rates);
    let problem = Problem::reduced(&reduction, &data.targets, model, model.anatomy.as_ref());
    let gaussian = maximise(&problem, None, ITERATIONS)?;
    go_on(tick)?;
    let (train, test) = data.split();
    let trained = problem_of(&train);
    let trial = maximise(&trained, Some(gaussian.variances.clone()), 0)?;
    let (surprise, unevenness) = (surprises(&trial, &test), data.unevenness(&reduction));
    let mut misfit = Misfit { colour: Vec::new(), surprise, unevenness, self_weight: f64::NAN, samples: data.rates.ncols() };
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
    let open = Open { model, gains };
    let (mean, posterior) = match sparse {
        Some(hyper) => open.sparse(config, &problem, &hyper, seed)?,
        None => open.gaussian(&gaussian),
    };
    misfit.self_weight = self_weight(&mean, &posterior.weights, &model.regions, model.anatomy.as_ref());
    misfit.colour = colour(&(&data.targets - product(&mean, &data.rates)), &data.joined);
    for target in 0..problem.neurons() {
        if posterior.noise[target].powi(2) < ROUNDING * problem.power[target] {
            [&mut misfit.colour, &mut misfit.surprise, &mut misfit.unevenness].into_iter().for_each(|sign| sign[target] = f64::NAN);
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

/// The hyperparameters of the sparse prior, from those of the Gaussian one.
pub(super) fn learn_sparse(config: &Bayes, problem: &Problem, gaussian: &Gaussian, seed: Seed, tick: &mut Tick) -> Result<Hyper> {
    let mut hyper = Hyper::start(gaussian, START);
    let mut on: Vec<Vec<bool>> = Vec::new();
    for index in 0..config.rounds {
        let settle = if index == 0 { 8 } else { 1 };
        let plan = Round { settle, average: 3, row: false };
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

fn surprises(trial: &Gaussian, test: &Data) -> Vec<f64> {
    let variance = gaussian_variance(trial, &test.rates, |_| true);
    surprise((&test.rates, &test.targets), &gaussian_mean(trial), &variance, &trial.variances.noise)
}
