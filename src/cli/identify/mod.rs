//! `crosscurrent identify`: a study from truths to scored currents.

mod results;

use super::Session;
use crate::error::{Error, Result};
use crate::fit::AnyFit;
use crate::identify::{self, Study, ThreeRegion, TruthSpec};
use crate::io;
use crate::noise::Noise;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Fit networks whose truth is known and score what was recovered
///
/// Without options: three regions of 100 units, weak and strong coupling, four methods, three seeds.
#[derive(Debug, Args)]
pub struct Identify {
    /// A study in a file instead of the default one (see `--print-study`)
    #[arg(long, value_name = "FILE.toml")]
    study: Option<PathBuf>,
    /// Print the study as a file to start from, and stop
    #[arg(long)]
    print_study: bool,
    /// Units per region of three-region truths
    #[arg(long, value_name = "N")]
    units: Option<usize>,
    /// Only the truths of these names, such as weak,strong; or new ones as SHARE:WEIGHT, such as 0.1:0.5 (a tenth of the units, links 0.5)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    coupling: Vec<String>,
    /// Strength of white process noise in every truth
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    noise: Option<f64>,
    /// Repetitions
    #[arg(long, value_name = "K")]
    seeds: Option<usize>,
    /// Only the methods whose names begin so (case does not matter), such as ridge,published
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    methods: Vec<String>,
    /// Learning passes of every Pinning fit
    #[arg(long, value_name = "P")]
    passes: Option<usize>,
}

impl Identify {
    /// Runs the study and writes its table, arrays, figures and provenance.
    ///
    /// # Errors
    /// A study that cannot be read, a parameter out of range, a folder that cannot be written, or Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let study = self.study()?;
        if self.print_study {
            print!("{}", toml::to_string(&study).map_err(|e| Error::parameter("study", e, "values that TOML can hold"))?);
            return Ok(ExitCode::SUCCESS);
        }
        study.check()?;
        let folder = session.folder("identify")?;
        let bar = session.progress(study.passes() as u64, "passes");
        let outcome = study.run(session.seed(), &|_| {
            bar.inc(1);
            session.go_on()
        })?;
        bar.finish_and_clear();
        io::write_rows(&folder.join("table.csv"), &identify::Table::HEADER, outcome.table.cells())?;
        self::results::write(&folder, &study, &outcome)?;
        session.provenance(&folder, &self.study.iter().map(|p| p.as_path()).collect::<Vec<_>>(), &[("study", &study)])?;
        let text = identify::text(&study, &outcome.table);
        session.report(&text, &identify::lines(&study, &outcome.table))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The study with the options applied.
    fn study(&self) -> Result<Study> {
        let mut study = match &self.study {
            Some(path) => io::read_toml::<Study>(path)?,
            None => Study::default(),
        };
        self.couple(&mut study)?;
        keep(&mut study.methods.0, &self.methods, "methods")?;
        study.seeds = self.seeds.unwrap_or(study.seeds);
        for (_, truth) in &mut study.truths.0 {
            self.change_truth(truth)?;
        }
        for (_, method) in &mut study.methods.0 {
            if let (AnyFit::Pinning(pinning), Some(passes)) = (method, self.passes) {
                pinning.learning_passes = passes;
            }
        }
        Ok(study)
    }

    /// Keeps the truths that `--coupling` names, and adds those that it describes.
    fn couple(&self, study: &mut Study) -> Result<()> {
        let (described, named): (Vec<String>, Vec<String>) = self.coupling.iter().cloned().partition(|c| c.contains(':'));
        let new = described.iter().map(|text| {
            let wrong = || Error::parameter("--coupling", text, "SHARE:WEIGHT, such as 0.1:0.5, with the share in (0, 1]");
            let (share, weight) = text.split_once(':').ok_or_else(wrong)?;
            let (projecting, amplitude) = (share.parse().map_err(|_| wrong())?, weight.parse().map_err(|_| wrong())?);
            let truth = ThreeRegion { projecting, amplitude: Some(amplitude), ..Default::default() };
            Ok((text.clone(), TruthSpec::ThreeRegion(truth)))
        });
        let new = new.collect::<Result<Vec<_>>>()?;
        if named.is_empty() && !new.is_empty() {
            study.truths.0.clear();
        } else {
            keep(&mut study.truths.0, &named, "coupling")?;
        }
        study.truths.0.extend(new);
        Ok(())
    }

    fn change_truth(&self, truth: &mut TruthSpec) -> Result<()> {
        let noise = self.noise.map(|strength| Noise::White { strength });
        if let Some(noise) = noise {
            noise.check()?;
        }
        match truth {
            TruthSpec::ThreeRegion(spec) => {
                spec.units = self.units.unwrap_or(spec.units);
                spec.noise = noise.unwrap_or(spec.noise);
            }
            TruthSpec::Network(spec) => {
                spec.noise = noise.unwrap_or(spec.noise);
                if let Some(units) = self.units {
                    spec.regions.iter_mut().for_each(|region| region.neurons = units);
                }
            }
        }
        Ok(())
    }
}

/// Keeps the entries whose name begins with one of `wanted`; all of them when nothing is wanted.
fn keep<T>(entries: &mut Vec<(String, T)>, wanted: &[String], option: &str) -> Result<()> {
    let begins = |name: &str, start: &str| name.to_lowercase().starts_with(&start.trim().to_lowercase());
    if let Some(unknown) = wanted.iter().find(|start| !entries.iter().any(|(name, _)| begins(name, start))) {
        let known: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::parameter(format!("--{option}"), unknown, format!("the beginning of one of: {}", known.join("; "))));
    }
    if !wanted.is_empty() {
        entries.retain(|(name, _)| wanted.iter().any(|start| begins(name, start)));
    }
    Ok(())
}
