//! Scales: neurons that hardly receive anything, told from the others by their rows of J.

use nalgebra::DMatrix;

/// Natural logarithm of the range of scales that a quiet neuron may have: 30 decades.
const RANGE: f64 = 69.0;
/// The smallest scale.
const LEAST: f64 = 1e-30;
/// A neuron can be quiet only if the power of its drive is below this share of the median of its region.
const BELOW: f64 = 1e-3;

/// Neurons with next to no drive beside the median of their region: `power` and region of each.
pub(super) fn candidates(power: &[f64], region: &[usize]) -> Vec<bool> {
    let median = |of: usize| {
        let mut all: Vec<f64> = power.iter().zip(region).filter(|(_, region)| **region == of).map(|(power, _)| *power).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let medians: Vec<f64> = (0..region.last().map_or(0, |last| last + 1)).map(median).collect();
    power.iter().zip(region).map(|(power, &region)| *power < BELOW * medians[region]).collect()
}

/// The scale of every neuron: its weights have that many times the prior variances of their blocks.
///
/// `squares` holds, per target and source region, the sum of the squared weights over their prior variances, `determined` how many weights the
/// data determine. Ordinary neurons have scale 1. A candidate whose row is more probable with a scale of its own, uniform in its logarithm
/// beforehand, has that. The power of the drive must tell it from the others as well: where some neurons receive an input that is not
/// in the model, their weights are large and wrong, and it is by the small ones of the others that they are held down.
///
/// Quiet neurons must not set the variances that they share with their region, as weights that are known to be zero are the more probable the
/// smaller that variance is, without end.
pub(super) fn scales(squares: &DMatrix<f64>, determined: &DMatrix<f64>, candidates: &[bool]) -> Vec<f64> {
    let rows = squares.row_iter().zip(determined.row_iter()).zip(candidates);
    rows.map(|((squares, determined), &candidate)| if candidate { scale(squares.sum(), determined.sum()) } else { 1.0 }).collect()
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

    /// The scales of candidates with rows of 40 normal weights, times the roots of these factors.
    fn found(factors: &[f64]) -> Vec<f64> {
        let mut rng = Seed(1).rng();
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let mut square = |factor: f64| factor * (0..20).map(|_| normal().powi(2)).sum::<f64>();
        let squares = DMatrix::from_fn(factors.len(), 2, |i, _| square(factors[i]));
        scales(&squares, &DMatrix::from_element(factors.len(), 2, 20.0), &vec![true; factors.len()])
    }

    #[test]
    fn rows_that_differ_by_chance_alone_are_ordinary() {
        let ordinary = found(&[1.0; 200]).iter().filter(|&&scale| scale == 1.0).count();
        assert!(ordinary > 190, "{ordinary}");
    }

    #[test]
    fn only_neurons_with_next_to_no_drive_can_be_quiet() {
        let power = [1.0, 2.0, 9e-4, 1e-9, 5.0, 4e-3, 1e-3, 1e-3, 1e-7];
        let region = [0, 0, 0, 0, 0, 1, 1, 1, 1];
        assert_eq!(candidates(&power, &region), [false, false, true, true, false, false, false, false, true]);
        assert_eq!(scales(&DMatrix::zeros(1, 2), &DMatrix::from_element(1, 2, 20.0), &[false]), [1.0]);
    }

    #[test]
    fn a_quiet_row_gets_a_scale_of_its_own() {
        for (scale, factor) in found(&[1e-3, 1e-12]).iter().zip([1e-3, 1e-12]) {
            assert!((0.4..2.5).contains(&(scale / factor)), "{scale} for {factor}");
        }
        assert_eq!(scales(&DMatrix::zeros(1, 2), &DMatrix::from_element(1, 2, 20.0), &[true]), [LEAST]);
    }

    #[test]
    fn without_data_every_neuron_is_ordinary() {
        assert_eq!(scales(&DMatrix::zeros(1, 2), &DMatrix::zeros(1, 2), &[true]), [1.0]);
    }
}
