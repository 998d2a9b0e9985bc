//! Crosscurrent: networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
#![deny(unsafe_code)]

// ground
mod clock;
mod error;
mod seed;
// arithmetic on slices
mod kernels;
// the parts of a model
mod regions;

pub use clock::Clock;
pub use error::{Error, Result};
pub use regions::{Projection, Regions};
pub use seed::Seed;

/// The kernels, opened to `benches/` only.
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench_internals {
    pub use crate::kernels::*;
}
