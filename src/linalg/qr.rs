//! Orthonormal columns.

use super::{owned, view};
use faer::Par;
use nalgebra::DMatrix;

/// Replaces the columns of `matrix` (rows × k with k at most rows) by the orthonormal Q of its QR decomposition with a positive
/// diagonal of R, and returns that diagonal: by how much each column sticks out of the span of those before it.
///
/// ```
/// use crosscurrent::linalg::orthonormalise;
/// let mut q = nalgebra::dmatrix![3.0, 1.0; 4.0, 2.0];
/// let grown = orthonormalise(&mut q);
/// assert!((grown[0] - 5.0).abs() < 1e-14 && (grown[1] - 0.4).abs() < 1e-14);
/// assert!((q[(0, 0)] - 0.6).abs() < 1e-14);
/// ```
///
/// # Panics
/// When there are more columns than rows.
pub fn orthonormalise(matrix: &mut DMatrix<f64>) -> Vec<f64> {
    assert!(matrix.ncols() <= matrix.nrows(), "more columns than dimensions cannot be orthonormal");
    if matrix.ncols() == 0 {
        return Vec::new();
    }
    faer::set_global_parallelism(Par::Seq);
    let factors = view(matrix).qr();
    let (mut q, r) = (owned(factors.compute_thin_Q().as_ref()), factors.thin_R());
    let diagonal: Vec<f64> = (0..matrix.ncols()).map(|k| r[(k, k)]).collect();
    for (mut column, &r) in q.column_iter_mut().zip(&diagonal) {
        if r < 0.0 {
            column.neg_mut();
        }
    }
    *matrix = q;
    diagonal.into_iter().map(f64::abs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_orthonormal_and_span_the_same() {
        for (rows, columns) in [(9, 9), (40, 7), (5, 1), (4, 0)] {
            let a = DMatrix::from_fn(rows, columns, |i, j| ((i * 3 + j * 7) as f64 * 0.37).sin() + f64::from(u8::from(i == j)));
            let mut q = a.clone();
            let diagonal = orthonormalise(&mut q);
            assert!((q.transpose() * &q - DMatrix::identity(columns, columns)).amax_or_zero() < 1e-13);
            let r = q.transpose() * &a;
            assert!((&q * &r - &a).amax_or_zero() < 1e-13);
            for k in 0..columns {
                assert!((r[(k, k)] - diagonal[k]).abs() < 1e-13 && diagonal[k] > 0.0);
                assert!((k + 1..columns).all(|below| r[(below, k)].abs() < 1e-13), "R is upper triangular");
            }
        }
    }

    trait Largest {
        fn amax_or_zero(&self) -> f64;
    }

    impl Largest for DMatrix<f64> {
        fn amax_or_zero(&self) -> f64 {
            self.iter().fold(0.0, |most: f64, value| most.max(value.abs()))
        }
    }
}
