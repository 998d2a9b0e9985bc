//! Averages over two correlated Gaussian variables of the functions that mean-field equations of tanh networks need.

/// Half of the interval of integration, in standard deviations.
const REACH: f64 = 7.8;

/// Step of the trapezoid rule times the deviation of x: tanh has its poles at ± i pi/2, so the rule is wrong by exp(-pi² / STEP), 1e-14.
const STEP: f64 = 0.3;

/// <f(x)> of one normal variable, for f that is smooth but for the poles of tanh and its derivatives: [`super::average`] in a sixth of the time.
pub(super) fn tanh_average(mean: f64, variance: f64, f: impl Fn(f64) -> f64) -> f64 {
    normal_nodes(variance, false).iter().map(|&(x, weight)| weight * f(mean + x)).sum()
}

/// Two normal variables x and y with this mean and variance each, and this covariance, 0 to the variance.
#[derive(Clone, Copy, Debug)]
pub(super) struct TanhPair {
    pub mean: f64,
    pub variance: f64,
    pub covariance: f64,
}

/// What a pair gives, phi = tanh.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PairAverages {
    /// <phi(x) phi(y)>
    pub rates: f64,
    /// <phi'(x) phi'(y)>, the derivative of `rates` by the covariance.
    pub slopes: f64,
    /// <phi''(x) phi(y)>, the derivative of `rates` by the variance at a fixed covariance.
    pub curvature: f64,
}

impl TanhPair {
    /// The averages of rates and their derivatives.
    pub fn averages(self) -> PairAverages {
        let (shared, private) = self.nodes();
        let mut result = PairAverages::default();
        for (offset, weight) in shared {
            let (mut rate, mut slope, mut curvature) = (0.0, 0.0, 0.0);
            for &(x, w) in &private {
                let t = tanh(self.mean + offset + x);
                let s = 1.0 - t * t;
                rate += w * t;
                slope += w * s;
                curvature -= 2.0 * w * t * s;
            }
            result.rates += weight * rate * rate;
            result.slopes += weight * slope * slope;
            result.curvature += weight * rate * curvature;
        }
        result
    }

    /// <Phi(x) Phi(y)> with Phi = ln cosh, whose derivative by the covariance is <phi(x) phi(y)>.
    pub fn potential(self) -> f64 {
        let (shared, private) = self.nodes();
        let inner = |offset: f64| private.iter().map(|&(x, w)| w * ln_cosh(self.mean + offset + x)).sum::<f64>();
        shared.iter().map(|&(offset, weight)| weight * inner(offset).powi(2)).sum()
    }

    /// Nodes and weights of what the two share and of what each has alone. Without a mean, all integrands are even in the shared part.
    fn nodes(self) -> (Nodes, Nodes) {
        let shared = self.covariance.clamp(0.0, self.variance);
        (normal_nodes(shared, self.mean == 0.0), normal_nodes(self.variance - shared, false))
    }
}

/// Nodes with their weights.
type Nodes = Vec<(f64, f64)>;

/// Nodes and weights of a normal variable of mean zero; with `half`, for even functions.
fn normal_nodes(variance: f64, half: bool) -> Nodes {
    if variance <= 0.0 {
        return vec![(0.0, 1.0)];
    }
    let deviation = variance.sqrt();
    let step = (STEP / deviation).min(0.5);
    let reach = (REACH / step).ceil() as i64;
    let first = if half { 0 } else { -reach };
    let weight = |k: i64| (-0.5 * (k as f64 * step).powi(2)).exp() * if half && k > 0 { 2.0 } else { 1.0 };
    let total: f64 = (first..=reach).map(weight).sum();
    (first..=reach).map(|k| (deviation * step * k as f64, weight(k) / total)).collect()
}

/// tanh from one exponential, to 1e-16 in absolute terms: this is most of the work.
fn tanh(x: f64) -> f64 {
    let e = (-2.0 * x.abs()).exp();
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// ln cosh x without overflow.
pub(super) fn ln_cosh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1e-2 {
        let square = x * x;
        return square * (0.5 - square * (1.0 / 12.0 - square / 45.0));
    }
    size + (-2.0 * size).exp().ln_1p() - std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::pair_average;

    #[test]
    fn pair_averages_agree_with_the_plain_quadrature() {
        for (mean, variance, covariance) in [(0.0, 2.0, 0.7), (0.9, 2.0, 0.0), (-0.4, 0.05, 0.05), (0.0, 30.0, 29.0)] {
            let pair = TanhPair { mean, variance, covariance };
            let averages = pair.averages();
            let plain = |f: fn(f64) -> f64| pair_average(mean, variance, covariance, f);
            let errors = [
                averages.rates - plain(f64::tanh),
                averages.slopes - plain(|x| 1.0 - x.tanh().powi(2)),
                (pair.potential() - plain(ln_cosh)) / (1.0 + variance),
            ];
            assert!(errors.iter().all(|error| error.abs() < 1e-11), "{pair:?}: {errors:?}");
        }
    }

    #[test]
    fn derivatives_by_covariance_and_variance_are_the_stated_averages() {
        let at = |variance, covariance| TanhPair { mean: 0.3, variance, covariance };
        let (pair, h) = (at(1.7, 0.6), 1e-4);
        let by = |low: f64, high: f64| (high - low) / (2.0 * h);
        let slopes = by(at(1.7, 0.6 - h).averages().rates, at(1.7, 0.6 + h).averages().rates);
        let curvature = by(at(1.7 - h, 0.6).averages().rates, at(1.7 + h, 0.6).averages().rates);
        let rates = by(at(1.7, 0.6 - h).potential(), at(1.7, 0.6 + h).potential());
        assert!((pair.averages().slopes - slopes).abs() < 1e-7);
        assert!((pair.averages().curvature - curvature).abs() < 1e-7);
        assert!((pair.averages().rates - rates).abs() < 1e-7);
    }

    #[test]
    fn single_averages_agree_with_the_plain_quadrature() {
        let steep = |x: f64| (1.0 - x.tanh().powi(2)) * (1.0 - 3.0 * x.tanh().powi(2));
        for (mean, variance) in [(0.0, 0.0), (0.7, 0.3), (1.2, 2.0), (-0.4, 60.0)] {
            assert!((tanh_average(mean, variance, f64::tanh) - crate::theory::average(mean, variance, f64::tanh)).abs() < 1e-12);
            assert!((tanh_average(mean, variance, steep) - crate::theory::average(mean, variance, steep)).abs() < 1e-9);
        }
    }

    #[test]
    fn ln_cosh_is_smooth_where_its_series_ends_and_does_not_overflow() {
        for x in [0.0_f64, 0.00999, 0.01001, 1.0, 20.0] {
            assert!((ln_cosh(x) - x.cosh().ln()).abs() < 1e-13, "{x}");
        }
        assert!((ln_cosh(-1e4) - (1e4 - std::f64::consts::LN_2)).abs() < 1e-9);
    }
}
