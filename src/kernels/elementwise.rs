//! Updates of a vector element by element, and conversions between the two precisions.

use super::lanes::{Isa, Kernel, Lanes, launch, read, write};
use super::level::Level;
use super::real::Real;

/// Factors of an elementwise update: one for all elements or one for each.
#[derive(Clone, Copy, Debug)]
pub enum Weights<'a, T> {
    /// The same factor everywhere.
    One(T),
    /// One factor for each element.
    Each(&'a [T]),
}

/// `x = keep * x + gain * f` element by element: the step of a leaky unit, of an exponential step, of a sum of two vectors.
pub fn leak<T: Real>(level: Level, x: &mut [T], keep: Weights<T>, gain: Weights<T>, f: &[T]) {
    assert_eq!(x.len(), f.len(), "leak: state and drive differ in length");
    let (keep_one, gain_one);
    let keep = match keep {
        Weights::Each(each) => Operand::each(each, x.len()),
        Weights::One(one) => {
            keep_one = [one; WIDEST];
            Operand { at: keep_one.as_ptr(), stride: 0 }
        }
    };
    let gain = match gain {
        Weights::Each(each) => Operand::each(each, x.len()),
        Weights::One(one) => {
            gain_one = [one; WIDEST];
            Operand { at: gain_one.as_ptr(), stride: 0 }
        }
    };
    launch(level, Leak { keep, gain, f: f.as_ptr(), len: x.len(), x: x.as_mut_ptr() });
}

/// `y += a * x`.
pub fn accumulate<T: Real>(level: Level, y: &mut [T], a: T, x: &[T]) {
    leak(level, y, Weights::One(T::ONE), Weights::One(a), x);
}

/// `x = a * x`.
pub fn scale<T: Real>(level: Level, x: &mut [T], a: T) {
    launch(level, Scale { x, a });
}

/// The same values in double precision.
pub fn promote<T: Real>(level: Level, from: &[T], to: &mut [f64]) {
    assert_eq!(from.len(), to.len(), "promote: lengths differ");
    launch(level, Promote { from, to });
}

/// The nearest values of a precision.
pub fn demote<T: Real>(level: Level, from: &[f64], to: &mut [T]) {
    assert_eq!(from.len(), to.len(), "demote: lengths differ");
    launch(level, Demote { from, to });
}

/// `out = a - b`, rounded to the precision of `out` at the end.
pub fn difference<T: Real>(level: Level, a: &[f64], b: &[f64], out: &mut [T]) {
    assert!(a.len() == out.len() && b.len() == out.len(), "difference: lengths differ");
    launch(level, Difference { a, b, out });
}

/// `a += scale * x * x^T` in the lower half of a, column by column, diagonal included.
pub fn rank_one_lower(level: Level, a: &mut [f64], scale: f64, x: &[f64]) {
    assert_eq!(a.len(), x.len() * x.len(), "rank_one_lower: not a square matrix of the size of the vector");
    launch(level, RankOneLower { a, scale, x });
}

/// Lanes of the widest vector.
const WIDEST: usize = 16;

/// An operand that moves along with the index (`stride` 1) or stands still (0, then `WIDEST` equal values).
#[derive(Clone, Copy)]
struct Operand<T> {
    /// First value.
    at: *const T,
    /// Values per index.
    stride: usize,
}

impl<T: Real> Operand<T> {
    /// One value for each of `len` elements.
    fn each(values: &[T], len: usize) -> Self {
        assert_eq!(values.len(), len, "leak: one factor for each element is needed");
        Operand { at: values.as_ptr(), stride: 1 }
    }

    /// The vector at index `i` of `len`.
    ///
    /// # Safety
    /// As for [`read`].
    #[inline(always)]
    unsafe fn read<V: Lanes<Scalar = T>, const WHOLE: bool>(self, i: usize, len: usize) -> V {
        // SAFETY: with stride 1 promised by the caller; with stride 0 the widest vector stands at `at`.
        unsafe { read::<V, WHOLE>(self.at.add(self.stride * i), 0, len - i) }
    }
}

/// The kernel behind [`leak`].
struct Leak<T> {
    /// Factor of the old state.
    keep: Operand<T>,
    /// Factor of the drive.
    gain: Operand<T>,
    /// Drive.
    f: *const T,
    /// Length of state and drive.
    len: usize,
    /// State.
    x: *mut T,
}

impl<T: Real> Leak<T> {
    /// One vector.
    ///
    /// # Safety
    /// As for [`read`] and [`write`].
    #[inline(always)]
    unsafe fn step<V: Lanes<Scalar = T>, const WHOLE: bool>(&self, i: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            let keep = self.keep.read::<V, WHOLE>(i, self.len);
            let gain = self.gain.read::<V, WHOLE>(i, self.len);
            let drive = read::<V, WHOLE>(self.f, i, self.len);
            let x = read::<V, WHOLE>(self.x, i, self.len);
            write::<V, WHOLE>(keep.mul_add(x, gain.mul(drive)), self.x, i, self.len);
        }
    }
}

impl<T: Real> Kernel for Leak<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let lanes = T::Vector::<I>::COUNT;
        let mut i = 0;
        // SAFETY: the vectors cover `0..len`, the last one in part.
        unsafe {
            while i + lanes <= self.len {
                self.step::<T::Vector<I>, true>(i);
                i += lanes;
            }
            if i < self.len {
                self.step::<T::Vector<I>, false>(i);
            }
        }
    }
}

