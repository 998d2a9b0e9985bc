//! Recording: rates of neurons over time, with everything that the next step needs.

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::ops::Range;

/// Activity of N neurons at T samples.
///
/// Sample k is at time `clock.time(k)`. Trials stand one after the other; `trial_starts` holds the first sample of each, and
/// nothing is assumed to be continuous across a start.
///
/// ```
/// use crosscurrent::{Clock, Recording, Regions};
/// use nalgebra::DMatrix;
/// let rates = DMatrix::from_fn(3, 50, |i, k| (i as f64 + 0.1 * k as f64).sin());
/// let recording = Recording::new(rates, 0.01, Regions::new([("A", 2), ("B", 1)])?)?;
/// assert_eq!(recording.samples(), 50);
/// assert_eq!(recording.window(10..30)?.samples(), 20);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Rates, neurons × time.
    pub rates: DMatrix<f64>,
    /// Sampling clock: one point per column.
    pub clock: Clock,
    /// Named parts of the rows.
    pub regions: Regions,
    /// First sample of every trial, increasing, the first is 0.
    pub trial_starts: Vec<usize>,
    /// External input u(t) to every neuron, neurons × time, where it is known.
    pub inputs: Option<DMatrix<f64>>,
    /// What is known of the wiring, neurons × neurons (row = target): the prior variance of each weight relative to an ordinary one. 0 says
    /// that there is no synapse, 1 that nothing special is known. A fit that cannot use it refuses the recording.
    pub anatomy: Option<DMatrix<f64>>,
}

impl Recording {
    /// One trial of `rates` (neurons × time) sampled every `dt` seconds, with no known input.
    ///
    /// # Errors
    /// Regions that do not cover the rows, no samples, values that are not finite (the first one is named).
    pub fn new(rates: DMatrix<f64>, dt: f64, regions: Regions) -> Result<Self> {
        let clock = Clock::with_steps(dt, rates.ncols())?;
        let recording = Recording { rates, clock, regions, trial_starts: vec![0], inputs: None, anatomy: None };
        recording.check()?;
        Ok(recording)
    }

    /// Checks that shapes agree and that every value is finite.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Data`] with the place.
    pub fn check(&self) -> Result<()> {
        let (neurons, samples) = self.rates.shape();
        if neurons != self.regions.neurons() {
            return Err(Error::shape("regions of a recording", format!("{neurons} neurons, as the rates"), self.regions.neurons()));
        }
        if samples != self.clock.steps() {
            return Err(Error::shape("clock of a recording", format!("{samples} samples, as the rates"), self.clock.steps()));
        }
        if self.trial_starts.first() != Some(&0)
            || self.trial_starts.windows(2).any(|w| w[0] >= w[1])
            || self.trial_starts.last() >= Some(&samples)
        {
            return Err(Error::parameter(
                "trial starts",
                format!("{:?}", self.trial_starts),
                format!("increasing sample numbers from 0, below {samples}"),
            ));
        }
        if let Some(inputs) = &self.inputs {
            if inputs.shape() != (neurons, samples) {
                return Err(Error::shape(
                    "inputs of a recording",
                    format!("{neurons} × {samples}"),
                    format!("{} × {}", inputs.nrows(), inputs.ncols()),
                ));
            }
            finite("inputs", inputs)?;
        }
        self.anatomy.iter().try_for_each(|anatomy| check_anatomy(anatomy, neurons))?;
        finite("rates", &self.rates)
    }

    /// Number of neurons N.
    pub fn neurons(&self) -> usize {
        self.rates.nrows()
    }

    /// Number of samples T.
    pub fn samples(&self) -> usize {
        self.rates.ncols()
    }

    /// Samples of every trial.
    pub fn trials(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let ends = self.trial_starts.iter().skip(1).copied().chain([self.samples()]);
        self.trial_starts.iter().copied().zip(ends).map(|(start, end)| start..end)
    }

    /// The samples in `window`, with their part of the trials and of the inputs; time starts at zero again.
    ///
    /// # Errors
    /// An empty window, or one that reaches beyond the recording.
    pub fn window(&self, window: Range<usize>) -> Result<Recording> {
        if window.is_empty() || window.end > self.samples() {
            return Err(Error::parameter("window", format!("{window:?}"), format!("at least one of the {} samples", self.samples())));
        }
        let cut = |matrix: &DMatrix<f64>| matrix.columns(window.start, window.len()).into_owned();
        let starts = self.trial_starts.iter().filter(|start| window.contains(start)).map(|start| start - window.start);
        let mut trial_starts: Vec<usize> = [0].into_iter().chain(starts).collect();
        trial_starts.dedup();
        Ok(Recording {
            rates: cut(&self.rates),
            clock: Clock::with_steps(self.clock.dt(), window.len())?,
            regions: self.regions.clone(),
            trial_starts,
            inputs: self.inputs.as_ref().map(cut),
            anatomy: self.anatomy.clone(),
        })
    }

