//! Backprop: gradient descent through time, the reference of what general training finds.

use super::targets::states;
use super::{Fit, Fitted, KnownInputs, Normalisation, Pass, Pinning, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range, positive};
use crate::linalg::product;
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Minimises the squared error of the rates of runs that start from recorded states, by Adam on the exact gradient through time.
///
/// The recording is cut into windows that never cross a trial; all windows run together, one Euler step per sample:
/// h' = (1 - f) h + f phi^-1(recorded rate), h_next = (1 - dt / tau) h' + (dt / tau) (J phi(h') + u), with f the share of teacher forcing
/// (generalised teacher forcing: Hess et al. 2023; Adam: Kingma & Ba 2015). f = 1 is one-step prediction, f = 0 a free run over the window.
/// The error is the mean over neurons and samples of (phi(h) - r)². An anatomy takes weights away and scales the steps of the others.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::Gaussian, fit::Backprop, nonlinearity::Tanh};
/// let regions = Regions::single("all", 15)?;
/// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 2.0)?, transient: 0.0, ..Default::default() }.run(&network)?;
/// let fitted = Backprop { epochs: 50, ..Default::default() }.fit(&recording, Seed(0))?;
/// assert!(fitted.history[49].chi2 < fitted.history[0].chi2);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "BPTT")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backprop {
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Gain of the random initial J; at least 0, default 1.
    pub gain: f64,
    /// Share of the recorded state that is mixed into the model's at every sample; in [0, 1], default 0.1.
    pub forcing: f64,
    /// Samples of a window; at least 2, default 50.
    pub window: usize,
    /// Gradient steps, each on all windows; at least 1, default 500.
    pub epochs: usize,
    /// Size of Adam's steps; positive, default 0.01.
    pub learning_rate: f64,
    /// Recorded external inputs: added to the drive (`subtract`, the default) or ignored.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits before they are inverted; in [0, 0.5), default 0.
    pub clip: f64,
}

impl Default for Backprop {
    fn default() -> Self {
        Backprop {
            tau: vec![0.1],
            nonlinearity: AnyNonlinearity::default(),
            gain: 1.0,
            forcing: 0.1,
            window: 50,
            epochs: 500,
            learning_rate: 0.01,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
        }
    }
}

/// What all windows share; every matrix is neurons × windows, one per sample of a window.
struct Windows {
    states: Vec<DMatrix<f64>>,
    rates: Vec<DMatrix<f64>>,
    inputs: Option<Vec<DMatrix<f64>>>,
    pull: Vec<f64>,
}

/// A run of all windows, one matrix (neurons × windows) for each step.
#[derive(Default)]
struct Run {
    /// States with the recorded ones mixed in, and their rates.
    mixed: Vec<DMatrix<f64>>,
    rates: Vec<DMatrix<f64>>,
    /// States that those lead to, and their rates.
    reached: Vec<DMatrix<f64>>,
    predicted: Vec<DMatrix<f64>>,
}

impl Windows {
    /// Every row times dt / tau.
    fn pulled(&self, mut matrix: DMatrix<f64>) -> DMatrix<f64> {
        matrix.row_iter_mut().zip(&self.pull).for_each(|(mut row, &pull)| row *= pull);
        matrix
    }

    /// Every row times 1 - dt / tau.
    fn kept(&self, mut matrix: DMatrix<f64>) -> DMatrix<f64> {
        matrix.row_iter_mut().zip(&self.pull).for_each(|(mut row, &pull)| row *= 1.0 - pull);
        matrix
    }
}

/// Adam's running means of the gradient and of its square.
struct Adam {
    rate: f64,
    mean: DMatrix<f64>,
    square: DMatrix<f64>,
    steps: i32,
}

