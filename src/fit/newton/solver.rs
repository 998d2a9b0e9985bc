//! The steps, on samples × neurons: a column is a neuron, theta (sources × targets) is J^T.

use super::Newton;
use super::curvature::Curvature;
use super::likelihood::{Loss, Model, Noises, Observed};
use super::prior::{Factor, Prior};
use crate::error::Result;
use crate::fit::Pass;
use crate::linalg::{gram, product_in_strips, transposed_product_in_strips};
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
    pub rates: DMatrix<f64>,
    pub targets: DMatrix<f64>,
    pub inputs: Option<DMatrix<f64>>,
    /// Targets × sources.
    pub anatomy: Option<DMatrix<f64>>,
}

impl Data {
    /// Every `stride`-th sample.
    pub(super) fn thinned(&self, stride: usize) -> Data {
        let rows: Vec<usize> = (0..self.rates.nrows()).step_by(stride).collect();
        let thin = |matrix: &DMatrix<f64>| matrix.select_rows(&rows);
        let inputs = self.inputs.as_ref().map(thin);
        Data { rates: thin(&self.rates), targets: thin(&self.targets), inputs, anatomy: self.anatomy.clone() }
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
}

/// e, W and the costs of every neuron.
struct Local {
    error: DMatrix<f64>,
    weight: DMatrix<f32>,
    cost: Vec<f64>,
}

impl Solver {
    /// Begins at `start`, or at the closed form with a small penalty; `penalty` is per sample.
    pub(super) fn new(data: Data, what: (Loss, Observed), penalty: Option<f64>, start: Option<DMatrix<f64>>) -> Result<Self> {
        let Data { rates, targets, inputs, anatomy } = data;
        let prior = Prior::new(anatomy.as_ref());
        let model = Model { loss: what.0, observed: what.1, noises: Noises { inside: 1.0, outside: 1.0 } };
        let gram = gram(&rates);
        let samples = rates.nrows() as f64;
        let inverted = targets.map(|target| model.invert(target));
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
        let mut predicted = product_in_strips(&rates, &theta);
        if let Some(inputs) = &inputs {
            predicted += inputs;
        }
        Ok(Solver { rates, curvature, targets, inverted, gram, given, model, prior, theta, predicted })
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
        self.model.noises = Noises::estimate(self.targets.as_slice(), self.predicted.as_slice(), self.model.observed);
        let penalty = self.penalty();
        let factor = self.prior.factorise(&self.gram, penalty)?;
        let Local { error, weight, cost } = self.local();
        let slope = transposed_product_in_strips(&self.rates, &error) - self.prior.penalised(&self.theta) * penalty;
        drop(error);
        let delta = match &self.curvature {
            None => factor.solve(&slope),
            Some(curvature) => self.newton(&factor, slope, |direction| curvature.times(direction, &weight), (penalty, config)),
        };
        drop(weight);
        let ahead = product_in_strips(&self.rates, &delta);
        let shares = self.damping(&delta, &ahead, &cost, penalty);
        let mut change = 0.0;
        for (unit, share) in shares.into_iter().enumerate() {
            self.theta.column_mut(unit).axpy(share, &delta.column(unit), 1.0);
            self.predicted.column_mut(unit).axpy(share, &ahead.column(unit), 1.0);
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
    fn damping(&self, delta: &DMatrix<f64>, ahead: &DMatrix<f64>, cost: &[f64], penalty: f64) -> Vec<f64> {
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

    fn local(&self) -> Local {
        let (samples, units) = self.predicted.shape();
        let (mut error, mut weight) = (DMatrix::zeros(samples, units), DMatrix::zeros(samples, units));
        let errors = error.as_mut_slice().par_chunks_mut(samples);
        let both = errors.zip(weight.as_mut_slice().par_chunks_mut(samples)).zip(self.predicted.as_slice().par_chunks(samples));
        let units = both.enumerate().map(|(unit, ((error, weight), m))| {
            let mut long = vec![0.0; samples];
            let cost = self.unit(unit, m, error, &mut long);
            weight.iter_mut().zip(&long).for_each(|(weight, &long)| *weight = long as f32);
            cost
        });
        let cost = units.collect();
        Local { error, weight, cost }
    }
}

fn dots(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Vec<f64> {
    a.column_iter().zip(b.column_iter()).map(|(a, b)| a.dot(&b)).collect()
}
