//! Dense linear algebra on `nalgebra` matrices. The only files that name the decomposition library (faer).
//!
//! Everything runs on the calling thread, but for the eigenvalues of large matrices; results do not depend on the number of threads.

mod cholesky;
mod eigenvalues;
mod hessenberg;
mod lu;
mod product;
mod smallest_singular_value;
mod qr;
mod schur;
mod svd;
mod workers;

pub use cholesky::Cholesky;
pub use eigenvalues::{eigenvalues, symmetric_eigenvalues};
pub use lu::Lu;
pub use product::product;
pub(crate) use product::{gram, tall_product, transposed_product_in_strips};
pub use qr::orthonormalise;
pub(crate) use qr::{Rounding, orthonormalise_for};
pub use smallest_singular_value::smallest_singular_value;
pub use svd::{Svd, complex_singular_values, singular_values, svd};

use faer::{MatMut, MatRef};
use nalgebra::{DMatrix, Scalar};

/// The same numbers seen as a matrix of the decomposition library.
fn view(matrix: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}

fn view_mut(matrix: &mut DMatrix<f64>) -> MatMut<'_, f64> {
    let (rows, columns) = matrix.shape();
    MatMut::from_column_major_slice_mut(matrix.as_mut_slice(), rows, columns)
}

/// Zeros whose memory the system provides once they are written, so on the threads that write.
pub(crate) fn untouched<T: Scalar + Default>(rows: usize, columns: usize) -> DMatrix<T> {
    DMatrix::from_vec(rows, columns, vec![T::default(); rows * columns])
}

fn owned(matrix: MatRef<'_, f64>) -> DMatrix<f64> {
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[(i, j)])
}
