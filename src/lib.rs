//! Crosscurrent: networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
#![deny(unsafe_code)]

// ── ground ──
mod family;
mod error;
mod precision;
mod seed;
mod clock;
// ── arithmetic on slices ──
mod kernels;
// ── matrices ──
pub mod linalg;
// ── the parts of a model ──
mod regions;
mod connectivity;
pub mod nonlinearity;
pub mod ensemble;
pub mod input;
mod noise;
// ── the model, and running it ──
mod network;
mod recording;
mod preprocess;
pub mod integrator;
mod simulation;
mod prediction;
// ── reading a recording ──
mod currents;
pub mod metric;
// ── learning ──
pub mod track;
pub mod fit;
// ── the question ──
pub mod identify;
// ── roof ──
pub mod io;
pub mod plot;
pub mod replay;
pub mod cli;

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
pub use prediction::{OneStep, free_run, one_step};
pub use preprocess::Preprocess;
pub use recording::Recording;
pub use regions::{Projection, Regions};
pub use seed::Seed;
pub use simulation::{Initial, Simulation};

/// The kernels, opened to `benches/` only.
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench_internals {
    pub use crate::kernels::*;
}
