//! A symmetric matrix stored as half: the sweep behind [`super::InverseCorrelation`].
//!
//! The lower triangle is cut into square tiles of one vector. A strip is some columns of one tile column, from the diagonal
//! down; it is stored, and read, from end to end. Below the diagonal each vector of a strip is used twice: for its rows, and
//! turned around for its columns. The tiles on the diagonal are stored whole and used once.
//!
//! Sweeps alternate in direction, so that what a cache kept is used first. A row collects sums from many strips, so the strips
//! are cut into groups with sums of their own; groups run in either direction, their sums are added in rising order, and the
//! direction changes no bit.

use super::buffer::Buffer;
use super::lanes::{Isa, Kernel, Lanes, launch, prefetch};
use super::level::Level;
use super::real::Real;

/// Bytes of a group, if that makes no more than [`MOST_GROUPS`]: a fraction of the second cache.
const GROUP_BYTES: usize = 256 << 10;
/// Groups cost their sums.
const MOST_GROUPS: usize = 16;
/// Bytes between what a sweep reads and what it asks for in advance.
const AHEAD: usize = 4096;

/// Half of a symmetric `n` × `n` matrix.
#[derive(Clone, Debug)]
pub struct Symmetric<T: Real> {
    /// Rows and columns.
    n: usize,
    /// Level of the sweeps.
    level: Level,
    /// Numbers in a vector of that level: rows and columns of a tile.
    lanes: usize,
    /// Columns of a strip; divides `lanes`.
    width: usize,
    /// The strips.
    data: Buffer<T>,
    /// First strip of each group, and the end of the last.
    groups: Vec<usize>,
    /// Sums of each group, `padded` of them.
    sums: Buffer<T>,
    /// Whether the next sweep starts at the last group.
    backward: bool,
}

impl<T: Real> Symmetric<T> {
    /// `diagonal` times the identity.
    pub fn identity(n: usize, diagonal: f64, level: Level) -> Self {
        let level = level.min(Level::best());
        let (lanes, width) = launch(level, Shape(std::marker::PhantomData::<T>));
        let mut matrix =
            Symmetric { n, level, lanes, width, data: Buffer::zeros(0), groups: Vec::new(), sums: Buffer::zeros(0), backward: false };
        let strips = n.div_ceil(width);
        let values = matrix.strip_start(strips);
        matrix.data = Buffer::zeros(values);
        let wanted = (values * size_of::<T>()).div_ceil(GROUP_BYTES).clamp(1, MOST_GROUPS);
        // Equal shares of the memory, not of the strips, which grow shorter.
        matrix.groups =
            (0..wanted).map(|g| (0..strips).find(|s| matrix.strip_start(*s) * wanted >= g * values).unwrap_or(strips)).collect();
        matrix.groups.push(strips);
        matrix.sums = Buffer::zeros(wanted * matrix.padded());
        for i in 0..n {
            let at = matrix.position(i, i);
            matrix.data[at] = T::from_f64(diagonal);
        }
        matrix
    }

    /// Rows and columns.
    pub fn size(&self) -> usize {
        self.n
    }

    /// Rows with those that pad the last tile.
    pub fn padded(&self) -> usize {
        self.n.next_multiple_of(self.lanes)
    }

    /// Level of the sweeps.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The element at row `i` and column `j`.
    pub fn get(&self, i: usize, j: usize) -> T {
        self.data[self.position(i, j)]
    }

    /// Adds `sign * w w^T` for a given `(sign, w)`, then `out = matrix * r`; `w` and `r` are padded with zeros.
    pub fn apply(&mut self, term: Option<(f64, &[T])>, r: &[T], out: &mut [T]) {
        let padded = self.padded();
        assert!(r.len() == padded && out.len() == self.n && term.is_none_or(|(_, w)| w.len() == padded), "product: lengths differ");
        self.sums.fill(T::ZERO);
        let sweep = Sweep {
            tiles: padded / self.lanes,
            groups: &self.groups,
            backward: self.backward,
            data: self.data.as_mut_ptr(),
            term: term.map(|(sign, w)| (T::from_f64(sign), w.as_ptr())),
            r: r.as_ptr(),
            sums: self.sums.as_mut_ptr(),
            out,
        };
        self.backward = !self.backward;
        launch(self.level, sweep);
    }

    /// Index in `data` where strip `strip` starts.
    fn strip_start(&self, strip: usize) -> usize {
        strip_start(strip, self.n.div_ceil(self.lanes), self.width, self.lanes)
    }

    /// Index in `data` of row `i` and column `j`, or of its mirror image where that is what is stored.
    fn position(&self, i: usize, j: usize) -> usize {
        let (i, j) = if i / self.lanes < j / self.lanes { (j, i) } else { (i, j) };
        let below = i / self.lanes - j / self.lanes;
        self.strip_start(j / self.width) + (below * self.width + j % self.width) * self.lanes + i % self.lanes
    }
}

