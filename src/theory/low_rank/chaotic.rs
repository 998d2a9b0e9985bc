//! Chaotic states of low-rank networks.

use super::LowRank;
use super::scan::{evenly, roots, towards};
use crate::error::Result;
use crate::theory::root;
use crate::theory::tanh_pair::{TanhPair, tanh_average as average};
use serde::Serialize;

/// A chaotic state: x_i fluctuates around its own mean, which is normal over units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chaotic {
    /// Overlap kappa = ⟨n phi⟩.
    pub kappa: f64,
    /// Mean mu of x over units and time.
    pub mu: f64,
    /// Variance Delta0 of x over units and time.
    pub delta0: f64,
    /// Variance Delta_inf over units of the mean over time; Delta0 - Delta_inf is the variance in time.
    pub delta_inf: f64,
}

/// Zero of the autocovariance for a variance that may not be that of a solution.
struct Decay {
    delta_inf: f64,
    /// Potential at Delta0 minus potential at `delta_inf`: zero in a solution, positive where Delta0 is too small.
    energy: f64,
}

impl LowRank {
    /// All chaotic states, by ascending kappa; empty where there is none.
    ///
    /// ```text
    /// Delta_inf = g² <phi phi>_{Delta_inf} + c                      c = S_m² kappa² + S_I²
    /// (Delta0² - Delta_inf²) / 2 = g² (<Phi²> - <Phi Phi>_{Delta_inf}) + c (Delta0 - Delta_inf)        Phi = ln cosh
    /// ```
    ///
    /// with kappa and mu as for fixed points: the autocovariance falls from Delta0 to Delta_inf without a second turning point. At an overlap
    /// kappa a solution exists where the variance of the fixed point at kappa has bulk radius above 1; one scan over kappa finds them all.
    ///
    /// # Errors
    /// A parameter out of range, or [`crate::Error::NotConverged`].
    pub fn chaotic(&self) -> Result<Vec<Chaotic>> {
        self.check()?;
        if self.largest_overlap() == 0.0 {
            return Ok(self.chaotic_state(0.0)?.into_iter().collect());
        }
        let mut overlaps = Vec::new();
        let symmetric = self.symmetric();
        let excess = |kappa: f64| match self.chaotic_variances(kappa)? {
            Some((delta0, _)) => Ok(self.overlap(kappa, delta0) - kappa),
            None => Ok(f64::NAN),
        };
        for (low, high) in self.chaotic_intervals()? {
            let grid = if symmetric { towards(low, high, 8) } else { evenly(low, high, 48) };
            overlaps.extend(roots("overlap of a chaotic state", &grid, excess)?);
        }
        if symmetric {
            overlaps = self.mirrored(&overlaps);
        }
        let states = overlaps.into_iter().map(|kappa| self.chaotic_state(kappa)).collect::<Result<Vec<_>>>()?;
        Ok(states.into_iter().flatten().collect())
    }

    /// The structured chaotic state of a network without input: the one of largest kappa > 0, if there is any.
    ///
    /// # Errors
    /// As [`LowRank::chaotic`].
    pub fn structured_chaos(&self) -> Result<Option<Chaotic>> {
        Ok(self.chaotic()?.into_iter().rev().find(|state| state.kappa > 0.0))
    }

    fn chaotic_state(&self, kappa: f64) -> Result<Option<Chaotic>> {
        let variances = self.chaotic_variances(kappa)?;
        Ok(variances.map(|(delta0, delta_inf)| Chaotic { kappa, mu: self.mu(kappa), delta0, delta_inf }))
    }

