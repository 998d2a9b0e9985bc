//! Fixed points of low-rank networks, and whether they are stable.

use super::scan::{evenly, roots, towards};
use super::{LowRank, slope};
use crate::error::Result;
use crate::theory::root;
use crate::theory::tanh_pair::tanh_average as average;
use nalgebra::Matrix3;
use serde::Serialize;

/// A fixed point: x_i is normal over units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stationary {
    /// Overlap kappa = ⟨n phi⟩.
    pub kappa: f64,
    /// Mean mu of x over units.
    pub mu: f64,
    /// Variance Delta0 of x over units.
    pub delta0: f64,
    /// g sqrt(<phi'²>), radius of the disc of eigenvalues of J phi'.
    pub bulk_radius: f64,
    /// The real eigenvalue of J phi' that structure takes out of the disc; inside the disc if its modulus is below `bulk_radius`.
    pub outlier: f64,
}

impl Stationary {
    /// Whether small perturbations decay: every eigenvalue of J phi' has a real part below 1.
    pub fn stable(&self) -> bool {
        self.bulk_radius < 1.0 && self.outlier < 1.0
    }
}

impl LowRank {
    /// All fixed points with an overlap that is the same in (almost) every sample of the network, by ascending kappa.
    ///
    /// kappa = M_n ⟨phi⟩ + S_nI ⟨phi'⟩, mu = M_m kappa + M_I, Delta0 = g² ⟨phi²⟩ + S_m² kappa² + S_I². Delta0 is unique at a given kappa
    /// (<phi²> / Delta0 falls with Delta0), so one scan over kappa sees every solution. Without input they are the trivial one (kappa = 0)
    /// and pairs of opposite sign.
    ///
    /// # Errors
    /// A parameter out of range, or [`crate::Error::NotConverged`].
    pub fn stationary(&self) -> Result<Vec<Stationary>> {
        self.check()?;
        let excess = |kappa: f64| Ok(self.overlap(kappa, self.static_variance(kappa)?) - kappa);
        let largest = self.largest_overlap();
        let overlaps = if largest == 0.0 {
            vec![0.0]
        } else if self.symmetric() {
            let positive = roots("overlap of a fixed point", &towards(0.0, 1.01 * largest, 160), excess)?;
            self.mirrored(&positive)
        } else {
            roots("overlap of a fixed point", &evenly(-1.01 * largest, 1.01 * largest, 640), excess)?
        };
        overlaps.into_iter().map(|kappa| self.fixed_point(kappa)).collect()
    }

    /// The structured fixed point of a network without input: the one of largest kappa > 0, if there is any.
    ///
    /// # Errors
    /// As [`LowRank::stationary`].
    pub fn structured(&self) -> Result<Option<Stationary>> {
        Ok(self.stationary()?.into_iter().rev().find(|state| state.kappa > 0.0))
    }

    /// Positive overlaps with their opposites and zero, ascending.
    pub(super) fn mirrored(&self, positive: &[f64]) -> Vec<f64> {
        positive.iter().rev().map(|kappa| -kappa).chain([0.0]).chain(positive.iter().copied()).collect()
    }

    /// Delta0 = g² <phi²> + S_m² kappa² + S_I² at an overlap that may not be that of a solution; above 0 where it can be.
    pub(super) fn static_variance(&self, kappa: f64) -> Result<f64> {
        let (mu, structured) = (self.mu(kappa), self.structured_variance(kappa));
        let square = self.gain * self.gain;
        let excess = |delta0: f64| square * average(mu, delta0, |x| x.tanh().powi(2)) + structured - delta0;
        let high = square + structured;
        if mu == 0.0 && structured == 0.0 {
            // <phi²> >= Delta0 (1 - 2 Delta0) keeps the bracket off the root at zero.
            let low = 0.25 * (1.0 - 1.0 / square);
            return if low <= 0.0 { Ok(0.0) } else { root("variance of a fixed point", (low, high), 1e-13, excess) };
        }
        if high == 0.0 { Ok(0.0) } else { root("variance of a fixed point", (0.0, high * (1.0 + 1e-12)), 1e-14, excess) }
    }

    fn fixed_point(&self, kappa: f64) -> Result<Stationary> {
        let delta0 = self.static_variance(kappa)?;
        let outlier = self.outlier(kappa, delta0);
        Ok(Stationary { kappa, mu: self.mu(kappa), delta0, bulk_radius: self.bulk_radius(kappa, delta0), outlier })
    }