/// The kernel behind [`scale`]; compiled for each level, it needs no intrinsics.
struct Scale<'a, T> {
    /// Scaled in place.
    x: &'a mut [T],
    /// Factor.
    a: T,
}

impl<T: Real> Kernel for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for x in self.x {
            *x = self.a.mul(*x);
        }
    }
}

/// The kernel behind [`rank_one_lower`].
struct RankOneLower<'a> {
    /// The matrix.
    a: &'a mut [f64],
    /// Factor.
    scale: f64,
    /// Vector.
    x: &'a [f64],
}

impl Kernel for RankOneLower<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let n = self.x.len();
        for k in 0..n {
            let (factor, column) = (self.scale * self.x[k], &mut self.a[k * n + k..(k + 1) * n]);
            for (a, x) in column.iter_mut().zip(&self.x[k..]) {
                *a += factor * x;
            }
        }
    }
}

/// The kernel behind [`promote`].
struct Promote<'a, T> {
    /// Input.
    from: &'a [T],
    /// Output.
    to: &'a mut [f64],
}

impl<T: Real> Kernel for Promote<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            *to = from.to_f64();
        }
    }
}

/// The kernel behind [`demote`].
struct Demote<'a, T> {
    /// Input.
    from: &'a [f64],
    /// Output.
    to: &'a mut [T],
}

impl<T: Real> Kernel for Demote<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            *to = T::from_f64(*from);
        }
    }
}

/// The kernel behind [`difference`].
struct Difference<'a, T> {
    /// What is subtracted from.
    a: &'a [f64],
    /// What is subtracted.
    b: &'a [f64],
    /// Output.
    out: &'a mut [T],
}

impl<T: Real> Kernel for Difference<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for ((out, a), b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *out = T::from_f64(a - b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// `leak` on every length and both forms of the factors, within two roundings of the plain formula.
    fn leak_agrees<T: Real>(level: Level) {
        for len in 0..=67 {
            let [start, keep, gain, f]: [Vec<T>; 4] = std::array::from_fn(|i| reference::noise(len, 10 + i as u64));
            for form in 0..4 {
                let one = T::from_f64(0.75);
                let (keep_form, gain_form) = (
                    if form & 1 == 0 { Weights::One(one) } else { Weights::Each(&keep) },
                    if form & 2 == 0 { Weights::One(one) } else { Weights::Each(&gain) },
                );
                let mut x = start.clone();
                x.push(T::from_f64(9.0));
                leak(level, &mut x[..len], keep_form, gain_form, &f);
                assert_eq!(x[len].to_f64(), 9.0, "{level:?}: wrote past the end");
                for i in 0..len {
                    let (d, b) = (if form & 1 == 0 { 0.75 } else { keep[i].to_f64() }, if form & 2 == 0 { 0.75 } else { gain[i].to_f64() });
                    let (kept, driven) = (d * start[i].to_f64(), b * f[i].to_f64());
                    let bound = 2.0 * T::UNIT_ROUNDOFF * (kept.abs() + driven.abs());
                    assert!((x[i].to_f64() - (kept + driven)).abs() <= bound, "{level:?}: length {len}, element {i}");
                }
            }
        }
    }

    #[test]
    fn leak_agrees_with_the_formula() {
        for level in Level::available() {
            leak_agrees::<f32>(level);
            leak_agrees::<f64>(level);
        }
    }

    #[test]
    fn accumulate_and_scale_are_exact_on_integers() {
        for level in Level::available() {
            for len in 0..=67 {
                let (x, mut y): (Vec<f32>, Vec<f32>) = (reference::integers(len, 1), reference::integers(len, 2));
                let expected: Vec<f32> = x.iter().zip(&y).map(|(x, y)| (y + 3.0 * x) * -2.0).collect();
                accumulate(level, &mut y, 3.0, &x);
                scale(level, &mut y, -2.0);
                assert_eq!(y, expected);
            }
        }
    }

    #[test]
    fn a_rank_one_term_reaches_the_lower_half_alone() {
        for level in Level::available() {
            for n in 0..=35 {
                let (x, mut a): (Vec<f64>, Vec<f64>) = (reference::integers(n, 1), reference::integers(n * n, 2));
                let old = a.clone();
                rank_one_lower(level, &mut a, 3.0, &x);
                for (index, (new, old)) in a.iter().zip(&old).enumerate() {
                    let (i, k) = (index % n, index / n);
                    assert_eq!(*new, if i >= k { old + 3.0 * x[i] * x[k] } else { *old }, "{level:?}: {n}, row {i}, column {k}");
                }
            }
        }
    }

    #[test]
    fn conversions_round_to_nearest_and_back() {
        for level in Level::available() {
            for len in 0..=67 {
                let double: Vec<f64> = reference::noise(len, 4);
                let mut single = vec![0.0; len];
                demote(level, &double, &mut single);
                assert!(double.iter().zip(&single).all(|(d, s)| *s == *d as f32));
                let mut back = vec![0.0; len];
                promote(level, &single, &mut back);
                assert!(single.iter().zip(&back).all(|(s, d)| *d == f64::from(*s)));
                let other: Vec<f64> = reference::noise(len, 5);
                difference(level, &double, &other, &mut single);
                assert!((0..len).all(|i| single[i] == (double[i] - other[i]) as f32), "{level:?}: rounded once, at the end");
            }
        }
    }
}
