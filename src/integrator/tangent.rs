//! The exact derivative of a step.

use super::Integrator;
use super::stepper::{Element, Row, Stepper, combine, rows_of};
use crate::connectivity::PackedProduct;
use crate::kernels::{Buffer, Level, demote};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use std::sync::Arc;

/// Carries tangent vectors (N rows, one vector after the other, stored as `T`) along with a state that a [`Stepper`] advances in 64 bits,
/// by the derivative of the same step.
///
/// Every row of the scheme is differentiated: Q_i = decay_i ∘ Q + sum_j weights_ij ∘ J diag(phi'(X_j)) Q_j, with the stages X_j that the
/// state went through. J diag(phi') is applied to all vectors at once and never formed.
pub(crate) struct Tangents<T: Element> {
    product: PackedProduct<T>,
    rows: Vec<Row<T>>,
    nonlinearity: Arc<dyn Nonlinearity>,
    slopes: Vec<f64>,
    /// `slopes` in the precision of the vectors.
    factors: Buffer<T>,
    stage: Buffer<T>,
    /// J diag(phi') Q of each stage.
    drives: Vec<Buffer<T>>,
}

impl<T: Element> Tangents<T> {
    pub(crate) fn new(network: &Network, integrator: &dyn Integrator, dt: f64) -> Self {
        let rows = rows_of(network, integrator, dt);
        Tangents {
            product: PackedProduct::new(&network.connectivity),
            nonlinearity: Arc::clone(&network.nonlinearity),
            slopes: vec![0.0; network.neurons()],
            factors: Buffer::zeros(network.neurons()),
            stage: Buffer::zeros(0),
            drives: vec![Buffer::zeros(0); rows.len() - 1],
            rows,
        }
    }

    /// One step of `x` by `stepper`, and of the vectors `q`; `input` as for [`Stepper::step`].
    pub(crate) fn step(&mut self, stepper: &mut Stepper<f64>, (x, q): (&mut [f64], &mut [T]), input: impl FnMut(f64, &mut [f64]) -> bool) {
        let Tangents { product, rows, nonlinearity, slopes, factors, stage, drives } = self;
        if q.is_empty() {
            return stepper.step(x, input);
        }
        let mut done = false;
        stepper.step_watched(x, input, |index, [activations, rates], drive| {
            nonlinearity.slopes(activations, slopes);
            demote(Level::detect(), slopes, factors);
            // With one stage the vectors go straight from the old to the new; in the precision of the state it sees J on the way.
            if let [_, last] = &rows[..] {
                let beside = T::beside(rates, drive);
                let seen = beside.is_some();
                done = product.blend(factors, (&last.decay, &last.weights[0]), q, beside);
                if done {
                    return seen;
                }
            }
            for buffer in [&mut drives[index], &mut *stage] {
                if buffer.len() != q.len() {
                    *buffer = Buffer::zeros(q.len());
                }
            }
            let (before, rest) = drives.split_at_mut(index);
            // The first stage is where the step begins.
            if index == 0 {
                product.apply(factors, q, &mut rest[0]);
            } else {
                stage.copy_from_slice(q);
                combine_columns(&rows[index], before, stage);
                product.apply(factors, stage, &mut rest[0]);
            }
            false
        });
        if !done {
            combine_columns(rows.last().expect("a scheme has at least two stages"), drives, q);
        }
    }
}

/// [`combine`] of every column.
fn combine_columns<T: Element>(row: &Row<T>, drives: &[Buffer<T>], q: &mut [T]) {
    let neurons = row.decay.len();
    for (k, column) in q.chunks_exact_mut(neurons).enumerate() {
        combine(row, drives.iter().map(|drive| &drive[k * neurons..][..neurons]), column);
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
    use nalgebra::DMatrix;

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
                let (mut q, mut single) = (DMatrix::identity(10, 10), DMatrix::identity(10, 10));
                let mut stepper = Stepper::<f64>::new(&network, &*integrator, 0.1);
                let (mut x, mut beside_single) = (start.clone(), start.clone());
                Tangents::<f64>::new(&network, &*integrator, 0.1).step(&mut stepper, (&mut x, q.as_mut_slice()), input);
                Tangents::<f32>::new(&network, &*integrator, 0.1).step(&mut stepper, (&mut beside_single, single.as_mut_slice()), input);
                assert_eq!(x, after(&start), "the state steps as without vectors");
                assert_eq!(x, beside_single, "the state steps in 64 bits");
                assert!(q.iter().zip(single.iter()).all(|(q, &s)| (q - f64::from(s)).abs() < 5e-7), "{integrator:?}: {q} {single}");
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
