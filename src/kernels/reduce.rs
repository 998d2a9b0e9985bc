//! Sums over vectors, always accumulated in double precision and in one order at every level, and checks of their values.

use super::lanes::{Isa, Kernel, Lanes, launch};
use super::level::Level;
use super::real::Real;

/// Partial sums that are kept apart: element `i` goes to sum `i % PARTS`, and the sums are added as a tree.
const PARTS: usize = 32;

/// Sum of `x[i] * y[i]`, in double precision; the same bits at every level.
pub fn dot<T: Real>(level: Level, x: &[T], y: &[T]) -> f64 {
    assert_eq!(x.len(), y.len(), "dot: lengths differ");
    launch(level, Dot { x, y })
}

/// Sum of `x[i]^2`, in double precision; the same bits at every level.
pub fn sum_of_squares<T: Real>(level: Level, x: &[T]) -> f64 {
    launch(level, Dot { x, y: x })
}

/// Greatest absolute value, 0 of an empty slice; NaN is passed over (see [`all_finite`]).
pub fn max_abs<T: Real>(level: Level, x: &[T]) -> f64 {
    launch(level, MaxAbs { x })
}

/// Whether no element is infinite or NaN.
pub fn all_finite<T: Real>(level: Level, x: &[T]) -> bool {
    launch(level, Finite { x })
}

/// Whether the sum of squares, in the precision of `x`, is at most `bound^2`: then no value is NaN or, but for its last bits, beyond `bound`.
/// The quick question for every step of a run; a no decides nothing.
pub fn surely_within<T: Real>(level: Level, x: &[T], bound: f64) -> bool {
    launch(level, SquaresBelow { x, bound: bound * bound })
}

/// Adds the partial sums as a balanced tree.
#[inline(always)]
fn tree(mut parts: [f64; PARTS]) -> f64 {
    let mut width = PARTS / 2;
    while width > 0 {
        for i in 0..width {
            parts[i] += parts[i + width];
        }
        width /= 2;
    }
    parts[0]
}

/// The kernel behind [`dot`]. It multiplies and adds in two roundings, so that no level differs from another.
struct Dot<'a, T> {
    /// One factor.
    x: &'a [T],
    /// The other.
    y: &'a [T],
}

impl<T: Real> Kernel for Dot<'_, T> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> f64 {
        let lanes = I::f64::COUNT;
        let (x, x_rest) = self.x.as_chunks::<PARTS>();
        let (y, y_rest) = self.y.as_chunks::<PARTS>();
        let mut parts = [0.0; PARTS];
        // SAFETY: the caller vouches for the level; a chunk holds `PARTS` values, a multiple of the lanes.
        unsafe {
            // Vectors by name: as an array of numbers the sums are taken apart by the optimiser.
            let mut sums = [I::f64::splat(0.0); PARTS / 2];
            for (x, y) in x.iter().zip(y) {
                for n in 0..PARTS / lanes {
                    let (x, y): (I::f64, I::f64) = (double(x.as_ptr().add(n * lanes)), double(y.as_ptr().add(n * lanes)));
                    sums[n] = sums[n].add(x.mul(y));
                }
            }
            for n in 0..PARTS / lanes {
                sums[n].store(parts.as_mut_ptr().add(n * lanes));
            }
        }
        for i in 0..x_rest.len() {
            parts[i] += x_rest[i].to_f64() * y_rest[i].to_f64();
        }
        tree(parts)
    }
}

/// The kernel behind [`surely_within`].
struct SquaresBelow<'a, T> {
    /// Values.
    x: &'a [T],
    /// What the sum is held against.
    bound: f64,
}

impl<T: Real> Kernel for SquaresBelow<'_, T> {
    type Output = bool;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> bool {
        let (lanes, len, from) = (T::Vector::<I>::COUNT, self.x.len(), self.x.as_ptr());
        // SAFETY: the caller vouches for the level; the vectors cover the slice, the last one in part.
        unsafe {
            let mut sums = [T::Vector::<I>::splat(T::ZERO); 4];
            let mut i = 0;
            while i + 4 * lanes <= len {
                for (n, sum) in sums.iter_mut().enumerate() {
                    let x = T::Vector::<I>::load(from.add(i + n * lanes));
                    *sum = x.mul_add(x, *sum);
                }
                i += 4 * lanes;
            }
            while i < len {
                let x = T::Vector::<I>::load_first(from.add(i), (len - i).min(lanes));
                sums[0] = x.mul_add(x, sums[0]);
                i += lanes;
            }
            sums[0].add(sums[1]).add(sums[2].add(sums[3])).sum().to_f64() <= self.bound
        }
    }
}

