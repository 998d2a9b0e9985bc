//! Wired: a J of low rank of which an anatomy takes weights away.

use crate::error::Result;
use crate::fit::ridge::path::Regression;
use crate::fit::ridge::paths::Paths;
use crate::fit::wiring::{Rows, groups};
use crate::linalg::{Cholesky, orthonormalise, product, singular_values, svd};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Relative to the largest squared singular value of the rates: the products of rates hold no more digits than that.
const LEAST_PENALTY: f64 = 1e-14;
/// Most rounds of the search.
const ROUNDS: usize = 300;
/// Share of the cost by which a round lowers it, below which it is the last.
const CONVERGED: f64 = 1e-4;
/// Most steps of conjugate gradients in a round, and the residual at which they end, relative to the right-hand side.
const STEPS: usize = 50;
const RESIDUAL: f64 = 1e-5;

/// The minimum over U and V (neurons × rank each) of |Y - J R|² + lambda s_1² |U V^T|² with J_ik = √a_ik (U V^T)_ik.
///
/// It is found row by row for U with V held, and for V with U held by conjugate gradients, in turn. The second step is exact at once where all
/// a_ik are equal: with orthonormal U, its preconditioner (columns of V apart from each other and alike) is then the whole matrix.
pub(super) struct Wired {
    paths: Paths,
    groups: Vec<Rows>,
    /// √a, targets × sources.
    roots: DMatrix<f64>,
    /// R R^T, sources × sources.
    gram: DMatrix<f64>,
    /// Y R^T, targets × sources.
    cross: DMatrix<f64>,
    /// s_1², the largest eigenvalue of R R^T.
    largest: f64,
    /// |Y|².
    total: f64,
}

impl Wired {
    pub(super) fn new(regression: &Regression, anatomy: &DMatrix<f64>) -> Result<Self> {
        let turned = regression.rates.transpose();
        let gram = product(&regression.rates, &turned);
        Ok(Wired {
            paths: Paths::new(regression, Some(anatomy))?,
            groups: groups(anatomy),
            roots: anatomy.map(f64::sqrt),
            largest: singular_values(&gram)?[0],
            gram,
            cross: product(&regression.targets, &turned),
            total: regression.targets.norm_squared(),
        })
    }

    /// J of these ranks at most, at a penalty relative to s_1²; where the rank is that of a J without limits, the minimum is the ridge solution.
    pub(super) fn solve(&self, penalty: f64, ranks: &[usize]) -> Result<Vec<DMatrix<f64>>> {
        let full = self.paths.solve(penalty).connectivity;
        let ridge = penalty.max(LEAST_PENALTY) * self.largest;
        let mut metric = self.gram.clone();
        (0..metric.nrows()).for_each(|k| metric[(k, k)] += ridge);
        // The directions in which the ridge solution explains most.
        let leading = svd(&product(&product(&full, &metric), &full.transpose()))?.u;
        let of_rank = |&rank: &usize| {
            if rank >= full.nrows() { Ok(full.clone()) } else { self.search(ridge, leading.columns(0, rank).into_owned()) }
        };
        ranks.iter().map(of_rank).collect()
    }

    /// From these directions of the targets (orthonormal columns) to the minimum near them.
    fn search(&self, ridge: f64, mut u: DMatrix<f64>) -> Result<DMatrix<f64>> {
        let mut v = DMatrix::zeros(u.nrows(), u.ncols());
        let mut before = 0.0;
        for _ in 0..ROUNDS {
            v = self.sources(ridge, &u, v)?;
            orthonormalise(&mut v);
            let explained;
            (u, explained) = self.targets(ridge, &v)?;
            if explained - before <= CONVERGED * (self.total - explained) {
                break;
            }
            before = explained;
            // Orthonormal columns with the same product U V^T.
            v *= orthonormalise(&mut u).transpose();
        }
        Ok(product(&u, &v.transpose()).component_mul(&self.roots))
    }

