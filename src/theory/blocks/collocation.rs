//! Even functions on a half line: Chebyshev nodes that are dense at short lags, and the second derivative on them.

use nalgebra::DMatrix;

/// Lags tau = fine sinh(stretch s) at the Chebyshev nodes s = cos(pi j / 2K), j = 0 … K, from the longest lag to 0.
///
/// A function that is even in tau is even in s, so the nodes of the other half are its mirror image and its slope at 0 vanishes by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HalfLine {
    fine: f64,
    stretch: f64,
    nodes: Vec<f64>,
    /// Lags, descending; the last is 0.
    pub lags: Vec<f64>,
}

impl HalfLine {
    /// Lags up to `longest`, in equal steps below `fine` and in equal factors above; K = `intervals`.
    pub fn new(longest: f64, fine: f64, intervals: usize) -> Self {
        let stretch = (longest / fine).asinh();
        let node = |j: usize| (std::f64::consts::FRAC_PI_2 * (intervals - j) as f64 / intervals as f64).sin();
        let nodes: Vec<f64> = (0..=intervals).map(node).collect();
        let lags = nodes.iter().map(|s| fine * (stretch * s).sinh()).collect();
        HalfLine { fine, stretch, nodes, lags }
    }

    /// The same nodes at lags `factor` times as long.
    pub fn stretched(&self, factor: f64) -> Self {
        let lags = self.lags.iter().map(|lag| lag * factor).collect();
        HalfLine { fine: self.fine * factor, lags, ..self.clone() }
    }

    /// Number of nodes, K + 1.
    pub fn len(&self) -> usize {
        self.lags.len()
    }

    /// The matrix of d²/dtau² on values at the lags, (K + 1) × (K + 1).
    pub fn second_derivative(&self) -> DMatrix<f64> {
        let last = self.len() - 1;
        let full = differentiation(&self.nodes);
        let square = &full * &full;
        let folded = |matrix: &DMatrix<f64>, i: usize, j: usize| matrix[(i, j)] + if j < last { matrix[(i, 2 * last - j)] } else { 0.0 };
        DMatrix::from_fn(last + 1, last + 1, |i, j| {
            let angle = self.stretch * self.nodes[i];
            let slope = self.fine * self.stretch * angle.cosh();
            let curvature = self.fine * self.stretch.powi(2) * angle.sinh();
            folded(&square, i, j) / slope.powi(2) - folded(&full, i, j) * curvature / slope.powi(3)
        })
    }

    /// The value at `lag` of the function with these values at the nodes (barycentric formula); 0 beyond the longest lag.
    pub fn interpolate(&self, values: &[f64], lag: f64) -> f64 {
        let s = (lag.abs() / self.fine).asinh() / self.stretch;
        if s > 1.0 {
            return 0.0;
        }
        let last = self.len() - 1;
        let (mut above, mut below) = (0.0, 0.0);
        for j in 0..=2 * last {
            let (node, value) = if j <= last { (self.nodes[j], values[j]) } else { (-self.nodes[2 * last - j], values[2 * last - j]) };
            if (s - node).abs() < 1e-15 {
                return value;
            }
            let end = if j == 0 || j == 2 * last { 0.5 } else { 1.0 };
            let weight = end * if j % 2 == 0 { 1.0 } else { -1.0 } / (s - node);
            above += weight * value;
            below += weight;
        }
        above / below
    }
}

/// Derivative of the polynomial through values at the nodes and their mirror images; rows add up to zero exactly.
fn differentiation(half: &[f64]) -> DMatrix<f64> {
    let last = half.len() - 1;
    let count = 2 * last + 1;
    let node = |j: usize| if j <= last { half[j] } else { -half[2 * last - j] };
    let end = |j: usize| if j == 0 || j == count - 1 { 2.0 } else { 1.0 };
    let mut matrix = DMatrix::zeros(count, count);
    for i in 0..count {
        for j in (0..count).filter(|&j| j != i) {
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            matrix[(i, j)] = end(i) / end(j) * sign / (node(i) - node(j));
        }
        matrix[(i, i)] = -matrix.row(i).sum();
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_functions_are_differentiated_and_interpolated_to_many_digits() {
        let line = HalfLine::new(60.0, 1.0, 48);
        let f = |t: f64| 1.0 / (t / 2.0).cosh();
        let values: Vec<f64> = line.lags.iter().map(|&t| f(t)).collect();
        let second = line.second_derivative() * nalgebra::DVector::from_column_slice(&values);
        for (j, &t) in line.lags.iter().enumerate() {
            let expected = 0.25 * (f(t) - 2.0 * f(t).powi(3));
            assert!((second[j] - expected).abs() < 1e-7, "{t}: {} against {expected}", second[j]);
        }
        for t in [0.0, 0.013, 1.0, 7.7, 59.0] {
            assert!((line.interpolate(&values, t) - f(t)).abs() < 1e-9);
        }
        assert_eq!(line.lags[48], 0.0);
        assert_eq!(line.interpolate(&values, 61.0), 0.0);
    }
}
