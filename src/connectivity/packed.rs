//! A copy of J in the storage that the kernels want, made once at the door of a hot loop.

use super::Connectivity;
use crate::kernels::{Duo, Gemv, HalfGemv, Level, Real, Update, Weights, accumulate, leak};
use nalgebra::DMatrix;

/// J ready for many products with vectors of type `T`.
#[derive(Clone, Debug)]
pub(crate) enum Packed<T: Real> {
    Dense(Gemv<T>),
    /// Dense weights that two threads share.
    Shared(Box<Duo<T>>),
    /// Dense weights in 16 bits.
    Half(HalfGemv<T>),
    Sparse {
        starts: Vec<usize>,
        columns: Vec<u32>,
        weights: Vec<T>,
    },
    LowRankPlus {
        base: Box<Packed<T>>,
        left: Gemv<T>,
        right: Gemv<T>,
        inner: Vec<T>,
        outer: Vec<T>,
    },
}

fn pack<T: Real>(matrix: &DMatrix<f64>) -> Gemv<T> {
    Gemv::from_column_major(matrix.nrows(), matrix.ncols(), matrix.as_slice(), Level::detect())
}

/// Bytes of a matrix from which on a product is worth a second thread.
const WORTH: usize = 900_000;

/// The matrix for two threads, where it is large enough and a second thread has nothing else to do: the threads of a pool, from which
/// independent networks are run, have their own.
fn shared<T: Real>(matrix: &DMatrix<f64>) -> Option<Box<Duo<T>>> {
    let idle = rayon::current_thread_index().is_none() && rayon::current_num_threads() > 1;
    let worth = idle && matrix.len() * size_of::<T>() >= WORTH;
    worth.then(|| Box::new(Duo::from_column_major(matrix.nrows(), matrix.ncols(), matrix.as_slice(), Level::detect())))
}

impl<T: Real> Packed<T> {
    /// Dense weights in 16 bits; the factors of a low-rank part and sparse weights as in [`Packed::new`].
    pub(crate) fn half(connectivity: &Connectivity) -> Self {
        match connectivity {
            Connectivity::Dense(m) => Packed::Half(HalfGemv::from_column_major(m.nrows(), m.ncols(), m.as_slice(), Level::detect())),
            Connectivity::Sparse(_) => Packed::new(connectivity),
            Connectivity::LowRankPlus { base, left, right } => Packed::with_low_rank(Packed::half(base), left, right),
        }
    }

    pub(crate) fn new(connectivity: &Connectivity) -> Self {
        match connectivity {
            Connectivity::Dense(matrix) => shared(matrix).map_or_else(|| Packed::Dense(pack(matrix)), Packed::Shared),
            Connectivity::Sparse(sparse) => Packed::Sparse {
                starts: sparse.starts.clone(),
                columns: sparse.columns.clone(),
                weights: sparse.weights.iter().map(|&w| T::from_f64(w)).collect(),
            },
            Connectivity::LowRankPlus { base, left, right } => Packed::with_low_rank(Packed::new(base), left, right),
        }
    }

    /// `base + left * right^T`.
    fn with_low_rank(base: Packed<T>, left: &DMatrix<f64>, right: &DMatrix<f64>) -> Self {
        let (inner, outer) = (vec![T::default(); left.ncols()], vec![T::default(); left.nrows()]);
        Packed::LowRankPlus { base: Box::new(base), left: pack(left), right: pack(&right.transpose()), inner, outer }
    }

    /// drive = J rates.
    pub(crate) fn apply(&mut self, rates: &[T], drive: &mut [T]) {
        match self {
            Packed::Dense(gemv) => gemv.apply(rates, drive),
            Packed::Shared(duo) => duo.apply(rates, drive),
            Packed::Half(gemv) => gemv.apply(rates, drive),
            Packed::Sparse { starts, columns, weights } => {
                for (row, out) in drive.iter_mut().enumerate() {
                    let range = starts[row]..starts[row + 1];
                    let sum: f64 =
                        columns[range.clone()].iter().zip(&weights[range]).map(|(&c, w)| w.to_f64() * rates[c as usize].to_f64()).sum();
                    *out = T::from_f64(sum);
                }
            }
            Packed::LowRankPlus { base, left, right, inner, outer } => {
                base.apply(rates, drive);
                right.apply(rates, inner);
                left.apply(inner, outer);
                accumulate(Level::detect(), drive, T::ONE, outer);
            }
        }
    }
}

impl<T: Real> Packed<T> {
    /// x = keep ∘ x + gain ∘ (J rates + added); `drive` is working space. The same bits whatever the storage allows to be done at once.
    pub(crate) fn advance(&mut self, rates: &[T], update: Update<'_, T>, drive: &mut [T], x: &mut [T]) {
        if let Packed::Dense(gemv) = self {
            return gemv.advance(rates, update, x);
        }
        self.apply(rates, drive);
        let level = Level::detect();
        if let Some(added) = update.added {
            accumulate(level, drive, T::ONE, added);
        }
        leak(level, x, Weights::Each(update.keep), Weights::Each(update.gain), drive);
    }
}

#[cfg(test)]
mod tests {
    use super::super::SparseRows;
    use super::*;

    #[test]
    fn packed_products_agree_with_the_plain_ones() {
        let dense = DMatrix::from_fn(37, 37, |i, j| ((i * 7 + j * 3) % 11) as f64 - 5.0);
        let rows: Vec<Vec<(usize, f64)>> = (0..37).map(|i| vec![((i * 5) % 37, 1.5), ((i * 3 + 1) % 37, -0.5)]).collect();
        let sparse = Connectivity::Sparse(SparseRows::new(&rows).unwrap());
        let (left, right) =
            (DMatrix::from_fn(37, 2, |i, j| (i + j) as f64 * 0.1), DMatrix::from_fn(37, 2, |i, j| 0.3 - (i * (j + 1)) as f64 * 0.01));
        let low = Connectivity::LowRankPlus { base: Box::new(sparse.clone()), left, right };
        let rates: Vec<f64> = (0..37).map(|i| (i as f64 * 0.37).sin()).collect();
        let single: Vec<f32> = rates.iter().map(|&r| r as f32).collect();
        for connectivity in [Connectivity::Dense(dense), sparse, low] {
            let expected = connectivity.apply(&rates);
            let (mut found, mut found_single, mut found_half) = (vec![0.0; 37], vec![0.0_f32; 37], vec![0.0_f32; 37]);
            Packed::new(&connectivity).apply(&rates, &mut found);
            Packed::new(&connectivity).apply(&single, &mut found_single);
            // These weights have few digits, so that 16 bits hold them.
            Packed::half(&connectivity).apply(&single, &mut found_half);
            for i in 0..37 {
                assert!((found[i] - expected[i]).abs() < 1e-12);
                assert!((f64::from(found_single[i]) - expected[i]).abs() < 1e-4);
                assert!((f64::from(found_half[i]) - expected[i]).abs() < 1e-4);
            }
        }
    }
}
