//! Orthonormal columns.

use super::{owned, product, view};
use crate::kernels::{Block, BlockMut, Level, Multiplier};
use faer::{Par, Side};
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
    orthonormalise_for(matrix, Rounding::Double)
}

/// Where orthonormal columns go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// They are used as they are.
    Double,
    /// They are rounded to 32 bits: where columns are so independent that one round of products errs by far less, it is enough.
    Single,
}

/// As [`orthonormalise`], as exactly as what comes after asks for.
pub(crate) fn orthonormalise_for(matrix: &mut DMatrix<f64>, rounding: Rounding) -> DMatrix<f64> {
    let columns = matrix.ncols();
    assert!(columns <= matrix.nrows(), "more columns than dimensions cannot be orthonormal");
    if columns == 0 {
        return DMatrix::zeros(0, 0);
    }
    if columns < MANY {
        return by_reflections(matrix);
    }
    let before = matrix.clone();
    by_products(matrix, &mut Multiplier::new(Level::detect()), rounding).unwrap_or_else(|| {
        *matrix = before;
        by_reflections(matrix)
    })
}

/// Columns from which products pay.
const MANY: usize = 32;

/// Columns that are solved for at once.
const BLOCK: usize = 48;

/// Columns of a Gram matrix between which its symmetry is used.
const SYMMETRIC: usize = 144;

/// Root of the sum of squares by which the Gram matrix after the first pass may differ from the identity for the second to repair it.
const REPAIRABLE: f64 = 0.1;

/// Share of the largest diagonal element of R below which a column nearly depends on those before it: products lose too much there.
const DEPENDENT: f64 = 1e-6;

/// The same share above which one round leaves columns orthogonal to 1e-10, a thousandth of a rounding to 32 bits.
const INDEPENDENT: f64 = 1e-2;

/// Householder's reflections: for every matrix.
fn by_reflections(matrix: &mut DMatrix<f64>) -> DMatrix<f64> {
    let columns = matrix.ncols();
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

/// R of A^T A = R^T R twice, Q = A R^-1 R'^-1: the second pass makes up for the rounding of the first, whose error grows with the square of
/// the condition of A, as long as that stays well below 1e8 (Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015). Nearly all work is products.
///
/// None, and a matrix that is good for nothing, where it does not stay there.
fn by_products(matrix: &mut DMatrix<f64>, by: &mut Multiplier, rounding: Rounding) -> Option<DMatrix<f64>> {
    let first = upper_factor(&gram(matrix, by)).filter(|r| r.diagonal().min() > DEPENDENT * r.diagonal().max())?;
    solve(matrix, &first, by);
    if rounding == Rounding::Single && first.diagonal().min() > INDEPENDENT * first.diagonal().max() {
        return Some(first);
    }
    let gram = gram(matrix, by);
    let distance = (&gram - DMatrix::identity(gram.nrows(), gram.nrows())).norm();
    let second = upper_factor(&gram).filter(|_| distance < REPAIRABLE)?;
    solve(matrix, &second, by);
    Some(product(&second, &first).upper_triangle())
}

fn block(matrix: &DMatrix<f64>) -> Block<'_> {
    Block::new(matrix.as_slice(), matrix.nrows(), matrix.ncols(), matrix.nrows())
}

fn block_mut(matrix: &mut DMatrix<f64>) -> BlockMut<'_> {
    let (rows, columns) = matrix.shape();
    BlockMut::new(matrix.as_mut_slice(), rows, columns, rows)
}

/// A^T A.
fn gram(matrix: &DMatrix<f64>, by: &mut Multiplier) -> DMatrix<f64> {
    let (rows, columns) = matrix.shape();
    let mut gram = DMatrix::zeros(columns, columns);
    for first in (0..columns).step_by(SYMMETRIC) {
        let end = columns.min(first + SYMMETRIC);
        let left = block(matrix).part(0..rows, 0..end).transposed();
        by.add(1.0, left, block(matrix).part(0..rows, first..end), &mut block_mut(&mut gram).part(0..end, first..end));
    }
    gram.fill_lower_triangle_with_upper_triangle();
    gram
}

/// The upper triangular R of R^T R; none where the matrix is not positive definite to rounding.
fn upper_factor(gram: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let factor = view(gram).llt(Side::Lower).ok()?;
    let lower = factor.L();
    let r = DMatrix::from_fn(gram.nrows(), gram.nrows(), |i, j| if i <= j { lower[(j, i)] } else { 0.0 });
    r.iter().all(|value| value.is_finite()).then_some(r)
}

