//! Echo-state network with a ridge readout.

use super::values::check_test;
use super::{Classifier, Labelled, z_scored};
use crate::ensemble::normal_matrix;
use crate::error::{Error, Result, positive};
use crate::linalg::{product, svd};
use crate::nonlinearity::{Nonlinearity, Tanh};
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector, RowDVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// An echo-state network: a fixed random network is driven by each series, its rates are averaged over segments of the series, and a ridge
/// regression reads the class from the averages.
///
/// x <- x + leak (−x + J tanh(x) + W_in u), from x = 0, with every channel of u z-scored; J has entries N(0, gain² / N), W_in entries
/// N(0, 1). The penalty is the one of 10^-6 … 10^4 (times the largest squared singular value of the averages over n) with the smallest
/// leave-one-out error on the training series. Any lengths are taken. Source: Jaeger 2001.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EchoState {
    /// N; at least 1, default 100.
    pub units: usize,
    /// Gain of J; above 0, default 0.9.
    pub gain: f64,
    /// Share of the way to the new state that a sample makes; above 0 and at most 1, default 0.3.
    pub leak: f64,
    /// Segments over which rates are averaged; at least 1, default 4.
    pub segments: usize,
}

impl Default for EchoState {
    fn default() -> Self {
        EchoState { units: 100, gain: 0.9, leak: 0.3, segments: 4 }
    }
}

/// Series that run side by side.
const BLOCK: usize = 32;

impl Classifier for EchoState {
    fn name(&self) -> String {
        format!("echo state, N = {}", self.units)
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], seed: Seed) -> Result<DMatrix<f64>> {
        check_test(train, test)?;
        self.check()?;
        let seed = seed.child("echo state");
        let j = normal_matrix(self.units, self.units, self.gain / (self.units as f64).sqrt(), seed.child("connectivity"));
        let w = normal_matrix(self.units, train.channels(), 1.0, seed.child("input weights"));
        let (known, asked) = (self.averages(&j, &w, train.series())?, self.averages(&j, &w, test)?);
        let (labels, classes) = (train.labels(), train.classes().len());
        let targets = DMatrix::from_fn(train.len(), classes, |k, class| if labels[k] == class { 1.0 } else { 0.0 });
        ridge(&known, &targets, &asked)
    }
}

impl EchoState {
    fn check(&self) -> Result<()> {
        positive("gain", self.gain)?;
        crate::error::in_range("leak", self.leak, f64::MIN_POSITIVE..=1.0, "above 0 and at most 1")?;
        match (self.units, self.segments) {
            (0, _) => Err(Error::parameter("units", 0, "at least 1")),
            (_, 0) => Err(Error::parameter("segments", 0, "at least 1")),
            _ => Ok(()),
        }
    }

    /// Average rates of every series, series × (segments × units).
    fn averages(&self, j: &DMatrix<f64>, w: &DMatrix<f64>, series: &[DMatrix<f64>]) -> Result<DMatrix<f64>> {
        let scored: Vec<DMatrix<f64>> = series.iter().map(z_scored).collect::<Result<_>>()?;
        let blocks: Vec<DMatrix<f64>> = scored.par_chunks(BLOCK).map(|block| self.block(j, w, block)).collect();
        let mut all = DMatrix::zeros(series.len(), self.segments * self.units);
        blocks.iter().enumerate().for_each(|(b, block)| all.rows_mut(b * BLOCK, block.nrows()).copy_from(block));
        Ok(all)
    }

    /// The same for a few series that run side by side, one column of the state each.
    fn block(&self, j: &DMatrix<f64>, w: &DMatrix<f64>, series: &[DMatrix<f64>]) -> DMatrix<f64> {
        let mut state = DMatrix::zeros(self.units, series.len());
        let mut rates = state.clone();
        let mut averages = DMatrix::zeros(series.len(), self.segments * self.units);
        let longest = series.iter().map(|one| one.ncols()).max().unwrap_or(0);
        for t in 0..longest {
            let input = DMatrix::from_fn(w.ncols(), series.len(), |c, k| if t < series[k].ncols() { series[k][(c, t)] } else { 0.0 });
            let drive = product(j, &rates) + product(w, &input);
            state += (drive - &state) * self.leak;
            Tanh.rates(state.as_slice(), rates.as_mut_slice());
            for (k, one) in series.iter().enumerate().filter(|(_, one)| t < one.ncols()) {
                let segment = t * self.segments / one.ncols();
                // As many samples as this segment of this series has.
                let samples = (one.ncols() as f64 / self.segments as f64).max(1.0);
                let mut place = averages.view_mut((k, segment * self.units), (1, self.units));
                place += rates.column(k).transpose() / samples;
            }
        }
        averages
    }
}

