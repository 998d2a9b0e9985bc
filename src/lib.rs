//! Crosscurrent: networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
#![deny(unsafe_code)]

// ── ground ──
mod clock;
mod error;
mod family;
mod precision;
mod seed;
// ── arithmetic on slices ──
mod kernels;
// ── matrices ──
pub mod linalg;
// ── the parts of a model ──
mod connectivity;
pub mod ensemble;
pub mod input;
mod noise;
pub mod nonlinearity;
mod regions;
// ── the model, and running it ──
pub mod integrator;
mod network;
mod recording;
mod simulation;
// ── reading a recording ──
mod currents;
pub mod metric;
// ── learning ──
pub mod fit;

pub use clock::Clock;
pub use connectivity::{Connectivity, SparseRows};
pub use currents::Currents;
pub use ensemble::Ensemble;
pub use error::{Error, Result};
pub use fit::{Fit, Fitted};
pub use network::Network;
pub use noise::{Noise, frozen_noise};
pub use nonlinearity::Nonlinearity;
pub use precision::Precision;
pub use recording::Recording;
pub use regions::{Projection, Regions};
pub use seed::Seed;
pub use simulation::{Initial, Simulation};
