//! Share of signs that an estimate gets right.

use nalgebra::DMatrix;

/// Share of entries whose sign is right, among those where the modulus of the truth is at least its median over the entries that are
/// not zero (weak weights have no sign worth knowing). 0.5 is chance; NaN when the truth is zero.
///
/// ```
/// use crosscurrent::metric::sign_agreement;
/// use nalgebra::dmatrix;
/// assert_eq!(sign_agreement(&dmatrix![1.0, -2.0, 3.0, 0.0], &dmatrix![-1.0, -1.0, 1.0, 1.0]), 1.0);
/// ```
pub fn sign_agreement(truth: &DMatrix<f64>, estimate: &DMatrix<f64>) -> f64 {
    let mut sizes: Vec<f64> = truth.iter().map(|w| w.abs()).filter(|&w| w > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let Some(&median) = sizes.get(sizes.len() / 2) else { return f64::NAN };
    let (mut right, mut counted) = (0, 0);
    for (t, e) in truth.iter().zip(estimate.iter()).filter(|(t, _)| t.abs() >= median) {
        counted += 1;
        right += usize::from(t * e > 0.0);
    }
    right as f64 / counted as f64
}
