//! HalfGemv: a matrix stored in 16 bits, prepared for many products with a vector of more bits.
//!
//! A product with a vector is as fast as the matrix can be read, so half the bytes are half the time. Weights are multiplied by a power of two that
//! brings the largest one to the top of the range of 16-bit floats (IEEE 754 binary16), and rounded once to 11 bits; the arithmetic is that of the
//! vector. Storage and sweep are otherwise those of [`super::Gemv`].

use super::buffer::Buffer;
use super::lanes::{Isa, Kernel, Lanes, lanes_of, launch, prefetch};
use super::level::Level;
use super::real::Real;

/// Vectors of rows in a panel.
const HEIGHT: usize = 4;
/// Bytes between what a sweep reads and what it asks for in advance.
const AHEAD: usize = 4096;

/// A fixed matrix in 16 bits.
#[derive(Clone, Debug)]
pub struct HalfGemv<T: Real> {
    /// Rows of the matrix.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Level of the sweeps.
    level: Level,
    /// Rows in one vector of that level.
    lanes: usize,
    /// Panel after panel, in each column after column.
    data: Buffer<u16>,
    /// What a stored number is to be multiplied by.
    unit: T,
    /// Whether the next sweep starts at the last panel.
    backward: bool,
}

impl<T: Real> HalfGemv<T> {
    /// From the columns of a `rows` × `cols` matrix of finite numbers one after the other.
    pub fn from_column_major(rows: usize, cols: usize, values: &[f64], level: Level) -> Self {
        assert_eq!(values.len(), rows * cols, "a {rows} x {cols} matrix has another number of values");
        let level = level.min(Level::best());
        let lanes = lanes_of::<T>(level);
        let data = Buffer::zeros(rows.next_multiple_of(lanes) * cols);
        // Between 2^14 and 2^15, so that rounding up stays below the largest 16-bit float; far from the ends of the range of 32 bits.
        let largest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        let shift = if largest > 0.0 { (14.0 - largest.log2().floor()).clamp(-100.0, 100.0) } else { 0.0 };
        let mut matrix = HalfGemv { rows, cols, level, lanes, data, unit: T::from_f64((-shift).exp2()), backward: false };
        for j in 0..cols {
            for i in 0..rows {
                let at = matrix.position(i, j);
                matrix.data[at] = to_half(values[j * rows + i] * shift.exp2());
            }
        }
        matrix
    }

    /// `out = matrix * r`. Takes `&mut self` because each sweep starts where the one before it ended.
    pub fn apply(&mut self, r: &[T], out: &mut [T]) {
        assert_eq!(r.len(), self.cols, "product: one input for each column is needed");
        assert_eq!(out.len(), self.rows, "product: one output for each row is needed");
        let sweep = Sweep {
            rows: self.rows,
            cols: self.cols,
            backward: self.backward,
            unit: self.unit,
            data: self.data.as_ptr(),
            r: r.as_ptr(),
            out: out.as_mut_ptr(),
        };
        self.backward = !self.backward;
        launch(self.level, sweep);
    }

    /// Index in `data` of row `i` and column `j`.
    fn position(&self, i: usize, j: usize) -> usize {
        let full = HEIGHT * self.lanes;
        let first = i - i % full;
        let height = full.min(self.rows.next_multiple_of(self.lanes) - first);
        first * self.cols + j * height + (i - first)
    }
}

/// The nearest 16-bit float to a finite number, to even in the middle; infinite from 65520 on.
fn to_half(value: f64) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 48) & 0x8000) as u16;
    let size = value.abs();
    let rounded = if size >= 65520.0 {
        0x7c00
    } else if size < (-14.0_f64).exp2() {
        // Multiples of 2^-24; the first number above them follows in the same count.
        (size * 24.0_f64.exp2()).round_ties_even() as u16
    } else {
        let (exponent, mantissa) = (((bits >> 52) & 0x7ff) - 1023 + 15, bits & ((1 << 52) - 1));
        let (kept, rest) = ((exponent << 10) + (mantissa >> 42), mantissa & ((1 << 42) - 1));
        let up = rest > 1 << 41 || (rest == 1 << 41 && kept & 1 == 1);
        (kept + u64::from(up)) as u16
    };
    sign | rounded
}

/// The value of a finite 16-bit float.
#[inline(always)]
pub fn from_half(half: u16) -> f32 {
    // The exponent lands 112 too low; multiplying puts it right, below the normal numbers too.
    let size = f32::from_bits(u32::from(half & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
    f32::from_bits(size.to_bits() | u32::from(half & 0x8000) << 16)
}

/// One pass over all panels.
struct Sweep<T> {
    /// Rows of the matrix.
    rows: usize,
    /// Columns of the matrix.
    cols: usize,
    /// Whether to start at the last panel.
    backward: bool,
    /// What a stored number is to be multiplied by.
    unit: T,
    /// The panels.
    data: *const u16,
    /// Input, one for each column.
    r: *const T,
    /// Output, one for each row.
    out: *mut T,
}

impl<T: Real> Kernel for Sweep<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let full = HEIGHT * T::Vector::<I>::COUNT;
        let panels = self.rows.div_ceil(full);
        for index in 0..panels {
            let first = full * if self.backward { panels - 1 - index } else { index };
            // SAFETY: the pointers and lengths come from `HalfGemv::apply`, which checked them; the caller vouches for the level; the
            // panel of rows `first..` starts at `first * cols`.
            unsafe {
                let data = self.data.add(first * self.cols);
                match (self.rows - first).div_ceil(T::Vector::<I>::COUNT) {
                    1 => self.panel::<T::Vector<I>, 1>(data, first),
                    2 => self.panel::<T::Vector<I>, 2>(data, first),
                    3 => self.panel::<T::Vector<I>, 3>(data, first),
                    _ => self.panel::<T::Vector<I>, HEIGHT>(data, first),
                }
            }
        }
    }
}

