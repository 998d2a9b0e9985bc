//! Path: one factorisation of the rates that serves every penalty.

use crate::error::Result;
use crate::linalg::{Svd, product, svd};
use nalgebra::{DMatrix, DVector};

/// Y = J R (+ diag(g) U) in matrix form; columns are samples.
#[derive(Clone, Debug)]
pub(in crate::fit) struct Regression {
    /// R, sources × samples.
    pub rates: DMatrix<f64>,
    /// Y, targets × samples.
    pub targets: DMatrix<f64>,
    /// U, targets × samples: one regressor per target with a gain to be found.
    pub regressors: Option<DMatrix<f64>>,
}

/// J and, where there are regressors, their gains (otherwise empty).
#[derive(Clone, Debug)]
pub(in crate::fit) struct Solution {
    pub connectivity: DMatrix<f64>,
    pub gains: Vec<f64>,
}

impl Regression {
    /// The samples for which `keep` holds.
    pub(in crate::fit) fn samples(&self, keep: impl Fn(usize) -> bool) -> Regression {
        let chosen: Vec<usize> = (0..self.rates.ncols()).filter(|&k| keep(k)).collect();
        Regression {
            rates: self.rates.select_columns(&chosen),
            targets: self.targets.select_columns(&chosen),
            regressors: self.regressors.as_ref().map(|u| u.select_columns(&chosen)),
        }
    }

    /// u·u and u·y of every target.
    pub(in crate::fit) fn dots(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        self.regressors.as_ref().map(|u| {
            let dots = |a: &DMatrix<f64>| u.row_iter().zip(a.row_iter()).map(|(u, a)| u.dot(&a)).collect::<Vec<f64>>();
            (dots(u), dots(&self.targets))
        })
    }

    /// Squared error of a solution on these samples.
    pub(in crate::fit) fn error(&self, solution: &Solution) -> f64 {
        let mut rest = &self.targets - product(&solution.connectivity, &self.rates);
        if let Some(u) = &self.regressors {
            rest.row_iter_mut().zip(u.row_iter()).zip(&solution.gains).for_each(|((mut rest, u), &gain)| rest -= u * gain);
        }
        rest.norm_squared()
    }
}

/// R = U diag(s) V^T with the projections of the targets and regressors on V.
pub(in crate::fit) struct Path {
    svd: Svd,
    /// s_1, which penalties are relative to.
    largest: f64,
    targets_v: DMatrix<f64>,
    /// Projected regressors, and the dot products u·u and u·y of every target.
    regressors: Option<(DMatrix<f64>, Vec<f64>, Vec<f64>)>,
}

impl Path {
    pub(in crate::fit) fn new(regression: &Regression) -> Result<Self> {
        let svd = svd(&regression.rates)?;
        let targets_v = product(&regression.targets, &svd.v);
        let projected = regression.regressors.as_ref().map(|u| product(u, &svd.v));
        let regressors = projected.zip(regression.dots()).map(|(projected, (uu, uy))| (projected, uu, uy));
        Ok(Path { largest: svd.s[0], svd, targets_v, regressors })
    }

    /// Number of sources.
    pub(in crate::fit) fn size(&self) -> usize {
        self.svd.u.nrows()
    }

    /// Makes penalties relative to another singular value.
    pub(in crate::fit) fn set_largest(&mut self, largest: f64) {
        self.largest = largest;
    }

    /// u·u and u·y of every target, where the regression was a projected one.
    pub(in crate::fit) fn set_dots(&mut self, uu: Vec<f64>, uy: Vec<f64>) {
        if let Some(regressors) = &mut self.regressors {
            (regressors.1, regressors.2) = (uu, uy);
        }
    }

    /// Minimises |Y - J R - diag(g) U|² + lambda s_1² |J|² over J and g.
    ///
    /// For given g, J = (Y - diag(g) U) V diag(s / (s² + lambda s_1²)) W^T with R = W diag(s) V^T; put back, the problem for every g_i is a
    /// parabola with its minimum at u_i·M y_i / u_i·M u_i, where M removes from a time course what the rates explain of it.
    pub(in crate::fit) fn solve(&self, penalty: f64) -> Solution {
        let ridge = penalty * self.largest * self.largest;
        let gains = self.gains(ridge);
        let mut scaled = self.targets_v.clone();
        if let Some((u_v, ..)) = &self.regressors {
            scaled.row_iter_mut().zip(u_v.row_iter()).zip(&gains).for_each(|((mut row, u), &gain)| row -= u * gain);
        }
        let shrink = self.svd.s.map(|s| if s == 0.0 { 0.0 } else { s / (s * s + ridge) });
        scaled.column_iter_mut().zip(shrink.iter()).for_each(|(mut column, &factor)| column *= factor);
        Solution { connectivity: product(&scaled, &self.svd.u.transpose()), gains }
    }