/// A vector of doubles from as many values of either type.
///
/// # Safety
/// The processor has the level of `V`, and `V::COUNT` (at most 8) values may be read at `from`.
#[inline(always)]
unsafe fn double<T: Real, V: Lanes<Scalar = f64>>(from: *const T) -> V {
    let mut values = [0.0; 8];
    for i in 0..V::COUNT {
        // SAFETY: promised by the caller.
        values[i] = unsafe { *from.add(i) }.to_f64();
    }
    // SAFETY: the array holds at least `V::COUNT` values; the caller vouches for the level.
    unsafe { V::load(values.as_ptr()) }
}

/// The kernel behind [`max_abs`].
struct MaxAbs<'a, T> {
    /// Values.
    x: &'a [T],
}

impl<T: Real> Kernel for MaxAbs<'_, T> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> f64 {
        let mut parts = [0.0_f64; PARTS];
        let (x, rest) = self.x.as_chunks::<PARTS>();
        for x in x {
            for i in 0..PARTS {
                let value = x[i].to_f64().abs();
                parts[i] = if value > parts[i] { value } else { parts[i] };
            }
        }
        let greatest = |a: f64, b: f64| if b > a { b } else { a };
        rest.iter().map(|x| x.to_f64().abs()).chain(parts).fold(0.0, greatest)
    }
}

/// The kernel behind [`all_finite`].
struct Finite<'a, T> {
    /// Values.
    x: &'a [T],
}

impl<T: Real> Kernel for Finite<'_, T> {
    type Output = bool;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> bool {
        // Zero times a finite number is zero, times infinity or NaN it is NaN, and NaN stays in a sum.
        let mut parts = [0.0_f64; PARTS];
        let (x, rest) = self.x.as_chunks::<PARTS>();
        for x in x {
            for i in 0..PARTS {
                parts[i] += x[i].to_f64() * 0.0;
            }
        }
        for i in 0..rest.len() {
            parts[i] += rest[i].to_f64() * 0.0;
        }
        tree(parts) == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    fn dot_agrees<T: Real>() {
        for len in (0..=67).chain([1000]) {
            let (x, y): (Vec<T>, Vec<T>) = (reference::noise(len, 1), reference::noise(len, 2));
            let terms: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.to_f64() * y.to_f64()).collect();
            let (exact, size): (f64, f64) = (terms.iter().sum(), terms.iter().map(|term| term.abs()).sum());
            let lowest = dot(Level::Portable, &x, &y);
            assert!((lowest - exact).abs() <= len as f64 * f64::EPSILON * size, "length {len}");
            for level in Level::available() {
                assert_eq!(dot(level, &x, &y).to_bits(), lowest.to_bits(), "{level:?}: the order of the sum is the same at every level");
                assert_eq!(sum_of_squares(level, &x).to_bits(), dot(level, &x, &x).to_bits());
            }
        }
    }

    #[test]
    fn dot_accumulates_in_double_precision() {
        dot_agrees::<f32>();
        dot_agrees::<f64>();
        // In single precision the small terms would vanish beside the large one.
        let x = [1.0_f32, 2.0_f32.powi(-30), 2.0_f32.powi(-30)];
        assert_eq!(dot(Level::detect(), &x, &[1.0; 3]), 1.0 + 2.0_f64.powi(-29));
    }

    #[test]
    fn every_place_of_a_bad_value_is_found() {
        for level in Level::available() {
            for len in 0..=67 {
                let x: Vec<f32> = reference::noise(len, 1);
                assert!(all_finite(level, &x) && surely_within(level, &x, 70.0));
                assert_eq!(max_abs(level, &x), f64::from(x.iter().fold(0.0, |most: f32, x| most.max(x.abs()))));
                for at in 0..len {
                    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                        let mut x = x.clone();
                        x[at] = bad;
                        assert!(!all_finite(level, &x), "{level:?}: {bad} at {at} of {len}");
                        assert!(!surely_within(level, &x, 1e15), "{level:?}: {bad} at {at} of {len}");
                        x[at] = -5.0;
                        assert_eq!(max_abs(level, &x), 5.0, "{level:?}: at {at} of {len}");
                        assert!(!surely_within(level, &x, 4.99), "{level:?}: at {at} of {len}");
                    }
                }
            }
        }
    }
}
