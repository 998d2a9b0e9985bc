//! Polynomials on [0, 1] in the basis of Chebyshev.

use std::f64::consts::PI;

/// p(w) = sum_k c_k T_k(2w - 1) on 0 <= w <= 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series(Vec<f64>);

/// The n points of [0, 1] at which T_n(2w - 1) vanishes; none of them is an end.
pub(super) fn nodes(n: usize) -> Vec<f64> {
    (0..n).map(|j| 0.5 + 0.5 * angle(j, n).cos()).collect()
}

fn angle(j: usize, n: usize) -> f64 {
    PI * (j as f64 + 0.5) / n as f64
}

impl Series {
    /// The polynomial with these values at [`nodes`].
    pub(super) fn through(values: &[f64]) -> Self {
        let n = values.len();
        let coefficient = |k: usize| {
            let sum: f64 = values.iter().enumerate().map(|(j, value)| value * (k as f64 * angle(j, n)).cos()).sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / n as f64
        };
        Series((0..n).map(coefficient).collect())
    }

    /// p(w), by Clenshaw's recurrence.
    pub(super) fn at(&self, w: f64) -> f64 {
        let x = 2.0 * (2.0 * w - 1.0);
        let (mut ahead, mut here) = (0.0, 0.0);
        for c in self.0.iter().skip(1).rev() {
            (ahead, here) = (here, x * here - ahead + c);
        }
        0.5 * x * here - ahead + self.0[0]
    }

    /// m(w) = (1/w) ∫_0^w p, again a polynomial: the mean of p(w t) over 0 < t < 1, by Fejér's rule, exact here.
    pub(super) fn mean_from_zero(&self) -> Series {
        let n = self.0.len();
        let (points, weights) = (nodes(n), fejer(n));
        let mean = |w: &f64| points.iter().zip(&weights).map(|(t, weight)| weight * self.at(w * t)).sum();
        Series::through(&points.iter().map(mean).collect::<Vec<f64>>())
    }

    /// Size of the last eighth of the coefficients relative to the largest: what the polynomial leaves out.
    pub(super) fn tail(&self) -> f64 {
        let size = |part: &[f64]| part.iter().fold(0.0, |m: f64, c| m.max(c.abs()));
        size(&self.0[self.0.len() * 7 / 8..]) / size(&self.0)
    }
}

/// Weights of [`nodes`] that integrate polynomials of a degree below n over [0, 1] exactly (Fejér 1933).
fn fejer(n: usize) -> Vec<f64> {
    let weight = |j: usize| {
        let waves = (1..=(n - 1) / 2).map(|k| (2.0 * k as f64 * angle(j, n)).cos() / (4 * k * k - 1) as f64);
        (1.0 - 2.0 * waves.sum::<f64>()) / n as f64
    };
    (0..n).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_holds_a_function_and_its_mean_from_zero() {
        let series = Series::through(&nodes(24).iter().map(|w| (2.0 * w).exp()).collect::<Vec<f64>>());
        let mean = series.mean_from_zero();
        for w in [1e-9_f64, 0.1, 0.77, 1.0] {
            assert!((series.at(w) - (2.0 * w).exp()).abs() < 1e-13);
            assert!((mean.at(w) - (2.0 * w).exp_m1() / (2.0 * w)).abs() < 1e-13, "{w}");
        }
        assert!(series.tail() < 1e-14);
    }
}
