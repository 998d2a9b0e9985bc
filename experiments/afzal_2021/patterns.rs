//! The signals of the demonstrations, and a reservoir that learns one and is tested on another.

use crosscurrent::ensemble::Gaussian;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::track::{Rule, Track, Tracker, Tracking, Wiring, track};
use crosscurrent::{Ensemble, Network, Regions, Result, Seed};
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::StandardNormal;
use std::ops::Range;

/// Samples of one half of a signal, which lasts one unit of time.
pub const HALF: usize = 2500;

/// What makes a demonstration.
#[derive(Clone, Copy)]
pub struct Pattern {
    pub units: usize,
    pub gain: f64,
    /// Standard deviation of the noise on the training and on the test signal.
    pub noise: f64,
    pub rule: Rule,
}

impl Default for Pattern {
    fn default() -> Self {
        Pattern { units: 30, gain: 1.2, noise: 0.0, rule: Rule::Published }
    }
}

/// A sine of `first` periods in the first half and of `second` in the second, with noise.
pub fn halves(first: f64, second: f64, noise: f64, seed: Seed) -> DMatrix<f64> {
    let mut rng = seed.rng();
    let value = |k: usize| {
        let rate = if k < HALF { first } else { second };
        let noise = if noise > 0.0 { noise * rng.sample::<f64, _>(StandardNormal) } else { 0.0 };
        (std::f64::consts::TAU * rate * (k % HALF) as f64 / (HALF - 1) as f64).sin() + noise
    };
    DMatrix::from_iterator(1, 2 * HALF, (0..2 * HALF).map(value))
}

impl Pattern {
    /// A reservoir of its own for every seed.
    pub fn tracker(&self, seed: Seed) -> Result<Tracker> {
        let regions = Regions::single("reservoir", self.units)?;
        let j = Gaussian { gain: self.gain, autapses: true }.sample(&regions, seed.child("reservoir"))?;
        let network = Network::new(regions, j, Tanh, &[1.0])?;
        let tracking = Tracking { rule: self.rule, ..Default::default() };
        Tracker::new(&network, tracking, &Wiring::sample(self.units, 1, 1, seed.child("wiring")))
    }

    /// The published protocol: 10 periods then 20, learned in the second half; the halves swapped for the test, where nothing learns.
    pub fn run(&self, seed: Seed) -> Result<(DMatrix<f64>, DMatrix<f64>, Track)> {
        let train = halves(10.0, 20.0, self.noise, seed.child("training noise"));
        let test = halves(20.0, 10.0, self.noise, seed.child("test noise"));
        let mut tracker = self.tracker(seed)?;
        track(&mut tracker, &train, &train, HALF..2 * HALF)?;
        let found = track(&mut tracker, &test, &test, 0..0)?;
        Ok((train, test, found))
    }

    /// Mean E on the half that is new over mean E on the half that was learned.
    pub fn ratio(&self, seed: Seed) -> Result<f64> {
        let (.., found) = self.run(seed)?;
        Ok(mean(&found, HALF..2 * HALF) / mean(&found, 0..HALF))
    }
}

/// Mean learning error over some samples.
fn mean(track: &Track, samples: Range<usize>) -> f64 {
    track.learning_error.columns(samples.start, samples.len()).mean()
}
