//! Power spectra, by averaging over blocks of time and over neurons.

use super::fourier::Fourier;
use crate::error::{Error, Result};
use crate::recording::Recording;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How a spectrum is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PowerSpectrum {
    /// Samples per block; the resolution is 1 / (block dt). Default 1024.
    pub block: usize,
    /// Weight of the samples in a block; default Hann.
    pub window: Window,
}

/// Weight of the samples in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// 1 - cos, blocks overlap by half (Welch 1967): little leakage from strong lines.
    #[default]
    Hann,
    /// All alike, blocks side by side: a line whose period divides the block stays in one bin.
    Flat,
}

/// A one-sided spectrum, mean over neurons.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Frequencies in Hz, from 0 to half of the sampling rate.
    pub frequency: Vec<f64>,
    /// Power density in rate² / Hz. Its sum times the distance of the frequencies is the variance.
    pub density: Vec<f64>,
    /// Standard error of the density, from the spread over blocks (NaN for a single block).
    pub error: Vec<f64>,
    /// Number of blocks.
    pub blocks: usize,
}

impl Default for PowerSpectrum {
    fn default() -> Self {
        PowerSpectrum { block: 1024, window: Window::Hann }
    }
}

impl Spectrum {
    /// Distance of two frequencies, in Hz.
    pub fn resolution(&self) -> f64 {
        self.frequency.get(1).copied().unwrap_or(f64::NAN)
    }

    /// Integral of the density over all frequencies: the variance of the rates.
    pub fn variance(&self) -> f64 {
        self.density.iter().sum::<f64>() * self.resolution()
    }
}

impl PowerSpectrum {
    /// The spectrum of the rates about the mean of each neuron over the whole recording.
    ///
    /// Neurons of one network share its chaos, so the error is that of the blocks, each averaged over neurons. Blocks never reach
    /// across the start of a trial. Source: Welch 1967.
    ///
    /// ```
    /// use crosscurrent::{Recording, Regions, analysis::PowerSpectrum};
    /// use nalgebra::DMatrix;
    /// let rates = DMatrix::from_fn(1, 2000, |_, k| (std::f64::consts::TAU * 5.0 * 0.01 * k as f64).sin());
    /// let recording = Recording::new(rates, 0.01, Regions::single("all", 1)?)?;
    /// let spectrum = PowerSpectrum { block: 400, ..Default::default() }.of(&recording)?;
    /// let highest = spectrum.density.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
    /// assert!((spectrum.frequency[highest] - 5.0).abs() < 1e-9);
    /// assert!((spectrum.variance() - 0.5).abs() < 1e-3);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// A block of fewer than 4 samples, or longer than every trial.
    pub fn of(&self, recording: &Recording) -> Result<Spectrum> {
        let longest = recording.trials().map(|trial| trial.len()).max().unwrap_or(0);
        if self.block < 4 || self.block > longest {
            return Err(Error::parameter("block", self.block, format!("4 to {longest} samples (the longest trial)")));
        }
        let stride = if self.window == Window::Hann { self.block / 2 } else { self.block };
        let starts: Vec<usize> = recording
            .trials()
            .flat_map(|trial| (trial.start..).step_by(stride).take_while(move |start| start + self.block <= trial.end))
            .collect();
        let means: Vec<f64> = recording.rates.row_iter().map(|row| row.mean()).collect();
        let per_block: Vec<Vec<f64>> = self.periodograms(&recording.rates, &means, &starts);
        let dt = recording.clock.dt();
        let frequency = (0..=self.block / 2).map(|k| k as f64 / (self.block as f64 * dt)).collect();
        let blocks = per_block.len();
        let scaled = |bin: usize| per_block.iter().map(move |density| density[bin] * dt);
        let density: Vec<f64> = (0..=self.block / 2).map(|bin| scaled(bin).sum::<f64>() / blocks as f64).collect();
        let error = |bin: usize| {
            let spread: f64 = scaled(bin).map(|value| (value - density[bin]).powi(2)).sum();
            if blocks < 2 { f64::NAN } else { (spread / ((blocks - 1) * blocks) as f64).sqrt() }
        };
        Ok(Spectrum { error: (0..density.len()).map(error).collect(), frequency, density, blocks })
    }