    /// The best U for a V with orthonormal columns, and by how much it lowers the cost below |Y|².
    fn targets(&self, ridge: f64, v: &DMatrix<f64>) -> Result<(DMatrix<f64>, f64)> {
        let rank = v.ncols();
        let solve = |rows: &Rows| -> Result<(DMatrix<f64>, DMatrix<f64>)> {
            let mut chosen = v.select_rows(&rows.sources);
            chosen.row_iter_mut().zip(&rows.variances).for_each(|(mut row, variance)| row *= variance.sqrt());
            let gram = self.gram.select_rows(&rows.sources).select_columns(&rows.sources);
            let cross = self.cross.select_rows(&rows.targets).select_columns(&rows.sources);
            let metric = product(&chosen.transpose(), &product(&gram, &chosen)) + DMatrix::identity(rank, rank) * ridge;
            let right = product(&cross, &chosen).transpose();
            Ok((Cholesky::new(&metric)?.solve(&right), right))
        };
        let found = self.groups.par_iter().map(solve).collect::<Result<Vec<_>>>()?;
        let (mut u, mut explained) = (DMatrix::zeros(v.nrows(), rank), 0.0);
        for (rows, (part, right)) in self.groups.iter().zip(&found) {
            rows.targets.iter().zip(part.column_iter()).for_each(|(&i, column)| u.set_row(i, &column.transpose()));
            explained += part.dot(right);
        }
        Ok((u, explained))
    }

    /// The best V for a U with orthonormal columns, from `v` on.
    fn sources(&self, ridge: f64, u: &DMatrix<f64>, mut v: DMatrix<f64>) -> Result<DMatrix<f64>> {
        let right = product(&self.cross.component_mul(&self.roots).transpose(), u);
        let enough = RESIDUAL * right.norm();
        let precondition = self.columns_alike(ridge, u)?;
        let mut residual = &right - self.curvature(ridge, u, &v);
        let mut better = precondition.solve(&residual);
        let mut direction = better.clone();
        for _ in 0..STEPS {
            if residual.norm() <= enough {
                break;
            }
            let bent = self.curvature(ridge, u, &direction);
            let slope = residual.dot(&better);
            let step = slope / direction.dot(&bent);
            v += &direction * step;
            residual -= bent * step;
            better = precondition.solve(&residual);
            direction = &better + direction * (residual.dot(&better) / slope);
        }
        Ok(v)
    }

    /// Half the second derivative of the cost along `v`.
    fn curvature(&self, ridge: f64, u: &DMatrix<f64>, v: &DMatrix<f64>) -> DMatrix<f64> {
        let j = product(u, &v.transpose()).component_mul(&self.roots);
        product(&product(&j, &self.gram).component_mul(&self.roots).transpose(), u) + v * ridge
    }

    /// The curvature with columns of V apart from each other and alike.
    fn columns_alike(&self, ridge: f64, u: &DMatrix<f64>) -> Result<Cholesky> {
        let weight = |i: usize| u.row(i).norm() / (u.ncols() as f64).sqrt();
        let scaled = DMatrix::from_fn(u.nrows(), u.nrows(), |i, k| self.roots[(i, k)] * weight(i));
        let weights = product(&scaled.transpose(), &scaled);
        Cholesky::new(&(weights.component_mul(&self.gram) + DMatrix::identity(u.nrows(), u.nrows()) * ridge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::ridge::path::Path;

    fn wave(a: f64, i: usize, k: usize) -> f64 {
        ((k as f64 + 1.0) * a * (1.0 + i as f64 * 0.37)).sin()
    }

    fn regression(neurons: usize) -> Regression {
        let rates = DMatrix::from_fn(neurons, 90, |i, k| wave(0.7, i, k));
        let targets = DMatrix::from_fn(neurons, 90, |i, k| wave(0.3, k % 6, i) + wave(0.51, i, k) + rates[(i / 2, k)]);
        Regression { rates, targets, regressors: None }
    }

    fn cost(regression: &Regression, ridge: f64, (u, v): (&DMatrix<f64>, &DMatrix<f64>), anatomy: &DMatrix<f64>) -> f64 {
        let x = u * v.transpose();
        (&regression.targets - x.component_mul(&anatomy.map(f64::sqrt)) * &regression.rates).norm_squared() + ridge * x.norm_squared()
    }

    #[test]
    fn an_anatomy_of_ones_changes_nothing() {
        let regression = regression(9);
        let (wired, path) = (Wired::new(&regression, &DMatrix::from_element(9, 9, 1.0)).unwrap(), Path::new(&regression).unwrap());
        for penalty in [1e-8, 1e-3] {
            let (found, expected) = (wired.solve(penalty, &[1, 4, 9]).unwrap(), path.solve_low_rank(penalty, &[1, 4, 9]).unwrap());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).norm() < 1e-5 * expected.norm(), "{penalty}: {}", (found - expected).norm() / expected.norm());
            }
        }
    }

