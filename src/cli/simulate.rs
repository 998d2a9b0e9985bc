//! `crosscurrent simulate`: a recording with its truth.

use super::Session;
use crate::currents::Currents;
use crate::ensemble::{AnyEnsemble, Between, Gaussian, MultiRegion};
use crate::error::{Error, Result};
use crate::identify::{NetworkSpec, RegionSpec, TruthSpec};
use crate::io::{self, Recorded};
use crate::noise::Noise;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulate a network and write its recording together with its truth
///
/// From a file that describes the truth (see docs/conventions.md), or from the options.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Description of the truth; the options then do not apply
    #[arg(value_name = "SPEC.toml", conflicts_with = "ensemble")]
    spec: Option<PathBuf>,
    /// Law of J
    #[arg(long, value_enum)]
    ensemble: Option<Law>,
    /// Neurons per region
    #[arg(long, default_value_t = 100, value_name = "N")]
    n: usize,
    /// Number of regions, called A, B, C, …
    #[arg(long, default_value_t = 3, value_name = "R")]
    regions: usize,
    /// Gain (within regions)
    #[arg(long, default_value_t = 1.5, value_name = "G", allow_negative_numbers = true)]
    gain: f64,
    /// Gain between regions of a multi-region network
    #[arg(long, default_value_t = 0.5, value_name = "G", allow_negative_numbers = true)]
    between: f64,
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

/// Laws that the options can name; a file can name every ensemble.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Law {
    /// Independent Gaussian weights
    Gaussian,
    /// Gaussian regions with dense weights between them
    MultiRegion,
    /// The published three-region simulation, corrected
    ThreeRegion,
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
        let ensemble = match self.ensemble {
            None => {
                return Err(Error::parameter(
                    "simulate",
                    "nothing to simulate",
                    "a SPEC.toml, or --ensemble gaussian, multi-region or three-region",
                ));
            }
            Some(Law::ThreeRegion) => return Ok(self.three_region()),
            Some(Law::Gaussian) => AnyEnsemble::Gaussian(Gaussian { gain: self.gain, autapses: true }),
            Some(Law::MultiRegion) => MultiRegion { within: vec![self.gain], between: Between::Dense { gain: self.between } }.into(),
        };
        if self.regions == 0 || self.regions > 26 {
            return Err(Error::parameter("regions", self.regions, "1 to 26"));
        }
        let names = ('A'..='Z').take(self.regions);
        let regions = names.map(|name| RegionSpec { name: name.to_string(), neurons: self.n }).collect();
        let (tau, dt, duration, noise) = (vec![self.tau], self.dt, self.duration, self.noise());
        Ok(TruthSpec::Network(Box::new(NetworkSpec { regions, ensemble, tau, dt, duration, noise, ..Default::default() })))
    }

    fn three_region(&self) -> TruthSpec {
        let spec = crate::identify::ThreeRegion { units: self.n, tau: self.tau, dt: self.dt, noise: self.noise(), ..Default::default() };
        TruthSpec::ThreeRegion(spec)
    }

    fn noise(&self) -> Noise {
        if self.noise == 0.0 { Noise::None } else { Noise::White { strength: self.noise } }
    }
}
