//! Wiring: what a tracker has beside its network.

use crate::ensemble::normal_matrix;
use crate::error::{Error, Result};
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;

/// Weights into and out of the network, and the state that it starts from. Rows are targets, columns are sources.
///
/// ```
/// use crosscurrent::{Seed, track::Wiring};
/// let wiring = Wiring::sample(30, 2, 1, Seed(1));
/// assert_eq!((wiring.input.shape(), wiring.readout.shape()), ((30, 2), (1, 30)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Wiring {
    /// Neurons × inputs.
    pub input: DMatrix<f64>,
    /// Outputs × neurons: the only weights that learn.
    pub readout: DMatrix<f64>,
    /// Neurons × outputs, where the outputs act back on the network.
    pub feedback: Option<DMatrix<f64>>,
    /// Activation of each neuron at the start (N values).
    pub state: Vec<f64>,
}

impl Wiring {
    /// As the published program draws it: input weights and state N(0, 1), readout N(0, 1 / N), no feedback.
    pub fn sample(neurons: usize, inputs: usize, outputs: usize, seed: Seed) -> Self {
        Wiring {
            input: normal_matrix(neurons, inputs, 1.0, seed.child("input weights")),
            readout: normal_matrix(outputs, neurons, (neurons as f64).sqrt().recip(), seed.child("readout weights")),
            feedback: None,
            state: normal_matrix(neurons, 1, 1.0, seed.child("initial state")).data.into(),
        }
    }

    /// The same with feedback weights, uniform in [-amplitude, amplitude].
    pub fn with_feedback(self, amplitude: f64, seed: Seed) -> Self {
        let mut rng = seed.child("feedback weights").rng();
        let feedback = DMatrix::from_fn(self.input.nrows(), self.readout.nrows(), |_, _| amplitude * (2.0 * rng.random::<f64>() - 1.0));
        Wiring { feedback: Some(feedback), ..self }
    }

    /// Checks the shapes against a network of `neurons`, and that every value is finite.
    pub(super) fn check(&self, neurons: usize) -> Result<()> {
        let (inputs, outputs) = (self.input.ncols(), self.readout.nrows());
        if outputs == 0 {
            return Err(Error::parameter("outputs of the readout", 0, "at least 1"));
        }
        let none = DMatrix::zeros(neurons, outputs);
        let feedback = self.feedback.as_ref().unwrap_or(&none);
        let parts = [
            ("input weights", &self.input, (neurons, inputs)),
            ("readout weights", &self.readout, (outputs, neurons)),
            ("feedback weights", feedback, (neurons, outputs)),
        ];
        for (name, matrix, (rows, columns)) in parts {
            if matrix.shape() != (rows, columns) {
                let found = format!("{} × {}", matrix.nrows(), matrix.ncols());
                return Err(Error::shape(name, format!("{rows} × {columns}"), found));
            }
            finite(name, matrix.as_slice())?;
        }
        if self.state.len() != neurons {
            return Err(Error::shape("state of the tracker", format!("{neurons} values"), self.state.len()));
        }
        finite("state of the tracker", &self.state)
    }
}

/// An error when a value is not finite.
pub(super) fn finite(what: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Error::data(what, format!("{} at position {at}", values[at]), "use finite numbers")),
    }
}
