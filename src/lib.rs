//! Crosscurrent: networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
#![deny(unsafe_code)]

// ground
mod clock;
mod error;
mod seed;
// the parts of a model
pub mod io;
mod regions;

pub use clock::Clock;
pub use error::{Error, Result};
pub use regions::{Projection, Regions};
pub use seed::Seed;
