//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.

mod cycle_average;
mod lag_curve;
mod lyapunov;
mod participation_ratio;
mod power_spectrum;

pub use cycle_average::{CycleAverage, cycle_average};
pub use lag_curve::{LagCurve, autocovariance};
pub use lyapunov::{
    CovariantVectors, Flow, Lyapunov, LyapunovRun, LyapunovSpectrum, Map, NetworkTangent, Tangent, largest_from_two_trajectories,
};
pub use participation_ratio::{components_for, participation_ratio, principal_variances};
pub use power_spectrum::{PowerSpectrum, Spectrum, Window};
