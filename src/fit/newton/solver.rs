//! The steps, on samples × neurons: a column is a neuron, theta (sources × targets) is J^T.

use super::Newton;
use super::curvature::Curvature;
use super::likelihood::{Loss, Model, Noises, Observed};
use super::prior::{Factor, Prior};
use crate::error::Result;
use crate::fit::Pass;
use crate::linalg::{gram, tall_product, transposed_product_in_strips, untouched};
use crate::nonlinearity::{Nonlinearity, Tanh};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Times that a step is halved for a neuron whose cost rises.
const HALVINGS: usize = 6;
/// The penalty is never smaller than this share of the mean square of a source's rates over all samples.
const FLOOR: f64 = 1e-13;
/// Per sample, where none is chosen from the noise.
const PENALTY: f64 = 1e-7;
/// The start is fitted with at least this share of the mean square of the rates as its penalty: what saturated samples demand is wrong by
/// much more than the noise, and a small penalty would spread that over all directions that the rates hardly visit.
const START: f64 = 0.02;

/// What is fitted, samples × neurons.
pub(super) struct Data {
    rates: DMatrix<f64>,
    targets: DMatrix<f64>,
    observed: Observed,
    /// [`Observed::invert`] of the targets.
    inverted: DMatrix<f64>,
    inputs: Option<DMatrix<f64>>,
    /// Targets × sources.
    pub anatomy: Option<DMatrix<f64>>,
}

impl Data {
    /// Without an anatomy.
    pub(super) fn new(rates: DMatrix<f64>, (targets, observed): (DMatrix<f64>, Observed), inputs: Option<DMatrix<f64>>) -> Data {
        let mut inverted: DMatrix<f64> = untouched(targets.nrows(), targets.ncols());
        let pairs = inverted.as_mut_slice().par_iter_mut().zip(targets.as_slice());
        pairs.for_each(|(inverted, &target)| *inverted = observed.invert(target));
        Data { rates, targets, observed, inverted, inputs, anatomy: None }
    }

    /// (Samples, sources).
    pub(super) fn shape(&self) -> (usize, usize) {
        self.rates.shape()
    }

    /// Every `stride`-th sample.
    pub(super) fn thinned(&self, stride: usize) -> Data {
        let thin = |matrix: &DMatrix<f64>| {
            let (samples, left) = (matrix.nrows(), matrix.nrows().div_ceil(stride));
            let mut thin = untouched(left, matrix.ncols());
            let neurons = thin.as_mut_slice().par_chunks_mut(left).zip(matrix.as_slice().par_chunks(samples));
            neurons.for_each(|(to, from)| to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, &from)| *to = from));
            thin
        };
        Data {
            rates: thin(&self.rates),
            targets: thin(&self.targets),
            observed: self.observed,
            inverted: thin(&self.inverted),
            inputs: self.inputs.as_ref().map(thin),
            anatomy: self.anatomy.clone(),
        }
    }
}

pub(super) struct Solver {
    /// X, samples × sources.
    rates: DMatrix<f64>,
    /// Where weights differ from 1.
    curvature: Option<Curvature>,
    /// What every sample says, samples × targets.
    targets: DMatrix<f64>,
    /// The drives that stand for them, without regard to noise.
    inverted: DMatrix<f64>,
    /// X^T X.
    gram: DMatrix<f64>,
    /// Penalty over all samples, if it is given.
    given: Option<f64>,
    model: Model,
    prior: Prior,
    /// J^T.
    pub(super) theta: DMatrix<f64>,
    /// m = X theta + u.
    predicted: DMatrix<f64>,
    local: Local,
}

/// e, W and the costs of every neuron.
struct Local {
    /// Once a step has its direction, what the step adds to m stands here.
    error: DMatrix<f64>,
    weight: DMatrix<f32>,
    cost: Vec<f64>,
}

