//! The eigenvalues of one matrix, and the numbers that theory speaks of.

use super::Origin;
use crate::ensemble::Prediction;
use crate::error::Result;
use crate::linalg::{eigenvalues, smallest_singular_value};
use crate::metric::non_normality;
use crate::seed::Seed;
use nalgebra::Complex;

/// Eigenvalues further from the support than this many radii over √N count as beyond it: finite matrices blur the edge.
const BLUR: f64 = 3.0;

/// The eigenvalues of one matrix.
pub struct Spectrum {
    /// In decreasing order of modulus.
    pub eigenvalues: Vec<Complex<f64>>,
    pub largest_real: f64,
    /// Eigenvalues that are exactly real.
    pub real: usize,
    /// Share of the eigenvalues in the predicted support.
    pub inside: Option<f64>,
    /// Eigenvalues that are beyond the support by more than the blur of its edge.
    pub beyond: Option<usize>,
    /// The eigenvalue next to each predicted outlier.
    pub outliers: Vec<Complex<f64>>,
    pub non_normality: f64,
    pub smallest_singular_value: f64,
}

impl Spectrum {
    /// The spectrum of the matrix that `seed` draws.
    pub fn of(origin: &Origin, seed: Seed) -> Result<Spectrum> {
        let matrix = origin.law().sample(&origin.regions, seed)?.to_dense();
        let values = eigenvalues(&matrix)?;
        let prediction = origin.prediction();
        let share = |slack: f64| prediction.as_ref().map(|p| values.iter().filter(|&&z| p.bulk.contains(z, slack)).count());
        let blur = prediction.as_ref().map_or(0.0, |p| BLUR * p.radius() / (values.len() as f64).sqrt());
        Ok(Spectrum {
            largest_real: values.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max),
            real: values.iter().filter(|z| z.im == 0.0).count(),
            inside: share(0.0).map(|count| count as f64 / values.len() as f64),
            beyond: share(blur).map(|count| values.len() - count),
            outliers: prediction.map_or(Vec::new(), |p| nearest(&values, &p)),
            non_normality: non_normality(&matrix, &values),
            smallest_singular_value: smallest_singular_value(&matrix)?,
            eigenvalues: values,
        })
    }
}

/// For each predicted outlier the eigenvalue next to it.
fn nearest(values: &[Complex<f64>], prediction: &Prediction) -> Vec<Complex<f64>> {
    let distance = |a: &Complex<f64>, b: &Complex<f64>| (a - b).norm();
    let to = |place: Complex<f64>| values.iter().copied().min_by(|a, b| distance(a, &place).total_cmp(&distance(b, &place)));
    prediction.outliers.iter().filter_map(|outlier| to(outlier.value)).collect()
}
