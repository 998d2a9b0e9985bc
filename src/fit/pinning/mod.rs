//! Pinning: recursive least squares on J with one shared inverse correlation matrix, while the network runs.

mod learner;
mod options;
mod packed;
mod published;
mod schedule;
mod targets;
mod trainer;
mod wired;

pub use self::options::{ErrorOn, InitialState, Mode};

use self::learner::{Full, Learner};
use self::schedule::Schedule;
use self::trainer::Trainer;
use self::wired::Wired;
use super::{Fit, Fitted, KnownInputs, Normalisation, Watch, check_recording};
use crate::clock::Clock;
use crate::ensemble::{Ensemble, Gaussian};
use crate::error::{Error, Result, in_range, positive};
use crate::kernels::{Level, Real};
use crate::network::expand_tau;
use crate::noise::frozen_noise;
use crate::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crate::precision::Precision;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Trains a network that runs on its own to follow the recording (PINning: Rajan, Harvey & Tank 2016; CURBD: Perich et al. 2020).
///
/// At every learning time, with rates r and error e: k = P r, c = 1 / (1 + r·k), P <- P - c k k^T, J <- J - c e k^T. P starts at
/// `learning_rate` times the identity and is never reset.
///
/// Where the recording carries an anatomy, neurons with equal rows of it share a P over their own sources, so that memory grows with the sum
/// of squared in-degrees; prior variances scale the rates that P sees.
///
/// In [`Mode::Corrected`], the default, a whole number of Euler steps makes a sample, the state after k · `steps_per_sample` steps is compared
/// with sample k both while learning and in the score, the first state is phi^-1 of the first sample, and every trial starts anew from its
/// own first sample without learning across the boundary.
///
/// ```
/// use crosscurrent::fit::{Pinning, pinning::Mode};
/// let published = Pinning { mode: Mode::CurbdPython, steps_per_sample: 5, ..Default::default() };
/// assert_eq!(published.gain, 1.5);
/// ```
#[doc(alias = "CURBD")]
#[doc(alias = "FORCE")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pinning {
    /// Default corrected.
    pub mode: Mode,
    /// What the error is taken on; default rates. The compatibility modes know rates only.
    pub error: ErrorOn,
    /// Whether learning passes read the recorded rates instead of the model's own; default false. With the error on currents one pass is then
    /// exactly ridge regression with the initial J as its prior mean and 1 / `learning_rate` as its penalty.
    pub teacher_forced: bool,
    /// Dale's law, one value per neuron: its outgoing weights stay at least 0 (1), at most 0 (-1), or free (0); weights that a step takes
    /// across are put to 0. Default none: all are free.
    pub signs: Vec<i8>,
    /// Share of the neurons whose outgoing weights learn; in (0, 1], default 1.
    pub plastic_fraction: f64,
    /// Euler steps per sample; at least 1, default 1.
    pub steps_per_sample: usize,
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Gain of the random initial J; at least 0, default 1.5.
    pub gain: f64,
    /// P at the start, times the identity; positive, default 1.
    pub learning_rate: f64,
    /// Amplitude of the frozen filtered noise; default 0.01 (its standard deviation is 0.71 of that).
    pub noise_amplitude: f64,
    /// Time constant of that noise in s; positive, default 0.1.
    pub noise_tau: f64,
    /// Passes over the recording with learning; default 60.
    pub learning_passes: usize,
    /// Passes without, at the end; at least 1, default 1. They are all alike: the model is the last one.
    pub free_passes: usize,
    /// Default none in the corrected mode. The compatibility modes always divide: `none` means `global` there.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits; in [0, 0.5), default 0.0005 (± 0.999 for tanh).
    pub clip: f64,
    /// State at the start of a trial; default the inverse nonlinearity of the data.
    pub initial_state: InitialState,
    /// Recorded external inputs: added to the drive (`subtract`, the default) or ignored. The compatibility modes ignore them, as the
    /// published programs know none.
    pub inputs: KnownInputs,
    /// Share of the samples, at the end, that is not trained on; in [0, 1), default 0.
    pub held_out: f64,
    /// Stop after this many passes without a better held-out score and keep the best J; default never.
    pub patience: Option<usize>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Default mixed: J in 32 bits, P in 64.
    pub precision: Precision,
}

