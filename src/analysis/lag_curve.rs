//! Autocovariance of activity, averaged over units.

use crate::error::{Error, Result, positive};
use nalgebra::{DMatrix, DVectorView};

/// A function of the lag, estimated from data: C(k step), k = 0, 1, …
#[derive(Clone, Debug, PartialEq)]
pub struct LagCurve {
    /// Distance of the lags, in s.
    pub step: f64,
    /// C at the lags.
    pub values: Vec<f64>,
    /// Standard error of each value; empty when there is one sample of the curve only.
    pub errors: Vec<f64>,
}

/// C(k dt) = <x_i(t) x_i(t + k dt)> over units and times, up to `longest` seconds, for activations or rates, units × time.
///
/// The mean of a unit is *not* subtracted: with a symmetric phi it is zero, and the mean over a finite time T is not; subtracting it would
/// lower C by about 2 T_int / T. Standard errors come from `blocks` equal parts of the time (1: none).
///
/// ```
/// use crosscurrent::analysis::autocovariance;
/// let wave = nalgebra::DMatrix::from_fn(2, 4000, |unit, k| (0.01 * k as f64 + unit as f64).sin());
/// let curve = autocovariance(&wave, 0.01, 3.0, 1)?;
/// // <sin(t) sin(t + lag)> = cos(lag) / 2 falls to half of its maximum at π/3.
/// assert!((curve.half_width().unwrap() - std::f64::consts::FRAC_PI_3).abs() < 0.03);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// No units, values that are not finite, a `dt` that is not positive, or blocks that are not longer than the longest lag.
pub fn autocovariance(samples: &DMatrix<f64>, dt: f64, longest: f64, blocks: usize) -> Result<LagCurve> {
    positive("dt", dt)?;
    let lags = (longest / dt).round() as usize;
    let length = samples.ncols() / blocks.max(1);
    if samples.nrows() == 0 || !longest.is_finite() || lags >= length {
        let wanted = format!("units, and blocks of more than {lags} samples (the longest lag)");
        return Err(Error::shape("activity", wanted, format!("{} units, {blocks} blocks of {length}", samples.nrows())));
    }
    if samples.iter().any(|x| !x.is_finite()) {
        return Err(Error::data("activity", "some values are not finite", "drop these units or times"));
    }
    let whole = LagCurve { step: dt, values: products(samples.as_slice(), samples.nrows(), lags), errors: Vec::new() };
    if blocks < 2 {
        return Ok(whole);
    }
    let size = length * samples.nrows();
    let parts = samples.as_slice().chunks_exact(size).take(blocks);
    let parts: Vec<LagCurve> = parts.map(|part| LagCurve { values: products(part, samples.nrows(), lags), ..whole.clone() }).collect();
    Ok(LagCurve { errors: LagCurve::mean(&parts)?.errors, ..whole })
}

/// Mean of x(t) x(t + lag) for every lag. Columns lie one after the other, so each lag is one product of the data with themselves.
fn products(data: &[f64], units: usize, lags: usize) -> Vec<f64> {
    let product = |lag: usize| {
        let count = data.len() - lag * units;
        let (early, late) = (&data[..count], &data[lag * units..]);
        // Long sums are made of short ones, for precision.
        let sums = early.chunks(4096).zip(late.chunks(4096));
        sums.map(|(a, b)| DVectorView::from_slice(a, a.len()).dot(&DVectorView::from_slice(b, b.len()))).sum::<f64>() / count as f64
    };
    (0..=lags).map(product).collect()
}

