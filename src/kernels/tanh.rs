//! Hyperbolic tangent and decaying exponential of a slice, which share the reduction and the polynomial of expm1.

use super::lanes::{Isa, Kernel, Lanes, launch};
use super::level::Level;
use super::real::Real;

/// `out = tanh(x)`, within 2.2 units in the last place; odd to the bit, exact at zero, infinities and NaN.
pub fn tanh<T: Real>(level: Level, x: &[T], out: &mut [T]) {
    apply(level, Tanh, x, out);
}

/// `out = exp(-|x|)`, within 1.6 units in the last place; what is below the smallest normal number comes out near that number.
pub fn decay<T: Real>(level: Level, x: &[T], out: &mut [T]) {
    apply(level, Decay, x, out);
}

/// A function of one number.
trait Function {
    /// Its values.
    ///
    /// # Safety
    /// The processor has the level of `V`.
    unsafe fn of<V: Lanes, const U: usize>(&self, constants: &Constants<V>, x: [V; U]) -> [V; U];
}

/// See [`tanh`].
struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    unsafe fn of<V: Lanes, const U: usize>(&self, constants: &Constants<V>, x: [V; U]) -> [V; U] {
        constants.tanh(x)
    }
}

/// See [`decay`].
struct Decay;

impl Function for Decay {
    #[inline(always)]
    unsafe fn of<V: Lanes, const U: usize>(&self, constants: &Constants<V>, x: [V; U]) -> [V; U] {
        constants.decay(x)
    }
}

/// `out = f(x)`.
fn apply<T: Real, F: Function>(level: Level, f: F, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "a function of a slice: input and output differ in length");
    launch(level, Apply { f, x: x.as_ptr(), out: out.as_mut_ptr(), len: x.len() });
}

/// The kernel behind [`tanh`] and [`decay`].
struct Apply<T, F> {
    /// What is applied.
    f: F,
    /// Input.
    x: *const T,
    /// Output.
    out: *mut T,
    /// Length of both.
    len: usize,
}

impl<T: Real, F: Function> Kernel for Apply<T, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let lanes = T::Vector::<I>::COUNT;
        // SAFETY: every access stays below `len`, the length of both slices; the caller vouches for the level.
        unsafe {
            let constants = Constants::<T::Vector<I>>::new();
            let mut i = 0;
            while i + ABREAST * lanes <= self.len {
                self.some::<T::Vector<I>, ABREAST>(&constants, i);
                i += ABREAST * lanes;
            }
            while i + lanes <= self.len {
                self.some::<T::Vector<I>, 1>(&constants, i);
                i += lanes;
            }
            if i < self.len {
                let x = T::Vector::<I>::load_first(self.x.add(i), self.len - i);
                self.f.of(&constants, [x])[0].store_first(self.out.add(i), self.len - i);
            }
        }
    }
}

impl<T: Real, F: Function> Apply<T, F> {
    /// `U` vectors from `i` on.
    ///
    /// # Safety
    /// The processor has the level of `V`, and as many values lie behind `i` in both slices.
    #[inline(always)]
    unsafe fn some<V: Lanes<Scalar = T>, const U: usize>(&self, constants: &Constants<V>, i: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            let mut x = [V::splat(T::ZERO); U];
            for u in 0..U {
                x[u] = V::load(self.x.add(i + u * V::COUNT));
            }
            let out = self.f.of(constants, x);
            for u in 0..U {
                out[u].store(self.out.add(i + u * V::COUNT));
            }
        }
    }
}

/// Vectors that go through a function step by step together: each step depends on the last, and a processor looks ahead only so far.
const ABREAST: usize = 5;

/// Most coefficients that a type needs.
const MOST: usize = 10;

