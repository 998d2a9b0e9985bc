//! One vector type per number type and level, and the door through which a kernel enters a level.
//!
//! A kernel is a small struct that implements [`Kernel`]: its body is generic over the level and always inlined into one of
//! the entries of [`launch`], which carry the level's `#[target_feature]`. So each kernel is written once, and a generic build
//! runs the same instructions as one for this very processor.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(target_arch = "x86_64")]
mod widen;

use super::level::Level;
use super::real::Real;

/// The vector types of one level.
pub trait Isa {
    /// Vector of single precision.
    #[allow(non_camel_case_types)]
    type f32: Lanes<Scalar = f32>;
    /// Vector of double precision.
    #[allow(non_camel_case_types)]
    type f64: Lanes<Scalar = f64>;
    /// Vector of integers with as many bits.
    type Words: Words<Floats = Self::f32>;
}

/// A vector of [`Lanes::COUNT`] numbers.
///
/// Values are made only by the unsafe constructors, whose caller vouches for the processor; so the methods on values are safe.
pub trait Lanes: Copy {
    /// Type of one lane.
    type Scalar: Real;
    /// Numbers in the vector.
    const COUNT: usize;
    /// Columns that the symmetric product takes at a time: as many as leave no accumulator outside the registers.
    const COLUMNS: usize;
    /// Vectors of rows, and columns, of the tile of a matrix product: as many as leave no accumulator outside the registers.
    const TILE: (usize, usize);

    /// The same value in every lane.
    ///
    /// # Safety
    /// The processor has the level of this type.
    unsafe fn splat(value: Self::Scalar) -> Self;
    /// Reads `COUNT` values, aligned or not.
    ///
    /// # Safety
    /// The processor has the level of this type, and `COUNT` values may be read at `from`.
    unsafe fn load(from: *const Self::Scalar) -> Self;
    /// Reads the first `count` lanes and sets the others to zero.
    ///
    /// # Safety
    /// The processor has the level of this type, `count <= COUNT`, and `count` values may be read at `from`.
    unsafe fn load_first(from: *const Self::Scalar, count: usize) -> Self;
    /// Reads `COUNT` floats of 16 bits (IEEE 754 binary16, finite), aligned or not.
    ///
    /// # Safety
    /// The processor has the level of this type, and `COUNT` values may be read at `from`.
    unsafe fn load_half(from: *const u16) -> Self;
    /// Writes `COUNT` values, aligned or not.
    ///
    /// # Safety
    /// `COUNT` values may be written at `to`.
    unsafe fn store(self, to: *mut Self::Scalar);
    /// Writes the first `count` lanes.
    ///
    /// # Safety
    /// `count <= COUNT`, and `count` values may be written at `to`.
    unsafe fn store_first(self, to: *mut Self::Scalar, count: usize);
    /// `self + other`.
    fn add(self, other: Self) -> Self;
    /// `self - other`.
    fn sub(self, other: Self) -> Self;
    /// `self * other`.
    fn mul(self, other: Self) -> Self;
    /// `self / other`.
    fn div(self, other: Self) -> Self;
    /// `self * factor + term`, rounded once where the level can.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `term - self * factor`, rounded once where the level can.
    fn mul_sub_from(self, factor: Self, term: Self) -> Self;
    /// The smaller value; where either is NaN, `other`.
    fn min(self, other: Self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// Square root, rounded once.
    fn sqrt(self) -> Self;
    /// `self` (not negative) with the sign of `other`.
    fn with_sign_of(self, other: Self) -> Self;
    /// Shifts the bits of each lane left by the number of bits of a mantissa, so that a small integer in the lowest bits
    /// becomes an exponent.
    fn shift_into_exponent(self) -> Self;
    /// Sum of the lanes, in a fixed order.
    fn sum(self) -> Self::Scalar;
    /// Writes lane l of the four vectors at `from`, one after the other, side by side in double precision to `to(l)`.
    ///
    /// # Safety
    /// The processor has the level of this type, the vectors may be read, and four values may be written at every `to(l)`.
    #[inline(always)]
    unsafe fn turn(from: *const Self::Scalar, to: impl Fn(usize) -> *mut f64) {
        for lane in 0..Self::COUNT {
            for vector in 0..4 {
                // SAFETY: promised by the caller.
                unsafe { *to(lane).add(vector) = (*from.add(vector * Self::COUNT + lane)).to_f64() };
            }
        }
    }
}

/// A vector of integers: of 64 bits, or twice as many of 32, the lower half of the 64 first.
///
/// As with [`Lanes`], the constructors are unsafe and what works on values is not.
pub trait Words: Copy {
    /// Vector of floats of the same size.
    type Floats: Lanes<Scalar = f32>;
    /// Integers of 64 bits.
    const COUNT: usize;

