//! Gemm: products of two matrices, the left one packed once and used often.
//!
//! The left factor is cut into slices of [`DEPTH`] columns, a slice into panels of as many rows as a tile has; the right factor
//! is packed slice by slice into panels of as many columns as a tile has. A tile of the product stays in registers while a
//! slice is summed in rising order, then goes to memory: so neither the blocks that the caches ask for, nor the other rows and
//! columns, change a bit of an element.

use super::buffer::Buffer;
use super::lanes::launch;
use super::level::Level;
use super::real::Real;
use super::tile::{Put, Slice, TileShape};
use std::sync::Arc;

/// Terms of a sum that are added in registers; even.
pub(super) const DEPTH: usize = 512;
/// Columns of the right factor that are packed at once.
const COLUMNS: usize = 1024;

/// A matrix in memory that is not ours to arrange: element (i, j) stands at `i * row_step + j * column_step`.
#[derive(Clone, Copy, Debug)]
pub struct Strided<'a, T> {
    /// The values.
    data: &'a [T],
    /// Rows.
    rows: usize,
    /// Columns.
    columns: usize,
    /// Values from one row to the next.
    row_step: usize,
    /// Values from one column to the next.
    column_step: usize,
}

impl<'a, T> Strided<'a, T> {
    /// `rows` rows, columns one after the other.
    pub fn columns_of(data: &'a [T], rows: usize) -> Self {
        let columns = data.len().checked_div(rows).unwrap_or(0);
        assert_eq!(data.len(), rows * columns, "a matrix of {rows} rows has another number of values");
        Strided { data, rows, columns, row_step: 1, column_step: rows }
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Strided { rows: self.columns, columns: self.rows, row_step: self.column_step, column_step: self.row_step, ..self }
    }
}

/// The left factor of many products, packed for one level. A clone shares what is packed.
#[derive(Clone, Debug)]
pub struct LeftFactor<T: Real> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) level: Level,
    /// Rows of a panel and columns of a tile.
    pub(super) tile: (usize, usize),
    /// Slices of `DEPTH` columns; in each, panel after panel, column after column.
    pub(super) data: Arc<Buffer<T>>,
    /// The packed slice of the right factor, kept from product to product.
    pub(super) right: Buffer<T>,
    /// Two sums for each row of a panel, for a vector beside a product.
    pub(super) sums: Buffer<T>,
}

/// Columns of the right factor.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    /// The first of them.
    pub(super) first: usize,
    /// How many.
    pub(super) count: usize,
}

impl<T: Real> LeftFactor<T> {
    /// Packs `matrix`.
    pub fn new(matrix: Strided<'_, T>, level: Level) -> Self {
        let level = level.min(Level::best());
        let tile = launch(level, TileShape(std::marker::PhantomData::<T>));
        let (rows, columns) = (matrix.rows, matrix.columns);
        let sums = Buffer::zeros(2 * rows.next_multiple_of(tile.0));
        LeftFactor { rows, columns, level, tile, data: Arc::new(pack(matrix, tile.0)), right: Buffer::zeros(0), sums }
    }

    /// Rows of the factor.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `product += self * diag(scale) * right`, columns of the product one after the other.
    pub fn multiply_add(&mut self, scale: Option<&[T]>, right: Strided<'_, T>, product: &mut [T]) {
        self.multiply_put(scale, right, product, false);
    }

    /// `product = self * diag(scale) * right`.
    pub fn multiply(&mut self, scale: Option<&[T]>, right: Strided<'_, T>, product: &mut [T]) {
        self.multiply_put(scale, right, product, true);
    }

