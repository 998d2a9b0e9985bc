//! `crosscurrent constrain`: which currents of a fit do the data determine?

mod figure;
mod results;

use super::Session;
use crate::error::Result;
use crate::fit::{AnyFit, Bayes, Between, KnownInputs, Pinning, Ridge};
use crate::identify::{ConstraintPlan, constraint};
use crate::io::{self, Source};
use clap::{Args, ValueEnum};
use results::Results;
use std::path::PathBuf;
use std::process::ExitCode;

/// Say which currents of a fit the data constrain, and which neurons to stimulate to constrain more
///
/// The recording is fitted, and fitted again on resampled blocks of time, from other seeds, with a wrong tau, a wrong phi and fewer neurons.
/// Every current gets a verdict with its reason. A recording that `simulate` wrote shows the truth beside it; nothing needs it.
#[derive(Debug, Args)]
pub struct Constrain {
    /// The recording
    file: PathBuf,
    /// How to fit
    #[arg(long, value_enum, default_value_t = MethodName::Bayes)]
    method: MethodName,
    /// The method with all its settings, as TOML (kind = "bayes", …), instead of the options
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["method", "tau", "ignore_inputs"])]
    config: Option<PathBuf>,
    /// Time constants in s: one, one per region, or one per neuron
    #[arg(long, value_name = "S", value_delimiter = ',', default_value = "0.1", allow_negative_numbers = true)]
    tau: Vec<f64>,
    /// Do not look at external inputs that the recording holds
    #[arg(long)]
    ignore_inputs: bool,
    /// Fits of resampled blocks
    #[arg(long, default_value_t = 4, value_name = "N")]
    bootstrap: usize,
    /// Fits from other seeds
    #[arg(long, default_value_t = 2, value_name = "N")]
    seeds: usize,
    /// Time between samples in s, where the file does not say
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    dt: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodName {
    /// Bayesian regression with a Gaussian prior per pair of regions
    Bayes,
    /// The same, choosing between that and a prior by which some weights between regions do not exist
    BayesSparse,
    /// Least squares in current space, penalty chosen on held-out blocks
    Ridge,
    /// Recursive least squares, closed loop, corrected
    Pinning,
}

impl Constrain {
    /// Runs the command.
    ///
    /// # Errors
    /// A file that cannot be read, a parameter out of range, a fit that fails, a folder that cannot be written, or Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let method = self.method()?;
        let loaded = Source { dt: self.dt, ..Source::of(&self.file) }.read()?;
        loaded.notices.iter().for_each(|notice| session.notice(notice));
        let plan = ConstraintPlan { bootstrap: self.bootstrap, seeds: self.seeds, ..Default::default() };
        let folder = session.folder("constrain")?;
        let recorded = &loaded.recorded;
        let go_on = || session.go_on();
        let (fitted, report) = constraint(&*method, &plan, &recorded.recording, recorded.truth.as_ref(), (session.seed(), &go_on))?;
        let results = Results { report: &report, folder: &folder };
        results.write()?;
        io::write_fitted(&folder.join("fitted.npz"), &fitted)?;
        session.provenance(&folder, &[&self.file], &[("fit", &method), ("plan", &plan)])?;
        session.report(&results.text(), &report)?;
        Ok(ExitCode::SUCCESS)
    }

    fn method(&self) -> Result<AnyFit> {
        if let Some(path) = &self.config {
            return io::read_toml(path);
        }
        let inputs = if self.ignore_inputs { KnownInputs::Ignore } else { KnownInputs::Subtract };
        let tau = self.tau.clone();
        Ok(match self.method {
            MethodName::Bayes => Bayes { tau, inputs, between: Between::Gaussian, ..Default::default() }.into(),
            MethodName::BayesSparse => Bayes { tau, inputs, ..Default::default() }.into(),
            MethodName::Ridge => Ridge { tau, inputs, ..Default::default() }.into(),
            MethodName::Pinning => Pinning { tau, inputs, ..Default::default() }.into(),
        })
    }
}
