//! Which network is measured, and how it is run.

use super::super::law::law_name;
use super::super::spectrum::read_network;
use super::{Dynamics, LyapunovCommand};
use crate::analysis::{CovariantVectors, Lyapunov, NetworkTangent};
use crate::clock::Clock;
use crate::ensemble::{AnyEnsemble, Ensemble};
use crate::error::{Error, Result};
use crate::identify::{InputSpec, Truth, TruthSpec};
use crate::input::Drive;
use crate::integrator::{AnyIntegrator, Rk4};
use crate::io;
use crate::kernels::Level;
use crate::network::Network;
use crate::noise::Noise;
use crate::nonlinearity::AnyNonlinearity;
use crate::seed::Seed;
use crate::simulation::Simulation;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A network with the way it is run.
pub struct Origin {
    /// What it is, in a few words.
    pub name: String,
    pub truth: Truth,
    file: Option<PathBuf>,
    /// Everything that fixes the network, for the checkpoint.
    identity: String,
}

/// What the provenance tells of the network and its run.
#[derive(Serialize)]
pub struct Description {
    name: String,
    neurons: usize,
    dt: f64,
    integrator: AnyIntegrator,
    noise: Noise,
    inputs: usize,
}

impl Origin {
    /// What the options ask for.
    pub fn of(command: &LyapunovCommand, seed: Seed) -> Result<Self> {
        let mut origin = match &command.file {
            Some(path) if path.extension().is_some_and(|ending| ending == "toml") => {
                let spec: TruthSpec = io::read_toml(path)?;
                let identity = toml::to_string(&spec).map_err(|e| Error::parameter("truth", e, "values that TOML can hold"))?;
                Origin { name: path.display().to_string(), truth: spec.build(seed)?, file: Some(path.clone()), identity }
            }
            Some(path) => {
                let network = read_network(path)?;
                let identity = io::InputFile::of(path)?.crc32;
                Origin { name: path.display().to_string(), truth: plain(network, seed)?, file: Some(path.clone()), identity }
            }
            None => Self::drawn(command, seed)?,
        };
        command.dynamics.apply(&mut origin.truth, seed)?;
        Ok(origin)
    }

    /// A network drawn from a law.
    fn drawn(command: &LyapunovCommand, seed: Seed) -> Result<Self> {
        let law: AnyEnsemble = match (&command.config, &command.law.ensemble) {
            (Some(path), _) => io::read_toml(path)?,
            (None, Some(name)) => command.law.law(name)?,
            (None, None) => {
                let choices = "--ensemble LAW, --config LAW.toml, the FILE of a network, or the SPEC.toml of `simulate`";
                return Err(Error::parameter("lyapunov", "nothing to measure", choices));
            }
        };
        let regions = command.law.regions((200, 1))?;
        let phi: AnyNonlinearity = inline("nonlinearity", &command.nonlinearity)?;
        let identity = format!("{law:?}\n{regions:?}\n{phi:?}\ntau = {}", command.tau);
        let connectivity = law.sample(&regions, seed)?;
        let network = Network::from_parts(regions, connectivity, Arc::new(phi), &[command.tau])?;
        Ok(Origin { name: law_name(&law), truth: plain(network, seed)?, file: command.config.clone(), identity })
    }

    /// Covariant vectors at `states` states, one time constant apart, behind the transient of the measurement.
    pub fn covariant(&self, settings: &Lyapunov, states: usize) -> Result<CovariantVectors> {
        if states == 0 {
            return Err(Error::parameter("covariant", 0, "at least 1 state"));
        }
        let Truth { network, simulation } = &self.truth;
        let interval = (network.tau.iter().copied().fold(0.0, f64::max) / simulation.clock.dt()).round().max(1.0) as usize;
        let duration = (states * interval) as f64 * simulation.clock.dt();
        let settings = Lyapunov { interval, duration, ..*settings };
        settings.covariant(&mut NetworkTangent::new(network, simulation)?, settings.alignment.max(duration))
    }

    /// Files that were read.
    pub fn files(&self) -> Vec<&Path> {
        self.file.iter().map(PathBuf::as_path).collect()
    }

    /// What the provenance tells.
    pub fn description(&self) -> Description {
        let Truth { network, simulation } = &self.truth;
        Description {
            name: self.name.clone(),
            neurons: network.neurons(),
            dt: simulation.clock.dt(),
            integrator: simulation.integrator.clone(),
            noise: simulation.noise,
            inputs: simulation.inputs.len(),
        }
    }

    /// Everything that the bits of the result depend on, in words: a checkpoint of another job is not taken up.
    pub fn job(&self, settings: &Lyapunov) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let (simulation, level) = (&self.truth.simulation, Level::detect());
        format!("crosscurrent {version}, {level:?}\n{}\n{simulation:?}\n{settings:?}", self.identity)
    }
}

/// A network as it is run unless the options say otherwise.
fn plain(network: Network, seed: Seed) -> Result<Truth> {
    let shortest = network.tau.iter().copied().fold(f64::INFINITY, f64::min);
    let clock = Clock::with_steps(0.1 * shortest, 1)?;
    let simulation = Simulation { clock, integrator: Rk4.into(), seed: seed.child("simulation"), ..Simulation::default() };
    Ok(Truth { network, simulation })
}

impl Dynamics {
    /// Puts what was asked for in place of what `truth` has.
    fn apply(&self, truth: &mut Truth, seed: Seed) -> Result<()> {
        let simulation = &mut truth.simulation;
        simulation.trials = 1;
        simulation.steps_per_sample = 1;
        simulation.clock = Clock::with_steps(self.dt.unwrap_or(simulation.clock.dt()), 1)?;
        if let Some(integrator) = &self.integrator {
            simulation.integrator = inline("integrator", integrator)?;
        }
        if let Some(noise) = &self.noise {
            simulation.noise = match noise.parse() {
                Ok(strength) => Noise::White { strength },
                Err(_) => inline("noise", noise)?,
            };
        }
        let offset = simulation.inputs.len();
        for (index, text) in self.input.iter().enumerate() {
            let spec: InputSpec = inline("input", text)?;
            let drive: Drive = spec.build(&truth.network.regions, seed.child("input").trial((offset + index) as u64))?;
            simulation.inputs.push(drive);
        }
        Ok(())
    }
}

/// A member of a family from a name, or from an inline table.
fn inline<T: for<'a> Deserialize<'a>>(option: &str, text: &str) -> Result<T> {
    #[derive(Deserialize)]
    struct Only<T> {
        value: T,
    }
    let table = if text.contains('=') { text.to_string() } else { format!("{{ kind = {} }}", toml::Value::String(text.into())) };
    Ok(io::parse_toml::<Only<T>>(&format!("value = {table}\n"), &format!("--{option}"))?.value)
}
