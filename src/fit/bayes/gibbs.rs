//! Gibbs: which of many candidate weights of one neuron exist, everything else integrated out.

use crate::kernels::{Level, accumulate, rank_one_lower};
use nalgebra::{DMatrix, DVector};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// What a candidate weight is a priori: there with this log odds, and then normal with this mean and variance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub mean: f64,
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
/// With S the covariance of y under the weights that are on and the noise, and e what their prior means leave of y, it carries Q = X S^-1 X^T
/// and q = X S^-1 e over all candidates (rows of X). The log odds of the data with over without candidate j, of mean m and variance v, are then
/// -½ ln(1 + v Q_jj) + ½ (v q_j² + 2 m q_j - m² Q_jj) / (1 + v Q_jj), and switching it is a rank-one change of Q: a proposal costs O(1), a
/// change O(n²).
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
        let Candidate { mean, variance, log_odds } = self.candidates[j];
        let (gram, score) = (self.gram[(j, j)], self.score[j]);
        // As they are without j.
        let (gram, score) = match self.on[j] {
            false => (gram, score),
            true => {
                let without = 1.0 / (1.0 - variance * gram).max(f64::EPSILON);
                (gram * without, (score + mean * gram) * without)
            }
        };
        let spread = 1.0 + variance * gram;
        let gain = (variance * score * score + 2.0 * mean * score - mean * mean * gram) / spread;
        let odds = log_odds + 0.5 * (gain - spread.ln());
        1.0 / (1.0 + (-odds).exp())
    }

    /// Puts j in or takes it out.
    fn switch(&mut self, j: usize) {
        let sign = if self.on[j] { -1.0 } else { 1.0 };
        let (mean, variance) = (sign * self.candidates[j].mean, sign * self.candidates[j].variance);
        self.on[j] = !self.on[j];
        let n = self.score.len();
        let column: Vec<f64> = (0..n).map(|k| self.gram[(j.max(k), j.min(k))]).collect();
        let spread = 1.0 + variance * column[j];
        let factor = variance / spread;
        let found = (mean + variance * self.score[j]) / spread;
        accumulate(self.level, self.score.as_mut_slice(), -found, &column);
        rank_one_lower(self.level, self.gram.as_mut_slice(), -factor, &column);
    }

    /// Mean of the weights given which are on: m + D q, and zero of the others.
    pub(super) fn mean(&self) -> DVector<f64> {
        DVector::from_fn(self.on.len(), |j, _| if self.on[j] { self.mean_of(j) } else { 0.0 })
    }

    /// Mean of a weight that is on.
    fn mean_of(&self, j: usize) -> f64 {
        self.candidates[j].mean + self.candidates[j].variance * self.score[j]
    }

    /// Counts this sweep among `states`. Given which are on, the weights are normal around m + D q with the covariance D - D Q D.
    pub(super) fn count(&self, states: &mut Vec<State>) {
        let on: Vec<usize> = (0..self.on.len()).filter(|&j| self.on[j]).collect();
        if let Some(known) = states.iter_mut().find(|state| state.on == on) {
            known.weight += 1.0;
            return;
        }
        let mean = on.iter().map(|&j| self.mean_of(j)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    const SETS: usize = 1 << CANDIDATES;
    const CANDIDATES: usize = 4;
    const SAMPLES: usize = 6;

    /// Rows of X and y, which the second and the third weight made.
    fn data() -> (DMatrix<f64>, DVector<f64>) {
        let x = DMatrix::from_fn(CANDIDATES, SAMPLES, |j, k| ((3 * j + 2 * k) as f64).sin() + 0.3 * (j * k) as f64 / SAMPLES as f64);
        let noise = DVector::from_fn(SAMPLES, |k, _| 0.4 * (7.0 * k as f64).cos());
        (x.clone(), x.row(1).transpose() * 0.5 + x.row(2).transpose() * 0.4 + noise)
    }

    fn candidates() -> Vec<Candidate> {
        let one = |j: usize| Candidate {
            mean: [0.4, 0.4, 0.0, -0.3][j],
            variance: [0.02, 0.3, 0.2, 0.1][j],
            log_odds: [-1.0, -0.5, -2.0, 0.0][j],
        };
        (0..CANDIDATES).map(one).collect()
    }

    /// The chain on these data under noise of variance `NOISE`.
    fn chain() -> Chain {
        let (x, y) = data();
        Chain::new(candidates(), &x * x.transpose() / NOISE, &x * y / NOISE, &[false; CANDIDATES])
    }

    const NOISE: f64 = 0.2;

    /// By enumeration: probability of every set, and the mean of its weights.
    fn exact() -> Vec<(f64, DVector<f64>)> {
        let ((x, y), law) = (data(), candidates());
        let of = |set: usize| {
            let has = |j: usize| set >> j & 1 == 1;
            let prior = DMatrix::from_diagonal(&DVector::from_fn(CANDIDATES, |j, _| if has(j) { law[j].variance } else { 0.0 }));
            let centre = DVector::from_fn(CANDIDATES, |j, _| if has(j) { law[j].mean } else { 0.0 });
            let covariance = x.transpose() * &prior * &x + DMatrix::identity(SAMPLES, SAMPLES) * NOISE;
            let rest = &y - x.tr_mul(&centre);
            let (determinant, inverse) = (covariance.determinant(), covariance.try_inverse().unwrap());
            let odds: f64 = (0..CANDIDATES).filter(|&j| has(j)).map(|j| law[j].log_odds).sum();
            let log = odds - 0.5 * (determinant.ln() + rest.dot(&(&inverse * &rest)));
            (log.exp(), centre + prior * &x * inverse * rest)
        };
        let sets: Vec<(f64, DVector<f64>)> = (0..SETS).map(of).collect();
        let total: f64 = sets.iter().map(|set| set.0).sum();
        sets.into_iter().map(|(weight, mean)| (weight / total, mean)).collect()
    }

    #[test]
    fn the_chain_visits_every_set_as_often_as_it_is_probable() {
        let (mut chain, mut rng, sweeps) = (chain(), Seed(3).rng(), 100_000);
        let mut visits = [0.0; SETS];
        for _ in 0..sweeps {
            chain.sweep(&mut rng);
            visits[(0..CANDIDATES).filter(|&j| chain.on()[j]).map(|j| 1 << j).sum::<usize>()] += 1.0 / f64::from(sweeps);
        }
        for (set, (probability, _)) in exact().into_iter().enumerate() {
            assert!((visits[set] - probability).abs() < 0.01, "{set:b}: {} of {probability}", visits[set]);
        }
    }

    #[test]
    fn the_weights_of_a_set_have_their_exact_mean_and_a_set_can_be_left_again() {
        let (fresh, exact) = (chain(), exact());
        for (set, (_, expected)) in exact.into_iter().enumerate() {
            let mut chain = fresh.clone();
            let members: Vec<usize> = (0..CANDIDATES).filter(|&j| set >> j & 1 == 1).collect();
            members.iter().for_each(|&j| chain.switch(j));
            assert!((chain.mean() - expected).amax() < 1e-12, "{set:b}");
            members.iter().for_each(|&j| chain.switch(j));
            assert!((&chain.score - &fresh.score).amax() < 1e-10 && (&chain.gram - &fresh.gram).lower_triangle().amax() < 1e-10, "{set:b}");
        }
    }
}
