//! Tile: the part of a product that stays in registers while a slice of terms is summed.

use super::lanes::{Isa, Kernel, Lanes, prefetch};
use super::real::Real;
use std::ops::Range;

/// Bytes of the left factor that are used for all columns before the next ones are: they stay in L2.
const BLOCK_BYTES: usize = 640 << 10;
/// Vectors of the left factor between what a tile multiplies and what it asks for in advance.
const AHEAD: usize = 48;
/// Terms that are added between two requests for what other tiles need.
const CHUNK: usize = 4;
/// Bytes of a cache line.
const LINE: usize = 64;

/// What becomes of the terms of a slice.
#[derive(Clone, Copy)]
pub(super) enum Put<T> {
    /// They are added to the product.
    Add,
    /// They replace it.
    Replace,
    /// Times a weight for each row they are added to the product times what is kept of each row.
    Blend {
        /// As many values as rows; null where all is kept.
        keep: *const T,
        /// As many values as rows.
        weights: *const T,
    },
}

/// Tells rows and columns of a tile.
pub(super) struct TileShape<T>(pub(super) std::marker::PhantomData<T>);

impl<T: Real> Kernel for TileShape<T> {
    type Output = (usize, usize);

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> (usize, usize) {
        let (vectors, columns) = T::Vector::<I>::TILE;
        (vectors * T::Vector::<I>::COUNT, columns)
    }
}

/// The terms of one slice, added to the product.
pub(super) struct Slice<T> {
    /// Panels of the left factor.
    pub(super) left: *const T,
    /// Values of the left factor from there on, with those of later slices.
    pub(super) left_len: usize,
    /// Panels of the right factor.
    pub(super) right: *const T,
    /// Where the columns of the product begin.
    pub(super) product: *mut T,
    /// Rows of the product.
    pub(super) rows: usize,
    /// Columns of the product.
    pub(super) columns: usize,
    /// Terms.
    pub(super) depth: usize,
    /// Values from one column of the product to the next.
    pub(super) step: usize,
    /// What becomes of the terms.
    pub(super) put: Put<T>,
    /// What else is summed on the way.
    pub(super) beside: Option<Beside<T>>,
}

/// A vector that the left factor is multiplied with while a product finds it in the cache.
pub(super) struct Beside<T> {
    /// One value for each term.
    pub(super) values: *const T,
    /// Sums over even and over odd terms: for each panel of rows first these, then those.
    pub(super) sums: *mut T,
}

/// Lines of a factor that are asked for before they are needed.
#[derive(Clone, Copy)]
struct Coming<T> {
    /// The next of them.
    at: *const T,
    /// Values from one request to the next.
    step: usize,
}

impl<T: Real> Kernel for Slice<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: the pointers and lengths come from `LeftFactor` or `Multiplier`, which checked them; the caller vouches for the level.
        unsafe {
            match T::Vector::<I>::TILE {
                (3, 8) => self.blocks::<T::Vector<I>, 3, 8>(),
                (2, 6) => self.blocks::<T::Vector<I>, 2, 6>(),
                _ => self.blocks::<T::Vector<I>, 1, 4>(),
            }
        }
    }
}

impl<T: Real> Slice<T> {
    /// All tiles, in blocks of rows whose left factor stays in L2.
    ///
    /// # Safety
    /// The processor has the level of `V`, `M` and `N` are its `TILE`, and the pointers are those of `LeftFactor` or `Multiplier`.
    #[inline(always)]
    unsafe fn blocks<V: Lanes<Scalar = T>, const M: usize, const N: usize>(&self) {
        let height = M * V::COUNT;
        let block = (BLOCK_BYTES / (self.depth * height * size_of::<T>())).max(1) * height;
        for top in (0..self.rows).step_by(block) {
            let rows = top..self.rows.min(top + block);
            for column in (0..self.columns).step_by(N) {
                for row in rows.clone().step_by(height) {
                    let coming = self.coming::<N>(&rows, height, row, column);
                    // SAFETY: promised by the caller: a panel of the left factor has `height` values for each term, one of the
                    // right factor `N`; row and column are inside of the product.
                    unsafe { self.tile::<V, M, N>(row, column, coming) }
                }
            }
            if let Some(beside) = &self.beside {
                for row in rows.step_by(height) {
                    // SAFETY: promised by the caller: `beside` has as many values as terms and two sums for each row of a panel.
                    unsafe { self.add_beside::<V, M>(beside, row) }
                }
            }
        }
    }

    /// What the tile at `row` and `column` asks for in advance: its share of the next panel of the right factor, and towards the end of
    /// the block of `rows` its share of the next block of the left one.
    #[inline(always)]
    fn coming<const N: usize>(&self, rows: &Range<usize>, height: usize, row: usize, column: usize) -> [Coming<T>; 2] {
        let (chunks, line) = (self.depth / CHUNK, LINE / size_of::<T>());
        let before = (row - rows.start) / height;
        let next = if column + N < self.columns { column + N } else { 0 };
        let right = self.right.wrapping_add(next * self.depth + before % CHUNK * chunks * N);
        let from = rows.end.next_multiple_of(height) * self.depth;
        let lines = (self.left_len.saturating_sub(from) / line).min(BLOCK_BYTES / LINE);
        let tiles = (self.columns - column).div_ceil(N) * rows.len().div_ceil(height) - before;
        let left = match lines.checked_sub(tiles * chunks) {
            Some(asked) => Coming { at: self.left.wrapping_add(from + asked * line), step: line },
            None => Coming { at: right, step: 0 },
        };
        [Coming { at: right, step: N }, left]
    }

