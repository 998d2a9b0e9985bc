//! Covariant Lyapunov vectors.

use super::{Lyapunov, Tangent};
use crate::error::{Error, Result, positive};
use crate::linalg::orthonormalise;
use nalgebra::DMatrix;

/// The directions that grow with each exponent at the states along a trajectory, not orthogonal to each other (Ginelli et al. 2007).
#[derive(Clone, Debug, PartialEq)]
pub struct CovariantVectors {
    /// Growth of each vector over the whole stretch, divided by its time: the exponents once more.
    pub exponents: Vec<f64>,
    /// Time from the end of the alignment to each state.
    pub times: Vec<f64>,
    /// Unit vectors, one a column (d × k), at each state.
    pub vectors: Vec<DMatrix<f64>>,
}

impl Lyapunov {
    /// Covariant vectors along the `duration` of these settings, after the transient and the alignment.
    ///
    /// Forward, the orthonormal Q and the triangular R of every interval are kept; `settle` more time is run for R alone; backward, the
    /// coefficients C <- R^-1 C of vectors V = Q C turn into those that grow covariantly. Memory: one d × k and one k × k matrix an
    /// interval, so `interval` (0 counts as 1 here) and `duration` should be chosen for it.
    ///
    /// # Errors
    /// As [`Lyapunov::measure`], and a `settle` that is not positive.
    pub fn covariant(&self, system: &mut dyn Tangent, settle: f64) -> Result<CovariantVectors> {
        positive("settle", settle)?;
        let count = self.check(system.dimension())?;
        let mut none = DMatrix::zeros(system.dimension(), 0);
        (0..(self.transient / system.dt()).round() as usize).try_for_each(|_| system.step(&mut none))?;
        let mut vectors = self.first_vectors(system.dimension(), count);
        let length = self.interval.max(1) as f64 * system.dt();
        let intervals = |time: f64| (time / length).round().max(1.0) as usize;
        let mut forward = |vectors: &mut DMatrix<f64>| -> Result<DMatrix<f64>> {
            system.carry(vectors, self.interval.max(1), self.precision)?;
            Ok(orthonormalise(vectors))
        };
        for _ in 0..intervals(self.alignment) {
            forward(&mut vectors)?;
        }
        let (mut frames, mut factors) = (Vec::new(), Vec::new());
        for _ in 0..intervals(self.duration) {
            factors.push(forward(&mut vectors)?);
            frames.push(vectors.clone());
        }
        for _ in 0..intervals(settle) {
            factors.push(forward(&mut vectors)?);
        }
        backward(frames, &factors, length)
    }
}

/// Turns the frames Q into covariant vectors, from the last factor R to the first.
fn backward(frames: Vec<DMatrix<f64>>, factors: &[DMatrix<f64>], length: f64) -> Result<CovariantVectors> {
    let (kept, count) = (frames.len(), frames[0].ncols());
    let mut vectors = frames;
    let mut growth = vec![0.0; count];
    // Any upper triangular matrix without a zero on its diagonal will do.
    let mut c = DMatrix::from_fn(count, count, |i, j| if i <= j { 1.0 } else { 0.0 });
    normalise(&mut c);
    for (index, r) in factors.iter().enumerate().rev() {
        // Before this interval's R is undone, C belongs to the state at its end.
        if index < kept {
            vectors[index] = &vectors[index] * &c;
        }
        if !r.solve_upper_triangular_mut(&mut c) {
            return Err(Error::data("tangent vectors", "a direction shrinks to nothing in one interval", "shorten the interval"));
        }
        let norms = normalise(&mut c);
        if index < kept {
            growth.iter_mut().zip(norms).for_each(|(growth, norm)| *growth -= norm.ln());
        }
    }
    let time = kept as f64 * length;
    let times = (1..=kept).map(|index| index as f64 * length).collect();
    Ok(CovariantVectors { exponents: growth.into_iter().map(|growth| growth / time).collect(), times, vectors })
}

/// Makes every column a unit vector; returns the norms.
fn normalise(matrix: &mut DMatrix<f64>) -> Vec<f64> {
    matrix.column_iter_mut().map(|mut column| column.normalize_mut()).collect()
}
