//! Down the kinetic energy from one start.

use super::{FixedPoint, FixedPoints};
use crate::analysis::linearisation::Linearisation;
use crate::error::Result;
use crate::linalg::{Cholesky, Lu, product};
use crate::network::Network;
use nalgebra::{DMatrix, DVector};

/// Longest step, root mean square over neurons.
const LONGEST: f64 = 1.0;

/// At a minimum the gradient of q is this share of what the sizes of its factors allow.
const FLAT: f64 = 1e-7;

/// Largest damping in units of the mean squared singular value of the Jacobian: steps are then short and straight downhill.
const MOST_DAMPED: f64 = 1e12;

/// The energy of one network.
pub(super) struct Descent<'a> {
    network: &'a Network,
    search: &'a FixedPoints,
}

/// Where a search ended.
pub(super) struct End {
    pub state: DVector<f64>,
    /// Root mean square of tau dx/dt.
    pub residual: f64,
    pub fixed: bool,
    /// Whether q is smallest here, and not merely where the steps ran out.
    pub minimum: bool,
    flow: DVector<f64>,
}

impl End {
    pub fn into_point(self, network: &Network, starts: usize) -> Result<FixedPoint> {
        let linearisation = Linearisation::at(network, self.state.as_slice())?;
        let speed = self.flow.norm() / (self.flow.len() as f64).sqrt();
        let energy = 0.5 * self.flow.norm_squared();
        Ok(FixedPoint { state: self.state.data.into(), fixed: self.fixed, speed, energy, starts, linearisation })
    }
}

impl<'a> Descent<'a> {
    pub fn new(network: &'a Network, search: &'a FixedPoints) -> Self {
        Descent { network, search }
    }

    /// The end of the search that starts at `x`.
    pub fn from(&self, mut x: DVector<f64>) -> End {
        let mut flow = self.flow(&x);
        let mut damping = 1e-3;
        for _ in 0..self.search.iterations {
            if self.residual(&flow) <= self.search.tolerance {
                return self.polished(x, flow);
            }
            let jacobian = self.network.jacobian(x.as_slice());
            let found = self.newton(&x, &flow, &jacobian).or_else(|| self.damped(&x, &flow, &jacobian, &mut damping));
            match found {
                Some(next) => (x, flow) = next,
                None => return self.end(x, flow, true),
            }
        }
        self.end(x, flow, false)
    }

    fn end(&self, state: DVector<f64>, flow: DVector<f64>, minimum: bool) -> End {
        let residual = self.residual(&flow);
        let fixed = residual <= self.search.tolerance;
        End { state, residual, fixed, minimum: minimum || fixed, flow }
    }

    /// One Newton step more where it helps: it costs little and takes the rest of the error.
    fn polished(&self, x: DVector<f64>, flow: DVector<f64>) -> End {
        let jacobian = self.network.jacobian(x.as_slice());
        let (x, flow) = self.newton(&x, &flow, &jacobian).unwrap_or((x, flow));
        self.end(x, flow, true)
    }

    /// dx/dt.
    fn flow(&self, x: &DVector<f64>) -> DVector<f64> {
        let recurrent = self.network.connectivity.apply(&self.network.rates(x.as_slice()));
        let input = |neuron: usize| self.search.input.get(neuron).copied().unwrap_or(0.0);
        DVector::from_fn(x.len(), |i, _| (recurrent[i] + input(i) - x[i]) / self.network.tau[i])
    }

    /// Root mean square of tau dx/dt.
    fn residual(&self, flow: &DVector<f64>) -> f64 {
        let squares: f64 = flow.iter().zip(&self.network.tau).map(|(flow, tau)| (flow * tau).powi(2)).sum();
        (squares / flow.len() as f64).sqrt()
    }

    /// The Newton step, if it divides q by four.
    fn newton(&self, x: &DVector<f64>, flow: &DVector<f64>, jacobian: &DMatrix<f64>) -> Option<(DVector<f64>, DVector<f64>)> {
        let step = -column(&Lu::new(jacobian).ok()?.solve(&as_matrix(flow)));
        let length = step.norm();
        if !length.is_finite() || length > LONGEST * (x.len() as f64).sqrt() {
            return None;
        }
        let next = x + step;
        let after = self.flow(&next);
        (after.norm_squared() <= 0.25 * flow.norm_squared()).then_some((next, after))
    }

    /// A Levenberg–Marquardt step (Marquardt 1963), as little damped as lowers q; none where q is flat.
    fn damped(
        &self,
        x: &DVector<f64>,
        flow: &DVector<f64>,
        jacobian: &DMatrix<f64>,
        damping: &mut f64,
    ) -> Option<(DVector<f64>, DVector<f64>)> {
        let gradient = jacobian.tr_mul(flow);
        if gradient.norm() <= FLAT * jacobian.norm() * flow.norm() {
            return None;
        }
        let gram = product(&jacobian.transpose(), jacobian);
        let (scale, longest) = (gram.trace() / x.len() as f64, LONGEST * (x.len() as f64).sqrt());
        while *damping <= MOST_DAMPED {
            let mut shifted = gram.clone();
            (0..x.len()).for_each(|i| shifted[(i, i)] += *damping * scale);
            if let Ok(factor) = Cholesky::new(&shifted) {
                let step = -column(&factor.solve(&as_matrix(&gradient)));
                let step = &step * (longest / step.norm()).min(1.0);
                let next = x + &step;
                let after = self.flow(&next);
                // A thousandth of what the slope promises must come true.
                if 0.5 * (flow.norm_squared() - after.norm_squared()) > -1e-3 * step.dot(&gradient) {
                    *damping = (*damping / 5.0).max(1e-14);
                    return Some((next, after));
                }
            }
            *damping *= 4.0;
        }
        *damping = 1e-3;
        None
    }
}

fn as_matrix(vector: &DVector<f64>) -> DMatrix<f64> {
    DMatrix::from_column_slice(vector.len(), 1, vector.as_slice())
}

fn column(matrix: &DMatrix<f64>) -> DVector<f64> {
    matrix.column(0).into_owned()
}
