//! Simulation: clock, integrator, inputs, noise and seed; runs a network into a recording.

use crate::clock::Clock;
use crate::error::{Error, Result, in_range};
use crate::input::{Drive, Moment};
use crate::integrator::{AnyIntegrator, Element, Stepper};
use crate::kernels::{Buffer, Level, Real, all_finite, max_abs, promote, surely_within};
use crate::network::Network;
use crate::noise::{Noise, NoiseState, NoiseStream};
use crate::precision::Precision;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

mod together;

/// How to run a network. A plain struct: set what differs from the default.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::MultiRegion, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 50), ("B", 50)])?;
/// let j = MultiRegion::default().sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[0.1])?;
/// let simulation = Simulation { clock: Clock::new(0.01, 2.0)?, transient: 1.0, ..Default::default() };
/// let recording = simulation.run(&network)?;
/// assert_eq!(recording.rates.shape(), (100, 200));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Integration step and number of recorded integration steps; default 0.01 s for 10 s.
    pub clock: Clock,
    /// Seconds that run before the recording begins and are dropped; default 0.
    pub transient: f64,
    /// Integration steps per sample of the recording; default 1.
    pub steps_per_sample: usize,
    /// Repetitions, each from its own initial state and with its own noise; default 1.
    pub trials: usize,
    /// Default forward Euler.
    pub integrator: AnyIntegrator,
    /// External inputs; default none. They are handed on in [`Recording::inputs`].
    pub inputs: Vec<Drive>,
    /// Default none.
    pub noise: Noise,
    /// How the numbers of the noise are drawn; default one after the other.
    pub noise_stream: NoiseStream,
    /// State at the beginning of every trial; default standard normal.
    pub initial: Initial,
    /// Fixes initial states and noise; default 0.
    pub seed: Seed,
    /// Default double.
    pub precision: Precision,
}

/// Activations at the beginning of a trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initial {
    /// Independent standard normal.
    #[default]
    Normal,
    /// Independent and uniform in [-1, 1].
    Uniform,
    /// Given, one value per neuron.
    Given(Vec<f64>),
}

impl Default for Simulation {
    fn default() -> Self {
        Simulation {
            clock: Clock::with_steps(0.01, 1000).expect("the default clock is valid"),
            transient: 0.0,
            steps_per_sample: 1,
            trials: 1,
            integrator: AnyIntegrator::default(),
            inputs: Vec::new(),
            noise: Noise::None,
            noise_stream: NoiseStream::Sequential,
            initial: Initial::Normal,
            seed: Seed(0),
            precision: Precision::Double,
        }
    }
}

/// Beyond this modulus an activation no longer belongs to a working network.
const DIVERGED: f64 = 1e9;

impl Simulation {
    /// Runs `network` and returns its rates, sampled; sample 0 is the state at the end of the transient.
    ///
    /// # Errors
    /// A parameter out of range, inputs that do not fit the network, or [`Error::Diverged`] with the time.
    pub fn run(&self, network: &Network) -> Result<Recording> {
        self.record(network, |see| self.observe(network, see))
    }

    /// The recording of what `observe` shows.
    fn record(&self, network: &Network, observe: impl FnOnce(&mut dyn FnMut(usize, usize, &[f64])) -> Result<()>) -> Result<Recording> {
        let samples_clock = self.clock.coarsen(self.steps_per_sample)?;
        let (neurons, samples) = (network.neurons(), samples_clock.steps());
        let mut rates = DMatrix::zeros(neurons, samples * self.trials);
        let mut inputs = (!self.inputs.is_empty()).then(|| DMatrix::zeros(neurons, samples * self.trials));
        let mut unit_scratch = Vec::new();
        observe(&mut |trial, sample, x| {
            let at = trial * samples + sample;
            network.nonlinearity.rates(x, rates.column_mut(at).as_mut_slice());
            if let Some(inputs) = &mut inputs {
                let step = (sample * self.steps_per_sample) as i64;
                self.add_inputs(step, 0.0, &mut unit_scratch, inputs.column_mut(at).as_mut_slice());
            }
        })?;
        let clock = Clock::with_steps(samples_clock.dt(), samples * self.trials)?;
        let trial_starts = (0..self.trials).map(|trial| trial * samples).collect();
        Ok(Recording { rates, clock, regions: network.regions.clone(), trial_starts, inputs, anatomy: None })
    }

