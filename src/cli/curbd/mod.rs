//! `crosscurrent curbd FILE`: a real recording, its fitted network, and the currents between its regions.

mod analysis;
mod figures;
mod fit_figure;
mod interval;
mod method;
mod results;
mod summary;

use self::analysis::Analysis;
use self::method::{Method, Settings};
use self::results::Results;
use super::Session;
use super::recorded::RecordedOptions;
use super::session::command_line;
use crate::error::{Error, Result, positive};
use crate::io::{InputFile, Loaded, Provenance, Source};
use crate::preprocess::Preprocess;
use crate::recording::Recording;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

/// Share of the samples, at the end, that no fit sees.
const HELD_OUT: f64 = 0.2;

/// Fit a network to a recording and split its activity into the currents between regions
///
/// The last fifth of the samples is held out. FILE is a .npz, .npy, .mat (up to v7), .csv, .tsv or .txt file that holds
/// neurons × time; the word `sample` stands for a recording that the program carries along (resting fMRI).
#[derive(Clone, Debug, Args)]
pub struct Curbd {
    #[command(flatten)]
    recorded: RecordedOptions,
    /// Time constant of every neuron in s [default: 0.1 or 5 dt, whichever is larger]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    tau: Option<f64>,
    /// Smooth with a Gaussian of this many samples
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true)]
    smooth: Option<f64>,
    /// Subtract each neuron's linear trend
    #[arg(long)]
    detrend: bool,
    /// Do not z-score the neurons; still divide by the largest modulus
    #[arg(long)]
    no_z_score: bool,
    /// Leave the rates as they are (for activity that is within (-1, 1) already)
    #[arg(long, conflicts_with_all = ["no_z_score", "smooth", "detrend"])]
    raw: bool,
    /// How to fit; the published programs divide by the maximum instead of z-scoring
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// Learning passes over the recording
    #[arg(long, default_value_t = 60, value_name = "N")]
    passes: usize,
    /// Euler steps per sample [default: as many as make a step at most tau / 10]
    #[arg(long, value_name = "N")]
    steps_per_sample: Option<usize>,
    /// What is known of the wiring: prior variances (0: no synapse, 1: ordinary), neurons × neurons, row = target, in the order of FILE
    #[arg(long, value_name = "MATRIX")]
    anatomy: Option<PathBuf>,
}

impl Curbd {
    /// Runs the command.
    ///
    /// # Errors
    /// Input that cannot be used, a folder that cannot be written, a fit that diverges, a wish to stop.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let started = (SystemTime::now(), Instant::now());
        let mut loaded = Source { anatomy: self.anatomy.clone(), ..self.recorded.source() }.read()?;
        let train = 0..training_samples(&loaded)?;
        loaded.recorded = loaded.recorded.drop_constant(train, &mut loaded.notices)?;
        let recording = self.preprocess().apply(&loaded.recorded.recording)?;
        if recording.inputs.is_some() && self.preprocess() != Preprocess::none() {
            let remark = "the rates are rescaled but the known inputs are not: say --raw if the rates are those of a network";
            loaded.notices.push(remark.to_string());
        }
        let settings = self.settings(&recording, &mut loaded.notices)?;
        let input = self.inputs()?;
        if session.json() {
            // Otherwise the summary has them.
            loaded.notices.iter().for_each(|notice| session.notice(notice));
        }
        let folder = session.folder("curbd")?;
        let analysis = Analysis::run(&recording, &settings, session)?;
        let mut provenance = Provenance::new(command_line(), session.seed(), started.0);
        provenance.precision = settings.precision();
        provenance.input = input;
        provenance.section("preprocess", &self.preprocess())?;
        provenance.section("fit", &settings.fit())?;
        provenance.seconds = Some(started.1.elapsed().as_secs_f64());
        let results = Results { analysis: &analysis, recording: &recording, loaded: &loaded, settings: &settings };
        results.write(&folder, &provenance)?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The default for a real recording; the published methods bring their own normalisation.
    fn preprocess(&self) -> Preprocess {
        let base = if self.raw || self.method.is_published() { Preprocess::none() } else { Preprocess::default() };
        Preprocess { z_score: base.z_score && !self.no_z_score, smooth: self.smooth, detrend: self.detrend, ..base }
    }

    fn settings(&self, recording: &Recording, notices: &mut Vec<String>) -> Result<Settings> {
        let dt = recording.clock.dt();
        let tau = positive("tau", self.tau.unwrap_or_else(|| method::default_tau(dt)))?;
        let steps_per_sample = self.steps_per_sample.unwrap_or_else(|| method::default_steps(dt, tau));
        let rescaled = !(self.raw || self.method.is_published());
        let smoothed = self.smooth.is_some();
        let settings = Settings { method: self.method, tau, passes: self.passes, steps_per_sample, smoothed, rescaled };
        if self.tau.is_none() {
            let reason = "the larger of 0.1 s and 5 sample intervals (--tau sets it; the size of all currents depends on it)";
            notices.push(format!("tau = {} s, {reason}", summary::short(tau)));
        }
        if self.steps_per_sample.is_none() && steps_per_sample > 1 {
            let reason = "so that one is at most a tenth of tau (--steps-per-sample sets it)";
            notices.push(format!("{steps_per_sample} Euler steps per sample, {reason}"));
        }
        settings.check(recording, notices)?;
        Ok(settings)
    }

    fn inputs(&self) -> Result<Vec<InputFile>> {
        self.recorded.files().chain(self.anatomy.as_deref()).map(InputFile::of).collect()
    }
}

/// Number of samples before the held-out part.
fn training_samples(loaded: &Loaded) -> Result<usize> {
    Ok(loaded.recorded.recording.hold_out(HELD_OUT)?.0.samples())
}

/// What a fit that would be asked to make no pass says.
fn at_least_one(name: &str, value: usize) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(Error::parameter(name, value, "at least 1")) }
}
