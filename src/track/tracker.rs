//! Tracker: a network with a readout that learns one sample at a time.

use super::wiring::finite;
use super::{Rule, Tracking, Wiring};
use crate::connectivity::Packed;
use crate::error::{Error, Result};
use crate::kernels::{InverseCorrelation, Level};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use nalgebra::DMatrix;
use std::sync::Arc;

/// A running network whose readout W follows a target.
///
/// With input f, target d and rates r = phi(x), one sample is
///
/// 1. z = W r, e = z - d: the output is read before f enters the state, so it predicts the target from earlier inputs;
/// 2. x <- x + (dt / tau)(-x + J r + W_in f + W_fb z);
/// 3. k = P r, c = 1 / (1 + r·k), P <- P - c k k^T, always;
/// 4. dW = c e k^T ([`Rule`] has the published variant); W <- W - dW, where plastic.
///
/// The learning error of an output is sum_i |dW_i|, also where W is frozen. A clone carries state, W and P along: every new series is
/// tested on a clone of the trained tracker. Source: Afzal et al. 2021 (TRAKR).
///
/// ```
/// use crosscurrent::track::{Tracker, Tracking, Wiring};
/// use crosscurrent::{Ensemble, Network, Regions, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("reservoir", 30)?;
/// let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[1.0])?;
/// let mut tracker = Tracker::new(&network, Tracking::default(), &Wiring::sample(30, 1, 1, Seed(2)))?;
/// for sample in 0..2000 {
///     let f = (0.1 * sample as f64).sin();
///     tracker.step(&[f], &[f], true)?;
/// }
/// let step = tracker.step(&[0.0], &[(200.0_f64).sin()], false)?;
/// assert!(step.error[0].abs() < 0.05);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "TRAKR")]
#[derive(Clone, Debug)]
pub struct Tracker {
    rule: Rule,
    connectivity: Packed<f64>,
    nonlinearity: Arc<dyn Nonlinearity>,
    dt: f64,
    /// Samples taken so far.
    samples: usize,
    /// dt / tau of every neuron.
    decay: Vec<f64>,
    input: DMatrix<f64>,
    feedback: Option<DMatrix<f64>>,
    /// W^T, neurons × outputs: the weights of an output are contiguous.
    readout: DMatrix<f64>,
    correlation: InverseCorrelation<f64>,
    state: Vec<f64>,
    rates: Vec<f64>,
    drive: Vec<f64>,
    gain: Vec<f64>,
    output: Vec<f64>,
    error: Vec<f64>,
    learning_error: Vec<f64>,
}

/// What one sample gave, one value per output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    /// z, read before the sample entered the network.
    pub output: &'a [f64],
    /// z minus the target.
    pub error: &'a [f64],
    /// Sum over the neurons of |weight change that the error asks for|.
    pub learning_error: &'a [f64],
}

impl Tracker {
    /// A tracker at its initial state, P at `learning_rate` times the identity.
    ///
    /// # Errors
    /// A parameter out of range, or weights whose shapes do not fit the network.
    pub fn new(network: &Network, tracking: Tracking, wiring: &Wiring) -> Result<Self> {
        tracking.check()?;
        let (neurons, outputs) = (network.neurons(), wiring.readout.nrows());
        wiring.check(neurons)?;
        Ok(Tracker {
            rule: tracking.rule,
            connectivity: Packed::new(&network.connectivity),
            nonlinearity: Arc::clone(&network.nonlinearity),
            dt: tracking.dt,
            samples: 0,
            decay: network.tau.iter().map(|tau| tracking.dt / tau).collect(),
            input: wiring.input.clone(),
            feedback: wiring.feedback.clone(),
            readout: wiring.readout.transpose(),
            correlation: InverseCorrelation::new(neurons, tracking.learning_rate, Level::detect()),
            state: wiring.state.clone(),
            rates: vec![0.0; neurons],
            drive: vec![0.0; neurons],
            gain: vec![0.0; neurons],
            output: vec![0.0; outputs],
            error: vec![0.0; outputs],
            learning_error: vec![0.0; outputs],
        })
    }

