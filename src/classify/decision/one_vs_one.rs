//! Many classes from machines that tell two apart.

use super::smo::{Machine, train};
use crate::error::Result;
use nalgebra::DMatrix;

/// Scores (test × classes) of support vector machines for every pair of classes.
///
/// `own` holds the kernel of the training series (train × train), `cross` that of train × test. The score of a class is the number of pairs
/// that it wins plus a number within ± 1/3 that grows with the sum s of its decision values, s / (3 (|s| + 1)); so the largest score is the
/// class with most votes, the more confident one of equals. Classes without members score below all others.
pub fn one_vs_one(own: &DMatrix<f64>, cross: &DMatrix<f64>, (labels, classes): (&[usize], usize), penalty: f64) -> Result<DMatrix<f64>> {
    let tests = cross.ncols();
    let (mut votes, mut confidence) = (DMatrix::<f64>::zeros(tests, classes), DMatrix::<f64>::zeros(tests, classes));
    let members: Vec<Vec<usize>> = (0..classes).map(|class| (0..labels.len()).filter(|&k| labels[k] == class).collect()).collect();
    for first in 0..classes {
        for second in first + 1..classes {
            if members[first].is_empty() || members[second].is_empty() {
                continue;
            }
            let rows = [&members[first][..], &members[second]].concat();
            let kernel = DMatrix::from_fn(rows.len(), rows.len(), |i, j| own[(rows[i], rows[j])]);
            let machine = train(&kernel, members[first].len(), penalty)?;
            for test in 0..tests {
                let value = decision(&machine, &rows, cross.column(test).as_slice());
                votes[(test, if value > 0.0 { first } else { second })] += 1.0;
                confidence[(test, first)] += value;
                confidence[(test, second)] -= value;
            }
        }
    }
    Ok(DMatrix::from_fn(tests, classes, |test, class| {
        let sum = confidence[(test, class)];
        if members[class].is_empty() { -1.0 } else { votes[(test, class)] + sum / (3.0 * (sum.abs() + 1.0)) }
    }))
}

/// sum_k alpha_k y_k K(x_k, x) − rho.
fn decision(machine: &Machine, rows: &[usize], kernel: &[f64]) -> f64 {
    machine.support.iter().map(|&(k, weight)| weight * kernel[rows[k]]).sum::<f64>() - machine.rho
}
