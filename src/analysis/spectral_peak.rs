//! The peak of a power spectrum, if it has one that its errors allow.

use super::power_spectrum::Spectrum;
use serde::Serialize;

/// A line or a hump that stands out of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SpectralPeak {
    /// Frequency of the highest bin in Hz, between bins by a parabola.
    pub frequency: f64,
    /// Distance of two bins in Hz: how sharply the frequency is known.
    pub resolution: f64,
    /// Power density of the highest bin, in rate² / Hz.
    pub density: f64,
    /// Density over that of the higher of the two valleys beside the peak.
    pub prominence: f64,
    /// How far the peak rises above that valley, in standard errors.
    pub significance: f64,
}

impl Spectrum {
    /// The most significant peak above frequency zero that rises at least `standard_errors` out of the valleys on both sides; `None` when
    /// there is none, as in a spectrum that falls all the way, or when the spectrum has no errors (one block).
    ///
    /// A bin is one of many, so ask for 4 or 5. The first and the last bin do not
    /// count: the mean has been taken off, and a one-sided density is halved there. The valley on a side is the lowest bin before the spectrum rises above the peak.
    ///
    /// ```
    /// use crosscurrent::{Recording, Regions, analysis::PowerSpectrum};
    /// use nalgebra::DMatrix;
    /// let rates = DMatrix::from_fn(1, 4000, |_, k| (std::f64::consts::TAU * 5.1 * 0.01 * k as f64).sin() + (0.7 * (k * k) as f64).sin());
    /// let recording = Recording::new(rates, 0.01, Regions::single("all", 1)?)?;
    /// let peak = PowerSpectrum { block: 400, ..Default::default() }.of(&recording)?.peak(4.0).expect("there is a line");
    /// assert!((peak.frequency - 5.1).abs() < 0.1);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    pub fn peak(&self, standard_errors: f64) -> Option<SpectralPeak> {
        let inner = 2..self.density.len().saturating_sub(2);
        let tops = inner.filter(|&bin| self.density[bin] > self.density[bin - 1] && self.density[bin] >= self.density[bin + 1]);
        let peaks = tops.filter_map(|bin| self.peak_at(bin));
        let best = peaks.max_by(|a, b| a.significance.total_cmp(&b.significance))?;
        (best.significance >= standard_errors).then_some(best)
    }

    fn peak_at(&self, top: usize) -> Option<SpectralPeak> {
        let valley = |bins: &mut dyn Iterator<Item = usize>| {
            let side = bins.take_while(|&bin| self.density[bin] <= self.density[top]);
            side.min_by(|&a, &b| self.density[a].total_cmp(&self.density[b]))
        };
        let (left, right) = (valley(&mut (1..top).rev())?, valley(&mut (top + 1..self.density.len() - 1))?);
        let higher = if self.density[left] > self.density[right] { left } else { right };
        let rise = self.density[top] - self.density[higher];
        let significance = rise / self.error[top].hypot(self.error[higher]);
        let [before, at, after] = [top - 1, top, top + 1].map(|bin| self.density[bin].max(f64::MIN_POSITIVE).ln());
        let shift = 0.5 * (before - after) / (before - 2.0 * at + after);
        let shift = if shift.is_finite() { shift.clamp(-0.5, 0.5) } else { 0.0 };
        let frequency = self.frequency[top] + shift * self.resolution();
        let prominence = self.density[top] / self.density[higher];
        let peak = SpectralPeak { frequency, resolution: self.resolution(), density: self.density[top], prominence, significance };
        significance.is_finite().then_some(peak)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spectrum(density: Vec<f64>, error: f64) -> Spectrum {
        let frequency = (0..density.len()).map(|bin| 0.5 * bin as f64).collect();
        Spectrum { frequency, error: vec![error; density.len()], density, blocks: 10 }
    }

    #[test]
    fn the_peak_is_measured_from_the_higher_valley() {
        let peak = spectrum(vec![9.0, 3.0, 1.0, 4.0, 7.0, 4.0, 2.0, 3.0, 0.0], 0.1).peak(4.0).unwrap();
        // Valleys 1 (left) and 2 (right): a rise of 5 over 0.1 √2; the parabola is symmetric.
        assert!((peak.frequency - 2.0).abs() < 1e-12 && (peak.prominence - 3.5).abs() < 1e-12);
        assert!((peak.significance - 50.0 / 2.0_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn falling_spectra_and_bumps_within_their_errors_have_none() {
        assert_eq!(spectrum(vec![9.0, 5.0, 3.0, 2.0, 1.5, 1.0], 0.1).peak(4.0), None);
        assert_eq!(spectrum(vec![9.0, 5.0, 5.2, 3.0, 2.0, 1.0], 0.1).peak(4.0), None);
        assert_eq!(spectrum(vec![1.0, 9.0, 5.0, 3.0, 1.0], 0.1).peak(4.0), None, "the mean is gone, so zero is no valley");
        assert_eq!(spectrum(vec![1.0, 1.0, 5.0, 1.0, 1.0], f64::NAN).peak(4.0), None);
        assert_eq!(spectrum(vec![], 0.1).peak(4.0), None);
    }
}