    /// Takes one sample; learns from it when `plastic`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `input` or `target` has not one value per input or output, [`Error::Data`] when one is not finite,
    /// [`Error::Diverged`] when a state is not (dt too large for tau).
    pub fn step(&mut self, input: &[f64], target: &[f64], plastic: bool) -> Result<Step<'_>> {
        self.predict(input, target)?;
        let c = self.correlation.update(&self.rates, &mut self.gain);
        self.learn(c, plastic);
        Ok(Step { output: &self.output, error: &self.error, learning_error: &self.learning_error })
    }

    /// Takes one sample with W and P as they are.
    ///
    /// With [`Tracker::step`], P goes on shrinking and the learning errors of a stationary signal with it; here they are stationary too.
    ///
    /// # Errors
    /// As [`Tracker::step`].
    pub fn watch(&mut self, input: &[f64], target: &[f64]) -> Result<Step<'_>> {
        self.predict(input, target)?;
        self.correlation.product(&self.rates, &mut self.gain);
        let c = 1.0 / (1.0 + self.rates.iter().zip(&self.gain).map(|(r, k)| r * k).sum::<f64>());
        self.learn(c, false);
        Ok(Step { output: &self.output, error: &self.error, learning_error: &self.learning_error })
    }

    /// Output and error, then the step of the state.
    fn predict(&mut self, input: &[f64], target: &[f64]) -> Result<()> {
        self.check("input of a tracker", input, self.input.ncols())?;
        self.check("target of a tracker", target, self.output.len())?;
        self.nonlinearity.rates(&self.state, &mut self.rates);
        for (output, weights) in self.readout.column_iter().enumerate() {
            self.output[output] = weights.iter().zip(&self.rates).map(|(w, r)| w * r).sum();
            self.error[output] = self.output[output] - target[output];
        }
        self.advance(input)
    }

    fn check(&self, what: &str, values: &[f64], expected: usize) -> Result<()> {
        if values.len() != expected {
            return Err(Error::shape(what, format!("{expected} values"), values.len()));
        }
        finite(what, values)
    }

    /// One Euler step of the state.
    fn advance(&mut self, input: &[f64]) -> Result<()> {
        self.connectivity.apply(&self.rates, &mut self.drive);
        add_product(&mut self.drive, &self.input, input);
        if let Some(feedback) = &self.feedback {
            add_product(&mut self.drive, feedback, &self.output);
        }
        for ((x, drive), decay) in self.state.iter_mut().zip(&self.drive).zip(&self.decay) {
            *x += decay * (drive - *x);
            if !x.is_finite() {
                return Err(Error::Diverged { what: "the tracker".into(), time_s: self.samples as f64 * self.dt, size: f64::INFINITY });
            }
        }
        self.samples += 1;
        Ok(())
    }

    /// Learning errors from the gain and c, and W where it is plastic.
    fn learn(&mut self, c: f64, plastic: bool) {
        let size: f64 = self.gain.iter().map(|k| k.abs()).sum();
        let factor = match self.rule {
            Rule::LeastSquares => c,
            Rule::Published => c * c,
        };
        for (output, mut weights) in self.readout.column_iter_mut().enumerate() {
            let step = factor * self.error[output];
            self.learning_error[output] = step.abs() * size;
            if plastic {
                weights.iter_mut().zip(&self.gain).for_each(|(w, k)| *w -= step * k);
            }
        }
    }

    /// Number of inputs and of outputs.
    pub fn channels(&self) -> (usize, usize) {
        (self.input.ncols(), self.output.len())
    }

    /// Seconds per sample.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Samples in which the slowest neuron forgets its state to less than 1e-4: ten of its time constants.
    pub fn settling(&self) -> usize {
        let slowest = self.decay.iter().copied().fold(f64::INFINITY, f64::min);
        (10.0 / slowest).ceil() as usize
    }

    /// Activation of every neuron (N values).
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// W, outputs × neurons.
    pub fn readout(&self) -> DMatrix<f64> {
        self.readout.transpose()
    }

    /// P, neurons × neurons.
    pub fn inverse_correlation(&self) -> DMatrix<f64> {
        let neurons = self.state.len();
        DMatrix::from_vec(neurons, neurons, self.correlation.to_column_major())
    }
}

/// out += matrix · values.
fn add_product(out: &mut [f64], matrix: &DMatrix<f64>, values: &[f64]) {
    for (column, &value) in matrix.column_iter().zip(values) {
        out.iter_mut().zip(column.iter()).for_each(|(out, w)| *out += w * value);
    }
}
