//! Channels in units of their own variation.

use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// What brings a channel to mean 0 and deviation 1 in the training stretch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Norm {
    pub mean: f64,
    pub deviation: f64,
}

/// Mean and deviation of every row.
pub(super) fn norms(what: &str, matrix: &DMatrix<f64>) -> Result<Vec<Norm>> {
    let norm = |(channel, row): (usize, nalgebra::DVector<f64>)| {
        let (mean, deviation) = (row.mean(), row.variance().sqrt());
        if deviation <= 1e-12 * row.amax() {
            let remedy = "leave it out, or train on a stretch in which it changes";
            return Err(Error::data(format!("{what} {channel}"), "it never changes in the training stretch", remedy));
        }
        Ok(Norm { mean, deviation })
    };
    matrix.row_iter().map(|row| row.transpose()).enumerate().map(norm).collect()
}

/// Values in those units.
pub(super) fn normalise(to: &mut Vec<f64>, values: &[f64], norms: &[Norm]) {
    to.clear();
    if values.len() == norms.len() {
        to.extend(values.iter().zip(norms).map(|(value, norm)| (value - norm.mean) / norm.deviation));
    } else {
        // The tracker names the shape that it expected.
        to.extend_from_slice(values);
    }
}