    #[test]
    fn no_step_away_from_what_is_found_is_better() {
        let regression = regression(9);
        let anatomy = DMatrix::from_fn(9, 9, |i, k| if i == 5 || (i * 3 + k * 5).is_multiple_of(4) { 0.0 } else { 0.2 + (k % 3) as f64 });
        let (wired, penalty) = (Wired::new(&regression, &anatomy).unwrap(), 1e-4);
        let ridge = penalty * wired.largest;
        for rank in [1, 3] {
            let mut u = svd(&regression.targets).unwrap().u.columns(0, rank).into_owned();
            orthonormalise(&mut u);
            let v = wired.sources(ridge, &u, DMatrix::zeros(9, rank)).unwrap();
            let at = cost(&regression, ridge, (&u, &v), &anatomy);
            let mut basis = v.clone();
            orthonormalise(&mut basis);
            let (best, explained) = wired.targets(ridge, &basis).unwrap();
            let below = cost(&regression, ridge, (&best, &basis), &anatomy);
            assert!((regression.targets.norm_squared() - explained - below).abs() < 1e-9 * below);
            assert!(below <= at);
            for step in [-1e-3, 1e-3] {
                for which in 0..9 * rank {
                    let (mut other_v, mut other_u) = (v.clone(), best.clone());
                    other_v[which] += step;
                    assert!(cost(&regression, ridge, (&u, &other_v), &anatomy) > at);
                    other_u[which] += step;
                    assert!(cost(&regression, ridge, (&other_u, &basis), &anatomy) > below);
                }
            }
            let j = wired.solve(penalty, &[rank]).unwrap().remove(0);
            assert!(j.iter().zip(&anatomy).all(|(j, a)| *a > 0.0 || *j == 0.0));
        }
    }

    #[test]
    fn exact_data_reveal_a_masked_product_of_vectors() {
        let (neurons, rank) = (12, 2);
        let (u, v) = (DMatrix::from_fn(neurons, rank, |i, k| wave(0.9, k, i)), DMatrix::from_fn(neurons, rank, |i, k| wave(1.3, k, i)));
        let anatomy = DMatrix::from_fn(neurons, neurons, |i, k| if (i * 7 + k * 5).is_multiple_of(3) { 0.0 } else { 1.0 });
        let j = (&u * v.transpose()).component_mul(&anatomy);
        let rates = DMatrix::from_fn(neurons, 60, |i, k| wave(0.7, i, k));
        let wired = Wired::new(&Regression { targets: &j * &rates, rates, regressors: None }, &anatomy).unwrap();
        let found = wired.solve(1e-15, &[rank]).unwrap().remove(0);
        assert!((&found - &j).norm() < 1e-4 * j.norm(), "{}", (&found - &j).norm() / j.norm());
        assert!(found.rank(1e-3) > rank, "a masked product has no low rank itself");
    }
}