/// What one number type needs: tables of [`Real`], spread over vectors by [`Constants`].
pub struct Table {
    /// Beyond this argument the result is 1 to the last bit.
    saturation: f64,
    /// `1.5 * 2^mantissa + exponent bias`: adding it rounds to an integer and leaves that, biased, in the lowest bits.
    rounder: f64,
    /// `exp(-vanished)` is just above the smallest normal number.
    vanished: f64,
    /// High part of ln 2, with zeros at its end, so that small multiples are exact without fused multiply-add.
    ln2_high: f64,
    /// `ln 2 - ln2_high`.
    ln2_low: f64,
    /// Whether tanh takes ln 2 off in these two parts, and not in one that is rounded: that error grows like the argument, and exp shrinks
    /// faster, so tanh is as good without. In 64 bits, where it would save one operation in thirty, trajectories keep the bits that they had.
    in_parts: bool,
    /// q, where `expm1(r) = r + r^2 q(r)` on `|r| <= ln(2)/2`, from the highest power down; fitted by weighted least squares that
    /// approach the smallest greatest relative error.
    q: &'static [f64],
}

/// Relative error of the polynomial: 1.3e-8 (0.2 units of roundoff).
pub const SINGLE: Table = Table {
    saturation: 10.0,
    rounder: 12_582_912.0 + 127.0,
    vanished: 87.0,
    ln2_high: 0.693_359_375,
    ln2_low: -2.121_944_400_546_905_8e-4,
    in_parts: false,
    q: &[0.001388251391, 0.008366547271, 0.04166720075, 0.1666654342, 0.4999999815],
};

/// Relative error of the polynomial: 1.8e-17 (0.2 units of roundoff).
pub const DOUBLE: Table = Table {
    saturation: 22.0,
    rounder: 6_755_399_441_055_744.0 + 1023.0,
    vanished: 708.0,
    ln2_high: 6.931_471_803_691_238e-1,
    ln2_low: 1.908_214_929_270_587_7e-10,
    in_parts: true,
    q: &[
        2.505_377_907_579_245_5e-8,
        2.762_609_293_236_404_3e-7,
        2.755_740_767_493_040_4e-6,
        2.480_150_514_233_316e-5,
        1.984_126_971_872_096_5e-4,
        1.388_888_893_166_749e-3,
        8.333_333_333_389_733e-3,
        4.166_666_666_657_646_6e-2,
        1.666_666_666_666_658_8e-1,
        5.000_000_000_000_006e-1,
    ],
};

/// The table of a type, spread over vectors once per call.
#[derive(Clone, Copy)]
pub struct Constants<V> {
    /// See [`Table`].
    saturation: V,
    /// See [`Table`].
    rounder: V,
    /// `1 / ln 2`.
    per_ln2: V,
    /// `ln 2`.
    ln2: V,
    /// See [`Table`].
    ln2_high: V,
    /// See [`Table`].
    ln2_low: V,
    /// Beyond this argument exp(-x) is below the normal numbers.
    vanished: V,
    /// 1.
    one: V,
    /// q(-r) of [`Table`]: every other coefficient has changed its sign. Entries from `terms` on are not used.
    q: [V; MOST],
}

impl<V: Lanes> Constants<V> {
    /// Number of coefficients of q.
    const TERMS: usize = V::Scalar::TANH.q.len();

    /// Spreads the table.
    ///
    /// # Safety
    /// The processor has the level of `V`.
    #[inline(always)]
    pub unsafe fn new() -> Self {
        let table = V::Scalar::TANH;
        // SAFETY: promised by the caller.
        let splat = |value: f64| unsafe { V::splat(V::Scalar::from_f64(value)) };
        Constants {
            saturation: splat(table.saturation),
            rounder: splat(table.rounder),
            per_ln2: splat(std::f64::consts::LOG2_E),
            ln2: splat(std::f64::consts::LN_2),
            ln2_high: splat(table.ln2_high),
            ln2_low: splat(table.ln2_low),
            vanished: splat(table.vanished),
            one: splat(1.0),
            // The last coefficient is that of r^0.
            q: std::array::from_fn(|i| match i {
                _ if i >= Self::TERMS => splat(0.0),
                _ if (Self::TERMS - i).is_multiple_of(2) => splat(-table.q[i]),
                _ => splat(table.q[i]),
            }),
        }
    }