impl Solver {
    /// Begins at `start`, or at the closed form with a small penalty; `penalty` is per sample.
    pub(super) fn new(data: Data, loss: Loss, penalty: Option<f64>, start: Option<DMatrix<f64>>) -> Result<Self> {
        let Data { rates, targets, observed, inverted, inputs, anatomy } = data;
        let prior = Prior::new(anatomy.as_ref());
        let model = Model { loss, observed, noises: Noises { inside: 1.0, outside: 1.0 } };
        let gram = gram(&rates);
        let samples = rates.nrows() as f64;
        let given = penalty.map(|penalty| penalty * samples);
        let theta = match start {
            Some(theta) => theta,
            None => {
                let right = match &inputs {
                    None => transposed_product_in_strips(&rates, &inverted),
                    Some(inputs) => transposed_product_in_strips(&rates, &(&inverted - inputs)),
                };
                let penalty = given.unwrap_or(0.0).max(START * gram.trace() / gram.nrows() as f64);
                prior.factorise(&gram, penalty)?.solve(&right)
            }
        };
        let curvature = (model.observed == Observed::Rate).then(|| Curvature::new(&rates));
        let mut predicted = untouched(rates.nrows(), theta.ncols());
        tall_product(&rates, &theta, &mut predicted);
        if let Some(inputs) = &inputs {
            predicted += inputs;
        }
        let (samples, units) = predicted.shape();
        let local = Local { error: untouched(samples, units), weight: untouched(samples, units), cost: vec![0.0; units] };
        Ok(Solver { rates, curvature, targets, inverted, gram, given, model, prior, theta, predicted, local })
    }

    /// How far the predictions are from the targets, in the form of the targets.
    pub(super) fn pass(&self) -> Pass {
        let (samples, units) = self.targets.shape();
        let unit = |(targets, m): (&[f64], &[f64])| {
            let mut predicted = m.to_vec();
            if self.model.observed == Observed::Rate {
                Tanh.rates(m, &mut predicted);
            }
            let mean = targets.iter().sum::<f64>() / samples as f64;
            let missed: f64 = targets.iter().zip(&predicted).map(|(d, p)| (d - p).powi(2)).sum();
            (missed, targets.iter().map(|d| (d - mean).powi(2)).sum::<f64>())
        };
        let both = self.targets.as_slice().par_chunks(samples).zip(self.predicted.as_slice().par_chunks(samples));
        let sums: Vec<(f64, f64)> = both.map(unit).collect();
        let (missed, total) = sums.into_iter().fold((0.0, 0.0), |sum, unit| (sum.0 + unit.0, sum.1 + unit.1));
        let explained = if total == 0.0 { f64::NAN } else { 1.0 - missed / total };
        Pass { learning: true, chi2: missed / units as f64, variance_explained: explained, held_out: None }
    }

    /// One Newton step; returns how much it changed theta, as a share.
    pub(super) fn step(&mut self, config: &Newton) -> Result<f64> {
        let observed = (self.targets.as_slice(), self.inverted.as_slice(), self.model.observed);
        self.model.noises = Noises::estimate(observed, self.predicted.as_slice());
        let penalty = self.penalty();
        let factor = self.prior.factorise(&self.gram, penalty)?;
        self.localise();
        let slope = transposed_product_in_strips(&self.rates, &self.local.error) - self.prior.penalised(&self.theta) * penalty;
        let delta = match &self.curvature {
            None => factor.solve(&slope),
            Some(curvature) => self.newton(&factor, slope, |direction| curvature.times(direction, &self.local.weight), (penalty, config)),
        };
        tall_product(&self.rates, &delta, &mut self.local.error);
        let shares = self.damping(&delta, penalty);
        let mut change = 0.0;
        for (unit, share) in shares.into_iter().enumerate() {
            self.theta.column_mut(unit).axpy(share, &delta.column(unit), 1.0);
            self.predicted.column_mut(unit).axpy(share, &self.local.error.column(unit), 1.0);
            change += (share * delta.column(unit).norm()).powi(2);
        }
        Ok((change / self.theta.norm_squared().max(f64::MIN_POSITIVE)).sqrt())
    }

    /// Over all samples: given, or the noise inside tanh over the mean squared weight.
    fn penalty(&self) -> f64 {
        let floor = FLOOR * self.gram.trace() / self.gram.nrows() as f64;
        let weight = self.prior.mean_square(&self.theta);
        let chosen = match self.model.loss {
            Loss::Noise => self.model.noises.inside / weight.max(f64::MIN_POSITIVE),
            Loss::Logistic => PENALTY * self.rates.nrows() as f64,
        };
        self.given.unwrap_or(chosen).clamp(floor, self.gram.trace())
    }

