//! A dense matrix in column panels: the storage and the sweep behind [`super::Gemv`] and [`super::PlasticMatrix`].
//!
//! A panel holds [`HEIGHT`] vectors of rows (fewer in the last one), one column after the other, so that a sweep reads memory
//! from end to end and keeps the sums of its rows in registers. The sum of a row always runs over even and odd columns apart
//! and in rising order; sweeping the panels in turn forward and backward, so that what a cache kept of the last sweep is used
//! first in the next, therefore changes no bit.

use super::buffer::Buffer;
use super::ends::{Advance, End, Store, Update};
use super::lanes::{Isa, Kernel, Lanes, lanes_of, launch, prefetch};
use super::level::Level;
use super::real::Real;
use std::ops::Range;

/// Vectors of rows in a panel.
const HEIGHT: usize = 4;
/// Bytes between what a sweep reads and what it asks for in advance.
const AHEAD: usize = 4096;
/// Bytes of a matrix that the first or second cache may hold: asking in advance would only keep the readers of the first busy.
const NEAR: usize = 1 << 20;

/// A `rows` × `cols` matrix in column panels.
#[derive(Clone, Debug)]
pub struct Panels<T: Real> {
    /// Rows of the matrix.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Level of the sweeps.
    level: Level,
    /// Rows in one vector of that level.
    lanes: usize,
    /// The panels.
    data: Buffer<T>,
    /// Whether the next sweep starts at the last panel.
    backward: bool,
}

/// A term `u v^T` to be added to the matrix on the way.
#[derive(Clone, Copy)]
pub struct RankOne<'a, T> {
    /// One factor for each row, padded with zeros to whole vectors.
    pub u: &'a [T],
    /// One factor for each column.
    pub v: &'a [T],
}

impl<T: Real> Panels<T> {
    /// From the columns of a matrix one after the other.
    pub fn from_column_major(rows: usize, cols: usize, values: &[f64], level: Level) -> Self {
        assert_eq!(values.len(), rows * cols, "a {rows} x {cols} matrix has another number of values");
        let level = level.min(Level::best());
        let lanes = lanes_of::<T>(level);
        let data = Buffer::zeros(rows.next_multiple_of(lanes) * cols);
        let mut panels = Panels { rows, cols, level, lanes, data, backward: false };
        for j in 0..cols {
            for i in 0..rows {
                let at = panels.position(i, j);
                panels.data[at] = T::from_f64(values[j * rows + i]);
            }
        }
        panels
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Level of the sweeps.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Rows with those that pad the last vector.
    pub fn padded_rows(&self) -> usize {
        self.rows.next_multiple_of(self.lanes)
    }

    /// The element at row `i` and column `j`.
    pub fn get(&self, i: usize, j: usize) -> T {
        self.data[self.position(i, j)]
    }

    /// Adds `term`, if any, then `out = matrix * r`.
    pub fn apply(&mut self, term: Option<RankOne<T>>, r: &[T], out: &mut [T]) {
        assert_eq!(r.len(), self.cols, "product: one input for each column is needed");
        assert_eq!(out.len(), self.rows, "product: one output for each row is needed");
        if let Some(term) = term {
            assert!(term.u.len() == self.padded_rows() && term.v.len() == self.cols, "product: the pending term has another shape");
        }
        let term = term.map(|term| (term.u.as_ptr(), term.v.as_ptr()));
        self.sweep(term, r, Store { out: out.as_mut_ptr(), first: 0, rows: self.rows });
    }

    /// `x = keep * x + gain * (matrix * r + added)`: the same bits as [`Panels::apply`], [`super::accumulate`] and [`super::leak`] in turn.
    pub fn advance(&mut self, r: &[T], update: Update<'_, T>, x: &mut [T]) {
        assert_eq!(r.len(), self.cols, "product: one input for each column is needed");
        assert_eq!(x.len(), self.rows, "product: one state for each row is needed");
        self.sweep(None, r, Advance::new(update, x));
    }

    /// One sweep over all panels, against the direction of the last.
    fn sweep<E: End<T>>(&mut self, term: Option<(*const T, *const T)>, r: &[T], end: E) {
        let (backward, panels) = (self.backward, 0..self.panels());
        self.backward = !self.backward;
        let (rows, cols, data) = (self.rows, self.cols, self.data.as_mut_ptr());
        launch(self.level, Sweep { rows, cols, backward, data, term, r: r.as_ptr(), end, panels });
    }

    /// Number of panels.
    pub fn panels(&self) -> usize {
        self.rows.div_ceil(HEIGHT * self.lanes)
    }

    /// Rows before a panel, and all rows for the end of the last one.
    pub fn rows_before(&self, panel: usize) -> usize {
        (panel * HEIGHT * self.lanes).min(self.rows)
    }

    /// The rows of `panels` in `matrix * r`: the same bits as [`Panels::apply`] gives without a term, whatever the direction.
    pub fn part(&self, panels: Range<usize>, backward: bool, r: &[T], out: &mut [T]) {
        assert_eq!(r.len(), self.cols, "product: one input for each column is needed");
        assert!(panels.end <= self.panels(), "product: the matrix has fewer panels");
        let rows = self.rows_before(panels.start)..self.rows_before(panels.end);
        assert_eq!(out.len(), rows.len(), "product: one output for each row is needed");
        let sweep = Sweep {
            rows: self.rows,
            cols: self.cols,
            backward,
            // Without a term nothing is written there.
            data: self.data.as_ptr().cast_mut(),
            term: None,
            r: r.as_ptr(),
            end: Store { out: out.as_mut_ptr(), first: rows.start, rows: self.rows },
            panels,
        };
        launch(self.level, sweep);
    }

    /// Index in `data` of row `i` and column `j`.
    fn position(&self, i: usize, j: usize) -> usize {
        let full = HEIGHT * self.lanes;
        let first = i - i % full;
        let height = full.min(self.padded_rows() - first);
        first * self.cols + j * height + (i - first)
    }
}

/// One pass over all panels.
struct Sweep<T, E> {
    /// Rows of the matrix.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Whether to start at the last panel.
    backward: bool,
    /// The panels.
    data: *mut T,
    /// Factors of the term to add: of the padded rows, of the columns.
    term: Option<(*const T, *const T)>,
    /// Input, one for each column.
    r: *const T,
    /// What becomes of the sums.
    end: E,
    /// Panels to sweep.
    panels: Range<usize>,
}

impl<T: Real, E: End<T>> Kernel for Sweep<T, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: the pointers and lengths come from `Panels::apply` or `Panels::part`, which checked them; the caller vouches for the
        // level.
        unsafe {
            match self.term {
                Some((u, v)) => self.sweep::<T::Vector<I>, true, true>(u, v),
                None if self.rows * self.cols * size_of::<T>() > NEAR => self.sweep::<T::Vector<I>, false, true>(self.r, self.r),
                None => self.sweep::<T::Vector<I>, false, false>(self.r, self.r),
            }
        }
    }
}

