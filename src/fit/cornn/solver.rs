//! The iteration, on samples × neurons: a column is a neuron, theta (sources × targets) is J^T.

use crate::error::Result;
use crate::linalg::{Cholesky, product};
use crate::nonlinearity::{Nonlinearity, Tanh};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// d this close to ±1 is taken back to it: artanh and the weights 1 / (1 - d²) are infinite there.
const MARGIN: f64 = 1e-6;

/// How the error d - tanh(X theta) of a sample enters an iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Over 1 - d²; a sample beyond the threshold is dropped, and the others of the neuron count samples / (samples left) times.
    #[default]
    Weighted,
    /// As it is: the cross-entropy.
    Standard,
    /// Over 1 - d²; cut to the threshold.
    Robust,
}

/// d = (r_{k+1} - decay r_k) / (1 - decay) of rates (neurons × time), kept inside tanh's range; the last column has no successor.
pub(crate) fn rate_targets(rates: &DMatrix<f64>, decay: &[f64]) -> DMatrix<f64> {
    clip_targets(crate::fit::targets::drives(rates, decay))
}

/// Targets that tanh can reach.
pub(super) fn clip_targets(targets: DMatrix<f64>) -> DMatrix<f64> {
    targets.map(|d| d.clamp(MARGIN - 1.0, 1.0 - MARGIN))
}

/// One regression: all neurons, one shared matrix.
pub(crate) struct Problem {
    /// X, samples × sources.
    rates: DMatrix<f64>,
    /// d, samples × targets.
    targets: DMatrix<f64>,
    /// u, samples × targets.
    inputs: Option<DMatrix<f64>>,
    /// penalty · samples.
    penalty: f64,
    /// X^T X.
    gram: DMatrix<f64>,
    /// A^-1 X^T, sources × samples.
    projector: DMatrix<f64>,
}

impl Problem {
    /// `penalty` is per sample.
    pub(crate) fn new(rates: DMatrix<f64>, targets: DMatrix<f64>, inputs: Option<DMatrix<f64>>, penalty: f64) -> Result<Self> {
        let penalty = penalty * rates.nrows() as f64;
        let transposed = rates.transpose();
        let gram = product(&transposed, &rates);
        let projector = regularised(&gram, penalty)?.solve(&transposed);
        Ok(Problem { rates, targets, inputs, penalty, gram, projector })
    }

    /// The same rates with other targets.
    pub(super) fn set_targets(&mut self, targets: DMatrix<f64>) {
        self.targets = targets;
    }

    /// d, samples × targets.
    pub(super) fn targets(&self) -> &DMatrix<f64> {
        &self.targets
    }

    /// A^-1 X^T (artanh(d) - u).
    pub(crate) fn closed_form(&self) -> DMatrix<f64> {
        let drives = self.targets.map(f64::atanh);
        product(&self.projector, &self.inputs.as_ref().map_or(drives.clone(), |u| drives - u))
    }

    /// tanh(X theta + u), samples × targets.
    pub(crate) fn predict(&self, theta: &DMatrix<f64>) -> DMatrix<f64> {
        let mut drive = product(&self.rates, theta);
        if let Some(inputs) = &self.inputs {
            drive += inputs;
        }
        let mut predicted = DMatrix::zeros(drive.nrows(), drive.ncols());
        Tanh.rates(drive.as_slice(), predicted.as_mut_slice());
        predicted
    }

    /// E, samples × targets.
    pub(crate) fn error(&self, predicted: &DMatrix<f64>, loss: Loss, threshold: f64) -> DMatrix<f64> {
        let mut error = self.targets.zip_map(predicted, |d, predicted| match loss {
            Loss::Standard => d - predicted,
            Loss::Weighted => (d - predicted) / (1.0 - d * d),
            Loss::Robust => ((d - predicted) / (1.0 - d * d)).clamp(-threshold, threshold),
        });
        if loss == Loss::Weighted {
            for mut unit in error.column_iter_mut() {
                drop_outliers(unit.as_mut_slice(), threshold);
            }
        }
        error
    }

    /// A^-1 X^T (X theta + E).
    pub(crate) fn step(&self, theta: &DMatrix<f64>, error: &DMatrix<f64>) -> DMatrix<f64> {
        product(&self.projector, &(product(&self.rates, theta) + error))
    }
}

/// X^T X + penalty · 1, factorised.
fn regularised(gram: &DMatrix<f64>, penalty: f64) -> Result<Cholesky> {
    let mut matrix = gram.clone();
    (0..matrix.nrows()).for_each(|i| matrix[(i, i)] += penalty);
    Cholesky::new(&matrix)
}

/// Zeroes the errors beyond the threshold and lets the others stand for them. A neuron without any other learns nothing.
fn drop_outliers(errors: &mut [f64], threshold: f64) {
    let samples = errors.len();
    let mut left = 0;
    for error in errors.iter_mut() {
        if error.abs() > threshold {
            *error = 0.0;
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let weight = samples as f64 / left as f64;
        errors.iter_mut().for_each(|error| *error *= weight);
    }
}

/// The alternating directions that hold some weights at zero.
///
/// With rho the strength and A = X^T X + (penalty + rho) 1: theta <- A^-1 (X^T (X theta + E) + rho (chi - v)), chi <- theta + v with those
/// weights zero, v <- v + theta - chi. The result is chi.
pub(super) struct Admm {
    factor: Cholesky,
    transposed: DMatrix<f64>,
    rho: f64,
    /// 1 for a weight that may exist, 0 for the others; sources × targets.
    allowed: DMatrix<f64>,
    chi: DMatrix<f64>,
    multiplier: DMatrix<f64>,
}

impl Admm {
    /// `strength` in units of the penalty.
    pub(super) fn new(problem: &Problem, theta: &DMatrix<f64>, strength: f64, allowed: DMatrix<f64>) -> Result<Self> {
        let rho = strength * problem.penalty;
        Ok(Admm {
            factor: regularised(&problem.gram, problem.penalty + rho)?,
            transposed: problem.rates.transpose(),
            rho,
            chi: theta.component_mul(&allowed),
            allowed,
            multiplier: theta * (-problem.penalty / rho),
        })
    }

    pub(super) fn step(&mut self, problem: &Problem, theta: &DMatrix<f64>, error: &DMatrix<f64>) -> DMatrix<f64> {
        let drive = product(&problem.rates, theta) + error;
        let theta = self.factor.solve(&(product(&self.transposed, &drive) + (&self.chi - &self.multiplier) * self.rho));
        self.chi = (&theta + &self.multiplier).component_mul(&self.allowed);
        self.multiplier += &theta - &self.chi;
        theta
    }

    pub(super) fn finish(self) -> DMatrix<f64> {
        self.chi
    }
}
