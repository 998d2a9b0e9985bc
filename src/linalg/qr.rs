//! Orthonormal columns.

use super::{owned, view};
use faer::Par;
use nalgebra::DMatrix;

/// Replaces the columns of `matrix` (rows × k with k at most rows) by the orthonormal Q of A = Q R, and returns R (k × k, upper triangular,
/// its diagonal not negative: by how much each column sticks out of the span of those before it).
///
/// ```
/// use crosscurrent::linalg::orthonormalise;
/// let mut q = nalgebra::dmatrix![3.0, 1.0; 4.0, 2.0];
/// let r = orthonormalise(&mut q);
/// assert!((r[(0, 0)] - 5.0).abs() < 1e-14 && (r[(1, 1)] - 0.4).abs() < 1e-14);
/// assert!((q[(0, 0)] - 0.6).abs() < 1e-14);
/// ```
///
/// # Panics
/// When there are more columns than rows.
pub fn orthonormalise(matrix: &mut DMatrix<f64>) -> DMatrix<f64> {
    let columns = matrix.ncols();
    assert!(columns <= matrix.nrows(), "more columns than dimensions cannot be orthonormal");
    if columns == 0 {
        return DMatrix::zeros(0, 0);
    }
    faer::set_global_parallelism(Par::Seq);
    let factors = view(matrix).qr();
    let (mut q, factor) = (owned(factors.compute_thin_Q().as_ref()), factors.thin_R());
    let mut r = DMatrix::from_fn(columns, columns, |i, j| if i <= j { factor[(i, j)] } else { 0.0 });
    for k in 0..columns {
        if r[(k, k)] < 0.0 {
            q.column_mut(k).neg_mut();
            r.row_mut(k).neg_mut();
        }
    }
    *matrix = q;
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_orthonormal_and_span_the_same() {
        for (rows, columns) in [(9, 9), (40, 7), (5, 1), (4, 0)] {
            let a = DMatrix::from_fn(rows, columns, |i, j| ((i * 3 + j * 7) as f64 * 0.37).sin() + f64::from(u8::from(i == j)));
            let mut q = a.clone();
            let r = orthonormalise(&mut q);
            assert!((q.transpose() * &q - DMatrix::identity(columns, columns)).amax_or_zero() < 1e-13);
            assert!((&q * &r - &a).amax_or_zero() < 1e-13);
            for k in 0..columns {
                assert!(r[(k, k)] > 0.0);
                assert!((k + 1..columns).all(|below| r[(below, k)] == 0.0), "R is upper triangular");
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
