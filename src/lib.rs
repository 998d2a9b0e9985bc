//! Crosscurrent: networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
#![deny(unsafe_code)]

// ground
mod error;
mod seed;
mod clock;
// the parts of a model
mod regions;
pub mod plot;

pub use clock::Clock;
pub use error::{Error, Result};
pub use regions::{Projection, Regions};
pub use seed::Seed;
