//! Networks whose truth is known, fits of their activity, and scores that say what a fit recovered.
//!
//! One equation,
//!
//! ```text
//! tau_i dx_i/dt = -x_i + sum_k J_ik phi(x_k) + u_i(t) + noise_i(t)        r = phi(x)
//! ```
//!
//! with `J[target, source]`, and one walk through it: each arrow is one call, each value owns what the next one needs.
//!
//! ```text
//! Ensemble -> Network -> Simulation -> Recording -> Fit -> Currents -> metrics -> Table -> figure
//! ```
//!
//! ```
//! use crosscurrent::ensemble::{Between, MultiRegion};
//! use crosscurrent::{Clock, Currents, Ensemble, Fit, Network, Regions, Seed, Simulation};
//! use crosscurrent::{fit::Ridge, metric::correlation, nonlinearity::Tanh};
//!
//! // A network whose truth is known: two regions with dense Gaussian weights within and between them.
//! let regions = Regions::new([("A", 40), ("B", 30)])?;
//! let law = MultiRegion { within: vec![1.8], between: Between::Dense { gain: 0.6 } };
//! let network = Network::new(regions.clone(), law.sample(&regions, Seed(1))?, Tanh, &[0.1])?;
//! // Twelve seconds of its activity, neurons × time.
//! let recording = Simulation { clock: Clock::new(0.01, 12.0)?, ..Default::default() }.run(&network)?;
//! // A fit that sees nothing but the recording.
//! let fitted = Ridge { tau: vec![0.1], ..Default::default() }.fit(&recording, Seed(2))?;
//! // The current of every ordered pair of regions, inferred against true.
//! let truth = Currents::decompose(&network, &recording)?;
//! let inferred = Currents::decompose(&fitted.network, &fitted.model)?;
//! for projection in regions.projections() {
//!     let r = correlation(truth.get(&projection)?, inferred.get(&projection)?);
//!     assert!(r > 0.99, "{projection}: correlation with the true current {r}");
//! }
//! # Ok::<(), crosscurrent::Error>(())
//! ```
//!
//! The modules stand in the order in which data flow; a module uses only what stands above it. Long reading is under [`docs`].
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
pub mod classify;
pub mod fit;
// ── understanding ──
pub mod theory;
pub mod analysis;
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
pub use noise::{Noise, NoiseStream, frozen_noise, normal_block};
pub use nonlinearity::Nonlinearity;
pub use precision::Precision;
pub use prediction::{OneStep, free_run, one_step};
pub use preprocess::Preprocess;
pub use recording::Recording;
pub use regions::{Projection, Regions};
pub use seed::Seed;
pub use simulation::{Initial, Simulation};

/// The long documentation, compiled and tested with the crate.
pub mod docs {
    #[doc = include_str!("../docs/commands.md")]
    pub mod commands {}
    #[doc = include_str!("../docs/conventions.md")]
    pub mod conventions {}
    #[doc = include_str!("../docs/atlas.md")]
    pub mod atlas {}
    #[doc = include_str!("../docs/trakr.md")]
    pub mod trakr {}
    #[doc = include_str!("../docs/symbols.md")]
    pub mod symbols {}
    #[doc = include_str!("../docs/decisions.md")]
    pub mod decisions {}
    #[doc = include_str!("../docs/references.md")]
    pub mod references {}
}

/// The kernels, opened to `benches/` only.
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench_internals {
    pub use crate::kernels::*;
}
