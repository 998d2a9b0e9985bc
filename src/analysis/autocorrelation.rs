//! Autocorrelation of a recording, free of the bias of its finite length, and the timescales that it shows.

use super::estimate::{Estimate, time_blocks};
use super::lag_curve::LagCurve;
use super::principal_components::centred;
use crate::error::{Error, Result, positive};
use crate::recording::Recording;
use nalgebra::{DMatrix, DVectorView};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How autocorrelations are estimated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Autocorrelation {
    /// Longest lag in s; default a tenth of the longest trial. The correlation should have died away by then.
    pub longest: Option<f64>,
    /// Parts of the time for the standard errors, each longer than the activity stays correlated; default 10.
    pub blocks: usize,
    /// Takes off the bias of the mean (see [`Autocorrelation::of`]); default on.
    pub unbiased: bool,
}

/// The autocorrelation of the neurons of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlogram {
    /// Autocovariance C(lag), mean over neurons, with standard errors; in squares of the rate.
    pub covariance: LagCurve,
    /// C(lag) / C(0), with standard errors.
    pub correlation: LagCurve,
    /// First lag, in s, at which the correlation is below 1/2; NaN where it does not fall that far.
    pub half_width: Estimate,
    /// Integral of the correlation over the lags that were estimated, in s.
    pub integral: Estimate,
}

impl Default for Autocorrelation {
    fn default() -> Self {
        Autocorrelation { longest: None, blocks: 10, unbiased: true }
    }
}

impl Autocorrelation {
    /// The autocorrelation of the rates about the mean of each neuron; neurons weigh as much as their variance.
    ///
    /// Every lag is a mean over the pairs of samples that far apart within a trial, so few pairs do not pull it to zero. The mean over a
    /// finite time follows the activity, which lowers every lag by the variance v of the mean. With weights w_k (the share of all pairs of
    /// samples that are k apart) v = sum_k w_k C(k), so from what is measured, Ĉ = C - v,
    ///
    /// ```text
    /// v = sum_k w_k Ĉ(k) / (1 - sum_k w_k)            |k| up to the longest lag
    /// ```
    ///
    /// is added again (Anderson 1971, section 8.2, turned round). Standard errors leave out one block of time after the other.
    ///
    /// ```
    /// use crosscurrent::{Recording, Regions, analysis::Autocorrelation};
    /// use nalgebra::DMatrix;
    /// let rates = DMatrix::from_fn(3, 4000, |i, k| (0.05 * k as f64 + i as f64).sin());
    /// let recording = Recording::new(rates, 0.01, Regions::single("all", 3)?)?;
    /// let found = Autocorrelation { longest: Some(0.5), ..Default::default() }.of(&recording)?;
    /// // cos(5 lag / s) is 1/2 at a lag of π / 15 s.
    /// assert!((found.half_width.value - std::f64::consts::PI / 15.0).abs() < 0.005);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// A longest lag that is not shorter than the longest trial, fewer than two lags, no blocks, or activity that does not vary.
    pub fn of(&self, recording: &Recording) -> Result<Correlogram> {
        let lags = self.lags(recording)?;
        let blocks = time_blocks(recording, self.blocks)?;
        let data = centred(&recording.rates, &recording.rates.column_mean());
        let energy = data.norm_squared() / data.len() as f64;
        let scale = recording.rates.norm_squared() / data.len() as f64;
        if energy <= 1e-24 * scale {
            return Err(Error::data("activity", "it does not vary", "use activity that varies"));
        }
        let sums: Vec<Sums> = blocks.iter().map(|block| Sums::of(&data, block, trial_end(recording, block), lags)).collect();
        let weights = self.unbiased.then(|| pair_weights(recording, lags));
        let curve = |left_out: Option<usize>| mean_products(&sums, left_out, weights.as_deref());
        let all = curve(None);
        let without: Vec<Vec<f64>> = (0..blocks.len()).map(|block| curve(Some(block))).collect();
        let pick = |left_out: Option<usize>| left_out.map_or(&all, |block| &without[block]);
        let dt = recording.clock.dt();
        let estimates = |read: &dyn Fn(&[f64], usize) -> f64| {
            let each = |lag: usize| Estimate::jackknife(blocks.len(), |left_out| read(pick(left_out), lag));
            let (values, errors) = (0..=lags).map(each).map(|estimate| (estimate.value, estimate.error)).unzip();
            LagCurve { step: dt, values, errors }
        };
        let scalar = |read: &dyn Fn(&LagCurve) -> f64| {
            let read = |values: &[f64]| read(&LagCurve { step: dt, values: values.to_vec(), errors: Vec::new() });
            Estimate::jackknife(blocks.len(), |left_out| read(pick(left_out)))
        };
        Ok(Correlogram {
            covariance: estimates(&|values, lag| values[lag]),
            correlation: estimates(&|values, lag| values[lag] / values[0]),
            half_width: scalar(&|curve| curve.half_width().unwrap_or(f64::NAN)),
            integral: scalar(&|curve| curve.integral() / curve.values[0]),
        })
    }