/// Ridge regression from the rows of `known` to `targets`, asked at the rows of `asked`; penalty by leave-one-out error.
fn ridge(known: &DMatrix<f64>, targets: &DMatrix<f64>, asked: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    let (centre, offset): (RowDVector<f64>, RowDVector<f64>) = (known.row_mean(), targets.row_mean());
    let centred = |rows: &DMatrix<f64>, mean: &RowDVector<f64>| DMatrix::from_fn(rows.nrows(), rows.ncols(), |i, j| rows[(i, j)] - mean[j]);
    let (features, wanted) = (centred(known, &centre), centred(targets, &offset));
    let parts = svd(&features)?;
    let projected = product(&parts.u.transpose(), &wanted);
    let unit = parts.s[0].powi(2).max(f64::MIN_POSITIVE) / known.nrows() as f64;
    let shrink = |penalty: f64| parts.s.map(|s| s * s / (s * s + penalty));
    let error = |penalty: f64| leave_one_out(&parts.u, &projected, &wanted, &shrink(penalty));
    let penalties = (-6..=4).map(|power| unit * 10.0_f64.powi(power));
    let best = penalties.min_by(|a, b| error(*a).total_cmp(&error(*b))).expect("there are penalties");
    let weights = parts.s.map(|s| s / (s * s + best));
    let solution = &parts.v * DMatrix::from_fn(projected.nrows(), projected.ncols(), |i, j| weights[i] * projected[(i, j)]);
    let mut scores = product(&centred(asked, &centre), &solution);
    scores.row_iter_mut().for_each(|mut row| row += &offset);
    Ok(scores)
}

/// Sum of squared leave-one-out residuals, residual / (1 − leverage) each; the mean takes 1/n of the leverage.
fn leave_one_out(u: &DMatrix<f64>, projected: &DMatrix<f64>, wanted: &DMatrix<f64>, shrink: &DVector<f64>) -> f64 {
    let mut shrunk = projected.clone();
    shrunk.row_iter_mut().zip(shrink).for_each(|(mut row, factor)| row *= *factor);
    let fitted = product(u, &shrunk);
    let residuals = (0..u.nrows()).map(|k| {
        let leverage: f64 = u.row(k).iter().zip(shrink).map(|(u, factor)| u * u * factor).sum::<f64>() + 1.0 / u.nrows() as f64;
        (wanted.row(k) - fitted.row(k)).norm_squared() / (1.0 - leverage).max(1e-6).powi(2)
    });
    residuals.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leave_one_out_error_is_that_of_leaving_one_out() {
        let features = normal_matrix(12, 3, 1.0, Seed(1));
        let targets = normal_matrix(12, 2, 1.0, Seed(2));
        let solve = |x: &DMatrix<f64>, y: &DMatrix<f64>, at: &DMatrix<f64>, penalty: f64| {
            let (mx, my) = (x.row_mean(), y.row_mean());
            let (cx, cy) =
                (DMatrix::from_fn(x.nrows(), 3, |i, j| x[(i, j)] - mx[j]), DMatrix::from_fn(y.nrows(), 2, |i, j| y[(i, j)] - my[j]));
            let w = (cx.transpose() * &cx + DMatrix::identity(3, 3) * penalty).try_inverse().unwrap() * cx.transpose() * cy;
            DMatrix::from_fn(at.nrows(), 3, |i, j| at[(i, j)] - mx[j]) * w + DMatrix::from_fn(at.nrows(), 2, |_, j| my[j])
        };
        let by_hand: f64 = (0..12)
            .map(|k| {
                let (x, y) = (features.clone().remove_row(k), targets.clone().remove_row(k));
                let at = features.rows(k, 1).into_owned();
                // The penalty acts on n - 1 rows with the same strength.
                (solve(&x, &y, &at, 0.5) - targets.rows(k, 1)).norm_squared()
            })
            .sum();
        let mean = |m: &DMatrix<f64>| m.row_mean();
        let (fx, fy) = (mean(&features), mean(&targets));
        let centred = DMatrix::from_fn(12, 3, |i, j| features[(i, j)] - fx[j]);
        let wanted = DMatrix::from_fn(12, 2, |i, j| targets[(i, j)] - fy[j]);
        let parts = svd(&centred).unwrap();
        let projected = parts.u.transpose() * &wanted;
        let found = leave_one_out(&parts.u, &projected, &wanted, &parts.s.map(|s| s * s / (s * s + 0.5)));
        assert!((found / by_hand - 1.0).abs() < 1e-10, "{found} {by_hand}");
    }
}
