//! `reproduce`: the validation figures of the papers, one experiment a figure, each judging itself.

mod experiment;
mod perich_2020;
mod summary;

use clap::{Parser, Subcommand};
use crosscurrent::{Error, Result};
use experiment::{Context, Experiment, Size, Verdict};
use std::path::PathBuf;
use std::process::ExitCode;

/// Every experiment, in the order of the papers. A new one is one file and one line.
fn experiments() -> Vec<Box<dyn Experiment>> {
    vec![Box::new(perich_2020::Perich2020)]
}

/// Reproduce the validation figures of the papers; each experiment writes figures, data and the checks that judge it.
#[derive(Debug, Parser)]
#[command(name = "reproduce", version, arg_required_else_help = true)]
struct Command {
    /// Tiny sizes that only show that everything runs; nothing is judged
    #[arg(long, global = true)]
    smoke: bool,
    /// Sizes of the run
    #[arg(long, global = true, value_enum, default_value_t = Size::Default)]
    size: Size,
    /// Fixes every random number
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    /// Threads to use (0: all cores); results do not depend on it
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Folder for the results (default: target/reproduce)
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write to figures/, the folder that is committed
    #[arg(long, global = true, conflicts_with_all = ["out", "smoke"])]
    publish: bool,
    /// No progress
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Name every experiment with its source
    List,
    /// Run every experiment
    All,
    /// Run one experiment by its name
    #[command(external_subcommand)]
    One(Vec<String>),
}

fn main() -> ExitCode {
    let command = Command::parse();
    match run(&command) {
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

fn run(command: &Command) -> Result<ExitCode> {
    let chosen = match &command.task {
        Task::List => {
            experiments().iter().for_each(|e| println!("{:<14} {}", e.name(), e.source()));
            return Ok(ExitCode::SUCCESS);
        }
        Task::All => experiments(),
        Task::One(words) => vec![named(words)?],
    };
    let context = Context::new(command)?;
    let mut findings = Vec::new();
    for experiment in &chosen {
        findings.push((experiment.name(), experiment.source(), context.run(&**experiment)?));
    }
    print!("{}", summary::table(&findings));
    if command.publish && matches!(command.task, Task::All) {
        summary::write_index(&context.root, &findings)?;
    }
    let failed = findings.iter().flat_map(|(.., checks)| checks).any(|check| check.verdict() == Verdict::Fail);
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn named(words: &[String]) -> Result<Box<dyn Experiment>> {
    let known = || experiments().iter().map(|e| e.name()).collect::<Vec<_>>().join(", ");
    if let [_, extra, ..] = words {
        return Err(Error::parameter("argument", extra, "options after the name of one experiment"));
    }
    experiments()
        .into_iter()
        .find(|e| e.name() == words[0])
        .ok_or_else(|| Error::parameter("experiment", &words[0], format!("all, list, or one of: {}", known())))
}
