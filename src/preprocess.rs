//! Preprocess: from measured activity to rates that a nonlinearity can reach.

use crate::error::{Error, Result, in_range, positive};
use crate::recording::Recording;
use nalgebra::{DMatrix, RowDVector};
use serde::{Deserialize, Serialize};

/// A Gaussian is cut off this many standard deviations from its centre.
const KERNEL_REACH: f64 = 4.0;

/// A neuron whose standard deviation is below this share of its largest measured modulus varies by rounding only.
const ROUNDING: f64 = 1e-12;

/// What is done to every neuron before a fit, in the order of the fields.
///
/// The default is for a real recording fitted with tanh: z-score every neuron, then divide all of them by one number so that the largest
/// modulus is 0.999. That is where the fits clip by default, so no sample is clipped, every sample has a phi^-1, and the amplitudes of
/// neurons stay comparable. Means, deviations, trend and divisor are those of the whole recording. Known inputs are left as they are.
///
/// ```
/// use crosscurrent::{Preprocess, Recording, Regions};
/// use nalgebra::dmatrix;
/// let recording = Recording::new(dmatrix![1.0, 3.0, 2.0; 500.0, 700.0, 600.0], 0.1, Regions::single("all", 2)?)?;
/// let rates = Preprocess::default().apply(&recording)?.rates;
/// assert!((&rates - dmatrix![-0.999, 0.999, 0.0; -0.999, 0.999, 0.0]).amax() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preprocess {
    /// Subtract each neuron's least-squares line over the sample number; default off.
    pub detrend: bool,
    /// Standard deviation of a Gaussian along time, in samples, that stays within a trial; positive, default none.
    pub smooth: Option<f64>,
    /// Subtract each neuron's mean and divide by its (population) standard deviation; default on.
    pub z_score: bool,
    /// Largest modulus of the result, reached by one common divisor; in (0, 1), default 0.999, none leaves the size alone.
    pub peak: Option<f64>,
}

impl Default for Preprocess {
    fn default() -> Self {
        Preprocess { z_score: true, peak: Some(0.999), ..Preprocess::none() }
    }
}

impl Preprocess {
    /// Leaves a recording as it is.
    pub fn none() -> Self {
        Preprocess { detrend: false, smooth: None, z_score: false, peak: None }
    }

    /// The recording after all steps.
    ///
    /// # Errors
    /// A setting out of range; [`Error::Data`] for neurons without variance when a z-score is asked for, and for activity that is zero.
    pub fn apply(&self, recording: &Recording) -> Result<Recording> {
        self.check()?;
        recording.check()?;
        let mut result = recording.clone();
        if self.detrend {
            detrend(&mut result.rates);
        }
        if let Some(sigma) = self.smooth {
            smooth(&mut result, sigma);
        }
        if self.z_score {
            z_score(&mut result.rates, &recording.rates)?;
        }
        if let Some(peak) = self.peak {
            let largest = result.rates.amax();
            if largest == 0.0 {
                return Err(Error::data("the recording", "all activity is zero", "give one that varies"));
            }
            result.rates.apply(|r| *r = *r / largest * peak);
        }
        Ok(result)
    }

    fn check(&self) -> Result<()> {
        if let Some(sigma) = self.smooth {
            positive("smooth", sigma)?;
        }
        if let Some(peak) = self.peak {
            in_range("peak", peak, f64::MIN_POSITIVE..1.0, "greater than 0 and below 1")?;
        }
        Ok(())
    }
}

/// Subtracts from every row its least-squares line.
fn detrend(rates: &mut DMatrix<f64>) {
    let samples = rates.ncols();
    let centre = (samples as f64 - 1.0) / 2.0;
    let time = RowDVector::from_fn(samples, |_, k| k as f64 - centre);
    // One sample has a mean but no slope.
    let spread = time.norm_squared().max(f64::MIN_POSITIVE);
    for mut row in rates.row_iter_mut() {
        let (mean, slope) = (row.mean(), row.dot(&time) / spread);
        row.iter_mut().zip(time.iter()).for_each(|(r, t)| *r -= mean + slope * t);
    }
}

/// Convolves every trial with a Gaussian; beyond its ends a trial goes on mirrored (a b c | c b a), which keeps its mean.
fn smooth(recording: &mut Recording, sigma: f64) {
    let reach = (KERNEL_REACH * sigma).round() as usize;
    let weights: Vec<f64> = (0..=reach).map(|lag| (-0.5 * (lag as f64 / sigma).powi(2)).exp()).collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let trials: Vec<_> = recording.trials().collect();
    let source = recording.rates.clone();
    for trial in trials {
        let length = trial.len();
        let column = |k: usize, lag: isize| trial.start + mirrored(k as isize + lag, length);
        for k in 0..length {
            let mut sum = source.column(column(k, 0)) * weights[0];
            for (lag, &weight) in weights.iter().enumerate().skip(1) {
                sum.axpy(weight, &source.column(column(k, -(lag as isize))), 1.0);
                sum.axpy(weight, &source.column(column(k, lag as isize)), 1.0);
            }
            recording.rates.set_column(trial.start + k, &(sum / total));
        }
    }
}

