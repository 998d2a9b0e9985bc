//! `reproduce`: the validation figures of the papers, one experiment a figure, each judging itself.

mod afzal_2021;
mod afzal_2021_classification;
mod afzal_2021_recordings;
mod aljadeff_2015;
mod atlas;
mod block_mean_field;
mod cosyne_2021_problem_1;
mod cosyne_2021_problem_2;
mod currents_bench;
mod das_fiete_2020;
mod dinc_2023;
mod engelken_2023;
mod experiment;
mod frames;
mod girko_1985;
mod mastrogiuseppe_ostojic_2018;
mod perich_2020;
mod qian_2024;
mod rajan_abbott_2006;
mod rajan_abbott_sompolinsky_2010;
mod schuecker_2018;
mod sommers_1988;
mod sompolinsky_1988;
mod spectrum;
mod summary;
mod tao_2013;
mod tao_vu_2010;

use clap::Parser;
use crosscurrent::{Error, Result};
use experiment::{Check, Context, Experiment, Size, Verdict};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Every experiment, in the order of the papers. A new one is one file and one line.
fn experiments() -> Vec<Box<dyn Experiment>> {
    vec![
        Box::new(girko_1985::Girko1985),
        Box::new(sommers_1988::Sommers1988),
        Box::new(sompolinsky_1988::Sompolinsky1988),
        Box::new(rajan_abbott_2006::RajanAbbott2006),
        Box::new(tao_vu_2010::TaoVu2010),
        Box::new(rajan_abbott_sompolinsky_2010::RajanAbbottSompolinsky2010),
        Box::new(tao_2013::Tao2013),
        Box::new(aljadeff_2015::Aljadeff2015),
        Box::new(block_mean_field::BlockMeanField),
        Box::new(schuecker_2018::Schuecker2018),
        Box::new(mastrogiuseppe_ostojic_2018::MastrogiuseppeOstojic2018),
        Box::new(perich_2020::Perich2020),
        Box::new(das_fiete_2020::DasFiete2020),
        Box::new(dinc_2023::Dinc2023),
        Box::new(qian_2024::Qian2024),
        Box::new(currents_bench::CurrentsBench),
        Box::new(atlas::Atlas),
        Box::new(cosyne_2021_problem_1::Cosyne2021Problem1),
        Box::new(cosyne_2021_problem_2::Cosyne2021Problem2),
        Box::new(engelken_2023::Engelken2023),
        Box::new(afzal_2021::Afzal2021),
        Box::new(afzal_2021_classification::Afzal2021Classification),
        Box::new(afzal_2021_recordings::Afzal2021Recordings),
    ]
}

/// Reproduce the validation figures of the papers; each experiment writes figures, data and the checks that judge it.
#[derive(Debug, Parser)]
#[command(name = "reproduce", version, arg_required_else_help = true)]
struct Command {
    /// Tiny sizes that only show that everything runs; nothing is judged
    #[arg(long)]
    smoke: bool,
    /// Sizes of the run
    #[arg(long, value_enum, default_value_t = Size::Default)]
    size: Size,
    /// Fixes every random number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads to use (0: all cores); results do not depend on it
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Folder for the results (default: target/reproduce)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write to figures/, the folder that is committed
    #[arg(long, conflicts_with_all = ["out", "smoke"])]
    publish: bool,
    /// Folder of recordings and labelled series that are no part of the repository
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
    /// list, all, or the name of one experiment
    experiment: String,
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
    if command.experiment == "list" {
        experiments().iter().for_each(|e| println!("{:<22} {}", e.name(), e.source()));
        return Ok(ExitCode::SUCCESS);
    }
    let all = command.experiment == "all";
    let chosen = if all { experiments() } else { vec![named(&command.experiment)?] };
    let context = Context::new(command)?;
    let chosen = chosen.iter().map(|experiment| &**experiment);
    let (possible, missing): (Vec<_>, Vec<_>) = chosen.partition(|experiment| experiment.missing(&context).is_none());
    for experiment in missing {
        let what = experiment.missing(&context).unwrap_or_default();
        if !all {
            return Err(Error::parameter("--data", context.data.display(), format!("a folder with {what}")));
        }
        eprintln!("{}: skipped, no {what} in {}", experiment.name(), context.data.display());
    }
    let findings = judged(&possible, &context)?;
    print!("{}", summary::table(&findings));
    if command.publish {
        summary::write_index(&context.root, &experiments())?;
    }
    let failed = findings.iter().flat_map(|(.., checks)| checks).any(|check| check.verdict() == Verdict::Fail);
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Runs the experiments, two at a time: what one of them does on a single thread leaves the other cores to its neighbour.
fn judged(experiments: &[&dyn Experiment], context: &Context) -> Result<Vec<(&'static str, &'static str, Vec<Check>)>> {
    let (next, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done = Mutex::new(Vec::new());
    let work = || {
        while !broken.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(experiment) = experiments.get(index) else { break };
            let checks = context.run(*experiment);
            broken.fetch_or(checks.is_err(), Ordering::Relaxed);
            done.lock().expect("no thread panics while it adds").push((index, checks));
        }
    };
    let threads = if rayon::current_num_threads() > 1 { 2 } else { 1 };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let mut done = done.into_inner().expect("no thread panicked");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(index, checks)| Ok((experiments[index].name(), experiments[index].source(), checks?))).collect()
}

fn named(name: &str) -> Result<Box<dyn Experiment>> {
    let known = || experiments().iter().map(|e| e.name()).collect::<Vec<_>>().join(", ");
    experiments()
        .into_iter()
        .find(|e| e.name() == name)
        .ok_or_else(|| Error::parameter("experiment", name, format!("list, all, or one of: {}", known())))
}
