//! PlasticMatrix: a matrix that changes by rank-one terms, each added while the next product reads it.

use super::buffer::Buffer;
use super::level::Level;
use super::panels::{Panels, RankOne};
use super::real::Real;

/// A matrix under rank-one updates.
///
/// Beyond the second cache, reading and writing in one sweep takes no longer than reading, so an update costs nothing when it
/// waits for the next product.
#[derive(Clone, Debug)]
pub struct PlasticMatrix<T: Real> {
    /// Storage and sweep, without the pending term.
    panels: Panels<T>,
    /// Whether a term waits.
    pending: bool,
    /// Its factors of the rows, scaled, padded to whole vectors.
    u: Buffer<T>,
    /// Its factors of the columns.
    v: Buffer<T>,
    /// Where a product goes that nobody asked for.
    unused: Buffer<T>,
}

impl<T: Real> PlasticMatrix<T> {
    /// From the columns of a `rows` × `cols` matrix one after the other.
    pub fn from_column_major(rows: usize, cols: usize, values: &[f64], level: Level) -> Self {
        let panels = Panels::from_column_major(rows, cols, values, level);
        let u = Buffer::zeros(panels.padded_rows());
        PlasticMatrix { panels, pending: false, u, v: Buffer::zeros(cols), unused: Buffer::zeros(rows) }
    }

    /// `out = matrix * r`, with everything that was added so far.
    pub fn apply(&mut self, r: &[T], out: &mut [T]) {
        let term = self.pending.then_some(RankOne { u: &self.u, v: &self.v });
        self.panels.apply(term, r, out);
        self.pending = false;
    }

    /// `matrix += scale * u * v^T`, done by the next product, or at once if a term waits already.
    ///
    /// `scale * u[i]` is rounded once to the precision of the matrix.
    pub fn rank_one(&mut self, scale: f64, u: &[T], v: &[T]) {
        assert_eq!(u.len(), self.rows(), "rank one: one factor for each row is needed");
        assert_eq!(v.len(), self.cols(), "rank one: one factor for each column is needed");
        self.flush();
        for (to, from) in self.u.iter_mut().zip(u) {
            *to = T::from_f64(scale * from.to_f64());
        }
        self.v.copy_from_slice(v);
        self.pending = true;
    }

    /// Adds the term that waits, if any.
    pub fn flush(&mut self) {
        if self.pending {
            // The product with `v` is not wanted, but it comes free with the sweep.
            self.panels.apply(Some(RankOne { u: &self.u, v: &self.v }), &self.v, &mut self.unused);
            self.pending = false;
        }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.panels.rows()
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.panels.cols()
    }

    /// The columns one after the other, with the term that waits.
    pub fn to_column_major(&self) -> Vec<f64> {
        let (rows, fused) = (self.rows(), self.panels.level().fuses());
        let element = |at: usize| {
            let (i, j) = (at % rows, at / rows);
            let value = self.panels.get(i, j);
            if self.pending { self.u[i].mul_add(self.v[j], value, fused) } else { value }.to_f64()
        };
        (0..rows * self.cols()).map(element).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Any mixture of updates and products of integers is exact.
    fn exact_on_integers<T: Real>(level: Level) {
        for (rows, cols) in (0..=67).map(|n| (n, n)).chain([(67, 5), (5, 67), (130, 41), (0, 7), (7, 0)]) {
            let mut values: Vec<f64> = reference::integers(rows * cols, 1);
            let mut matrix = PlasticMatrix::<T>::from_column_major(rows, cols, &values, level);
            let mut out = vec![T::ZERO; rows];
            // In turn no, one and two updates before a product.
            for round in 0..6_u64 {
                for update in 0..round % 3 {
                    let (u, v): (Vec<T>, Vec<T>) = (reference::integers(rows, 7 * round + update), reference::integers(cols, 50 + round));
                    matrix.rank_one(-2.0, &u, &v);
                    reference::rank_one(&mut values, -2.0, &u, &v);
                    assert_eq!(matrix.to_column_major(), values, "{level:?}: {rows} x {cols}: what waits counts");
                }
                let r: Vec<T> = reference::integers(cols, 100 + round);
                matrix.apply(&r, &mut out);
                let out: Vec<f64> = out.iter().map(|out| out.to_f64()).collect();
                assert_eq!(out, reference::product(rows, &values, &r).0, "{level:?}: {rows} x {cols}, round {round}");
                assert_eq!(matrix.to_column_major(), values);
            }
        }
    }

    #[test]
    fn updates_and_products_of_integers_are_exact() {
        for level in Level::available() {
            exact_on_integers::<f32>(level);
            exact_on_integers::<f64>(level);
        }
    }

    fn reading_and_flushing_agree<T: Real>(level: Level) {
        let values: Vec<f64> = reference::noise(61 * 37, 1);
        let (u, v): (Vec<T>, Vec<T>) = (reference::noise(61, 2), reference::noise(37, 3));
        let mut matrix = PlasticMatrix::<T>::from_column_major(61, 37, &values, level);
        matrix.rank_one(0.37, &u, &v);
        let before = matrix.to_column_major();
        matrix.flush();
        assert_eq!(matrix.to_column_major(), before, "{level:?}: reading predicts what the sweep will store");
        let mut expected: Vec<f64> = values.iter().map(|value| T::from_f64(*value).to_f64()).collect();
        reference::rank_one(&mut expected, 0.37, &u, &v);
        let worst = before.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst <= 4.0 * T::UNIT_ROUNDOFF, "{level:?}: {worst}");
    }

    #[test]
    fn reading_counts_the_pending_term_to_the_bit() {
        for level in Level::available() {
            reading_and_flushing_agree::<f32>(level);
            reading_and_flushing_agree::<f64>(level);
        }
    }
}