    /// Number of lags after zero.
    fn lags(&self, recording: &Recording) -> Result<usize> {
        let trial = recording.trials().map(|trial| trial.len()).max().unwrap_or(0);
        let dt = recording.clock.dt();
        let lags = match self.longest {
            Some(longest) => (positive("longest lag", longest)? / dt).round() as usize,
            None => (trial / 10).max(2),
        };
        if lags < 2 || lags >= trial {
            let wanted = format!("{} to {} s (2 samples to the longest trial)", 2.0 * dt, (trial.max(1) - 1) as f64 * dt);
            return Err(Error::parameter("longest lag", self.longest.unwrap_or(lags as f64 * dt), wanted));
        }
        Ok(lags)
    }
}

/// The end of the trial that holds `block`.
fn trial_end(recording: &Recording, block: &Range<usize>) -> usize {
    recording.trials().find(|trial| trial.contains(&block.start)).map_or(block.end, |trial| trial.end)
}

/// Sums of x(t) x(t + lag) over neurons and the times t of one block, and how many there are.
struct Sums {
    products: Vec<f64>,
    counts: Vec<f64>,
}

impl Sums {
    fn of(data: &DMatrix<f64>, block: &Range<usize>, trial_end: usize, lags: usize) -> Self {
        let units = data.nrows();
        let dot = |lag: usize| {
            let length = block.end.min(trial_end.saturating_sub(lag)).saturating_sub(block.start) * units;
            let early = &data.as_slice()[block.start * units..][..length];
            let late = &data.as_slice()[(block.start + lag).min(data.ncols()) * units..][..length];
            // Long sums are made of short ones, for precision.
            let pieces = early.chunks(4096).zip(late.chunks(4096));
            let sum: f64 = pieces.map(|(a, b)| DVectorView::from_slice(a, a.len()).dot(&DVectorView::from_slice(b, b.len()))).sum();
            (sum, length as f64)
        };
        let (products, counts) = (0..=lags).map(dot).unzip();
        Sums { products, counts }
    }
}

/// The share of all pairs of samples that are k = 0, 1, … apart and within a trial, both orders.
fn pair_weights(recording: &Recording, lags: usize) -> Vec<f64> {
    let all = (recording.samples() as f64).powi(2);
    let pairs = |lag: usize| recording.trials().map(|trial| trial.len().saturating_sub(lag) as f64).sum::<f64>();
    (0..=lags).map(|lag| if lag == 0 { pairs(0) / all } else { 2.0 * pairs(lag) / all }).collect()
}