/// A <- A R^-1, some columns after the other.
fn solve(matrix: &mut DMatrix<f64>, r: &DMatrix<f64>, by: &mut Multiplier) {
    let (rows, columns) = matrix.shape();
    for first in (0..columns).step_by(BLOCK) {
        let end = columns.min(first + BLOCK);
        let (done, rest) = block_mut(matrix).split_columns(first);
        let mut rest = rest;
        let mut own = rest.part(0..rows, 0..end - first);
        by.add(-1.0, done.view(), block(r).part(0..first, first..end), &mut own);
        by.apply_right(&mut own, block(&inverse(&r.view((first, first), (end - first, end - first)).into_owned())));
    }
}

/// R^-1 of a small upper triangular R.
fn inverse(r: &DMatrix<f64>) -> DMatrix<f64> {
    let size = r.nrows();
    let mut inverse = DMatrix::identity(size, size);
    for j in 0..size {
        for k in (0..=j).rev() {
            inverse[(k, j)] /= r[(k, k)];
            let value = inverse[(k, j)];
            for i in 0..k {
                inverse[(i, j)] -= value * r[(i, k)];
            }
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_orthonormal_and_span_the_same() {
        for (rows, columns) in [(9, 9), (40, 7), (5, 1), (4, 0), (200, 32), (700, 100), (330, 301)] {
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

    /// Columns that grew apart by the factor `spread`, in a basis that mixes them.
    fn spread(rows: usize, columns: usize, spread: f64) -> DMatrix<f64> {
        let mut q = DMatrix::from_fn(rows, columns, |i, j| ((i * i + 3 * j * i + 7 * j) as f64 * 0.37).sin());
        let mut mix = DMatrix::from_fn(columns, columns, |i, j| ((i * i + 5 * j) as f64 * 0.71).cos());
        by_reflections(&mut q);
        by_reflections(&mut mix);
        let sizes = DMatrix::from_fn(columns, columns, |i, j| if i == j { spread.powf(-(i as f64) / columns as f64) } else { 0.0 });
        q * sizes * mix
    }

    #[test]
    fn products_find_what_reflections_find() {
        for (rows, columns) in [(300, 40), (257, 257), (500, 100)] {
            for condition in [1.0, 1e3, 1e5] {
                let a = spread(rows, columns, condition);
                let (mut q, mut other) = (a.clone(), a.clone());
                let (r, expected) = (orthonormalise(&mut q), by_reflections(&mut other));
                assert!((q.tr_mul(&q) - DMatrix::identity(columns, columns)).amax() < 1e-13, "{rows} × {columns}, {condition:e}");
                assert!((&q * &r - &a).amax() < 1e-13, "{rows} × {columns}, {condition:e}");
                for k in 0..columns {
                    let change = (r[(k, k)] / expected[(k, k)]).ln().abs();
                    assert!(change < 1e-13 + 1e-15 * condition, "{rows} × {columns}, {condition:e}: {change:e}");
                }
            }
        }
    }

    #[test]
    fn one_round_is_exact_enough_for_32_bits() {
        for (rows, columns) in [(300, 40), (1000, 100), (257, 257)] {
            for condition in [1.0, 30.0, 1e3, 1e5] {
                let a = spread(rows, columns, condition);
                let (mut q, mut other) = (a.clone(), a.clone());
                let (r, expected) = (orthonormalise_for(&mut q, Rounding::Single), orthonormalise(&mut other));
                assert!((q.tr_mul(&q) - DMatrix::identity(columns, columns)).amax() < 1e-10, "{rows} × {columns}, {condition:e}");
                assert!((&q * &r - &a).amax() < 1e-13, "{rows} × {columns}, {condition:e}");
                assert!((r - expected).amax() < 1e-10, "{rows} × {columns}, {condition:e}");
            }
        }
    }

    #[test]
    fn columns_that_nearly_depend_on_others_are_left_to_reflections() {
        let a = spread(300, 40, 1e13);
        let (mut q, mut other) = (a.clone(), a);
        assert_eq!(orthonormalise(&mut q), by_reflections(&mut other));
        assert_eq!(q, other);
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
