//! Evidence: the Gaussian posterior, and the prior and noise variances under which the data are most probable.

use super::problem::{Group, Problem};
use super::scales::{candidates, scales};
use crate::error::Result;
use crate::linalg::{Svd, product, svd};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// What is learned beside J.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::fit) struct Variances {
    /// Prior variance of a weight, target region × source region.
    pub prior: DMatrix<f64>,
    /// What the prior variances of the weights on each target are multiplied by.
    pub scale: Vec<f64>,
    /// Noise variance of each target.
    pub noise: Vec<f64>,
}

impl Variances {
    /// Noise of a target in units of its scale: with the weights divided by the root of the scale, so is the noise.
    pub(in crate::fit) fn ratio(&self, target: usize) -> f64 {
        self.noise[target] / self.scale[target]
    }
}

/// The posterior of one group of targets: mean rows of J; covariance of target i = scale_i F diag(q_i / (s² + q_i)) F^T with
/// q_i = noise_i / scale_i.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Rows of J, targets of the group × its sources.
    pub mean: DMatrix<f64>,
    /// F = D^1/2 U, sources × directions, D the prior variances and D^1/2 L = U diag(s) V^T.
    pub directions: DMatrix<f64>,
    /// Posterior over prior variance along each direction, targets × directions.
    pub open: DMatrix<f64>,
    /// Squared residual of each target.
    pub residual: Vec<f64>,
    /// Share of each weight that the data determine, targets × sources: 1 - posterior / prior variance.
    determined: DMatrix<f64>,
}

impl Block {
    pub(super) fn new(problem: &Problem, group: &Group, variances: &Variances) -> Result<Self> {
        let (root, svd) = decomposed(problem, group, variances)?;
        let projected = product(&problem.targets.select_rows(&group.targets), &svd.v);
        let noise: Vec<f64> = group.targets.iter().map(|&target| variances.ratio(target)).collect();
        let open = DMatrix::from_fn(noise.len(), svd.s.len(), |i, k| noise[i] / (svd.s[k] * svd.s[k] + noise[i]));
        let shrunk = DMatrix::from_fn(noise.len(), svd.s.len(), |i, k| projected[(i, k)] * svd.s[k] / (svd.s[k] * svd.s[k] + noise[i]));
        let mut directions = svd.u;
        let determined = determined(&directions, &open);
        directions.row_iter_mut().zip(&root).for_each(|(mut row, root)| row *= *root);
        let mean = product(&shrunk, &directions.transpose());
        let outside = |i: usize| {
            // What the sources of this group cannot reach: outside of all rates, or of these.
            let target = group.targets[i];
            problem.outside[target] + (problem.targets.row(target).norm_squared() - projected.row(i).norm_squared()).max(0.0)
        };
        let squares = |i: usize| (0..svd.s.len()).map(|k| (projected[(i, k)] * open[(i, k)]).powi(2)).sum::<f64>();
        let residual = (0..noise.len()).map(|i| outside(i) + squares(i)).collect();
        Ok(Block { mean, directions, open, residual, determined })
    }

    /// Degrees of freedom that the fit of target i used.
    pub(super) fn used(&self, i: usize) -> f64 {
        self.open.row(i).iter().map(|open| 1.0 - open).sum()
    }
}

/// The diagonal of D^1/2, and D^1/2 L = U diag(s) V^T over the sources of the group.
pub(super) fn decomposed(problem: &Problem, group: &Group, variances: &Variances) -> Result<(Vec<f64>, Svd)> {
    let prior = |source: usize| variances.prior[(group.region, problem.region[source])];
    let root: Vec<f64> = group.sources.iter().zip(&group.relative).map(|(&source, relative)| (prior(source) * relative).sqrt()).collect();
    let mut scaled = problem.factor.select_rows(&group.sources);
    scaled.row_iter_mut().zip(&root).for_each(|(mut row, root)| row *= *root);
    Ok((root, svd(&scaled)?))
}

/// Sum over directions of (1 - open) U², targets × sources.
fn determined(u: &DMatrix<f64>, open: &DMatrix<f64>) -> DMatrix<f64> {
    product(&open.map(|o| 1.0 - o), &u.map(|value| value * value).transpose())
}

