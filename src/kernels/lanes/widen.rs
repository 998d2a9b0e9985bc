//! Vectors from floats of fewer bits.

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

/// Lane l of the four vectors of sixteen floats at `from` side by side as doubles to `to(l)`.
///
/// # Safety
/// The processor has AVX-512, the vectors may be read, and four values may be written at every `to(l)`.
#[inline(always)]
pub unsafe fn turn_floats(from: *const f32, to: impl Fn(usize) -> *mut f64) {
    // SAFETY: promised by the caller.
    unsafe {
        let [a, b, c, d] = [0, 16, 32, 48].map(|at| _mm512_loadu_ps(from.add(at)));
        let pairs = [_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b), _mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d)];
        let [ab, ab_high, cd, cd_high] = pairs.map(|pair| _mm512_castps_pd(pair));
        // Quarter q of vector i holds lane 4 q + i of all four.
        let quarters = [
            _mm512_unpacklo_pd(ab, cd),
            _mm512_unpackhi_pd(ab, cd),
            _mm512_unpacklo_pd(ab_high, cd_high),
            _mm512_unpackhi_pd(ab_high, cd_high),
        ];
        for i in 0..4 {
            let halves = [_mm512_castpd512_pd256(quarters[i]), _mm512_extractf64x4_pd::<1>(quarters[i])];
            for half in 0..2 {
                let wide = _mm512_cvtps_pd(_mm256_castpd_ps(halves[half]));
                _mm256_storeu_pd(to(8 * half + i), _mm512_castpd512_pd256(wide));
                _mm256_storeu_pd(to(8 * half + 4 + i), _mm512_extractf64x4_pd::<1>(wide));
            }
        }
    }
}
