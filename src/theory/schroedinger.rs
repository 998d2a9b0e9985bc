//! The Schrödinger problem that gives the largest Lyapunov exponent.

use super::root::root;
use crate::error::{Error, Result};

/// Energies at which a level is looked for between the bottom of the well and its edge.
const SCAN: usize = 24;

/// -psi'' + W psi = E psi on tau > 0, W constant from the end of the grid on.
pub(super) struct Well {
    /// Distance of the grid points.
    step: f64,
    /// W at 0, step, 2 step …
    values: Vec<f64>,
    /// W beyond the grid: levels below it are bound.
    edge: f64,
}

impl Well {
    pub(super) fn new(step: f64, values: Vec<f64>, edge: f64) -> Self {
        Well { step, values, edge }
    }

    /// The lowest level E whose solution obeys a psi(0) + b psi'(0) = 0 (b at least 0); the edge when no level is bound.
    pub(super) fn lowest(&self, boundary: [f64; 2]) -> Result<f64> {
        let bottom = self.values.iter().fold(self.edge.min(0.0), |low, &w| low.min(w)) - 0.1 * self.edge;
        let mismatch = |energy: f64| {
            let at_zero = self.at_zero(energy);
            boundary[0] * at_zero[0] + boundary[1] * at_zero[1]
        };
        let scan = |k: usize| bottom + (self.edge - bottom) * k as f64 / SCAN as f64;
        let first = mismatch(bottom);
        for k in 1..=SCAN {
            let here = mismatch(scan(k));
            if here.is_nan() {
                let what = "the Schrödinger problem of the mean field".to_string();
                return Err(Error::NotConverged { what, residual: here, iterations: k, tolerance: 0.0 });
            }
            if here * first.signum() <= 0.0 {
                return root("level of the Schrödinger problem", (scan(k - 1), scan(k)), 1e-15, mismatch);
            }
        }
        Ok(self.edge)
    }

    /// psi and psi' at zero, of the solution that vanishes at infinity, up to a positive factor: Numerov's method from the end inwards,
    /// where the wanted solution grows and every other one dies out.
    fn at_zero(&self, energy: f64) -> [f64; 2] {
        let (h, last) = (self.step, self.values.len() - 1);
        let slope = |k: usize| self.values[k] - energy;
        let scaled = |k: usize| h * h / 12.0 * slope(k);
        let mut psi = vec![1.0; last + 1];
        psi[last - 1] = ((self.edge - energy).max(0.0).sqrt() * h).exp();
        for k in (0..last - 1).rev() {
            let inner = (2.0 + 10.0 * scaled(k + 1)) * psi[k + 1];
            psi[k] = (inner - (1.0 - scaled(k + 2)) * psi[k + 2]) / (1.0 - scaled(k));
        }
        // The first steps of psi'' = f psi, solved for the slope at their beginning (error of order h⁴).
        let f = |k: usize| slope(k) * psi[k];
        let bend = (97.0 * f(0) + 114.0 * f(1) - 39.0 * f(2) + 8.0 * f(3)) / 360.0;
        [psi[0], (psi[1] - psi[0]) / h - h * bend]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_a_well_that_is_solved_exactly_are_found() {
        // W = 1 - 6 / cosh²: levels -3 (even) and 0 (odd).
        let step = 0.01;
        let values = (0..2000).map(|k| 1.0 - 6.0 / (f64::from(k) * step).cosh().powi(2)).collect();
        let well = Well::new(step, values, 1.0);
        assert!((well.lowest([0.0, 1.0]).unwrap() + 3.0).abs() < 1e-7);
        assert!(well.lowest([1.0, 0.0]).unwrap().abs() < 1e-7);
        let flat = Well::new(step, vec![0.4; 100], 0.4);
        assert!((flat.lowest([0.0, 1.0]).unwrap() - 0.4).abs() < 1e-12);
    }
}