/// Gaussian posterior at the maximum of the evidence.
pub(super) struct Gaussian {
    pub groups: Vec<Group>,
    pub blocks: Vec<Block>,
    pub variances: Variances,
}

/// Maximises the evidence by MacKay's fixed point: a variance is the squared weights of its block over the number of them that the data
/// determine, a noise variance the squared residual over the samples that are left.
///
/// `iterations` 0 computes the posterior of the given `start` alone.
pub(super) fn maximise(problem: &Problem, start: Option<Variances>, iterations: usize) -> Result<Gaussian> {
    let groups = problem.groups();
    let mut variances = start.unwrap_or_else(|| first_guess(problem));
    let mut done = 0;
    loop {
        let blocks = groups.par_iter().map(|group| Block::new(problem, group, &variances)).collect::<Result<Vec<_>>>()?;
        if done == iterations {
            return Ok(Gaussian { groups, blocks, variances });
        }
        done += 1;
        let next = fixed_point(problem, &groups, &blocks, &variances);
        // The noise falls long after the weights have settled where there is next to none.
        let settled = largest_change(next.prior.as_slice(), variances.prior.as_slice()) < 1e-3
            && largest_change(&next.noise, &variances.noise) < 1e-2;
        variances = next;
        if settled {
            let blocks = groups.par_iter().map(|group| Block::new(problem, group, &variances)).collect::<Result<Vec<_>>>()?;
            return Ok(Gaussian { groups, blocks, variances });
        }
    }
}

/// Largest relative change of any of the values.
fn largest_change(new: &[f64], old: &[f64]) -> f64 {
    new.iter().zip(old).map(|(a, b)| (a / b).ln().abs()).fold(0.0, f64::max)
}

/// Weights of variance 1/N, and a hundredth of the power as noise.
fn first_guess(problem: &Problem) -> Variances {
    let count = problem.regions.count();
    let noise: Vec<f64> = problem.power.iter().enumerate().map(|(i, power)| (0.01 * power).max(problem.floor(i))).collect();
    Variances { prior: DMatrix::from_element(count, count, 1.0 / problem.neurons() as f64), scale: vec![1.0; noise.len()], noise }
}

fn fixed_point(problem: &Problem, groups: &[Group], blocks: &[Block], variances: &Variances) -> Variances {
    let count = problem.regions.count();
    let mut squares: DMatrix<f64> = DMatrix::zeros(problem.neurons(), count);
    let mut determined = squares.clone();
    let mut noise = variances.noise.clone();
    for (group, block) in groups.iter().zip(blocks) {
        for (i, &target) in group.targets.iter().enumerate() {
            for (j, (&source, relative)) in group.sources.iter().zip(&group.relative).enumerate() {
                let region = problem.region[source];
                squares[(target, region)] += block.mean[(i, j)].powi(2) / (relative * variances.prior[(group.region, region)]);
                determined[(target, region)] += block.determined[(i, j)];
            }
            let left = (problem.samples as f64 - block.used(i)).max(1e-3);
            noise[target] = (block.residual[i] / left).max(problem.floor(target));
        }
    }
    let prior = DMatrix::from_fn(count, count, |a, b| {
        let targets: Vec<usize> = (0..problem.neurons()).filter(|&i| problem.region[i] == a).collect();
        let ordinary: Vec<usize> = targets.iter().copied().filter(|&i| variances.scale[i] == 1.0).collect();
        let chosen = if ordinary.is_empty() { targets } else { ordinary };
        let sum = |of: &dyn Fn(usize) -> f64| chosen.iter().map(|&i| of(i)).sum::<f64>();
        let (squares, determined) = (sum(&|i| squares[(i, b)] / variances.scale[i]), sum(&|i| determined[(i, b)]));
        // A block that the data do not determine at all keeps a variance that is small beside any weight, so that its prior stays proper.
        (variances.prior[(a, b)] * squares / determined.max(1e-9)).max(1e-14)
    });
    Variances { prior, scale: scales(&squares, &determined, &candidates(&problem.power, &problem.region)), noise }
}
