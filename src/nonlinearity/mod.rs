//! Nonlinearity: the function phi that turns an activation into a rate, one file per member.

mod asymmetric_tanh;
mod error_function;
mod identity;
mod logistic;
mod rectified;
mod tanh;
mod threshold_power;

pub use asymmetric_tanh::AsymmetricTanh;
pub use error_function::ErrorFunction;
pub use identity::Identity;
pub use logistic::Logistic;
pub use rectified::Rectified;
pub use tanh::Tanh;
pub use threshold_power::ThresholdPower;

use crate::error::{Error, Result};
use crate::family::family;
use std::any::Any;
use std::fmt::Debug;

/// phi: activation x -> rate r, elementwise, non-decreasing.
///
/// ```
/// use crosscurrent::{Nonlinearity, nonlinearity::Tanh};
/// let r = Tanh.rate(0.5);
/// assert_eq!(r, 0.5_f64.tanh());
/// assert!((Tanh.slope(0.5) - (1.0 - r * r)).abs() < 1e-15);
/// assert!((Tanh.inverse(r).unwrap() - 0.5).abs() < 1e-15);
/// assert_eq!(Tanh.inverse(1.5), None);
/// ```
pub trait Nonlinearity: Any + Debug + Send + Sync {
    /// phi(x).
    fn rate(&self, x: f64) -> f64;

    /// phi'(x); where phi has a corner, the slope on the right.
    fn slope(&self, x: f64) -> f64;

    /// The activation with this rate, or `None` where there is none or more than one.
    fn inverse(&self, rate: f64) -> Option<f64>;

    /// Largest interval of rates, open or closed, that phi reaches.
    fn range(&self) -> (f64, f64);

    /// phi of every element of `x` into `rates` (equal lengths).
    fn rates(&self, x: &[f64], rates: &mut [f64]) {
        for (rate, &x) in rates.iter_mut().zip(x) {
            *rate = self.rate(x);
        }
    }

    /// phi of every element in single precision.
    fn rates_single(&self, x: &[f32], rates: &mut [f32]) {
        for (rate, &x) in rates.iter_mut().zip(x) {
            *rate = self.rate(f64::from(x)) as f32;
        }
    }