    /// Ranges of the overlap in which static activity has a bulk radius above 1 (of the positive ones in a symmetric network).
    fn chaotic_intervals(&self) -> Result<Vec<(f64, f64)>> {
        let excess = |kappa: f64| Ok(self.bulk_radius(kappa, self.static_variance(kappa)?) - 1.0);
        let largest = 1.01 * self.largest_overlap();
        let low = if self.symmetric() { 0.0 } else { -largest };
        let mut edges = roots("edge of chaos", &evenly(low, largest, 80), excess)?;
        if excess(low)? > 0.0 {
            edges.insert(0, low);
        }
        if excess(largest)? > 0.0 {
            edges.push(largest);
        }
        Ok(edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    }

    /// (Delta0, Delta_inf) at an overlap that may not be that of a solution; none where static activity is stable.
    pub(super) fn chaotic_variances(&self, kappa: f64) -> Result<Option<(f64, f64)>> {
        let fixed = self.static_variance(kappa)?;
        let excess = self.bulk_radius(kappa, fixed).powi(2) - 1.0;
        if excess < -1e-9 {
            return Ok(None);
        }
        // Near the edge Delta0 lies below the variance of the fixed point by a share of about excess²; at the edge the two merge.
        let mut gap = 0.1 * excess * excess;
        while gap > 1e-10 && self.decay(kappa, fixed * (1.0 - gap))?.energy >= 0.0 {
            gap *= 0.1;
        }
        if gap <= 1e-10 {
            return Ok(Some((fixed, fixed)));
        }
        let mut low = 2.0 * gap;
        while low < 0.6 && self.decay(kappa, fixed * (1.0 - low))?.energy < 0.0 {
            (gap, low) = (low, 2.0 * low);
        }
        let energy = |delta0: f64| self.decay(kappa, delta0).map_or(f64::NAN, |decay| decay.energy);
        let bracket = (fixed * (1.0 - low), fixed * (1.0 - gap));
        let delta0 = root("variance of a chaotic state", bracket, 1e-11, energy)?;
        Ok(Some((delta0, self.decay(kappa, delta0)?.delta_inf)))
    }

    /// Where an autocovariance that starts at `delta0` can end, and the energy it has left there.
    ///
    /// The force f(Delta) = g² <phi phi>_Delta + c - Delta is convex and not negative at 0, so it has two roots or none below delta0; the
    /// smaller one is the end. Where there is none the smallest force takes its place, which keeps the energy continuous and positive.
    fn decay(&self, kappa: f64, delta0: f64) -> Result<Decay> {
        let (mu, structured, square) = (self.mu(kappa), self.structured_variance(kappa), self.gain * self.gain);
        let pair = |covariance| TanhPair { mean: mu, variance: delta0, covariance };
        let force = |delta: f64| square * pair(delta).averages().rates + structured - delta;
        let change = |delta: f64| square * pair(delta).averages().slopes - 1.0;
        let lowest = if change(0.0) >= 0.0 {
            0.0
        } else if change(delta0) <= 0.0 {
            delta0
        } else {
            root("smallest force", (0.0, delta0), 1e-5 * delta0, change)?
        };
        let starts_at_rest = mu == 0.0 && structured == 0.0;
        let delta_inf = if starts_at_rest {
            0.0
        } else if force(lowest) >= 0.0 {
            lowest
        } else {
            root("end of the autocovariance", (0.0, lowest), 1e-11, force)?
        };
        let potential = |delta: f64| square * pair(delta).potential() + structured * delta - 0.5 * delta * delta;
        Ok(Decay { delta_inf, energy: potential(delta0) - potential(delta_inf) })
    }

    /// q = <phi²> of the chaos that has no structure; 0 for g up to 1.
    pub(super) fn unstructured_rates(&self) -> Result<f64> {
        let variances = if self.gain > 1.0 { self.chaotic_variances(0.0)? } else { None };
        Ok(variances.map_or(0.0, |(delta0, _)| average(0.0, delta0, |x| x.tanh().powi(2))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structured_chaos_has_the_tabulated_values() {
        let table = [
            (1.9, 0.46715, 0.51387, 2.22434, 1.86882),
            (2.0, 0.33229, 0.36551, 2.26842, 1.39167),
            (2.1, 0.15273, 0.16801, 2.30374, 0.55309),
            (2.13, 0.05805, 0.06385, 2.31180, 0.11374),
        ];
        for (gain, kappa, mu, delta0, delta_inf) in table {
            let state = LowRank { gain, ..LowRank::default() }.structured_chaos().unwrap().unwrap();
            for (value, expected) in [(state.kappa, kappa), (state.mu, mu), (state.delta0, delta0), (state.delta_inf, delta_inf)] {
                assert!((value - expected).abs() < 6e-6, "g = {gain}: {value} against {expected}");
            }
        }
    }

    #[test]
    fn chaos_without_structure_is_that_of_random_networks() {
        // T10
        for (gain, delta0) in [(1.5, 0.74769), (2.0, 1.92481), (3.0, 5.44633), (5.0, 16.96405)] {
            let network = LowRank { gain, mean_m: 0.0, mean_n: 0.0, deviation_m: 0.0, ..LowRank::default() };
            let states = network.chaotic().unwrap();
            assert_eq!(states.len(), 1);
            assert!((states[0].delta0 / delta0 - 1.0).abs() < 1e-5, "g = {gain}: {}", states[0].delta0);
            assert_eq!((states[0].kappa, states[0].delta_inf), (0.0, 0.0));
        }
    }

    #[test]
    fn chaos_needs_an_unstable_fixed_point() {
        assert!(LowRank { gain: 0.9, ..LowRank::default() }.chaotic().unwrap().is_empty());
        // Between 1 and the onset of structured chaos only the unstructured chaotic state exists, beyond the collapse again.
        for (gain, count) in [(1.5, 1), (1.79, 1), (1.80, 3), (2.2, 1)] {
            assert_eq!(LowRank { gain, ..LowRank::default() }.chaotic().unwrap().len(), count, "{gain}");
        }
    }

    #[test]
    fn an_input_suppresses_chaos() {
        let network = |input_deviation| LowRank { gain: 1.5, mean_m: 0.0, mean_n: 0.0, input_deviation, ..LowRank::default() };
        assert_eq!(network(0.3).chaotic().unwrap().len(), 1);
        assert!(network(1.5).chaotic().unwrap().is_empty());
    }
}
