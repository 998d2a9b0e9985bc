//! `crosscurrent lyapunov`: the exponents of a network, how chaotic it is and in how many dimensions.

mod figure;
mod keeper;
mod origin;
mod results;

use super::Session;
use super::law::LawOptions;
use crate::analysis::{Lyapunov, LyapunovRun, NetworkTangent, Tangent, largest_from_two_trajectories};
use crate::error::{Error, Result};
use crate::precision::Precision;
use clap::{Args, ValueEnum};
use keeper::Keeper;
use origin::Origin;
use results::Results;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

/// Measure the Lyapunov exponents of a network: the leading ones or all, with error bars
///
/// Times are in s; with the default tau of 1 s, exponents are per time constant. A run that is stopped (Ctrl-C) leaves a checkpoint in its
/// folder; the same command goes on from there and ends in the same bits.
#[derive(Debug, Args)]
pub struct LyapunovCommand {
    /// A network (fitted.npz, network.npz, or recording.npz of `simulate`), or the SPEC.toml of `simulate`
    #[arg(value_name = "FILE", conflicts_with_all = ["ensemble", "config"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    law: LawOptions,
    /// The law with all its parameters, as TOML (kind = "sparse", …)
    #[arg(long, value_name = "LAW.toml", conflicts_with = "ensemble")]
    config: Option<PathBuf>,
    /// Time constant of a network that is drawn from a law
    #[arg(long, default_value_t = 1.0, value_name = "S", allow_negative_numbers = true)]
    tau: f64,
    /// phi of a network that is drawn: a name, or { kind = "threshold-power", exponent = 2.0 }
    #[arg(long, default_value = "tanh", value_name = "PHI")]
    nonlinearity: String,
    #[command(flatten)]
    dynamics: Dynamics,
    #[command(flatten)]
    measurement: Measurement,
}

/// How the network is run. What is left out is as in the SPEC.toml.
#[derive(Debug, Args)]
pub struct Dynamics {
    /// euler, exponential-euler, heun or rk4 [default: rk4]
    #[arg(long, value_name = "METHOD")]
    integrator: Option<String>,
    /// Integration step [default: a tenth of the shortest tau]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    dt: Option<f64>,
    /// Strength of white noise, or { kind = "filtered", deviation = 0.1, tau = 2.0 }: exponents are those of equal noise
    #[arg(long, value_name = "NOISE", allow_hyphen_values = true)]
    noise: Option<String>,
    /// An input, such as '{ amplitude = 0.5, input = { kind = "sine", frequency = 0.04 } }'; may come several times
    #[arg(long, value_name = "INPUT")]
    input: Vec<String>,
}

/// What is measured, for how long.
#[derive(Debug, Args)]
pub struct Measurement {
    /// Leading exponents, or all
    #[arg(long, default_value = "all", value_name = "K")]
    exponents: Exponents,
    /// Time over which growth is averaged [default: 200 times the longest tau]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    duration: Option<f64>,
    /// Time that runs before, without vectors [default: 100 times the longest tau]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    transient: Option<f64>,
    /// Time that the vectors run before growth counts [default: 20 times the longest tau]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    alignment: Option<f64>,
    /// Steps between orthonormalisations (0: as the growth asks for)
    #[arg(long, default_value_t = 0, value_name = "STEPS")]
    interval: usize,
    /// Numbers of the vectors and of their products; the state and all sums are double
    #[arg(long, value_enum, default_value_t = Numbers::Double)]
    precision: Numbers,
    /// Measure the largest exponent from two trajectories as well
    #[arg(long)]
    two_trajectories: bool,
    /// Compute covariant vectors at this many states behind the transient, one time constant apart
    #[arg(long, value_name = "STATES")]
    covariant: Option<usize>,
    /// Seconds of work between checkpoints
    #[arg(long, default_value_t = 60.0, value_name = "S", allow_negative_numbers = true)]
    checkpoint: f64,
    /// Start anew where the folder holds a checkpoint
    #[arg(long)]
    fresh: bool,
}