    /// Largest real part of the linear map of small changes of (mu, Delta0, kappa) to what they cause.
    fn outlier(&self, kappa: f64, delta0: f64) -> f64 {
        let mean = |f: fn(f64) -> f64| average(self.mu(kappa), delta0, f);
        let square = self.gain * self.gain;
        let curvature = mean(second);
        let by_mean = self.mean_n * mean(slope) + self.input_covariance * curvature;
        let by_variance = 0.5 * (self.mean_n * curvature + self.input_covariance * mean(third));
        let variance = [
            2.0 * square * mean(|x| x.tanh() * slope(x)),
            square * mean(|x| slope(x).powi(2) + x.tanh() * second(x)),
            2.0 * self.deviation_m.powi(2) * kappa,
        ];
        let [first, middle, last] = variance.map(|entry| by_variance * entry);
        #[rustfmt::skip]
        let map = Matrix3::new(
            0.0, 0.0, self.mean_m,
            variance[0], variance[1], variance[2],
            first, middle, last + self.mean_m * by_mean,
        );
        map.complex_eigenvalues().iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// phi''
fn second(x: f64) -> f64 {
    -2.0 * x.tanh() * slope(x)
}

/// phi'''
fn third(x: f64) -> f64 {
    -2.0 * slope(x) * (1.0 - 3.0 * x.tanh().powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structured_fixed_point_has_the_tabulated_values() {
        let table = [
            (0.5, 1.22451, 1.34696, 1.66187, 0.24435),
            (1.0, 1.08785, 1.19664, 1.80848, 0.51023),
            (1.5, 0.83425, 0.91768, 2.02371, 0.80826),
            (1.796, 0.58650, 0.64515, 2.17239, 1.00007),
        ];
        for (gain, kappa, mu, delta0, radius) in table {
            let state = LowRank { gain, ..LowRank::default() }.structured().unwrap().unwrap();
            for (value, expected) in [(state.kappa, kappa), (state.mu, mu), (state.delta0, delta0), (state.bulk_radius, radius)] {
                assert!((value - expected).abs() < 6e-6, "g = {gain}: {value} against {expected}");
            }
            assert_eq!(state.stable(), radius < 1.0);
        }
    }

    #[test]
    fn every_solution_satisfies_its_equations() {
        let driven = LowRank { input_mean: 0.2, input_deviation: 1.0, input_covariance: 0.6, ..LowRank::default() };
        let below = LowRank { mean_m: 0.4, ..LowRank::default() };
        for (network, count) in [(LowRank::default(), 3), (driven, 1), (below, 1), (LowRank { gain: 1.6, mean_m: 0.4, ..below }, 1)] {
            let states = network.stationary().unwrap();
            assert_eq!(states.len(), count, "{network:?}");
            for state in states {
                let rates = network.gain.powi(2) * average(state.mu, state.delta0, |x| x.tanh().powi(2));
                assert!((state.delta0 - rates - network.structured_variance(state.kappa)).abs() < 1e-11);
                assert!((network.overlap(state.kappa, state.delta0) - state.kappa).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn solutions_come_in_pairs_and_the_trivial_one_loses_stability_to_them() {
        let states = LowRank { gain: 0.6, ..LowRank::default() }.stationary().unwrap();
        assert_eq!(states.iter().map(Stationary::stable).collect::<Vec<_>>(), [true, false, true]);
        assert!((states[0].kappa + states[2].kappa).abs() < 1e-14 && states[1].delta0 == 0.0);
        // At the origin phi' = 1: the outlier is the outlier of J.
        assert!((states[1].outlier - 2.2).abs() < 1e-12);
    }

    #[test]
    fn a_structured_state_appears_where_the_product_of_means_is_one() {
        for (mean_m, found) in [(0.49, false), (0.5001, true), (0.51, true)] {
            assert_eq!(LowRank { gain: 0.5, mean_m, ..LowRank::default() }.structured().unwrap().is_some(), found, "{mean_m}");
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(LowRank { gain: -1.0, ..LowRank::default() }.stationary().is_err());
        assert!(LowRank { input_deviation: 0.5, input_covariance: 0.6, ..LowRank::default() }.stationary().is_err());
    }
}
