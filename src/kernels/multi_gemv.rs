//! MultiGemv: a matrix prepared for many products with several vectors at once, the lanes going over the vectors.
//!
//! The vectors stand side by side: element k of all of them, then element k + 1, and so on; so do the products. A panel of the matrix holds as many
//! rows as a tile has, one column after the other. A tile of the product stays in registers while it is summed over all columns in rising order:
//! an element of the product depends neither on the other vectors nor on how the rows are shared out.

use std::ops::Range;

use super::buffer::Buffer;
use super::lanes::{Isa, Kernel, Lanes, launch, prefetch};
use super::level::Level;
use super::real::Real;

/// Bytes of a panel between what a tile multiplies and what it asks for in advance.
const AHEAD: usize = 1024;

/// A fixed matrix for products with several vectors.
#[derive(Clone, Debug)]
pub struct MultiGemv<T: Real> {
    /// Rows of the matrix.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Vectors with those that fill the last lanes.
    width: usize,
    /// Level of the products.
    level: Level,
    /// Rows of a panel.
    height: usize,
    /// Panel after panel, in each column after column; rows that fill the last panel are zero.
    data: Buffer<T>,
}

impl<T: Real> MultiGemv<T> {
    /// From the columns of a `rows` × `cols` matrix one after the other, for `vectors` vectors.
    pub fn from_column_major((rows, cols): (usize, usize), values: &[f64], vectors: usize, level: Level) -> Self {
        assert_eq!(values.len(), rows * cols, "a {rows} x {cols} matrix has another number of values");
        let level = level.min(Level::best());
        let (lanes, height) = launch(level, Shape(std::marker::PhantomData::<T>));
        let mut data = Buffer::zeros(rows.next_multiple_of(height) * cols);
        for (j, column) in values.chunks_exact(rows.max(1)).enumerate() {
            for (i, &value) in column.iter().enumerate() {
                data[i / height * height * cols + j * height + i % height] = T::from_f64(value);
            }
        }
        MultiGemv { rows, cols, width: vectors.next_multiple_of(lanes), level, height, data }
    }

    /// Values from one element of the vectors to the next: their number with the lanes that are filled up.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of a panel; a range of rows starts at a multiple of it.
    pub fn height(&self) -> usize {
        self.height
    }

    /// `out = matrix[rows] * r`; `r` has `width` values for each column, `out` as many for each row of the range.
    pub fn apply(&self, rows: Range<usize>, r: &[T], out: &mut [T]) {
        assert!(rows.start.is_multiple_of(self.height) && rows.start <= rows.end && rows.end <= self.rows, "product: rows of whole panels");
        assert_eq!(r.len(), self.cols * self.width, "product: one input for each column and vector is needed");
        assert_eq!(out.len(), rows.len() * self.width, "product: one output for each row and vector is needed");
        let product = Product {
            data: self.data[rows.start * self.cols..].as_ptr(),
            rows: rows.len(),
            cols: self.cols,
            width: self.width,
            r: r.as_ptr(),
            out: out.as_mut_ptr(),
        };
        launch(self.level, product);
    }
}

/// Tells lanes and rows of a panel.
struct Shape<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for Shape<T> {
    type Output = (usize, usize);

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> (usize, usize) {
        (T::Vector::<I>::COUNT, T::Vector::<I>::TILE.1)
    }
}

/// The product of some rows.
struct Product<T> {
    /// Their panels.
    data: *const T,
    /// Their number.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Values of `r` for each column and of `out` for each row.
    width: usize,
    /// Input.
    r: *const T,
    /// Output.
    out: *mut T,
}

impl<T: Real> Kernel for Product<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: the pointers and lengths come from `MultiGemv::apply`, which checked them; the caller vouches for the level.
        unsafe {
            match T::Vector::<I>::TILE.1 {
                8 => self.panels::<T::Vector<I>, 8>(),
                6 => self.panels::<T::Vector<I>, 6>(),
                _ => self.panels::<T::Vector<I>, 4>(),
            }
        }
    }
}

impl<T: Real> Product<T> {
    /// All panels, of `N` rows.
    ///
    /// # Safety
    /// The processor has the level of `V`, `TILE` of `V` has `N` columns, and the pointers are those of `MultiGemv::apply`.
    #[inline(always)]
    unsafe fn panels<V: Lanes<Scalar = T>, const N: usize>(&self) {
        for row in (0..self.rows).step_by(N) {
            let mut at = 0;
            while at < self.width {
                let left = (self.width - at) / V::COUNT;
                // SAFETY: promised by the caller; the width is a whole number of vectors.
                unsafe {
                    match left.min(V::TILE.0) {
                        3 => self.tile::<V, 3, N>(row, at),
                        2 => self.tile::<V, 2, N>(row, at),
                        _ => self.tile::<V, 1, N>(row, at),
                    }
                }
                at += left.min(V::TILE.0) * V::COUNT;
            }
        }
    }

