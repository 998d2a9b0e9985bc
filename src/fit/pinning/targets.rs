//! Targets: what a fit compares the running network with, one column per sample.

use super::{ErrorOn, InitialState, Mode, Pinning};
use crate::error::Result;
use crate::fit::targets::{decay_per_sample, drives, has_successor, states};
use crate::fit::{KnownInputs, Normalisation};
use crate::nonlinearity::activations;
use crate::recording::Recording;
use nalgebra::DMatrix;

/// What the network is held against.
pub(super) struct Targets {
    /// Normalised rates of the part that is trained on.
    pub rates: DMatrix<f64>,
    /// State at each sample, for resets.
    pub states: DMatrix<f64>,
    /// Drive at each sample, where the error is taken on currents.
    pub drives: Option<(DMatrix<f64>, Vec<bool>)>,
    /// Known inputs to add to the drive.
    pub inputs: Option<DMatrix<f64>>,
}

impl Targets {
    pub(super) fn new(config: &Pinning, recording: &Recording, scale: &[f64], tau: &[f64]) -> Result<Self> {
        let phi = &*config.nonlinearity;
        let (low, high) = phi.range();
        let margin = if (high - low).is_finite() { config.clip * (high - low) } else { 0.0 };
        // The published programs clip at ± 0.999 whatever phi is.
        let (low, high) = if config.mode == Mode::Corrected { (low + margin, high - margin) } else { (-0.999, 0.999) };
        let clip = config.clip > 0.0 || config.mode != Mode::Corrected;
        let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| {
            let rate = recording.rates[(i, k)] / scale[i];
            if clip { rate.min(high).max(low) } else { rate }
        });
        let as_rates = config.mode != Mode::Corrected || config.initial_state == InitialState::Rates;
        let inverse = || -> Result<DMatrix<f64>> { states(phi, &rates, 0.0) };
        let states = match as_rates {
            true => rates.clone(),
            // Teacher forcing steps from every recorded state.
            false if config.teacher_forced => inverse()?,
            // Only the first sample of each trial is needed, and only those have to be invertible.
            false => {
                let mut states = rates.clone();
                for &start in &recording.trial_starts {
                    states.column_mut(start).copy_from_slice(&activations(phi, rates.column(start).as_slice(), 0.0)?);
                }
                states
            }
        };
        let drives = match config.error {
            ErrorOn::Rates => None,
            ErrorOn::Currents => {
                let decay = decay_per_sample(recording.clock.dt(), tau, config.steps_per_sample);
                Some((drives(&inverse()?, &decay), has_successor(recording)))
            }
        };
        let inputs = recording.inputs.clone().filter(|_| config.inputs == KnownInputs::Subtract && config.mode == Mode::Corrected);
        Ok(Targets { rates, states, drives, inputs })
    }
}

/// The divisor of every neuron. The published programs divide by the largest value, not modulus, and always divide.
pub(super) fn scale(config: &Pinning, recording: &Recording) -> Vec<f64> {
    match (config.mode, config.normalisation) {
        (Mode::Corrected, normalisation) => normalisation.scale(recording, f64::abs),
        (_, Normalisation::None) => Normalisation::Global.scale(recording, |r| r),
        (_, normalisation) => normalisation.scale(recording, |r| r),
    }
}
