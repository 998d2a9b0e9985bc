//! Source: any user's file as a recording.

mod activity;
mod anatomy;
mod interval;
mod lines;
mod parts;
mod stream;

use self::parts::Parts;
pub use self::stream::Stream;
use super::arrays::Arrays;
use super::labels::Labels;
use super::recording::{Recorded, from_arrays};
use super::{read_arrays, sample};
use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::regions::Regions;
use std::ops::Range;
use std::path::PathBuf;

/// Where a recording is, and what the file does not say about it.
///
/// ```
/// use crosscurrent::io::Source;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("rates.csv");
/// let rows = ["1,2,4,7,9,8,6,3,2,1,0,1", "3,3,3,3,3,3,3,3,3,3,3,3", "0,1,0,2,0,3,0,4,0,5,0,6"];
/// std::fs::write(&path, rows.join("\n")).unwrap();
/// let source = Source { dt: Some(0.1), regions: Some("A:0,B:1-2".into()), ..Source::of(path) };
/// let loaded = source.read()?;
/// assert_eq!(loaded.recorded.neuron_index, [0, 2]);            // row 1 never changes
/// assert!(loaded.notices[0].contains("neuron 1"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// A file that [`read_arrays`] reads, or the word `sample` for the recording that the program carries along.
    pub file: PathBuf,
    /// Name of the array that holds neurons × time; needed only where several could.
    pub array: Option<String>,
    /// Entry of the leading axis (animal, trial) of an array with three.
    pub slice: Option<usize>,
    /// The array is time × neurons.
    pub transpose: bool,
    /// Table with one row per neuron and a header.
    pub labels: Option<PathBuf>,
    /// Column of the table, or text array of the file, that names each neuron's region.
    pub by: Option<String>,
    /// Regions as ranges of rows, both ends included: `A:0-99,B:100-199`.
    pub regions: Option<String>,
    /// Sample interval in s; without it a number of the file that is named like one.
    pub dt: Option<f64>,
    /// Prior variances of all weights (row = target, in the order of the file, 0 where there is no synapse), in place of what the file says.
    pub anatomy: Option<PathBuf>,
}

/// A recording with remarks on how it was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Neurons sorted by region, none of them constant.
    pub recorded: Recorded,
    /// What was assumed or dropped, one line each.
    pub notices: Vec<String>,
}

impl Source {
    /// The file alone.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Source { file: file.into(), ..Source::default() }
    }

    /// Reads the recording, sorts its neurons by region and drops those that never change.
    ///
    /// # Errors
    /// One line that says what was expected, what was found and what to do: files that cannot be read, arrays of the wrong shape, values
    /// that are not finite, no sample interval, regions that overlap, exceed the neurons or leave some out, too few samples.
    pub fn read(&self) -> Result<Loaded> {
        let embedded = self.file.as_os_str() == sample::NAME;
        let arrays = if embedded { sample::arrays()? } else { read_arrays(&self.file)? };
        let labels = match &self.labels {
            Some(path) => Some(Labels::read(path)?),
            None if embedded && self.regions.is_none() => Some(sample::labels()?),
            None => None,
        };
        let mut notices = Vec::new();
        let mut recorded = self.activity(&arrays, labels.as_ref(), &mut notices)?;
        if let Some(path) = &self.anatomy {
            recorded.recording.anatomy = Some(anatomy::read(path, recorded.recording.neurons())?);
        }
        match self.parts(&arrays, labels.as_ref(), recorded.recording.neurons(), &mut notices)? {
            Some(parts) => recorded = parts.sort(&recorded)?,
            None if recorded.recording.regions.count() == 1 => {
                notices.push("no regions are given, so all neurons form one and there is a single current".to_string());
            }
            None => {}
        }
        let samples = 0..recorded.recording.samples();
        let recorded = recorded.drop_constant(samples, &mut notices)?;
        Ok(Loaded { recorded, notices })
    }

    /// The activity with the regions that the file itself knows.
    fn activity(&self, arrays: &Arrays, labels: Option<&Labels>, notices: &mut Vec<String>) -> Result<Recorded> {
        let named = self.array.is_some() || self.slice.is_some() || self.transpose;
        if !named && let Some(mut recorded) = from_arrays(arrays, &self.file)? {
            if let Some(dt) = self.dt {
                recorded.recording.clock = crate::Clock::with_steps(dt, recorded.recording.samples())?;
            }
            activity::long_enough(&self.file, recorded.recording.samples())?;
            return Ok(recorded);
        }
        let rates = self.rates(arrays, labels, notices)?;
        let dt = self.interval(arrays, notices)?;
        let regions = Regions::single("all", rates.nrows())?;
        Ok(Recording::new(rates, dt, regions)?.into())
    }

    /// The regions that the user or the file gives; `None` when nobody does.
    fn parts(&self, arrays: &Arrays, labels: Option<&Labels>, neurons: usize, notices: &mut Vec<String>) -> Result<Option<Parts>> {
        if let Some(ranges) = &self.regions {
            if self.by.is_some() || self.labels.is_some() {
                return Err(Error::parameter("regions", ranges, "either regions or labels, not both"));
            }
            return Parts::from_ranges(ranges, neurons).map(Some);
        }
        if let Some(labels) = labels {
            let default = (self.labels.is_none()).then_some(sample::REGIONS);
            return Parts::from_table(labels, self.by.as_deref().or(default), neurons).map(Some);
        }
        Parts::from_file(arrays, self.by.as_deref(), neurons, notices)
    }

    /// How an error calls the labels, the array, or the whole file.
    fn wrong(&self, problem: impl std::fmt::Display, remedy: &str) -> Error {
        Error::file(&self.file, problem, remedy)
    }
}

impl Recorded {
    /// The recording without the neurons that keep one value over all of `samples`; each is named in a notice, and so is every region
    /// that is left without neurons.
    ///
    /// # Errors
    /// [`Error::Data`] when no neuron would be left.
    pub fn drop_constant(self, samples: Range<usize>, notices: &mut Vec<String>) -> Result<Recorded> {
        let Recording { rates, regions, .. } = &self.recording;
        let varies = |&neuron: &usize| {
            let row = rates.row(neuron);
            samples.clone().any(|k| row[k] != row[samples.start])
        };
        let (kept, constant): (Vec<usize>, Vec<usize>) = (0..rates.nrows()).partition(varies);
        if constant.is_empty() {
            return Ok(self);
        }
        let mut rows: Vec<usize> = constant.iter().map(|&neuron| self.neuron_index[neuron]).collect();
        rows.sort_unstable();
        let names: Vec<String> = rows.iter().map(usize::to_string).collect();
        if kept.is_empty() {
            return Err(Error::data("the recording", "every neuron is constant", "check that the array is neurons × time"));
        }
        let word = if names.len() == 1 { "neuron" } else { "neurons" };
        let over =
            if samples.len() == rates.ncols() { "ever".to_string() } else { format!("in samples {}-{}", samples.start, samples.end - 1) };
        notices.push(format!("dropped {word} {} (rows of the file, from 0): no change {over}", names.join(", ")));
        let left = |range: &Range<usize>| kept.iter().filter(|neuron| range.contains(neuron)).count();
        let sizes: Vec<(&str, usize)> = regions.iter().map(|(name, range)| (name, left(&range))).collect();
        for (name, _) in sizes.iter().filter(|(_, size)| *size == 0) {
            notices.push(format!("dropped region '{name}': none of its neurons is left"));
        }
        let regions = Regions::new(sizes.into_iter().filter(|(_, size)| *size > 0))?;
        self.select(&kept, regions)
    }
}

#[cfg(test)]
mod tests;
