//! Series: what one pass of a tracker reads.

use super::super::wiring::finite;
use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// An input signal and the target that the readout is to follow.
///
/// ```
/// use crosscurrent::track::Series;
/// let series = Series::from_values(&[0.0, 0.5, 1.0]);
/// assert_eq!(series.samples(), 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Inputs × time.
    pub input: DMatrix<f64>,
    /// Outputs × time; without it, the input is the target as well (TRAKR).
    pub target: Option<DMatrix<f64>>,
}

impl Series {
    /// One channel that is input and target.
    pub fn from_values(values: &[f64]) -> Self {
        Series { input: DMatrix::from_row_slice(1, values.len(), values), target: None }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.input.ncols()
    }

    /// What the readout is to follow: outputs × time.
    pub fn target(&self) -> &DMatrix<f64> {
        self.target.as_ref().unwrap_or(&self.input)
    }

    /// Checks shapes and values; `which` is the number of the series in its list.
    pub(in crate::track) fn check(&self, which: usize, inputs: usize, outputs: usize) -> Result<()> {
        let what = format!("series {which}");
        if self.samples() == 0 {
            return Err(Error::data(what, "no samples", "leave empty series out"));
        }
        let expected = [("input", &self.input, inputs), ("target", self.target(), outputs)];
        for (name, matrix, rows) in expected {
            if matrix.shape() != (rows, self.samples()) {
                let expected = format!("{rows} × {}", self.samples());
                return Err(Error::shape(format!("{name} of {what}"), expected, format!("{} × {}", matrix.nrows(), matrix.ncols())));
            }
            finite(&format!("{name} of {what}"), matrix.as_slice())?;
        }
        Ok(())
    }
}
