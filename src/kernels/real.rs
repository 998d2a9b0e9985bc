//! The two number types of the kernels.

use super::buffer::Plain;
use super::lanes::{Isa, Lanes};
use super::tanh::{DOUBLE, SINGLE, Table};

/// Keeps [`Real`] closed: kernels are written for `f32` and `f64` only.
mod sealed {
    /// Implemented for `f32` and `f64`.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`.
pub trait Real: sealed::Sealed + Plain + Default + PartialEq + PartialOrd + std::fmt::Debug {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Largest relative error of one rounding (half an ulp).
    #[cfg(test)]
    const UNIT_ROUNDOFF: f64;
    /// What its hyperbolic tangent needs.
    #[doc(hidden)]
    const TANH: Table;
    /// The vector of this type at the level `I`.
    #[doc(hidden)]
    type Vector<I: Isa>: Lanes<Scalar = Self>;

    /// Nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// The same value in double precision.
    fn to_f64(self) -> f64;
    /// `self + a`.
    fn plus(self, a: Self) -> Self;
    /// `self * a`.
    fn mul(self, a: Self) -> Self;
    /// `self * a + b`, rounded once if `fused`.
    fn mul_add(self, a: Self, b: Self, fused: bool) -> Self;
}

/// Implements [`Real`] for one primitive type.
macro_rules! real {
    ($type:ident, $tanh:ident) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[cfg(test)]
            const UNIT_ROUNDOFF: f64 = $type::EPSILON as f64 / 2.0;
            const TANH: Table = $tanh;
            type Vector<I: Isa> = I::$type;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn plus(self, a: Self) -> Self {
                self + a
            }
            #[inline(always)]
            fn mul(self, a: Self) -> Self {
                self * a
            }
            fn mul_add(self, a: Self, b: Self, fused: bool) -> Self {
                if fused { $type::mul_add(self, a, b) } else { self * a + b }
            }
        }
    };
}

real!(f32, SINGLE);
real!(f64, DOUBLE);
