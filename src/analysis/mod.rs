//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.

mod cycle_average;
mod power_spectrum;

pub use cycle_average::{CycleAverage, cycle_average};
pub use power_spectrum::{PowerSpectrum, Spectrum, Window};
