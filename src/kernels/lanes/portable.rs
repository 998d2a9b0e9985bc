//! The portable level, on the crate `wide`: eight floats or four doubles, whatever registers the build's target has.

use wide::{f32x8, f64x4};

use super::super::half::from_half;
use super::{Isa, Lanes, Words};

/// The portable level.
pub struct Portable;

impl Isa for Portable {
    type f32 = F32x8;
    type f64 = F64x4;
    type Words = Words256;
}

/// Eight floats.
#[derive(Clone, Copy)]
pub struct F32x8(f32x8);

/// Four doubles.
#[derive(Clone, Copy)]
pub struct F64x4(f64x4);

/// Implements [`Lanes`] for one type of `wide`.
macro_rules! lanes {
    ($name:ident, $wide:ident, $scalar:ident, $count:literal, $mantissa:literal) => {
        impl $name {
            /// Applies `f` to each pair of lanes.
            #[inline(always)]
            fn zip(self, other: Self, f: impl Fn($scalar, $scalar) -> $scalar) -> Self {
                let (a, b) = (self.0.to_array(), other.0.to_array());
                Self($wide::new(std::array::from_fn(|i| f(a[i], b[i]))))
            }
        }

        impl Lanes for $name {
            type Scalar = $scalar;
            const COUNT: usize = $count;
            const COLUMNS: usize = 4;
            const TILE: (usize, usize) = (1, 4);

            #[inline(always)]
            unsafe fn splat(value: $scalar) -> Self {
                Self($wide::splat(value))
            }
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: the caller vouches for the memory.
                Self($wide::new(unsafe { from.cast::<[$scalar; $count]>().read_unaligned() }))
            }
            #[inline(always)]
            unsafe fn load_first(from: *const $scalar, count: usize) -> Self {
                let mut lanes = [0.0; $count];
                // SAFETY: the caller vouches for `count` values at `from`, and the array holds at least as many.
                unsafe { std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count) };
                Self($wide::new(lanes))
            }
            #[inline(always)]
            unsafe fn load_half(from: *const u16) -> Self {
                // SAFETY: the caller vouches for the memory.
                let halves = unsafe { from.cast::<[u16; $count]>().read_unaligned() };
                Self($wide::new(halves.map(|half| from_half(half) as $scalar)))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: the caller vouches for the memory.
                unsafe { to.cast::<[$scalar; $count]>().write_unaligned(self.0.to_array()) }
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $scalar, count: usize) {
                // SAFETY: the caller vouches for `count` values at `to`, and the array holds at least as many.
                unsafe { std::ptr::copy_nonoverlapping(self.0.to_array().as_ptr(), to, count) }
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self(self.0 * other.0)
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                Self(self.0 / other.0)
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                Self(self.0.mul_add(factor.0, term.0))
            }
            #[inline(always)]
            fn mul_sub_from(self, factor: Self, term: Self) -> Self {
                Self(self.0.mul_neg_add(factor.0, term.0))
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                self.zip(other, |a, b| if a < b { a } else { b })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self(self.0.abs())
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(self.0.sqrt())
            }
            #[inline(always)]
            fn with_sign_of(self, other: Self) -> Self {
                self.zip(other, $scalar::copysign)
            }
            #[inline(always)]
            fn shift_into_exponent(self) -> Self {
                Self($wide::new(self.0.to_array().map(|lane| $scalar::from_bits(lane.to_bits() << $mantissa))))
            }
            #[inline(always)]
            fn sum(self) -> $scalar {
                let mut lanes = self.0.to_array();
                let mut width = $count / 2;
                while width > 0 {
                    for i in 0..width {
                        lanes[i] += lanes[i + width];
                    }
                    width /= 2;
                }
                lanes[0]
            }
        }
    };
}

lanes!(F32x8, f32x8, f32, 8, 23);
lanes!(F64x4, f64x4, f64, 4, 52);

/// Four integers of 64 bits.
#[derive(Clone, Copy)]
pub struct Words256([u64; 4]);

impl Words256 {
    /// Applies `f` to each pair of lanes of 64 bits.
    #[inline(always)]
    fn zip_64(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    /// Applies `f` to each lane of 64 bits.
    #[inline(always)]
    fn map_64(self, f: impl Fn(u64) -> u64) -> Self {
        Self(self.0.map(f))
    }

    /// The lanes of 32 bits.
    #[inline(always)]
    fn halves(self) -> [u32; 8] {
        std::array::from_fn(|i| (self.0[i / 2] >> (32 * (i % 2))) as u32)
    }

    /// The lanes of 64 bits from those of 32.
    #[inline(always)]
    fn from_halves(halves: [u32; 8]) -> Self {
        Self(std::array::from_fn(|i| u64::from(halves[2 * i]) | u64::from(halves[2 * i + 1]) << 32))
    }
}

impl Words for Words256 {
    type Floats = F32x8;
    const COUNT: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const u64) -> Self {
        // SAFETY: the caller vouches for the memory.
        Self(unsafe { from.cast::<[u64; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn splat_32(value: u32) -> Self {
        Self::from_halves([value; 8])
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u64) {
        // SAFETY: the caller vouches for the memory.
        unsafe { to.cast::<[u64; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    fn add_64(self, other: Self) -> Self {
        self.zip_64(other, u64::wrapping_add)
    }
    #[inline(always)]
    fn shift_left_64<const LEFT: u32>(self) -> Self {
        self.map_64(|word| word << LEFT)
    }
    #[inline(always)]
    fn rotate_64<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        self.map_64(|word| word << LEFT | word >> RIGHT)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip_64(other, |a, b| a ^ b)
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip_64(other, |a, b| a & b)
    }
    #[inline(always)]
    fn sub_32(self, other: Self) -> Self {
        let (a, b) = (self.halves(), other.halves());
        Self::from_halves(std::array::from_fn(|i| a[i].wrapping_sub(b[i])))
    }
    #[inline(always)]
    fn shift_left_32<const LEFT: u32>(self) -> Self {
        Self::from_halves(self.halves().map(|word| word << LEFT))
    }
    #[inline(always)]
    fn shift_right_32<const RIGHT: u32>(self) -> Self {
        Self::from_halves(self.halves().map(|word| word >> RIGHT))
    }
    #[inline(always)]
    fn shift_right_signed_32<const RIGHT: u32>(self) -> Self {
        Self::from_halves(self.halves().map(|word| (word.cast_signed() >> RIGHT).cast_unsigned()))
    }
    #[inline(always)]
    fn to_floats(self) -> F32x8 {
        F32x8(f32x8::new(self.halves().map(|word| word.cast_signed() as f32)))
    }
    #[inline(always)]
    fn as_floats(self) -> F32x8 {
        F32x8(f32x8::new(self.halves().map(f32::from_bits)))
    }
    #[inline(always)]
    fn from_floats(floats: F32x8) -> Self {
        Self::from_halves(floats.0.to_array().map(f32::to_bits))
    }
}
