//! Trainer: the running state of a fit, generic in the storage of J (`W`) and of P (`U`).

use super::learner::Learner;
use super::schedule::Schedule;
use super::targets::{Targets, scale};
use super::{Mode, Pinning, Start};
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::fit::targets::decay_per_sample;
use crate::fit::{Fitted, Pass, Watch};
use crate::kernels::{Level, Real, Weights, accumulate, all_finite, difference, leak, sum_of_squares};
use crate::metric::{published_variance_explained, variance_explained};
use crate::network::{Network, expand_tau};
use crate::nonlinearity::Nonlinearity;
use crate::recording::Recording;
use nalgebra::DMatrix;
use std::ops::ControlFlow;
use std::sync::Arc;

pub(super) struct Trainer<'a, W: Real, U: Real> {
    config: &'a Pinning,
    start: &'a Start,
    recording: &'a Recording,
    scale: Vec<f64>,
    training: Targets,
    held_out: Option<Targets>,
    schedule: Schedule,
    level: Level,
    dt: f64,
    /// Time constant of every neuron.
    tau: Vec<f64>,
    /// dt / tau of every neuron, and what is left of 1.
    pull: Vec<f64>,
    keep: Vec<f64>,
    learner: Learner<W, U>,
    run: Run<W>,
}

/// Buffers of the running network.
struct Run<W> {
    state: Vec<f64>,
    drive: Vec<f64>,
    error: Vec<W>,
    /// Rates of the current pass, neurons × integration points.
    rates: DMatrix<f64>,
}

impl<'a, W: Real, U: Real> Trainer<'a, W, U> {
    pub(super) fn new(config: &'a Pinning, recording: &'a Recording, start: &'a Start) -> Result<Self> {
        let neurons = recording.neurons();
        let scale = scale(config, recording);
        let tau = expand_tau(&config.tau, &recording.regions)?;
        let (train, test) = match config.held_out > 0.0 {
            true => recording.hold_out(config.held_out).map(|(train, test)| (train, Some(test)))?,
            false => (recording.clone(), None),
        };
        let schedule = Schedule::new(config, &train)?;
        let rates = DMatrix::zeros(neurons, schedule.steps);
        let level = Level::detect();
        let dt = recording.clock.dt() / config.steps_per_sample as f64;
        let pull: Vec<f64> = tau.iter().map(|tau| dt / tau).collect();
        Ok(Trainer {
            training: Targets::new(config, &train, &scale, &tau)?,
            held_out: test.map(|test| Targets::new(config, &test, &scale, &tau)).transpose()?,
            learner: config.learner(recording, start, level),
            run: Run { state: vec![0.0; neurons], drive: vec![0.0; neurons], error: vec![W::ZERO; neurons], rates },
            level,
            dt,
            keep: pull.iter().map(|pull| 1.0 - pull).collect(),
            pull,
            config,
            start,
            recording,
            scale,
            schedule,
            tau,
        })
    }

    pub(super) fn train(mut self, watch: &mut Watch) -> Result<Fitted> {
        let mut history = Vec::new();
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for pass in 0..self.config.learning_passes {
            self.report(true, &mut history, watch)?;
            let Some(patience) = self.config.patience else { continue };
            let score = history.last().and_then(|p| p.held_out).expect("patience needs held-out samples");
            if best.as_ref().is_none_or(|(value, ..)| score > *value) {
                best = Some((score, pass, self.learner.to_column_major()));
            }
            if best.as_ref().is_some_and(|(_, at, _)| pass - at >= patience) {
                break;
            }
        }
        if let Some((.., weights)) = best {
            self.learner.restore(&weights);
        }
        for _ in 0..self.config.free_passes {
            self.report(false, &mut history, watch)?;
        }
        self.finish(history)
    }

