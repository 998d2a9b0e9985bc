//! AVX-512: sixteen floats or eight doubles.

use std::arch::x86_64::*;

use super::widen::{doubles_512, floats_512, turn_floats};
use super::{Isa, Lanes, Words};

/// The AVX-512 level.
pub struct Avx512;

impl Isa for Avx512 {
    type f32 = F32x16;
    type f64 = F64x8;
    type Words = Words512;
}

/// Sixteen floats.
#[derive(Clone, Copy)]
pub struct F32x16(__m512);

/// Eight doubles.
#[derive(Clone, Copy)]
pub struct F64x8(__m512d);

/// Implements [`Lanes`] for one register type.
macro_rules! lanes {
    ($name:ident, $scalar:ident, $count:literal, $mask:ident, $one:literal, $to_int:ident, $from_int:ident, $mantissa:literal,
     $set:ident, $load:ident, $maskz_load:ident, $store:ident, $mask_store:ident, $add:ident, $sub:ident, $mul:ident, $div:ident,
     $fmadd:ident, $fnmadd:ident, $min:ident, $abs:ident, $sqrt:ident, $widen:ident, $or:ident, $and:ident, $shift:ident, $reduce:ident
     $(, $own:item)?) => {
        impl Lanes for $name {
            type Scalar = $scalar;
            const COUNT: usize = $count;
            const COLUMNS: usize = 8;
            const TILE: (usize, usize) = (3, 8);

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
                Self(unsafe { $maskz_load((($one << count) - 1) as $mask, from) })
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
                unsafe { $mask_store(to, (($one << count) - 1) as $mask, self.0) }
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
                Self(unsafe { $abs(self.0) })
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
                // SAFETY: see `add`.
                unsafe { $reduce(self.0) }
            }
            $($own)?
        }
    };
}

lanes!(
    F32x16,
    f32,
    16,
    __mmask16,
    1_u32,
    _mm512_castps_si512,
    _mm512_castsi512_ps,
    23,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_storeu_ps,
    _mm512_mask_storeu_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    _mm512_fmadd_ps,
    _mm512_fnmadd_ps,
    _mm512_min_ps,
    _mm512_abs_ps,
    _mm512_sqrt_ps,
    floats_512,
    _mm512_or_ps,
    _mm512_and_ps,
    _mm512_slli_epi32,
    _mm512_reduce_add_ps,
    #[inline(always)]
    unsafe fn turn(from: *const f32, to: impl Fn(usize) -> *mut f64) {
        // SAFETY: promised by the caller.
        unsafe { turn_floats(from, to) }
    }
);
lanes!(
    F64x8,
    f64,
    8,
    __mmask8,
    1_u32,
    _mm512_castpd_si512,
    _mm512_castsi512_pd,
    52,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_storeu_pd,
    _mm512_mask_storeu_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    _mm512_fmadd_pd,
    _mm512_fnmadd_pd,
    _mm512_min_pd,
    _mm512_abs_pd,
    _mm512_sqrt_pd,
    doubles_512,
    _mm512_or_pd,
    _mm512_and_pd,
    _mm512_slli_epi64,
    _mm512_reduce_add_pd
);

/// Eight integers of 64 bits.
#[derive(Clone, Copy)]
pub struct Words512(__m512i);

impl Words for Words512 {
    type Floats = F32x16;
    const COUNT: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const u64) -> Self {
        // SAFETY: the caller vouches for the processor and the memory.
        Self(unsafe { _mm512_loadu_si512(from.cast()) })
    }
    #[inline(always)]
    unsafe fn splat_32(value: u32) -> Self {
        // SAFETY: the caller vouches for the processor.
        Self(unsafe { _mm512_set1_epi32(value.cast_signed()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u64) {
        // SAFETY: the caller vouches for the memory; a value of this type exists only on such a processor.
        unsafe { _mm512_storeu_si512(to.cast(), self.0) }
    }
    #[inline(always)]
    fn add_64(self, other: Self) -> Self {
        // SAFETY: a value of this type exists only on such a processor; so in all methods below.
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }
    #[inline(always)]
    fn shift_left_64<const LEFT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_slli_epi64::<LEFT>(self.0) })
    }
    #[inline(always)]
    fn rotate_64<const LEFT: u32, const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_or_si512(_mm512_slli_epi64::<LEFT>(self.0), _mm512_srli_epi64::<RIGHT>(self.0)) })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }
    #[inline(always)]
    fn sub_32(self, other: Self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_sub_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn shift_left_32<const LEFT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_slli_epi32::<LEFT>(self.0) })
    }
    #[inline(always)]
    fn shift_right_32<const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_srli_epi32::<RIGHT>(self.0) })
    }
    #[inline(always)]
    fn shift_right_signed_32<const RIGHT: u32>(self) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_srai_epi32::<RIGHT>(self.0) })
    }
    #[inline(always)]
    fn to_floats(self) -> F32x16 {
        // SAFETY: see `add_64`.
        F32x16(unsafe { _mm512_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn as_floats(self) -> F32x16 {
        // SAFETY: see `add_64`.
        F32x16(unsafe { _mm512_castsi512_ps(self.0) })
    }
    #[inline(always)]
    fn from_floats(floats: F32x16) -> Self {
        // SAFETY: see `add_64`.
        Self(unsafe { _mm512_castps_si512(floats.0) })
    }
}
