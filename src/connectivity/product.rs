//! J times many vectors at once.

use super::Connectivity;
use crate::kernels::{LeftFactor, Level, Strided};
use nalgebra::DMatrix;

/// J packed for products with matrices of vectors.
#[derive(Clone, Debug)]
pub(crate) enum PackedProduct {
    Dense(LeftFactor<f64>),
    Sparse { starts: Vec<usize>, columns: Vec<u32>, weights: Vec<f64> },
    LowRankPlus { base: Box<PackedProduct>, left: LeftFactor<f64>, right: LeftFactor<f64>, inner: DMatrix<f64> },
}

fn pack(matrix: &DMatrix<f64>) -> LeftFactor<f64> {
    LeftFactor::new(strided(matrix), Level::detect())
}

/// A matrix with at least one row as the kernel reads it.
fn strided(matrix: &DMatrix<f64>) -> Strided<'_, f64> {
    Strided::columns_of(matrix.as_slice(), matrix.nrows())
}

impl PackedProduct {
    pub(crate) fn new(connectivity: &Connectivity) -> Self {
        match connectivity {
            Connectivity::Dense(matrix) => PackedProduct::Dense(pack(matrix)),
            Connectivity::Sparse(sparse) => {
                PackedProduct::Sparse { starts: sparse.starts.clone(), columns: sparse.columns.clone(), weights: sparse.weights.clone() }
            }
            Connectivity::LowRankPlus { base, left, right } => PackedProduct::LowRankPlus {
                base: Box::new(PackedProduct::new(base)),
                left: pack(left),
                right: LeftFactor::new(strided(right).transposed(), Level::detect()),
                inner: DMatrix::zeros(0, 0),
            },
        }
    }

    /// out = J diag(slopes) vectors (N × k).
    pub(crate) fn apply(&mut self, slopes: &[f64], vectors: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        if let PackedProduct::Dense(left) = self {
            return left.multiply(Some(slopes), strided(vectors), out.as_mut_slice());
        }
        out.fill(0.0);
        self.add(slopes, vectors, out);
    }

    /// vectors = diag(keep) vectors + diag(weights) J diag(slopes) vectors and, for the two of `beside`, drive = J rates in one go, the
    /// latter with the bits of [`super::Packed`]; false, and nothing done, unless J is dense.
    pub(crate) fn blend(
        &mut self,
        slopes: &[f64],
        factors: (&[f64], &[f64]),
        vectors: &mut DMatrix<f64>,
        beside: (&[f64], &mut [f64]),
    ) -> bool {
        let PackedProduct::Dense(left) = self else { return false };
        left.blend(slopes, factors, vectors.as_mut_slice(), beside);
        true
    }

    fn add(&mut self, slopes: &[f64], vectors: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        match self {
            PackedProduct::Dense(left) => left.multiply_add(Some(slopes), strided(vectors), out.as_mut_slice()),
            PackedProduct::Sparse { starts, columns, weights } => {
                for (from, mut to) in vectors.column_iter().zip(out.column_iter_mut()) {
                    for (target, sum) in to.iter_mut().enumerate() {
                        let range = starts[target]..starts[target + 1];
                        let terms = columns[range.clone()].iter().zip(&weights[range]);
                        *sum += terms.map(|(&source, weight)| weight * slopes[source as usize] * from[source as usize]).sum::<f64>();
                    }
                }
            }
            PackedProduct::LowRankPlus { base, left, right, inner } => {
                base.add(slopes, vectors, out);
                *inner = DMatrix::zeros(right.rows(), vectors.ncols());
                right.multiply_add(Some(slopes), strided(vectors), inner.as_mut_slice());
                left.multiply_add(None, strided(inner), out.as_mut_slice());
            }
        }
    }
}
