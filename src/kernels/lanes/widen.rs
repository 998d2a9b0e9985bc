//! Vectors from floats of 16 bits.

use std::arch::x86_64::*;

/// Sixteen floats from as many of 16 bits.
///
/// # Safety
/// The processor has AVX-512, and the values may be read.
#[inline(always)]
pub unsafe fn floats_512(from: *const u16) -> __m512 {
    // SAFETY: promised by the caller.
    unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
}

/// Eight doubles from as many floats of 16 bits.
///
/// # Safety
/// As for [`floats_512`].
#[inline(always)]
pub unsafe fn doubles_512(from: *const u16) -> __m512d {
    // SAFETY: promised by the caller.
    unsafe { _mm512_cvtps_pd(_mm256_cvtph_ps(_mm_loadu_si128(from.cast()))) }
}

/// Eight floats from as many of 16 bits.
///
/// # Safety
/// The processor has F16C, and the values may be read.
#[inline(always)]
pub unsafe fn floats_256(from: *const u16) -> __m256 {
    // SAFETY: promised by the caller.
    unsafe { _mm256_cvtph_ps(_mm_loadu_si128(from.cast())) }
}

/// Four doubles from as many floats of 16 bits.
///
/// # Safety
/// As for [`floats_256`].
#[inline(always)]
pub unsafe fn doubles_256(from: *const u16) -> __m256d {
    // SAFETY: promised by the caller.
    unsafe { _mm256_cvtps_pd(_mm_cvtph_ps(_mm_loadl_epi64(from.cast()))) }
}
