//! Training of a support vector machine for two classes by sequential minimal optimisation.

use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// A trained machine: f(x) = sum_k weight_k K(x_k, x) − rho, positive for the first class.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Index and alpha_k y_k of every support vector.
    pub support: Vec<(usize, f64)>,
    /// Offset.
    pub rho: f64,
}

/// Largest violation of the optimality conditions that is left.
const TOLERANCE: f64 = 1e-3;
/// In place of a curvature that is not positive.
const LEAST_CURVATURE: f64 = 1e-12;

/// Trains on a kernel whose first `first` rows are of the first class.
///
/// Minimises 1/2 a^T Q a − sum a under 0 <= a <= C and y^T a = 0, Q_ij = y_i y_j K_ij. Every step moves the two variables that second-order
/// information says decrease it most (Fan, Chen & Lin 2005). Deterministic: the first of equal candidates is taken.
///
/// # Errors
/// [`Error::NotConverged`] when the iterations run out.
pub fn train(kernel: &DMatrix<f64>, first: usize, penalty: f64) -> Result<Machine> {
    let mut state = State::new(kernel, first, penalty);
    let limit = 10_000_000_usize.max(100 * kernel.nrows());
    for _ in 0..limit {
        match state.pair() {
            Some((i, j)) => state.move_pair(i, j),
            None => return Ok(state.machine()),
        }
    }
    let residual = state.violation();
    Err(Error::NotConverged { what: "a support vector machine".into(), residual, iterations: limit, tolerance: TOLERANCE })
}

struct State<'a> {
    kernel: &'a DMatrix<f64>,
    /// +1 or −1.
    y: Vec<f64>,
    alpha: Vec<f64>,
    /// −y_i times the gradient Q a − 1: what a variable of the upper set wants large and one of the lower set small.
    pull: Vec<f64>,
    penalty: f64,
}

impl<'a> State<'a> {
    fn new(kernel: &'a DMatrix<f64>, first: usize, penalty: f64) -> Self {
        let y: Vec<f64> = (0..kernel.nrows()).map(|k| if k < first { 1.0 } else { -1.0 }).collect();
        State { kernel, alpha: vec![0.0; y.len()], pull: y.clone(), y, penalty }
    }

    /// Whether a_k y_k may grow.
    fn up(&self, k: usize) -> bool {
        if self.y[k] > 0.0 { self.alpha[k] < self.penalty } else { self.alpha[k] > 0.0 }
    }

    /// Whether a_k y_k may shrink.
    fn low(&self, k: usize) -> bool {
        if self.y[k] > 0.0 { self.alpha[k] > 0.0 } else { self.alpha[k] < self.penalty }
    }

