//! Trained: a tracker at rest.

use super::super::Wiring;
use nalgebra::DMatrix;

/// What a tracker has learned of a series: its state, W and P where the series ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Activation of every neuron.
    pub(super) state: Vec<f64>,
    /// W: the weights of one output after those of another.
    pub(super) readout: Vec<f64>,
    /// Lower triangle of P, row after row.
    pub(super) correlation: Vec<f64>,
}

impl Trained {
    /// A tracker that has seen nothing, P at `learning_rate` times the identity.
    pub(super) fn new(wiring: &Wiring, learning_rate: f64) -> Self {
        let row = |i: usize| (0..=i).map(move |j| if i == j { learning_rate } else { 0.0 });
        Trained {
            state: wiring.state.clone(),
            readout: wiring.readout.transpose().as_slice().to_vec(),
            correlation: (0..wiring.state.len()).flat_map(row).collect(),
        }
    }

    /// Activation of every neuron (N values).
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// W, outputs × neurons.
    pub fn readout(&self) -> DMatrix<f64> {
        let neurons = self.state.len();
        DMatrix::from_row_slice(self.readout.len() / neurons.max(1), neurons, &self.readout)
    }

    /// P, neurons × neurons.
    pub fn inverse_correlation(&self) -> DMatrix<f64> {
        let neurons = self.state.len();
        DMatrix::from_fn(neurons, neurons, |i, j| self.correlation[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)])
    }
}
