//! LU factorisation of a general square matrix.

use super::{owned, view};
use crate::error::{Error, Result};
use faer::Par;
use faer::linalg::solvers::{PartialPivLu, Solve};
use nalgebra::DMatrix;

/// A = P L U with partial pivoting, ready to solve A X = B.
///
/// ```
/// use crosscurrent::linalg::Lu;
/// use nalgebra::dmatrix;
/// let x = Lu::new(&dmatrix![0.0, 2.0; 4.0, 1.0])?.solve(&dmatrix![2.0; 9.0]);
/// assert!((x[(0, 0)] - 2.0).abs() < 1e-15 && (x[(1, 0)] - 1.0).abs() < 1e-15);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lu {
    factors: PartialPivLu<f64>,
    size: usize,
}

impl Lu {
    /// Factorises `matrix`.
    ///
    /// # Errors
    /// [`Error::Shape`] unless the matrix is square. A singular one is only seen in its solutions, which are not finite.
    pub fn new(matrix: &DMatrix<f64>) -> Result<Self> {
        if !matrix.is_square() {
            return Err(Error::shape("matrix to factorise", "a square one", format!("{} × {}", matrix.nrows(), matrix.ncols())));
        }
        faer::set_global_parallelism(Par::Seq);
        Ok(Lu { factors: view(matrix).partial_piv_lu(), size: matrix.nrows() })
    }

    /// A^-1 B (as many rows as A).
    ///
    /// # Panics
    /// When B has not as many rows as A.
    pub fn solve(&self, b: &DMatrix<f64>) -> DMatrix<f64> {
        assert_eq!(b.nrows(), self.size, "rows of a right-hand side");
        owned(self.factors.solve(view(b)).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve_and_singular_matrices_show() {
        for n in [1, 2, 7, 40] {
            let a = DMatrix::from_fn(n, n, |i, j| ((i * 7 + j * 13 + i * j) as f64 * 0.61).sin() + if i == j { 10.0 } else { 0.0 });
            let b = DMatrix::from_fn(n, 3, |i, j| ((i * 5 + j * 3) as f64 * 0.71).sin());
            let x = Lu::new(&a).unwrap().solve(&b);
            assert!((&a * x - &b).amax() < 1e-9, "{n}");
        }
        let singular = Lu::new(&DMatrix::zeros(2, 2)).unwrap().solve(&DMatrix::from_element(2, 1, 1.0));
        assert!(singular.iter().any(|x| !x.is_finite()));
        assert!(Lu::new(&DMatrix::zeros(2, 3)).is_err());
    }
}
