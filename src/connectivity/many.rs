//! J times the rates of many trajectories at once.

use super::Connectivity;
use crate::kernels::{Level, MultiGemv, Real, accumulate};
use std::ops::Range;

/// J packed for products with vectors that stand side by side: element k of vector b at `k * width + b`.
#[derive(Clone, Debug)]
pub(crate) enum ManyPacked<T: Real> {
    Dense(MultiGemv<T>),
    Sparse { starts: Vec<usize>, columns: Vec<u32>, weights: Vec<T>, width: usize },
}

impl<T: Real> ManyPacked<T> {
    /// For `vectors` vectors. A low-rank part is added to its base: for many vectors the product is one of arithmetic, not of bytes.
    pub(crate) fn new(connectivity: &Connectivity, vectors: usize) -> Self {
        match connectivity {
            Connectivity::Sparse(sparse) => ManyPacked::Sparse {
                starts: sparse.starts.clone(),
                columns: sparse.columns.clone(),
                weights: sparse.weights.iter().map(|&w| T::from_f64(w)).collect(),
                width: vectors,
            },
            _ => {
                let (neurons, matrix) = (connectivity.neurons(), connectivity.to_dense());
                ManyPacked::Dense(MultiGemv::from_column_major((neurons, neurons), matrix.as_slice(), vectors, Level::detect()))
            }
        }
    }

    /// Values from one element of the vectors to the next.
    pub(crate) fn width(&self) -> usize {
        match self {
            ManyPacked::Dense(matrix) => matrix.width(),
            ManyPacked::Sparse { width, .. } => *width,
        }
    }

    /// Ranges of rows start at a multiple of this.
    pub(crate) fn height(&self) -> usize {
        match self {
            ManyPacked::Dense(matrix) => matrix.height(),
            ManyPacked::Sparse { .. } => 1,
        }
    }

    /// drives = J[rows] rates.
    pub(crate) fn apply(&self, rows: Range<usize>, rates: &[T], drives: &mut [T]) {
        match self {
            ManyPacked::Dense(matrix) => matrix.apply(rows, rates, drives),
            ManyPacked::Sparse { starts, columns, weights, width } => {
                for (row, drive) in rows.zip(drives.chunks_exact_mut(*width)) {
                    drive.fill(T::ZERO);
                    for at in starts[row]..starts[row + 1] {
                        accumulate(Level::detect(), drive, weights[at], &rates[columns[at] as usize * width..][..*width]);
                    }
                }
            }
        }
    }
}
