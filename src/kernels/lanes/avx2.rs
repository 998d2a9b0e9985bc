//! AVX2 with fused multiply-add: eight floats or four doubles.

use std::arch::x86_64::*;

use super::widen::{doubles_256, floats_256};
use super::{Isa, Lanes, Words};

/// The AVX2 level.
pub struct Avx2;

impl Isa for Avx2 {
    type f32 = F32x8;
    type f64 = F64x4;
    type Words = Words256;
}

/// Eight floats.
#[derive(Clone, Copy)]
pub struct F32x8(__m256);

/// Four doubles.
#[derive(Clone, Copy)]
pub struct F64x4(__m256d);

/// Ones before zeros: the mask of the first `n` lanes starts `COUNT - n` entries in.
static FIRST_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// As [`FIRST_32`], for doubles.
static FIRST_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

/// Implements [`Lanes`] for one register type.
macro_rules! lanes {
    ($name:ident, $scalar:ident, $count:literal, $first:ident, $to_int:ident, $from_int:ident, $mantissa:literal,
     $set:ident, $load:ident, $mask_load:ident, $store:ident, $mask_store:ident, $add:ident, $sub:ident, $mul:ident, $div:ident,
     $fmadd:ident, $fnmadd:ident, $min:ident, $or:ident, $andnot:ident, $and:ident, $shift:ident, $sqrt:ident, $widen:ident) => {
        impl $name {
            /// Mask of the first `count` lanes.
            #[inline(always)]
            unsafe fn first(count: usize) -> __m256i {
                debug_assert!(count <= $count);
                // SAFETY: the caller vouches for the processor, and `count <= COUNT` keeps the window inside the table.
                unsafe { _mm256_loadu_si256($first.as_ptr().add($count - count).cast()) }
            }
        }

        impl Lanes for $name {
            type Scalar = $scalar;
            const COUNT: usize = $count;
            const COLUMNS: usize = 4;
            const TILE: (usize, usize) = (2, 6);

            #[inline(always)]
            unsafe fn splat(value: $scalar) -> Self {
                // SAFETY: the caller vouches for the processor.
                Self(unsafe { $set(value) })
            }
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: the caller vouches for the processor and the memory.
                Self(unsafe { $load(from) })
            }
            #[inline(always)]
            unsafe fn load_first(from: *const $scalar, count: usize) -> Self {
                // SAFETY: the caller vouches for the processor and the memory; masked lanes are not touched.
                Self(unsafe { $mask_load(from, Self::first(count)) })
            }
            #[inline(always)]
            unsafe fn load_half(from: *const u16) -> Self {
                // SAFETY: the caller vouches for the processor and the memory.
                Self(unsafe { $widen(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: the caller vouches for the memory; a value of this type exists only on such a processor.
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $scalar, count: usize) {
                // SAFETY: as in `store`; masked lanes are not touched.
                unsafe { $mask_store(to, Self::first(count), self.0) }
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a value of this type exists only on such a processor; so in all methods below.
                Self(unsafe { $add(self.0, other.0) })
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $sub(self.0, other.0) })
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $mul(self.0, other.0) })
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $div(self.0, other.0) })
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $fmadd(self.0, factor.0, term.0) })
            }
            #[inline(always)]
            fn mul_sub_from(self, factor: Self, term: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $fnmadd(self.0, factor.0, term.0) })
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $min(self.0, other.0) })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $andnot($set(-0.0), self.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn with_sign_of(self, other: Self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $or(self.0, $and($set(-0.0), other.0)) })
            }
            #[inline(always)]
            fn shift_into_exponent(self) -> Self {
                // SAFETY: see `add`.
                Self(unsafe { $from_int($shift::<$mantissa>($to_int(self.0))) })
            }
            #[inline(always)]
            fn sum(self) -> $scalar {
                let mut lanes = [0.0; $count];
                // SAFETY: the array holds `COUNT` values.
                unsafe { self.store(lanes.as_mut_ptr()) };
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

lanes!(
    F32x8,
    f32,
    8,
    FIRST_32,
    _mm256_castps_si256,
    _mm256_castsi256_ps,
    23,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_maskload_ps,
    _mm256_storeu_ps,
    _mm256_maskstore_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_fmadd_ps,
    _mm256_fnmadd_ps,
    _mm256_min_ps,
    _mm256_or_ps,
    _mm256_andnot_ps,
    _mm256_and_ps,
    _mm256_slli_epi32,
    _mm256_sqrt_ps,
    floats_256
);
lanes!(
    F64x4,
    f64,
    4,
    FIRST_64,
    _mm256_castpd_si256,
    _mm256_castsi256_pd,
    52,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_maskload_pd,
    _mm256_storeu_pd,
    _mm256_maskstore_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_fmadd_pd,
    _mm256_fnmadd_pd,
    _mm256_min_pd,
    _mm256_or_pd,
    _mm256_andnot_pd,
    _mm256_and_pd,
    _mm256_slli_epi64,
    _mm256_sqrt_pd,
    doubles_256
);

/// Four integers of 64 bits.
#[derive(Clone, Copy)]
pub struct Words256(__m256i);

impl Words for Words256 {
    type Floats = F32x8;
    const COUNT: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const u64) -> Self {
        // SAFETY: the caller vouches for the processor and the memory.
        Self(unsafe { _mm256_loadu_si256(from.cast()) })
    }
    #[inline(always)]
    unsafe fn splat_32(value: u32) -> Self {
        // SAFETY: the caller vouches for the processor.
        Self(unsafe { _mm256_set1_epi32(value.cast_signed()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u64) {
        // SAFETY: the caller vouches for the memory; a value of this type exists only on such a processor.
        unsafe { _mm256_storeu_si256(to.cast(), self.0) }
    }
    #[inline(always)]
    fn add_64(self, other: Self) -> Self {
        // SAFETY: a value of this type exists only on such a processor; so in all methods below.
        Self(unsafe { _mm256_add_epi64(self.0, other.0) })
    }
    #[inline(always)]
    fn shift_left_64<const LEFT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_sll_epi64(self.0, _mm_cvtsi32_si128(LEFT as i32)) })
    }
    #[inline(always)]
    fn rotate_64<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe {
            _mm256_or_si256(
                _mm256_sll_epi64(self.0, _mm_cvtsi32_si128(LEFT as i32)),
                _mm256_srl_epi64(self.0, _mm_cvtsi32_si128(RIGHT as i32)),
            )
        })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }
    #[inline(always)]
    fn sub_32(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_sub_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn shift_left_32<const LEFT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(LEFT as i32)) })
    }
    #[inline(always)]
    fn shift_right_32<const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(RIGHT as i32)) })
    }
    #[inline(always)]
    fn shift_right_signed_32<const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_sra_epi32(self.0, _mm_cvtsi32_si128(RIGHT as i32)) })
    }
    #[inline(always)]
    fn to_floats(self) -> F32x8 {
        // SAFETY: see `add_64`.
        F32x8(unsafe { _mm256_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn as_floats(self) -> F32x8 {
        // SAFETY: see `add_64`.
        F32x8(unsafe { _mm256_castsi256_ps(self.0) })
    }
    #[inline(always)]
    fn from_floats(floats: F32x8) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm256_castps_si256(floats.0) })
    }
}
