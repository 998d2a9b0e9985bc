//! The delay at which two currents fit best.

use nalgebra::DMatrix;

/// The lag in samples, within ± `largest`, at which the estimate correlates best with the truth: estimate(t + lag) against truth(t),
/// summed over neurons with each neuron's mean removed. Positive: the estimate comes late. `None` when either is constant or too short.
///
/// ```
/// use crosscurrent::metric::best_lag;
/// use nalgebra::DMatrix;
/// let truth = DMatrix::from_fn(1, 50, |_, t| (t as f64 * 0.4).sin());
/// let late = DMatrix::from_fn(1, 50, |_, t| ((t as f64 - 3.0) * 0.4).sin());
/// assert_eq!(best_lag(&truth, &late, 5), Some(3));
/// ```
pub fn best_lag(truth: &DMatrix<f64>, estimate: &DMatrix<f64>, largest: usize) -> Option<i64> {
    let largest = largest.min(truth.ncols().checked_sub(2)?) as i64;
    let (truth, estimate) = (without_means(truth), without_means(estimate));
    let samples = truth.ncols() as i64;
    let (of_truth, of_estimate) = (power_before(&truth), power_before(&estimate));
    let at = |lag: i64| {
        let (from_truth, from_estimate) = ((-lag).max(0) as usize, lag.max(0) as usize);
        let shared = (samples - lag.abs()) as usize;
        let (a, b) = (truth.columns(from_truth, shared), estimate.columns(from_estimate, shared));
        let power = |sums: &[f64], from: usize| sums[from + shared] - sums[from];
        a.dot(&b) / (power(&of_truth, from_truth) * power(&of_estimate, from_estimate)).sqrt()
    };
    // Small lags first, so that ties go to the smaller one.
    let lags = (0..=2 * largest).map(|k| if k % 2 == 0 { k / 2 } else { -(k + 1) / 2 });
    lags.map(|lag| (lag, at(lag)))
        .filter(|(_, c)| c.is_finite())
        .fold(None, |best: Option<(i64, f64)>, (lag, c)| match best {
            Some((_, value)) if value >= c => best,
            _ => Some((lag, c)),
        })
        .map(|(lag, _)| lag)
}

fn without_means(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let means = matrix.column_mean();
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, t| matrix[(i, t)] - means[i])
}

/// Sum of squares of all samples before each, and of all.
fn power_before(matrix: &DMatrix<f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    sums.extend(matrix.column_iter().scan(0.0, |sum, column| {
        *sum += column.norm_squared();
        Some(*sum)
    }));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_of_either_sign_are_found() {
        let signal = |i: usize, t: f64| (t * 0.21).sin() + (t * 0.057 + i as f64).cos();
        let truth = DMatrix::from_fn(4, 200, |i, t| signal(i, t as f64));
        for shift in -6..=6_i64 {
            let moved = DMatrix::from_fn(4, 200, |i, t| signal(i, t as f64 - shift as f64));
            assert_eq!(best_lag(&truth, &moved, 10), Some(shift));
        }
        assert_eq!(best_lag(&truth, &DMatrix::zeros(4, 200), 10), None);
        assert_eq!(best_lag(&DMatrix::zeros(4, 1), &DMatrix::zeros(4, 1), 10), None);
    }
}