    /// `tanh(x) = -t / (t + 2)` with `t = expm1(-2|x|)`, which loses no digit at either end.
    #[inline(always)]
    fn tanh<const U: usize>(&self, x: [V; U]) -> [V; U] {
        let mut out = x;
        for u in 0..U {
            // `min` keeps a NaN in `x`, and from there it spreads to the result.
            let size = self.saturation.min(x[u].abs());
            // Doubled by an addition, not by a multiplier.
            out[u] = size.add(size);
        }
        let (scale, p) = self.power(out, V::Scalar::TANH.in_parts);
        let mut sum = x;
        for u in 0..U {
            // Exact, as one factor is a power of two: so additions can do the rest, and multipliers have enough to do.
            let scaled = scale[u].mul(p[u]);
            out[u] = scaled.add(self.one.sub(scale[u]));
            // `t + 2` from the same parts, not from `t`, whose rounding would count twice.
            sum[u] = scale[u].add(self.one).sub(scaled);
        }
        for u in 0..U {
            out[u] = out[u].div(sum[u]).with_sign_of(x[u]);
        }
        out
    }

    /// `exp(-|x|)`.
    #[inline(always)]
    fn decay<const U: usize>(&self, x: [V; U]) -> [V; U] {
        let mut out = x;
        for u in 0..U {
            out[u] = self.vanished.min(x[u].abs());
        }
        let (scale, p) = self.power(out, true);
        for u in 0..U {
            out[u] = scale[u].mul_sub_from(p[u], scale[u]);
        }
        out
    }

