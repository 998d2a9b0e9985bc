//! `crosscurrent trakr track FILE`: learn one stretch of a recording, and say where the rest departs from it.

mod figure;
mod options;
mod pass;
mod results;
mod setup;

use self::options::{Channels, Stretch, Window};
use self::pass::Pass;
use self::results::Results;
use super::reservoir::ReservoirOptions;
use crate::cli::Session;
use crate::error::Result;
use crate::track::Rule;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Learn one stretch of a recording and find where the rest departs from it and returns
///
/// A reservoir's readout learns to follow the signal in the first half of --train; the second half (or --calibrate) says how large its
/// learning errors E(t) are while nothing changes. FILE is a .npz, .npy, .mat (up to v7), .csv, .tsv or .txt file that holds channels × time,
/// or with --spikes a table of spike times. A .npy file, and a text file that is time × channels (--transpose), may be larger than memory.
#[derive(Clone, Debug, Args)]
pub struct TrackCommand {
    /// The recording, or `sample`
    file: PathBuf,
    /// Stretch to learn, in s: 0:60
    #[arg(long, value_name = "A:B")]
    train: Stretch,
    /// Stretch that shows the errors while nothing changes [default: the second half of --train, which is then not learned]
    #[arg(long, value_name = "A:B")]
    calibrate: Option<Stretch>,
    /// Array that holds channels × time, where the file has several
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Entry of the leading axis (animal, trial), from 0
    #[arg(long, value_name = "K")]
    slice: Option<usize>,
    /// The array is time × channels
    #[arg(long)]
    transpose: bool,
    /// Time between samples in s [default: a number in the file called dt, tr_s, fps, …]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    dt: Option<f64>,
    /// FILE is a table of spike times (columns time and unit)
    #[arg(long)]
    spikes: bool,
    /// Bin of spike times in s
    #[arg(long, default_value_t = 0.01, value_name = "S", requires = "spikes", allow_negative_numbers = true)]
    bin: f64,
    /// Smooth binned spikes with a Gaussian of this deviation in s
    #[arg(long, value_name = "S", requires = "spikes", allow_negative_numbers = true)]
    smooth: Option<f64>,
    /// Channels that enter the reservoir, from 0: 0,3-5 [default: all]
    #[arg(long, value_name = "LIST")]
    channels: Option<Channels>,
    /// Channels that the readout follows [default: those that enter]
    #[arg(long, value_name = "LIST")]
    targets: Option<Channels>,
    /// Units of the reservoir
    #[arg(long, default_value_t = 100, value_name = "N")]
    units: usize,
    #[command(flatten)]
    reservoir: ReservoirOptions,
    /// Its time constant in s [default: 10 samples]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    tau: Option<f64>,
    /// P at the start, times the identity
    #[arg(long, default_value_t = 1.0, value_name = "ALPHA", allow_negative_numbers = true)]
    alpha: f64,
    /// The weight change that an error asks for
    #[arg(long, value_enum, default_value_t = RuleName::LeastSquares)]
    rule: RuleName,
    /// Feed the outputs back with weights in [-F, F]
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    feedback: Option<f64>,
    /// Probability of any false departure in the part that is judged
    #[arg(long, default_value_t = 0.05, value_name = "P", allow_negative_numbers = true)]
    false_alarm: f64,
    /// Length of the blocks that are judged, in s [default: four times as long as they stay correlated in the calibration]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    block: Option<f64>,
    /// Let P go on shrinking after training, as the published protocol does
    #[arg(long)]
    shrinking: bool,
    /// CSV of event times in s (column time): test whether E(t) and departures go with them
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Window after an event, in s
    #[arg(long, default_value = "0:1", value_name = "A:B", requires = "events", allow_hyphen_values = true)]
    window: Window,
}

/// The rules under the names of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RuleName {
    /// Recursive least squares
    LeastSquares,
    /// The published program: its step is smaller by the factor c
    Published,
}

impl From<RuleName> for Rule {
    fn from(name: RuleName) -> Rule {
        match name {
            RuleName::LeastSquares => Rule::LeastSquares,
            RuleName::Published => Rule::Published,
        }
    }
}

impl TrackCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Input that cannot be used, a folder that cannot be written, a wish to stop.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let mut setup = self.setup(session.seed())?;
        if session.json() {
            // Otherwise the summary has them.
            setup.notices.iter().for_each(|notice| session.notice(notice));
        }
        let folder = session.folder("trakr-track")?;
        let pass = Pass::run(&mut setup, session)?;
        let alignment = self.align(&pass, session.seed())?;
        let results = Results { setup: &setup, pass: &pass, alignment: alignment.as_ref(), window: self.window.0 };
        results.write(&folder)?;
        let inputs: Vec<&std::path::Path> = [Some(&self.file), self.events.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
        session.provenance(&folder, &inputs, &[("tracking", &setup.tracking), ("detection", &setup.detection)])?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }
}
