//! Averages over Gaussian variables.

/// Half of the interval of integration, in standard deviations.
const REACH: f64 = 8.5;

/// Largest step of x: fine enough for functions whose complex poles lie at ± iπ/2, as those of tanh do (error exp(-2π (π/2) / step)).
const STEP: f64 = 0.2;

/// Largest step in standard deviations; the trapezoid rule integrates a normal density itself to exp(-2π² / step²).
const SHARE: f64 = 0.4;

/// Nodes of the trapezoid rule on a normal variable of mean 0: (step, weights from the middle outwards, of one side).
///
/// Gauss–Hermite nodes are no choice: for gains of 4 and more, tanh turns between two of them.
pub(super) fn half_nodes(deviation: f64) -> (f64, Vec<f64>) {
    let step = SHARE.min(STEP / deviation);
    let weights: Vec<f64> = (0..=(REACH / step) as usize).map(|k| (-0.5 * (k as f64 * step).powi(2)).exp()).collect();
    let total = 2.0 * weights.iter().sum::<f64>() - weights[0];
    (step * deviation, weights.into_iter().map(|weight| weight / total).collect())
}

/// <f(x)> for x normal with this mean and variance: the integral of f(mean + sqrt(variance) z) over the standard normal measure.
///
/// The trapezoid rule converges exponentially for f that is smooth on the scale of its step: 0.2, or less where the deviation is small.
/// That holds for tanh, its derivatives, products and primitives to rounding error, for tanh(2x) to 1e-10, not for functions with corners.
///
/// ```
/// use crosscurrent::theory::average;
/// assert!((average(1.0, 4.0, |x| x * x) - 5.0).abs() < 1e-12);
/// ```
pub fn average(mean: f64, variance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (step, weights) = half_nodes(variance.max(0.0).sqrt());
    let pairs = weights.iter().enumerate().skip(1).map(|(k, weight)| {
        let x = k as f64 * step;
        weight * (f(mean + x) + f(mean - x))
    });
    weights[0] * f(mean) + pairs.sum::<f64>()
}

/// <f(x) f(y)> for two normal variables with this mean and variance each and this covariance (-variance to variance).
///
/// Given what they share, x and y are independent: the average of the square of an average. A negative covariance takes the second
/// factor at the opposite of the shared part. Precision is that of [`average`].
///
/// ```
/// use crosscurrent::theory::pair_average;
/// assert!((pair_average(0.0, 2.0, 0.7, |x| x) - 0.7).abs() < 1e-12);
/// assert!((pair_average(0.5, 2.0, -0.7, |x| x) - (0.25 - 0.7)).abs() < 1e-12);
/// ```
pub fn pair_average(mean: f64, variance: f64, covariance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let shared = covariance.abs();
    let private = (variance - shared).max(0.0);
    // Both parts then have the step 0.2, so that all sums of the two fall on one lattice.
    let wide = (STEP / SHARE).powi(2);
    if private.min(shared) >= wide {
        return on_lattice(mean, [private, shared], covariance < 0.0, f);
    }
    let inner = |at: f64| average(mean + at, private, &f);
    average(0.0, shared, |at| {
        let here = inner(at);
        here * if covariance < 0.0 { inner(-at) } else { here }
    })
}

/// [`pair_average`] with f evaluated once at every sum of a private and a shared node.
fn on_lattice(mean: f64, [private, shared]: [f64; 2], opposite: bool, f: impl Fn(f64) -> f64) -> f64 {
    let ((step, inner), (_, outer)) = (half_nodes(private.sqrt()), half_nodes(shared.sqrt()));
    let (reach, far) = (inner.len() - 1, outer.len() - 1);
    let middle = (reach + far) as f64;
    let values: Vec<f64> = (0..=2 * (reach + far)).map(|k| f(mean + (k as f64 - middle) * step)).collect();
    let weights: Vec<f64> = inner.iter().skip(1).rev().chain(&inner).copied().collect();
    let smooth: Vec<f64> = values.windows(weights.len()).map(|window| dot(&weights, window)).collect();
    let pair = |k: usize, l: usize| smooth[k] * smooth[if opposite { l } else { k }];
    let both = |k: usize| 0.5 * (pair(far + k, far - k) + pair(far - k, far + k));
    2.0 * (1..=far).map(|k| outer[k] * both(k)).sum::<f64>() + outer[0] * both(0)
}

/// Scalar product of two slices of one length, in eight sums that the processor can do at once.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (head, tail) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest: f64 = head.remainder().iter().zip(tail.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in head.zip(tail) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    rest + lanes.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn averages_of_known_functions_are_exact() {
        // <cos x> = cos(mean) exp(-variance / 2); <cos x cos y> follows from the sum and the difference.
        assert!((average(0.3, 2.0, f64::cos) - 0.3_f64.cos() * (-1.0_f64).exp()).abs() < 1e-13);
        for covariance in [-1.9_f64, -0.4, 0.0, 0.7, 2.0] {
            let expected = 0.5 * ((-(2.0 - covariance)).exp() + 0.6_f64.cos() * (-(2.0 + covariance)).exp());
            assert!((pair_average(0.3, 2.0, covariance, f64::cos) - expected).abs() < 1e-12, "{covariance}");
        }
        assert!((pair_average(0.2, 3.0, 3.0, f64::tanh) - average(0.2, 3.0, |x| x.tanh().powi(2))).abs() < 1e-13);
    }

    #[test]
    fn pairs_of_error_functions_follow_the_arcsine_law() {
        // <erf(x) erf(y)> = (2/π) arcsin(2c / (1 + 2v)); erf is as steep as tanh(1.13 x).
        for variance in [0.02_f64, 0.7, 4.0, 60.0, 300.0] {
            for share in [-1.0, -0.6, -1e-4, 0.0, 1e-6, 0.02, 0.5, 0.97, 0.999_99, 1.0] {
                let covariance = share * variance;
                let expected = 2.0 / PI * (2.0 * covariance / (1.0 + 2.0 * variance)).asin();
                let found = pair_average(0.0, variance, covariance, libm::erf);
                assert!((found - expected).abs() < 2e-12, "{variance}, {share}: {found} against {expected}");
            }
        }
    }

    #[test]
    fn averages_of_tanh_are_exact_for_every_width() {
        // <x tanh x> = variance <1 - tanh²> (Stein), up to the deviations of networks with a gain of 20.
        for variance in [1e-8, 0.05, 1.0, 30.0, 300.0] {
            let left = average(0.0, variance, |x| x * x.tanh()) / variance;
            let right = average(0.0, variance, |x| 1.0 - x.tanh().powi(2));
            assert!((left - right).abs() < 1e-13, "{variance}: {left} against {right}");
        }
    }
}