    /// The J of rank `rank` at most that minimises the same without regressors: the ridge solution, projected on the leading left singular
    /// vectors of what it explains, (J R, √(lambda s_1²) J) (reduced-rank regression: Izenman 1975; Mukherjee & Zhu 2011).
    pub(in crate::fit) fn solve_low_rank(&self, penalty: f64, ranks: &[usize]) -> Result<Vec<DMatrix<f64>>> {
        let ridge = penalty * self.largest * self.largest;
        let mut explained = self.targets_v.clone();
        let factors = self.svd.s.map(|s| if s == 0.0 { 0.0 } else { s / (s * s + ridge).sqrt() });
        explained.column_iter_mut().zip(factors.iter()).for_each(|(mut column, &factor)| column *= factor);
        let leading = svd(&explained)?.u;
        let full = self.solve(penalty).connectivity;
        let projected = |&rank: &usize| {
            let basis = leading.columns(0, rank.min(leading.ncols())).into_owned();
            product(&basis, &product(&basis.transpose(), &full))
        };
        Ok(ranks.iter().map(projected).collect())
    }

    fn gains(&self, ridge: f64) -> Vec<f64> {
        let Some((u_v, uu, uy)) = &self.regressors else { return Vec::new() };
        let explained: DVector<f64> = self.svd.s.map(|s| if s == 0.0 { 0.0 } else { s * s / (s * s + ridge) });
        let inside = |a: &DMatrix<f64>, i: usize| (0..explained.len()).map(|j| u_v[(i, j)] * a[(i, j)] * explained[j]).sum::<f64>();
        (0..uu.len())
            .map(|i| {
                let left = uu[i] - inside(u_v, i);
                // What is left of a regressor that the rates explain is rounding: its gain is not defined, and zero is honest.
                if left <= 1e-12 * uu[i] { 0.0 } else { (uy[i] - inside(&self.targets_v, i)) / left }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regression(samples: usize) -> (DMatrix<f64>, Vec<f64>, Regression) {
        let wave = |a: f64, i: usize, k: usize| ((k as f64 + 1.0) * a * (1.0 + i as f64 * 0.37)).sin();
        let j = DMatrix::from_fn(6, 6, |i, k| ((i * 5 + k * 3) % 7) as f64 * 0.3 - 0.9);
        let gains: Vec<f64> = (0..6).map(|i| if i == 4 { 0.0 } else { 0.5 * i as f64 - 1.0 }).collect();
        let rates = DMatrix::from_fn(6, samples, |i, k| wave(0.7, i, k));
        let u = DMatrix::from_fn(6, samples, |i, k| wave(0.123, i, k).signum());
        let targets = &j * &rates + DMatrix::from_fn(6, samples, |i, k| gains[i] * u[(i, k)]);
        (j, gains, Regression { rates, targets, regressors: Some(u) })
    }

    #[test]
    fn weights_and_gains_are_found_together() {
        let (j, gains, regression) = regression(80);
        let solution = Path::new(&regression).unwrap().solve(0.0);
        assert!((solution.connectivity - j).amax() < 1e-9);
        assert!(solution.gains.iter().zip(gains).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn the_path_is_the_ridge_solution_of_the_normal_equations() {
        let (_, _, mut regression) = regression(80);
        regression.regressors = None;
        let path = Path::new(&regression).unwrap();
        for penalty in [1e-6, 1e-2, 1.0] {
            let gram = &regression.rates * regression.rates.transpose();
            let s1 = path.svd.s[0];
            let ridge = gram + DMatrix::identity(6, 6) * (penalty * s1 * s1);
            let expected = &regression.targets * regression.rates.transpose() * ridge.try_inverse().unwrap();
            assert!((path.solve(penalty).connectivity - expected).amax() < 1e-10);
        }
    }

    #[test]
    fn no_step_away_from_the_solution_is_better() {
        let (_, _, regression) = regression(40);
        let path = Path::new(&regression).unwrap();
        let penalty = 0.03;
        let ridge = penalty * path.svd.s[0].powi(2);
        let cost = |s: &Solution| regression.error(s) + ridge * s.connectivity.norm_squared();
        let best = path.solve(penalty);
        for k in 0..6 {
            for step in [-1e-3, 1e-3] {
                let (mut j, mut g) = (best.clone(), best.clone());
                j.connectivity[(k, (k * 2) % 6)] += step;
                g.gains[k] += step;
                assert!(cost(&j) > cost(&best) && cost(&g) > cost(&best));
            }
        }
    }
}
