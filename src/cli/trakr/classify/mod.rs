//! `crosscurrent trakr classify DATASET`: error traces and other methods tell classes of series apart.

mod figures;
mod method;
mod published;
mod results;
mod run;

use self::method::{Method, Options};
use self::results::{Results, Row};
use crate::cli::Session;
use crate::error::{Error, Result};
use crate::io::{Dataset, InputFile, Provenance, find_dataset, read_arrays};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

/// Tell classes of time series apart by error traces (TRAKR) and by the methods to compare them with
///
/// DATASET is an .npz file with labelled series (docs/commands.md), the beginning of the name of one below the folder --data
/// (gunpoint, mnist), or the word `sample` for a set that the program carries along (ItalyPowerDemand).
#[derive(Clone, Debug, Args)]
pub struct Classify {
    /// The data set
    dataset: PathBuf,
    /// Folder to look in when DATASET is a name
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// Methods: all, or names separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "all", value_name = "NAMES")]
    method: Vec<Method>,
    /// What may be learned from [default: standard where the set is split, cross-validation where it is not]
    #[arg(long, value_enum)]
    protocol: Option<Protocol>,
    /// Folds of cross-validation
    #[arg(long, default_value_t = 10, value_name = "K")]
    folds: usize,
    /// Draws of one template per class (one-shot)
    #[arg(long, default_value_t = 20, value_name = "K")]
    draws: usize,
    /// Put the samples of every series in the order of the first array of this file
    #[arg(long, value_name = "FILE")]
    permute: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// What a method may learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// The training series that come with the set; tested on its test series
    Standard,
    /// All series in stratified folds
    CrossValidation,
    /// One series of each class, drawn at random; tested on all others
    OneShot,
    /// Every series in turn is the template; an SVM is cross-validated on the traces of all series under it (the TRAKR paper)
    Published,
}

/// What the provenance holds beside the settings of the methods.
#[derive(Serialize)]
struct Told {
    protocol: Protocol,
    folds: usize,
    draws: usize,
}

impl Classify {
    /// Runs the command.
    ///
    /// # Errors
    /// A data set that cannot be used, a parameter out of range, a folder that cannot be written, a wish to stop.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let started = (SystemTime::now(), Instant::now());
        let path = find_dataset(&self.dataset, &self.data)?;
        let data = self.read(&path)?;
        let protocol = self.protocol.unwrap_or(if data.test.is_some() { Protocol::Standard } else { Protocol::CrossValidation });
        if protocol == Protocol::Standard && data.test.is_none() {
            return Err(Error::parameter("--protocol", "standard", "another one: this set is not split into training and test series"));
        }
        let folder = session.folder("classify")?;
        let rows = match protocol {
            Protocol::Published => published::rows(self, &data.pooled(), session)?,
            _ => run::rows(self, &data, protocol, session)?,
        };
        let results = Results { data: &data, protocol, rows: &rows };
        results.write(&folder, &self.options, session.seed())?;
        let mut provenance = Provenance::new(crate::cli::session::command_line(), session.seed(), started.0);
        provenance.input = self.inputs(&path)?;
        provenance.section("protocol", &Told { protocol, folds: self.folds, draws: self.draws })?;
        provenance.section("trakr", &self.options.trakr()?)?;
        provenance.seconds = Some(started.1.elapsed().as_secs_f64());
        provenance.write(&folder.join("provenance.toml"))?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self, path: &Path) -> Result<Dataset> {
        let data = Dataset::read(path)?;
        let Some(order) = &self.permute else { return Ok(data) };
        let arrays = read_arrays(order)?;
        let (_, array) =
            arrays.numbers().first().ok_or_else(|| Error::file(order, "it holds no numbers", "give the order of the samples"))?;
        data.reordered(&array.values().iter().map(|&place| place as usize).collect::<Vec<_>>())
    }

    fn inputs(&self, path: &Path) -> Result<Vec<InputFile>> {
        let mut inputs = vec![InputFile::of_dataset(path)?];
        if let Some(order) = &self.permute {
            inputs.push(InputFile::of(order)?);
        }
        Ok(inputs)
    }

    /// The methods to run under `protocol`.
    fn methods(&self, protocol: Protocol) -> Vec<Method> {
        if self.method.contains(&Method::All) { Method::fit_for(protocol) } else { self.method.clone() }
    }
}

/// The time that `work` takes, in s.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64()))
}