    /// Runs `network` and shows the N activations at every sample, as `see(trial, sample, activations)`; nothing is kept.
    ///
    /// Activations say more than rates where phi saturates, and a long run need not fit into memory.
    ///
    /// ```
    /// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh};
    /// let regions = Regions::single("all", 50)?;
    /// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
    /// let simulation = Simulation { clock: Clock::new(0.01, 2.0)?, ..Default::default() };
    /// let mut squares = 0.0;
    /// simulation.observe(&network, |_, _, x| squares += x.iter().map(|x| x * x).sum::<f64>())?;
    /// assert!(squares > 0.0);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn observe(&self, network: &Network, mut see: impl FnMut(usize, usize, &[f64])) -> Result<()> {
        self.check(network)?;
        let dt = self.clock.dt();
        match self.precision {
            Precision::Double => self.observe_in(network, Stepper::<f64>::new(network, &*self.integrator, dt), &mut see),
            Precision::Mixed | Precision::Single => self.observe_in(network, Stepper::<f32>::new(network, &*self.integrator, dt), &mut see),
            Precision::Half => self.observe_in(network, Stepper::<f32>::half(network, &*self.integrator, dt), &mut see),
        }
    }

    fn check(&self, network: &Network) -> Result<()> {
        in_range("transient", self.transient, 0.0.., "at least 0 s")?;
        if self.trials == 0 {
            return Err(Error::parameter("trials", 0, "at least 1"));
        }
        if self.steps_per_sample == 0 || self.steps_per_sample > self.clock.steps() {
            return Err(Error::parameter(
                "steps per sample",
                self.steps_per_sample,
                format!("1 to {} (the steps of the run)", self.clock.steps()),
            ));
        }
        if let Initial::Given(state) = &self.initial
            && (state.len() != network.neurons() || state.iter().any(|x| !x.is_finite()))
        {
            return Err(Error::shape("initial state", format!("{} finite values", network.neurons()), format!("{} values", state.len())));
        }
        self.noise.check()?;
        self.inputs.iter().try_for_each(|drive| drive.check(network.neurons()))
    }

    fn observe_in<T: Element>(&self, network: &Network, mut stepper: Stepper<T>, see: &mut dyn FnMut(usize, usize, &[f64])) -> Result<()> {
        (0..self.trials).try_for_each(|trial| {
            self.run_trial(network, &mut stepper, trial, |sample, x, scratch| {
                promote(Level::detect(), x, scratch);
                see(trial, sample, scratch);
            })
        })
    }

    /// One trial; `record(sample, activations, scratch of N)` is called at every sample.
    fn run_trial<T: Element>(
        &self,
        network: &Network,
        stepper: &mut Stepper<T>,
        trial: usize,
        mut record: impl FnMut(usize, &[T], &mut [f64]),
    ) -> Result<()> {
        let (mut world, x) = World::new(self, network, trial)?;
        let mut x = Buffer::from_slice(&x.into_iter().map(T::from_f64).collect::<Vec<T>>());
        let mut scratch = vec![0.0; network.neurons()];
        for step in world.step..self.clock.steps() as i64 {
            if step >= 0 && (step as usize).is_multiple_of(self.steps_per_sample) {
                record(step as usize / self.steps_per_sample, &x, &mut scratch);
            }
            stepper.step(&mut x, |stage, u| world.drive(stage, u));
            world.finish(&mut x)?;
        }
        Ok(())
    }

    fn add_inputs(&self, step: i64, stage: f64, scratch: &mut Vec<f64>, u: &mut [f64]) {
        let moment = Moment { clock: &self.clock, step, stage };
        self.inputs.iter().for_each(|drive| drive.add(moment, scratch, u));
    }

    fn initial_state(&self, neurons: usize, seed: Seed) -> Vec<f64> {
        let mut rng = seed.child("initial state").rng();
        match &self.initial {
            Initial::Normal => (0..neurons).map(|_| StandardNormal.sample(&mut rng)).collect(),
            Initial::Uniform => (0..neurons).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect(),
            Initial::Given(state) => state.clone(),
        }
    }
}

