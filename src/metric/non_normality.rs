//! How far a matrix is from normal.

use nalgebra::{Complex, DMatrix};

/// Henrici's departure from normality, sqrt(‖J‖² − Σ |λ|²) / ‖J‖ with the Frobenius norm and the eigenvalues λ of `matrix`: 0 for a normal
/// matrix, 1 where all weights are feed-forward. NaN for a matrix of zeros (Henrici 1962).
///
/// ```
/// use crosscurrent::{linalg::eigenvalues, metric::non_normality};
/// use nalgebra::dmatrix;
/// let rotation = dmatrix![0.0, -1.0; 1.0, 0.0];
/// assert!(non_normality(&rotation, &eigenvalues(&rotation)?) < 1e-7);
/// let forward = dmatrix![0.0, 0.0; 5.0, 0.0];
/// assert!((non_normality(&forward, &eigenvalues(&forward)?) - 1.0).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "Henrici")]
pub fn non_normality(matrix: &DMatrix<f64>, eigenvalues: &[Complex<f64>]) -> f64 {
    let whole = matrix.norm_squared();
    let normal: f64 = eigenvalues.iter().map(Complex::norm_sqr).sum();
    // Rounding may leave a normal matrix with a little less than nothing.
    ((whole - normal).max(0.0) / whole).sqrt()
}