impl LagCurve {
    /// Mean of several curves (seeds, blocks), with the standard error that their spread shows.
    ///
    /// # Errors
    /// No curves, or curves with other lags.
    pub fn mean(curves: &[LagCurve]) -> Result<LagCurve> {
        let Some(first) = curves.first() else { return Err(Error::shape("curves", "at least one", 0)) };
        if curves.iter().any(|curve| curve.step != first.step || curve.values.len() != first.values.len()) {
            return Err(Error::shape("curves", "the same lags for all", "different ones"));
        }
        let n = curves.len() as f64;
        let values: Vec<f64> = (0..first.values.len()).map(|k| curves.iter().map(|curve| curve.values[k]).sum::<f64>() / n).collect();
        let spread = |(k, mean): (usize, &f64)| {
            let squares: f64 = curves.iter().map(|curve| (curve.values[k] - mean).powi(2)).sum();
            (squares / (n - 1.0) / n).sqrt()
        };
        let errors = if curves.len() > 1 { values.iter().enumerate().map(spread).collect() } else { Vec::new() };
        Ok(LagCurve { step: first.step, values, errors })
    }

    /// The lags, in s.
    pub fn lags(&self) -> Vec<f64> {
        (0..self.values.len()).map(|k| k as f64 * self.step).collect()
    }

    /// The first lag at which the curve has fallen to half of its value at zero, between samples by a straight line; `None` if it does not.
    pub fn half_width(&self) -> Option<f64> {
        let half = 0.5 * self.values[0];
        let k = self.values.iter().position(|&value| value < half)?;
        let (above, below) = (*self.values.get(k.checked_sub(1)?)?, self.values[k]);
        Some(self.step * ((k - 1) as f64 + (above - half) / (above - below)))
    }

    /// Integral over the positive lags that were estimated (trapezoid rule), in units of C times s.
    pub fn integral(&self) -> f64 {
        let ends = 0.5 * (self.values[0] + self.values[self.values.len() - 1]);
        self.step * (self.values.iter().sum::<f64>() - ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::connectivity::Connectivity;
    use crate::network::Network;
    use crate::noise::Noise;
    use crate::nonlinearity::Identity;
    use crate::regions::Regions;
    use crate::simulation::Simulation;

    #[test]
    fn leaky_noise_has_an_exponential_autocovariance_within_its_errors() {
        let regions = Regions::single("all", 100).unwrap();
        let silent = Connectivity::dense(DMatrix::zeros(100, 100)).unwrap();
        let network = Network::new(regions, silent, Identity, &[1.0]).unwrap();
        let noise = Noise::White { strength: 2.0_f64.sqrt() * 0.5 };
        let simulation =
            Simulation { clock: Clock::new(0.02, 400.0).unwrap(), transient: 10.0, steps_per_sample: 5, noise, ..Default::default() };
        let mut samples = DMatrix::zeros(100, 4000);
        simulation.observe(&network, |_, k, x| samples.column_mut(k).copy_from_slice(x)).unwrap();
        let curve = autocovariance(&samples, 0.1, 4.0, 10).unwrap();
        // 0.25 exp(-lag), times 1 / (1 - dt / 2) for Euler steps.
        for (lag, (value, error)) in curve.lags().iter().zip(curve.values.iter().zip(&curve.errors)) {
            let expected = 0.25 / 0.99 * 0.98_f64.powf(lag / 0.02);
            assert!((value - expected).abs() < 5.0 * error && *error < 0.01, "{lag}: {value} ± {error} against {expected}");
        }
        assert!((curve.half_width().unwrap() - 2.0_f64.ln()).abs() < 0.05);
        assert!((curve.integral() - 0.25).abs() < 0.02);
    }

    #[test]
    fn curves_that_cannot_be_estimated_are_errors() {
        let flat = DMatrix::from_element(3, 20, 1.0);
        assert!(autocovariance(&flat, 0.1, 2.0, 1).is_err());
        assert!(autocovariance(&flat, 0.1, 0.9, 3).is_err());
        assert!(autocovariance(&flat, 0.0, 0.9, 1).is_err());
        assert!(autocovariance(&DMatrix::from_element(3, 20, f64::NAN), 0.1, 0.5, 1).is_err());
        assert_eq!(autocovariance(&flat, 0.1, 0.5, 1).unwrap().half_width(), None);
        assert!(LagCurve::mean(&[]).is_err());
    }
}
