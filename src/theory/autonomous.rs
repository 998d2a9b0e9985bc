//! The autonomous chaotic network (Sompolinsky, Crisanti & Sommers 1988).

use super::mean_field::MeanField;
use crate::error::Result;
use crate::nonlinearity::{Nonlinearity, Tanh};
use std::f64::consts::PI;

/// The mean field of x' = -x + J tanh(x), J_ij ~ N(0, gain² / N).
///
/// Up to a gain of 1 the origin attracts everything: Delta = 0, and lambda = gain - 1 is the rightmost eigenvalue of J - 1. Above, the
/// state is chaotic: Delta0 is fixed by zero energy, `Delta0² / 2 = g² (<Phi²> - <Phi>²)` with Phi = ln cosh, and lambda by a Schrödinger
/// problem whose first excited level is zero exactly.
///
/// ```
/// use crosscurrent::theory::autonomous;
/// let state = autonomous(2.0)?;
/// assert!((state.variance - 1.92481).abs() < 1e-5);
/// assert!((state.exponent - 0.11246).abs() < 1e-5);
/// assert!(state.neutral_level.abs() < 1e-8);
/// assert_eq!(autonomous(0.5)?.exponent, -0.5);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A negative gain, or [`crate::Error::NotConverged`] when the self-test fails (gains closer to 1 than 1e-4, or above some hundreds).
pub fn autonomous(gain: f64) -> Result<MeanField> {
    autonomous_with(&Tanh, gain)
}

/// As [`autonomous`], for any odd, bounded phi.
///
/// ```
/// use crosscurrent::{nonlinearity::ErrorFunction, theory::autonomous_with};
/// let state = autonomous_with(&ErrorFunction, 1.5)?;
/// assert!(state.exponent > 0.0 && state.neutral_level.abs() < 1e-8);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// As [`autonomous`]; a phi that is not odd or not bounded.
pub fn autonomous_with(phi: &dyn Nonlinearity, gain: f64) -> Result<MeanField> {
    MeanField::solve(phi, gain, 0.0)
}

/// The leading behaviour just above the transition, at gain = 1 + eps: Delta(tau) = eps / cosh(eps tau / sqrt 3).
///
/// ```
/// use crosscurrent::theory::NearCritical;
/// let limit = NearCritical::new(1.05);
/// assert!((limit.half_width() - 45.6).abs() < 0.05 && (limit.tail_time() - 34.6).abs() < 0.05);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearCritical {
    eps: f64,
}

impl NearCritical {
    /// For a gain above 1.
    pub fn new(gain: f64) -> Self {
        NearCritical { eps: gain - 1.0 }
    }

    /// Delta0, and q as well.
    pub fn variance(&self) -> f64 {
        self.eps
    }

    /// Delta(tau).
    pub fn at(&self, tau: f64) -> f64 {
        self.eps / (self.eps * tau / 3.0_f64.sqrt()).cosh()
    }

    /// Half width at half of the maximum: sqrt(3) arcosh(2) / eps = 2.281 / eps.
    pub fn half_width(&self) -> f64 {
        2.0_f64.acosh() * self.tail_time()
    }

    /// Time constant of the tail: sqrt(3) / eps.
    pub fn tail_time(&self) -> f64 {
        3.0_f64.sqrt() / self.eps
    }

    /// lambda = eps² / 2: the well is 1 - 6 / cosh² in units of its edge, with the levels -3 and 0.
    pub fn exponent(&self) -> f64 {
        0.5 * self.eps * self.eps
    }
}

