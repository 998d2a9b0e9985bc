//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.

mod autocorrelation;
mod communication_subspace;
mod cross_correlation;
mod cycle_average;
mod estimate;
mod fixed_points;
mod fourier;
mod lag_curve;
mod linearisation;
mod lyapunov;
mod participation_ratio;
mod power_spectrum;
mod principal_angles;
mod principal_components;
mod representational_similarity;
mod rotation_chance;
mod rotations;
mod spectral_peak;

pub use autocorrelation::{Autocorrelation, Correlogram};
pub use communication_subspace::{Communication, CommunicationSubspace};
pub use cross_correlation::{CrossCorrelation, CrossCorrelogram, Lead, region_means};
pub use cycle_average::{CycleAverage, cycle_average};
pub use estimate::Estimate;
pub use fixed_points::{FixedPoint, FixedPoints};
pub use lag_curve::{LagCurve, autocovariance};
pub use linearisation::{Linearisation, Stability};
pub use lyapunov::{
    CovariantVectors, Flow, Lyapunov, LyapunovRun, LyapunovSpectrum, Map, NetworkTangent, Tangent, largest_from_two_trajectories,
};
pub use participation_ratio::{components_for, participation_ratio, principal_variances};
pub use power_spectrum::{PowerSpectrum, Spectrum, Window};
pub use principal_angles::{SharedTimeCourses, principal_angles};
pub use principal_components::{PrincipalComponents, dimension};
pub use representational_similarity::{Dissimilarity, representational_similarity};
pub use rotations::{RotationPlane, RotationalDynamics, Rotations};
pub use spectral_peak::SpectralPeak;
