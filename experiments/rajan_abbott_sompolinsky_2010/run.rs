//! One driven network and its recording; time in units of τ = 1 s.

use crate::experiment::Context;
use crosscurrent::analysis::{Lyapunov, NetworkTangent};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::input::{Constant, Drive, Phases, Sine};
use crosscurrent::nonlinearity::{AnyNonlinearity, Nonlinearity, Tanh};
use crosscurrent::{Clock, Ensemble, Error, Network, Precision, Recording, Regions, Result, Seed, Simulation};
use rand::RngExt;
use rayon::prelude::*;
use std::f64::consts::TAU;
use std::ops::ControlFlow;

/// What is run.
#[derive(Clone, Debug)]
pub struct Run {
    pub neurons: usize,
    pub gain: f64,
    /// Angular frequency of the drive, in 1/τ.
    pub omega: f64,
    pub amplitude: f64,
    /// Recorded cycles.
    pub cycles: usize,
    /// Time before the recording, in τ; rounded up to whole cycles.
    pub discard: f64,
    pub nonlinearity: AnyNonlinearity,
    /// Of connectivity and phases.
    pub seed: Seed,
    /// Of the initial state.
    pub start: Seed,
}

impl Run {
    pub fn new(neurons: usize, (omega, amplitude): (f64, f64), seed: Seed) -> Self {
        let start = seed.child("start");
        Run { neurons, gain: super::GAIN, omega, amplitude, cycles: 8, discard: 200.0, nonlinearity: Tanh.into(), seed, start }
    }

    /// Samples of one cycle.
    pub fn period(&self) -> usize {
        // At most 0.1 τ per integration step, a whole number of samples per cycle.
        (self.length() / (0.1 * self.steps_per_sample() as f64)).ceil() as usize
    }

    /// Length of a cycle in τ.
    pub fn length(&self) -> f64 {
        TAU / self.omega
    }

    fn steps_per_sample(&self) -> usize {
        if self.length() > 6.0 { 4 } else { 1 }
    }

    /// Integration step in τ.
    pub fn dt(&self) -> f64 {
        self.length() / (self.period() * self.steps_per_sample()) as f64
    }

    /// Runs the network and records its rates.
    pub fn record(&self) -> Result<Recording> {
        let (network, simulation) = self.build()?;
        simulation.run(&network)
    }

    /// Largest conditional exponent over the recorded cycles, in 1/τ.
    pub fn exponent(&self, context: &Context) -> Result<f64> {
        let (network, simulation) = self.build()?;
        let duration = simulation.clock.duration();
        let lyapunov = Lyapunov {
            exponents: 1,
            duration,
            transient: simulation.transient,
            alignment: 30.0,
            interval: 0,
            seed: self.start,
            ..Default::default()
        };
        let spectrum = lyapunov.measure_watched(&mut NetworkTangent::new(&network, &simulation)?, &mut |_| context.go_on())?;
        Ok(spectrum.exponents[0])
    }

    /// The network, and the way it is driven and recorded.
    fn build(&self) -> Result<(Network, Simulation)> {
        let regions = Regions::single("network", self.neurons)?;
        let j = Gaussian { gain: self.gain, autapses: false }.sample(&regions, self.seed.child("connectivity"))?;
        let network = Network::new(regions, j, self.nonlinearity.clone(), &[1.0])?;
        let mut rng = self.seed.child("phases").rng();
        let phases = (0..self.neurons).map(|_| TAU * rng.random::<f64>()).collect();
        let mut drive = Drive::all(Sine { frequency: self.omega / TAU, phases: Phases::Given(phases) }, self.neurons);
        drive.weights = vec![self.amplitude; self.neurons];
        let mut inputs = vec![self.cancelled_background(&network)];
        if self.amplitude > 0.0 {
            inputs.push(drive);
        }
        let dt = self.dt();
        let cycle = self.period() * self.steps_per_sample();
        let simulation = Simulation {
            clock: Clock::with_steps(dt, self.cycles * cycle)?,
            transient: (self.discard / self.length()).ceil() * cycle as f64 * dt,
            steps_per_sample: self.steps_per_sample(),
            inputs,
            seed: self.start,
            precision: Precision::Half,
            ..Default::default()
        };
        Ok((network, simulation))
    }

    /// A constant input that takes away what the rates at x = 0 send, so that the network works on phi(x) - phi(0).
    ///
    /// Without it the published nonlinearity, whose background is 0.1, has random fixed points off zero and is silent at gain 1.5
    /// (its negative side saturates); with it the transition is at gain 1, as published.
    fn cancelled_background(&self, network: &Network) -> Drive {
        let mut drive = Drive::all(Constant { value: 1.0 }, self.neurons);
        let background = self.nonlinearity.rate(0.0);
        drive.weights = network.connectivity.to_dense().column_sum().iter().map(|sum| -background * sum).collect();
        drive
    }
}

/// Does all runs on all threads and hands each recording to `read`; results in the order of the runs.
pub fn all<T: Send>(context: &Context, what: &str, runs: &[Run], read: impl Fn(&Run, Recording) -> Result<T> + Sync) -> Result<Vec<T>> {
    each(context, what, runs, |run| read(run, run.record()?))
}

/// As [`all`], without recordings.
pub fn each<T: Send>(context: &Context, what: &str, runs: &[Run], work: impl Fn(&Run) -> Result<T> + Sync) -> Result<Vec<T>> {
    let bar = context.progress(runs.len(), what);
    let results = runs
        .par_iter()
        .with_max_len(1)
        .map(|run| {
            if let ControlFlow::Break(()) = context.go_on() {
                return Err(Error::Cancelled);
            }
            let result = work(run);
            bar.inc(1);
            result
        })
        .collect();
    bar.finish_and_clear();
    results
}
