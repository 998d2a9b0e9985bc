//! Prior: what an anatomy says of the weights that are fitted.

use crate::error::Result;
use crate::fit::wiring::{Rows, groups};
use crate::linalg::Cholesky;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// The penalty Σ theta_ki² / a_ik (theta = J^T), and theta_ki = 0 where a_ik = 0; without an anatomy all a are 1.
pub(super) struct Prior {
    known: Option<Known>,
}

struct Known {
    groups: Vec<Rows>,
    /// 1 / a, sources × targets; 0 where a is.
    inverse: DMatrix<f64>,
    /// Weights that may exist.
    allowed: usize,
}

/// A factorisation for every set of neurons with equal sources, or one for all.
pub(super) enum Factor {
    Shared(Cholesky),
    Grouped(Vec<(Rows, Option<Cholesky>)>),
}

impl Prior {
    /// `anatomy` is target × source.
    pub(super) fn new(anatomy: Option<&DMatrix<f64>>) -> Self {
        let known = |anatomy: &DMatrix<f64>| Known {
            groups: groups(anatomy),
            inverse: anatomy.transpose().map(|a| if a > 0.0 { 1.0 / a } else { 0.0 }),
            allowed: anatomy.iter().filter(|&&a| a > 0.0).count(),
        };
        Prior { known: anatomy.map(known) }
    }

    /// Half the slope of the penalty at `theta`.
    pub(super) fn penalised(&self, theta: &DMatrix<f64>) -> DMatrix<f64> {
        self.known.as_ref().map_or_else(|| theta.clone(), |known| theta.component_mul(&known.inverse))
    }

    /// The penalty of one neuron with these weights.
    pub(super) fn energy(&self, unit: usize, weights: &DVector<f64>) -> f64 {
        match &self.known {
            None => weights.norm_squared(),
            Some(known) => weights.iter().zip(known.inverse.column(unit).iter()).map(|(w, inverse)| w * w * inverse).sum(),
        }
    }

    /// Mean of theta² / a over the weights that may exist.
    pub(super) fn mean_square(&self, theta: &DMatrix<f64>) -> f64 {
        match &self.known {
            None => theta.norm_squared() / theta.len() as f64,
            Some(known) => theta.dot(&self.penalised(theta)) / known.allowed.max(1) as f64,
        }
    }

    /// `gram` + `penalty` / a over the sources that exist.
    pub(super) fn factorise(&self, gram: &DMatrix<f64>, penalty: f64) -> Result<Factor> {
        let regularised = |mut matrix: DMatrix<f64>, inverse: &dyn Fn(usize) -> f64| {
            (0..matrix.nrows()).for_each(|i| matrix[(i, i)] += penalty * inverse(i));
            Cholesky::new(&matrix)
        };
        let Some(known) = &self.known else { return Ok(Factor::Shared(regularised(gram.clone(), &|_| 1.0)?)) };
        let of_group = |rows: &Rows| {
            if rows.sources.is_empty() {
                return Ok((rows.clone(), None));
            }
            let part = gram.select_rows(&rows.sources).select_columns(&rows.sources);
            Ok((rows.clone(), Some(regularised(part, &|i| 1.0 / rows.variances[i])?)))
        };
        Ok(Factor::Grouped(known.groups.par_iter().map(of_group).collect::<Result<_>>()?))
    }
}

impl Factor {
    /// Every column (a neuron) of `right` through the factorisation of its neuron; 0 where there is no synapse.
    pub(super) fn solve(&self, right: &DMatrix<f64>) -> DMatrix<f64> {
        let groups = match self {
            Factor::Shared(factor) => return factor.solve(right),
            Factor::Grouped(groups) => groups,
        };
        let mut solution = DMatrix::zeros(right.nrows(), right.ncols());
        for (rows, factor) in groups {
            let Some(factor) = factor else { continue };
            let part = factor.solve(&right.select_columns(&rows.targets).select_rows(&rows.sources));
            for (at, &target) in rows.targets.iter().enumerate() {
                rows.sources.iter().enumerate().for_each(|(k, &source)| solution[(source, target)] = part[(k, at)]);
            }
        }
        solution
    }
}
