//! Slope of an estimate against the truth.

use nalgebra::DMatrix;

/// <truth, estimate> / <truth, truth> over all entries: 1 for the right size, below 1 when shrunk; NaN when the truth is zero.
///
/// ```
/// use crosscurrent::metric::slope;
/// use nalgebra::dmatrix;
/// assert!((slope(&dmatrix![1.0, -2.0], &dmatrix![0.5, -1.0]) - 0.5).abs() < 1e-15);
/// ```
pub fn slope(truth: &DMatrix<f64>, estimate: &DMatrix<f64>) -> f64 {
    truth.dot(estimate) / truth.norm_squared()
}