/// What acts on a network from outside in one trial, at the step that the trial has reached. A clone meets the same noise.
#[derive(Clone)]
pub(crate) struct World<'a> {
    simulation: &'a Simulation,
    noise: NoiseState,
    scratch: Vec<f64>,
    driven: bool,
    /// The step that comes next; the recording begins at 0.
    step: i64,
}

impl<'a> World<'a> {
    /// The beginning of trial number `trial`, with the initial state of the network.
    pub(crate) fn new(simulation: &'a Simulation, network: &Network, trial: usize) -> Result<(Self, Vec<f64>)> {
        simulation.check(network)?;
        let seed = simulation.seed.child("trial").trial(trial as u64);
        let dt = simulation.clock.dt();
        let world = World {
            simulation,
            noise: NoiseState::new((simulation.noise, simulation.noise_stream), dt, &network.tau, seed),
            scratch: Vec::new(),
            driven: !simulation.inputs.is_empty() || matches!(simulation.noise, Noise::Filtered { .. }),
            step: -((simulation.transient / dt).round() as i64),
        };
        Ok((world, simulation.initial_state(network.neurons(), seed)))
    }

    /// Adds inputs and filtered noise at `stage` of the step to `u`; false where there are none.
    pub(crate) fn drive(&mut self, stage: f64, u: &mut [f64]) -> bool {
        self.simulation.add_inputs(self.step, stage, &mut self.scratch, u);
        self.noise.add_to_drive(u);
        self.driven
    }

    /// Passes over `steps` steps: their noise is drawn and dropped, so that what follows is as if they had been run.
    pub(crate) fn skip(&mut self, steps: usize) {
        (0..steps).for_each(|_| self.noise.advance(|_, _| {}));
        self.step += steps as i64;
    }

    /// Ends the step: adds white noise to `x` and refuses a state that has left every bound.
    pub(crate) fn finish<T: Element>(&mut self, x: &mut [T]) -> Result<()> {
        self.advance(|neuron, z| x[neuron] = T::from_f64(x[neuron].to_f64() + z));
        divergence(x).map_or(Ok(()), |size| Err(self.diverged(size)))
    }

    /// Ends the step: `add(neuron, z)` gets the white noise of every neuron.
    fn advance(&mut self, add: impl FnMut(usize, f64)) {
        self.noise.advance(add);
        self.step += 1;
    }

    fn diverged(&self, size: f64) -> Error {
        let time_s = self.step as f64 * self.simulation.clock.dt();
        Error::Diverged { what: "the simulation".into(), time_s, size }
    }
}