/// Delta0 as the gain goes to infinity, where tanh is a sign: 2 (1 - 2/π) g² = 0.72676 g².
pub fn large_gain_variance(gain: f64) -> f64 {
    2.0 * (1.0 - 2.0 / PI) * gain * gain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nonlinearity::{AsymmetricTanh, ErrorFunction, Identity};
    use crate::theory::pair_average;

    /// g, Delta0, q, <phi'²>, half width, 1/e time, integral, tail, E_0, lambda.
    const TABLE: [[f64; 10]; 13] = [
        [1.05, 0.05283, 0.04795, 0.9102, 49.58, 62.41, f64::NAN, 37.70, -0.00212, 0.00106],
        [1.1, 0.11106, 0.09201, 0.83672, 26.612, 33.513, 31.771, 20.293, -0.00744, 0.00371],
        [1.2, 0.24263, 0.16981, 0.72242, 14.999, 18.910, 17.939, 11.527, -0.02398, 0.01192],
        [1.3, 0.39317, 0.23602, 0.63707, 11.060, 13.963, 13.256, 8.575, -0.04535, 0.02242],
        [1.5, 0.74769, 0.34209, 0.51730, 7.846, 9.932, 9.443, 6.189, -0.09568, 0.04675],
        [1.8, 1.40560, 0.45645, 0.40561, 5.991, 7.612, 7.251, 4.836, -0.17957, 0.08608],
        [2.0, 1.92481, 0.51318, 0.35534, 5.361, 6.827, 6.510, 4.385, -0.23756, 0.11246],
        [2.5, 3.49534, 0.61419, 0.27237, 4.511, 5.771, 5.514, 3.789, -0.38331, 0.17614],
        [3.0, 5.44633, 0.68058, 0.22152, 4.084, 5.242, 5.017, 3.498, -0.52636, 0.23546],
        [4.0, 10.46747, 0.76236, 0.16195, 3.660, 4.722, 4.528, 3.220, -0.79954, 0.34147],
        [5.0, 16.96405, 0.81075, 0.12794, 3.455, 4.471, 4.292, 3.091, -1.05549, 0.43370],
        [10.0, 71.36809, 0.90609, 0.06282, 3.143, 4.095, 3.939, 2.910, -2.14505, 0.77343],
        [20.0, 289.3346, 0.95316, 0.03126, 3.042, 3.976, 3.828, 2.859, -3.79824, 1.19049],
    ];

    #[test]
    fn the_table_of_the_mean_field_is_reproduced() {
        for [gain, variance, q, slopes, half, to_e, integral, tail, ground, exponent] in TABLE {
            let state = autonomous(gain).unwrap();
            let delta = &state.autocovariance;
            // Half a unit of the last digit of the table, beside the precision of the table itself.
            let near = |found: f64, expected: f64, relative: f64| {
                let rounding = if expected.abs() < 0.01 { 5e-6 } else { 0.0 };
                assert!((found - expected).abs() <= relative * expected.abs() + rounding, "g = {gain}: {found} against {expected}");
            };
            near(state.variance, variance, 6e-5);
            near(state.rate_power, q, 1e-4);
            // At g = 20 the table's own quadrature is off by 2e-4.
            near(state.slope_power, slopes, if gain == 20.0 { 3e-4 } else { 6e-5 });
            near(delta.half_width().unwrap(), half, 2e-4);
            near(delta.time_to((-1.0_f64).exp()).unwrap(), to_e, 2e-4);
            if integral.is_finite() {
                // The table leaves out part of the tail: it is low by 3e-4.
                near(delta.integral_time().unwrap(), integral, 1e-3);
            }
            near(delta.tail_time().unwrap(), tail, 2e-4);
            near(state.ground_level, ground, 6e-5);
            near(state.exponent, exponent, 2e-4);
            assert!(state.neutral_level.abs() < 1e-8, "g = {gain}: {}", state.neutral_level);
        }
    }

    #[test]
    fn areas_obey_the_identity_of_the_mean_field() {
        // Delta'' integrates to zero, so the integrals of Delta and of g² <phi phi> are equal: an average over pairs that the motion did
        // not use.
        let state = autonomous(2.0).unwrap();
        let delta = &state.autocovariance;
        let step = 0.05;
        let simpson = |f: &dyn Fn(f64) -> f64| {
            let weight = |k: u32| f64::from(if k == 0 { 1 } else { 2 + 2 * (k % 2) });
            step / 3.0 * (0..2000).map(|k| weight(k) * f(f64::from(k) * step)).sum::<f64>()
        };
        let area = simpson(&|tau| delta.at(tau));
        assert!((area / state.variance - delta.integral_time().unwrap()).abs() < 1e-8);
        let rates = simpson(&|tau| pair_average(0.0, state.variance, delta.at(tau), f64::tanh));
        assert!((4.0 * rates / area - 1.0).abs() < 1e-8, "{}", 4.0 * rates / area);
        // <tanh'> = 1 - <tanh²>, and the tail decays at sqrt(1 - g² <phi'>²).
        let edge = 1.0 - (2.0 * (1.0 - state.rate_power)).powi(2);
        assert!((delta.tail_time().unwrap() * edge.sqrt() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn limits_of_the_gain_are_approached_at_the_expected_rate() {
        // T13, and the deviation from the leading order halves with eps.
        let deviation = |gain: f64| {
            let (state, limit) = (autonomous(gain).unwrap(), NearCritical::new(gain));
            let delta = state.autocovariance;
            let (half, tail) = (delta.half_width().unwrap(), delta.tail_time().unwrap());
            let pairs = [
                (state.variance, limit.variance()),
                (half, limit.half_width()),
                (tail, limit.tail_time()),
                (delta.at(half), limit.at(limit.half_width())),
                (state.exponent, limit.exponent()),
            ];
            pairs.map(|(exact, leading)| exact / leading - 1.0)
        };
        for (near, far) in deviation(1.002).iter().zip(deviation(1.004)) {
            assert!(near.abs() < 0.02 && (far / near - 2.0).abs() < 0.1, "{near} {far}");
        }
        // Corrections at large gain are of order 1 / g².
        let short = |gain: f64| 1.0 - autonomous(gain).unwrap().variance / large_gain_variance(gain);
        assert!((short(20.0) - 0.0047).abs() < 1e-4 && (short(10.0) / short(20.0) - 4.0).abs() < 0.3, "{} {}", short(10.0), short(20.0));
    }

    #[test]
    fn the_origin_rules_up_to_the_critical_gain() {
        for gain in [0.0, 0.3, 1.0] {
            let state = autonomous(gain).unwrap();
            assert!((state.exponent - (gain - 1.0)).abs() < 1e-12);
            assert_eq!((state.variance, state.autocovariance.at(3.0), state.autocovariance.half_width()), (0.0, 0.0, None));
        }
        assert!(autonomous(1.001).unwrap().variance > 0.0);
        assert!(autonomous(-1.0).is_err() && autonomous(f64::NAN).is_err() && autonomous(f64::INFINITY).is_err());
    }

    #[test]
    fn other_nonlinearities_have_their_own_mean_field() {
        // phi = erf(sqrt(pi) x / 2): <phi phi> = (2/pi) arcsin(c / k) with k = 2/pi + Delta0, whose integral is known.
        let gain = 2.0;
        let state = autonomous_with(&ErrorFunction, gain).unwrap();
        let k = 2.0 / PI + state.variance;
        let share = state.variance / k;
        let integral = 2.0 / PI * k * (share * share.asin() + (1.0 - share * share).sqrt() - 1.0);
        assert!((0.5 * state.variance.powi(2) / (gain * gain * integral) - 1.0).abs() < 1e-10);
        assert!((state.rate_power - 2.0 / PI * share.asin()).abs() < 1e-12);
        assert!(state.exponent > 0.0 && state.neutral_level.abs() < 1e-8, "{}", state.neutral_level);
        assert!(autonomous_with(&Identity, 1.5).is_err());
        assert!(autonomous_with(&AsymmetricTanh::default(), 1.5).is_err());
    }
}
