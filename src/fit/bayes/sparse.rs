//! Sparse: weights between regions that exist or do not, learned together with how many exist and how large they are.

use super::evidence::{Gaussian, Variances};
use super::gibbs::{Candidate, Chain, State};
use super::problem::Problem;
use super::row::Row;
use crate::error::Result;
use crate::linalg::{product, svd};
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Weights as large as the others, but of either sign, that are assumed beforehand, so that a few are not taken for all alike. A tenth or a whole one in
/// their place moves no share in `studies/coverage.toml` by more than 0.01.
const EITHER_SIGN: f64 = 0.3;
/// Weights of either sign have a mean of zero: theirs is taken for more where it is beyond so many of its standard deviations. Without this few data make
/// a mean by chance, and then the chains find weights of that sign.
const CLEAR: f64 = 3.0;

/// Hyperparameters of the sparse model.
#[derive(Clone, Debug)]
pub(super) struct Hyper {
    /// Prior variance of a weight that exists, and the noise.
    pub variances: Variances,
    /// Prior mean of a weight that exists, target region × source region.
    pub mean: DMatrix<f64>,
    /// Probability that a weight exists, target region × source region.
    pub share: DMatrix<f64>,
}

impl Hyper {
    /// Few weights that carry all of the Gaussian variance of their block.
    pub(super) fn start(gaussian: &Gaussian, share: f64) -> Self {
        let mut variances = gaussian.variances.clone();
        let count = variances.prior.nrows();
        (0..count).for_each(|a| (0..count).filter(|&b| b != a).for_each(|b| variances.prior[(a, b)] /= share));
        Hyper { share: DMatrix::from_element(count, count, share), mean: DMatrix::zeros(count, count), variances }
    }
}

/// The weights within a region of targets that share them a priori, integrated out.
struct Within {
    region: usize,
    targets: Vec<usize>,
    /// Sources between regions: the candidates.
    between: Vec<usize>,
    /// Own sources with a synapse.
    own: Vec<usize>,
    /// F = D^1/2 U, own sources × directions.
    directions: DMatrix<f64>,
    /// Singular values of D^1/2 L_own, padded with zeros to all directions of the data.
    s: DVector<f64>,
    /// L_between V and Z V: candidates and targets × directions of the data.
    reach: DMatrix<f64>,
    projected: DMatrix<f64>,
}

/// What the chain of one neuron tells.
pub(super) struct Told {
    pub target: usize,
    pub on: Vec<bool>,
    /// Mean of the row of J.
    pub mean: DVector<f64>,
    /// The law of the row; only asked for in the last round.
    pub row: Option<Row>,
    residual: f64,
    used: f64,
    /// Of the weights that exist, per source region.
    counts: Vec<Count>,
}

/// Expected number of the weights that exist, expected sum of them (over the root of the relative variance) and of their squares (over it).
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    exist: f64,
    sum: f64,
    squares: f64,
}

impl Count {
    fn add(&mut self, other: &Count) {
        *self = Count { exist: self.exist + other.exist, sum: self.sum + other.sum, squares: self.squares + other.squares };
    }
}

/// One round: `sweeps.0` sweeps to settle, `sweeps.1` to average over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub settle: usize,
    pub average: usize,
    pub row: bool,
}

/// Runs the chains of all neurons under `hyper`, from the states in `on` (empty at first), and passes what each tells through `keep`: the
/// laws of all rows at once would be N³ numbers. In the order of the neurons.
pub(super) fn round<T: Send>(
    (problem, hyper): (&Problem, &Hyper),
    on: &[Vec<bool>],
    round: Round,
    seed: Seed,
    keep: impl Fn(Told) -> T + Sync,
) -> Result<Vec<T>> {
    let groups = withins(problem, &hyper.variances)?;
    let jobs: Vec<(usize, &Within)> = groups.iter().flat_map(|group| (0..group.targets.len()).map(move |i| (i, group))).collect();
    let run = |&(i, group): &(usize, &Within)| (group.targets[i], keep(group.run((problem, hyper), (i, on), round, seed)));
    let mut told: Vec<(usize, T)> = jobs.par_iter().with_max_len(1).map(run).collect();
    told.sort_by_key(|&(target, _)| target);
    Ok(told.into_iter().map(|(_, told)| told).collect())
}

