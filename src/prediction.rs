//! Prediction: what a network says comes next, one sample ahead and in a free run.

use crate::error::{Error, Result};
use crate::integrator::{Euler, Stepper};
use crate::network::Network;
use crate::nonlinearity::activations;
use crate::recording::Recording;
use nalgebra::DMatrix;

/// Rates closer to a limit of phi than this share of its range are taken back to it: their state would be infinite.
const SATURATION: f64 = 1e-12;

/// Predictions one sample ahead: every sample that has a predecessor in its trial, computed from that predecessor.
#[derive(Clone, Debug, PartialEq)]
pub struct OneStep {
    /// Sample that each column predicts.
    pub samples: Vec<usize>,
    /// Predicted rates, neurons × predicted samples.
    pub rates: DMatrix<f64>,
    /// Recorded rates of the same samples.
    pub recorded: DMatrix<f64>,
    /// Recorded rates of the samples before: the prediction that nothing changes.
    pub before: DMatrix<f64>,
}

/// Predicts each sample of `recording` from the one before with `steps_per_sample` Euler steps; known inputs hold over a sample.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh, one_step};
/// let regions = Regions::single("all", 20)?;
/// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 1.0)?, ..Default::default() }.run(&network)?;
/// let predicted = one_step(&network, &recording, 1)?;
/// assert!((predicted.rates - predicted.recorded).amax() < 1e-12);   // the network that made the data knows what comes next
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when network and recording differ in size, [`Error::Data`] for rates that phi cannot reach.
pub fn one_step(network: &Network, recording: &Recording, steps_per_sample: usize) -> Result<OneStep> {
    one_step_from(network, recording, &states(network, recording)?, steps_per_sample)
}

/// The states that the rates of `recording` stand for, neurons × time; they depend on nothing of the network but its nonlinearity.
///
/// # Errors
/// [`Error::Data`] for rates that phi cannot reach.
pub(crate) fn states(network: &Network, recording: &Recording) -> Result<DMatrix<f64>> {
    let states = activations(&*network.nonlinearity, recording.rates.as_slice(), SATURATION)?;
    Ok(DMatrix::from_vec(recording.neurons(), recording.samples(), states))
}

/// As [`one_step`], with the states of the recording: several networks can share them.
pub(crate) fn one_step_from(network: &Network, recording: &Recording, states: &DMatrix<f64>, steps_per_sample: usize) -> Result<OneStep> {
    let samples: Vec<usize> = recording.trials().flat_map(|trial| trial.start + 1..trial.end).collect();
    let mut runner = Runner::new(network, recording, steps_per_sample)?;
    let mut rates = DMatrix::zeros(recording.neurons(), samples.len());
    for (&sample, mut column) in samples.iter().zip(rates.column_iter_mut()) {
        runner.state.copy_from_slice(states.column(sample - 1).as_slice());
        runner.advance(sample - 1);
        network.nonlinearity.rates(&runner.state, column.as_mut_slice());
    }
    let before: Vec<usize> = samples.iter().map(|sample| sample - 1).collect();
    let (recorded, before) = (recording.rates.select_columns(&samples), recording.rates.select_columns(&before));
    Ok(OneStep { samples, rates, recorded, before })
}

/// Runs the network on its own from the first sample of every trial: neurons × time, beside `recording.rates`.
///
/// # Errors
/// As [`one_step`], and [`Error::Diverged`] with the time.
pub fn free_run(network: &Network, recording: &Recording, steps_per_sample: usize) -> Result<DMatrix<f64>> {
    let mut runner = Runner::new(network, recording, steps_per_sample)?;
    let mut rates = DMatrix::zeros(recording.neurons(), recording.samples());
    for trial in recording.trials() {
        runner.start(trial.start)?;
        for sample in trial {
            network.nonlinearity.rates(&runner.state, rates.column_mut(sample).as_mut_slice());
            runner.advance(sample);
            if let Some(bad) = runner.state.iter().find(|x| !x.is_finite()) {
                return Err(Error::Diverged { what: "the free run".into(), time_s: recording.clock.time(sample), size: bad.abs() });
            }
        }
    }
    Ok(rates)
}

struct Runner<'a> {
    network: &'a Network,
    recording: &'a Recording,
    stepper: Stepper<f64>,
    steps_per_sample: usize,
    state: Vec<f64>,
}

impl<'a> Runner<'a> {
    fn new(network: &'a Network, recording: &'a Recording, steps_per_sample: usize) -> Result<Self> {
        if network.neurons() != recording.neurons() {
            return Err(Error::shape(
                "recording to predict",
                format!("{} neurons, as the network", network.neurons()),
                recording.neurons(),
            ));
        }
        if steps_per_sample == 0 {
            return Err(Error::parameter("steps per sample", 0, "at least 1"));
        }
        let stepper = Stepper::new(network, &Euler, recording.clock.dt() / steps_per_sample as f64);
        Ok(Runner { network, recording, stepper, steps_per_sample, state: vec![0.0; network.neurons()] })
    }

    /// Sets the state to that of `sample`.
    fn start(&mut self, sample: usize) -> Result<()> {
        let rates = self.recording.rates.column(sample);
        self.state = activations(&*self.network.nonlinearity, rates.as_slice(), SATURATION)?;
        Ok(())
    }

    /// Runs from `sample` to the next one.
    fn advance(&mut self, sample: usize) {
        for _ in 0..self.steps_per_sample {
            self.stepper.step(&mut self.state, |_, drive| match &self.recording.inputs {
                Some(inputs) => {
                    drive.iter_mut().zip(inputs.column(sample).iter()).for_each(|(d, u)| *d += u);
                    true
                }
                None => false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::input::{Drive, Sine};
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use crate::simulation::Simulation;

    fn walk(gain: f64) -> (Network, Recording) {
        let regions = Regions::single("all", 25).unwrap();
        let j = Gaussian { gain, autapses: true }.sample(&regions, Seed(1)).unwrap();
        let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
        let inputs = vec![Drive::all(Sine::default(), 25)];
        let recording =
            Simulation { clock: Clock::new(0.01, 0.8).unwrap(), trials: 2, inputs, ..Default::default() }.run(&network).unwrap();
        (network, recording)
    }

    #[test]
    fn the_true_network_predicts_its_own_recording() {
        let (network, recording) = walk(1.5);
        let ahead = one_step(&network, &recording, 1).unwrap();
        assert_eq!(ahead.samples.len(), 158);
        assert!(!ahead.samples.contains(&80), "nothing predicts the first sample of a trial");
        assert!((&ahead.rates - &ahead.recorded).amax() < 1e-12);
        assert!((&ahead.before - &ahead.recorded).amax() > 1e-3);
        assert!((free_run(&network, &recording, 1).unwrap() - &recording.rates).amax() < 1e-9);
    }

    #[test]
    fn another_network_does_not() {
        let (_, recording) = walk(1.5);
        let (other, _) = walk(0.5);
        let ahead = one_step(&other, &recording, 1).unwrap();
        assert!((&ahead.rates - &ahead.recorded).amax() > 1e-2);
    }
}
