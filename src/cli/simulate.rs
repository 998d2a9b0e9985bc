//! `crosscurrent simulate`: a recording with its truth.

use super::Session;
use super::law::LawOptions;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::identify::{NetworkSpec, RegionSpec, TruthSpec};
use crate::io::{self, Recorded};
use crate::noise::Noise;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulate a network and write its recording together with its truth
///
/// From a file that describes the truth (see docs/conventions.md), or from the options: --ensemble gaussian --set gain=1.5, or
/// --ensemble three-region for the published simulation, corrected.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Description of the truth; the options then do not apply
    #[arg(value_name = "SPEC.toml", conflicts_with = "ensemble")]
    spec: Option<PathBuf>,
    #[command(flatten)]
    law: LawOptions,
    /// Time constant in s
    #[arg(long, default_value_t = 0.1, value_name = "S", allow_negative_numbers = true)]
    tau: f64,
    /// Integration step and sample interval in s
    #[arg(long, default_value_t = 0.01, value_name = "S", allow_negative_numbers = true)]
    dt: f64,
    /// Recorded time in s
    #[arg(long, default_value_t = 12.0, value_name = "S", allow_negative_numbers = true)]
    duration: f64,
    /// Strength of white process noise
    #[arg(long, default_value_t = 0.0, value_name = "S", allow_negative_numbers = true)]
    noise: f64,
}

#[derive(Serialize)]
struct Document {
    file: String,
    neurons: usize,
    samples: usize,
    dt_s: f64,
    regions: Vec<String>,
    inter_region_power: Option<f64>,
}

impl Simulate {
    /// Runs the command.
    ///
    /// # Errors
    /// A description that cannot be read, a parameter out of range, a diverging run, a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let spec = self.spec()?;
        let truth = spec.build(session.seed())?;
        let folder = session.folder("simulate")?;
        let recording = truth.record()?;
        let power = Currents::decompose(&truth.network, &recording)?.inter_region_power();
        let rests = recording.rates.column(recording.samples() - 1).amax() < 1e-3;
        let path = folder.join("recording.npz");
        let document = Document {
            file: path.display().to_string(),
            neurons: recording.neurons(),
            samples: recording.samples(),
            dt_s: recording.clock.dt(),
            regions: recording.regions.names().to_vec(),
            inter_region_power: power,
        };
        io::write_recording(&path, &Recorded { truth: Some(truth.network), ..recording.into() })?;
        session.provenance(&folder, &[], &[("truth", &spec)])?;
        if rests {
            session.notice("The network comes to rest: its gain is too small for activity of its own.");
        }
        let power = power.map_or(String::new(), |p| format!(", currents between regions {p:.3} times those within (RMS)"));
        let Document { file, neurons, samples, dt_s, regions, .. } = &document;
        let text = format!(
            "{neurons} neurons in {} regions × {samples} samples every {dt_s} s{power}\nWritten with its truth to {file}",
            regions.len()
        );
        session.report(&text, &document)?;
        Ok(ExitCode::SUCCESS)
    }

    fn spec(&self) -> Result<TruthSpec> {
        if let Some(path) = &self.spec {
            return io::read_toml(path);
        }
        let ensemble = match self.law.ensemble.as_deref() {
            None => {
                let choices = "a SPEC.toml, --ensemble LAW, or --ensemble three-region";
                return Err(Error::parameter("ensemble", "none", choices));
            }
            Some("three-region") => return self.three_region(),
            Some(name) => self.law.law(name)?,
        };
        let regions = self.law.regions((100, 3))?;
        let regions = regions.iter().map(|(name, range)| RegionSpec { name: name.to_string(), neurons: range.len() }).collect();
        let (tau, dt, duration, noise) = (vec![self.tau], self.dt, self.duration, self.noise());
        Ok(TruthSpec::Network(Box::new(NetworkSpec { regions, ensemble, tau, dt, duration, noise, ..Default::default() })))
    }

    /// The published three-region simulation, corrected; its regions and couplings are fixed.
    fn three_region(&self) -> Result<TruthSpec> {
        if let Some(pair) = self.law.set.first() {
            return Err(Error::parameter("--set", pair, "nothing for three-region; write a SPEC.toml"));
        }
        let units = self.law.neurons(100)?;
        let spec = crate::identify::ThreeRegion { units, tau: self.tau, dt: self.dt, noise: self.noise(), ..Default::default() };
        Ok(TruthSpec::ThreeRegion(spec))
    }

    fn noise(&self) -> Noise {
        if self.noise == 0.0 { Noise::None } else { Noise::White { strength: self.noise } }
    }
}
