//! Blend: a product that is mixed into its own right factor.

use super::gemm::{Columns, DEPTH, LeftFactor, Strided};
use super::lanes::launch;
use super::real::Real;
use super::tile::{Beside as Vector, Put};

/// A vector beside a product, and where what the left factor makes of it goes.
pub type Beside<'a, T> = Option<(&'a [T], &'a mut [T])>;

/// Columns of the right factor that are packed at once, all of their rows: a product may then be written over them.
const COLUMNS: usize = 512;

impl<T: Real> LeftFactor<T> {
    /// `values = diag(keep) values + diag(weights) self diag(scale) values` for a square factor, columns one after the other, and
    /// beside it `out = self r` for the two of `beside`, if any, with the bits that [`super::Gemv`] gives: its matrix need not be read again.
    pub fn blend(&mut self, scale: &[T], (keep, weights): (&[T], &[T]), values: &mut [T], mut beside: Beside<'_, T>) {
        let size = self.rows;
        assert!(self.columns == size && values.len().is_multiple_of(size.max(1)), "blend: a square factor and whole columns are needed");
        let fits = beside.as_ref().is_none_or(|(r, out)| r.len() == size && out.len() == size);
        assert!(fits && [scale, keep, weights].iter().all(|each| each.len() == size), "blend: one value for each row is needed");
        let all = values.len().checked_div(size).unwrap_or(0);
        self.reserve(COLUMNS.min(all), size);
        self.sums.fill(T::ZERO);
        for first in (0..all.max(1)).step_by(COLUMNS) {
            let columns = Columns { first, count: COLUMNS.min(all - first) };
            let starts = (0..size).step_by(DEPTH);
            for start in starts.clone() {
                self.pack_right(Some(scale), Strided::columns_of(values, size), start, columns, self.packed(columns.count, start));
            }
            for start in starts {
                let keep = if start == 0 { keep.as_ptr() } else { std::ptr::null() };
                let put = Put::Blend { keep, weights: weights.as_ptr() };
                let sums = self.sums.as_mut_ptr();
                let mut slice = self.slice(start, columns, (self.packed(columns.count, start), values), put);
                slice.beside = beside.as_ref().filter(|_| first == 0).map(|(r, _)| Vector { values: r[start..].as_ptr(), sums });
                launch(self.level, slice);
            }
        }
        let Some((_, out)) = &mut beside else { return };
        let height = self.tile.0;
        for (out, sums) in out.chunks_mut(height).zip(self.sums.chunks_exact(2 * height)) {
            let (even, odd) = sums.split_at(height);
            out.iter_mut().zip(even.iter().zip(odd)).for_each(|(out, (even, odd))| *out = even.plus(*odd));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Gemv, Level, reference};

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
            let mut found = old.clone();
            let (r, mut out) = (each(6), each(7));
            LeftFactor::new(Strided::columns_of(&matrix, size), level).blend(&scale, (&keep, &weights), &mut found, Some((&r, &mut out)));
            assert_eq!(wide(&found), expected, "{level:?}: {size} x {columns}");
            assert_eq!(wide(&out), reference::product(size, &wide(&matrix), &wide(&r)).0, "{level:?}: {size} x {columns}");
            let mut alone = old;
            LeftFactor::new(Strided::columns_of(&matrix, size), level).blend(&scale, (&keep, &weights), &mut alone, None);
            assert_eq!(alone, found, "{level:?}: {size} x {columns}, with nothing beside");
        }
    }

    #[test]
    fn blends_of_integers_are_exact() {
        for level in Level::available() {
            exact_on_integers::<f32>(level);
            exact_on_integers::<f64>(level);
        }
    }

    #[test]
    fn a_vector_beside_a_blend_has_the_bits_of_its_own_product() {
        for level in Level::available() {
            for (size, columns) in [(1, 1), (31, 2), (77, 9), (611, 3), (1030, 520)] {
                let (matrix, r) = (reference::noise::<f64>(size * size, 1), reference::noise::<f64>(size, 2));
                let (mut values, ones) = (reference::noise::<f64>(size * columns, 3), vec![1.0; size]);
                let (mut alone, mut beside) = (vec![0.0; size], vec![0.0; size]);
                Gemv::from_column_major(size, size, &matrix, level).apply(&r, &mut alone);
                let mut factor = LeftFactor::new(Strided::columns_of(&matrix, size), level);
                for _ in 0..2 {
                    factor.blend(&ones, (&ones, &ones), &mut values, Some((&r, &mut beside)));
                    assert_eq!(beside, alone, "{level:?}: {size} x {columns}");
                }
            }
        }
    }
}