/// Values before strip `strip` of a matrix of `tiles` × `tiles` tiles.
#[inline(always)]
fn strip_start(strip: usize, tiles: usize, width: usize, lanes: usize) -> usize {
    let per_tile = lanes / width;
    let (column, rest) = (strip / per_tile, strip % per_tile);
    // Tile columns before this one hold `tiles`, `tiles - 1`, … tiles.
    let before = column * tiles - column * column.saturating_sub(1) / 2;
    before * lanes * lanes + rest * (tiles - column.min(tiles)) * width * lanes
}

/// Tells lanes of a vector and columns of a strip at a level.
struct Shape<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for Shape<T> {
    type Output = (usize, usize);

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> (usize, usize) {
        (T::Vector::<I>::COUNT, T::Vector::<I>::COLUMNS)
    }
}

/// One pass over all strips.
struct Sweep<'a, T> {
    /// Tiles in a row of the matrix.
    tiles: usize,
    /// First strip of each group, and the end.
    groups: &'a [usize],
    /// Whether to start at the last group.
    backward: bool,
    /// The strips.
    data: *mut T,
    /// Sign and padded vector of the change to add.
    term: Option<(T, *const T)>,
    /// Padded input.
    r: *const T,
    /// Sums of each group, zero at the start.
    sums: *mut T,
    /// Output, not padded.
    out: &'a mut [T],
}

impl<T: Real> Kernel for Sweep<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(mut self) {
        // SAFETY: pointers and lengths come from `Symmetric::apply`, which checked them; the caller vouches for the level. The
        // width of a strip is that of this level, since `Symmetric::identity` asked the same level.
        unsafe {
            match (self.term, T::Vector::<I>::COLUMNS) {
                (Some((sign, w)), 8) => self.sweep::<T::Vector<I>, 8, true>(sign, w),
                (None, 8) => self.sweep::<T::Vector<I>, 8, false>(T::ZERO, self.r),
                (Some((sign, w)), _) => self.sweep::<T::Vector<I>, 4, true>(sign, w),
                (None, _) => self.sweep::<T::Vector<I>, 4, false>(T::ZERO, self.r),
            }
        }
    }
}

