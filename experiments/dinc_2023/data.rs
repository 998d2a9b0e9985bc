//! Data: the generator of the published benchmarks.

use crosscurrent::fit::{Pinning, pinning::ErrorOn};
use crosscurrent::{Fit, Recording, Regions, Result, Seed};
use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

/// Decay of a rate over one sample; the published alpha is 1 less this.
const DECAY: f64 = 0.9;

/// Hz.
const RHYTHMS: [f64; 3] = [0.31, 0.73, 1.27];

/// A network in rate form and what it did.
pub struct Generated {
    /// W, targets × sources.
    pub weights: DMatrix<f64>,
    /// Rates, neurons × samples.
    pub recording: Recording,
}

/// A random network, W normal of gain 3 without a diagonal, as [`run`] runs it.
pub fn generate((neurons, samples): (usize, usize), noise: [f64; 2], seed: Seed) -> Generated {
    let mut weights = normal((neurons, neurons), 3.0 / (neurons as f64).sqrt(), seed.child("weights"));
    weights.fill_diagonal(0.0);
    run(weights, samples, noise, seed)
}

/// r_{k+1} = 0.9 r_k + 0.1 (tanh(W r_k + noise) + noise), from a random state; `noise` inside and outside.
pub fn run(weights: DMatrix<f64>, samples: usize, noise: [f64; 2], seed: Seed) -> Generated {
    let neurons = weights.nrows();
    let [inside, outside] =
        [(noise[0], "inside"), (noise[1], "outside")].map(|(noise, name)| normal((neurons, samples), noise, seed.child(name)));
    let mut rng = seed.child("start").rng();
    let mut rates = DMatrix::from_fn(neurons, samples, |_, k| if k == 0 { 2.0 * rng.random::<f64>() - 1.0 } else { 0.0 });
    for k in 1..samples {
        let before: DVector<f64> = rates.column(k - 1).into();
        let drive = &weights * &before + inside.column(k);
        rates.set_column(k, &(before * DECAY + (drive.map(f64::tanh) + outside.column(k)) * (1.0 - DECAY)));
    }
    let recording = recording(rates).expect("finite rates of one region");
    Generated { weights, recording }
}

fn normal((rows, columns): (usize, usize), deviation: f64, seed: Seed) -> DMatrix<f64> {
    let mut rng = seed.rng();
    DMatrix::from_fn(rows, columns, |_, _| deviation * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng))
}

/// W of a network that was trained: from random weights of gain 1.5, by recursive least squares in closed loop, to activations that are random
/// mixtures of [`RHYTHMS`] sines.
pub fn trained(neurons: usize, seed: Seed) -> Result<DMatrix<f64>> {
    let mixture = normal((neurons, 2 * RHYTHMS.len()), (1.0 / RHYTHMS.len() as f64).sqrt(), seed.child("mixture"));
    let latent = |k: usize, at: usize| {
        let phase = TAU * RHYTHMS[k / 2] * 0.01 * at as f64;
        if k.is_multiple_of(2) { phase.sin() } else { phase.cos() }
    };
    let wanted = &mixture * DMatrix::from_fn(2 * RHYTHMS.len(), 3000, latent);
    let pinning = Pinning { error: ErrorOn::Currents, learning_passes: 10, noise_amplitude: 0.0, ..Default::default() };
    let fitted = pinning.fit(&recording(wanted.map(f64::tanh))?, seed.child("training"))?;
    Ok(fitted.network.connectivity.to_dense())
}

fn recording(rates: DMatrix<f64>) -> Result<Recording> {
    let regions = Regions::single("all", rates.nrows())?;
    Recording::new(rates, 0.01, regions)
}

impl Generated {
    /// d_k = (r_{k+1} - 0.9 r_k) / 0.1, the tanh that the next sample demands: neurons × (samples - 1).
    pub fn demanded(&self) -> DMatrix<f64> {
        let (rates, last) = (&self.recording.rates, self.recording.samples() - 1);
        (rates.columns(1, last) - rates.columns(0, last) * DECAY) / (1.0 - DECAY)
    }

    /// d as the rates of a network that follows the equation of the crate: with h = W r, h_{k+1} = 0.9 h_k + 0.1 W d_k and d = tanh(h).
    pub fn activations(&self) -> Result<Recording> {
        recording(self.demanded().map(|d| d.clamp(-1.0 + 1e-6, 1.0 - 1e-6)))
    }

    /// The same, of some of the neurons.
    pub fn of(&self, chosen: &[usize]) -> Result<Generated> {
        let weights = self.weights.select_rows(chosen).select_columns(chosen);
        Ok(Generated { weights, recording: recording(self.recording.rates.select_rows(chosen))? })
    }
}
