//! Matrix products.

use super::{view, view_mut};
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Columns of a product that one thread makes at a time, or rows, where A has many.
const STRIP: usize = 128;
const TALL: usize = 600;

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

/// out = A B for some columns of B and of the product, one after the other in memory.
fn multiply(a: MatRef<'_, f64>, b: &[f64], out: &mut [f64]) {
    let columns = out.len() / a.nrows().max(1);
    let (b, out) = (MatRef::from_column_major_slice(b, a.ncols(), columns), MatMut::from_column_major_slice_mut(out, a.nrows(), columns));
    matmul(out, Accum::Replace, a, b, 1.0, Par::Seq);
}

/// `out` = A B on all threads, for an A of many rows; the same bits on any number of threads.
pub(crate) fn tall_product(a: &DMatrix<f64>, b: &DMatrix<f64>, out: &mut DMatrix<f64>) {
    multiply_by_rows(view(a), view(b), view_mut(out));
}

/// Parts of A are packed once for all columns of B if a thread makes all columns of some rows.
fn multiply_by_rows(a: MatRef<'_, f64>, b: MatRef<'_, f64>, out: MatMut<'_, f64>) {
    if a.nrows() <= TALL {
        return matmul(out, Accum::Replace, a, b, 1.0, Par::Seq);
    }
    let half = a.nrows() / 2;
    let ((above, below), (to_above, to_below)) = (a.split_at_row(half), out.split_at_row_mut(half));
    rayon::join(|| multiply_by_rows(above, b, to_above), || multiply_by_rows(below, b, to_below));
}

/// A^T B on all threads; the same bits on any number of them.
pub(crate) fn transposed_product_in_strips(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(a.ncols(), b.ncols());
    let strips = out.as_mut_slice().par_chunks_mut(STRIP * a.ncols().max(1));
    strips.zip(b.as_slice().par_chunks(STRIP * a.nrows().max(1))).for_each(|(out, b)| multiply(view(a).transpose(), b, out));
    out
}

/// X^T X, half of which is computed.
pub(crate) fn gram(x: &DMatrix<f64>) -> DMatrix<f64> {
    let mut gram = DMatrix::zeros(x.ncols(), x.ncols());
    let (lower, whole) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(view_mut(&mut gram), lower, Accum::Replace, view(x).transpose(), whole, view(x), whole, 1.0, Par::Seq);
    gram.fill_upper_triangle_with_lower_triangle();
    gram
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

    #[test]
    fn products_on_all_threads_and_of_a_matrix_with_itself_are_the_plain_ones() {
        let a = DMatrix::from_fn(31, 17, |i, j| (i as f64 - 2.0 * j as f64).sin());
        let b = DMatrix::from_fn(17, 2 * STRIP + 5, |i, j| (i as f64 * 0.3 + j as f64).cos());
        let plain = &a * &b;
        let tall = DMatrix::from_fn(3 * TALL + 1, 17, |i, j| (i as f64 * 0.7 - j as f64).sin());
        let mut out = DMatrix::zeros(tall.nrows(), b.ncols());
        tall_product(&tall, &b, &mut out);
        assert!((out - &tall * &b).amax() < 1e-14);
        assert!((transposed_product_in_strips(&a, &plain) - a.transpose() * &plain).amax() < 1e-12);
        assert!((gram(&a) - a.transpose() * &a).amax() < 1e-13);
    }
}