    /// (X^T W X + penalty)^-1 slope, where `curved` multiplies with X^T W X, every column by its own conjugate gradients with one preconditioner.
    fn newton(
        &self,
        factor: &Factor,
        slope: DMatrix<f64>,
        curved: impl Fn(&DMatrix<f64>) -> DMatrix<f64>,
        how: (f64, &Newton),
    ) -> DMatrix<f64> {
        let (penalty, config) = how;
        let (mut rest, mut solution) = (slope, DMatrix::zeros(self.theta.nrows(), self.theta.ncols()));
        let mut scaled = factor.solve(&rest);
        let mut direction = scaled.clone();
        let mut size = dots(&rest, &scaled);
        let goal = config.forcing * config.forcing * size.iter().sum::<f64>();
        for _ in 0..config.inner_steps {
            let curved = curved(&direction) + self.prior.penalised(&direction) * penalty;
            let curvature = dots(&direction, &curved);
            for unit in 0..size.len() {
                let step = if curvature[unit] > 0.0 { size[unit] / curvature[unit] } else { 0.0 };
                solution.column_mut(unit).axpy(step, &direction.column(unit), 1.0);
                rest.column_mut(unit).axpy(-step, &curved.column(unit), 1.0);
            }
            scaled = factor.solve(&rest);
            let next = dots(&rest, &scaled);
            if next.iter().sum::<f64>() <= goal {
                break;
            }
            for unit in 0..size.len() {
                let turn = if size[unit] > 0.0 { next[unit] / size[unit] } else { 0.0 };
                direction.column_mut(unit).axpy(1.0, &scaled.column(unit), turn);
            }
            size = next;
        }
        solution
    }

    /// The share of its step that every neuron takes: all of it, or half until its cost does not rise.
    fn damping(&self, delta: &DMatrix<f64>, penalty: f64) -> Vec<f64> {
        let (ahead, cost) = (&self.local.error, &self.local.cost);
        let damp = |unit: usize| {
            let (theta, delta) = (self.theta.column(unit), delta.column(unit));
            let before = cost[unit] + 0.5 * penalty * self.prior.energy(unit, &theta.into_owned());
            let (mut share, samples) = (1.0, self.rates.nrows());
            let (mut error, mut weight, mut m) = (vec![0.0; samples], vec![0.0; samples], vec![0.0; samples]);
            for _ in 0..HALVINGS {
                let (from, ahead) = (self.predicted.column(unit), ahead.column(unit));
                (0..samples).for_each(|k| m[k] = from[k] + share * ahead[k]);
                let after =
                    self.unit(unit, &m, &mut error, &mut weight) + 0.5 * penalty * self.prior.energy(unit, &(theta + delta * share));
                if after <= before * (1.0 + 1e-12) {
                    return share;
                }
                share *= 0.5;
            }
            0.0
        };
        (0..cost.len()).into_par_iter().map(damp).collect()
    }

    /// Errors, weights and cost of a neuron with predicted drives `m`.
    fn unit(&self, unit: usize, m: &[f64], error: &mut [f64], weight: &mut [f64]) -> f64 {
        let samples = m.len();
        let range = unit * samples..(unit + 1) * samples;
        self.model.unit((&self.targets.as_slice()[range.clone()], &self.inverted.as_slice()[range]), m, error, weight)
    }

    /// Errors, weights and costs at m.
    fn localise(&mut self) {
        let samples = self.predicted.nrows();
        let mut local =
            std::mem::replace(&mut self.local, Local { error: DMatrix::zeros(0, 0), weight: DMatrix::zeros(0, 0), cost: vec![] });
        let errors = local.error.as_mut_slice().par_chunks_mut(samples);
        let both = errors.zip(local.weight.as_mut_slice().par_chunks_mut(samples)).zip(self.predicted.as_slice().par_chunks(samples));
        both.zip(&mut local.cost).enumerate().for_each(|(unit, (((error, weight), m), cost))| {
            let mut long = vec![0.0; samples];
            *cost = self.unit(unit, m, error, &mut long);
            weight.iter_mut().zip(&long).for_each(|(weight, &long)| *weight = long as f32);
        });
        self.local = local;
    }
}

fn dots(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Vec<f64> {
    a.column_iter().zip(b.column_iter()).map(|(a, b)| a.dot(&b)).collect()
}
