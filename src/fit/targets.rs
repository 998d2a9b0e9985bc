//! Targets: the drive that the recorded states demand, sample by sample.

use super::Fitted;
use crate::error::Result;
use crate::nonlinearity::{Nonlinearity, activations};
use crate::recording::Recording;
use nalgebra::DMatrix;

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
    let last = states.ncols() - 1;
    DMatrix::from_fn(states.nrows(), states.ncols(), |i, k| {
        if k == last { 0.0 } else { (states[(i, k + 1)] - decay[i] * states[(i, k)]) / (1.0 - decay[i]) }
    })
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
