//! Ridge: teacher-forced least squares in current space.

pub(in crate::fit) mod path;
pub(in crate::fit) mod paths;

use self::path::Regression;
use self::paths::Paths;
use super::targets::{decay_per_sample, drives, has_successor, states};
use super::{Fit, Fitted, Normalisation, Pass, Watch, check_recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::metric::variance_explained;
use crate::network::{Network, expand_tau};
use crate::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Least squares of the drive that the recorded states demand on the recorded rates.
///
/// With h = phi^-1(r) and d the decay over one sample, y_k = (h_{k+1} - d h_k) / (1 - d) - u_k and
/// J = argmin |Y - J R|² + lambda s_1² |J|², where s_1 is the largest singular value of R (neurons × samples). One singular value
/// decomposition of R serves the whole path of lambda: the normal equations would square its condition number and lose the weakly visited
/// directions. Lambda is the one with the smallest error on held-out blocks of time.
///
/// An anatomy of the recording enters as a prior: |J|² becomes the sum of J_ik² / a_ik, and weights with a_ik = 0 are zero. Neurons with equal
/// rows of the anatomy share a decomposition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ridge {
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Penalties to choose from, relative to the largest squared singular value; default 1e-30, 1e-29, … 1.
    pub penalties: Vec<f64>,
    /// Blocks of time, each held out once, to choose the penalty by; at least 2, default 5.
    pub blocks: usize,
    /// What happens with the external input of the recording; default subtract.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Rates are clipped this share of the range of phi away from its limits; in [0, 0.5), default 0: clipping destroys exact data.
    pub clip: f64,
    /// Euler steps per sample that generated the data (1, the default, for data at the integration step).
    pub steps_per_sample: usize,
}

/// What a fit does with the external input u(t) of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownInputs {
    /// u is known in full and is subtracted. The default; without recorded inputs nothing is.
    #[default]
    Subtract,
    /// The time courses are known, the gain of each neuron to its own is fitted along with J.
    Regress,
    /// The input is not looked at, as if it had not been recorded.
    Ignore,
}

impl Default for Ridge {
    fn default() -> Self {
        Ridge {
            tau: vec![0.1],
            nonlinearity: AnyNonlinearity::default(),
            penalties: (0..=30).map(|k| 10_f64.powi(k - 30)).collect(),
            blocks: 5,
            inputs: KnownInputs::Subtract,
            normalisation: Normalisation::None,
            clip: 0.0,
            steps_per_sample: 1,
        }
    }
}

impl Ridge {
    fn check(&self) -> Result<()> {
        in_range("clip", self.clip, 0.0..0.5, "in [0, 0.5)")?;
        if self.blocks < 2 {
            return Err(Error::parameter("blocks", self.blocks, "at least 2"));
        }
        if self.steps_per_sample == 0 {
            return Err(Error::parameter("steps per sample", 0, "at least 1"));
        }
        if self.penalties.is_empty() {
            return Err(Error::parameter("penalties", "none", "at least one"));
        }
        self.nonlinearity.check()?;
        self.penalties.iter().try_for_each(|&p| in_range("penalty", p, 0.0.., "at least 0").map(|_| ()))
    }

    /// The penalty with the smallest squared error over all held-out blocks.
    fn choose(&self, regression: &Regression, anatomy: Option<&DMatrix<f64>>) -> Result<f64> {
        let samples = regression.rates.ncols();
        if self.penalties.len() == 1 {
            return Ok(self.penalties[0]);
        }
        if samples < 2 * self.blocks {
            let remedy = format!("{} blocks need at least {}", self.blocks, 2 * self.blocks);
            return Err(Error::data("the recording", format!("{samples} usable samples"), remedy));
        }
        let mut errors: DVector<f64> = DVector::zeros(self.penalties.len());
        for block in 0..self.blocks {
            let held = block * samples / self.blocks..(block + 1) * samples / self.blocks;
            let path = Paths::new(&regression.samples(|k| !held.contains(&k)), anatomy)?;
            let test = regression.samples(|k| held.contains(&k));
            for (error, &penalty) in errors.iter_mut().zip(&self.penalties) {
                *error += test.error(&path.solve(penalty));
            }
        }
        Ok(self.penalties[errors.imin()])
    }

