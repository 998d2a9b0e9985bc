//! Arithmetic on slices: the only SIMD and the only `unsafe` of the crate.
//!
//! Kernels know slices and numbers, no neurons. Each is written once over the trait [`lanes::Lanes`], compiled for every
//! SIMD level and chosen at run time by [`Level`]; the plainest loop of each stands in `reference` and judges it in the tests.
//!
//! Promises kept by every kernel: nothing is allocated after construction, sums have a fixed order (the same level gives the
//! same bits whatever the alignment of a slice, the direction of a sweep or the number of threads), and special values are
//! what IEEE 754 asks for.
#![allow(unsafe_code)]

mod blend;
mod block;
mod buffer;
mod duo;
mod elementwise;
mod ends;
mod gemm;
mod gemv;
mod half;
mod inverse_correlation;
mod lanes;
mod level;
mod many;
mod matvec;
mod multiplier;
mod multi_gemv;
mod normal;
mod panels;
mod plastic;
#[cfg(feature = "bench-internals")]
mod probe;
mod real;
mod reduce;
mod reflector;
#[cfg(test)]
mod reference;
mod symmetric;
mod tanh;
mod tile;

pub use blend::Beside;
pub use block::{Block, BlockMut};
pub use buffer::Buffer;
pub use duo::Duo;
pub use elementwise::{Weights, accumulate, demote, difference, leak, promote, rank_one_lower};
pub use ends::Update;
pub use gemm::{LeftFactor, Strided};
pub use gemv::Gemv;
pub use half::HalfGemv;
pub use inverse_correlation::InverseCorrelation;
pub use level::Level;
pub use many::{Correlations, Frozen, Readouts, Reservoirs, Trace, patterns, separate};
pub use matvec::{add_product, both_products, transposed_product};
pub use multi_gemv::MultiGemv;
pub use multiplier::Multiplier;
pub use normal::normals;
pub use plastic::PlasticMatrix;
#[cfg(feature = "bench-internals")]
pub use probe::{multiply_adds, read_all};
pub use real::Real;
pub use reduce::{all_finite, dot, max_abs, sum_of_squares, surely_within};
pub use reflector::Reflector;
pub use tanh::{decay, tanh};