    fn multiply_put(&mut self, scale: Option<&[T]>, right: Strided<'_, T>, product: &mut [T], replace: bool) {
        assert_eq!(right.rows, self.columns, "product: inner dimensions");
        assert_eq!(product.len(), self.rows * right.columns, "product: one value for each row and column is needed");
        assert!(scale.is_none_or(|scale| scale.len() == self.columns), "product: one scale for each column is needed");
        if product.is_empty() {
            return;
        }
        if replace && self.columns == 0 {
            product.fill(T::ZERO);
        }
        self.reserve(right.columns.min(COLUMNS), DEPTH.min(self.columns));
        for first in (0..right.columns).step_by(COLUMNS) {
            let columns = Columns { first, count: COLUMNS.min(right.columns - first) };
            for start in (0..self.columns).step_by(DEPTH) {
                self.pack_right(scale, right, start, columns, 0);
                let put = if replace && start == 0 { Put::Replace } else { Put::Add };
                launch(self.level, self.slice(start, columns, (0, product), put));
            }
        }
    }

    /// Most values of a packed slice of `columns` columns.
    pub(super) fn packed(&self, columns: usize, depth: usize) -> usize {
        columns.next_multiple_of(self.tile.1) * depth
    }

    /// The slice of terms from `start`, for the columns of `product` from those that are told, whose right factor is packed at `at`.
    pub(super) fn slice(&self, start: usize, columns: Columns, (at, product): (usize, &mut [T]), put: Put<T>) -> Slice<T> {
        let left = &self.data[self.rows.next_multiple_of(self.tile.0) * start..];
        Slice {
            left: left.as_ptr(),
            left_len: left.len(),
            right: self.right[at..].as_ptr(),
            product: product[columns.first * self.rows..].as_mut_ptr(),
            rows: self.rows,
            columns: columns.count,
            depth: DEPTH.min(self.columns - start),
            step: self.rows,
            put,
            beside: None,
        }
    }

    /// Makes room for `depth` terms of a right factor with that many columns.
    pub(super) fn reserve(&mut self, columns: usize, depth: usize) {
        let needed = self.packed(columns, depth);
        if self.right.len() < needed {
            self.right = Buffer::zeros(needed);
        }
    }

    /// Packs the slice of rows from `start` of these columns to `at`; columns that fill the last panel are zero.
    pub(super) fn pack_right(&mut self, scale: Option<&[T]>, right: Strided<'_, T>, start: usize, columns: Columns, at: usize) {
        let (width, depth) = (self.tile.1, DEPTH.min(self.columns - start));
        let scale = scale.map(|scale| &scale[start..start + depth]);
        for (panel, to) in (0..columns.count).step_by(width).zip(self.right[at..].chunks_exact_mut(depth * width)) {
            let valid = width.min(columns.count - panel);
            let from = start * right.row_step + (columns.first + panel) * right.column_step;
            if right.row_step == 1 && width == 8 && valid == 8 {
                let column = |c: usize| &right.data[from + c * right.column_step..][..depth];
                pack_panel(std::array::from_fn::<_, 8, _>(column), scale, to);
                continue;
            }
            for c in 0..width {
                let from = from + c * right.column_step;
                for k in 0..depth {
                    let value = if c < valid { right.data[from + k * right.row_step] } else { T::ZERO };
                    to[k * width + c] = scale.map_or(value, |scale| value.mul(scale[k]));
                }
            }
        }
    }
}

/// `matrix` in slices, and in panels of `height` rows.
fn pack<T: Real>(matrix: Strided<'_, T>, height: usize) -> Buffer<T> {
    let mut packed = Buffer::zeros(matrix.rows.next_multiple_of(height) * matrix.columns);
    let mut to = 0;
    for start in (0..matrix.columns).step_by(DEPTH) {
        let end = (start + DEPTH).min(matrix.columns);
        for top in (0..matrix.rows).step_by(height) {
            let rows = height.min(matrix.rows - top);
            for j in start..end {
                let from = top * matrix.row_step + j * matrix.column_step;
                let column = &mut packed[to..to + rows];
                if matrix.row_step == 1 {
                    column.copy_from_slice(&matrix.data[from..from + rows]);
                } else {
                    column.iter_mut().enumerate().for_each(|(i, value)| *value = matrix.data[from + i * matrix.row_step]);
                }
                to += height;
            }
        }
    }
    packed
}

