//! How much of the activity of a driven network is locked to the cycle of the drive.

use crate::error::{Error, Result};
use crate::recording::Recording;
use nalgebra::DMatrix;

/// The variance of a recording, split by what repeats from cycle to cycle. Averages over neurons.
#[derive(Clone, Debug, PartialEq)]
pub struct CycleAverage {
    /// Mean rate at every phase of the cycle, neurons × samples of a cycle.
    pub mean: DMatrix<f64>,
    /// sigma_osc²: variance of the part that repeats. Unbiased, so that it may be a little below zero where nothing repeats.
    pub locked: f64,
    /// sigma_chaos²: variance of the rest.
    pub rest: f64,
    /// Number of cycles.
    pub cycles: usize,
}

/// Splits the variance of every neuron into the part that is locked to a cycle of `period` samples and the rest.
///
/// With r_k(phase) the rate in cycle k and pairs k ≠ l of different cycles,
///
/// ```text
/// rest = < (r_k - r_l)² > / 2      over pairs and phases
/// locked = < r_k r_l > - < r_k > < r_l >      covariance over phases, mean over pairs
/// ```
///
/// The variance of the plain mean over K cycles would contain a K-th of the rest; pairs of different cycles do not, as far as cycles
/// are independent. Samples after the last whole cycle are left out. The split of Rajan, Abbott & Sompolinsky 2010.
///
/// ```
/// use crosscurrent::{Recording, Regions, analysis::cycle_average};
/// use nalgebra::DMatrix;
/// let rates = DMatrix::from_fn(2, 400, |_, k| (std::f64::consts::TAU * k as f64 / 20.0).cos());
/// let split = cycle_average(&Recording::new(rates, 0.1, Regions::single("all", 2)?)?, 20)?;
/// assert!((split.locked - 0.5).abs() < 1e-12 && split.rest < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A period below 2 samples, fewer than two cycles, or a recording of several trials.
pub fn cycle_average(recording: &Recording, period: usize) -> Result<CycleAverage> {
    let cycles = recording.samples().checked_div(period).unwrap_or(0);
    if period < 2 || cycles < 2 {
        let wanted = format!("at least 2, and at most half of the {} samples", recording.samples());
        return Err(Error::parameter("period", period, wanted));
    }
    if recording.trial_starts.len() > 1 {
        return Err(Error::shape("trials of a driven recording", 1, recording.trial_starts.len()));
    }
    let mut mean = DMatrix::zeros(recording.neurons(), period);
    let (mut locked, mut rest) = (0.0, 0.0);
    for neuron in 0..recording.neurons() {
        let rates: Vec<f64> = recording.rates.row(neuron).iter().take(cycles * period).copied().collect();
        let split = Split::of(&rates, period);
        locked += split.locked;
        rest += split.rest;
        mean.row_mut(neuron).copy_from_slice(&split.mean);
    }
    let neurons = recording.neurons() as f64;
    Ok(CycleAverage { mean, locked: locked / neurons, rest: rest / neurons, cycles })
}

/// The same for one neuron.
struct Split {
    mean: Vec<f64>,
    locked: f64,
    rest: f64,
}

impl Split {
    fn of(rates: &[f64], period: usize) -> Self {
        let cycles = (rates.len() / period) as f64;
        let average = |values: &mut dyn Iterator<Item = f64>, count: f64| values.sum::<f64>() / count;
        let mean: Vec<f64> = (0..period).map(|phase| average(&mut rates.iter().skip(phase).step_by(period).copied(), cycles)).collect();
        let level = average(&mut mean.iter().copied(), period as f64);
        // Sums over all pairs are squares of sums; the pairs of a cycle with itself are then taken off.
        let within = average(&mut rates.iter().enumerate().map(|(k, rate)| (rate - mean[k % period]).powi(2)), rates.len() as f64);
        let rest = within * cycles / (cycles - 1.0);
        let levels = rates.chunks_exact(period).map(|cycle| cycle.iter().sum::<f64>() / period as f64);
        let drift = average(&mut levels.map(|own| (own - level).powi(2)), cycles - 1.0);
        let between = average(&mut mean.iter().map(|m| (m - level).powi(2)), period as f64);
        Split { locked: between - (rest - drift) / cycles, mean, rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use rand_distr::{Distribution, StandardNormal};
    use std::f64::consts::TAU;

    fn recording(rates: DMatrix<f64>) -> Recording {
        let regions = Regions::single("all", rates.nrows()).unwrap();
        Recording::new(rates, 0.1, regions).unwrap()
    }

    #[test]
    fn a_square_wave_with_alternating_offset_is_split_by_hand() {
        // Cycles (3, -1), (1, -3), (3, -1), (1, -3): mean (2, -2). Of six pairs four differ by 2 at both phases: rest = 4/6 · 4 / 2.
        // The offset adds nothing to a covariance over phases, which is 2² = 4 for every pair. Below, the definition once more.
        let rates = [3.0, -1.0, 1.0, -3.0, 3.0, -1.0, 1.0, -3.0];
        let split = cycle_average(&recording(DMatrix::from_row_slice(1, 8, &rates)), 2).unwrap();
        let cycles: Vec<&[f64]> = rates.chunks(2).collect();
        let (mut product, mut levels, mut difference, mut pairs) = (0.0, 0.0, 0.0, 0.0);
        for k in 0..4 {
            for l in (0..4).filter(|l| *l != k) {
                product += 0.5 * (cycles[k][0] * cycles[l][0] + cycles[k][1] * cycles[l][1]);
                levels += 0.25 * (cycles[k][0] + cycles[k][1]) * (cycles[l][0] + cycles[l][1]);
                difference += 0.25 * ((cycles[k][0] - cycles[l][0]).powi(2) + (cycles[k][1] - cycles[l][1]).powi(2));
                pairs += 1.0;
            }
        }
        assert_eq!(split.mean.as_slice(), [2.0, -2.0]);
        assert!((split.rest - 4.0 / 3.0).abs() < 1e-12 && (split.rest - difference / pairs).abs() < 1e-12);
        assert!((split.locked - 4.0).abs() < 1e-12 && (split.locked - (product - levels) / pairs).abs() < 1e-12);
    }

    #[test]
    fn few_cycles_of_a_noisy_sine_are_split_without_bias() {
        let mut rng = Seed(3).rng();
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        // Variance 0.5 locked, 4 not; the plain mean over three cycles would give 0.5 + 4 / 3.
        let rates = DMatrix::from_fn(2000, 30, |_, k| (TAU * k as f64 / 10.0).cos() + 2.0 * normal());
        let split = cycle_average(&recording(rates), 10).unwrap();
        assert!((split.locked - 0.5).abs() < 0.05, "{}", split.locked);
        assert!((split.rest - 4.0).abs() < 0.1, "{}", split.rest);
        assert_eq!(split.cycles, 3);
    }

    #[test]
    fn what_has_no_cycles_is_refused() {
        let short = recording(DMatrix::from_element(2, 30, 1.0));
        assert!(cycle_average(&short, 0).is_err() && cycle_average(&short, 1).is_err() && cycle_average(&short, 16).is_err());
        let split = cycle_average(&short, 15).unwrap();
        assert_eq!((split.locked, split.rest), (0.0, 0.0));
        let trials = Recording { trial_starts: vec![0, 15], ..short };
        assert!(cycle_average(&trials, 5).is_err());
    }
}