    /// J, and the external input as the fit sees it.
    fn solve(&self, regression: Regression, recording: &Recording) -> Result<(DMatrix<f64>, Option<DMatrix<f64>>)> {
        let anatomy = recording.anatomy.as_ref();
        let solution = Paths::new(&regression, anatomy)?.solve(self.choose(&regression, anatomy)?);
        let inputs = self.known(recording).map(|u| match self.inputs {
            KnownInputs::Regress => DMatrix::from_fn(u.nrows(), u.ncols(), |i, k| solution.gains[i] * u[(i, k)]),
            _ => u.clone(),
        });
        Ok((solution.connectivity, inputs))
    }

    fn known<'a>(&self, recording: &'a Recording) -> Option<&'a DMatrix<f64>> {
        recording.inputs.as_ref().filter(|_| self.inputs != KnownInputs::Ignore)
    }
}

impl Fit for Ridge {
    fn fit_watched(&self, recording: &Recording, _seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        self.check()?;
        check_recording(recording)?;
        let scale = self.normalisation.scale(recording, f64::abs);
        let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / scale[i]);
        let tau = expand_tau(&self.tau, &recording.regions)?;
        let decay = decay_per_sample(recording.clock.dt(), &tau, self.steps_per_sample);
        let states = states(&*self.nonlinearity, &rates, self.clip)?;
        let follows = has_successor(recording);
        let mut all = Regression { rates: rates.clone(), targets: drives(&states, &decay), regressors: None };
        match (self.known(recording), self.inputs) {
            (Some(u), KnownInputs::Subtract) => all.targets -= u,
            (Some(u), KnownInputs::Regress) => all.regressors = Some(u.clone()),
            _ => {}
        }
        let (connectivity, inputs) = self.solve(all.samples(|k| follows[k]), recording)?;
        let network =
            Network::from_parts(recording.regions.clone(), Connectivity::dense(connectivity)?, Arc::new(self.nonlinearity.clone()), &tau)?;
        let model = Recording { rates, inputs, ..recording.clone() };
        let ahead = one_step(&network, &model, self.steps_per_sample)?;
        let chi2 = (&ahead.recorded - &ahead.rates).norm_squared() / recording.neurons() as f64;
        let variance_explained = variance_explained(&ahead.recorded, &ahead.rates);
        let pass = Pass { learning: true, chi2, variance_explained, held_out: None };
        if watch(&pass) == ControlFlow::Break(()) {
            return Err(Error::Cancelled);
        }
        Ok(Fitted {
            network,
            sample_columns: (0..model.samples()).collect(),
            inputs: model.inputs.clone(),
            model,
            history: vec![pass],
            initial: None,
            scale,
            steps_per_sample: self.steps_per_sample,
            posterior: None,
            latent_inputs: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ensemble::{Between, Ensemble, MultiRegion};
    use crate::input::{Drive, Sine, Target};
    use crate::metric::correlation;
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::simulation::Simulation;

    /// A chaotic three-region network, driven by sines of known course where `driven`.
    fn simulated(driven: bool, trials: usize) -> (Network, Recording) {
        let regions = Regions::new([("A", 15), ("B", 15), ("C", 15)]).unwrap();
        let law = MultiRegion { within: vec![1.6], between: Between::Dense { gain: 0.5 } };
        let network = Network::new(regions.clone(), law.sample(&regions, Seed(3)).unwrap(), Tanh, &[0.1]).unwrap();
        let target = Target { region: Some("B".into()), fraction: 0.5, amplitude: 0.7 };
        let inputs = if driven { vec![Drive::region(Sine::default(), target, &regions, Seed(4)).unwrap()] } else { vec![] };
        let clock = Clock::new(0.01, 12.0 / trials as f64).unwrap();
        (network.clone(), Simulation { clock, inputs, trials, ..Default::default() }.run(&network).unwrap())
    }

    fn recovery(ridge: &Ridge, driven: bool, trials: usize) -> f64 {
        let (network, recording) = simulated(driven, trials);
        let fitted = ridge.fit(&recording, Seed(0)).unwrap();
        correlation(&network.connectivity.to_dense(), &fitted.network.connectivity.to_dense())
    }

    #[test]
    fn exact_data_give_the_exact_connectivity() {
        assert!(recovery(&Ridge::default(), false, 1) > 0.9999);
        assert!(recovery(&Ridge::default(), false, 4) > 0.9999, "trial boundaries must not enter");
    }

    #[test]
    fn known_inputs_may_be_subtracted_or_their_gains_fitted() {
        assert!(recovery(&Ridge::default(), true, 1) > 0.9999);
        assert!(recovery(&Ridge { inputs: KnownInputs::Regress, ..Default::default() }, true, 1) > 0.999);
        assert!(recovery(&Ridge { inputs: KnownInputs::Ignore, ..Default::default() }, true, 1) < 0.99);
    }

    #[test]
    fn an_anatomy_makes_short_data_enough() {
        let (network, recording) = simulated(true, 1);
        let j = network.connectivity.to_dense().map(|w| if w.abs() > 0.25 { 1.3 * w } else { 0.0 });
        let known = j.map(|w| if w != 0.0 { 1.0 } else { 0.0 });
        let sparse = Network { connectivity: Connectivity::dense(j.clone()).unwrap(), ..network };
        let clock = Clock::new(0.01, 0.35).unwrap();
        let short = Simulation { clock, transient: 1.0, ..Default::default() }.run(&sparse).unwrap();
        let told = Recording { anatomy: Some(known.clone()), ..short.clone() };
        let recovery = |recording: &Recording, inputs| {
            let fitted = Ridge { inputs, ..Default::default() }.fit(recording, Seed(0)).unwrap();
            correlation(&j, &fitted.network.connectivity.to_dense())
        };
        let (plain, helped) = (recovery(&short, KnownInputs::Subtract), recovery(&told, KnownInputs::Subtract));
        assert!(helped > 0.99 && plain < 0.8, "{helped} {plain}");
        let everywhere = Recording { anatomy: Some(DMatrix::from_element(45, 45, 1.0)), ..recording.clone() };
        for inputs in [KnownInputs::Subtract, KnownInputs::Regress] {
            let fit = |recording: &Recording| Ridge { inputs, ..Default::default() }.fit(recording, Seed(0)).unwrap().network.connectivity;
            assert!((fit(&everywhere).to_dense() - fit(&recording).to_dense()).amax() < 1e-3, "{inputs:?}");
        }
    }

    #[test]
    fn clipping_destroys_exact_data() {
        assert!(recovery(&Ridge { clip: 0.05, ..Default::default() }, false, 1) < 0.9);
    }

    #[test]
    fn settings_and_data_out_of_range_are_named() {
        let (_, recording) = simulated(false, 1);
        let bad = |ridge: Ridge| ridge.fit(&recording, Seed(0)).unwrap_err().to_string();
        assert!(bad(Ridge { tau: vec![-0.1], ..Default::default() }).contains("tau"));
        assert!(bad(Ridge { blocks: 1, ..Default::default() }).contains("blocks"));
        assert!(bad(Ridge { penalties: vec![], ..Default::default() }).contains("penalties"));
        let mut flat = recording.clone();
        flat.rates.row_mut(7).fill(0.25);
        let message = Ridge::default().fit(&flat, Seed(0)).unwrap_err().to_string();
        assert!(message.contains("never change: 7"), "{message}");
        assert!(Ridge::default().fit(&recording.window(0..5).unwrap(), Seed(0)).unwrap_err().to_string().contains("samples"));
    }
}
