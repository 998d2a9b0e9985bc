//! Initial: no method at all.

use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Pinning, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::AnyNonlinearity;
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::seed::Seed;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The random J that [`Pinning`] begins from (the same for the same seed), with nothing learned: what any method has to beat.
///
/// Currents are read from the recorded rates. An anatomy takes weights away and leaves the gain of every neuron as it is.
///
/// ```
/// use crosscurrent::{Fit, Recording, Regions, Seed, fit::Initial};
/// use nalgebra::DMatrix;
/// let rates = DMatrix::from_fn(3, 50, |i, k| (0.3 * k as f64 + i as f64).sin() * 0.9);
/// let recording = Recording::new(rates, 0.01, Regions::single("all", 3)?)?;
/// let fitted = Initial::default().fit(&recording, Seed(0))?;
/// assert!(!fitted.history[0].learning);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Initial {
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Gain of J; at least 0, default 1.5.
    pub gain: f64,
    /// Recorded external inputs: added to the drive (`subtract`, the default) or ignored.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Euler steps per sample; at least 1, default 1.
    pub steps_per_sample: usize,
}

impl Default for Initial {
    fn default() -> Self {
        let Pinning { tau, nonlinearity, gain, inputs, normalisation, steps_per_sample, .. } = Pinning::default();
        Initial { tau, nonlinearity, gain, inputs, normalisation, steps_per_sample }
    }
}

impl Fit for Initial {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        check_recording(recording)?;
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        if self.steps_per_sample == 0 {
            return Err(Error::parameter("steps per sample", 0, "at least 1"));
        }
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        let start = Pinning { gain: self.gain, ..Default::default() };
        let connectivity = Connectivity::dense(start.initial(recording, seed.child("initial connectivity"))?)?;
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let network = Network::from_parts(recording.regions.clone(), connectivity.clone(), Arc::new(self.nonlinearity.clone()), &tau)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let mut model = recording.clone();
        model.rates.row_iter_mut().zip(&scale).for_each(|(mut row, scale)| row /= *scale);
        model.inputs = model.inputs.filter(|_| self.inputs != KnownInputs::Ignore);
        let ahead = one_step(&network, &model, self.steps_per_sample)?;
        let chi2 = (&ahead.recorded - &ahead.rates).norm_squared() / recording.neurons() as f64;
        let explained = variance_explained(&ahead.recorded, &ahead.rates);
        let pass = Pass { learning: false, chi2, variance_explained: explained, held_out: None };
        if watch(&pass) == ControlFlow::Break(()) {
            return Err(Error::Cancelled);
        }
        Ok(Fitted {
            network,
            sample_columns: (0..model.samples()).collect(),
            inputs: model.inputs.clone(),
            posterior: None,
            latent_inputs: Vec::new(),
            model,
            history: vec![pass],
            initial: Some(connectivity),
            scale,
            steps_per_sample: self.steps_per_sample,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::DMatrix;

    #[test]
    fn it_is_where_pinning_begins() {
        let rates = DMatrix::from_fn(8, 40, |i, k| 0.9 * (0.2 * k as f64 + (i * i) as f64).sin());
        let recording = Recording::new(rates, 0.01, Regions::single("all", 8).unwrap()).unwrap();
        let begun = Pinning { learning_passes: 1, ..Default::default() }.fit(&recording, Seed(5)).unwrap().initial.unwrap();
        assert_eq!(Initial::default().fit(&recording, Seed(5)).unwrap().network.connectivity, begun);
        assert!(Initial { gain: -1.0, ..Default::default() }.fit(&recording, Seed(5)).is_err());
    }
}
