//! Thin singular value decomposition.

use super::{owned, view};
use crate::error::{Error, Result};
use faer::{MatRef, Par};
use nalgebra::{Complex, DMatrix, DVector};

/// A = U diag(s) V^T with the k = min(rows, columns) singular values s in decreasing order.
#[derive(Clone, Debug)]
pub struct Svd {
    /// Rows × k, orthonormal columns.
    pub u: DMatrix<f64>,
    /// k values, decreasing, not negative.
    pub s: DVector<f64>,
    /// Columns × k, orthonormal columns.
    pub v: DMatrix<f64>,
}

/// The thin singular value decomposition of `matrix`.
///
/// # Errors
/// [`Error::NotConverged`] when the iteration fails, as it does for values that are not finite.
pub fn svd(matrix: &DMatrix<f64>) -> Result<Svd> {
    faer::set_global_parallelism(Par::Seq);
    if matrix.iter().any(|v| !v.is_finite()) {
        return Err(failed());
    }
    let decomposition = view(matrix).thin_svd().map_err(|_| failed())?;
    let s = decomposition.S().column_vector();
    Ok(Svd { u: owned(decomposition.U()), s: DVector::from_fn(s.nrows(), |i, _| s[i]), v: owned(decomposition.V()) })
}

/// The singular values of `matrix` alone, in decreasing order: several times faster than [`svd`].
///
/// # Errors
/// As [`svd`].
pub fn singular_values(matrix: &DMatrix<f64>) -> Result<Vec<f64>> {
    faer::set_global_parallelism(Par::Seq);
    if matrix.iter().any(|v| !v.is_finite()) {
        return Err(failed());
    }
    view(matrix).singular_values().map_err(|_| failed())
}

/// The singular values of a complex matrix, in decreasing order.
///
/// # Errors
/// As [`svd`].
pub fn complex_singular_values(matrix: &DMatrix<Complex<f64>>) -> Result<Vec<f64>> {
    faer::set_global_parallelism(Par::Seq);
    if matrix.iter().any(|v| !v.re.is_finite() || !v.im.is_finite()) {
        return Err(failed());
    }
    let view = MatRef::from_column_major_slice(matrix.as_slice(), matrix.nrows(), matrix.ncols());
    view.singular_values().map_err(|_| failed())
}

fn failed() -> Error {
    let what = "the singular value decomposition".into();
    Error::NotConverged { what, residual: f64::NAN, iterations: 0, tolerance: f64::EPSILON }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_rebuild_the_matrix_tall_and_wide() {
        for (rows, columns) in [(40, 12), (12, 40), (9, 9)] {
            let a = DMatrix::from_fn(rows, columns, |i, j| ((i * 3 + j * 7) as f64 * 0.37).sin());
            let Svd { u, s, v } = svd(&a).unwrap();
            let rebuilt = &u * DMatrix::from_diagonal(&s) * v.transpose();
            assert!((rebuilt - &a).amax() < 1e-12);
            assert!((u.transpose() * &u - DMatrix::identity(s.len(), s.len())).amax() < 1e-12);
            assert!(s.as_slice().windows(2).all(|w| w[0] >= w[1]) && s.iter().all(|&s| s >= 0.0));
        }
    }

    #[test]
    fn singular_values_alone_are_those_of_the_decomposition() {
        let a = DMatrix::from_fn(30, 17, |i, j| ((i * 3 + j * 7) as f64 * 0.37).sin());
        let b = DMatrix::from_fn(30, 17, |i, j| ((i * 5 + j * 2) as f64 * 0.73).cos());
        let alone = singular_values(&a).unwrap();
        assert!(alone.iter().zip(svd(&a).unwrap().s.iter()).all(|(x, y)| (x - y).abs() < 1e-12));
        // A + iB acts on pairs of real numbers as [[A, −B], [B, A]], which has each of its singular values twice.
        let complex = complex_singular_values(&a.zip_map(&b, Complex::new)).unwrap();
        let mut pairs = DMatrix::zeros(60, 34);
        pairs.view_mut((0, 0), (30, 17)).copy_from(&a);
        pairs.view_mut((30, 17), (30, 17)).copy_from(&a);
        pairs.view_mut((30, 0), (30, 17)).copy_from(&b);
        pairs.view_mut((0, 17), (30, 17)).copy_from(&-b);
        let pairs = singular_values(&pairs).unwrap();
        assert!((0..17).all(|k| (complex[k] - pairs[2 * k]).abs() < 1e-12 && (complex[k] - pairs[2 * k + 1]).abs() < 1e-12));
    }

    #[test]
    fn values_that_are_not_finite_are_an_error() {
        assert!(svd(&DMatrix::from_element(3, 3, f64::NAN)).is_err());
        assert!(singular_values(&DMatrix::from_element(3, 3, f64::INFINITY)).is_err());
        assert!(complex_singular_values(&DMatrix::from_element(2, 2, Complex::new(0.0, f64::NAN))).is_err());
    }
}
