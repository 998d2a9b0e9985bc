//! Gibbs: which of many candidate weights of one neuron exist, everything else integrated out.

use crate::kernels::{Level, accumulate};
use nalgebra::{DMatrix, DVector};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// What a candidate weight is a priori: there with this log odds, and then normal with this variance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub variance: f64,
    pub log_odds: f64,
}

/// The candidates that are on after some sweeps, and the normal law of their weights.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Number of sweeps.
    pub weight: f64,
    pub on: Vec<usize>,
    pub mean: Vec<f64>,
    pub covariance: DMatrix<f64>,
}

/// The chain of one neuron over the sets of weights that exist.
///
/// With S the covariance of y under the weights that are on and the noise, it carries Q = X S^-1 X^T and q = X S^-1 y over all candidates
/// (rows of X). The log odds of the data with over without candidate j are then -½ ln(1 + v Q_jj) + ½ v q_j² / (1 + v Q_jj), and switching
/// it is a rank-one change of Q: a proposal costs O(1), a change O(n²).
#[derive(Clone, Debug)]
pub(super) struct Chain {
    level: Level,
    candidates: Vec<Candidate>,
    /// Q, of which the lower half is kept.
    gram: DMatrix<f64>,
    score: DVector<f64>,
    on: Vec<bool>,
    order: Vec<usize>,
}

impl Chain {
    /// The chain on `candidates` with Q and q of none of them, and those of `on` switched on.
    pub(super) fn new(candidates: Vec<Candidate>, gram: DMatrix<f64>, score: DVector<f64>, on: &[bool]) -> Self {
        let order = (0..candidates.len()).collect();
        let mut chain = Chain { level: Level::detect(), on: vec![false; candidates.len()], candidates, gram, score, order };
        (0..on.len()).filter(|&j| on[j]).for_each(|j| chain.switch(j));
        chain
    }

    /// Which candidates are on.
    pub(super) fn on(&self) -> &[bool] {
        &self.on
    }

    /// Visits every candidate once, in random order.
    pub(super) fn sweep(&mut self, rng: &mut impl Rng) {
        let mut order = std::mem::take(&mut self.order);
        order.shuffle(rng);
        for &j in &order {
            let wanted = rng.random::<f64>() < self.probability(j);
            if wanted != self.on[j] {
                self.switch(j);
            }
        }
        self.order = order;
    }

    /// Probability that candidate j exists, given the others.
    pub(super) fn probability(&self, j: usize) -> f64 {
        let Candidate { variance, log_odds } = self.candidates[j];
        // Q_jj and q_j as they are without j.
        let without = if self.on[j] { 1.0 / (1.0 - variance * self.gram[(j, j)]).max(f64::EPSILON) } else { 1.0 };
        let (gram, score) = (self.gram[(j, j)] * without, self.score[j] * without);
        let spread = 1.0 + variance * gram;
        let odds = log_odds + 0.5 * (variance * score * score / spread - spread.ln());
        1.0 / (1.0 + (-odds).exp())
    }

    /// Puts j in or takes it out.
    fn switch(&mut self, j: usize) {
        let variance = if self.on[j] { -self.candidates[j].variance } else { self.candidates[j].variance };
        self.on[j] = !self.on[j];
        let n = self.score.len();
        let column: Vec<f64> = (0..n).map(|k| self.gram[(j.max(k), j.min(k))]).collect();
        let factor = variance / (1.0 + variance * column[j]);
        let score = self.score[j];
        accumulate(self.level, self.score.as_mut_slice(), -factor * score, &column);
        let values = self.gram.as_mut_slice();
        for k in 0..n {
            accumulate(self.level, &mut values[k * n + k..(k + 1) * n], -factor * column[k], &column[k..]);
        }
    }

    /// Mean of the weights given which are on: D q.
    pub(super) fn mean(&self) -> DVector<f64> {
        DVector::from_fn(self.on.len(), |j, _| self.prior(j) * self.score[j])
    }

    /// Counts this sweep among `states`. Given which are on, the weights are normal around D q with the covariance D - D Q D.
    pub(super) fn count(&self, states: &mut Vec<State>) {
        let on: Vec<usize> = (0..self.on.len()).filter(|&j| self.on[j]).collect();
        if let Some(known) = states.iter_mut().find(|state| state.on == on) {
            known.weight += 1.0;
            return;
        }
        let mean = on.iter().map(|&j| self.prior(j) * self.score[j]).collect();
        let between = |j: usize, k: usize| self.prior(j) * self.gram[(j.max(k), j.min(k))] * self.prior(k);
        let own = |j: usize, k: usize| if j == k { self.prior(j) } else { 0.0 };
        let covariance = DMatrix::from_fn(on.len(), on.len(), |a, b| own(on[a], on[b]) - between(on[a], on[b]));
        states.push(State { weight: 1.0, on, mean, covariance });
    }

    /// Posterior variance of weight j given which are on.
    pub(super) fn variance(&self, j: usize) -> f64 {
        let prior = self.prior(j);
        (prior - prior * prior * self.gram[(j, j)]).max(0.0)
    }

    /// Prior variance of weight j where it exists.
    pub(super) fn prior_variance(&self, j: usize) -> f64 {
        self.candidates[j].variance
    }

    fn prior(&self, j: usize) -> f64 {
        if self.on[j] { self.candidates[j].variance } else { 0.0 }
    }
}
