//! Thin singular value decomposition.

use super::{owned, view};
use crate::error::{Error, Result};
use faer::Par;
use nalgebra::{DMatrix, DVector};

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
    let failed = || Error::NotConverged {
        what: "the singular value decomposition".into(),
        residual: f64::NAN,
        iterations: 0,
        tolerance: f64::EPSILON,
    };
    if matrix.iter().any(|v| !v.is_finite()) {
        return Err(failed());
    }
    let decomposition = view(matrix).thin_svd().map_err(|_| failed())?;
    let s = decomposition.S().column_vector();
    Ok(Svd { u: owned(decomposition.U()), s: DVector::from_fn(s.nrows(), |i, _| s[i]), v: owned(decomposition.V()) })
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
    fn values_that_are_not_finite_are_an_error() {
        assert!(svd(&DMatrix::from_element(3, 3, f64::NAN)).is_err());
    }
}
