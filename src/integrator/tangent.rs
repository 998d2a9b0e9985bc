//! The exact derivative of a step.

use super::Integrator;
use super::stepper::{Row, Stepper, combine};
use crate::connectivity::PackedProduct;
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use nalgebra::DMatrix;
use std::sync::Arc;

/// Advances a state and the tangent vectors at it (N × k, one a column) by the derivative of the same step.
///
/// Every row of the scheme is differentiated: Q_i = decay_i ∘ Q + sum_j weights_ij ∘ J diag(phi'(X_j)) Q_j, with the stages X_j that the
/// state went through. J diag(phi') is applied to all vectors at once and never formed.
pub(crate) struct TangentStepper {
    stepper: Stepper<f64>,
    product: PackedProduct,
    nonlinearity: Arc<dyn Nonlinearity>,
    slopes: Vec<f64>,
    stage: DMatrix<f64>,
    /// J diag(phi') Q of each stage.
    drives: Vec<DMatrix<f64>>,
}

impl TangentStepper {
    pub(crate) fn new(network: &Network, integrator: &dyn Integrator, dt: f64) -> Self {
        let stepper = Stepper::new(network, integrator, dt);
        TangentStepper {
            product: PackedProduct::new(&network.connectivity),
            nonlinearity: Arc::clone(&network.nonlinearity),
            slopes: vec![0.0; network.neurons()],
            stage: DMatrix::zeros(0, 0),
            drives: vec![DMatrix::zeros(0, 0); stepper.stages()],
            stepper,
        }
    }

    /// One step; `input` as for [`Stepper::step`].
    pub(crate) fn step(&mut self, x: &mut [f64], q: &mut DMatrix<f64>, input: impl FnMut(f64, &mut [f64]) -> bool) {
        let TangentStepper { stepper, product, nonlinearity, slopes, stage, drives } = self;
        let mut done = q.ncols() == 0;
        stepper.step_watched(x, input, |rows, index, [activations, rates], drive| {
            if q.ncols() == 0 {
                return false;
            }
            nonlinearity.slopes(activations, slopes);
            // With one stage the vectors go straight from the old to the new, and the state sees J on the way.
            if let [_, last] = rows {
                done = product.blend(slopes, (&last.decay, &last.weights[0]), q, (rates, drive));
                if done {
                    return true;
                }
            }
            for matrix in [&mut drives[index], &mut *stage] {
                if matrix.shape() != q.shape() {
                    *matrix = DMatrix::zeros(q.nrows(), q.ncols());
                }
            }
            let (before, rest) = drives.split_at_mut(index);
            // The first stage is where the step begins.
            if index == 0 {
                product.apply(slopes, q, &mut rest[0]);
            } else {
                stage.copy_from(q);
                combine_columns(&rows[index], before, stage);
                product.apply(slopes, stage, &mut rest[0]);
            }
            false
        });
        if !done {
            combine_columns(stepper.update(), drives, q);
        }
    }
}

/// [`combine`] of every column.
fn combine_columns(row: &Row<f64>, drives: &[DMatrix<f64>], q: &mut DMatrix<f64>) {
    for k in 0..q.ncols() {
        let range = k * q.nrows()..(k + 1) * q.nrows();
        let columns = drives.iter().map(|drive| &drive.as_slice()[range.clone()]);
        combine(row, columns, &mut q.as_mut_slice()[range.clone()]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::AnyIntegrator;
    use super::*;
    use crate::connectivity::{Connectivity, SparseRows};
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::seed::Seed;

    fn networks() -> Vec<Network> {
        let regions = Regions::new([("A", 6), ("B", 4)]).unwrap();
        let dense = Gaussian { gain: 1.8, autapses: true }.sample(&regions, Seed(5)).unwrap();
        let rows: Vec<Vec<(usize, f64)>> = (0..10).map(|i| vec![((i * 3 + 1) % 10, 1.2), ((i * 7 + 2) % 10, -0.8)]).collect();
        let sparse = Connectivity::Sparse(SparseRows::new(&rows).unwrap());
        let (left, right) =
            (DMatrix::from_fn(10, 2, |i, j| (i + j) as f64 * 0.1), DMatrix::from_fn(10, 2, |i, j| 0.3 - (i * (j + 1)) as f64 * 0.05));
        let low = Connectivity::LowRankPlus { base: Box::new(sparse.clone()), left, right };
        [dense, sparse, low].map(|j| Network::new(regions.clone(), j, Tanh, &[0.5, 0.8]).unwrap()).into()
    }

    #[test]
    fn vectors_follow_the_derivative_of_the_very_step() {
        let input = |node: f64, u: &mut [f64]| {
            u.iter_mut().enumerate().for_each(|(i, u)| *u += (node + i as f64).sin());
            true
        };
        let start: Vec<f64> = (0..10).map(|i| 0.1 * i as f64 - 0.4).collect();
        for network in networks() {
            for integrator in AnyIntegrator::members() {
                let after = |x: &[f64]| {
                    let mut x = x.to_vec();
                    Stepper::<f64>::new(&network, &*integrator, 0.1).step(&mut x, input);
                    x
                };
                let mut q = DMatrix::identity(10, 10);
                let mut x = start.clone();
                TangentStepper::new(&network, &*integrator, 0.1).step(&mut x, &mut q, input);
                assert_eq!(x, after(&start), "the state steps as without vectors");
                for k in 0..10 {
                    let (mut up, mut down) = (start.clone(), start.clone());
                    up[k] += 1e-5;
                    down[k] -= 1e-5;
                    for (i, (a, b)) in after(&up).iter().zip(after(&down)).enumerate() {
                        assert!(((a - b) / 2e-5 - q[(i, k)]).abs() < 1e-9, "{integrator:?}");
                    }
                }
            }
        }
    }
}
