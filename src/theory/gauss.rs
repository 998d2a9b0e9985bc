//! Averages over Gaussian variables.

/// Half of the interval of integration, in standard deviations.
const REACH: f64 = 8.5;

/// Nodes of the trapezoid rule. Gauss–Hermite nodes are no choice: for gains of 4 and more, tanh turns between two of them.
const NODES: usize = 481;

/// <f(x)> for x normal with this mean and variance: the integral of f(mean + sqrt(variance) z) over the standard normal measure.
///
/// The trapezoid rule converges exponentially for functions that are smooth on the scale of its step (0.035 standard deviations).
///
/// ```
/// use crosscurrent::theory::average;
/// assert!((average(1.0, 4.0, |x| x * x) - 5.0).abs() < 1e-12);
/// ```
pub fn average(mean: f64, variance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let deviation = variance.max(0.0).sqrt();
    let step = 2.0 * REACH / (NODES - 1) as f64;
    let (mut sum, mut weights) = (0.0, 0.0);
    for k in 0..NODES {
        let z = -REACH + k as f64 * step;
        let weight = (-0.5 * z * z).exp();
        sum += weight * f(mean + deviation * z);
        weights += weight;
    }
    sum / weights
}

/// <f(x) f(y)> for two normal variables with this mean and variance each and this covariance (-variance to variance).
///
/// Given what they share, x and y are independent: the average of the square of an average. A negative covariance takes the second
/// factor at the opposite of the shared part.
///
/// ```
/// use crosscurrent::theory::pair_average;
/// assert!((pair_average(0.0, 2.0, 0.7, |x| x) - 0.7).abs() < 1e-12);
/// assert!((pair_average(0.5, 2.0, -0.7, |x| x) - (0.25 - 0.7)).abs() < 1e-12);
/// ```
pub fn pair_average(mean: f64, variance: f64, covariance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let private = (variance - covariance.abs()).max(0.0);
    let inner = |shared: f64| average(mean + shared, private, &f);
    average(0.0, covariance.abs(), |shared| {
        let here = inner(shared);
        here * if covariance < 0.0 { inner(-shared) } else { here }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
