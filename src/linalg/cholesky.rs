//! Cholesky factorisation of a symmetric positive definite matrix.

use super::view;
use crate::error::{Error, Result};
use faer::linalg::solvers::{Llt, SolveCore};
use faer::{Conj, MatMut, Par, Side};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Columns that one thread solves for at a time.
const STRIP: usize = 256;

/// A = L L^T, ready to solve A X = B.
///
/// ```
/// use crosscurrent::linalg::Cholesky;
/// use nalgebra::dmatrix;
/// let factor = Cholesky::new(&dmatrix![4.0, 2.0; 2.0, 3.0])?;
/// let x = factor.solve(&dmatrix![8.0; 7.0]);
/// assert!((x[(0, 0)] - 1.25).abs() < 1e-15 && (x[(1, 0)] - 1.5).abs() < 1e-15);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cholesky {
    factor: Llt<f64>,
    size: usize,
}

impl Cholesky {
    /// Factorises `matrix`, of which the lower half is read.
    ///
    /// # Errors
    /// [`Error::Shape`] unless the matrix is square, [`Error::Data`] unless it is positive definite.
    pub fn new(matrix: &DMatrix<f64>) -> Result<Self> {
        if !matrix.is_square() {
            let found = format!("{} × {}", matrix.nrows(), matrix.ncols());
            return Err(Error::shape("matrix to factorise", "a square one", found));
        }
        faer::set_global_parallelism(Par::Seq);
        let refused = |_| Error::data("matrix to factorise", "it is not positive definite", "raise the penalty or drop dependent columns");
        Ok(Cholesky { factor: view(matrix).llt(Side::Lower).map_err(refused)?, size: matrix.nrows() })
    }

    /// A^-1 B (as many rows as A) on all threads; the same bits on any number of them.
    ///
    /// # Panics
    /// When B has not as many rows as A.
    pub fn solve(&self, b: &DMatrix<f64>) -> DMatrix<f64> {
        assert_eq!(b.nrows(), self.size, "rows of a right-hand side");
        let mut solution = b.clone();
        let solve = |part: &mut [f64]| {
            let columns = part.len() / self.size;
            self.factor.solve_in_place_with_conj(Conj::No, MatMut::from_column_major_slice_mut(part, self.size, columns));
        };
        solution.as_mut_slice().par_chunks_mut(STRIP * self.size.max(1)).for_each(solve);
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve() {
        for n in [1, 2, 7, 40] {
            let b = DMatrix::from_fn(n, n + 3, |i, j| ((i * 5 + j * 3) as f64 * 0.71).sin());
            let a = &b * b.transpose() + DMatrix::identity(n, n);
            let x = Cholesky::new(&a).unwrap().solve(&b);
            assert!((&a * x - &b).amax() < 1e-12, "{n}");
        }
    }

    #[test]
    fn many_right_hand_sides_are_solved_strip_by_strip() {
        let a = nalgebra::dmatrix![4.0, 2.0; 2.0, 3.0];
        let b = DMatrix::from_fn(2, 2 * STRIP + 5, |i, j| (i + 2 * j) as f64);
        let x = Cholesky::new(&a).unwrap().solve(&b);
        assert_eq!(x.shape(), b.shape());
        assert!((a * x - &b).amax() < 1e-12 * b.amax());
    }

    #[test]
    fn matrices_that_are_not_positive_definite_are_refused() {
        let indefinite = DMatrix::from_diagonal(&nalgebra::dvector![1.0, -1.0]);
        assert!(Cholesky::new(&indefinite).unwrap_err().to_string().contains("positive definite"));
        assert!(Cholesky::new(&DMatrix::zeros(2, 3)).is_err());
        assert!(Cholesky::new(&DMatrix::from_element(2, 2, f64::NAN)).is_err());
    }
}
