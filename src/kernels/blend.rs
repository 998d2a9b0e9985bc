//! Blend: a product that is mixed into its own right factor.

use super::gemm::{Columns, DEPTH, LeftFactor, Strided};
use super::lanes::launch;
use super::real::Real;
use super::tile::Put;

/// Columns of the right factor that are packed at once, all of their rows: a product may then be written over them.
const COLUMNS: usize = 512;

impl<T: Real> LeftFactor<T> {
    /// `values = diag(keep) values + diag(weights) self diag(scale) values` for a square factor, columns one after the other.
    pub fn blend(&mut self, scale: &[T], (keep, weights): (&[T], &[T]), values: &mut [T]) {
        let size = self.rows;
        assert!(self.columns == size && values.len().is_multiple_of(size.max(1)), "blend: a square factor and whole columns are needed");
        assert!([scale, keep, weights].iter().all(|each| each.len() == size), "blend: one factor for each row is needed");
        let all = values.len().checked_div(size).unwrap_or(0);
        self.reserve(COLUMNS.min(all), size);
        for first in (0..all).step_by(COLUMNS) {
            let columns = Columns { first, count: COLUMNS.min(all - first) };
            let starts = (0..size).step_by(DEPTH);
            for start in starts.clone() {
                self.pack_right(Some(scale), Strided::columns_of(values, size), start, columns, self.packed(columns.count, start));
            }
            for start in starts {
                let keep = if start == 0 { keep.as_ptr() } else { std::ptr::null() };
                let put = Put::Blend { keep, weights: weights.as_ptr() };
                launch(self.level, self.slice(start, columns, (self.packed(columns.count, start), values), put));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Level, reference};

    fn exact_on_integers<T: Real>(level: Level) {
        for (size, columns) in [(1, 1), (5, 3), (31, 8), (400, 9), (67, 530), (800, 25)] {
            let each = |seed| reference::integers::<T>(size, seed);
            let (matrix, old) = (reference::integers::<T>(size * size, 1), reference::integers::<T>(size * columns, 2));
            let (scale, keep, weights) = (each(3), each(4), each(5));
            let wide = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<f64>>();
            let expected: Vec<f64> = wide(&old)
                .chunks(size)
                .flat_map(|old| {
                    let scaled: Vec<f64> = old.iter().zip(wide(&scale)).map(|(old, scale)| old * scale).collect();
                    let sums = reference::product(size, &wide(&matrix), &scaled).0;
                    (0..size).map(|i| keep[i].to_f64() * old[i] + weights[i].to_f64() * sums[i]).collect::<Vec<f64>>()
                })
                .collect();
            let mut found = old;
            LeftFactor::new(Strided::columns_of(&matrix, size), level).blend(&scale, (&keep, &weights), &mut found);
            assert_eq!(wide(&found), expected, "{level:?}: {size} x {columns}");
        }
    }

    #[test]
    fn blends_of_integers_are_exact() {
        for level in Level::available() {
            exact_on_integers::<f32>(level);
            exact_on_integers::<f64>(level);
        }
    }
}
