//! Newton: the fit of CORNN's model by Newton steps that share one factorisation over all neurons.

mod curvature;
mod likelihood;
mod prior;
mod solver;

pub use likelihood::Loss;

use self::likelihood::Observed;
use self::solver::{Data, Solver};
use super::cornn::Equation;
use super::targets::{by_neuron, decay_per_sample, drives, has_successor, states};
use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range, positive};
use crate::network::{Network, expand_tau};
use crate::nonlinearity::Tanh;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Samples per neuron that the first steps are made on, and their number.
const EARLY: usize = 3;
const EARLY_STEPS: usize = 2;

/// Called after every pass of [`Newton::fit_followed`] with J^T, sources × targets.
pub type Follow<'a> = dyn FnMut(&Pass, &DMatrix<f64>) -> ControlFlow<()> + 'a;

/// Fits tanh(J r + u) of every sample to the value d that the next sample demands, by damped Newton steps.
///
/// With X (samples × neurons) the rates, m = X theta + u and theta = J^T, a step solves, for every neuron,
/// (X^T W X + lambda) delta = X^T e - lambda theta with errors e and weights W of the [`Loss`]. All neurons are solved together by conjugate
/// gradients that are preconditioned with one factorisation of X^T X + lambda; a neuron whose cost rises takes half the step, and half again.
/// The products with W are made in 32 bits, as they only find a step; errors, slopes and costs are of 64. The start is a ridge fit of
/// artanh(d) with a large penalty; what the first steps leave unexplained counts as noise and makes their penalty large as well, so that
/// directions which the rates hardly visit are fitted last.
///
/// The default loss estimates two noises from the data: one inside tanh (standard deviation s) and one outside (c). A sample then counts
/// s² phi'² / (c² + s² phi'²): fully where tanh is steep, not at all where the outer noise hides what a saturated unit receives. CORNN's
/// rule, to drop errors over 1 - d² beyond a threshold, is the hard version of that weight. tanh networks only.
///
/// With an anatomy the penalty on J_ik² is divided by its prior variance, weights without a synapse are zero, and neurons with equal rows of
/// it share a factorisation.
///
/// Sources: Dinc, Shai, Schnitzer & Tanaka 2023 (model and benchmark); Dembo & Steihaug 1983 (truncated Newton steps).
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::Gaussian, fit::Newton, nonlinearity::Tanh};
/// let regions = Regions::single("all", 30)?;
/// let network = Network::new(regions.clone(), Gaussian { gain: 2.0, autapses: true }.sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 10.0)?, ..Default::default() }.run(&network)?;
/// let fitted = Newton::default().fit(&recording, Seed(0))?;
/// assert!(fitted.history.last().is_some_and(|pass| pass.variance_explained > 0.99));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Newton {
    /// What a recorded rate is; default the equation of this crate.
    pub equation: Equation,
    /// Default noise.
    pub loss: Loss,
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1. The published alpha is dt / tau.
    #[doc(alias = "alpha")]
    pub tau: Vec<f64>,
    /// Penalty on the squared weights, per sample; positive, default chosen: the noise inside tanh over the mean squared weight (for the
    /// logistic loss 1e-7).
    pub penalty: Option<f64>,
    /// Newton steps at most; at least 1, default 8.
    pub steps: usize,
    /// Conjugate-gradient steps within one at most; at least 1, default 25.
    pub inner_steps: usize,
    /// A Newton step is solved until its residual has fallen to this share; in (0, 1), default 0.1.
    pub forcing: f64,
    /// Stop once a step changes J by less than this share; at least 0, default 0.01.
    pub tolerance: f64,
    /// Recorded external inputs: added to the drive (`subtract`, the default) or ignored.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of tanh away from its limits before they are inverted; in [0, 0.5), default 0.
    pub clip: f64,
}

impl Default for Newton {
    fn default() -> Self {
        Newton {
            equation: Equation::Activations,
            loss: Loss::Noise,
            tau: vec![0.1],
            penalty: None,
            steps: 8,
            inner_steps: 25,
            forcing: 0.1,
            tolerance: 0.01,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
        }
    }
}

impl Newton {
    fn check(&self) -> Result<()> {
        if let Some(penalty) = self.penalty {
            positive("penalty", penalty)?;
        }
        if self.steps == 0 || self.inner_steps == 0 {
            return Err(Error::parameter("steps", 0, "at least 1"));
        }
        positive("forcing", self.forcing)?;
        in_range("forcing", self.forcing, 0.0..1.0, "in (0, 1)")?;
        in_range("tolerance", self.tolerance, 0.0.., "at least 0")?;
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        Ok(())
    }

    /// What each sample says of the drive of every neuron, neurons × samples.
    fn observed(&self, rates: &DMatrix<f64>, decay: &[f64]) -> Result<(DMatrix<f64>, Observed)> {
        Ok(match self.equation {
            Equation::Rates => (drives(rates, decay), Observed::Rate),
            Equation::Activations => {
                let drive = drives(&states(&Tanh, rates, self.clip)?, decay);
                if self.loss == Loss::Noise { (drive, Observed::Drive) } else { (drive.map(f64::tanh), Observed::Rate) }
            }
        })
    }

