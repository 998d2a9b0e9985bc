//! Matrix products.

use super::{view, view_mut};
use faer::linalg::matmul::matmul;
use faer::{Accum, Par};
use nalgebra::DMatrix;

/// A B (rows of A × columns of B).
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    assert_eq!(a.ncols(), b.nrows(), "inner dimensions of a product");
    let mut out = DMatrix::zeros(a.nrows(), b.ncols());
    matmul(view_mut(&mut out), Accum::Replace, view(a), view(b), 1.0, Par::Seq);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_the_plain_one() {
        let a = DMatrix::from_fn(13, 7, |i, j| (i as f64 - 2.0 * j as f64).sin());
        let b = DMatrix::from_fn(7, 21, |i, j| (i as f64 * 0.3 + j as f64).cos());
        assert!((product(&a, &b) - &a * &b).amax() < 1e-14);
    }
}