impl<T: Real> Sweep<T> {
    /// One panel of `N` vectors, whose first row is `first`.
    ///
    /// # Safety
    /// The processor has the level of `V`, and the panel has `cols` columns of `N` vectors.
    #[inline(always)]
    unsafe fn panel<V: Lanes<Scalar = T>, const N: usize>(&self, data: *const u16, first: usize) {
        let height = N * V::COUNT;
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let (mut even, mut odd) = ([V::splat(T::ZERO); N], [V::splat(T::ZERO); N]);
            let mut j = 0;
            while j + 2 <= self.cols {
                let column = data.add(j * height);
                add_column::<V, N>(column, *self.r.add(j), &mut even);
                add_column::<V, N>(column.add(height), *self.r.add(j + 1), &mut odd);
                j += 2;
            }
            if j < self.cols {
                add_column::<V, N>(data.add(j * height), *self.r.add(j), &mut even);
            }
            let unit = V::splat(self.unit);
            for n in 0..N {
                let row = first + n * V::COUNT;
                let sum = even[n].add(odd[n]).mul(unit);
                if row + V::COUNT <= self.rows {
                    sum.store(self.out.add(row));
                } else {
                    sum.store_first(self.out.add(row), self.rows - row);
                }
            }
        }
    }
}

/// Adds the product of a column of `N` vectors with `r` to `sums`.
///
/// # Safety
/// The processor has the level of `V`; the column may be read.
#[inline(always)]
unsafe fn add_column<V: Lanes, const N: usize>(column: *const u16, r: V::Scalar, sums: &mut [V; N]) {
    // SAFETY: promised by the caller; a prefetch may point anywhere.
    unsafe {
        let r = V::splat(r);
        for n in 0..N {
            let at = column.add(n * V::COUNT);
            if n * V::COUNT % 32 == 0 {
                prefetch(at.wrapping_byte_add(AHEAD));
            }
            sums[n] = V::load_half(at).mul_add(r, sums[n]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    #[test]
    fn sixteen_bits_are_those_of_the_standard() {
        let known = [
            (0.0, 0),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (6.103_515_625e-5, 0x0400),
            (0.333_251_953_125, 0x3555),
        ];
        for (value, bits) in known {
            assert_eq!(to_half(value), bits, "{value}");
        }
        for bits in (0..0x7c00_u16).chain(0x8000..0xfc00) {
            let value = f64::from(from_half(bits));
            assert_eq!(to_half(value), bits, "{bits:#x} is {value}");
            if bits & 0x7fff < 0x7bff {
                // In the middle to even, beside it to the nearer one.
                let middle = 0.5 * (value + f64::from(from_half(bits + 1)));
                assert_eq!(to_half(middle), bits + (bits & 1), "middle above {bits:#x}");
                assert_eq!(to_half(middle + (value - middle) * 1e-6), bits);
                assert_eq!(to_half(middle - (value - middle) * 1e-6), bits + 1);
            }
        }
    }

    fn shapes() -> impl Iterator<Item = (usize, usize)> {
        (0..=67).map(|n| (n, n)).chain((0..=67).map(|n| (n, 67 - n))).chain([(1, 300), (300, 1), (131, 40), (257, 129)])
    }

    fn exact_on_integers<T: Real>(level: Level) {
        for (rows, cols) in shapes() {
            let values: Vec<f64> = reference::integers(rows * cols, 1);
            let r: Vec<T> = reference::integers(cols, 2);
            let mut matrix = HalfGemv::<T>::from_column_major(rows, cols, &values, level);
            let mut out = vec![T::from_f64(99.0); rows + 1];
            for sweep in 0..3 {
                matrix.apply(&r, &mut out[..rows]);
                let out: Vec<f64> = out.iter().map(|out| out.to_f64()).collect();
                assert_eq!(out[..rows], reference::product(rows, &values, &r).0, "{level:?}: {rows} x {cols}, sweep {sweep}");
                assert_eq!(out[rows], 99.0, "{level:?}: wrote past the end");
            }
        }
    }

    /// The product is that of the rounded matrix, whatever the size of its numbers.
    fn rounds_each_weight_once<T: Real>(level: Level) {
        let (rows, cols) = (83, 70);
        for size in [1e-9, 0.05, 1.0, 3e7] {
            let values: Vec<f64> = reference::noise::<f64>(rows * cols, 1).iter().map(|value| size * value).collect();
            let r: Vec<T> = reference::noise(cols, 2);
            let mut out = vec![T::ZERO; rows];
            HalfGemv::<T>::from_column_major(rows, cols, &values, level).apply(&r, &mut out);
            let (exact, terms) = reference::product(rows, &values, &r);
            for i in 0..rows {
                let bound = ((-11.0_f64).exp2() + (cols + 3) as f64 * T::UNIT_ROUNDOFF) * terms[i];
                assert!((out[i].to_f64() - exact[i]).abs() <= bound, "{level:?}: size {size}, row {i}");
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
    fn each_weight_is_rounded_once() {
        for level in Level::available() {
            rounds_each_weight_once::<f32>(level);
            rounds_each_weight_once::<f64>(level);
        }
    }
}