    /// Where there are many samples for each neuron, the first steps are made on a part of them.
    fn begin(&self, data: Data) -> Result<Solver> {
        let (samples, sources) = data.shape();
        let stride = samples / (EARLY * sources);
        let mut start = None;
        if stride > 1 {
            let mut early = Solver::new(data.thinned(stride), self.loss, self.penalty, None)?;
            for _ in 0..EARLY_STEPS {
                early.step(self)?;
            }
            start = Some(early.theta);
        }
        Solver::new(data, self.loss, self.penalty, start)
    }

    fn solve(&self, mut solver: Solver, follow: &mut Follow) -> Result<(DMatrix<f64>, Vec<Pass>)> {
        let (mut history, mut settled) = (Vec::new(), false);
        for step in 0..=self.steps {
            history.push(solver.pass());
            if follow(&history[step], &solver.theta) == ControlFlow::Break(()) {
                return Err(Error::Cancelled);
            }
            if settled || step == self.steps {
                break;
            }
            settled = solver.step(self)? < self.tolerance;
        }
        Ok((solver.theta, history))
    }

    /// The recording with rates over their scale and the inputs that are used, and the scale.
    fn scaled(&self, recording: &Recording) -> Result<(Recording, Vec<f64>)> {
        self.check()?;
        check_recording(recording)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let mut model = recording.clone();
        let divide = |sample: &mut [f64]| sample.iter_mut().zip(&scale).for_each(|(rate, scale)| *rate /= scale);
        model.rates.as_mut_slice().chunks_mut(scale.len()).for_each(divide);
        model.inputs = model.inputs.filter(|_| self.inputs == KnownInputs::Subtract);
        Ok((model, scale))
    }

    /// The samples that say something of the next one; of the targets those in `rows`, or all.
    fn data(&self, model: &Recording, tau: &[f64], rows: Option<&[usize]>) -> Result<Data> {
        let (targets, observed) = self.observed(&model.rates, &decay_per_sample(model.clock.dt(), tau, 1))?;
        let chosen: Vec<usize> = has_successor(model).iter().enumerate().filter_map(|(k, &follows)| follows.then_some(k)).collect();
        let samples = |matrix: &DMatrix<f64>| by_neuron(matrix, &chosen);
        let of_rows = |matrix: &DMatrix<f64>| rows.map_or_else(|| samples(matrix), |rows| samples(&matrix.select_rows(rows)));
        let mut data = Data::new(samples(&model.rates), (of_rows(&targets), observed), model.inputs.as_ref().map(of_rows));
        let known = |anatomy: &DMatrix<f64>| rows.map_or_else(|| anatomy.clone(), |rows| anatomy.select_rows(rows));
        data.anatomy = model.anatomy.as_ref().map(known);
        Ok(data)
    }

    /// Fits `recording` as [`Fit::fit_watched`]; `follow` sees J^T (sources × targets) after every pass as well.
    ///
    /// # Errors
    /// As [`Fit::fit_watched`].
    pub fn fit_followed(&self, recording: &Recording, follow: &mut Follow) -> Result<Fitted> {
        let (model, scale) = self.scaled(recording)?;
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let data = self.data(&model, &tau, None)?;
        let (theta, history) = self.solve(self.begin(data)?, follow)?;
        Ok(Fitted {
            network: Network::new(recording.regions.clone(), Connectivity::dense(theta.transpose())?, Tanh, &tau)?,
            sample_columns: (0..recording.samples()).collect(),
            inputs: model.inputs.clone(),
            model,
            posterior: None,
            latent_inputs: Vec::new(),
            history,
            initial: None,
            scale,
            steps_per_sample: 1,
        })
    }

    /// Fits the rows of J of some neurons alone: rows × neurons, in the units that [`Fitted`] has. They are problems of their own, but for
    /// the noises and the penalty, which are estimated from them. So a few rows, solved to the end, tell cheaply how good a large fit can
    /// become. `follow` sees the rows as [`Newton::fit_followed`] shows J.
    ///
    /// # Errors
    /// As [`Fit::fit_watched`]; an empty `rows` or one that names a neuron that is not there.
    ///
    /// ```
    /// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, fit::Newton, nonlinearity::Tanh};
    /// use std::ops::ControlFlow;
    /// let regions = Regions::single("all", 30)?;
    /// let network = Network::new(regions.clone(), Gaussian { gain: 2.0, autapses: true }.sample(&regions, Seed(1))?, Tanh, &[0.1])?;
    /// let recording = Simulation { clock: Clock::new(0.01, 10.0)?, ..Default::default() }.run(&network)?;
    /// let rows = Newton::default().fit_rows(&recording, &[3, 7], &mut |_, _| ControlFlow::Continue(()))?;
    /// assert_eq!(rows.shape(), (2, 30));
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    pub fn fit_rows(&self, recording: &Recording, rows: &[usize], follow: &mut Follow) -> Result<DMatrix<f64>> {
        let (model, _) = self.scaled(recording)?;
        if rows.is_empty() || rows.iter().any(|&row| row >= recording.neurons()) {
            let wanted = format!("some of the {} neurons, counted from 0", recording.neurons());
            return Err(Error::parameter("rows", format!("{rows:?}"), &wanted));
        }
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let data = self.data(&model, &tau, Some(rows))?;
        Ok(self.solve(self.begin(data)?, follow)?.0.transpose())
    }
}

impl Fit for Newton {
    fn fit_watched(&self, recording: &Recording, _seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.fit_followed(recording, &mut |pass, _| watch(pass))
    }

    fn passes(&self) -> usize {
        self.steps + 1
    }
}

#[cfg(test)]
mod tests;
