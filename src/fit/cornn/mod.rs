//! Cornn: a convex fit of the next sample, all neurons at once with one shared inverse (CORNN).

mod alpha;
mod solver;

pub use solver::Loss;
pub(crate) use solver::{Problem, rate_targets};

use super::targets::{by_neuron, decay_per_sample, drives, has_successor, states};
use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range, positive};
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::Tanh;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use solver::{Admm, clip_targets};
use std::ops::ControlFlow;

/// Blocks of time that a path of penalties is judged on, and iterations of each of its fits.
const BLOCKS: usize = 5;
const PATH_ITERATIONS: usize = 20;

/// Fits tanh(J r + u) of every sample to the value d that the next sample demands (Dinc, Shai, Schnitzer & Tanaka 2023).
///
/// With X (samples × neurons) the rates, A = X^T X + penalty · samples · 1 and theta = J^T, the start is the closed form
/// theta = A^-1 X^T artanh(d), and every iteration is theta <- A^-1 X^T (X theta + E) with the errors E of the [`Loss`]: Newton's method
/// with the Hessian that all neurons share at the solution. What d is, [`Equation`] says. tanh networks only.
///
/// ```
/// use crosscurrent::fit::{Cornn, cornn::Loss};
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("all", 50)?;
/// let j = Gaussian { gain: 2.0, autapses: true }.sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 10.0)?, ..Default::default() }.run(&network)?;
/// let fitted = Cornn { loss: Loss::Standard, ..Default::default() }.fit(&recording, Seed(0))?;
/// let last = fitted.history.last().expect("the closed form is a pass, too");
/// assert!(last.variance_explained > 0.99, "{}", last.variance_explained);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "CORNN")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cornn {
    /// What a recorded rate is; default the equation of this crate.
    pub equation: Equation,
    /// Default weighted.
    pub loss: Loss,
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1. The published alpha is dt / tau.
    #[doc(alias = "alpha")]
    pub tau: Vec<f64>,
    /// Penalty on the squared weights, per sample; positive, default 1e-5.
    pub penalty: f64,
    /// Penalties to choose from on five held-out blocks of time instead; default none: `penalty` is used.
    pub penalties: Vec<f64>,
    /// Whether tau (and so the published alpha) is fitted, too: one factor for all neurons, between a fifth and five times the given values, with
    /// the smallest error of the closed form one sample ahead; default false.
    pub fit_tau: bool,
    /// Errors beyond it are outliers (weighted) or are cut to it (robust); positive, default 0.2.
    pub threshold: f64,
    /// Iterations after the closed form; default 100.
    pub iterations: usize,
    /// Stop once the change of J in one iteration has a Frobenius norm below this times √neurons; at least 0, default 1e-5; 0 makes all
    /// iterations.
    pub tolerance: f64,
    /// Whether neurons may act on themselves; default true. False holds the diagonal of J at zero by ADMM; so are weights held that an anatomy
    /// of zeros and ones excludes.
    pub autapses: bool,
    /// Strength of that constraint in units of penalty · samples; positive, default 100.
    pub constraint: f64,
    /// Recorded external inputs: added to the drive (`subtract`, the default) or ignored.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of tanh away from its limits before they are inverted; in [0, 0.5), default 0.
    pub clip: f64,
}

/// What the rates of a recording are, and so which value d of tanh(J r + u) a sample demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equation {
    /// tau dx/dt = -x + J r + u, r = tanh(x), as everywhere in this crate: d = tanh of the drive that leads from a state to the next.
    #[default]
    Activations,
    /// tau dr/dt = -r + tanh(J r + u), the published model: d = (r_{k+1} - (1 - alpha) r_k) / alpha. The activation J r of such a network
    /// follows the equation of this crate (with u constant), so the fitted network is that one; currents J r are those of the recorded rates.
    Rates,
}

impl Default for Cornn {
    fn default() -> Self {
        Cornn {
            equation: Equation::Activations,
            loss: Loss::Weighted,
            tau: vec![0.1],
            penalty: 1e-5,
            penalties: Vec::new(),
            fit_tau: false,
            threshold: 0.2,
            iterations: 100,
            tolerance: 1e-5,
            autapses: true,
            constraint: 100.0,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
        }
    }
}

impl Cornn {
    fn check(&self) -> Result<()> {
        positive("penalty", self.penalty)?;
        self.penalties.iter().try_for_each(|&penalty| positive("penalty", penalty).map(|_| ()))?;
        positive("threshold", self.threshold)?;
        positive("constraint", self.constraint)?;
        in_range("tolerance", self.tolerance, 0.0.., "at least 0")?;
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        Ok(())
    }

    /// The value d that each sample demands of tanh, neurons × samples.
    fn targets(&self, rates: &DMatrix<f64>, dt: f64, tau: &[f64]) -> Result<DMatrix<f64>> {
        let decay = decay_per_sample(dt, tau, 1);
        Ok(match self.equation {
            Equation::Rates => rate_targets(rates, &decay),
            Equation::Activations => clip_targets(drives(&states(&Tanh, rates, self.clip)?, &decay).map(f64::tanh)),
        })
    }