    /// `(s, p)` with `exp(-y) = s (1 - p)`, s a power of two, for the arguments that [`Constants::tanh`] and [`Constants::decay`] meet.
    ///
    /// With ln 2 `in_parts` the error of p is the same for every y; otherwise it grows like y.
    #[inline(always)]
    fn power<const U: usize>(&self, y: [V; U], in_parts: bool) -> ([V; U], [V; U]) {
        let [mut shifted, mut r, mut p, mut scale] = [y; 4];
        for u in 0..U {
            shifted[u] = y[u].mul_sub_from(self.per_ln2, self.rounder);
        }
        for u in 0..U {
            // `-y = k ln 2 - r`.
            let k = shifted[u].sub(self.rounder);
            r[u] = if in_parts { k.mul_add(self.ln2_low, k.mul_add(self.ln2_high, y[u])) } else { k.mul_add(self.ln2, y[u]) };
            p[u] = self.q[0];
        }
        for i in 1..Self::TERMS {
            for u in 0..U {
                p[u] = p[u].mul_add(r[u], self.q[i]);
            }
        }
        for u in 0..U {
            p[u] = p[u].mul(r[u]).mul_sub_from(r[u], r[u]);
            scale[u] = shifted[u].shift_into_exponent();
        }
        (scale, p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Arguments of every size and sign, half of them where the error is greatest: around `ln(2) / 4`, from which on the
    /// reduction takes multiples of ln 2 off, and where the result leaves 1/8, 1/4 and 1/2 behind.
    fn arguments<T: Real>(count: usize) -> Vec<T> {
        let argument = |(i, u): (usize, &f64)| match i % 4 {
            0 => u * 4.0,
            1 => u.signum() * (-30.0 * u.abs()).exp2() * 24.0,
            _ => 0.1 + 0.5 * u.abs(),
        };
        reference::noise::<f64>(count, 3).iter().enumerate().map(argument).map(T::from_f64).collect()
    }

    /// Greatest error at every level, in units in the last place.
    fn greatest_errors<T: Real>(count: usize) -> Vec<(Level, f64)> {
        let x = arguments::<T>(count);
        let exact: Vec<_> = x.iter().map(|x| reference::tanh(x.to_f64())).collect();
        let mut out = vec![T::ZERO; count];
        let mut greatest = |level| {
            tanh(level, &x, &mut out);
            exact.iter().zip(&out).map(|(exact, out)| reference::ulps(*out, *exact)).fold(0.0, f64::max)
        };
        Level::available().into_iter().map(|level| (level, greatest(level))).collect()
    }

    #[test]
    fn error_is_below_two_and_a_fifth_ulp() {
        let (single, double) = (greatest_errors::<f32>(300_000), greatest_errors::<f64>(600_000));
        for (level, ulp) in single.into_iter().chain(double) {
            assert!(ulp > 0.5 && ulp <= 2.2, "{level:?}: {ulp} ulp");
        }
    }

    fn decay_error<T: Real>(largest: f64) -> f64 {
        let x: Vec<T> = reference::noise::<f64>(100_000, 4).iter().map(|u| T::from_f64(u * largest)).collect();
        let mut out = vec![T::ZERO; x.len()];
        let mut greatest: f64 = 0.0;
        for level in Level::available() {
            decay(level, &x, &mut out);
            let ulps = |(x, out): (&T, &T)| reference::ulps(*out, reference::Twofold((-x.to_f64().abs()).exp(), 0.0));
            greatest = x.iter().zip(&out).map(ulps).fold(greatest, f64::max);
        }
        greatest
    }

    #[test]
    fn decay_is_the_exponential_and_ends_near_nothing() {
        // The standard library's own error of half an ulp is part of the second figure.
        let (single, double) = (decay_error::<f32>(87.0), decay_error::<f64>(700.0));
        assert!(single > 0.4 && single < 1.6 && double > 0.4 && double < 1.6, "{single} {double}");
        let mut out = [0.0_f64; 4];
        for level in Level::available() {
            decay(level, &[0.0, f64::INFINITY, f64::NAN, -2.0], &mut out);
            assert!(out[0] == 1.0 && out[1] < 1e-300 && out[2].is_nan() && (out[3] - (-2.0_f64).exp()).abs() < 1e-16, "{out:?}");
        }
    }

    fn special_values_of<T: Real>(level: Level) {
        let values = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-40, -1e-40, 30.0, -1e30, 0.3];
        let x: Vec<T> = values.iter().map(|value| T::from_f64(*value)).collect();
        let mut out = vec![T::from_f64(7.0); x.len()];
        tanh(level, &x, &mut out);
        let out: Vec<f64> = out.iter().map(|out| out.to_f64()).collect();
        assert_eq!(out[0].to_bits(), 0.0_f64.to_bits());
        assert_eq!(out[1].to_bits(), (-0.0_f64).to_bits());
        assert_eq!((out[2], out[3]), (1.0, -1.0));
        assert!(out[4].is_nan());
        assert_eq!((out[5], out[6]), (x[5].to_f64(), x[6].to_f64()), "{level:?}: the smallest numbers are their own tangent");
        assert_eq!((out[7], out[8]), (1.0, -1.0));
        assert!((out[9] - 0.3_f64.tanh()).abs() < 1e-7);
    }

    #[test]
    fn special_values() {
        for level in Level::available() {
            special_values_of::<f32>(level);
            special_values_of::<f64>(level);
        }
    }

    /// Each element alone and at any offset of a slice: the same bits; and odd to the bit.
    fn same_bits_everywhere<T: Real>(level: Level) {
        let x: Vec<T> = reference::noise::<f64>(67, 5).iter().map(|value| T::from_f64(value * 3.0)).collect();
        let negative: Vec<T> = x.iter().map(|x| T::from_f64(-x.to_f64())).collect();
        let (mut whole, mut mirrored) = (vec![T::ZERO; 67], vec![T::ZERO; 67]);
        tanh(level, &x, &mut whole);
        tanh(level, &negative, &mut mirrored);
        for i in 0..67 {
            assert_eq!(whole[i].to_f64(), -mirrored[i].to_f64());
        }
        for start in 0..=67 {
            for end in start..=67 {
                let mut part = vec![T::from_f64(9.0); 68 - start];
                tanh(level, &x[start..end], &mut part[..end - start]);
                assert_eq!(part[..end - start], whole[start..end], "{level:?}: {start}..{end}");
                assert!(part[end - start..].iter().all(|out| out.to_f64() == 9.0), "{level:?}: wrote past the end");
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_the_place() {
        for level in Level::available() {
            same_bits_everywhere::<f32>(level);
            same_bits_everywhere::<f64>(level);
        }
    }
}
