//! Targets: the drive that the recorded states demand, sample by sample.

use super::Fitted;
use crate::error::Result;
use crate::linalg::untouched;
use crate::nonlinearity::{Nonlinearity, activations};
use crate::recording::Recording;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Rows and columns that are transposed together: they stay in the first caches.
const BLOCK: usize = 64;

/// Euler with `steps` steps of z / steps per sample lets a state decay by (1 - z / steps)^steps, one value per neuron.
pub(crate) fn decay_per_sample(dt: f64, tau: &[f64], steps: usize) -> Vec<f64> {
    tau.iter().map(|tau| (1.0 - dt / (tau * steps as f64)).powi(steps as i32)).collect()
}

/// phi^-1 of every rate of `rates`, neurons × time.
pub(crate) fn states(phi: &dyn Nonlinearity, rates: &DMatrix<f64>, margin: f64) -> Result<DMatrix<f64>> {
    Ok(DMatrix::from_vec(rates.nrows(), rates.ncols(), activations(phi, rates.as_slice(), margin)?))
}

/// y_k = (h_{k+1} - d h_k) / (1 - d): the drive J r + u that, held over one sample, leads from h_k to h_{k+1}.
///
/// `states` is neurons × time, `decay` holds d per neuron. The last column, and the last one of every trial, has no successor and is zero:
/// [`has_successor`] tells which columns count.
pub(crate) fn drives(states: &DMatrix<f64>, decay: &[f64]) -> DMatrix<f64> {
    let neurons = states.nrows();
    let mut drives = untouched(neurons, states.ncols());
    let (now, next) = (states.as_slice().par_chunks(neurons), states.as_slice()[neurons..].par_chunks(neurons));
    drives.as_mut_slice().par_chunks_mut(neurons).zip(now.zip(next)).with_min_len(BLOCK).for_each(|(drives, (now, next))| {
        (0..neurons).for_each(|i| drives[i] = (next[i] - decay[i] * now[i]) / (1.0 - decay[i]));
    });
    drives
}

/// These columns of a matrix of neurons × time as samples × neurons.
pub(crate) fn by_neuron(matrix: &DMatrix<f64>, columns: &[usize]) -> DMatrix<f64> {
    let (neurons, samples) = (matrix.nrows(), columns.len());
    let mut turned = untouched(samples, neurons);
    let blocks = turned.as_mut_slice().par_chunks_mut((BLOCK * samples).max(1)).enumerate();
    blocks.for_each(|(block, turned)| {
        for (at, columns) in columns.chunks(BLOCK).enumerate() {
            for (row, samples) in turned.chunks_mut(samples).enumerate() {
                let from = &matrix.as_slice()[block * BLOCK + row..];
                columns.iter().zip(&mut samples[at * BLOCK..]).for_each(|(&column, to)| *to = from[column * neurons]);
            }
        }
    });
    turned
}

/// Whether sample k is followed by k + 1 within the same trial.
pub(crate) fn has_successor(recording: &Recording) -> Vec<bool> {
    let mut follows = vec![true; recording.samples()];
    for trial in recording.trials() {
        follows[trial.end - 1] = false;
    }
    follows
}

/// The drive J r + noise that `recording` (in units of the model) demands of a fit, and the samples that it is known for.
pub(crate) fn recorded_drive(fitted: &Fitted, recording: &Recording) -> Result<(DMatrix<f64>, Vec<usize>)> {
    let network = &fitted.network;
    let states = states(&*network.nonlinearity, &recording.rates, 1e-12)?;
    let mut drive = drives(&states, &decay_per_sample(recording.clock.dt(), &network.tau, fitted.steps_per_sample));
    if let Some(inputs) = recording.inputs.as_ref().filter(|_| fitted.inputs.is_some()) {
        drive -= inputs;
    }
    let follows = has_successor(recording);
    let used: Vec<usize> = (0..follows.len()).filter(|&k| follows[k]).collect();
    Ok((drive.select_columns(&used), used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::network::Network;
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use crate::simulation::Simulation;

    #[test]
    fn columns_by_neuron_are_the_transpose() {
        for (neurons, time) in [(1, 1), (3, 200), (64, 64), (65, 130), (200, 7)] {
            let matrix = DMatrix::from_fn(neurons, time, |i, k| (1000 * i + k) as f64);
            let odd: Vec<usize> = (0..time).filter(|k| k % 3 != 1).collect();
            assert_eq!(by_neuron(&matrix, &odd), matrix.select_columns(&odd).transpose());
        }
        assert_eq!(by_neuron(&DMatrix::zeros(4, 2), &[]).shape(), (0, 4));
    }

    #[test]
    fn another_tau_scales_the_drive_and_adds_the_state() {
        let states = DMatrix::from_fn(3, 20, |i, k| (0.3 * (i + 1) as f64 * k as f64).sin());
        let drive = |tau: f64| drives(&states, &decay_per_sample(0.01, &[tau; 3], 1)).columns(0, 19).into_owned();
        for ratio in [0.5, 2.0] {
            let expected = drive(0.1) * ratio + states.columns(0, 19) * (1.0 - ratio);
            assert!((drive(0.1 * ratio) - expected).amax() < 1e-10);
        }
    }

    #[test]
    fn drives_of_a_simulated_network_are_its_recurrent_input() {
        let regions = Regions::single("all", 12).unwrap();
        let j = Gaussian::default().sample(&regions, Seed(1)).unwrap();
        let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
        let simulation = Simulation { clock: Clock::new(0.01, 0.6).unwrap(), trials: 2, ..Default::default() };
        let recording = simulation.run(&network).unwrap();
        let states = states(&Tanh, &recording.rates, 0.0).unwrap();
        let targets = drives(&states, &decay_per_sample(0.01, &network.tau, 1));
        let expected = network.connectivity.to_dense() * &recording.rates;
        for (k, follows) in has_successor(&recording).into_iter().enumerate() {
            assert_eq!(follows, k != 59 && k != 119);
            if follows {
                assert!((targets.column(k) - expected.column(k)).amax() < 1e-9);
            }
        }
    }
}