    /// 1 for every weight that may exist, sources × targets; `None` where all may.
    fn allowed(&self, recording: &Recording) -> Result<Option<DMatrix<f64>>> {
        if recording.anatomy.as_ref().is_some_and(|anatomy| anatomy.iter().any(|&a| a != 0.0 && a != 1.0)) {
            let problem = "it carries an anatomy with prior variances other than 0 and 1, which Cornn cannot use";
            return Err(Error::data("the recording", problem, "choose another method, or round them"));
        }
        let mut allowed = recording.anatomy.as_ref().map(|anatomy| anatomy.transpose());
        if !self.autapses {
            let neurons = recording.neurons();
            allowed.get_or_insert_with(|| DMatrix::from_element(neurons, neurons, 1.0)).fill_diagonal(0.0);
        }
        Ok(allowed)
    }

    /// The penalty with the smallest squared error over held-out blocks of time, after the closed form and a few iterations.
    fn chosen(&self, data: &[DMatrix<f64>; 2], inputs: Option<&DMatrix<f64>>) -> Result<f64> {
        if self.penalties.is_empty() {
            return Ok(self.penalty);
        }
        let samples = data[0].nrows();
        if samples < 2 * BLOCKS {
            return Err(Error::data("the recording", format!("{samples} usable samples"), format!("a path needs at least {}", 2 * BLOCKS)));
        }
        let mut errors = vec![0.0; self.penalties.len()];
        for block in 0..BLOCKS {
            let held = block * samples / BLOCKS..(block + 1) * samples / BLOCKS;
            let (test, train): (Vec<usize>, Vec<usize>) = (0..samples).partition(|k| held.contains(k));
            let part = |rows: &[usize], penalty| {
                Problem::new(data[0].select_rows(rows), data[1].select_rows(rows), inputs.map(|u| u.select_rows(rows)), penalty)
            };
            let test = part(&test, self.penalty)?;
            for (error, &penalty) in errors.iter_mut().zip(&self.penalties) {
                let problem = part(&train, penalty)?;
                let mut theta = problem.closed_form();
                for _ in 0..self.iterations.min(PATH_ITERATIONS) {
                    theta = problem.step(&theta, &problem.error(&problem.predict(&theta), self.loss, self.threshold));
                }
                *error += (test.predict(&theta) - test.targets()).norm_squared();
            }
        }
        let best = (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).expect("there are penalties");
        Ok(self.penalties[best])
    }

    /// Iterates from the closed form; J^T and a pass for the start and for every iteration.
    fn solve(&self, problem: &Problem, allowed: Option<DMatrix<f64>>, watch: &mut Watch) -> Result<(DMatrix<f64>, Vec<Pass>)> {
        let mut theta = problem.closed_form();
        let mut admm = allowed.map(|allowed| Admm::new(problem, &theta, self.constraint, allowed)).transpose()?;
        let (mut history, mut settled) = (Vec::new(), false);
        for iteration in 0..=self.iterations {
            let predicted = problem.predict(&theta);
            let chi2 = (&predicted - problem.targets()).norm_squared() / problem.targets().ncols() as f64;
            let explained = variance_explained(&problem.targets().transpose(), &predicted.transpose());
            history.push(Pass { learning: true, chi2, variance_explained: explained, held_out: None });
            if watch(&history[iteration]) == ControlFlow::Break(()) {
                return Err(Error::Cancelled);
            }
            if settled || iteration == self.iterations {
                break;
            }
            let error = problem.error(&predicted, self.loss, self.threshold);
            let next = match &mut admm {
                None => problem.step(&theta, &error),
                Some(admm) => admm.step(problem, &theta, &error),
            };
            settled = (&next - &theta).norm() / (theta.ncols() as f64).sqrt() < self.tolerance;
            theta = next;
        }
        Ok((admm.map_or(theta, Admm::finish), history))
    }
}

impl Fit for Cornn {
    fn fit_watched(&self, recording: &Recording, _seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let allowed = self.allowed(recording)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / scale[i]);
        let mut tau = expand_tau(&self.tau, &recording.regions)?;
        if self.fit_tau {
            tau = self.fitted_tau(&Recording { rates: rates.clone(), ..recording.clone() }, &tau)?;
        }
        let targets = self.targets(&rates, recording.clock.dt(), &tau)?;
        let chosen: Vec<usize> = has_successor(recording).iter().enumerate().filter_map(|(k, &follows)| follows.then_some(k)).collect();
        let samples = |matrix: &DMatrix<f64>| by_neuron(matrix, &chosen);
        let inputs = recording.inputs.clone().filter(|_| self.inputs == KnownInputs::Subtract);
        let (data, known) = ([samples(&rates), samples(&targets)], inputs.as_ref().map(samples));
        let penalty = self.chosen(&data, known.as_ref())?;
        let [x, d] = data;
        let (theta, history) = self.solve(&Problem::new(x, d, known, penalty)?, allowed, watch)?;
        Ok(Fitted {
            network: Network::new(recording.regions.clone(), Connectivity::dense(theta.transpose())?, Tanh, &tau)?,
            sample_columns: (0..recording.samples()).collect(),
            model: Recording { rates, inputs: inputs.clone(), ..recording.clone() },
            inputs,
            history,
            initial: None,
            scale,
            steps_per_sample: 1,
            posterior: None,
            latent_inputs: Vec::new(),
        })
    }

    fn passes(&self) -> usize {
        self.iterations + 1
    }
}

#[cfg(test)]
pub(in crate::fit) mod tests;