    fn column(&self, k: usize) -> &'a [f64] {
        let n = self.y.len();
        &self.kernel.as_slice()[k * n..(k + 1) * n]
    }

    /// The largest pull of the upper set and its place.
    fn strongest(&self) -> (f64, usize) {
        let mut best = (f64::NEG_INFINITY, usize::MAX);
        for (k, &pull) in self.pull.iter().enumerate() {
            if pull > best.0 && self.up(k) {
                best = (pull, k);
            }
        }
        best
    }

    fn violation(&self) -> f64 {
        let weakest = (0..self.y.len()).filter(|&k| self.low(k)).map(|k| self.pull[k]).fold(f64::INFINITY, f64::min);
        self.strongest().0 - weakest
    }

    fn curvature(&self, i: usize, j: usize) -> f64 {
        let curvature = self.kernel[(i, i)] + self.kernel[(j, j)] - 2.0 * self.kernel[(i, j)];
        if curvature > 0.0 { curvature } else { LEAST_CURVATURE }
    }

    /// The pair to move; `None` when the conditions hold to the tolerance.
    fn pair(&self) -> Option<(usize, usize)> {
        let (top, i) = self.strongest();
        let (mut weakest, mut best, mut gain) = (f64::INFINITY, usize::MAX, 0.0);
        for (j, &pull) in self.pull.iter().enumerate() {
            if !self.low(j) {
                continue;
            }
            weakest = weakest.min(pull);
            let gap = top - pull;
            if gap > 0.0 {
                let decrease = gap * gap / self.curvature(i, j);
                if decrease > gain {
                    (gain, best) = (decrease, j);
                }
            }
        }
        (top - weakest > TOLERANCE && best != usize::MAX).then_some((i, best))
    }

    /// Moves a_i y_i up and a_j y_j down by the same amount, as far as the minimum or the box.
    fn move_pair(&mut self, i: usize, j: usize) {
        let wanted = (self.pull[i] - self.pull[j]) / self.curvature(i, j);
        let room_up = if self.y[i] > 0.0 { self.penalty - self.alpha[i] } else { self.alpha[i] };
        let room_down = if self.y[j] > 0.0 { self.alpha[j] } else { self.penalty - self.alpha[j] };
        let step = wanted.min(room_up).min(room_down);
        self.shift(i, step, room_up);
        self.shift(j, -step, room_down);
        let (a, b) = (self.column(i), self.column(j));
        for ((pull, a), b) in self.pull.iter_mut().zip(a).zip(b) {
            *pull -= step * (a - b);
        }
    }

    /// Adds `step` to a_k y_k; lands exactly on the side of the box when all of the room is used.
    fn shift(&mut self, k: usize, step: f64, room: f64) {
        let grows = (step > 0.0) == (self.y[k] > 0.0);
        self.alpha[k] = match (step.abs() >= room, grows) {
            (true, true) => self.penalty,
            (true, false) => 0.0,
            (false, true) => self.alpha[k] + step.abs(),
            (false, false) => self.alpha[k] - step.abs(),
        };
    }

    fn machine(&self) -> Machine {
        let support = (0..self.y.len()).filter(|&k| self.alpha[k] > 0.0).map(|k| (k, self.alpha[k] * self.y[k])).collect();
        Machine { support, rho: -self.offset() }
    }

    /// Mean pull of the free variables; without one, the middle between the two sets.
    fn offset(&self) -> f64 {
        let free = (0..self.y.len()).filter(|&k| self.alpha[k] > 0.0 && self.alpha[k] < self.penalty);
        let (sum, count) = free.fold((0.0, 0), |(sum, count), k| (sum + self.pull[k], count + 1));
        let weakest = (0..self.y.len()).filter(|&k| self.low(k)).map(|k| self.pull[k]).fold(f64::INFINITY, f64::min);
        if count > 0 { sum / f64::from(count) } else { 0.5 * (self.strongest().0 + weakest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn two_points_have_the_margin_in_the_middle() {
        // x = 3 and x = 1 on a line: w = 1, offset -2, a = 1/2 each.
        let kernel = dmatrix![9.0, 3.0; 3.0, 1.0];
        let machine = train(&kernel, 1, 10.0).unwrap();
        let f = |x: f64| machine.support.iter().map(|&(k, w)| w * [3.0, 1.0][k] * x).sum::<f64>() - machine.rho;
        assert!((f(3.0) - 1.0).abs() < 1e-12 && (f(1.0) + 1.0).abs() < 1e-12, "{machine:?}");
    }

    #[test]
    fn the_optimality_conditions_hold() {
        let points: Vec<(f64, f64)> = (0..60).map(|k| ((k as f64 * 0.7).sin() + f64::from(k < 25), (k as f64 * 1.3).cos())).collect();
        let squared = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2);
        let kernel = DMatrix::from_fn(60, 60, |i, j| (-0.5 * squared(points[i], points[j])).exp());
        let machine = train(&kernel, 25, 2.0).unwrap();
        assert!(machine.support.iter().map(|(_, weight)| weight).sum::<f64>().abs() < 1e-12);
        for k in 0..60 {
            let y = if k < 25 { 1.0 } else { -1.0 };
            let weight = machine.support.iter().find(|(at, _)| *at == k).map_or(0.0, |(_, weight)| weight * y);
            let margin = y * (machine.support.iter().map(|&(at, w)| w * kernel[(at, k)]).sum::<f64>() - machine.rho);
            // Outside the margin nothing pulls, inside it everything pulls fully.
            assert!(weight > 0.0 || margin > 1.0 - 2e-3, "{k}: {weight} {margin}");
            assert!(weight < 2.0 || margin < 1.0 + 2e-3, "{k}: {weight} {margin}");
            assert!((0.0..=2.0).contains(&weight));
        }
    }
}