/// Mean product at every lag, with the variance of the mean put back where `weights` are given.
fn mean_products(sums: &[Sums], left_out: Option<usize>, weights: Option<&[f64]>) -> Vec<f64> {
    let kept = || sums.iter().enumerate().filter(|(block, _)| Some(*block) != left_out).map(|(_, sums)| sums);
    let lags = sums[0].products.len();
    let mut curve: Vec<f64> =
        (0..lags).map(|lag| kept().map(|s| s.products[lag]).sum::<f64>() / kept().map(|s| s.counts[lag]).sum::<f64>()).collect();
    if let Some(weights) = weights {
        let measured: f64 = weights.iter().zip(&curve).map(|(weight, value)| weight * value).sum();
        let lost = measured / (1.0 - weights.iter().sum::<f64>());
        // Noise in the tail must not take variance away.
        curve.iter_mut().for_each(|value| *value += lost.max(0.0));
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use rand_distr::{Distribution, StandardNormal};

    /// Series with correlation 0.9^lag and variance 1.
    fn decaying(neurons: usize, samples: usize, seed: u64) -> Recording {
        let mut rng = Seed(seed).rng();
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let mut rates = DMatrix::from_fn(neurons, samples, |_, _| normal());
        for k in 1..samples {
            for i in 0..neurons {
                rates[(i, k)] = 0.9 * rates[(i, k - 1)] + (1.0_f64 - 0.81).sqrt() * rates[(i, k)];
            }
        }
        Recording::new(rates, 0.1, Regions::single("all", neurons).unwrap()).unwrap()
    }

    #[test]
    fn short_recordings_have_the_right_correlation_on_average() {
        // 600 samples are 31 times the sum of the correlations over both sides, (1 + 0.9) / (1 - 0.9) = 19: the plain estimate is low by 1/31.
        let mean = |unbiased: bool, lag: usize| {
            let method = Autocorrelation { longest: Some(8.0), unbiased, ..Default::default() };
            (0..20).map(|seed| method.of(&decaying(50, 600, seed)).unwrap().covariance.values[lag]).sum::<f64>() / 20.0
        };
        for lag in [0, 5, 20] {
            let expected = 0.9_f64.powi(lag as i32);
            assert!((mean(true, lag) - expected).abs() < 0.006, "{lag}: {} against {expected}", mean(true, lag));
            assert!((mean(false, lag) - expected + 19.0 / 600.0).abs() < 0.008, "{lag}: {}", mean(false, lag));
        }
    }

    #[test]
    fn errors_are_those_of_the_curve_and_of_the_timescales() {
        let found = Autocorrelation { longest: Some(5.0), blocks: 40, ..Default::default() }.of(&decaying(20, 20_000, 3)).unwrap();
        let squares = |lag: usize| ((found.correlation.values[lag] - 0.9_f64.powi(lag as i32)) / found.correlation.errors[lag]).powi(2);
        let spread = (1..=50).map(squares).sum::<f64>() / 50.0;
        assert!((0.05..4.0).contains(&spread), "{spread}");
        assert_eq!(found.correlation.errors[0], 0.0);
        // 0.1 s · ln 2 / ln(1 / 0.9), and the trapezoid of 0.9^k.
        let (half, integral) = (0.1 * 2.0_f64.ln() / -0.9_f64.ln(), 0.1 * (1.0 - 0.9_f64.powi(50)) * (0.5 + 9.0));
        assert!((found.half_width.value - half).abs() < 4.0 * found.half_width.error && found.half_width.error < 0.02 * half);
        assert!((found.integral.value - integral).abs() < 4.0 * found.integral.error && found.integral.error < 0.05 * integral);
    }

    #[test]
    fn pairs_do_not_reach_across_trials() {
        // Two trials, each ± 1 alternating; across the border the sign repeats.
        let rates = DMatrix::from_fn(1, 40, |_, k| if (k + usize::from(k >= 20)).is_multiple_of(2) { 1.0 } else { -1.0 });
        let whole = Recording::new(rates, 1.0, Regions::single("all", 1).unwrap()).unwrap();
        let trials = Recording { trial_starts: vec![0, 20], ..whole.clone() };
        let method = Autocorrelation { longest: Some(3.0), blocks: 4, unbiased: false };
        let found = method.of(&trials).unwrap().correlation.values;
        assert!((0..4).all(|lag| (found[lag] - if lag % 2 == 0 { 1.0 } else { -1.0 }).abs() < 1e-12), "{found:?}");
        assert!(method.of(&whole).unwrap().correlation.values[1] > -1.0 + 1e-3);
    }

    #[test]
    fn what_cannot_be_estimated_is_refused() {
        let recording = decaying(2, 50, 1);
        let with = |longest: f64, blocks: usize| Autocorrelation { longest: Some(longest), blocks, unbiased: true }.of(&recording);
        assert!(with(5.0, 5).is_err() && with(0.1, 5).is_err() && with(-1.0, 5).is_err() && with(1.0, 0).is_err());
        assert!(with(1.0, 51).is_err() && with(1.0, 5).is_ok());
        let flat = Recording { rates: DMatrix::from_element(2, 50, 0.3), ..recording.clone() };
        assert!(Autocorrelation::default().of(&flat).unwrap_err().to_string().contains("does not vary"));
        let constant_half = with(0.2, 5).unwrap();
        assert!(constant_half.half_width.value.is_nan(), "not reached within the longest lag");
    }
}
