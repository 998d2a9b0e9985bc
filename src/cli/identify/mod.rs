//! `crosscurrent identify`: a study from truths to scored currents.

mod durable;
pub(super) mod results;
mod shard;

use self::durable::Run;
use self::shard::Shard;
use super::Session;
use crate::error::{Error, Result};
use crate::fit::AnyFit;
use crate::identify::{Study, ThreeRegion, Trial, TruthSpec};
use crate::io;
use crate::noise::Noise;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Fit networks whose truth is known and score what was recovered
///
/// Without options: three regions of 100 units, weak and strong coupling, five methods, three seeds. A study (--study) is a grid of
/// parameters; it can be stopped at any time and goes on when it is started again, and it can be run in parts (--shard, then gather).
#[derive(Debug, Args)]
pub struct Identify {
    /// A study in a file, or one that the program carries along: currents, atlas
    #[arg(long, value_name = "FILE.toml")]
    study: Option<PathBuf>,
    /// Run part I of N only; the parts are joined by `crosscurrent gather`
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Forget what an earlier run of the study left in the folder
    #[arg(long)]
    anew: bool,
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
        let trials = study.trials()?;
        let mut folder = session.folder("identify")?;
        if let Some(shard) = &self.shard {
            folder = folder.join(shard.folder());
            io::create_folder(&folder)?;
        }
        let inputs: Vec<&Path> = self.study.iter().map(|p| p.as_path()).filter(|p| p.exists()).collect();
        results::write_study(&folder, &study)?;
        session.provenance(&folder, &inputs, &[("study", &study)])?;
        let mine: Vec<&Trial> = trials.iter().filter(|t| self.shard.is_none_or(|shard| shard.holds(t.key(session.seed())))).collect();
        // Without a file there is nothing to go on with: the program may have changed since.
        let run = Run::open(&folder, session, self.study.is_none() || self.anew)?;
        let (done, examples) = run.finish(&mine)?;
        session.provenance(&folder, &inputs, &[("study", &study)])?;
        if let Some(shard) = &self.shard {
            let text = format!("Part {shard}: {} of {} trials. Written to {}", mine.len(), trials.len(), folder.display());
            session.report(&text, &serde_json::json!({ "shard": shard.to_string(), "trials": mine.len(), "folder": folder }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let table = results::write_tables(&folder, &study, (&trials, session.seed()), &done)?;
        if study.grid.is_empty() {
            results::write_examples(&folder, &study, &table, &results::complete(examples, &trials, session)?)?;
        }
        results::report(session, &study, &table, &folder)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The study with the options applied.
    fn study(&self) -> Result<Study> {
        let mut study = match &self.study {
            Some(path) => match path.to_str().and_then(Study::named).filter(|_| !path.exists()) {
                Some(study) => study,
                None => io::read_toml::<Study>(path)?,
            },
            None => Study::default(),
        };
        self.couple(&mut study)?;
        keep(&mut study.methods.0, &self.methods, "methods")?;
        prune(&mut study);
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

/// Grids forget the truths and methods that the options left out.
fn prune(study: &mut Study) {
    let Study { truths, methods, grid, .. } = study;
    for grid in grid {
        grid.retain("truths", |name| truths.iter().any(|(known, _)| known == name));
        grid.retain("methods", |name| methods.iter().any(|(known, _)| known == name));
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
