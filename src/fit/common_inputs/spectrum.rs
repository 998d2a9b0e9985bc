//! Spectrum: how the power of a trace falls with its frequency, learned from the part of it that can be seen.

use crate::error::Result;
use crate::linalg::Cholesky;
use nalgebra::{DMatrix, DVector, Matrix3, Vector3};

/// Steps of expectation and maximisation.
const ITERATIONS: usize = 25;
/// A prior variance over the noise beyond which the metric is rounding.
const WIDEST: f64 = 1e12;
/// Variance may fall with at most this power of the frequency.
const STEEPEST: f64 = 6.0;

/// A trace seen through a metric: b = H c + noise of covariance `noise` H, c its coefficients on the smooth functions.
pub(super) struct Seen<'a> {
    /// H, functions × functions.
    pub metric: &'a DMatrix<f64>,
    /// b.
    pub image: &'a DVector<f64>,
    pub noise: f64,
    /// Of each function in Hz.
    pub frequencies: &'a [f64],
}

impl Seen<'_> {
    /// The mean of c under independent normal coefficients with the variance a (1 + (f / f0)²)^(-p/2); a, p and f0, by expectation and
    /// maximisation, are those under which what is seen is most probable, each function counting as much as it is seen.
    ///
    /// So frequencies that can be seen say how strong those are that cannot: J hides slow traces first.
    pub(super) fn coefficients(&self, power: f64) -> Result<DVector<f64>> {
        let count = self.frequencies.len();
        let mut law = Law::new(self.frequencies, power);
        let mut mean = DVector::zeros(count);
        for _ in 0..ITERATIONS {
            let prior = DVector::from_fn(count, |d, _| law.variance(self.frequencies[d]).min(WIDEST * self.noise));
            // In units of the prior, 1 + S H S / noise: with next to no noise the plain precision is singular to rounding.
            let root = prior.map(f64::sqrt);
            let mut precision = DMatrix::from_fn(count, count, |a, b| root[a] * root[b] * self.metric[(a, b)] / self.noise);
            (0..count).for_each(|d| precision[(d, d)] += 1.0);
            let factor = Cholesky::new(&precision)?;
            let image = DMatrix::from_fn(count, 1, |d, _| root[d] * self.image[d] / self.noise);
            mean = factor.solve(&image).column(0).component_mul(&root);
            let variance = factor.solve(&DMatrix::identity(count, count)).diagonal().component_mul(&prior);
            let told = |d: usize| Told {
                frequency: self.frequencies[d],
                excess: (mean[d] * mean[d] + variance[d]) / prior[d] - 1.0,
                seen: (1.0 - variance[d] / prior[d]).max(0.0),
            };
            law.follow(&(0..count).map(told).collect::<Vec<_>>());
        }
        Ok(mean)
    }
}

/// Variance over frequency: exp(level) (1 + (f / corner)²)^(-slope / 2).
struct Law {
    level: f64,
    slope: f64,
    corner: f64,
    /// Lowest frequency above zero, and the highest.
    range: (f64, f64),
}

/// What one function says of the law.
struct Told {
    frequency: f64,
    /// Second moment over variance, less 1.
    excess: f64,
    /// Share of its variance that is seen.
    seen: f64,
}

impl Law {
    fn new(frequencies: &[f64], power: f64) -> Law {
        let least = frequencies.iter().copied().filter(|&f| f > 0.0).fold(f64::INFINITY, f64::min);
        let most = frequencies.iter().copied().fold(least.min(1.0), f64::max);
        let least = least.min(most);
        Law { level: power.ln(), slope: 1.0, corner: (least * most).sqrt(), range: (least, most) }
    }

    fn variance(&self, frequency: f64) -> f64 {
        (self.level - 0.5 * self.slope * (1.0 + (frequency / self.corner).powi(2)).ln()).exp()
    }

    /// One step of Fisher scoring, bounded, because far from the best values a moment can be many times its variance.
    fn follow(&mut self, told: &[Told]) {
        let mut left = Matrix3::identity() * 1e-6;
        let mut right = Vector3::zeros();
        for Told { frequency, excess, seen } in told {
            let square = (frequency / self.corner).powi(2);
            let slopes = Vector3::new(1.0, -0.5 * (1.0 + square).ln(), self.slope * square / (1.0 + square));
            left += slopes * slopes.transpose() * *seen;
            right += slopes * (seen * excess.min(3.0));
        }
        let step = left.try_inverse().map_or(Vector3::zeros(), |inverse| inverse * right).map(|s: f64| s.clamp(-1.0, 1.0));
        self.level += step[0];
        self.slope = (self.slope + step[1]).clamp(0.0, STEEPEST);
        self.corner = (self.corner.ln() + step[2]).exp().clamp(self.range.0, self.range.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;
    use crate::seed::Seed;

    #[test]
    fn slow_parts_that_are_hardly_seen_are_found_because_power_falls_with_frequency() {
        let (count, noise) = (80, 1.0);
        let frequencies: Vec<f64> = (0..count).map(|j| j as f64 / 10.0).collect();
        let (mut flat, mut learned) = (0.0, 0.0);
        for seed in 0..10 {
            let draws = normal_matrix(count, 2, 1.0, Seed(seed));
            let truth = DVector::from_fn(count, |d, _| 300.0 * draws[(d, 0)] / (1.0 + d as f64).powi(2));
            // Of slow functions J leaves little to be seen.
            let metric = DMatrix::from_diagonal(&DVector::from_fn(count, |d, _| (d as f64 / 20.0).powi(2).clamp(3e-4, 1.0)));
            let image = DVector::from_fn(count, |d, _| metric[(d, d)] * truth[d] + (noise * metric[(d, d)]).sqrt() * draws[(d, 1)]);
            let seen = Seen { metric: &metric, image: &image, noise, frequencies: &frequencies };
            learned += (seen.coefficients(10.0).unwrap() - &truth).norm_squared() / truth.norm_squared();
            let ridge = DVector::from_fn(count, |d, _| image[d] / (metric[(d, d)] + 0.1));
            flat += (ridge - &truth).norm_squared() / truth.norm_squared();
        }
        assert!(learned < 0.5 * flat, "{learned} {flat}");
    }

    #[test]
    fn a_trace_that_is_far_above_the_noise_is_found_through_a_metric_of_low_rank() {
        let frequencies: Vec<f64> = (0..40).map(|d| 0.1 * d as f64).collect();
        let half = normal_matrix(40, 15, 0.2, Seed(1));
        let metric = &half * half.transpose();
        let truth = DVector::from_fn(40, |d, _| 1e11 * (d as f64).cos());
        let image = &metric * &truth;
        let seen = Seen { metric: &metric, image: &image, noise: 1.0, frequencies: &frequencies };
        let found = seen.coefficients(1e22).unwrap();
        assert!((&metric * found - &image).norm() < 1e-3 * image.norm());
    }
}
