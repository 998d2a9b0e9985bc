//! Gains: inputs of known time course, each neuron's gain to its own inferred along with J.

use super::evidence::{Variances, decomposed, maximise};
use super::learned::Data;
use super::problem::{Group, Problem, Reduction};
use crate::error::Result;
use crate::linalg::product;
use crate::recording::Recording;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::ops::Range;

/// Turns of gains given variances, and variances given gains.
const TURNS: usize = 30;
/// Iterations of the evidence in each.
const ITERATIONS: usize = 10;
/// A turn that moves no gain by more than this share of its deviation is the last.
const SETTLED: f64 = 1e-2;
/// What is left of an input below this share of it is rounding.
const ROUNDING: f64 = 1e-12;

/// y_i = J_i r + g_i u_i + noise with a flat prior on every g_i: with J integrated out, g_i is normal around
/// u_i·M^-1 y_i / u_i·M^-1 u_i with the variance 1 / u_i·M^-1 u_i, M = R^T V_i R + s² 1 the covariance of y_i over time.
pub(in crate::fit) struct Gains {
    /// Posterior mean of g, one per neuron; 0 for one that receives nothing, or nothing but what rates explain.
    pub mean: Vec<f64>,
    /// Posterior variance of g.
    variance: Vec<f64>,
    /// -dJ/dg: the J that explains the input itself as well as it can, targets × sources.
    shadow: DMatrix<f64>,
}

/// The inputs, in the form of the problem.
struct Inputs<'a> {
    values: &'a DMatrix<f64>,
    /// U Q, and |u_i|² and u_i·y_i outside of the span of the rates.
    inside: DMatrix<f64>,
    squares: Vec<f64>,
    products: Vec<f64>,
}

impl Gains {
    /// `inputs` (neurons × samples of `data`) are what the gains multiply; `data` still holds them.
    pub(super) fn infer(data: &Data, inputs: &DMatrix<f64>, model: &Recording) -> Result<Self> {
        let reduction = Reduction::new(&data.rates);
        let (inside, left) = reduction.project(inputs);
        let outside = reduction.project(&data.targets).1;
        let dots = |other: &DMatrix<f64>| left.row_iter().zip(other.row_iter()).map(|(a, b)| a.dot(&b)).collect();
        let inputs = Inputs { values: inputs, squares: dots(&left), products: dots(&outside), inside };
        let problem = |targets: &DMatrix<f64>| Problem::reduced(&reduction, targets, model, model.anatomy.as_ref());
        let whole = problem(&data.targets);
        let mut variances: Option<Variances> = None;
        let mut gains = Gains { mean: vec![0.0; model.neurons()], variance: Vec::new(), shadow: DMatrix::zeros(0, 0) };
        for _ in 0..TURNS {
            let learned = maximise(&problem(&gains.removed(&data.targets, inputs.values)), variances, ITERATIONS)?.variances;
            let next = Self::given(&whole, &inputs, &learned)?;
            let moved = |i: usize| (next.mean[i] - gains.mean[i]).abs() > SETTLED * next.variance[i].sqrt();
            let settled = !(0..next.mean.len()).any(moved);
            (gains, variances) = (next, Some(learned));
            if settled {
                break;
            }
        }
        Ok(gains)
    }

    /// The gains under these variances.
    fn given(problem: &Problem, inputs: &Inputs, variances: &Variances) -> Result<Self> {
        let groups = problem.groups();
        let parts: Vec<Vec<Gain>> = groups.par_iter().map(|group| of_group((problem, group), inputs, variances)).collect::<Result<_>>()?;
        let count = problem.neurons();
        let mut gains = Gains { mean: vec![0.0; count], variance: vec![0.0; count], shadow: DMatrix::zeros(count, count) };
        for (group, part) in groups.iter().zip(parts) {
            for (&target, gain) in group.targets.iter().zip(part) {
                (gains.mean[target], gains.variance[target]) = (gain.mean, gain.variance);
                group.sources.iter().zip(gain.shadow).for_each(|(&source, weight)| gains.shadow[(target, source)] = weight);
            }
        }
        Ok(gains)
    }

    /// Every input times its gain.
    pub(super) fn apply(&self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        DMatrix::from_fn(inputs.nrows(), inputs.ncols(), |i, k| self.mean[i] * inputs[(i, k)])
    }

    fn removed(&self, targets: &DMatrix<f64>, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        targets - self.apply(inputs)
    }

    /// Variance of the current of one target from `source`, whose `rates` are sources × samples, that the gains leave open.
    pub(super) fn open(&self, target: usize, source: &Range<usize>, rates: &DMatrix<f64>) -> Vec<f64> {
        let shadow = self.shadow.view((target, source.start), (1, source.len())).transpose();
        rates.tr_mul(&shadow).iter().map(|along| self.variance[target] * along * along).collect()
    }

    /// The same of one weight.
    pub(super) fn open_weight(&self, target: usize, source: usize) -> f64 {
        self.variance[target] * self.shadow[(target, source)].powi(2)
    }
}

/// One neuron's gain, and the weights from the sources of its group that explain its input.
struct Gain {
    mean: f64,
    variance: f64,
    shadow: Vec<f64>,
}

fn of_group((problem, group): (&Problem, &Group), inputs: &Inputs, variances: &Variances) -> Result<Vec<Gain>> {
    let (root, svd) = decomposed(problem, group, variances)?;
    let targets = problem.targets.select_rows(&group.targets);
    let values = inputs.inside.select_rows(&group.targets);
    let (y, u) = (product(&targets, &svd.v), product(&values, &svd.v));
    let gain = |(i, &target): (usize, &usize)| {
        let (noise, ratio) = (variances.noise[target], variances.ratio(target));
        let open = |k: usize| ratio / (svd.s[k] * svd.s[k] + ratio);
        // s² a·M^-1 b: what no source can reach counts fully.
        let left = |a: &DMatrix<f64>, all: f64| all + (0..svd.s.len()).map(|k| (open(k) - 1.0) * u[(i, k)] * a[(i, k)]).sum::<f64>();
        let whole = inputs.squares[target] + values.row(i).norm_squared();
        if whole == 0.0 {
            return Gain { mean: 0.0, variance: 0.0, shadow: vec![0.0; root.len()] };
        }
        let square = left(&u, whole);
        let both = left(&y, inputs.products[target] + values.row(i).dot(&targets.row(i)));
        let mean = if square > ROUNDING * whole { both / square } else { 0.0 };
        let along = svd.s.map_with_location(|k, _, s| u[(i, k)] * s / (s * s + ratio));
        let shadow = (&svd.u * along).iter().zip(&root).map(|(weight, root)| weight * root).collect();
        Gain { mean, variance: noise / square.max(ROUNDING * whole), shadow }
    };
    Ok(group.targets.iter().enumerate().map(gain).collect())
}
