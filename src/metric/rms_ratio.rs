//! Gain error: how much too large an estimate is.

use nalgebra::DMatrix;

/// RMS of the estimate over RMS of the truth: the gain error of a current; 1 is right, NaN when the truth is zero.
///
/// ```
/// use crosscurrent::metric::rms_ratio;
/// use nalgebra::dmatrix;
/// assert!((rms_ratio(&dmatrix![1.0, -1.0], &dmatrix![10.0, 10.0]) - 10.0).abs() < 1e-15);
/// ```
pub fn rms_ratio(truth: &DMatrix<f64>, estimate: &DMatrix<f64>) -> f64 {
    let (truth, estimate) = (truth.norm(), estimate.norm());
    if truth == 0.0 { f64::NAN } else { estimate / truth }
}
