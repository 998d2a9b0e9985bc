//! The fit of the command, and its time constant.

use super::at_least_one;
use crate::error::{Error, Result, positive};
use crate::fit::pinning::Mode;
use crate::fit::{AnyFit, Bayes, CommonInputs, Pinning, Ridge};
use crate::precision::Precision;
use crate::recording::Recording;
use clap::ValueEnum;
use serde::Serialize;

/// The fits that the command offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Recursive least squares with target and score aligned
    #[default]
    Corrected,
    /// The published Python program step for step
    CurbdPython,
    /// The published MATLAB program step for step
    CurbdMatlab,
    /// Least squares from sample to sample, penalty chosen on held-out blocks
    Ridge,
    /// Evidence-maximising regression with a posterior: every current with an interval and a verdict
    Bayes,
    /// Bayes with smooth inputs to every region that nobody told of, inferred
    CommonInputs,
}

impl Method {
    /// Whether it follows a published program.
    pub fn is_published(self) -> bool {
        matches!(self, Method::CurbdPython | Method::CurbdMatlab)
    }

    /// Whether the network runs on its own while it learns, from a random J; the others read currents from the recorded rates.
    pub fn has_random_start(self) -> bool {
        self == Method::Corrected || self.is_published()
    }
}

/// A time constant that data sampled every `dt` seconds allow: 0.1 s as published, but never below 5 sample intervals.
///
/// Data slower than tau do not say what tau is. With dt = tau nothing of the state is left after an Euler step (x becomes J r, the leak is
/// gone); with tau much above dt any network predicts the next sample by repeating this one. In between, 5 dt leaves a state that lasts
/// several samples and still has to be driven.
pub fn default_tau(dt: f64) -> f64 {
    0.1_f64.max(5.0 * dt)
}

/// Euler steps per sample that make one step at most a tenth of tau, the ratio of the published simulations.
///
/// Coarser steps do not only lose accuracy: a network learning in closed loop on data like resting fMRI, with steps of 0.4 tau, ends in a
/// saturated oscillation from step to step (variance explained below -50), which steps of a tenth of tau rule out.
pub fn default_steps(dt: f64, tau: f64) -> usize {
    // A ratio such as 0.01 / 0.1 is a rounding error above a tenth.
    ((10.0 * dt / tau) * (1.0 - 1e-9)).ceil().max(1.0) as usize
}

/// What the fit is told.
#[derive(Clone, Debug)]
pub struct Settings {
    pub method: Method,
    pub tau: f64,
    pub passes: usize,
    pub steps_per_sample: usize,
    /// Whether neighbouring samples were made alike before the fit.
    pub smoothed: bool,
    /// Whether the neurons were brought into range with statistics of all samples.
    pub rescaled: bool,
}

impl Settings {
    /// Refuses steps that Euler cannot take, and remarks on those that it takes badly.
    pub fn check(&self, recording: &Recording, notices: &mut Vec<String>) -> Result<()> {
        positive("tau", self.tau)?;
        at_least_one("passes", self.passes)?;
        at_least_one("steps per sample", self.steps_per_sample)?;
        let step = recording.clock.dt() / self.steps_per_sample as f64;
        let enough = |share: f64| (recording.clock.dt() / (share * self.tau)).ceil();
        if step >= 2.0 * self.tau {
            let expected = format!("more than {} s (half an Euler step), or --steps-per-sample {} or more", step / 2.0, enough(0.5));
            return Err(Error::parameter("tau", self.tau, expected));
        }
        if step > 0.5 * self.tau {
            let share = (100.0 * step / self.tau).round();
            let remedy = format!("--steps-per-sample {} or a larger --tau makes it finer", enough(0.5));
            notices.push(format!("an Euler step is {share} % of tau, which is coarse; {remedy}"));
        }
        let train = recording.samples() - (super::HELD_OUT * recording.samples() as f64).round() as usize;
        if train <= recording.neurons() {
            let neurons = recording.neurons();
            notices.push(format!("{train} samples to fit for {neurons} neurons: many J explain them equally well"));
        }
        Ok(())
    }

    /// The fit itself.
    pub fn fit(&self) -> AnyFit {
        let (tau, steps_per_sample, learning_passes) = (vec![self.tau], self.steps_per_sample, self.passes);
        let mode = match self.method {
            Method::Ridge => return Ridge { tau, steps_per_sample, ..Default::default() }.into(),
            Method::Bayes => return Bayes { tau, steps_per_sample, ..Default::default() }.into(),
            Method::CommonInputs => return CommonInputs { tau, steps_per_sample, ..Default::default() }.into(),
            Method::Corrected => Mode::Corrected,
            Method::CurbdPython => Mode::CurbdPython,
            Method::CurbdMatlab => Mode::CurbdMatlab,
        };
        Pinning { mode, tau, steps_per_sample, learning_passes, ..Default::default() }.into()
    }

    /// Storage of the fit.
    pub fn precision(&self) -> Option<Precision> {
        match self.fit() {
            AnyFit::Pinning(fit) => Some(fit.precision),
            _ => Some(Precision::Double),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::DMatrix;

    #[test]
    fn the_default_time_constant_suits_fast_and_slow_data() {
        assert_eq!(default_tau(0.01), 0.1);
        assert_eq!(default_tau(2.0), 10.0);
        assert_eq!(default_steps(0.01, 0.1), 1);
        assert_eq!(default_steps(1.89, default_tau(1.89)), 2);
        assert_eq!(default_steps(1.0, 0.1), 100);
    }

    #[test]
    fn coarse_steps_are_remarked_on_and_unstable_ones_refused() {
        let rates = DMatrix::from_fn(2, 20, |i, k| (i + k) as f64);
        let recording = Recording::new(rates, 1.0, Regions::single("all", 2).unwrap()).unwrap();
        let check = |tau: f64, steps_per_sample: usize| {
            let mut notices = Vec::new();
            let settings = Settings { method: Method::Corrected, tau, passes: 1, steps_per_sample, smoothed: false, rescaled: false };
            settings.check(&recording, &mut notices).map(|()| notices)
        };
        assert!(check(2.5, 1).unwrap().is_empty());
        assert!(check(1.0, 1).unwrap()[0].contains("100 % of tau") && check(1.0, 1).unwrap()[0].contains("--steps-per-sample 2 "));
        assert!(check(1.0, 2).unwrap().is_empty());
        let message = check(0.1, 1).unwrap_err().to_string();
        assert!(message.contains("tau = 0.1") && message.contains("--steps-per-sample 20 or more"), "{message}");
        assert!(check(-1.0, 1).is_err() && check(1.0, 0).is_err());
    }
}
