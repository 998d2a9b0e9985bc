//! Which array of a file is the activity, and which way round it lies.

use super::Source;
use crate::error::{Error, Result};
use crate::io::{Array, Arrays, Labels};
use nalgebra::DMatrix;
use std::path::Path;

/// A recording shorter than this cannot be split, fitted and scored.
const FEWEST_SAMPLES: usize = 10;

/// Names that say what an array is where the file holds several that could be activity.
const ACTIVITY: [&str; 7] = ["rates", "activity", "firing_rates", "dff", "data", "X", "timeseries"];

impl Source {
    /// Neurons × time, finite and long enough.
    pub(super) fn rates(&self, arrays: &Arrays, labels: Option<&Labels>, notices: &mut Vec<String>) -> Result<DMatrix<f64>> {
        let (name, array) = self.choose(arrays, labels, notices)?;
        let rates = self.matrix(name, array)?;
        let place = match self.slice {
            Some(slice) => format!("array '{name}', slice {slice}"),
            None => format!("array '{name}'"),
        };
        let bad: Vec<(usize, f64)> = rates.iter().copied().enumerate().filter(|(_, value)| !value.is_finite()).collect();
        if let Some(&(at, value)) = bad.first() {
            let (neuron, sample) = (at % rates.nrows(), at / rates.nrows());
            let problem = format!("{place}: {value} at neuron {neuron}, sample {sample} ({} of {} values)", bad.len(), rates.len());
            return Err(self.wrong(problem, "interpolate it, or drop such neurons or samples, before the fit"));
        }
        if rates.nrows() == 0 {
            return Err(self.wrong(format!("{place}: no neurons"), "give neurons × time"));
        }
        long_enough(&self.file, rates.ncols())?;
        if rates.nrows() > rates.ncols() {
            let (neurons, samples) = rates.shape();
            notices.push(format!("{neurons} neurons but {samples} samples: if the array is time × neurons, say --transpose"));
        }
        Ok(rates)
    }

    /// The array that the user named; else the only one that can be activity; else the one with a row for every label; else the one that
    /// is named like activity.
    fn choose<'a>(&self, arrays: &'a Arrays, labels: Option<&Labels>, notices: &mut Vec<String>) -> Result<(&'a str, &'a Array)> {
        let only = arrays.choose(self.array.as_deref());
        let wide: Vec<(&str, &Array)> =
            arrays.numbers().iter().map(|(name, array)| (name.as_str(), array)).filter(|(_, a)| is_wide(a)).collect();
        if self.array.is_some() || wide.len() < 2 {
            return only;
        }
        let fits = |array: &Array, rows: usize| self.neurons(array) == Some(rows);
        let mut found: Vec<(&str, &Array)> = match labels {
            Some(labels) => wide.iter().copied().filter(|(_, array)| fits(array, labels.rows())).collect(),
            None => Vec::new(),
        };
        let mut why = "it has one row per label";
        if found.len() != 1 {
            let known = ACTIVITY.iter().filter_map(|name| wide.iter().find(|(wide, _)| wide == name));
            found = known.take(1).copied().collect();
            why = "of its name";
        }
        let Some(&(name, array)) = found.first() else {
            let problem = format!("several arrays could be the activity: {}", arrays.contents());
            return Err(self.wrong(problem, "say which one with --array"));
        };
        notices.push(format!("took array '{name}' {} because {why} (--array takes another)", array.describe()));
        Ok((name, array))
    }

    /// Length of the axis of neurons.
    fn neurons(&self, array: &Array) -> Option<usize> {
        let shape = array.shape();
        let from_end = if self.transpose { 1 } else { 2 };
        shape.len().checked_sub(from_end).map(|axis| shape[axis])
    }

    /// Two axes, after the slice and the transposition.
    fn matrix(&self, name: &str, array: &Array) -> Result<DMatrix<f64>> {
        let (shape, whole) = (array.describe(), array.shape());
        if let ([samples], None) = (whole, self.slice) {
            // One axis is the time of a single channel, whichever way others would lie.
            return Ok(DMatrix::from_row_slice(1, *samples, array.values()));
        }
        let sliced = match (array.rank(), self.slice) {
            (2, None) => array.clone(),
            (2, Some(_)) => {
                let problem = format!("array '{name}' has two axes {shape}, so it has no slices");
                return Err(self.wrong(problem, "leave --slice out"));
            }
            (3, None) if whole[0] == 1 => array.slice(0)?,
            (3, Some(slice)) if slice < whole[0] => array.slice(slice)?,
            (3, slice) => {
                let found = slice.map_or("no slice is chosen".to_string(), |slice| format!("there is no slice {slice}"));
                let problem = format!("array '{name}' has shape {shape}: its leading axis has {} entries, {found}", whole[0]);
                return Err(self.wrong(problem, &format!("choose one with --slice 0 … {}", whole[0].saturating_sub(1))));
            }
            _ => {
                let problem = format!("array '{name}': expected neurons × time (or a leading axis to slice), found shape {shape}");
                return Err(self.wrong(problem, "give an array with two or three axes"));
            }
        };
        let matrix = sliced.to_matrix()?;
        Ok(if self.transpose { matrix.transpose() } else { matrix })
    }
}

/// Whether an array could hold neurons × time.
fn is_wide(array: &Array) -> bool {
    array.shape().iter().filter(|&&length| length > 1).count() >= 2
}

/// Refuses a recording with too few samples.
pub(super) fn long_enough(file: &Path, samples: usize) -> Result<()> {
    if samples >= FEWEST_SAMPLES {
        return Ok(());
    }
    let problem = format!("expected at least {FEWEST_SAMPLES} samples, found {samples}");
    Err(Error::file(file, problem, "give a longer recording, or say --transpose if the array is time × neurons"))
}
