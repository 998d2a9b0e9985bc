//! Intervals: an estimate and the range that holds the truth in 95 of 100 repetitions.

use serde::Serialize;

/// An estimate with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Interval {
    /// A share of `hits` in `total` independent trials, with Wilson's score interval.
    ///
    /// ```
    /// use crosscurrent::classify::Interval;
    /// let share = Interval::wilson(9, 10);
    /// assert!((share.low - 0.5958).abs() < 1e-4 && (share.high - 0.9821).abs() < 1e-4);
    /// ```
    pub fn wilson(hits: usize, total: usize) -> Self {
        let (n, p) = (total as f64, hits as f64 / total as f64);
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        Interval { value: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }

    /// An area under a curve with its standard error, symmetric in log-odds so that it stays within (0, 1). At an area of exactly 0 or 1
    /// the standard error is zero and so is the width: nothing is known then but that no pair was in the wrong order.
    pub(super) fn logit(value: f64, error: f64) -> Self {
        if !(value > 0.0 && value < 1.0) {
            return Interval { value, low: value, high: value };
        }
        let (centre, spread) = ((value / (1.0 - value)).ln(), error / (value * (1.0 - value)));
        let back = |x: f64| 1.0 / (1.0 + (-x).exp());
        Interval { value, low: back(centre - Z * spread), high: back(centre + Z * spread) }
    }

    /// The mean of a table of repetitions × series, both of which are samples: `rows` holds its row means, `columns` its column means.
    ///
    /// The variance is var(rows) / R + var(columns) / C, which counts the share of single cells twice and so errs on the wide side.
    pub(super) fn crossed(rows: &[f64], columns: &[f64]) -> Self {
        let value = mean(rows);
        let error = (variance_of_mean(rows) + variance_of_mean(columns)).sqrt();
        Interval { value, low: (value - Z * error).max(0.0), high: (value + Z * error).min(1.0) }
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance over count; zero where one value says nothing of it.
pub(super) fn variance_of_mean(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let (mean, n) = (mean(values), values.len() as f64);
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_an_area_contains_it_and_stays_inside() {
        let interval = Interval::logit(0.97, 0.02);
        assert!(interval.low < 0.97 && 0.97 < interval.high && interval.high < 1.0);
        assert_eq!(Interval::logit(1.0, 0.0).low, 1.0);
        let all = Interval::wilson(10, 10);
        assert!(all.high > 1.0 - 1e-12 && (all.low - 0.7225).abs() < 1e-3);
    }
}
