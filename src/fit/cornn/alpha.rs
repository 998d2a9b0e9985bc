//! Alpha: the time constant, where it has to be fitted along with J.

use super::{Cornn, Equation, Problem};
use crate::error::Result;
use crate::fit::KnownInputs;
use crate::fit::targets::{by_neuron, decay_per_sample, has_successor};
use crate::recording::Recording;
use nalgebra::DMatrix;

/// Factors of tau that are tried lie between 1 / REACH and REACH.
const REACH: f64 = 5.0;
/// The search ends when the logarithm of the factor is known to this.
const PRECISION: f64 = 0.002;

impl Cornn {
    /// `tau` times the factor with which the closed form predicts best one sample ahead, by golden section on its logarithm.
    ///
    /// The error is that of the state whose decay tau is: of the rate in the published equation, of the activation in ours.
    pub(super) fn fitted_tau(&self, model: &Recording, tau: &[f64]) -> Result<Vec<f64>> {
        let dt = model.clock.dt();
        let chosen: Vec<usize> = has_successor(model).iter().enumerate().filter_map(|(k, &follows)| follows.then_some(k)).collect();
        let samples = |matrix: &DMatrix<f64>| by_neuron(matrix, &chosen);
        let inputs = model.inputs.as_ref().filter(|_| self.inputs == KnownInputs::Subtract).map(samples);
        let with = |log: f64| tau.iter().map(|tau| tau * log.exp()).collect::<Vec<f64>>();
        let mut problem = super::Problem::new(samples(&model.rates), samples(&model.rates), inputs, self.penalty)?;
        let mut error = |log: f64| -> Result<f64> {
            let tau = with(log);
            problem.set_targets(samples(&self.targets(&model.rates, dt, &tau)?));
            Ok(self.missed(&problem, &decay_per_sample(dt, &tau, 1)))
        };
        // A decay must stay positive: tau above dt.
        let least = tau.iter().fold(f64::INFINITY, |a, &b| a.min(b));
        let (mut low, mut high) = ((1.0 / REACH).max(1.05 * dt / least).ln(), REACH.ln());
        let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
        let (mut at_a, mut at_b) = (error(a)?, error(b)?);
        while high - low > PRECISION {
            if at_a <= at_b {
                (high, b, at_b) = (b, a, at_a);
                a = high - golden * (high - low);
                at_a = error(a)?;
            } else {
                (low, a, at_a) = (a, b, at_b);
                b = low + golden * (high - low);
                at_b = error(b)?;
            }
        }
        Ok(with((low + high) / 2.0))
    }

    /// Squared error of the closed form one sample ahead.
    fn missed(&self, problem: &Problem, decay: &[f64]) -> f64 {
        let predicted = problem.predict(&problem.closed_form());
        let turn = |d: f64| if self.equation == Equation::Rates { d } else { d.clamp(-1.0 + 1e-12, 1.0 - 1e-12).atanh() };
        let unit = |(i, (wanted, found)): (usize, (nalgebra::DVectorView<f64>, nalgebra::DVectorView<f64>))| {
            (1.0 - decay[i]).powi(2) * wanted.iter().zip(&found).map(|(&d, &p)| (turn(d) - turn(p)).powi(2)).sum::<f64>()
        };
        problem.targets().column_iter().zip(predicted.column_iter()).enumerate().map(unit).sum()
    }
}