impl Default for Pinning {
    fn default() -> Self {
        Pinning {
            mode: Mode::Corrected,
            error: ErrorOn::Rates,
            teacher_forced: false,
            signs: Vec::new(),
            plastic_fraction: 1.0,
            steps_per_sample: 1,
            tau: vec![0.1],
            gain: 1.5,
            learning_rate: 1.0,
            noise_amplitude: 0.01,
            noise_tau: 0.1,
            learning_passes: 60,
            free_passes: 1,
            normalisation: Normalisation::None,
            clip: 0.0005,
            initial_state: InitialState::Inverse,
            inputs: KnownInputs::Subtract,
            held_out: 0.0,
            patience: None,
            nonlinearity: AnyNonlinearity::default(),
            precision: Precision::Mixed,
        }
    }
}

/// Everything random about a fit; [`Pinning::fit`](Fit::fit) draws it, a replay of a recorded run gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Initial J, N × N.
    pub connectivity: DMatrix<f64>,
    /// Frozen noise, N × integration steps, already scaled.
    pub noise: DMatrix<f64>,
    /// Neurons whose outgoing weights learn, increasing.
    pub plastic: Vec<usize>,
}

impl Pinning {
    /// Number of integration points of a pass over `samples` samples `dt` seconds apart: the columns of [`Start::noise`].
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn integration_steps(&self, recording: &Recording) -> Result<usize> {
        self.check(recording)?;
        Ok(Schedule::new(self, &self.training_part(recording)?)?.steps)
    }

    fn training_part(&self, recording: &Recording) -> Result<Recording> {
        if self.held_out == 0.0 { Ok(recording.clone()) } else { Ok(recording.hold_out(self.held_out)?.0) }
    }

    /// Draws what is random.
    fn start(&self, recording: &Recording, seed: Seed) -> Result<Start> {
        let steps = self.integration_steps(recording)?;
        let neurons = recording.neurons();
        let clock = Clock::with_steps(recording.clock.dt() / self.steps_per_sample as f64, steps)?;
        let count = ((self.plastic_fraction * neurons as f64).round() as usize).clamp(1, neurons);
        let mut plastic = rand::seq::index::sample(&mut seed.child("plastic neurons").rng(), neurons, count).into_vec();
        plastic.sort_unstable();
        Ok(Start {
            connectivity: self.initial(recording, seed.child("initial connectivity"))?,
            noise: frozen_noise(neurons, &clock, self.noise_tau, self.noise_amplitude, seed)?,
            plastic,
        })
    }

    /// A Gaussian J with the same gain for every neuron, whatever the anatomy lets it have, and with the signs that are asked for.
    pub(in crate::fit) fn initial(&self, recording: &Recording, seed: Seed) -> Result<DMatrix<f64>> {
        let mut j = Gaussian { gain: self.gain, autapses: true }.sample(&recording.regions, seed)?.to_dense();
        if let Some(anatomy) = &recording.anatomy {
            for (mut row, variances) in j.row_iter_mut().zip(anatomy.row_iter()) {
                let share = variances.mean();
                row.iter_mut().zip(variances.iter()).for_each(|(w, &a)| *w = if a > 0.0 { *w * (a / share).sqrt() } else { 0.0 });
            }
        }
        for (mut column, &sign) in j.column_iter_mut().zip(&self.signs).filter(|(_, sign)| **sign != 0) {
            column.apply(|w| *w = w.abs() * f64::from(sign));
        }
        Ok(j)
    }

    /// J and P from `start`: one P for all, or one for every set of neurons with equal sources.
    fn learner<W: Real, U: Real>(&self, recording: &Recording, start: &Start, level: Level) -> Learner<W, U> {
        let neurons = recording.neurons();
        match &recording.anatomy {
            None if self.signs.is_empty() => Learner::Full(Box::new(Full::new(start, self.learning_rate, level))),
            None => Learner::Wired(Wired::new(start, &DMatrix::from_element(neurons, neurons, 1.0), &self.signs, self.learning_rate)),
            Some(anatomy) => Learner::Wired(Wired::new(start, anatomy, &self.signs, self.learning_rate)),
        }
    }