impl Backprop {
    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        in_range("forcing", self.forcing, 0.0..=1.0, "in [0, 1]")?;
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        positive("learning rate", self.learning_rate)?;
        if self.window < 2 {
            return Err(Error::parameter("window", self.window, "at least 2"));
        }
        if self.epochs == 0 {
            return Err(Error::parameter("epochs", 0, "at least 1"));
        }
        if self.inputs == KnownInputs::Regress {
            return Err(Error::parameter("inputs", "regress", "subtract or ignore: this method does not fit gains of inputs"));
        }
        self.nonlinearity.check()
    }

    /// Cuts every trial into as many whole windows as it has, the last one ending with it.
    fn windows(&self, model: &Recording, tau: &[f64]) -> Result<Windows> {
        let shortest = model.trials().map(|trial| trial.len()).min().unwrap_or(0);
        let length = self.window.min(shortest);
        if length < 2 {
            return Err(Error::data("the recording", format!("a trial of {shortest} samples"), "give trials of at least 2"));
        }
        let mut starts: Vec<usize> = Vec::new();
        for trial in model.trials() {
            // A window predicts its samples but the first, so neighbours share one.
            starts.extend((trial.start..=trial.end - length).step_by(length - 1));
            if starts.last() != Some(&(trial.end - length)) {
                starts.push(trial.end - length);
            }
        }
        let cut = |matrix: &DMatrix<f64>| -> Vec<DMatrix<f64>> {
            (0..length).map(|k| matrix.select_columns(&starts.iter().map(|start| start + k).collect::<Vec<_>>())).collect()
        };
        Ok(Windows {
            states: cut(&states(&*self.nonlinearity, &model.rates, self.clip)?),
            rates: cut(&model.rates),
            inputs: model.inputs.as_ref().map(cut),
            pull: tau.iter().map(|tau| model.clock.dt() / tau).collect(),
        })
    }

    fn apply(&self, states: &DMatrix<f64>, what: impl Fn(&dyn Nonlinearity, &[f64], &mut [f64])) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(states.nrows(), states.ncols());
        what(&*self.nonlinearity, states.as_slice(), out.as_mut_slice());
        out
    }

    /// Runs all windows.
    fn forward(&self, j: &DMatrix<f64>, windows: &Windows) -> Run {
        let mut run = Run::default();
        let mut state = windows.states[0].clone();
        for k in 0..windows.rates.len() - 1 {
            let from = &state * (1.0 - self.forcing) + &windows.states[k] * self.forcing;
            let rate = self.apply(&from, |phi, x, r| phi.rates(x, r));
            let mut drive = product(j, &rate);
            if let Some(inputs) = &windows.inputs {
                drive += &inputs[k];
            }
            state = windows.kept(from.clone()) + windows.pulled(drive);
            run.mixed.push(from);
            run.rates.push(rate);
            run.predicted.push(self.apply(&state, |phi, x, r| phi.rates(x, r)));
            run.reached.push(state.clone());
        }
        run
    }

    /// (sum of squared errors, predicted rates, gradient of half that sum over the number of values).
    fn gradient(&self, j: &DMatrix<f64>, windows: &Windows) -> (f64, Vec<DMatrix<f64>>, DMatrix<f64>) {
        let run = self.forward(j, windows);
        let errors: Vec<_> = run.predicted.iter().zip(&windows.rates[1..]).map(|(found, wanted)| found - wanted).collect();
        let total: f64 = errors.iter().map(|error| error.norm_squared()).sum();
        let count = (errors.len() * errors[0].len()) as f64;
        let (mut gradient, transposed) = (DMatrix::zeros(j.nrows(), j.ncols()), j.transpose());
        // The derivative with respect to each reached state, and the part of it that later errors give.
        let mut later: DMatrix<f64> = DMatrix::zeros(errors[0].nrows(), errors[0].ncols());
        for (k, error) in errors.iter().enumerate().rev() {
            let slopes = self.apply(&run.reached[k], |phi, x, s| phi.slopes(x, s));
            let here = error.component_mul(&slopes) / count + later;
            let pulled = windows.pulled(here.clone());
            gradient += product(&pulled, &run.rates[k].transpose());
            let slopes = self.apply(&run.mixed[k], |phi, x, s| phi.slopes(x, s));
            later = (windows.kept(here) + product(&transposed, &pulled).component_mul(&slopes)) * (1.0 - self.forcing);
        }
        (total, run.predicted, gradient)
    }

    fn train(&self, mut j: DMatrix<f64>, windows: &Windows, anatomy: Option<&DMatrix<f64>>, watch: &mut Watch) -> Result<Descent> {
        let mut adam = Adam { rate: self.learning_rate, mean: &j * 0.0, square: &j * 0.0, steps: 0 };
        let mut history = Vec::new();
        for epoch in 0..self.epochs {
            let (total, predicted, mut gradient) = self.gradient(&j, windows);
            if !total.is_finite() {
                let problem = format!("{total} at epoch {epoch}");
                return Err(Error::data("the error of the fit", problem, "take a smaller learning rate, or more teacher forcing"));
            }
            let flat = |parts: &[DMatrix<f64>]| {
                let values: Vec<f64> = parts.iter().flat_map(|part| part.iter().copied()).collect();
                DMatrix::from_vec(j.nrows(), values.len() / j.nrows(), values)
            };
            let explained = variance_explained(&flat(&windows.rates[1..]), &flat(&predicted));
            history.push(Pass { learning: true, chi2: total / j.nrows() as f64, variance_explained: explained, held_out: None });
            if watch(&history[epoch]) == ControlFlow::Break(()) {
                return Err(Error::Cancelled);
            }
            if let Some(anatomy) = anatomy {
                gradient.component_mul_assign(&anatomy.map(f64::sqrt));
            }
            let mut step = adam.step(&gradient);
            if let Some(anatomy) = anatomy {
                step.component_mul_assign(&anatomy.map(f64::sqrt));
            }
            j -= step;
        }
        Ok((j, history))
    }
}