/// What vectors are stored in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Numbers {
    /// 64 bits
    Double,
    /// 32 bits: up to twice as fast; exponents move by a small part of their error bars
    Single,
}

/// How many exponents; 0 for all.
#[derive(Clone, Copy, Debug)]
struct Exponents(usize);

impl FromStr for Exponents {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match (text, text.parse()) {
            ("all", _) => Ok(Exponents(0)),
            (_, Ok(count)) if count > 0 => Ok(Exponents(count)),
            _ => Err("a number of at least 1, or all".into()),
        }
    }
}

impl LyapunovCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A law, a parameter or a file that cannot be read, a network that diverges, a folder that cannot be written, or Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let mut origin = Origin::of(self, session.seed())?;
        let settings = self.settings(&origin, session)?;
        origin.truth.simulation.transient = settings.transient;
        let folder = session.folder("lyapunov")?;
        let (run, seconds) = self.measure(session, &origin, &settings, &folder)?;
        let largest = if self.measurement.two_trajectories {
            Some(largest_from_two_trajectories(&origin.truth.network, &origin.truth.simulation, &settings)?)
        } else {
            None
        };
        let covariant = self.measurement.covariant.map(|states| origin.covariant(&settings, states)).transpose()?;
        let results = Results { origin: &origin, run, two_trajectories: largest, covariant, seconds };
        results.write(&folder)?;
        // The seed of the job stands for the one derived from it, which half of the time is too large for TOML.
        let told = Lyapunov { seed: session.seed(), ..settings };
        session.provenance(&folder, &origin.files(), &[("lyapunov", &told), ("network", &origin.description())])?;
        Keeper::remove(&folder)?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self, origin: &Origin, session: &Session) -> Result<Lyapunov> {
        let Measurement { exponents, duration, transient, alignment, interval, precision, .. } = &self.measurement;
        let longest = origin.truth.network.tau.iter().copied().fold(0.0, f64::max);
        Ok(Lyapunov {
            exponents: exponents.0,
            duration: duration.unwrap_or(200.0 * longest),
            transient: transient.unwrap_or(100.0 * longest),
            alignment: alignment.unwrap_or(20.0 * longest),
            interval: *interval,
            precision: match precision {
                Numbers::Double => Precision::Double,
                Numbers::Single => Precision::Single,
            },
            seed: session.seed().child("lyapunov"),
        })
    }

    /// The measurement, from its checkpoint where there is one, and the seconds that it took this time.
    fn measure(&self, session: &Session, origin: &Origin, settings: &Lyapunov, folder: &Path) -> Result<(LyapunovRun, f64)> {
        let started = std::time::Instant::now();
        let mut system = NetworkTangent::new(&origin.truth.network, &origin.truth.simulation)?;
        let beginning = LyapunovRun::new(settings, &system)?;
        let mut keeper = Keeper::new(folder, origin.job(settings), self.measurement.checkpoint)?;
        let kept = if self.measurement.fresh { None } else { keeper.read(beginning.clone())? };
        let mut run = kept.unwrap_or(beginning);
        if run.share() > 0.0 {
            session.notice(&format!("going on from a checkpoint at {:.1} %", 100.0 * run.share()));
        }
        run.place(&mut system)?;
        let bar = session.progress(1000, "exponents");
        while !run.is_done() {
            if session.stopped() {
                bar.finish_and_clear();
                keeper.write(&run)?;
                session.notice(&format!("kept at {:.1} % in {}; the same command goes on", 100.0 * run.share(), keeper.path().display()));
                return Err(Error::Cancelled);
            }
            run.advance(&mut system)?;
            bar.set_position((1000.0 * run.share()) as u64);
            keeper.write_if_due(&run)?;
        }
        bar.finish_and_clear();
        debug_assert_eq!(system.state(), run.state);
        Ok((run, started.elapsed().as_secs_f64()))
    }
}