impl<T: Real, E: End<T>> Sweep<T, E> {
    /// All panels; with `ADD`, `u` and `v` are the factors of the term to add, otherwise they are not read. With `FAR` it asks in advance.
    ///
    /// # Safety
    /// The processor has the level of `V`, and the pointers are those of `Panels::apply` or, without `ADD`, `Panels::part`.
    #[inline(always)]
    unsafe fn sweep<V: Lanes<Scalar = T>, const ADD: bool, const FAR: bool>(&self, u: *const T, v: *const T) {
        let full = HEIGHT * V::COUNT;
        for step in 0..self.panels.len() {
            let index = if self.backward { self.panels.end - 1 - step } else { self.panels.start + step };
            let first = index * full;
            let vectors = (self.rows - first).div_ceil(V::COUNT).min(HEIGHT);
            // SAFETY: promised by the caller; the panel of rows `first..` starts at `first * cols`.
            unsafe {
                let u = if ADD { u.add(first) } else { u };
                let data = self.data.add(first * self.cols);
                match vectors {
                    1 => self.panel::<V, 1, ADD, FAR>(data, u, v, first),
                    2 => self.panel::<V, 2, ADD, FAR>(data, u, v, first),
                    3 => self.panel::<V, 3, ADD, FAR>(data, u, v, first),
                    _ => self.panel::<V, HEIGHT, ADD, FAR>(data, u, v, first),
                }
            }
        }
    }

    /// One panel of `N` vectors, whose first row is `first`.
    ///
    /// # Safety
    /// As for [`Sweep::sweep`].
    #[inline(always)]
    unsafe fn panel<V: Lanes<Scalar = T>, const N: usize, const ADD: bool, const FAR: bool>(
        &self,
        data: *mut T,
        u: *const T,
        v: *const T,
        first: usize,
    ) {
        let height = N * V::COUNT;
        // SAFETY: promised by the caller: the panel has `cols` columns of `height` values, `u` (if read) `height`, `v` `cols`.
        unsafe {
            let zero = V::splat(T::ZERO);
            let mut factors = [zero; N];
            if ADD {
                for n in 0..N {
                    factors[n] = V::load(u.add(n * V::COUNT));
                }
            }
            let (mut even, mut odd) = ([zero; N], [zero; N]);
            let mut j = 0;
            while j + 4 <= self.cols {
                let column = data.add(j * height);
                self.column::<V, N, ADD, FAR>(column, j, v, &factors, &mut even);
                self.column::<V, N, ADD, FAR>(column.add(height), j + 1, v, &factors, &mut odd);
                self.column::<V, N, ADD, FAR>(column.add(2 * height), j + 2, v, &factors, &mut even);
                self.column::<V, N, ADD, FAR>(column.add(3 * height), j + 3, v, &factors, &mut odd);
                j += 4;
            }
            while j < self.cols {
                let sums = if j.is_multiple_of(2) { &mut even } else { &mut odd };
                self.column::<V, N, ADD, FAR>(data.add(j * height), j, v, &factors, sums);
                j += 1;
            }
            for n in 0..N {
                let row = first + n * V::COUNT;
                let sums = even[n].add(odd[n]);
                if row + V::COUNT <= self.rows {
                    self.end.take::<V, true>(sums, row);
                } else {
                    self.end.take::<V, false>(sums, row);
                }
            }
        }
    }

    /// Column `j` of a panel: adds the term to it if asked, and its product with the input to `sums`.
    ///
    /// # Safety
    /// As for [`Sweep::sweep`]; `column` has `N` vectors.
    #[inline(always)]
    unsafe fn column<V: Lanes<Scalar = T>, const N: usize, const ADD: bool, const FAR: bool>(
        &self,
        column: *mut T,
        j: usize,
        v: *const T,
        factors: &[V; N],
        sums: &mut [V; N],
    ) {
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let r = V::splat(*self.r.add(j));
            let term = if ADD { V::splat(*v.add(j)) } else { r };
            for n in 0..N {
                let at = column.add(n * V::COUNT);
                if FAR {
                    prefetch(at.wrapping_byte_add(AHEAD));
                }
                let mut value = V::load(at);
                if ADD {
                    value = factors[n].mul_add(term, value);
                    value.store(at);
                }
                sums[n] = value.mul_add(r, sums[n]);
            }
        }
    }
}