/// Hyperparameters under which what the chains saw is most probable.
pub(super) fn maximise(problem: &Problem, hyper: &Hyper, told: &[Told]) -> Hyper {
    let count = problem.regions.count();
    let mut next = hyper.clone();
    let mut counts = vec![(Count::default(), 0.0); count * count];
    for told in told {
        let region = problem.region[told.target];
        let left = (problem.samples as f64 - told.used).max(1e-3);
        next.variances.noise[told.target] = (told.residual / left).max(problem.floor(told.target));
        for (b, found) in told.counts.iter().enumerate().filter(|&(b, _)| b != region) {
            let (cell, room) = &mut counts[region * count + b];
            cell.add(found);
            *room += possible(problem, told.target, b);
        }
    }
    for (cell, (found, possible)) in counts.into_iter().enumerate().filter(|(_, counts)| counts.1 > 0.0) {
        let (a, b) = (cell / count, cell % count);
        // One weight that exists and one that does not are assumed beforehand, so that a share is never zero or one.
        next.share[(a, b)] = (found.exist + 1.0) / (possible + 2.0);
        if found.exist > 0.1 {
            let size = found.squares / found.exist;
            let clear = found.sum.abs() > CLEAR * found.squares.sqrt();
            next.mean[(a, b)] = if clear { found.sum / (found.exist + EITHER_SIGN) } else { 0.0 };
            next.variances.prior[(a, b)] = (size - next.mean[(a, b)].powi(2)).max(1e-14);
        }
    }
    next
}

fn possible(problem: &Problem, target: usize, region: usize) -> f64 {
    let sources = (0..problem.neurons()).filter(|&j| problem.region[j] == region);
    sources.filter(|&j| problem.anatomy.as_ref().is_none_or(|a| a[(target, j)] > 0.0)).count() as f64
}

/// Targets grouped by their region and what is known of their wiring within it.
fn withins(problem: &Problem, variances: &Variances) -> Result<Vec<Within>> {
    let mut groups: BTreeMap<(usize, Vec<u64>), Vec<usize>> = BTreeMap::new();
    for target in 0..problem.neurons() {
        let region = problem.region[target];
        let known = problem.anatomy.as_ref().map_or(Vec::new(), |anatomy| {
            (0..problem.neurons()).filter(|&j| problem.region[j] == region).map(|j| anatomy[(target, j)].to_bits()).collect()
        });
        groups.entry((region, known)).or_default().push(target);
    }
    let groups: Vec<(usize, Vec<usize>)> = groups.into_iter().map(|((region, _), targets)| (region, targets)).collect();
    groups.into_par_iter().map(|(region, targets)| Within::new(problem, variances, region, targets)).collect()
}

impl Within {
    fn new(problem: &Problem, variances: &Variances, region: usize, targets: Vec<usize>) -> Result<Self> {
        let n = problem.neurons();
        let relative = |source: usize| problem.anatomy.as_ref().map_or(1.0, |anatomy| anatomy[(targets[0], source)]);
        let own: Vec<usize> = (0..n).filter(|&j| problem.region[j] == region && relative(j) > 0.0).collect();
        let between: Vec<usize> = (0..n).filter(|&j| problem.region[j] != region).collect();
        let root: Vec<f64> = own.iter().map(|&j| (variances.prior[(region, region)] * relative(j)).sqrt()).collect();
        // Rows of zeros make the matrix square, so that V spans all directions of the data.
        let scaled = DMatrix::from_fn(n, n, |j, k| if j < own.len() { root[j] * problem.factor[(own[j], k)] } else { 0.0 });
        let svd = svd(&scaled)?;
        let directions = DMatrix::from_fn(own.len(), n, |j, k| root[j] * svd.u[(j, k)]);
        let reach = product(&problem.factor.select_rows(&between), &svd.v);
        let projected = product(&problem.targets.select_rows(&targets), &svd.v);
        Ok(Within { region, targets, between, own, directions, s: svd.s, reach, projected })
    }

    /// The chain of the i-th target, in units of the root of its scale: that leaves the prior variances of the blocks and a noise over scale.
    fn run(&self, (problem, hyper): (&Problem, &Hyper), (i, on): (usize, &[Vec<bool>]), round: Round, seed: Seed) -> Told {
        let target = self.targets[i];
        let (noise, scale) = (hyper.variances.ratio(target), hyper.variances.scale[target]);
        let weight = self.s.map(|s| 1.0 / (s * s + noise));
        let mut weighted = self.reach.clone();
        weighted.column_iter_mut().zip(weight.iter()).for_each(|(mut column, w)| column *= *w);
        let data = self.projected.row(i).transpose() / scale.sqrt();
        let score = &weighted * &data;
        let gram = product(&weighted, &self.reach.transpose());
        let none = vec![false; self.between.len()];
        let mut chain = Chain::new(self.candidates(problem, hyper, target), gram, score, on.get(target).unwrap_or(&none));
        let mut rng = seed.child("chain").trial(target as u64).rng();
        (0..round.settle).for_each(|_| chain.sweep(&mut rng));
        let mut sums = Sums::new(self.between.len(), problem.regions.count(), round.row);
        for _ in 0..round.average {
            chain.sweep(&mut rng);
            sums.add(&chain, |j| problem.region[self.between[j]], |j| self.relative(problem, target, j));
        }
        self.tell(problem, (i, noise, scale), chain, sums.average(round.average as f64))
    }

