//! What becomes of the sums of a product while they are still in registers.

use super::lanes::{Lanes, read, write};
use super::real::Real;

/// The end of a product: takes the finished sums of its rows, one vector at a time.
pub(super) trait End<T: Real>: Copy {
    /// Takes the sums of the rows from `row` on; without `WHOLE`, of those before the last row of the matrix.
    ///
    /// # Safety
    /// The processor has the level of `V`, and the rows belong to what this was made for.
    unsafe fn take<V: Lanes<Scalar = T>, const WHOLE: bool>(self, sums: V, row: usize);
}

/// Writes the sums.
#[derive(Clone, Copy)]
pub(super) struct Store<T> {
    /// Where the sum of row `first` goes.
    pub out: *mut T,
    /// The first row that is written.
    pub first: usize,
    /// Rows of the matrix.
    pub rows: usize,
}

impl<T: Real> End<T> for Store<T> {
    #[inline(always)]
    unsafe fn take<V: Lanes<Scalar = T>, const WHOLE: bool>(self, sums: V, row: usize) {
        // SAFETY: promised by the caller.
        unsafe { write::<V, WHOLE>(sums, self.out, row - self.first, self.rows - self.first) }
    }
}

/// The step `x = keep * x + gain * (sum + added)` of leaky units, element by element; see [`super::leak`].
#[derive(Clone, Copy, Debug)]
pub struct Update<'a, T> {
    /// Factors of the old state.
    pub keep: &'a [T],
    /// Factors of the drive.
    pub gain: &'a [T],
    /// What is added to the sums, if anything.
    pub added: Option<&'a [T]>,
}

/// Makes an [`Update`].
#[derive(Clone, Copy)]
pub(super) struct Advance<T> {
    keep: *const T,
    gain: *const T,
    added: Option<*const T>,
    x: *mut T,
    rows: usize,
}

impl<T: Real> Advance<T> {
    /// Of the state `x`.
    pub fn new(update: Update<'_, T>, x: &mut [T]) -> Self {
        let rows = x.len();
        let fits = update.keep.len() == rows && update.gain.len() == rows && update.added.is_none_or(|added| added.len() == rows);
        assert!(fits, "update: one factor for each element is needed");
        Advance { keep: update.keep.as_ptr(), gain: update.gain.as_ptr(), added: update.added.map(<[T]>::as_ptr), x: x.as_mut_ptr(), rows }
    }
}

impl<T: Real> End<T> for Advance<T> {
    #[inline(always)]
    unsafe fn take<V: Lanes<Scalar = T>, const WHOLE: bool>(self, sums: V, row: usize) {
        // SAFETY: all slices have `rows` values, as `new` made sure; the rest is promised by the caller.
        unsafe {
            let drive = self.added.map_or(sums, |added| sums.add(read::<V, WHOLE>(added, row, self.rows)));
            let keep = read::<V, WHOLE>(self.keep, row, self.rows);
            let gain = read::<V, WHOLE>(self.gain, row, self.rows);
            let x = read::<V, WHOLE>(self.x, row, self.rows);
            write::<V, WHOLE>(keep.mul_add(x, gain.mul(drive)), self.x, row, self.rows);
        }
    }
}