    /// The tile whose first element is at `row` and `column`.
    ///
    /// # Safety
    /// As for [`Slice::blocks`].
    #[inline(always)]
    unsafe fn tile<V: Lanes<Scalar = T>, const M: usize, const N: usize>(&self, row: usize, column: usize, mut coming: [Coming<T>; 2]) {
        for n in 0..N {
            for m in 0..M {
                prefetch(self.product.wrapping_add((column + n) * self.step + row + m * V::COUNT));
            }
        }
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let mut left = self.left.add(row * self.depth);
            let mut right = self.right.add(column * self.depth);
            let mut sums = [[V::splat(T::ZERO); M]; N];
            for _ in 0..self.depth / CHUNK {
                for coming in &mut coming {
                    prefetch(coming.at);
                    coming.at = coming.at.wrapping_add(coming.step);
                }
                for k in 0..CHUNK {
                    add_term::<V, M, N>(left.add(k * M * V::COUNT), right.add(k * N), &mut sums);
                }
                left = left.add(CHUNK * M * V::COUNT);
                right = right.add(CHUNK * N);
            }
            for k in 0..self.depth % CHUNK {
                add_term::<V, M, N>(left.add(k * M * V::COUNT), right.add(k * N), &mut sums);
            }
            for m in 0..M {
                self.put::<V, N>(std::array::from_fn(|n| sums[n][m]), row + m * V::COUNT, column);
            }
        }
    }

    /// Adds the terms of the panel at `row` to the sums of its product with a vector, in the order of [`super::Gemv`].
    ///
    /// # Safety
    /// As for [`Slice::blocks`].
    #[inline(always)]
    unsafe fn add_beside<V: Lanes<Scalar = T>, const M: usize>(&self, beside: &Beside<T>, row: usize) {
        let height = M * V::COUNT;
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let (left, to) = (self.left.add(row * self.depth), beside.sums.add(2 * row));
            let mut sums: [[V; M]; 2] = std::array::from_fn(|odd| std::array::from_fn(|m| V::load(to.add(odd * height + m * V::COUNT))));
            for k in 0..self.depth / 2 {
                add_term::<V, M, 1>(left.add(2 * k * height), beside.values.add(2 * k), std::array::from_mut(&mut sums[0]));
                add_term::<V, M, 1>(left.add((2 * k + 1) * height), beside.values.add(2 * k + 1), std::array::from_mut(&mut sums[1]));
            }
            if self.depth % 2 == 1 {
                let k = self.depth - 1;
                add_term::<V, M, 1>(left.add(k * height), beside.values.add(k), std::array::from_mut(&mut sums[0]));
            }
            for (at, sum) in sums.iter().flatten().enumerate() {
                sum.store(to.add(at * V::COUNT));
            }
        }
    }

    /// Does with `sums`, one vector of rows for each column of a tile, what `put` asks for, as far as the product reaches.
    ///
    /// # Safety
    /// As for [`Slice::blocks`].
    #[inline(always)]
    unsafe fn put<V: Lanes<Scalar = T>, const N: usize>(&self, sums: [V; N], row: usize, column: usize) {
        if row >= self.rows {
            return;
        }
        let rows = V::COUNT.min(self.rows - row);
        // SAFETY: promised by the caller: `rows` values of each column from `row` on belong to the product, as many to each factor.
        unsafe {
            let (keep, weights) = match self.put {
                Put::Blend { keep, weights } if keep.is_null() => (V::splat(T::ONE), values(weights.add(row), rows)),
                Put::Blend { keep, weights } => (values(keep.add(row), rows), values(weights.add(row), rows)),
                _ => (V::splat(T::ONE), V::splat(T::ONE)),
            };
            for n in 0..N {
                if n >= self.columns - column {
                    break;
                }
                let to = self.product.add((column + n) * self.step + row);
                let value: V = match self.put {
                    Put::Replace => sums[n],
                    Put::Add => values::<V>(to, rows).add(sums[n]),
                    Put::Blend { .. } => sums[n].mul_add(weights, values::<V>(to, rows).mul(keep)),
                };
                if rows == V::COUNT { value.store(to) } else { value.store_first(to, rows) }
            }
        }
    }
}

/// Adds one term to every element of a tile.
///
/// # Safety
/// The processor has the level of `V`; `M` vectors may be read at `left`, `N` values at `right`.
#[inline(always)]
unsafe fn add_term<V: Lanes, const M: usize, const N: usize>(left: *const V::Scalar, right: *const V::Scalar, sums: &mut [[V; M]; N]) {
    // SAFETY: promised by the caller; a prefetch may point anywhere.
    unsafe {
        let mut a = [sums[0][0]; M];
        for m in 0..M {
            a[m] = V::load(left.add(m * V::COUNT));
            prefetch(left.wrapping_add((m + AHEAD) * V::COUNT));
        }
        for n in 0..N {
            let b = V::splat(*right.add(n));
            for m in 0..M {
                sums[n][m] = a[m].mul_add(b, sums[n][m]);
            }
        }
    }
}

/// A vector of which the first `count` values stand at `from`.
///
/// # Safety
/// The processor has the level of `V`, and `count` values, at most a vector, may be read at `from`.
#[inline(always)]
unsafe fn values<V: Lanes>(from: *const V::Scalar, count: usize) -> V {
    // SAFETY: promised by the caller.
    unsafe { if count == V::COUNT { V::load(from) } else { V::load_first(from, count) } }
}
