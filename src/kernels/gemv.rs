//! Gemv: a matrix prepared for many products with a vector.

use super::ends::Update;
use super::level::Level;
use super::panels::Panels;
use super::real::Real;

/// A fixed matrix, stored as its product with a vector wants it.
#[derive(Clone, Debug)]
pub struct Gemv<T: Real> {
    /// Storage and sweep.
    panels: Panels<T>,
}

impl<T: Real> Gemv<T> {
    /// From the columns of a `rows` × `cols` matrix one after the other.
    pub fn from_column_major(rows: usize, cols: usize, values: &[f64], level: Level) -> Self {
        Gemv { panels: Panels::from_column_major(rows, cols, values, level) }
    }

    /// `out = matrix * r`. Takes `&mut self` because each sweep starts where the one before it ended.
    pub fn apply(&mut self, r: &[T], out: &mut [T]) {
        self.panels.apply(None, r, out);
    }

    /// `x = keep * x + gain * (matrix * r + added)`, with the bits of [`Gemv::apply`] and what would follow it.
    pub fn advance(&mut self, r: &[T], update: Update<'_, T>, x: &mut [T]) {
        self.panels.advance(r, update, x);
    }

    /// The columns one after the other.
    #[cfg(test)]
    pub fn to_column_major(&self) -> Vec<f64> {
        let rows = self.panels.rows();
        (0..rows * self.panels.cols()).map(|at| self.panels.get(at % rows, at / rows).to_f64()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Weights, accumulate, leak, reference};

    /// Shapes with every tail of rows and columns, thin ones, and some panels at every level.
    fn shapes() -> impl Iterator<Item = (usize, usize)> {
        (0..=67).map(|n| (n, n)).chain((0..=67).map(|n| (n, 67 - n))).chain([(1, 300), (300, 1), (131, 40), (257, 129)])
    }

    fn exact_on_integers<T: Real>(level: Level) {
        for (rows, cols) in shapes() {
            let values: Vec<f64> = reference::integers(rows * cols, 1);
            let r: Vec<T> = reference::integers(cols, 2);
            let mut matrix = Gemv::<T>::from_column_major(rows, cols, &values, level);
            assert_eq!(matrix.to_column_major(), values);
            let mut out = vec![T::from_f64(99.0); rows + 1];
            for sweep in 0..3 {
                matrix.apply(&r, &mut out[..rows]);
                let out: Vec<f64> = out.iter().map(|out| out.to_f64()).collect();
                assert_eq!(out[..rows], reference::product(rows, &values, &r).0, "{level:?}: {rows} x {cols}, sweep {sweep}");
                assert_eq!(out[rows], 99.0, "{level:?}: wrote past the end");
            }
        }
    }

    /// Relative to the sizes of its terms, the error of a row stays below its number of roundings times the unit roundoff.
    fn error_bound_holds<T: Real>(level: Level) {
        for (rows, cols) in shapes() {
            let values: Vec<f64> = reference::noise::<T>(rows * cols, 1).iter().map(|value| value.to_f64()).collect();
            let r: Vec<T> = reference::noise(cols, 2);
            let (exact, size) = reference::product(rows, &values, &r);
            let mut out = vec![T::ZERO; rows];
            let mut matrix = Gemv::<T>::from_column_major(rows, cols, &values, level);
            matrix.apply(&r, &mut out);
            for i in 0..rows {
                let bound = (cols + 2) as f64 * (T::UNIT_ROUNDOFF + f64::EPSILON) * size[i];
                assert!((out[i].to_f64() - exact[i]).abs() <= bound, "{level:?}: {rows} x {cols}, row {i}");
            }
            let forward = out.clone();
            matrix.apply(&r, &mut out);
            assert_eq!(out, forward, "{level:?}: the direction of a sweep changes no bit");
        }
    }

    /// The product that updates a state on its way gives the bits of product, sum and update in turn.
    fn advances_with_the_same_bits<T: Real>(level: Level) {
        for (rows, cols) in shapes() {
            let values: Vec<f64> = reference::noise::<T>(rows * cols, 1).iter().map(|value| value.to_f64()).collect();
            let (r, x): (Vec<T>, Vec<T>) = (reference::noise(cols, 2), reference::noise(rows + 1, 3));
            let (keep, gain, added): (Vec<T>, Vec<T>, Vec<T>) =
                (reference::noise(rows, 4), reference::noise(rows, 5), reference::noise(rows, 6));
            for added in [None, Some(&added[..])] {
                let mut matrix = Gemv::<T>::from_column_major(rows, cols, &values, level);
                let (mut expected, mut found, mut drive) = (x.clone(), x.clone(), vec![T::ZERO; rows]);
                matrix.apply(&r, &mut drive);
                if let Some(added) = added {
                    accumulate(level, &mut drive, T::ONE, added);
                }
                leak(level, &mut expected[..rows], Weights::Each(&keep), Weights::Each(&gain), &drive);
                matrix.advance(&r, Update { keep: &keep, gain: &gain, added }, &mut found[..rows]);
                assert_eq!(found, expected, "{level:?}: {rows} x {cols}");
            }
        }
    }

    #[test]
    fn a_product_may_end_in_an_update() {
        for level in Level::available() {
            advances_with_the_same_bits::<f32>(level);
            advances_with_the_same_bits::<f64>(level);
        }
    }

    #[test]
    fn products_of_integers_are_exact() {
        for level in Level::available() {
            exact_on_integers::<f32>(level);
            exact_on_integers::<f64>(level);
        }
    }

    #[test]
    fn products_stay_within_the_error_bound() {
        for level in Level::available() {
            error_bound_holds::<f32>(level);
            error_bound_holds::<f64>(level);
        }
    }

    #[test]
    fn levels_with_fused_multiply_add_agree_to_the_bit() {
        let (values, r): (Vec<f64>, Vec<f32>) = (reference::noise(100 * 83, 1), reference::noise(83, 2));
        let product = |level| {
            let mut out = vec![0.0; 100];
            Gemv::<f32>::from_column_major(100, 83, &values, level).apply(&r, &mut out);
            out
        };
        let mut fused = Level::available().into_iter().filter(|level| level.fuses()).map(product);
        if let Some(first) = fused.next() {
            assert!(fused.all(|out| out == first));
        }
    }
}
