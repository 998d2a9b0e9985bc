//! The command `crosscurrent`: parses, calls, reports.

mod analyse;
mod constrain;
mod curbd;
mod currents;
mod fit;
mod gather;
mod identify;
mod law;
mod lyapunov;
mod plot;
mod recorded;
mod replay;
mod score;
mod session;
mod simulate;
mod spectrum;
mod trakr;

pub use curbd::Curbd;
pub use session::Session;

use crate::error::{Error, Result};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a data-constrained fit recovered of a network whose truth is known, and what it finds in a recording.
#[derive(Debug, Parser)]
#[command(name = "crosscurrent", version, about, arg_required_else_help = true)]
struct Command {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    task: Task,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// One JSON document on standard output and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress and no notices
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Threads to use (0: all cores); results do not depend on it
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Fixes every random number
    #[arg(long, global = true, default_value_t = 1, value_name = "SEED")]
    pub seed: u64,
    /// Folder for the results
    #[arg(long, global = true, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Task {
    Identify(identify::Identify),
    Gather(gather::Gather),
    Plot(plot::PlotCommand),
    Simulate(simulate::Simulate),
    Spectrum(spectrum::SpectrumCommand),
    Analyse(analyse::Analyse),
    Lyapunov(lyapunov::LyapunovCommand),
    Fit(fit::FitCommand),
    Currents(currents::CurrentsCommand),
    Score(score::ScoreCommand),
    Constrain(constrain::Constrain),
    Curbd(Curbd),
    Trakr(trakr::Trakr),
    Replay(replay::ReplayArgs),
}

impl Task {
    fn run(&self, session: &Session) -> Result<ExitCode> {
        match self {
            Task::Identify(task) => task.run(session),
            Task::Gather(task) => task.run(session),
            Task::Plot(task) => task.run(session),
            Task::Simulate(task) => task.run(session),
            Task::Spectrum(task) => task.run(session),
            Task::Analyse(task) => task.run(session),
            Task::Lyapunov(task) => task.run(session),
            Task::Fit(task) => task.run(session),
            Task::Currents(task) => task.run(session),
            Task::Score(task) => task.run(session),
            Task::Constrain(task) => task.run(session),
            Task::Curbd(task) => task.run(session),
            Task::Trakr(task) => task.run(session),
            Task::Replay(task) => task.run(session),
        }
    }
}

/// Runs the command that the arguments ask for. Exit code 2 for bad input, 130 after Ctrl-C.
pub fn run() -> ExitCode {
    let command = Command::parse();
    let outcome = Session::new(&command.global).and_then(|session| command.task.run(&session));
    match outcome {
        Ok(code) => code,
        Err(Error::Cancelled) => {
            eprintln!("stopped on request");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
