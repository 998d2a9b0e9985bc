//! The jobs that the benches time: a simulation and a fit.
#![allow(dead_code, reason = "each bench uses its own part")]

use crosscurrent::ensemble::Gaussian;
use crosscurrent::fit::{Pass, Pinning};
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Fit, Network, Precision, Recording, Regions, Seed, Simulation};
use std::ops::ControlFlow;
use std::time::Instant;

/// A chaotic network of one region.
pub fn network(neurons: usize) -> Network {
    let regions = Regions::single("all", neurons).expect("one region");
    let j = Gaussian { gain: 1.5, autapses: true }.sample(&regions, Seed(1)).expect("a valid law");
    Network::new(regions, j, Tanh, &[0.1]).expect("a valid network")
}

/// Runs `network` for `steps` Euler steps; one in ten is recorded.
pub fn simulate(network: &Network, precision: Precision, steps: usize) -> Recording {
    let clock = Clock::with_steps(0.01, steps).expect("a valid clock");
    Simulation { clock, steps_per_sample: 10, precision, ..Default::default() }.run(network).expect("a run that does not diverge")
}

/// Seconds of each of `passes` passes of Pinning over `recording`, five steps and one update per sample, after one that is not counted.
pub fn pinning(recording: &Recording, precision: Precision, passes: usize) -> Vec<f64> {
    let fit = Pinning { steps_per_sample: 5, learning_passes: passes + 1, precision, ..Default::default() };
    let (mut times, mut last) = (Vec::new(), Instant::now());
    let mut watch = |_: &Pass| {
        times.push(last.elapsed().as_secs_f64());
        last = Instant::now();
        ControlFlow::Continue(())
    };
    fit.fit_watched(recording, Seed(3), &mut watch).expect("a fit that does not diverge");
    times[1..=passes].to_vec()
}