impl<T: Real> Sweep<'_, T> {
    /// All groups, then the sum of their sums; with `ADD`, `sign * w w^T` is added to the matrix.
    ///
    /// # Safety
    /// The processor has the level of `V`, `W` is its `COLUMNS`, and the pointers are those of `Symmetric::apply`.
    #[inline(always)]
    unsafe fn sweep<V: Lanes<Scalar = T>, const W: usize, const ADD: bool>(&mut self, sign: T, w: *const T) {
        let groups = self.groups.len() - 1;
        let padded = self.tiles * V::COUNT;
        for group in 0..groups {
            let group = if self.backward { groups - 1 - group } else { group };
            for strip in self.groups[group]..self.groups[group + 1] {
                // SAFETY: promised by the caller; group `group` has its own `padded` sums.
                unsafe { self.strip::<V, W, ADD>(strip, self.sums.add(group * padded), sign, w) };
            }
        }
        let n = self.out.len();
        let mut i = 0;
        while i < n {
            // SAFETY: `i < n <= padded`, and every group has `padded` sums.
            unsafe {
                let mut total = V::load(self.sums.add(i));
                for group in 1..groups {
                    total = total.add(V::load(self.sums.add(group * padded + i)));
                }
                total.store_first(self.out.as_mut_ptr().add(i), (n - i).min(V::COUNT));
            }
            i += V::COUNT;
        }
    }

    /// One strip of `W` columns: adds its share of the product to `sums`.
    ///
    /// # Safety
    /// As for [`Sweep::sweep`]; `sums` has room for all padded rows.
    #[inline(always)]
    unsafe fn strip<V: Lanes<Scalar = T>, const W: usize, const ADD: bool>(&self, strip: usize, sums: *mut T, sign: T, w: *const T) {
        let lanes = V::COUNT;
        let column = strip * W;
        let first = column / lanes;
        // SAFETY: promised by the caller: the strip holds `W` vectors for each tile from `first` to the end.
        unsafe {
            let mut data = self.data.add(strip_start(strip, self.tiles, W, lanes));
            let zero = V::splat(T::ZERO);
            let (mut r, mut w_column, mut turned) = ([zero; W], [zero; W], [zero; W]);
            for c in 0..W {
                r[c] = V::splat(*self.r.add(column + c));
                if ADD {
                    w_column[c] = V::splat(sign.mul(*w.add(column + c)));
                }
            }
            self.tile::<V, W, ADD, false>(data, (first, sums, w), (&r, &w_column), &mut turned);
            for tile in first + 1..self.tiles {
                data = data.add(W * lanes);
                self.tile::<V, W, ADD, true>(data, (tile, sums, w), (&r, &w_column), &mut turned);
            }
            for c in 0..W {
                let sum = sums.add(column + c);
                *sum = (*sum).plus(turned[c].sum());
            }
        }
    }

    /// One tile's part of a strip, at tile row `tile`: adds its product with the input of its columns to the sums of its rows
    /// and, with `TURN`, its products with the input of its rows, lane by lane, to `turned`.
    ///
    /// # Safety
    /// As for [`Sweep::strip`]; `data` has `W` vectors.
    #[inline(always)]
    unsafe fn tile<V: Lanes<Scalar = T>, const W: usize, const ADD: bool, const TURN: bool>(
        &self,
        data: *mut T,
        (tile, sums, w): (usize, *mut T, *const T),
        (r, w_column): (&[V; W], &[V; W]),
        turned: &mut [V; W],
    ) {
        let row = tile * V::COUNT;
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let w_row = if ADD { V::load(w.add(row)) } else { r[0] };
            let r_row = V::load(self.r.add(row));
            // Two chains of sums halve the wait for each other.
            let mut chains = [V::load(sums.add(row)), V::splat(T::ZERO)];
            for c in 0..W {
                let at = data.add(c * V::COUNT);
                prefetch(at.wrapping_byte_add(AHEAD));
                let mut value = V::load(at);
                if ADD {
                    value = w_row.mul_add(w_column[c], value);
                    value.store(at);
                }
                chains[c % 2] = value.mul_add(r[c], chains[c % 2]);
                if TURN {
                    turned[c] = value.mul_add(r_row, turned[c]);
                }
            }
            chains[0].add(chains[1]).store(sums.add(row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Integer updates and products, exact whatever the order; enough rows for several groups where `n` is large.
    fn exact_on_integers<T: Real>(level: Level, n: usize) {
        let mut matrix = Symmetric::<T>::identity(n, 3.0, level);
        let mut values = vec![0.0; n * n];
        for i in 0..n {
            values[i * n + i] = 3.0;
        }
        let padded = matrix.padded();
        let pad = |values: Vec<T>| -> Vec<T> { values.into_iter().chain(std::iter::repeat(T::ZERO)).take(padded).collect() };
        let mut out = vec![T::from_f64(99.0); n + 1];
        for round in 0..5 {
            let (w, r): (Vec<T>, Vec<T>) = (reference::integers(n, round), reference::integers(n, 20 + round));
            let sign = [0.0, -1.0, 1.0][round as usize % 3];
            reference::rank_one(&mut values, sign, &w, &w);
            let w = pad(w);
            matrix.apply((sign != 0.0).then_some((sign, &w[..])), &pad(r.clone()), &mut out[..n]);
            let out: Vec<f64> = out.iter().map(|out| out.to_f64()).collect();
            assert_eq!(out[..n], reference::product(n, &values, &r).0, "{level:?}: {n}, round {round}");
            assert_eq!(out[n], 99.0, "{level:?}: wrote past the end");
        }
        for j in 0..n {
            for i in 0..n {
                assert_eq!(matrix.get(i, j).to_f64(), values[j * n + i]);
            }
        }
    }

    #[test]
    fn products_and_updates_of_integers_are_exact() {
        for level in Level::available() {
            for n in (0..=67).chain([200]) {
                exact_on_integers::<f32>(level, n);
                exact_on_integers::<f64>(level, n);
            }
        }
    }

    #[test]
    fn groups_and_their_direction_change_no_bit() {
        for level in Level::available() {
            exact_on_integers::<f64>(level, 500);
            let mut matrix = Symmetric::<f64>::identity(500, 1.0, level);
            assert!(matrix.groups.len() > 3);
            let padded = matrix.padded();
            let pad = |values: Vec<f64>| -> Vec<f64> { values.into_iter().chain(std::iter::repeat(0.0)).take(padded).collect() };
            let (w, r) = (pad(reference::noise(500, 1)), pad(reference::noise(500, 2)));
            let (mut forward, mut backward) = (vec![0.0; 500], vec![0.0; 500]);
            matrix.apply(Some((-0.1, &w)), &r, &mut forward);
            matrix.apply(None, &r, &mut forward);
            matrix.apply(None, &r, &mut backward);
            assert_eq!(forward, backward);
        }
    }

    #[test]
    fn half_of_the_matrix_is_stored() {
        let matrix = Symmetric::<f64>::identity(1000, 1.0, Level::detect());
        assert!(matrix.data.len() < 1000 * 1000 * 51 / 100);
    }
}
