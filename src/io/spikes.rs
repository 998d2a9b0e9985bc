//! Spike times as rates.

use super::labels::Labels;
use crate::error::{Error, Result, positive};
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::path::{Path, PathBuf};

/// Most values of the rates that are made.
const MOST: f64 = 5e8;

/// A table of spikes, and how they become rates.
///
/// ```
/// use crosscurrent::io::Spikes;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("spikes.csv");
/// std::fs::write(&path, "time,unit\n0.011,b\n0.012,b\n0.035,a\n").unwrap();
/// let (recording, units) = Spikes { bin: 0.01, ..Spikes::of(path) }.read()?;
/// assert_eq!(units, ["a", "b"]);
/// assert_eq!(recording.rates.row(1).iter().copied().collect::<Vec<_>>(), [0.0, 200.0, 0.0, 0.0]); // spikes per second
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Spikes {
    /// CSV with a header: times in s from the first sample in a column `time`, `time_s`, `t` or `spike_time` (else the first column), the
    /// unit of each spike in `unit`, `neuron`, `cell`, `cluster` or `id` (else all are one unit).
    pub file: PathBuf,
    /// Seconds per sample; positive, default 0.01.
    pub bin: f64,
    /// Standard deviation in s of the Gaussian that smooths the counts; default none.
    pub smooth: Option<f64>,
}

impl Spikes {
    /// A file, binned at 10 ms.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Spikes { file: file.into(), bin: 0.01, smooth: None }
    }

    /// Rates in spikes per second, units × bins, from time 0 to the last spike, with the names of the units in rising order.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a bin that is not positive, [`Error::File`] for times that are no numbers, negative, or too late to hold all
    /// bins in memory.
    pub fn read(&self) -> Result<(Recording, Vec<String>)> {
        positive("bin", self.bin)?;
        let labels = Labels::read(&self.file)?;
        let times = read_times(&labels, &self.file)?;
        let named = ["unit", "neuron", "cell", "cluster", "id"].into_iter().find(|name| labels.names().any(|known| known == *name));
        let owners: Vec<String> = match named {
            Some(name) => labels.column(name)?.to_vec(),
            None => vec!["all".to_string(); times.len()],
        };
        let mut units = owners.clone();
        units.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
        units.dedup();
        let last = times.iter().copied().fold(0.0, f64::max);
        if units.len() as f64 * last / self.bin > MOST {
            let problem = format!("{} units over {last} s make too many bins of {} s", units.len(), self.bin);
            return Err(Error::file(&self.file, problem, "take wider bins, or give times in s"));
        }
        let mut rates = DMatrix::zeros(units.len(), (last / self.bin) as usize + 1);
        for (time, owner) in times.iter().zip(&owners) {
            let unit = units.iter().position(|unit| unit == owner).expect("every owner is a unit");
            rates[(unit, (time / self.bin) as usize)] += 1.0 / self.bin;
        }
        if let Some(width) = self.smooth {
            rates = smoothed(&rates, positive("smooth", width)? / self.bin);
        }
        let regions = Regions::single("all", units.len())?;
        Ok((Recording::new(rates, self.bin, regions)?, units))
    }
}

/// The times of a table, in s: of its column `time`, `time_s`, `t`, `spike_time` or `onset`, else of the first one.
///
/// # Errors
/// [`Error::File`] when the file cannot be read, or a time is no number or negative.
pub fn read_event_times(path: &Path) -> Result<Vec<f64>> {
    read_times(&Labels::read(path)?, path)
}

fn read_times(labels: &Labels, path: &Path) -> Result<Vec<f64>> {
    let known = ["time", "time_s", "t", "spike_time", "onset"].into_iter().find(|name| labels.names().any(|found| found == *name));
    let name = known.or_else(|| labels.names().next()).unwrap_or_default();
    let parse = |(row, cell): (usize, &String)| match cell.parse::<f64>() {
        Ok(time) if time.is_finite() && time >= 0.0 => Ok(time),
        _ => {
            let problem = format!("row {} of column '{name}': expected a time in s, found '{cell}'", row + 1);
            Err(Error::file(path, problem, "give times from 0 on, in seconds, under a header"))
        }
    };
    labels.column(name)?.iter().enumerate().map(parse).collect()
}

/// Units that are numbers come in the order of numbers, before those that are not.
fn number(name: &str) -> f64 {
    name.parse().unwrap_or(f64::INFINITY)
}

/// Rows convolved with a Gaussian of `width` samples, whose weights within the recording add up to 1.
fn smoothed(rates: &DMatrix<f64>, width: f64) -> DMatrix<f64> {
    let reach = (4.0 * width).ceil() as i64;
    let weights: Vec<f64> = (-reach..=reach).map(|lag| (-0.5 * (lag as f64 / width).powi(2)).exp()).collect();
    let samples = rates.ncols() as i64;
    DMatrix::from_fn(rates.nrows(), rates.ncols(), |unit, at| {
        let lags = (-reach..=reach).filter(|lag| (0..samples).contains(&(at as i64 + lag)));
        let (sum, total) = lags.fold((0.0, 0.0), |(sum, total), lag| {
            let weight = weights[(lag + reach) as usize];
            (sum + weight * rates[(unit, (at as i64 + lag) as usize)], total + weight)
        });
        sum / total
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, smooth: Option<f64>) -> Result<(Recording, Vec<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.csv");
        std::fs::write(&path, text).unwrap();
        Spikes { bin: 0.1, smooth, ..Spikes::of(&path) }.read()
    }

    #[test]
    fn every_spike_counts_once_and_smoothing_keeps_the_mean() {
        let text = "unit,time_s\n10,0.05\n2,0.31\n2,0.32\n10,4.95\n2,2.5\n";
        let (plain, units) = read(text, None).unwrap();
        assert_eq!(units, ["2", "10"]);
        assert_eq!((plain.samples(), plain.rates.sum()), (50, 50.0));
        assert_eq!(plain.rates[(0, 3)], 20.0);
        let (smooth, _) = read(text, Some(0.2)).unwrap();
        assert!(smooth.rates[(0, 3)] < 10.0 && (smooth.rates.row(0).sum() - 30.0).abs() < 1.0);
    }

    #[test]
    fn bad_times_are_named() {
        let error = |text: &str| read(text, None).unwrap_err().to_string();
        assert!(error("time\n1\nx\n").contains("row 2 of column 'time'"));
        assert!(error("time\n-1\n").contains("found '-1'"));
        assert!(error("time,unit\n1e12,a\n").contains("too many bins"));
    }
}
