//! Bayes: linear regression in current space with priors learned by maximising the evidence.

mod evidence;
mod gains;
mod gibbs;
mod learned;
mod mixture;
mod open;
mod problem;
mod row;
mod scales;
mod sparse;
#[cfg(test)]
mod tests;

pub(super) use self::evidence::Variances;
use self::gains::Gains;
use self::learned::Learned;
pub(super) use self::learned::{Data, evidence, learn};
use super::targets::{decay_per_sample, drives, has_successor, states};
use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Gaussian regression of the drive that the recorded states demand on the recorded rates, with a posterior.
///
/// y_k = (h_{k+1} - d h_k) / (1 - d) - u_k = J r_k + noise, h = phi^-1(r), d the decay over one sample. Weights from region b to region a are
/// normal with variance q_i v_ab, times the anatomy of the recording where there is one; the noise of neuron i has variance s_i². All v, q and
/// s are found by maximising the evidence (MacKay 1992). The scale q of a neuron is 1 unless its drive has less than a thousandth of the power that
/// is usual in its region: then it may have its own, and does not make the weights on the others small. With a sparse prior, a weight between regions exists with a probability that
/// is learned for each pair of regions too, and only then is normal, with a mean that is learned as well; a Markov chain per neuron sums over which weights exist
/// (George & McCulloch 1993), with the weights themselves integrated out.
///
/// What the intervals hold where the model is right: [`super::Posterior::coverage`]. Everything stands or falls with the noise being white and independent: see [`super::Misfit`].
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Noise, Regions, Seed, Simulation, ensemble::MultiRegion, fit::Bayes, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 10), ("B", 10)])?;
/// let network = Network::new(regions.clone(), MultiRegion::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let noise = Noise::White { strength: 0.1 };
/// let recording = Simulation { clock: Clock::new(0.01, 8.0)?, noise, ..Default::default() }.run(&network)?;
/// let posterior = Bayes::default().fit(&recording, Seed(2))?.posterior.expect("Bayes has one");
/// // A noise of strength s adds s sqrt(dt / tau) per step: s / sqrt(dt / tau) in units of the drive.
/// let expected = 0.1 / 0.1_f64.sqrt();
/// assert!(posterior.noise.iter().all(|noise| (noise / expected - 1.0).abs() < 0.15));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bayes {
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Prior of the weights between regions; default choose.
    pub between: Between,
    /// Rounds in which the chains of the sparse prior run and its hyperparameters follow; at least 1, default 24.
    pub rounds: usize,
    /// Sweeps of each chain that the result is averaged over; at least 1, default 60.
    pub sweeps: usize,
    /// What happens with the external input of the recording; default subtract. Gains that are fitted (`regress`) have a flat prior; the
    /// intervals of weights and currents hold what the gains leave open.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits; in [0, 0.5), default 0.
    pub clip: f64,
    /// Euler steps per sample that generated the data; default 1.
    pub steps_per_sample: usize,
}

/// The prior of the weights between regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// Normal: every weight exists.
    Gaussian,
    /// Some exist, and those are normal, around a mean of their pair of regions.
    Sparse,
    /// Whichever of the two predicts the last fifth of the samples better from the rest. The default.
    #[default]
    Choose,
}

impl Default for Bayes {
    fn default() -> Self {
        Bayes {
            tau: vec![0.1],
            nonlinearity: AnyNonlinearity::default(),
            between: Between::Choose,
            rounds: 24,
            sweeps: 60,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
            steps_per_sample: 1,
        }
    }
}

impl Bayes {
    pub(super) fn check(&self) -> Result<()> {
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        for (name, count) in [("steps per sample", self.steps_per_sample), ("rounds", self.rounds), ("sweeps", self.sweeps)] {
            if count == 0 {
                return Err(Error::parameter(name, 0, "at least 1"));
            }
        }
        self.nonlinearity.check()
    }

    /// The recording in model units with the inputs that may be known, and its scale.
    pub(super) fn model(&self, recording: &Recording) -> (Recording, Vec<f64>) {
        let scale = self.normalisation.scale(recording, f64::abs);
        let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / scale[i]);
        let inputs = recording.inputs.clone().filter(|_| self.inputs != KnownInputs::Ignore);
        (Recording { rates, inputs, ..recording.clone() }, scale)
    }

    /// Puts every input of the model (in model units) at the gain that the data say, where gains are asked for.
    pub(super) fn regress(&self, model: &mut Recording, tau: &[f64]) -> Result<Option<Gains>> {
        if self.inputs != KnownInputs::Regress {
            return Ok(None);
        }
        let Some(inputs) = model.inputs.take() else { return Ok(None) };
        let follows = has_successor(model);
        let used: Vec<usize> = (0..follows.len()).filter(|&k| follows[k]).collect();
        let gains = Gains::infer(&self.data(model, tau)?, &inputs.select_columns(&used), model)?;
        model.inputs = Some(gains.apply(&inputs));
        Ok(Some(gains))
    }

    /// The regression of `recording` (in model units) and the input that it assumed.
    pub(super) fn data(&self, recording: &Recording, tau: &[f64]) -> Result<Data> {
        let states = states(&*self.nonlinearity, &recording.rates, self.clip)?;
        let mut targets = drives(&states, &decay_per_sample(recording.clock.dt(), tau, self.steps_per_sample));
        if let Some(u) = &recording.inputs {
            targets -= u;
        }
        Ok(Data::new((&recording.rates, &states), &targets, &has_successor(recording)))
    }

    pub(super) fn assemble(&self, learned: Learned, model: Recording, scale: Vec<f64>, tau: &[f64]) -> Result<Fitted> {
        let connectivity = Connectivity::dense(learned.mean)?;
        let network = Network::from_parts(model.regions.clone(), connectivity, Arc::new(self.nonlinearity.clone()), tau)?;
        let ahead = one_step(&network, &model, self.steps_per_sample)?;
        let chi2 = (&ahead.recorded - &ahead.rates).norm_squared() / model.neurons() as f64;
        let variance_explained = variance_explained(&ahead.recorded, &ahead.rates);
        Ok(Fitted {
            network,
            sample_columns: (0..model.samples()).collect(),
            inputs: model.inputs.clone(),
            model,
            history: vec![Pass { learning: true, chi2, variance_explained, held_out: None }],
            initial: None,
            scale,
            steps_per_sample: self.steps_per_sample,
            posterior: Some(learned.posterior),
            latent_inputs: Vec::new(),
        })
    }
}

impl Fit for Bayes {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let (mut model, scale) = self.model(recording);
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let gains = self.regress(&mut model, &tau)?;
        let data = self.data(&model, &tau)?;
        let mut done = 0;
        let learned = learn(self, &data, (&model, gains.as_ref()), seed, &mut || {
            done += 1;
            // Passes of this method learn nothing that is worth a number before the last one.
            watch(&Pass { learning: true, chi2: f64::NAN, variance_explained: f64::NAN, held_out: None })
        })?;
        let fitted = self.assemble(learned, model, scale, &tau)?;
        match watch(&fitted.history[0]) {
            ControlFlow::Break(()) => Err(Error::Cancelled),
            ControlFlow::Continue(()) => Ok(fitted),
        }
    }

    fn passes(&self) -> usize {
        2 + if self.between == Between::Gaussian { 0 } else { self.rounds }
    }
}
