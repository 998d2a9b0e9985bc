//! `crosscurrent analyse FILE`: what a recording, or a network, is like.

mod activity;
mod context;
mod dynamics;
mod figure;
mod outcome;
mod pairs;
mod results;
mod subject;
mod time;

use self::context::Context;
use self::outcome::{Outcome, Skipped};
use self::results::Results;
use self::subject::Subject;
use super::Session;
use super::recorded::RecordedOptions;
use crate::error::{Error, Result};
use crate::preprocess::Preprocess;
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// Describe a recording or a network: dimension, timescales, spectrum, how regions relate, rotations, fixed points
///
/// FILE is a recording that any command wrote or reads, or a network (fitted.npz, network.npz). A file that holds both gets both. An analysis
/// that cannot be done says why in one line; the others are done.
#[derive(Clone, Debug, Args)]
pub struct Analyse {
    #[command(flatten)]
    recorded: RecordedOptions,
    /// Only these analyses: dimension, timescales, spectrum, correlation, angles, communication, similarity, rotation, linearised, fixed-points
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Only these samples, from 0, the end excluded: 0:600
    #[arg(long, value_name = "A:B")]
    samples: Option<String>,
    /// Smooth with a Gaussian of this many samples
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true)]
    smooth: Option<f64>,
    /// Subtract each neuron's linear trend
    #[arg(long)]
    detrend: bool,
    /// Divide each neuron by its standard deviation: all count alike
    #[arg(long)]
    z_score: bool,
    /// Longest lag of correlations in s [default: a tenth of the longest trial]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    longest: Option<f64>,
    /// Samples per block of the power spectrum [default: a power of two, at least eight blocks in the longest trial]
    #[arg(long, value_name = "N")]
    block: Option<usize>,
    /// Principal components of each region that are compared and, for rotations, of all neurons
    #[arg(long, value_name = "K", default_value_t = 6)]
    components: usize,
    /// Starts of the search for fixed points: half of them states of the recording where there is one, the others random
    #[arg(long, value_name = "N", default_value_t = 40)]
    starts: usize,
}

/// The settings that the provenance tells.
#[derive(Serialize)]
struct Settings<'a> {
    only: Vec<&'static str>,
    samples: Option<&'a str>,
    longest_lag_s: Option<f64>,
    block: Option<usize>,
    components: usize,
    starts: usize,
}

/// What makes an analysis.
type Method = fn(&Context) -> Result<Outcome>;

/// Every analysis by its name, in the order of the report.
const ANALYSES: [(&str, Method); 10] = [
    ("dimension", activity::dimension),
    ("timescales", time::timescales),
    ("spectrum", time::spectrum),
    ("correlation", pairs::correlation),
    ("angles", pairs::angles),
    ("communication", pairs::communication),
    ("similarity", pairs::similarity),
    ("rotation", activity::rotation),
    ("linearised", dynamics::linearised),
    ("fixed-points", dynamics::fixed_points),
];

impl Analyse {
    /// Runs the command.
    ///
    /// # Errors
    /// Input that cannot be used, an unknown analysis, a file of which nothing can be analysed, a folder that cannot be written, Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let chosen = self.chosen()?;
        self.check()?;
        let (subject, notices) = self.subject()?;
        notices.iter().for_each(|notice| session.notice(notice));
        let folder = session.folder("analyse")?;
        let bar = session.progress(chosen.len() as u64, "analysing");
        let context = Context { subject: &subject, options: self, session };
        let (mut outcomes, mut skipped) = (Vec::new(), Vec::new());
        for (name, method) in &chosen {
            match method(&context) {
                _ if session.stopped() => return Err(Error::Cancelled),
                Ok(outcome) => outcomes.push((*name, outcome)),
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(reason) => skipped.push(Skipped { analysis: name, reason: reason.to_string() }),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if outcomes.is_empty() {
            let reasons: Vec<String> = skipped.iter().map(|s| format!("{}: {}", s.analysis, s.reason)).collect();
            let remedy = "give a longer recording, one with regions, or a network";
            return Err(Error::file(&self.recorded.file, format!("nothing could be analysed ({})", reasons.join("; ")), remedy));
        }
        let results = Results { subject: &subject, outcomes, skipped, notices };
        results.write(&folder)?;
        let files: Vec<&Path> = self.recorded.files().collect();
        let settings = self.settings(&chosen);
        session.provenance(&folder, &files, &[("preprocess", &self.preprocess()), ("analyse", &settings)])?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }

    fn chosen(&self) -> Result<Vec<(&'static str, Method)>> {
        let known = || ANALYSES.map(|(name, _)| name).join(", ");
        if let Some(unknown) = self.only.iter().find(|name| ANALYSES.iter().all(|(known, _)| known != name)) {
            return Err(Error::parameter("--only", format!("'{unknown}'"), format!("one or more of {}", known())));
        }
        Ok(ANALYSES.into_iter().filter(|(name, _)| self.only.is_empty() || self.only.iter().any(|only| only == name)).collect())
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("components", self.components), ("starts", self.starts)] {
            if value == 0 {
                return Err(Error::parameter(name, 0, "at least 1"));
            }
        }
        self.longest.map_or(Ok(0.0), |longest| crate::error::positive("longest lag", longest)).map(|_| ())
    }

    fn preprocess(&self) -> Preprocess {
        Preprocess { smooth: self.smooth, detrend: self.detrend, z_score: self.z_score, ..Preprocess::none() }
    }

    fn subject(&self) -> Result<(Subject, Vec<String>)> {
        let (mut subject, mut notices) = Subject::read(&self.recorded.source())?;
        if let Some(window) = &self.samples {
            subject.cut(window, &mut notices)?;
        }
        subject.prepare(&self.preprocess())?;
        Ok((subject, notices))
    }

    fn settings(&self, chosen: &[(&'static str, Method)]) -> Settings<'_> {
        Settings {
            only: chosen.iter().map(|(name, _)| *name).collect(),
            samples: self.samples.as_deref(),
            longest_lag_s: self.longest,
            block: self.block,
            components: self.components,
            starts: self.starts,
        }
    }
}
