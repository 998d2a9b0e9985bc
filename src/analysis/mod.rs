//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.

mod lyapunov;

pub use lyapunov::{CovariantVectors, Flow, Lyapunov, LyapunovSpectrum, Map, NetworkTangent, Tangent, largest_from_two_trajectories};
