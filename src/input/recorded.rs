//! Values from an array.

use super::{Input, Moment};
use crate::error::{Error, Result, positive};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// u_i(t) = the column of `values` that is current at t: each sample holds until the next one.
///
/// Before the first sample the first column holds, after the last one the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Rows", into = "Rows")]
pub struct Recorded {
    /// Units × samples.
    pub values: DMatrix<f64>,
    /// Seconds between samples; positive.
    pub dt: f64,
}

/// How a recorded input stands in a file: one list of samples per unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    values: Vec<Vec<f64>>,
    dt: f64,
}

impl TryFrom<Rows> for Recorded {
    type Error = Error;

    fn try_from(rows: Rows) -> Result<Self> {
        let samples = rows.values.first().map_or(0, Vec::len);
        if let Some((unit, row)) = rows.values.iter().enumerate().find(|(_, row)| row.len() != samples) {
            return Err(Error::shape(format!("samples of unit {unit} of a recorded input"), samples, row.len()));
        }
        Ok(Recorded { values: DMatrix::from_fn(rows.values.len(), samples, |i, j| rows.values[i][j]), dt: rows.dt })
    }
}

impl From<Recorded> for Rows {
    fn from(recorded: Recorded) -> Self {
        Rows { values: recorded.values.row_iter().map(|row| row.iter().copied().collect()).collect(), dt: recorded.dt }
    }
}

impl Default for Recorded {
    fn default() -> Self {
        Recorded { values: DMatrix::zeros(1, 1), dt: 0.01 }
    }
}

impl Input for Recorded {
    fn add(&self, moment: Moment, drive: &mut [f64]) {
        // A thousandth of a step absorbs the rounding of the ratio of the two clocks.
        let position = ((moment.step as f64 + moment.stage + 1e-3) * (moment.clock.dt() / self.dt)).floor();
        let column = (position.max(0.0) as usize).min(self.values.ncols() - 1);
        for (u, &value) in drive.iter_mut().zip(self.values.column(column).iter()) {
            *u += value;
        }
    }

    fn check(&self, units: usize) -> Result<()> {
        positive("dt of a recorded input", self.dt)?;
        if self.values.ncols() == 0 || self.values.nrows() != units {
            return Err(Error::shape(
                "recorded input",
                format!("{units} units × at least 1 sample"),
                format!("{} × {}", self.values.nrows(), self.values.ncols()),
            ));
        }
        match self.values.iter().position(|v| !v.is_finite()) {
            Some(bad) => {
                let place = format!("unit {}, sample {}", bad % units, bad / units);
                Err(Error::data("recorded input", format!("{} at {place}", self.values[bad]), "replace it by a finite value"))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn each_sample_holds_for_its_own_steps() {
        let recorded = Recorded { values: DMatrix::from_row_slice(1, 3, &[1.0, 2.0, 3.0]), dt: 0.1 };
        for factor in 1..=20 {
            let clock = Clock::with_steps(0.1, 3).unwrap().refine(factor).unwrap();
            for step in -2..4 * factor as i64 {
                let mut drive = [0.0];
                recorded.add(Moment { clock: &clock, step, stage: 0.0 }, &mut drive);
                let expected = (step.max(0) / factor as i64).min(2) as f64 + 1.0;
                assert_eq!(drive[0], expected, "{factor} steps per sample, step {step}");
            }
        }
    }
}
