//! The smallest singular value of a large matrix, without the others.

use super::{symmetric_eigenvalues, view};
use crate::error::{Error, Result};
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{MatMut, Par};
use nalgebra::{DMatrix, DVector};

/// Steps of the iteration at most; a spectrum with a gap takes about ten.
const STEPS: usize = 200;

/// The smallest singular value of a square matrix; 0 where the matrix is singular to rounding.
///
/// One LU factorisation, then the Lanczos iteration on (A^T A)^-1 until the value changes by less than 1e-12 of itself: about 2/3 n³
/// operations, a tenth of those for all singular values.
///
/// ```
/// use crosscurrent::linalg::smallest_singular_value;
/// use nalgebra::dmatrix;
/// assert!((smallest_singular_value(&dmatrix![3.0, 0.0; 0.0, -0.5])? - 0.5).abs() < 1e-14);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] unless the matrix is square and not empty, [`Error::Data`] for values that are not finite, [`Error::NotConverged`].
pub fn smallest_singular_value(matrix: &DMatrix<f64>) -> Result<f64> {
    let n = matrix.nrows();
    if !matrix.is_square() || n == 0 {
        let found = format!("{} × {}", n, matrix.ncols());
        return Err(Error::shape("matrix with a smallest singular value", "a square one of at least 1 × 1", found));
    }
    if matrix.iter().any(|v| !v.is_finite()) {
        return Err(Error::data("matrix with a smallest singular value", "a value is not finite", "use finite values"));
    }
    faer::set_global_parallelism(Par::Seq);
    let factors = view(matrix).partial_piv_lu();
    // A start that no matrix is built around: the golden ratio is the number that fractions approach worst.
    let start = DVector::from_fn(n, |i, _| ((i + 1) as f64 * 0.618_033_988_749_895).fract() - 0.5 + 1.0 / n as f64);
    let mut basis = vec![start.normalize()];
    let (mut diagonal, mut beside) = (Vec::new(), Vec::new());
    let mut last = f64::INFINITY;
    for step in 0..STEPS.min(n) {
        let mut next = applied(&factors, &basis[step]);
        diagonal.push(next.dot(&basis[step]));
        // Twice is enough (Kahan): the basis stays orthogonal to rounding.
        for _ in 0..2 {
            basis.iter().for_each(|v| next.axpy(-next.dot(v), v, 1.0));
        }
        if next.iter().any(|v| !v.is_finite()) {
            return Ok(0.0);
        }
        let value = largest(&diagonal, &beside)?.max(0.0).sqrt().recip();
        let length = next.norm();
        if (value - last).abs() <= 1e-12 * value && step > 2 || step + 1 == n || length <= f64::EPSILON / value.powi(2) {
            return Ok(if value.is_finite() { value } else { 0.0 });
        }
        last = value;
        beside.push(length);
        basis.push(next / length);
    }
    Err(Error::NotConverged { what: "the smallest singular value".into(), residual: f64::NAN, iterations: STEPS, tolerance: 1e-12 })
}

/// (A^T A)^-1 v.
fn applied(factors: &PartialPivLu<f64>, v: &DVector<f64>) -> DVector<f64> {
    let mut out = v.clone();
    let n = v.len();
    factors.solve_transpose_in_place(MatMut::from_column_major_slice_mut(out.as_mut_slice(), n, 1));
    factors.solve_in_place(MatMut::from_column_major_slice_mut(out.as_mut_slice(), n, 1));
    out
}

/// Largest eigenvalue of the symmetric tridiagonal matrix.
fn largest(diagonal: &[f64], beside: &[f64]) -> Result<f64> {
    let n = diagonal.len();
    let matrix = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    });
    if matrix.iter().any(|v| !v.is_finite()) {
        return Ok(f64::INFINITY);
    }
    Ok(symmetric_eigenvalues(&matrix)?[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::singular_values;

    #[test]
    fn the_smallest_is_the_last_of_all() {
        for n in [1, 2, 3, 5, 40, 120] {
            for shift in [0.0, 0.3] {
                let a = DMatrix::from_fn(n, n, |i, j| ((i * 7 + j * 13 + i * j) as f64 * (0.61 + shift)).sin());
                let expected = *singular_values(&a).unwrap().last().unwrap();
                let found = smallest_singular_value(&a).unwrap();
                assert!((found - expected).abs() < 1e-10 * expected + 1e-13, "{n}: {found} {expected}");
            }
        }
    }

    #[test]
    fn equal_singular_values_and_singular_matrices_have_one_too() {
        assert!((smallest_singular_value(&(DMatrix::identity(20, 20) * 0.7)).unwrap() - 0.7).abs() < 1e-14);
        assert_eq!(smallest_singular_value(&DMatrix::zeros(6, 6)).unwrap(), 0.0);
        assert!(smallest_singular_value(&DMatrix::from_element(6, 6, 1.0)).unwrap() < 1e-15);
        assert!(smallest_singular_value(&DMatrix::zeros(2, 3)).is_err());
        assert!(smallest_singular_value(&DMatrix::from_element(2, 2, f64::NAN)).is_err());
    }
}