    fn relative(&self, problem: &Problem, target: usize, candidate: usize) -> f64 {
        problem.anatomy.as_ref().map_or(1.0, |anatomy| anatomy[(target, self.between[candidate])])
    }

    fn candidates(&self, problem: &Problem, hyper: &Hyper, target: usize) -> Vec<Candidate> {
        let candidate = |j: usize| {
            let cell = (self.region, problem.region[self.between[j]]);
            let (share, relative) = (hyper.share[cell], self.relative(problem, target, j));
            let log_odds = if relative > 0.0 { (share / (1.0 - share)).ln() } else { f64::NEG_INFINITY };
            let variance = hyper.variances.prior[cell] * relative.max(f64::MIN_POSITIVE);
            Candidate { mean: hyper.mean[cell] * relative.sqrt(), variance, log_odds }
        };
        (0..self.between.len()).map(candidate).collect()
    }

    /// Puts the weights within the region back: linear in those between, so their law follows exactly.
    fn tell(&self, problem: &Problem, (i, noise, scale): (usize, f64, f64), chain: Chain, sums: Sums) -> Told {
        let target = self.targets[i];
        let gain = self.s.map(|s| s / (s * s + noise));
        let open = self.s.map(|s| noise / (s * s + noise));
        let data = self.projected.row(i).transpose() / scale.sqrt();
        let rest = &data - self.reach.tr_mul(&sums.mean);
        let own = &self.directions * rest.component_mul(&gain);
        let mut mean = DVector::zeros(problem.neurons());
        self.own.iter().zip(own.iter()).for_each(|(&j, &w)| mean[j] = w);
        self.between.iter().zip(sums.mean.iter()).for_each(|(&j, &w)| mean[j] = w);
        mean *= scale.sqrt();
        let residual = problem.outside[target] + scale * rest.component_mul(&open).norm_squared();
        let used = open.iter().map(|open| 1.0 - open).sum::<f64>() + sums.used;
        let row = sums.states.map(|states| self.row((data, &gain, &open), scale, states));
        Told { target, on: chain.on().to_vec(), mean, row, residual, used, counts: sums.counts }
    }

    /// The law of the whole row, of which the chain went through `states`.
    fn row(&self, (rest, gain, open): (DVector<f64>, &DVector<f64>, &DVector<f64>), scale: f64, states: Vec<State>) -> Row {
        let scaled = |by: &DVector<f64>| {
            let mut matrix = self.directions.clone();
            matrix.column_iter_mut().zip(by.iter()).for_each(|(mut column, value)| column *= *value);
            matrix
        };
        let along = scaled(gain);
        Row {
            own: self.own.clone(),
            between: self.between.clone(),
            alone: &along * rest,
            half: scaled(&open.map(f64::sqrt)),
            follow: -product(&along, &self.reach.transpose()),
            states,
            scale,
        }
    }
}

/// Sums over the sweeps of a chain.
struct Sums {
    mean: DVector<f64>,
    states: Option<Vec<State>>,
    used: f64,
    counts: Vec<Count>,
}

impl Sums {
    fn new(candidates: usize, regions: usize, states: bool) -> Self {
        Sums { mean: DVector::zeros(candidates), states: states.then(Vec::new), used: 0.0, counts: vec![Count::default(); regions] }
    }

    fn add(&mut self, chain: &Chain, region: impl Fn(usize) -> usize, relative: impl Fn(usize) -> f64) {
        let mean = chain.mean();
        for j in (0..mean.len()).filter(|&j| chain.on()[j]) {
            let (variance, relative) = (chain.variance(j), relative(j));
            let squares = (mean[j] * mean[j] + variance) / relative;
            self.counts[region(j)].add(&Count { exist: 1.0, sum: mean[j] / relative.sqrt(), squares });
            self.used += 1.0 - variance / chain.prior_variance(j);
        }
        if let Some(states) = &mut self.states {
            chain.count(states);
        }
        self.mean += mean;
    }

    fn average(mut self, sweeps: f64) -> Self {
        self.mean /= sweeps;
        self.used /= sweeps;
        self.counts
            .iter_mut()
            .for_each(|count| *count = Count { exist: count.exist / sweeps, sum: count.sum / sweeps, squares: count.squares / sweeps });
        self
    }
}
