//! J times many vectors at once.

use super::Connectivity;
use crate::kernels::{Beside, Buffer, LeftFactor, Level, Real, Strided, demote};
use nalgebra::DMatrix;

/// J packed for products with matrices of vectors, which are N rows in columns one after the other.
#[derive(Clone, Debug)]
pub(crate) enum PackedProduct<T: Real> {
    Dense(LeftFactor<T>),
    Sparse { starts: Vec<usize>, columns: Vec<u32>, weights: Vec<T> },
    LowRankPlus { base: Box<PackedProduct<T>>, left: LeftFactor<T>, right: LeftFactor<T>, inner: Vec<T> },
}

/// A matrix with at least one row, or what stands in its columns with rows and columns exchanged.
fn pack<T: Real>(matrix: &DMatrix<f64>, transposed: bool) -> LeftFactor<T> {
    let mut values = Buffer::zeros(matrix.len());
    demote(Level::detect(), matrix.as_slice(), &mut values);
    let strided = Strided::columns_of(&values, matrix.nrows());
    LeftFactor::new(if transposed { strided.transposed() } else { strided }, Level::detect())
}

impl<T: Real> PackedProduct<T> {
    pub(crate) fn new(connectivity: &Connectivity) -> Self {
        match connectivity {
            Connectivity::Dense(matrix) => PackedProduct::Dense(pack(matrix, false)),
            Connectivity::Sparse(sparse) => PackedProduct::Sparse {
                starts: sparse.starts.clone(),
                columns: sparse.columns.clone(),
                weights: sparse.weights.iter().map(|&w| T::from_f64(w)).collect(),
            },
            Connectivity::LowRankPlus { base, left, right } => PackedProduct::LowRankPlus {
                base: Box::new(PackedProduct::new(base)),
                left: pack(left, false),
                right: pack(right, true),
                inner: Vec::new(),
            },
        }
    }

    /// out = J diag(slopes) vectors (N × k).
    pub(crate) fn apply(&mut self, slopes: &[T], vectors: &[T], out: &mut [T]) {
        if let PackedProduct::Dense(left) = self {
            return left.multiply(Some(slopes), Strided::columns_of(vectors, slopes.len()), out);
        }
        out.fill(T::ZERO);
        self.add(slopes, vectors, out);
    }

    /// vectors = diag(keep) vectors + diag(weights) J diag(slopes) vectors and, for the two of `beside`, drive = J rates in one go, the
    /// latter with the bits of [`super::Packed`]; false, and nothing done, unless J is dense.
    pub(crate) fn blend(&mut self, slopes: &[T], factors: (&[T], &[T]), vectors: &mut [T], beside: Beside<'_, T>) -> bool {
        let PackedProduct::Dense(left) = self else { return false };
        left.blend(slopes, factors, vectors, beside);
        true
    }

    fn add(&mut self, slopes: &[T], vectors: &[T], out: &mut [T]) {
        let neurons = slopes.len();
        match self {
            PackedProduct::Dense(left) => left.multiply_add(Some(slopes), Strided::columns_of(vectors, neurons), out),
            PackedProduct::Sparse { starts, columns, weights } => {
                for (from, to) in vectors.chunks_exact(neurons).zip(out.chunks_exact_mut(neurons)) {
                    for (target, sum) in to.iter_mut().enumerate() {
                        let range = starts[target]..starts[target + 1];
                        let terms = columns[range.clone()].iter().zip(&weights[range]);
                        let added = terms.map(|(&source, weight)| weight.mul(slopes[source as usize]).mul(from[source as usize]));
                        *sum = added.fold(*sum, Real::plus);
                    }
                }
            }
            PackedProduct::LowRankPlus { base, left, right, inner } => {
                base.add(slopes, vectors, out);
                inner.clear();
                inner.resize(right.rows() * (vectors.len() / neurons), T::ZERO);
                right.multiply_add(Some(slopes), Strided::columns_of(vectors, neurons), inner);
                left.multiply_add(None, Strided::columns_of(inner, right.rows()), out);
            }
        }
    }
}
