//! Fit: from a recording to a network, one file per method.

mod bayes;
pub mod cornn;
mod backprop;
mod common_inputs;
mod initial;
mod low_rank_fit;
pub mod newton;
mod misfit;
mod normalisation;
pub mod pinning;
mod posterior;
mod ridge;
mod targets;
mod vector_autoregression;
mod wiring;

pub use backprop::Backprop;
pub use bayes::{Bayes, Between};
pub use common_inputs::{CommonInputs, LatentInput};
pub use cornn::Cornn;
pub use initial::Initial;
pub use low_rank_fit::LowRankFit;
pub use misfit::{Misfit, SURPRISING};
pub use newton::Newton;
pub use normalisation::Normalisation;
pub use pinning::Pinning;
pub use posterior::{NINETY, OpenCurrent, Posterior, expected_recovery};
pub use ridge::{KnownInputs, Ridge};
pub(crate) use targets::recorded_drive;
pub use vector_autoregression::VectorAutoregression;

use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::family::family;
use crate::network::Network;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::fmt::Debug;
use std::ops::ControlFlow;

/// A method that reads a recording and returns a network.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::MultiRegion, fit::Ridge, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 10), ("B", 10)])?;
/// let j = MultiRegion::default().sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 8.0)?, ..Default::default() }.run(&network)?;
/// let fitted = Ridge { tau: vec![0.1], ..Default::default() }.fit(&recording, Seed(2))?;
/// assert_eq!(fitted.network.neurons(), 20);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub trait Fit: Debug + Send + Sync {
    /// Fits `recording`; `watch` is told of every pass and may ask to stop, which ends in [`Error::Cancelled`].
    ///
    /// # Errors
    /// A parameter out of range, a recording that the method cannot read, divergence, or [`Error::Cancelled`].
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted>;

    /// Fits `recording`.
    ///
    /// # Errors
    /// As [`Fit::fit_watched`].
    fn fit(&self, recording: &Recording, seed: Seed) -> Result<Fitted> {
        self.fit_watched(recording, seed, &mut |_| ControlFlow::Continue(()))
    }

    /// Passes over the recording that the fit will make, for a progress bar.
    fn passes(&self) -> usize {
        1
    }
}

/// Called after every pass of a fit.
pub type Watch<'a> = dyn FnMut(&Pass) -> ControlFlow<()> + 'a;

/// What one pass over the recording reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    /// Whether J was learning.
    pub learning: bool,
    /// Sum over the learning times of the error² averaged over neurons (the `chi2` of the published programs).
    pub chi2: f64,
    /// Share of the variance of the (normalised) recording that the pass explains; the published `pVar` in the compatibility modes.
    pub variance_explained: f64,
    /// The same on the samples that were held out, in a free run from their first state.
    pub held_out: Option<f64>,
}

/// A fitted network and the activity that its currents are read from.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The network; its rates are recorded rates divided by `scale`.
    pub network: Network,
    /// The rates that the currents are read from: the fit's own run where the fit runs the network, the recorded rates where it does not.
    pub model: Recording,
    /// Column of `model` that stands for each sample of the recording.
    pub sample_columns: Vec<usize>,
    /// One entry per pass.
    pub history: Vec<Pass>,
    /// J before learning, where the method has one.
    pub initial: Option<Connectivity>,
    /// Recorded rate / `scale` = model rate, one value per neuron.
    pub scale: Vec<f64>,
    /// Euler steps that the fit makes per sample of the recording.
    pub steps_per_sample: usize,
    /// External input that the fit used, neurons × samples; `None` where it assumed none.
    pub inputs: Option<DMatrix<f64>>,
    /// How far the data leave weights and currents open, where the method can tell.
    pub posterior: Option<Posterior>,
    /// Inputs beside `inputs` that the fit inferred; none where it does not look for any.
    pub latent_inputs: Vec<LatentInput>,
}

impl Fitted {
    /// The model's rates at the samples of the recording.
    pub fn at_samples(&self) -> Result<Recording> {
        let columns = &self.sample_columns;
        let rates = DMatrix::from_fn(self.model.neurons(), columns.len(), |i, k| self.model.rates[(i, columns[k])]);
        let dt = self.model.clock.dt() * self.steps_per_sample as f64;
        Recording::new(rates, if self.model.samples() == columns.len() { self.model.clock.dt() } else { dt }, self.model.regions.clone())
    }
}

family! {
    /// The fits that a file can name.
    AnyFit: Fit {
        /// Recursive least squares on J with one shared P, closed loop (CURBD)
        Pinning,
        /// Least squares of phi^-1(rates) on rates, teacher-forced
        Ridge,
        /// Weighted cross-entropy of the next sample, one shared inverse (CORNN)
        Cornn,
        /// The model of CORNN by damped Newton steps with one factorisation
        Newton,
        /// Ridge with a J of low rank
        LowRankFit,
        /// Gradient descent through time with Adam
        Backprop,
        /// The linear baseline
        VectorAutoregression,
        /// No method: the random J that Pinning begins from
        Initial,
        /// Evidence-maximising Gaussian regression, optionally sparse between regions; gives a posterior
        Bayes,
        /// Bayes with smooth inputs of low rank to every region that are inferred
        CommonInputs,
    }
}

impl Fit for AnyFit {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        (**self).fit_watched(recording, seed, watch)
    }

    fn passes(&self) -> usize {
        (**self).passes()
    }
}

/// The errors that every method reports alike: too few samples, neurons that say nothing.
pub(crate) fn check_recording(recording: &Recording) -> Result<()> {
    recording.check()?;
    if recording.samples() < 3 {
        return Err(Error::data("the recording", format!("{} samples", recording.samples()), "a fit needs at least 3"));
    }
    let constant: Vec<String> = (0..recording.neurons())
        .filter(|&neuron| recording.rates.row(neuron).iter().all(|&r| r == recording.rates[(neuron, 0)]))
        .map(|neuron| neuron.to_string())
        .collect();
    if constant.is_empty() {
        return Ok(());
    }
    let named =
        if constant.len() > 12 { format!("{}, … ({} in all)", constant[..12].join(", "), constant.len()) } else { constant.join(", ") };
    Err(Error::data("the recording", format!("neurons that never change: {named}"), "drop them before the fit"))
}

#[cfg(test)]
mod tests;
