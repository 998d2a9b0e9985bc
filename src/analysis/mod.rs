//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.

mod lag_curve;

pub use lag_curve::{LagCurve, autocovariance};
mod participation_ratio;

pub use participation_ratio::{components_for, participation_ratio, principal_variances};
mod cycle_average;
mod power_spectrum;

pub use cycle_average::{CycleAverage, cycle_average};
pub use power_spectrum::{PowerSpectrum, Spectrum, Window};
mod lyapunov;

pub use lyapunov::{CovariantVectors, Flow, Lyapunov, LyapunovSpectrum, Map, NetworkTangent, Tangent, largest_from_two_trajectories};