    /// The recording without its last part: (first `1 - fraction` of the samples, the rest).
    ///
    /// # Errors
    /// A fraction outside (0, 1), or parts of fewer than two samples.
    pub fn hold_out(&self, fraction: f64) -> Result<(Recording, Recording)> {
        let held = (fraction * self.samples() as f64).round() as usize;
        if !(fraction > 0.0 && fraction < 1.0) || held < 2 || held + 2 > self.samples() {
            return Err(Error::parameter(
                "held-out fraction",
                fraction,
                format!("a part of at least 2 of the {} samples, and 2 left", self.samples()),
            ));
        }
        let split = self.samples() - held;
        Ok((self.window(0..split)?, self.window(split..self.samples())?))
    }
}

/// Prior variances are square, finite and not negative.
fn check_anatomy(anatomy: &DMatrix<f64>, neurons: usize) -> Result<()> {
    if anatomy.shape() != (neurons, neurons) {
        let found = format!("{} × {}", anatomy.nrows(), anatomy.ncols());
        return Err(Error::shape("anatomy of a recording", format!("{neurons} × {neurons}, target × source"), found));
    }
    match anatomy.iter().position(|v| !v.is_finite() || *v < 0.0) {
        None => Ok(()),
        Some(bad) => {
            let problem = format!("{} at target {}, source {}", anatomy[bad], bad % neurons, bad / neurons);
            Err(Error::data("anatomy of a recording", problem, "give finite prior variances of at least 0 (0: no synapse, 1: ordinary)"))
        }
    }
}

/// The first value of `matrix` that is not finite, as an error that names its place.
fn finite(what: &str, matrix: &DMatrix<f64>) -> Result<()> {
    match matrix.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(bad) => {
            let (neuron, sample) = (bad % matrix.nrows(), bad / matrix.nrows());
            let count = matrix.iter().filter(|v| !v.is_finite()).count();
            Err(Error::data(
                what,
                format!("{} at neuron {neuron}, sample {sample} ({count} of {} values are not finite)", matrix[bad], matrix.len()),
                "interpolate or drop these neurons or samples",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let rates = DMatrix::from_fn(3, 20, |i, k| (i * 20 + k) as f64);
        let mut recording = Recording::new(rates, 0.1, Regions::single("all", 3).unwrap()).unwrap();
        recording.trial_starts = vec![0, 8, 15];
        recording.inputs = Some(DMatrix::from_element(3, 20, 0.5));
        recording.anatomy = Some(DMatrix::from_fn(3, 3, |i, k| (i + 2 * k) as f64));
        recording
    }

    #[test]
    fn a_window_keeps_the_trials_that_begin_in_it() {
        let part = recording().window(6..17).unwrap();
        assert_eq!(part.trial_starts, vec![0, 2, 9]);
        assert_eq!(part.rates[(1, 0)], 26.0);
        assert_eq!(part.inputs.as_ref().unwrap().ncols(), 11);
        assert_eq!(part.anatomy, recording().anatomy);
        part.check().unwrap();
        assert_eq!(part.trials().collect::<Vec<_>>(), vec![0..2, 2..9, 9..11]);
    }

    #[test]
    fn held_out_samples_are_the_last_ones() {
        let (train, test) = recording().hold_out(0.2).unwrap();
        assert_eq!((train.samples(), test.samples()), (16, 4));
        assert_eq!(test.rates[(0, 0)], 16.0);
        assert!(recording().hold_out(0.99).is_err());
    }

    #[test]
    fn bad_recordings_are_named() {
        let mut nan = recording();
        nan.rates[(2, 7)] = f64::NAN;
        let message = nan.check().unwrap_err().to_string();
        assert!(message.contains("neuron 2") && message.contains("sample 7"), "{message}");
        let mut starts = recording();
        starts.trial_starts = vec![0, 20];
        assert!(starts.check().is_err());
        let mut wiring = recording();
        wiring.anatomy = Some(DMatrix::zeros(3, 2));
        assert!(wiring.check().unwrap_err().to_string().contains("3 × 3, target × source"));
        for bad in [-1.0, f64::NAN] {
            let mut anatomy = DMatrix::zeros(3, 3);
            anatomy[(2, 1)] = bad;
            wiring.anatomy = Some(anatomy);
            assert!(wiring.check().unwrap_err().to_string().contains("target 2, source 1"));
        }
        assert!(Recording::new(DMatrix::zeros(3, 4), 0.1, Regions::single("all", 2).unwrap()).is_err());
    }
}