    /// `N` rows from `row` and `M` vectors from value `at`.
    ///
    /// # Safety
    /// As for [`Product::panels`].
    #[inline(always)]
    unsafe fn tile<V: Lanes<Scalar = T>, const M: usize, const N: usize>(&self, row: usize, at: usize) {
        // SAFETY: promised by the caller: the panel has `cols` columns of `N` values; a prefetch may point anywhere.
        unsafe {
            let mut weights = self.data.add(row * self.cols);
            let mut r = self.r.add(at);
            let mut sums = [[V::splat(T::ZERO); M]; N];
            for _ in 0..self.cols {
                prefetch(weights.wrapping_byte_add(AHEAD));
                let inputs: [V; M] = std::array::from_fn(|m| V::load(r.add(m * V::COUNT)));
                for n in 0..N {
                    let weight = V::splat(*weights.add(n));
                    for m in 0..M {
                        sums[n][m] = inputs[m].mul_add(weight, sums[n][m]);
                    }
                }
                weights = weights.add(N);
                r = r.wrapping_add(self.width);
            }
            for n in 0..N.min(self.rows - row) {
                let to = self.out.add((row + n) * self.width + at);
                for m in 0..M {
                    sums[n][m].store(to.add(m * V::COUNT));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Rows, columns and vectors with every tail.
    fn shapes() -> impl Iterator<Item = (usize, usize, usize)> {
        let small = (1..=40).map(|n| (n, (n * 7) % 19 + 1, (n * 5) % 67 + 1));
        small.chain([(1, 300, 48), (300, 1, 48), (70, 41, 100), (33, 20, 1)])
    }

    /// Element (k, b) at `k * width + b` from the values of each vector; lanes that are filled up hold something that must not matter.
    fn side_by_side<T: Real>(vectors: &[Vec<T>], width: usize) -> Vec<T> {
        let fill = T::from_f64(f64::NAN);
        (0..vectors[0].len() * width).map(|at| vectors.get(at % width).map_or(fill, |vector| vector[at / width])).collect()
    }

    fn exact_on_integers<T: Real>(level: Level) {
        for (rows, cols, count) in shapes() {
            let values: Vec<f64> = reference::integers(rows * cols, 1);
            let vectors: Vec<Vec<T>> = (0..count).map(|b| reference::integers(cols, 2 + b as u64)).collect();
            let matrix = MultiGemv::<T>::from_column_major((rows, cols), &values, count, level);
            let r = side_by_side(&vectors, matrix.width());
            let mut out = vec![T::from_f64(99.0); rows * matrix.width() + 1];
            // In two parts that meet at a panel.
            let middle = rows / 2 / matrix.height() * matrix.height();
            let (first, second) = out[..rows * matrix.width()].split_at_mut(middle * matrix.width());
            matrix.apply(0..middle, &r, first);
            matrix.apply(middle..rows, &r, second);
            assert_eq!(out[rows * matrix.width()].to_f64(), 99.0, "{level:?}: wrote past the end");
            for (b, vector) in vectors.iter().enumerate() {
                let found: Vec<f64> = (0..rows).map(|i| out[i * matrix.width() + b].to_f64()).collect();
                assert_eq!(
                    found,
                    reference::product(rows, &values, vector).0,
                    "{level:?}: {rows} x {cols} with {count} vectors, vector {b}"
                );
            }
        }
    }

    /// Errors of at most one rounding a term, and no trace of the company of a vector or of the range of rows.
    fn stays_within_the_bound_in_any_company<T: Real>(level: Level) {
        let (rows, cols, count) = (61, 200, 53);
        let values: Vec<f64> = reference::noise::<T>(rows * cols, 1).iter().map(|value| value.to_f64()).collect();
        let vectors: Vec<Vec<T>> = (0..count).map(|b| reference::noise(cols, 2 + b as u64)).collect();
        let matrix = MultiGemv::<T>::from_column_major((rows, cols), &values, count, level);
        let mut out = vec![T::ZERO; rows * matrix.width()];
        matrix.apply(0..rows, &side_by_side(&vectors, matrix.width()), &mut out);
        let alone = MultiGemv::<T>::from_column_major((rows, cols), &values, 1, level);
        for (b, vector) in vectors.iter().enumerate() {
            let (exact, size) = reference::product(rows, &values, vector);
            let mut single = vec![T::ZERO; rows * alone.width()];
            alone.apply(0..rows, &side_by_side(std::slice::from_ref(vector), alone.width()), &mut single);
            for i in 0..rows {
                let value = out[i * matrix.width() + b];
                assert!((value.to_f64() - exact[i]).abs() <= (cols + 2) as f64 * 2.0 * T::UNIT_ROUNDOFF * size[i], "{level:?}");
                assert_eq!(value, single[i * alone.width()], "{level:?}: row {i}, vector {b}");
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
    fn a_product_depends_on_its_own_vector_alone() {
        for level in Level::available() {
            stays_within_the_bound_in_any_company::<f32>(level);
            stays_within_the_bound_in_any_company::<f64>(level);
        }
    }
}