    /// One-sided |transform|² of every block, mean over neurons, so scaled that times dt it is a density.
    fn periodograms(&self, rates: &DMatrix<f64>, means: &[f64], starts: &[usize]) -> Vec<Vec<f64>> {
        let weights = self.weights();
        let power: f64 = weights.iter().map(|w| w * w).sum();
        let mut fourier = Fourier::new(self.block);
        let last = fourier.bins.len() - 1;
        let two_sided = |bin: usize| if bin == 0 || (bin == last && self.block.is_multiple_of(2)) { 1.0 } else { 2.0 };
        let mut spectra = Vec::with_capacity(starts.len());
        for &start in starts {
            let mut density = vec![0.0; last + 1];
            for (neuron, mean) in means.iter().enumerate() {
                let samples = (start..start + self.block).map(|sample| rates[(neuron, sample)] - mean);
                fourier.values.iter_mut().zip(samples.zip(&weights)).for_each(|(slot, (value, weight))| *slot = value * weight);
                fourier.transform();
                density.iter_mut().zip(&fourier.bins).for_each(|(sum, value)| *sum += value.norm_sqr());
            }
            let scale = 1.0 / (power * means.len() as f64);
            density.iter_mut().enumerate().for_each(|(bin, value)| *value *= scale * two_sided(bin));
            spectra.push(density);
        }
        spectra
    }

    fn weights(&self) -> Vec<f64> {
        let hann = |k: usize| (PI * k as f64 / self.block as f64).sin().powi(2);
        (0..self.block).map(|k| if self.window == Window::Hann { hann(k) } else { 1.0 }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use rand_distr::{Distribution, StandardNormal};
    use std::f64::consts::TAU;

    fn recording(rates: DMatrix<f64>, dt: f64) -> Recording {
        let regions = Regions::single("all", rates.nrows()).unwrap();
        Recording::new(rates, dt, regions).unwrap()
    }

    #[test]
    fn a_sine_is_one_line_with_its_variance() {
        let sine = recording(DMatrix::from_fn(2, 1000, |_, k| 3.0 * (TAU * 0.04 * k as f64 + 0.3).sin() + 7.0), 0.5);
        let spectrum = PowerSpectrum { block: 200, window: Window::Flat }.of(&sine).unwrap();
        assert_eq!(spectrum.blocks, 5);
        // 0.04 per sample is 0.08 Hz, bin 8: variance 4.5 in a bin of 0.01 Hz.
        assert!((spectrum.frequency[8] - 0.08).abs() < 1e-12 && (spectrum.density[8] - 450.0).abs() < 1e-6);
        assert!(spectrum.density.iter().enumerate().all(|(bin, density)| bin == 8 || *density < 1e-9));
        let welch = PowerSpectrum { block: 200, window: Window::Hann }.of(&sine).unwrap();
        assert_eq!(welch.blocks, 9);
        assert!((welch.variance() - 4.5).abs() < 1e-9);
    }

    #[test]
    fn white_noise_is_flat_at_twice_variance_times_dt() {
        let mut rng = Seed(5).rng();
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let noise = recording(DMatrix::from_fn(20, 4000, |_, _| 2.0 * normal()), 0.1);
        for (block, window) in [(100, Window::Flat), (100, Window::Hann), (101, Window::Flat)] {
            let spectrum = PowerSpectrum { block, window }.of(&noise).unwrap();
            let inner = 2..spectrum.density.len() - 2;
            let deviations: Vec<f64> = inner.map(|bin| (spectrum.density[bin] - 0.8) / spectrum.error[bin]).collect();
            let spread = deviations.iter().map(|d| d * d).sum::<f64>() / deviations.len() as f64;
            assert!((0.5..2.0).contains(&spread), "the errors must be those of the bins: {spread}");
            assert!((spectrum.variance() - 4.0).abs() < 0.1, "{}", spectrum.variance());
        }
    }

    #[test]
    fn side_by_side_blocks_keep_the_variance_to_rounding() {
        let mut rng = Seed(6).rng();
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let rates = DMatrix::from_fn(3, 300, |_, _| normal() + 5.0);
        let variance: f64 = rates.row_iter().map(|row| row.variance()).sum::<f64>() / 3.0;
        let spectrum = PowerSpectrum { block: 75, window: Window::Flat }.of(&recording(rates, 0.2)).unwrap();
        assert!((spectrum.variance() / variance - 1.0).abs() < 1e-12);
    }

    #[test]
    fn blocks_stay_within_trials_and_must_fit() {
        let steps = recording(DMatrix::from_fn(1, 100, |_, k| if k < 50 { 1.0 } else { -1.0 }), 0.1);
        let trials = Recording { trial_starts: vec![0, 50], ..steps.clone() };
        let spectrum = PowerSpectrum { block: 40, window: Window::Flat }.of(&trials).unwrap();
        assert!(spectrum.density[1..].iter().all(|density| *density < 1e-20) && spectrum.blocks == 2);
        assert!(PowerSpectrum { block: 60, window: Window::Flat }.of(&trials).is_err());
        assert!(PowerSpectrum { block: 3, ..Default::default() }.of(&steps).is_err());
    }
}