/// The sample of 0..length that a mirrored continuation shows at `k`.
fn mirrored(k: isize, length: usize) -> usize {
    let folded = k.rem_euclid(2 * length as isize) as usize;
    if folded < length { folded } else { 2 * length - 1 - folded }
}

/// Mean 0 and standard deviation 1 for every row; `measured` says what counts as rounding.
fn z_score(rates: &mut DMatrix<f64>, measured: &DMatrix<f64>) -> Result<()> {
    for (neuron, mut row) in rates.row_iter_mut().enumerate() {
        let mean = row.mean();
        let deviation = (row.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / row.len() as f64).sqrt();
        if deviation <= ROUNDING * measured.row(neuron).amax() {
            let problem = format!("neuron {neuron} does not vary (standard deviation {deviation:e}), so it has no z-score");
            return Err(Error::data("the recording", problem, "drop it, or do without the z-score"));
        }
        row.apply(|r| *r = (*r - mean) / deviation);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::dmatrix;

    fn recording(rates: DMatrix<f64>) -> Recording {
        let regions = Regions::single("all", rates.nrows()).unwrap();
        Recording::new(rates, 0.1, regions).unwrap()
    }

    #[test]
    fn a_line_detrends_to_zero_and_a_parabola_to_what_a_line_misses() {
        let only = Preprocess { detrend: true, ..Preprocess::none() };
        let done = only.apply(&recording(dmatrix![5.0, 7.0, 9.0, 11.0, 13.0; 4.0, 1.0, 0.0, 1.0, 4.0])).unwrap().rates;
        assert!((done - dmatrix![0.0, 0.0, 0.0, 0.0, 0.0; 2.0, -1.0, -2.0, -1.0, 2.0]).amax() < 1e-12);
    }

    #[test]
    fn smoothing_an_impulse_gives_the_gaussian_kernel() {
        let mut rates = DMatrix::zeros(1, 41);
        rates[(0, 20)] = 1.0;
        let done = Preprocess { smooth: Some(2.0), ..Preprocess::none() }.apply(&recording(rates)).unwrap().rates;
        for lag in 0..=8 {
            let ratio = (-(lag as f64).powi(2) / 8.0).exp();
            assert!((done[(0, 20 + lag)] / done[(0, 20)] - ratio).abs() < 1e-14);
            assert_eq!(done[(0, 20 + lag)], done[(0, 20 - lag)]);
        }
        assert_eq!(done[(0, 29)], 0.0);
        assert!((done.sum() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn smoothing_keeps_the_mean_of_every_trial_and_does_not_mix_trials() {
        let mut two = recording(DMatrix::from_fn(2, 12, |i, k| if k < 5 { 1.0 } else { 10.0 + ((3 * k + i) % 5) as f64 }));
        two.trial_starts = vec![0, 5];
        // Sigma 6 reaches 24 samples: several reflections at trials of 5 and 7.
        let done = Preprocess { smooth: Some(6.0), ..Preprocess::none() }.apply(&two).unwrap().rates;
        assert!((done.columns(0, 5) - two.rates.columns(0, 5)).amax() < 1e-12);
        let (before, after) = (two.rates.columns(5, 7).column_mean(), done.columns(5, 7).column_mean());
        assert!((before - after).amax() < 1e-12);
    }

    #[test]
    fn z_scores_and_the_peak_are_solved_by_hand() {
        let z = Preprocess { peak: None, ..Default::default() };
        let done = z.apply(&recording(dmatrix![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])).unwrap().rates;
        assert!((done - dmatrix![-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0]).amax() < 1e-12);
        let peak = Preprocess { peak: Some(0.5), ..Preprocess::none() };
        let done = peak.apply(&recording(dmatrix![1.0, -4.0; 2.0, 0.0])).unwrap().rates;
        assert_eq!(done, dmatrix![0.125, -0.5; 0.25, 0.0]);
        assert_eq!(Preprocess::none().apply(&recording(dmatrix![1.0, -4.0])).unwrap().rates, dmatrix![1.0, -4.0]);
    }

    #[test]
    fn settings_out_of_range_and_flat_neurons_are_named() {
        let varied = recording(dmatrix![1.0, 2.0, 4.0; 0.1, 0.1, 0.1]);
        let refused = |p: Preprocess| p.apply(&varied).unwrap_err().to_string();
        assert!(refused(Preprocess::default()).contains("neuron 1 does not vary"));
        assert!(refused(Preprocess { smooth: Some(-1.0), ..Preprocess::none() }).contains("smooth = -1"));
        assert!(refused(Preprocess { peak: Some(1.0), ..Preprocess::none() }).contains("peak = 1"));
        // A line is flat once its trend is gone, but for rounding.
        let line = recording(DMatrix::from_fn(1, 9, |_, k| 0.1 + 0.3 * k as f64));
        assert!(Preprocess { detrend: true, ..Default::default() }.apply(&line).unwrap_err().to_string().contains("does not vary"));
        assert!(Preprocess { z_score: false, ..Default::default() }.apply(&recording(DMatrix::zeros(2, 3))).is_err());
    }
}