    /// One pass, its scores, and the caller's chance to stop.
    fn report(&mut self, learning: bool, history: &mut Vec<Pass>, watch: &mut Watch) -> Result<()> {
        let chi2 = if learning && self.config.teacher_forced { self.forced_pass() } else { self.pass(learning)? };
        let model = self.run.rates.select_columns(&self.schedule.sample_columns);
        let variance_explained = match self.config.mode {
            Mode::Corrected => variance_explained(&self.training.rates, &model),
            mode => published_variance_explained(&self.training.rates, &model, mode == Mode::CurbdMatlab),
        };
        let held_out = self.held_out_score();
        let pass = Pass { learning, chi2, variance_explained, held_out };
        history.push(pass);
        if watch(&pass) == ControlFlow::Break(()) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Runs the network over the recording once; returns chi².
    fn pass(&mut self, learning: bool) -> Result<f64> {
        let neurons = self.recording.neurons();
        self.run.state.copy_from_slice(self.training.states.column(0).as_slice());
        let mut chi2 = 0.0;
        for t in 0..self.schedule.steps {
            if let Some(sample) = self.schedule.reset[t] {
                self.run.state.copy_from_slice(self.training.states.column(sample).as_slice());
            }
            let column = &mut self.run.rates.as_mut_slice()[t * neurons..(t + 1) * neurons];
            self.config.nonlinearity.rates(&self.run.state, column);
            if t < self.schedule.first {
                continue;
            }
            self.drive(t);
            let learn = self.schedule.learn[t].filter(|&sample| self.set_error(t, sample));
            self.advance();
            if learn.is_some() {
                chi2 += sum_of_squares(self.level, &self.run.error) / neurons as f64;
                if learning {
                    self.learner.learn(&self.run.error);
                }
            }
        }
        if !all_finite(self.level, &self.run.state) {
            return Err(Error::Diverged { what: "the fit".into(), time_s: self.first_bad_time(), size: f64::INFINITY });
        }
        Ok(chi2)
    }

    /// drive = J r + noise + input at integration point `t`.
    fn drive(&mut self, t: usize) {
        let neurons = self.recording.neurons();
        let run = &mut self.run;
        let rates = &run.rates.as_slice()[t * neurons..(t + 1) * neurons];
        self.learner.apply(rates, &mut run.drive);
        accumulate(self.level, &mut run.drive, 1.0, self.start.noise.column(t).as_slice());
        if let Some(inputs) = &self.training.inputs {
            let sample = (t / self.config.steps_per_sample).min(inputs.ncols() - 1);
            accumulate(self.level, &mut run.drive, 1.0, inputs.column(sample).as_slice());
        }
    }

    /// Fills the error against `sample`; false where there is nothing to compare with.
    fn set_error(&mut self, t: usize, sample: usize) -> bool {
        let run = &mut self.run;
        match &self.training.drives {
            Some((_, follows)) if !follows[sample] => return false,
            Some((drives, _)) => difference(self.level, &run.drive, drives.column(sample).as_slice(), &mut run.error),
            None => {
                let target = self.training.rates.column(sample);
                difference(self.level, run.rates.column(t).as_slice(), target.as_slice(), &mut run.error);
            }
        }
        true
    }

    /// One Euler step of the state.
    fn advance(&mut self) {
        leak(self.level, &mut self.run.state, Weights::Each(&self.keep), Weights::Each(&self.pull), &self.run.drive);
    }

    /// Learns from the recorded rates of every sample; returns chi² and leaves the predictions one sample ahead as the run.
    fn forced_pass(&mut self) -> f64 {
        let (neurons, factor) = (self.recording.neurons(), self.config.steps_per_sample);
        let (drives, follows) = self.training.drives.as_ref().expect("teacher forcing is on currents");
        let decay = decay_per_sample(self.recording.clock.dt(), &self.tau, factor);
        let run = &mut self.run;
        run.rates.set_column(0, &self.training.rates.column(0));
        let mut chi2 = 0.0;
        for sample in 0..follows.len() {
            if !follows[sample] {
                if sample + 1 < follows.len() {
                    run.rates.set_column((sample + 1) * factor, &self.training.rates.column(sample + 1));
                }
                continue;
            }
            let rates = self.training.rates.column(sample);
            self.learner.apply(rates.as_slice(), &mut run.drive);
            if let Some(inputs) = &self.training.inputs {
                accumulate(self.level, &mut run.drive, 1.0, inputs.column(sample).as_slice());
            }
            difference(self.level, &run.drive, drives.column(sample).as_slice(), &mut run.error);
            chi2 += sum_of_squares(self.level, &run.error) / neurons as f64;
            self.learner.learn(&run.error);
            let states = self.training.states.column(sample);
            (0..neurons).for_each(|i| run.state[i] = decay[i] * states[i] + (1.0 - decay[i]) * run.drive[i]);
            self.config.nonlinearity.rates(&run.state, run.rates.column_mut((sample + 1) * factor).as_mut_slice());
        }
        chi2
    }

    /// Variance explained of the held-out samples in a free run from the first of them, without noise.
    fn held_out_score(&mut self) -> Option<f64> {
        let targets = self.held_out.as_ref()?;
        let (neurons, samples, factor) = (self.recording.neurons(), targets.rates.ncols(), self.config.steps_per_sample);
        let mut model = DMatrix::zeros(neurons, samples);
        let mut state: Vec<f64> = targets.states.column(0).iter().copied().collect();
        let mut rates = vec![0.0; neurons];
        for step in 0..=(samples - 1) * factor {
            self.config.nonlinearity.rates(&state, &mut rates);
            let sample = step / factor;
            if step % factor == 0 {
                model.column_mut(sample).copy_from_slice(&rates);
            }
            let run = &mut self.run;
            self.learner.apply(&rates, &mut run.drive);
            if let Some(inputs) = &targets.inputs {
                accumulate(self.level, &mut run.drive, 1.0, inputs.column(sample).as_slice());
            }
            leak(self.level, &mut state, Weights::Each(&self.keep), Weights::Each(&self.pull), &run.drive);
        }
        Some(variance_explained(&targets.rates, &model))
    }

    fn first_bad_time(&self) -> f64 {
        let bad = self.run.rates.column_iter().position(|column| column.iter().any(|r| !r.is_finite()));
        bad.unwrap_or(self.schedule.steps) as f64 * self.dt
    }

    fn finish(self, history: Vec<Pass>) -> Result<Fitted> {
        let neurons = self.recording.neurons();
        let weights = DMatrix::from_vec(neurons, neurons, self.learner.to_column_major());
        let regions = self.recording.regions.clone();
        let network =
            Network::from_parts(regions.clone(), Connectivity::dense(weights)?, Arc::new(self.config.nonlinearity.clone()), &self.tau)?;
        let clock = Clock::with_steps(self.dt, self.schedule.steps)?;
        let trial_starts =
            self.recording.trial_starts.iter().map(|start| start * self.config.steps_per_sample).filter(|&s| s < self.schedule.steps);
        let anatomy = self.recording.anatomy.clone();
        let model = Recording { rates: self.run.rates, clock, regions, trial_starts: trial_starts.collect(), inputs: None, anatomy };
        Ok(Fitted {
            network,
            model,
            sample_columns: self.schedule.sample_columns,
            history,
            initial: Some(Connectivity::dense(self.start.connectivity.clone())?),
            scale: self.scale,
            steps_per_sample: self.config.steps_per_sample,
            inputs: self.training.inputs,
            posterior: None,
            latent_inputs: Vec::new(),
        })
    }
}
