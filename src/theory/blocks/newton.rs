//! Newton's method for the autocovariances of all blocks on one grid of lags.

use super::collocation::HalfLine;
use crate::error::{Error, Result};
use crate::theory::tanh_pair::{PairAverages, TanhPair};
use nalgebra::{DMatrix, DVector};

/// Residual that is a solution, relative to the largest variance.
const TOLERANCE: f64 = 1e-10;

const LIMIT: usize = 40;

/// Delta_a - tau_a² Delta_a'' = sum_b Q_ab C_b(Delta_b; Delta_b(0)) on the nodes of a half line, and Delta_a = 0 at its end.
pub(super) struct Problem<'a> {
    pub coupling: &'a DMatrix<f64>,
    pub tau: &'a [f64],
    pub line: &'a HalfLine,
}

impl Problem<'_> {
    /// The solution near `guess`: values at the lags, one block after the other.
    pub fn solve(&self, guess: DVector<f64>) -> Result<DVector<f64>> {
        let derivative = self.line.second_derivative();
        let mut delta = guess;
        let (mut residual, mut pairs) = self.residual(&delta, &derivative);
        for iteration in 0..LIMIT {
            if residual.amax() < TOLERANCE * self.scale(&delta) {
                return Ok(delta);
            }
            let step = self.jacobian(&pairs, &derivative).lu().solve(&residual);
            let Some(step) = step.filter(|step| step.iter().all(|x| x.is_finite())) else {
                return Err(failed(residual.amax(), iteration));
            };
            let Some(better) = self.damped(&delta, &step, residual.amax(), &derivative) else {
                return Err(failed(residual.amax(), iteration));
            };
            (delta, residual, pairs) = better;
        }
        Err(failed(residual.amax(), LIMIT))
    }

    /// The first of the steps 1, 1/2, 1/4 … that makes the residual smaller and leaves no variance negative (but for rounding in silent blocks).
    fn damped(
        &self,
        delta: &DVector<f64>,
        step: &DVector<f64>,
        before: f64,
        derivative: &DMatrix<f64>,
    ) -> Option<(DVector<f64>, DVector<f64>, Vec<PairAverages>)> {
        (0..8).map(|k| 0.5_f64.powi(k)).find_map(|share| {
            let next = delta - step * share;
            let least = -TOLERANCE * self.scale(&next);
            if self.variances(&next).any(|(_, variance)| variance < least) {
                return None;
            }
            let (residual, pairs) = self.residual(&next, derivative);
            // Rounding of the second derivative limits the last steps.
            let smaller = residual.amax() < (1.0 - 0.1 * share) * before || residual.amax() < TOLERANCE * self.scale(&next);
            smaller.then_some((next, residual, pairs))
        })
    }

    fn scale(&self, delta: &DVector<f64>) -> f64 {
        self.variances(delta).map(|(_, variance)| variance).fold(0.0, f64::max)
    }

    /// Block and Delta_b(0), which stands at the last of its nodes.
    fn variances<'b>(&self, delta: &'b DVector<f64>) -> impl Iterator<Item = (usize, f64)> + 'b {
        let nodes = self.line.len();
        (0..self.tau.len()).map(move |block| (block, delta[(block + 1) * nodes - 1]))
    }

    fn residual(&self, delta: &DVector<f64>, derivative: &DMatrix<f64>) -> (DVector<f64>, Vec<PairAverages>) {
        let nodes = self.line.len();
        let pairs: Vec<PairAverages> = self
            .variances(delta)
            .flat_map(|(block, variance)| (0..nodes).map(move |i| odd_pair(variance, delta[block * nodes + i])))
            .collect();
        let mut residual = DVector::zeros(delta.len());
        for (a, tau) in self.tau.iter().enumerate() {
            let own = delta.rows(a * nodes, nodes);
            let curvature = derivative * own * (tau * tau);
            for i in 1..nodes {
                let drive: f64 = (0..self.tau.len()).map(|b| self.coupling[(a, b)] * pairs[b * nodes + i].rates).sum();
                residual[a * nodes + i] = own[i] - curvature[i] - drive;
            }
            residual[a * nodes] = own[0];
        }
        (residual, pairs)
    }

    fn jacobian(&self, pairs: &[PairAverages], derivative: &DMatrix<f64>) -> DMatrix<f64> {
        let (nodes, blocks) = (self.line.len(), self.tau.len());
        let mut jacobian = DMatrix::zeros(nodes * blocks, nodes * blocks);
        for a in 0..blocks {
            jacobian[(a * nodes, a * nodes)] = 1.0;
            for i in 1..nodes {
                let row = a * nodes + i;
                for j in 0..nodes {
                    jacobian[(row, a * nodes + j)] -= self.tau[a].powi(2) * derivative[(i, j)];
                }
                jacobian[(row, row)] += 1.0;
                for b in 0..blocks {
                    let pair = pairs[b * nodes + i];
                    jacobian[(row, b * nodes + i)] -= self.coupling[(a, b)] * pair.slopes;
                    jacobian[(row, (b + 1) * nodes - 1)] -= self.coupling[(a, b)] * pair.curvature;
                }
            }
        }
        jacobian
    }
}

/// Averages of a pair without a mean. They continue smoothly to the covariances out of range that an iteration may pass through.
fn odd_pair(variance: f64, covariance: f64) -> PairAverages {
    let variance = variance.max(0.0);
    let inside = covariance.abs().min(variance);
    let pair = TanhPair { mean: 0.0, variance, covariance: inside }.averages();
    let rates = pair.rates + pair.slopes * (covariance.abs() - inside);
    PairAverages { rates: rates.copysign(covariance), curvature: pair.curvature.abs().copysign(-covariance), ..pair }
}

fn failed(residual: f64, iterations: usize) -> Error {
    Error::NotConverged { what: "mean-field equations of the blocks".into(), residual, iterations, tolerance: TOLERANCE }
}