/// The greatest modulus, infinite where a value is not a number, if it is too large for a network that works.
fn divergence<T: Real>(x: &[T]) -> Option<f64> {
    let level = Level::detect();
    if surely_within(level, x, DIVERGED) {
        return None;
    }
    let size = if all_finite(level, x) { max_abs(level, x) } else { f64::INFINITY };
    (size > DIVERGED).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectivity::Connectivity;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::input::{Constant, Pulse};
    use crate::nonlinearity::{Identity, Rectified, Tanh};
    use crate::regions::Regions;

    fn chaotic(neurons: usize) -> Network {
        let regions = Regions::single("all", neurons).unwrap();
        let j = Gaussian::default().sample(&regions, Seed(1)).unwrap();
        Network::new(regions, j, Tanh, &[0.1]).unwrap()
    }

    /// N units without connections.
    fn leak(neurons: usize) -> Network {
        let regions = Regions::single("all", neurons).unwrap();
        Network::new(regions, Connectivity::dense(DMatrix::zeros(neurons, neurons)).unwrap(), Identity, &[0.1]).unwrap()
    }

    #[test]
    fn a_run_is_fixed_by_its_seed_and_its_transient_is_dropped() {
        let network = chaotic(40);
        let simulation = Simulation { clock: Clock::new(0.01, 1.0).unwrap(), noise: Noise::White { strength: 0.1 }, ..Default::default() };
        assert_eq!(simulation.run(&network).unwrap(), simulation.run(&network).unwrap());
        let other = Simulation { seed: Seed(1), ..simulation.clone() };
        assert_ne!(simulation.run(&network).unwrap(), other.run(&network).unwrap());
        let long = simulation.run(&network).unwrap();
        let late = Simulation { transient: 0.4, clock: Clock::new(0.01, 0.6).unwrap(), ..simulation }.run(&network).unwrap();
        assert_eq!(long.rates.columns(40, 60), late.rates.columns(0, 60));
    }

    #[test]
    fn sub_sampling_keeps_every_kth_state() {
        let network = chaotic(30);
        let fine = Simulation { clock: Clock::new(0.01, 1.0).unwrap(), ..Default::default() };
        let coarse = Simulation { steps_per_sample: 7, ..fine.clone() };
        let (fine, coarse) = (fine.run(&network).unwrap(), coarse.run(&network).unwrap());
        assert_eq!(coarse.samples(), 15);
        for sample in 0..15 {
            assert_eq!(coarse.rates.column(sample), fine.rates.column(7 * sample));
        }
    }

    #[test]
    fn trials_start_afresh_with_their_own_noise() {
        let network = chaotic(20);
        let simulation = Simulation { clock: Clock::new(0.01, 0.5).unwrap(), trials: 3, ..Default::default() };
        let recording = simulation.run(&network).unwrap();
        assert_eq!(recording.trial_starts, vec![0, 50, 100]);
        assert_ne!(recording.rates.column(0), recording.rates.column(50));
        let first = Simulation { trials: 1, ..simulation }.run(&network).unwrap();
        assert_eq!(recording.rates.columns(0, 50), first.rates.columns(0, 50));
    }

    #[test]
    fn white_noise_has_the_same_deviation_for_every_step() {
        // A leaky unit driven by white noise of strength s: s² / (2 - z) with Euler at z = dt / tau.
        for (dt, noise_stream) in [(0.002, NoiseStream::Sequential), (0.01, NoiseStream::Blocks), (0.05, NoiseStream::Sequential)] {
            let (clock, noise) = (Clock::with_steps(dt, 4000).unwrap(), Noise::White { strength: 0.4 });
            let simulation = Simulation { clock, transient: 1.0, noise, noise_stream, ..Default::default() };
            let rates = simulation.run(&leak(200)).unwrap().rates;
            let variance = rates.norm_squared() / rates.len() as f64;
            let expected = 0.16 / (2.0 - dt / 0.1);
            assert!((variance / expected - 1.0).abs() < 0.05, "dt = {dt}: {variance} against {expected}");
        }
    }

    #[test]
    fn inputs_act_and_are_recorded() {
        let drive = Drive::all(Pulse { start: 0.5, stop: f64::INFINITY }, 3);
        let constant = Drive::all(Constant { value: 2.0 }, 3);
        let simulation =
            Simulation { clock: Clock::new(0.001, 3.0).unwrap(), transient: 2.0, inputs: vec![drive, constant], ..Default::default() };
        let recording = simulation.run(&leak(3)).unwrap();
        assert!((recording.rates[(0, 0)] - 2.0).abs() < 1e-6);
        assert!((recording.rates[(0, 2999)] - 3.0).abs() < 1e-6);
        let inputs = recording.inputs.unwrap();
        assert_eq!((inputs[(1, 499)], inputs[(1, 500)]), (2.0, 3.0));
    }

    #[test]
    fn a_diverging_run_names_the_time() {
        let regions = Regions::single("all", 2).unwrap();
        let j = Connectivity::dense(DMatrix::from_element(2, 2, 3.0)).unwrap();
        let network = Network::new(regions, j, Rectified, &[0.1]).unwrap();
        let simulation = Simulation { initial: Initial::Given(vec![1.0, 1.0]), ..Default::default() };
        match simulation.run(&network).unwrap_err() {
            // x grows by 1 + z (6 - 1) = 1.5 a step: 1e9 is passed after 52 steps of 0.01 s.
            Error::Diverged { time_s, .. } => assert!((time_s - 0.52).abs() < 0.02, "{time_s}"),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn bad_settings_are_errors() {
        let network = chaotic(5);
        let bad = [
            Simulation { trials: 0, ..Default::default() },
            Simulation { transient: -1.0, ..Default::default() },
            Simulation { steps_per_sample: 0, ..Default::default() },
            Simulation { initial: Initial::Given(vec![0.0; 4]), ..Default::default() },
            Simulation { inputs: vec![Drive::all(Constant::default(), 6)], ..Default::default() },
        ];
        assert!(bad.iter().all(|simulation| simulation.run(&network).is_err()));
    }
}