/// J, and one entry per epoch.
type Descent = (DMatrix<f64>, Vec<Pass>);

impl Adam {
    /// The step against `gradient`, with the published constants.
    fn step(&mut self, gradient: &DMatrix<f64>) -> DMatrix<f64> {
        const MEAN: f64 = 0.9;
        const SQUARE: f64 = 0.999;
        self.steps += 1;
        self.mean.zip_apply(gradient, |mean, g| *mean = MEAN * *mean + (1.0 - MEAN) * g);
        self.square.zip_apply(gradient, |square, g| *square = SQUARE * *square + (1.0 - SQUARE) * g * g);
        let (mean, square) = (1.0 - MEAN.powi(self.steps), 1.0 - SQUARE.powi(self.steps));
        self.mean.zip_map(&self.square, |m, s| self.rate * (m / mean) / ((s / square).sqrt() + 1e-8))
    }
}

impl Fit for Backprop {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let mut model = recording.clone();
        model.rates.row_iter_mut().zip(&scale).for_each(|(mut row, scale)| row /= *scale);
        model.inputs = model.inputs.filter(|_| self.inputs == KnownInputs::Subtract);
        let windows = self.windows(&model, &tau)?;
        let start = Pinning { gain: self.gain, ..Default::default() }.initial(recording, seed.child("initial connectivity"))?;
        let (j, history) = self.train(start.clone(), &windows, recording.anatomy.as_ref(), watch)?;
        let nonlinearity = Arc::new(self.nonlinearity.clone());
        Ok(Fitted {
            network: Network::from_parts(recording.regions.clone(), Connectivity::dense(j)?, nonlinearity, &tau)?,
            sample_columns: (0..model.samples()).collect(),
            inputs: model.inputs.clone(),
            posterior: None,
            latent_inputs: Vec::new(),
            model,
            history,
            initial: Some(Connectivity::dense(start)?),
            scale,
            steps_per_sample: 1,
        })
    }

    fn passes(&self) -> usize {
        self.epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::metric::correlation;
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::simulation::Simulation;

    fn simulated() -> (DMatrix<f64>, Recording) {
        let regions = Regions::single("all", 12).unwrap();
        let j = Gaussian { gain: 2.2, autapses: true }.sample(&regions, Seed(2)).unwrap();
        let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
        let recording = Simulation { clock: Clock::new(0.01, 2.0).unwrap(), trials: 3, transient: 0.0, ..Default::default() }.run(&network);
        (network.connectivity.to_dense(), recording.unwrap())
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let (_, recording) = simulated();
        let j = DMatrix::from_fn(12, 12, |i, k| 0.3 * ((i * 5 + k * 3) as f64).sin());
        for forcing in [0.0, 0.3, 1.0] {
            let fit = Backprop { forcing, window: 20, ..Default::default() };
            let windows = fit.windows(&recording, &[0.1; 12]).unwrap();
            let (_, predicted, gradient) = fit.gradient(&j, &windows);
            let count = (predicted.len() * predicted[0].len()) as f64;
            for at in [(0, 0), (3, 7), (11, 2)] {
                let cost = |step: f64| {
                    let mut other = j.clone();
                    other[at] += step;
                    fit.gradient(&other, &windows).0 / (2.0 * count)
                };
                let slope = (cost(1e-5) - cost(-1e-5)) / 2e-5;
                assert!((slope - gradient[at]).abs() < 1e-7 * gradient.amax().max(1e-3), "{forcing}: {slope} {}", gradient[at]);
            }
        }
    }

    #[test]
    fn exact_data_are_followed_and_reveal_the_connectivity() {
        let (truth, recording) = simulated();
        let fitted = Backprop { epochs: 1500, ..Default::default() }.fit(&recording, Seed(1)).unwrap();
        let (first, last) = (fitted.history[0], fitted.history[1499]);
        assert!(last.variance_explained > 0.999 && last.chi2 < 1e-2 * first.chi2, "{last:?}");
        let found = correlation(&truth, &fitted.network.connectivity.to_dense());
        // Teacher-forced training of the published baseline reaches .62 to .78 (Dinc et al. 2023).
        assert!(found > 0.62, "{found}");
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let (_, recording) = simulated();
        let bad = |fit: Backprop| fit.fit(&recording, Seed(0)).unwrap_err().to_string();
        assert!(bad(Backprop { forcing: 1.5, ..Default::default() }).contains("forcing"));
        assert!(bad(Backprop { window: 1, ..Default::default() }).contains("window"));
        assert!(bad(Backprop { epochs: 0, ..Default::default() }).contains("epochs"));
        assert!(bad(Backprop { inputs: KnownInputs::Regress, ..Default::default() }).contains("regress"));
    }
}