    /// Fits from a given start.
    ///
    /// # Errors
    /// As [`Fit::fit`], and [`Error::Shape`] when the start does not fit the recording.
    pub fn fit_from(&self, recording: &Recording, start: &Start, watch: &mut Watch) -> Result<Fitted> {
        let steps = self.integration_steps(recording)?;
        let neurons = recording.neurons();
        if start.connectivity.shape() != (neurons, neurons) {
            return Err(Error::shape("initial J", format!("{neurons} × {neurons}"), format!("{:?}", start.connectivity.shape())));
        }
        if start.noise.shape() != (neurons, steps) {
            let found = format!("{} × {}", start.noise.nrows(), start.noise.ncols());
            return Err(Error::shape("noise of the fit", format!("{neurons} neurons × {steps} steps"), found));
        }
        if start.plastic.is_empty() || start.plastic.iter().any(|&unit| unit >= neurons) {
            return Err(Error::parameter("plastic neurons", format!("{:?}", start.plastic), format!("at least one, below {neurons}")));
        }
        let forbidden = |anatomy: &DMatrix<f64>| start.connectivity.iter().zip(anatomy).any(|(&j, &a)| a == 0.0 && j != 0.0);
        if recording.anatomy.as_ref().is_some_and(forbidden) {
            return Err(Error::data("initial J", "it has weights that the anatomy excludes", "put them to zero"));
        }
        match self.precision {
            Precision::Double => Trainer::<f64, f64>::new(self, recording, start)?.train(watch),
            Precision::Mixed => Trainer::<f32, f64>::new(self, recording, start)?.train(watch),
            Precision::Single => Trainer::<f32, f32>::new(self, recording, start)?.train(watch),
            Precision::Half => {
                Err(Error::parameter("precision", "half", "double, mixed or single: weights that learn need more than 16 bits"))
            }
        }
    }

    fn check(&self, recording: &Recording) -> Result<()> {
        check_recording(recording)?;
        if !(self.plastic_fraction > 0.0 && self.plastic_fraction <= 1.0) {
            return Err(Error::parameter("plastic fraction", self.plastic_fraction, "in (0, 1]"));
        }
        if self.steps_per_sample == 0 {
            return Err(Error::parameter("steps per sample", 0, "at least 1"));
        }
        if self.free_passes == 0 {
            return Err(Error::parameter("free passes", 0, "at least 1: the model is the last free pass"));
        }
        if self.patience.is_some() && self.held_out == 0.0 {
            return Err(Error::parameter("patience", self.patience.unwrap_or(0), "a held-out fraction above 0 to stop by"));
        }
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        if self.teacher_forced && self.error != ErrorOn::Currents {
            return Err(Error::parameter("teacher forced", true, "error = currents: recorded rates leave no error on rates to learn from"));
        }
        let signs = &self.signs;
        if !(signs.is_empty() || signs.len() == recording.neurons()) || signs.iter().any(|sign| sign.abs() > 1) {
            let found = format!("{} values", signs.len());
            return Err(Error::parameter("signs", found, format!("none, or {} of -1, 0 and 1", recording.neurons())));
        }
        expand_tau(&self.tau, &recording.regions)?;
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        positive("learning rate", self.learning_rate)?;
        positive("tau of the noise", self.noise_tau)?;
        in_range("held-out fraction", self.held_out, 0.0..1.0, "in [0, 1)")?;
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        self.nonlinearity.check()?;
        if self.mode == Mode::Corrected { Ok(()) } else { published::check(self, recording) }
    }
}

impl Fit for Pinning {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        let start = self.start(recording, seed)?;
        self.fit_from(recording, &start, watch)
    }

    fn passes(&self) -> usize {
        self.learning_passes + self.free_passes
    }
}

#[cfg(test)]
mod tests;
