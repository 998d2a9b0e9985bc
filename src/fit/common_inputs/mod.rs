//! CommonInputs: J together with input traces that nobody told the fit of.

mod basis;
mod denoise;
mod infer;
mod latent;
mod spectrum;
#[cfg(test)]
mod tests;

pub use self::latent::LatentInput;

use self::infer::Inference;
use self::latent::drive_of;
use super::bayes::{Data, Variances, evidence, learn};
use super::targets::has_successor;
use super::{Bayes, Between, Fit, Fitted, KnownInputs, Normalisation, Pass, Watch, check_recording};
use crate::error::{Error, Result, positive};
use crate::network::expand_tau;
use crate::nonlinearity::AnyNonlinearity;
use crate::recording::Recording;
use crate::seed::Seed;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// The regression of [`Bayes`] with inputs of low rank that are inferred: y_k = J r_k + B z_k + noise.
///
/// y is the drive that the recorded states demand, less the known inputs (neurons × samples, units of the drive). Every region has its own
/// traces z (k × samples) and weights B (its neurons × k). The traces are smooth: sums of cosines with periods of at least `period` and
/// normal coefficients whose variance falls with the frequency f as (1 + (f / f0)²)^(-p/2); p and f0 are learned, too. The weights of J are normal with the variances that [`Bayes`] learns.
///
/// With J integrated out, the drives of the neurons of a region are independent draws with the covariance M = R^T V R + s² 1 over time (R the
/// rates, sources × samples; V the prior variances), shifted by B z. In the metric of M, restricted to smooth functions, J and noise are white
/// and B z is a matrix of low rank: its singular values above the edge of the noise, seen where J can explain less than half, are kept and
/// shrunk (Johnstone 2001; Gavish & Donoho 2017). What z does elsewhere follows from its spectrum.
/// Then the variances are learned again without B z, for `rounds` rounds; J and its posterior are those of [`Bayes`] given the inputs.
///
/// *What can be told.* A trace that is a sum of recorded rates could as well be a connection, and the same for all neurons at once: only the
/// prior tells the two apart (neurons draw their weights independently, an input has few traces for all). [`LatentInput::visible`] is the
/// share of a trace of which that is not so. So a part of J that all rows share can look like an input. Intervals are
/// given the inputs and do not hold their uncertainty.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Noise, Regions, Seed, Simulation, ensemble::MultiRegion, fit::CommonInputs, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 20), ("B", 20)])?;
/// let network = Network::new(regions.clone(), MultiRegion::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let noise = Noise::White { strength: 0.1 };
/// let recording = Simulation { clock: Clock::new(0.01, 8.0)?, noise, ..Default::default() }.run(&network)?;
/// let fitted = CommonInputs::default().fit(&recording, Seed(2))?;
/// assert!(fitted.latent_inputs.is_empty()); // there was no input
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommonInputs {
    /// Traces of each region, at most; default as many as rise above the noise.
    pub latents: Option<usize>,
    /// Shortest period of a trace in s; positive, default 0.1.
    pub period: f64,
    /// Rounds of inputs given variances, and variances given inputs; at least 1, default 6.
    pub rounds: usize,
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Prior of the weights between regions in the final fit, as in [`Bayes`]; default choose.
    pub between: Between,
    /// What happens with the external input of the recording; default subtract. Latent inputs come on top: gains that are fitted (`regress`)
    /// are found before, and taken as given.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits; in [0, 0.5), default 0.
    pub clip: f64,
    /// Euler steps per sample that generated the data; default 1.
    pub steps_per_sample: usize,
}

impl Default for CommonInputs {
    fn default() -> Self {
        let Bayes { tau, nonlinearity, between, inputs, normalisation, clip, steps_per_sample, .. } = Bayes::default();
        CommonInputs { latents: None, period: 0.1, rounds: 6, tau, nonlinearity, between, inputs, normalisation, clip, steps_per_sample }
    }
}

impl CommonInputs {
    fn check(&self) -> Result<()> {
        positive("period", self.period)?;
        if self.rounds == 0 {
            return Err(Error::parameter("rounds", 0, "at least 1"));
        }
        self.bayes().check()
    }

    /// The regression that this one extends.
    fn bayes(&self) -> Bayes {
        Bayes {
            tau: self.tau.clone(),
            nonlinearity: self.nonlinearity.clone(),
            between: self.between,
            inputs: self.inputs,
            normalisation: self.normalisation,
            clip: self.clip,
            steps_per_sample: self.steps_per_sample,
            ..Default::default()
        }
    }

    /// Inputs given variances, variances given inputs, in turn.
    fn infer(&self, data: &Data, model: &Recording, tick: &mut dyn FnMut() -> Result<()>) -> Result<Vec<LatentInput>> {
        let follows = has_successor(model);
        let used: Vec<usize> = (0..follows.len()).filter(|&k| follows[k]).collect();
        let smooth = basis::smooth(model, self.period);
        let inference = Inference::new((&data.rates, &data.targets), (smooth, &used), &model.regions, model.anatomy.as_ref());
        let mut latents = Vec::new();
        let mut variances: Option<Variances> = None;
        for _ in 0..self.rounds {
            let left = &data.targets - drive_of(&latents, &model.regions, model.samples()).select_columns(&used);
            let learned = evidence(&data.rates, &left, model, variances)?;
            latents = inference.latents(&learned, self.latents)?;
            variances = Some(learned);
            tick()?;
        }
        Ok(latents)
    }
}

impl Fit for CommonInputs {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let bayes = self.bayes();
        let (mut model, scale) = bayes.model(recording);
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let gains = bayes.regress(&mut model, &tau)?;
        let known = model.inputs.clone();
        // Passes of this method learn nothing that is worth a number before the last one.
        let silent = Pass { learning: true, chi2: f64::NAN, variance_explained: f64::NAN, held_out: None };
        let mut go_on = || match watch(&silent) {
            ControlFlow::Break(()) => Err(Error::Cancelled),
            ControlFlow::Continue(()) => Ok(()),
        };
        let latents = self.infer(&bayes.data(&model, &tau)?, &model, &mut go_on)?;
        if !latents.is_empty() {
            let drive = drive_of(&latents, &model.regions, model.samples());
            model.inputs = Some(known.as_ref().map_or_else(|| drive.clone(), |known| known + &drive));
        }
        let learned = learn(&bayes, &bayes.data(&model, &tau)?, (&model, gains.as_ref()), seed, &mut || watch(&silent))?;
        let fitted = Fitted { inputs: known, latent_inputs: latents, ..bayes.assemble(learned, model, scale, &tau)? };
        match watch(&fitted.history[0]) {
            ControlFlow::Break(()) => Err(Error::Cancelled),
            ControlFlow::Continue(()) => Ok(fitted),
        }
    }

    fn passes(&self) -> usize {
        self.rounds + self.bayes().passes()
    }
}