    /// Reads `COUNT` integers.
    ///
    /// # Safety
    /// The processor has the level of this type, and `COUNT` integers may be read at `from`.
    unsafe fn load(from: *const u64) -> Self;
    /// The same 32 bits everywhere.
    ///
    /// # Safety
    /// The processor has the level of this type.
    unsafe fn splat_32(value: u32) -> Self;
    /// Writes `COUNT` integers.
    ///
    /// # Safety
    /// `COUNT` integers may be written at `to`.
    unsafe fn store(self, to: *mut u64);
    /// `self + other`, 64 bits, wrapping.
    fn add_64(self, other: Self) -> Self;
    /// `self << LEFT`, 64 bits.
    fn shift_left_64<const LEFT: u32>(self) -> Self;
    /// Rotates 64 bits to the left; `RIGHT` is `64 - LEFT`.
    fn rotate_64<const LEFT: u32, const RIGHT: u32>(self) -> Self;
    /// Bits in which the two differ.
    fn xor(self, other: Self) -> Self;
    /// Bits that both have.
    fn and(self, other: Self) -> Self;
    /// `self - other`, 32 bits, wrapping.
    fn sub_32(self, other: Self) -> Self;
    /// `self << LEFT`, 32 bits.
    fn shift_left_32<const LEFT: u32>(self) -> Self;
    /// `self >> RIGHT`, 32 bits, zeros from the left.
    fn shift_right_32<const RIGHT: u32>(self) -> Self;
    /// `self >> RIGHT`, 32 bits, copies of the sign from the left.
    fn shift_right_signed_32<const RIGHT: u32>(self) -> Self;
    /// The nearest floats to signed integers of 32 bits.
    fn to_floats(self) -> Self::Floats;
    /// The floats that have these bits.
    fn as_floats(self) -> Self::Floats;
    /// The bits of floats.
    fn from_floats(floats: Self::Floats) -> Self;
}

/// A computation that can run at any level.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The body; implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// The processor has the level `I`.
    unsafe fn run<I: Isa>(self) -> Self::Output;
}

/// Runs `kernel` at `level`, or at the best level of this machine if that is lower.
#[inline(always)]
pub fn launch<K: Kernel>(level: Level, kernel: K) -> K::Output {
    match level.min(Level::best()) {
        // SAFETY: the level was found on this processor by `Level::best`.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { at_avx512(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { at_avx2(kernel) },
        // SAFETY: the portable level needs nothing beyond the build's target.
        _ => unsafe { kernel.run::<portable::Portable>() },
    }
}

/// Numbers in a vector of `level`, or of the best level of this machine if that is lower.
pub fn lanes_of<T: Real>(level: Level) -> usize {
    launch(level, CountLanes(std::marker::PhantomData::<T>))
}

/// Tells the number of lanes of a level.
struct CountLanes<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for CountLanes<T> {
    type Output = usize;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> usize {
        T::Vector::<I>::COUNT
    }
}

/// Entry of the AVX-512 level.
///
/// # Safety
/// The processor has these features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
unsafe fn at_avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: promised by the caller.
    unsafe { kernel.run::<avx512::Avx512>() }
}

/// Entry of the AVX2 level.
///
/// # Safety
/// The processor has these features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn at_avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: promised by the caller.
    unsafe { kernel.run::<avx2::Avx2>() }
}

/// Asks for the cache line at `at`; any address is allowed.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing into the program and never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Vector of the values from index `i` on; without `WHOLE`, the lanes past `len` are zero.
///
/// # Safety
/// The processor has the level of `V`; `len` values may be read at `from`, and with `WHOLE` there are `COUNT` of them at `i`.
#[inline(always)]
pub unsafe fn read<V: Lanes, const WHOLE: bool>(from: *const V::Scalar, i: usize, len: usize) -> V {
    // SAFETY: promised by the caller.
    unsafe { if WHOLE { V::load(from.add(i)) } else { V::load_first(from.add(i), (len - i).min(V::COUNT)) } }
}

/// Writes `value` from index `i` on; without `WHOLE`, nothing past `len`.
///
/// # Safety
/// `len` values may be written at `to`, and with `WHOLE` there are `COUNT` of them at `i`.
#[inline(always)]
pub unsafe fn write<V: Lanes, const WHOLE: bool>(value: V, to: *mut V::Scalar, i: usize, len: usize) {
    // SAFETY: promised by the caller.
    unsafe { if WHOLE { value.store(to.add(i)) } else { value.store_first(to.add(i), (len - i).min(V::COUNT)) } }
}
