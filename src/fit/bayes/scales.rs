//! Scales: neurons that hardly receive anything, told from the others by their rows of J.

use nalgebra::DMatrix;

/// Natural logarithm of the range of scales that a quiet neuron may have: 30 decades.
const RANGE: f64 = 69.0;
/// The smallest scale.
const LEAST: f64 = 1e-30;
/// A neuron is quiet only if the weights from every region are below this share of what their variances say.
const BELOW: f64 = 0.7;

/// The scale of every neuron: its weights have that many times the prior variances of their blocks.
///
/// `squares` holds, per target and source region, the sum of the squared weights over their prior variances, `determined` how many weights the
/// data determine. Ordinary neurons have scale 1. A quiet one has a scale of its own, uniform in its logarithm beforehand, if its row is
/// more probable so and small from every region: a row with one large weight among many that do not exist is no reason to shrink the others.
///
/// Quiet neurons must not set the variances that they share with their region, as weights that are known to be zero are the more probable the
/// smaller that variance is, without end.
pub(super) fn scales(squares: &DMatrix<f64>, determined: &DMatrix<f64>) -> Vec<f64> {
    squares
        .row_iter()
        .zip(determined.row_iter())
        .map(|(squares, determined)| {
            let small = squares.iter().zip(&determined).all(|(x, d)| *x <= BELOW * d);
            if small { scale(squares.sum(), determined.sum()) } else { 1.0 }
        })
        .collect()
}

/// The scale of one row: 1 if `squares`, chi-squared with `determined` degrees of freedom, is more probable so.
fn scale(squares: f64, determined: f64) -> f64 {
    let half = (0.5 * determined).max(1.0 / RANGE);
    let quiet = ln_gamma(half) - half * (0.5 * squares).max(LEAST).ln() - RANGE.ln();
    if determined > 0.0 && quiet > -0.5 * squares { (squares / determined).max(LEAST) } else { 1.0 }
}

/// ln Γ(x) for x > 0, by Stirling's series from 10 on.
fn ln_gamma(x: f64) -> f64 {
    let (mut at, mut shift) = (x, 0.0);
    while at < 10.0 {
        shift -= at.ln();
        at += 1.0;
    }
    let square = at * at;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / at;
    shift + (at - 0.5) * at.ln() - at + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand::RngExt;

    #[test]
    fn gamma_is_the_factorial_and_has_its_value_at_a_half() {
        let factorial = |n: u32| (1..n).map(|k| f64::from(k).ln()).sum::<f64>();
        for n in [1, 2, 5, 12, 40] {
            assert!((ln_gamma(f64::from(n)) - factorial(n)).abs() < 1e-11 * factorial(n).max(1.0), "{n}");
        }
        assert!((ln_gamma(0.5) - 0.5 * std::f64::consts::PI.ln()).abs() < 1e-11);
    }

    /// The scales of rows of 20 normal weights from each of two regions, times the roots of these factors.
    fn found(factors: &[[f64; 2]]) -> Vec<f64> {
        let mut rng = Seed(1).rng();
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let mut square = |factor: f64| factor * (0..20).map(|_| normal().powi(2)).sum::<f64>();
        let squares = DMatrix::from_fn(factors.len(), 2, |i, b| square(factors[i][b]));
        scales(&squares, &DMatrix::from_element(factors.len(), 2, 20.0))
    }

    #[test]
    fn rows_that_differ_by_chance_alone_are_ordinary_and_most_that_lack_one_block() {
        assert_eq!(found(&[[1.0, 1.0]; 200]), vec![1.0; 200]);
        // Half of these rows is zero, and about one in six has less than 0.7 of the squares in the other half by chance.
        let quiet = found(&[[1.0, 0.0]; 50]).iter().filter(|&&scale| scale < 1.0).count();
        assert!(quiet < 15, "{quiet}");
    }

    #[test]
    fn a_quiet_row_gets_a_scale_of_its_own() {
        for (scale, factor) in found(&[[1e-3, 1e-3], [1e-12, 1e-12]]).iter().zip([1e-3, 1e-12]) {
            assert!((0.4..2.5).contains(&(scale / factor)), "{scale} for {factor}");
        }
        assert_eq!(scales(&DMatrix::zeros(1, 2), &DMatrix::from_element(1, 2, 20.0)), [LEAST]);
    }

    #[test]
    fn without_data_every_neuron_is_ordinary() {
        assert_eq!(scales(&DMatrix::zeros(1, 2), &DMatrix::zeros(1, 2)), [1.0]);
    }
}