    /// phi' of every element of `x` into `slopes` (equal lengths).
    fn slopes(&self, x: &[f64], slopes: &mut [f64]) {
        for (slope, &x) in slopes.iter_mut().zip(x) {
            *slope = self.slope(x);
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Parameter`] that names the one out of range.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

family! {
    /// The nonlinearities that a file can name.
    AnyNonlinearity: Nonlinearity {
        /// tanh(x)
        Tanh,
        /// 1 / (1 + exp(-x))
        Logistic,
        /// max(x, 0)
        Rectified,
        /// x
        Identity,
        /// gain * max(x - threshold, 0)^exponent
        ThresholdPower,
        /// erf(sqrt(pi) x / 2)
        ErrorFunction,
        /// tanh around a background rate
        AsymmetricTanh,
    }
}

impl Default for AnyNonlinearity {
    fn default() -> Self {
        AnyNonlinearity::Tanh(Tanh)
    }
}

impl Nonlinearity for AnyNonlinearity {
    fn rate(&self, x: f64) -> f64 {
        (**self).rate(x)
    }
    fn slope(&self, x: f64) -> f64 {
        (**self).slope(x)
    }
    fn inverse(&self, rate: f64) -> Option<f64> {
        (**self).inverse(rate)
    }
    fn range(&self) -> (f64, f64) {
        (**self).range()
    }
    fn rates(&self, x: &[f64], rates: &mut [f64]) {
        (**self).rates(x, rates);
    }
    fn rates_single(&self, x: &[f32], rates: &mut [f32]) {
        (**self).rates_single(x, rates);
    }
    fn slopes(&self, x: &[f64], slopes: &mut [f64]) {
        (**self).slopes(x, slopes);
    }
    fn check(&self) -> Result<()> {
        (**self).check()
    }
}

/// phi^-1 of every rate, each first clipped into the interior of the range by `margin` of its width.
///
/// A margin of zero leaves the data as they are.
///
/// # Errors
/// [`Error::Data`] when a rate has no inverse, with the rate.
pub fn activations(phi: &dyn Nonlinearity, rates: &[f64], margin: f64) -> Result<Vec<f64>> {
    let (low, high) = phi.range();
    let width = if (high - low).is_finite() { high - low } else { 0.0 };
    let (low, high) = (low + margin * width, high - margin * width);
    rates
        .iter()
        .map(|&rate| {
            let rate = if margin > 0.0 { rate.clamp(low, high) } else { rate };
            phi.inverse(rate).ok_or_else(|| {
                Error::data(
                    "rates",
                    format!("the rate {rate} has no inverse under {phi:?}"),
                    "normalise the recording, clip it, or choose another nonlinearity",
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: [f64; 15] = [-6.0, -3.1, -1.7, -0.8, -0.31, -0.05, -1e-3, 1e-3, 0.06, 0.29, 0.77, 1.3, 2.2, 3.4, 5.0];

    #[test]
    fn slope_is_the_derivative_of_the_rate() {
        for phi in AnyNonlinearity::members() {
            for x in GRID {
                let h = 1e-6;
                let numeric = (phi.rate(x + h) - phi.rate(x - h)) / (2.0 * h);
                assert!((numeric - phi.slope(x)).abs() < 1e-7, "{phi:?} at {x}: {numeric} against {}", phi.slope(x));
            }
        }
    }

    #[test]
    fn inverse_undoes_the_rate_wherever_the_slope_is_positive() {
        for phi in AnyNonlinearity::members() {
            for x in GRID {
                let (rate, slope) = (phi.rate(x), phi.slope(x));
                match phi.inverse(rate) {
                    Some(back) => assert!((back - x).abs() < 1e-14 / slope.max(1e-12) + 1e-12, "{phi:?} at {x}: {back}"),
                    None => assert!(slope < 1e-10, "{phi:?} has no inverse at {x} where its slope is {slope}"),
                }
            }
        }
    }

    #[test]
    fn rates_stay_in_the_range_and_never_decrease() {
        for phi in AnyNonlinearity::members() {
            let (low, high) = phi.range();
            for pair in GRID.windows(2) {
                let (a, b) = (phi.rate(pair[0]), phi.rate(pair[1]));
                assert!(a <= b && (low..=high).contains(&a), "{phi:?}");
            }
            assert_eq!(phi.inverse(high + 1.0).filter(|_| high.is_finite()), None, "{phi:?}");
        }
    }

    #[test]
    fn vectors_agree_with_scalars() {
        for phi in AnyNonlinearity::members() {
            let (mut rates, mut slopes) = ([0.0; 15], [0.0; 15]);
            phi.rates(&GRID, &mut rates);
            phi.slopes(&GRID, &mut slopes);
            let single: Vec<f32> = GRID.iter().map(|&x| x as f32).collect();
            let mut single_rates = [0.0_f32; 15];
            phi.rates_single(&single, &mut single_rates);
            for (i, &x) in GRID.iter().enumerate() {
                assert!((rates[i] - phi.rate(x)).abs() <= 1e-15 * phi.rate(x).abs().max(1e-3), "{phi:?}");
                assert!((f64::from(single_rates[i]) - phi.rate(x)).abs() <= 1e-5 * phi.rate(x).abs().max(1.0), "{phi:?}");
                assert!((slopes[i] - phi.slope(x)).abs() <= 1e-15, "{phi:?}");
            }
        }
    }

    #[test]
    fn clipping_makes_saturated_rates_invertible() {
        assert!(activations(&Tanh, &[1.0], 0.0).is_err());
        let x = activations(&Tanh, &[1.0], 0.0005).unwrap();
        assert!((x[0].tanh() - 0.999).abs() < 1e-12);
    }
}
