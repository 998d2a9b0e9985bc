//! Comparison: our arrays beside the recorded ones.

use crate::error::{Error, Result};
use crate::io::Arrays;
use nalgebra::DMatrix;
use serde::Serialize;

/// One compared array.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the recorded array, and from where the run started when that is not the beginning.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Largest modulus of the differences over largest modulus of the recorded values.
    pub relative: f64,
    /// Largest modulus of the differences.
    pub absolute: f64,
    /// The relative difference up to which the array counts as reproduced.
    pub tolerance: f64,
}

impl Row {
    /// Whether the relative difference is at most `tolerance`, or at most the row's own. NaN never agrees.
    pub fn agrees(&self, tolerance: Option<f64>) -> bool {
        self.relative <= tolerance.unwrap_or(self.tolerance)
    }
}

/// Collects the rows of a replay.
pub(super) struct Comparison<'a> {
    arrays: &'a Arrays,
    pub rows: Vec<Row>,
}

impl<'a> Comparison<'a> {
    pub fn new(arrays: &'a Arrays) -> Self {
        Comparison { arrays, rows: Vec::new() }
    }

    /// Compares `ours` with the recorded array `name`, if the file holds it.
    pub fn matrix(&mut self, name: &str, ours: &DMatrix<f64>, tolerance: f64) -> Result<()> {
        self.labelled(name, name, ours, tolerance)
    }

    /// As [`Comparison::matrix`], under another label.
    pub fn labelled(&mut self, label: &str, name: &str, ours: &DMatrix<f64>, tolerance: f64) -> Result<()> {
        // The columns of the transpose are the rows: the order of files.
        self.values(label, name, ours.transpose().as_slice(), tolerance)
    }

    /// Compares values in the order of the file.
    pub fn vector(&mut self, name: &str, ours: &[f64], tolerance: f64) -> Result<()> {
        self.values(name, name, ours, tolerance)
    }

    fn values(&mut self, label: &str, name: &str, ours: &[f64], tolerance: f64) -> Result<()> {
        let Some(theirs) = self.arrays.find(name) else { return Ok(()) };
        if theirs.values().len() != ours.len() {
            return Err(Error::shape(format!("recorded array '{name}'"), format!("{} values", ours.len()), theirs.describe()));
        }
        self.push(label, theirs.shape(), theirs.values(), ours, tolerance);
        Ok(())
    }

    /// Adds the row of two equally long lists.
    pub fn push(&mut self, label: &str, shape: &[usize], theirs: &[f64], ours: &[f64], tolerance: f64) {
        let absolute = worst(ours.iter().zip(theirs).map(|(ours, theirs)| ours - theirs));
        let size = worst(theirs.iter().copied());
        let relative = if absolute == 0.0 { 0.0 } else { absolute / size };
        self.rows.push(Row { name: label.to_string(), shape: shape.to_vec(), relative, absolute, tolerance });
    }
}

/// The largest modulus; NaN if one value is.
fn worst(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |m: f64, v| if v.is_nan() || m.is_nan() { f64::NAN } else { m.max(v.abs()) })
}
