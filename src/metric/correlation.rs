//! Pearson correlation.

use nalgebra::DMatrix;

/// Pearson correlation over all entries of two matrices of equal shape; NaN when one of them is constant.
///
/// ```
/// use crosscurrent::metric::correlation;
/// use nalgebra::dmatrix;
/// assert!((correlation(&dmatrix![1.0, 2.0, 3.0], &dmatrix![2.0, 4.0, 6.0]) - 1.0).abs() < 1e-15);
/// ```
pub fn correlation(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let (mean_a, mean_b) = (a.mean(), b.mean());
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b.iter()) {
        let (x, y) = (x - mean_a, y - mean_b);
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    // Zero over zero is the answer to a question without information.
    if aa == 0.0 || bb == 0.0 { f64::NAN } else { ab / (aa * bb).sqrt() }
}