/// Packs `N` columns side by side, each value times the scale of its row.
fn pack_panel<T: Real, const N: usize>(columns: [&[T]; N], scale: Option<&[T]>, to: &mut [T]) {
    for (k, to) in to.chunks_exact_mut(N).enumerate() {
        match scale {
            Some(scale) => to.iter_mut().zip(columns).for_each(|(to, column)| *to = column[k].mul(scale[k])),
            None => to.iter_mut().zip(columns).for_each(|(to, column)| *to = column[k]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Shapes with every tail of a tile, thin ones, and some longer than a slice.
    fn shapes() -> impl Iterator<Item = (usize, usize, usize)> {
        let small = (0..=67).map(|n| (n, (n * 7) % 19, (n * 5) % 23));
        small.chain([(1, 67, 300), (97, 1, 3), (50, 800, 11), (131, 400, 26), (30, 5, 1100)])
    }

    /// The product by the plain loop, column by column.
    fn plain(rows: usize, a: &[f64], inner: usize, b: &[f64]) -> Vec<f64> {
        if inner == 0 { Vec::new() } else { b.chunks(inner).flat_map(|b| reference::product(rows, a, b).0).collect() }
    }

    fn transposed<T: Real>(values: &[T], rows: usize) -> Vec<T> {
        let columns = values.len().checked_div(rows).unwrap_or(0);
        (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
    }

    fn exact_on_integers<T: Real>(level: Level) {
        for (rows, inner, columns) in shapes() {
            let (a, b): (Vec<T>, Vec<T>) = (reference::integers(rows * inner, 1), reference::integers(inner * columns, 2));
            let scale: Vec<T> = reference::integers(inner, 3);
            let wide = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<f64>>();
            let scaled: Vec<f64> = wide(&b).iter().enumerate().map(|(at, b)| b * scale[at % inner].to_f64()).collect();
            let (left, right) = (Strided::columns_of(&a, rows), Strided::columns_of(&b, inner));
            if rows * inner * columns == 0 {
                continue; // an empty factor does not tell its other dimension
            }
            let expected: Vec<f64> = plain(rows, &wide(&a), inner, &scaled).iter().map(|sum| sum + 3.0).collect();
            let (a_t, b_t) = (transposed(&a, rows), transposed(&b, inner));
            let (left_t, right_t) = (Strided::columns_of(&a_t, inner), Strided::columns_of(&b_t, columns));
            for (left, right) in [(left, right), (left_t.transposed(), right_t.transposed())] {
                let mut product = vec![T::from_f64(3.0); rows * columns];
                LeftFactor::new(left, level).multiply_add(Some(&scale), right, &mut product);
                assert_eq!(wide(&product), expected, "{level:?}: {rows} x {inner} x {columns}");
            }
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
    fn errors_stay_below_one_rounding_a_term() {
        for level in Level::available() {
            let (rows, inner, columns) = (70, 900, 21);
            let (a, b): (Vec<f64>, Vec<f64>) = (reference::noise::<f64>(rows * inner, 1), reference::noise::<f64>(inner * columns, 2));
            let mut product = vec![0.0; rows * columns];
            LeftFactor::new(Strided::columns_of(&a, rows), level).multiply_add(None, Strided::columns_of(&b, inner), &mut product);
            for (j, column) in product.chunks(rows).enumerate() {
                let (exact, size) = reference::product(rows, &a, &b[j * inner..][..inner]);
                for i in 0..rows {
                    assert!((column[i] - exact[i]).abs() <= (inner + 2) as f64 * 2.0 * f64::UNIT_ROUNDOFF * size[i], "{level:?}");
                }
            }
        }
    }

    #[test]
    fn a_column_does_not_depend_on_the_others() {
        for level in Level::available() {
            let (a, b): (Vec<f32>, Vec<f32>) = (reference::noise(90 * 500, 1), reference::noise(500 * 37, 2));
            let mut left = LeftFactor::new(Strided::columns_of(&a, 90), level);
            let mut whole = vec![0.0; 90 * 37];
            left.multiply_add(None, Strided::columns_of(&b, 500), &mut whole);
            let mut one = vec![0.0; 90];
            left.multiply_add(None, Strided::columns_of(&b[36 * 500..], 500), &mut one);
            assert_eq!(one, whole[36 * 90..], "{level:?}");
        }
    }
}
