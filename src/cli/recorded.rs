//! Options that say how to read a file that holds a recording.

use crate::io::Source;
use clap::Args;
use std::path::{Path, PathBuf};

/// The file, and where in it the activity, the regions and the clock are.
#[derive(Clone, Debug, Args)]
pub struct RecordedOptions {
    /// The recording, or `sample` (resting fMRI); `analyse` takes a network too
    pub file: PathBuf,
    /// Array that holds neurons × time, where the file has several
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Entry of the leading axis (animal, trial), from 0
    #[arg(long, value_name = "K")]
    slice: Option<usize>,
    /// The array is time × neurons
    #[arg(long)]
    transpose: bool,
    /// CSV with a header and one row per neuron
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Column of the labels (or text array of the file) that names the regions
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Regions as ranges of rows, ends included: A:0-99,B:100-199
    #[arg(long, value_name = "RANGES")]
    regions: Option<String>,
    /// Time between samples in s [default: a number in the file called dt, tr_s, fps, …]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    dt: Option<f64>,
}

impl RecordedOptions {
    /// What to read.
    pub fn source(&self) -> Source {
        Source {
            file: self.file.clone(),
            array: self.array.clone(),
            slice: self.slice,
            transpose: self.transpose,
            labels: self.labels.clone(),
            by: self.by.clone(),
            regions: self.regions.clone(),
            dt: self.dt,
            anatomy: None,
        }
    }

    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [Some(&self.file), self.labels.as_ref()].into_iter().flatten().map(PathBuf::as_path)
    }
}
