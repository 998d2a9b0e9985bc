//! Hermite expansions: a function of a normal variable as a power series in a correlation.

/// Half of the interval of integration, in standard deviations.
const REACH: f64 = 10.0;

/// Distance of the nodes: below the wavelength 2 pi / sqrt(n) of the polynomials in use and the width 1 / sqrt(Delta) of tanh.
const STEP: f64 = 0.08;

/// Normalised Hermite polynomials h_n = He_n / sqrt(n!) on the nodes of the trapezoid rule.
///
/// With f = sum_n c_n h_n(z), two standard normal variables of correlation rho have <f(x) f(y)> = sum_n c_n² rho^n.
#[derive(Debug)]
pub(super) struct Hermite {
    order: usize,
    nodes: Vec<f64>,
    /// Weight of a node times h_n at the node: nodes × order, node by node.
    table: Vec<f64>,
}

impl Hermite {
    /// Polynomials 0 to `order` - 1.
    pub fn new(order: usize) -> Self {
        let half = (REACH / STEP).round() as i64;
        let nodes: Vec<f64> = (-half..=half).map(|k| k as f64 * STEP).collect();
        let total: f64 = nodes.iter().map(|z| (-0.5 * z * z).exp()).sum();
        let mut table = Vec::with_capacity(nodes.len() * order);
        for &z in &nodes {
            let (mut before, mut now) = (0.0, (-0.5 * z * z).exp() / total);
            for n in 0..order {
                table.push(now);
                let next = (z * now - (n as f64).sqrt() * before) / (n as f64 + 1.0).sqrt();
                (before, now) = (now, next);
            }
        }
        Hermite { order, nodes, table }
    }

    /// c_n = <f(z) h_n(z)> for n below the length of `out`, at most `order`.
    pub fn expand(&self, f: impl Fn(f64) -> f64, out: &mut [f64]) {
        out.fill(0.0);
        for (&z, row) in self.nodes.iter().zip(self.table.chunks_exact(self.order)) {
            let value = f(z);
            // Node by node, so that the inner loop runs over independent sums.
            out.iter_mut().zip(row).for_each(|(c, h)| *c += value * h);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::pair_average;

    #[test]
    fn the_series_is_the_average_of_a_product() {
        let hermite = Hermite::new(120);
        let mut c = vec![0.0; 120];
        for (mean, variance) in [(0.0, 0.5), (0.7, 2.0)] {
            hermite.expand(|z| (mean + f64::sqrt(variance) * z).tanh(), &mut c);
            for correlation in [-0.8, 0.0, 0.5, 1.0] {
                let series = c.iter().rev().fold(0.0, |sum, c| sum * correlation + c * c);
                let exact = pair_average(mean, variance, correlation * variance, f64::tanh);
                assert!((series - exact).abs() < 1e-10, "{mean} {variance} {correlation}: {series} against {exact}");
            }
        }
    }

    #[test]
    fn a_polynomial_has_its_own_coefficients() {
        // z³ = He_3 + 3 He_1.
        let mut c = [0.0; 6];
        Hermite::new(6).expand(|z| z * z * z, &mut c);
        for (found, expected) in c.iter().zip([0.0, 3.0, 0.0, 6.0_f64.sqrt(), 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-11);
        }
    }
}
