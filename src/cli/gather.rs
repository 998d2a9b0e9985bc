//! `crosscurrent gather`: the parts of a study, joined.

use super::Session;
use super::identify::results;
use crate::error::{Error, Result};
use crate::identify::{Study, Trial};
use crate::io::{self, Journal};
use crate::seed::Seed;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Join the parts of a study that ran with `identify --shard`
///
/// Parts of different studies are refused. When trials are missing it names them and exits with 1; what is there is kept in the folder, and
/// `crosscurrent identify --study FOLDER/study.toml --out FOLDER` runs the rest.
#[derive(Debug, Args)]
pub struct Gather {
    /// Folders of parts, or a folder that holds them as shard-*
    #[arg(required = true, value_name = "DIR")]
    parts: Vec<PathBuf>,
}

/// Trials that are named when some are missing.
const NAMED: usize = 10;

impl Gather {
    /// Runs the command.
    ///
    /// # Errors
    /// A folder that is no part of a study, parts of different studies, or a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let parts = self.folders()?;
        let (study, seed) = origin(&parts[0])?;
        for part in &parts[1..] {
            if origin(part)? != (study.clone(), seed) {
                let problem = format!("it is a part of another study than {} (or of another --seed)", parts[0].display());
                return Err(Error::file(part, problem, "gather the parts of one study"));
            }
        }
        if seed != session.seed() {
            return Err(Error::parameter("--seed", session.seed().0, format!("{}, the seed of the parts", seed.0)));
        }
        let trials = study.trials()?;
        let folder = session.folder("gather")?;
        results::write_study(&folder, &study)?;
        let mut journal = Journal::open(&folder.join("journal.csv"))?;
        parts.iter().try_for_each(|part| journal.merge(&part.join("journal.csv")))?;
        session.provenance(&folder, &[], &[("study", &study)])?;
        let missing: Vec<&Trial> = trials.iter().filter(|trial| !journal.done().contains_key(&trial.key(seed))).collect();
        if !missing.is_empty() {
            return tell_missing(session, &folder, &missing, trials.len());
        }
        let table = results::write_tables(&folder, &study, (&trials, seed), journal.done())?;
        results::report(session, &study, &table, &folder)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The folders of the parts.
    fn folders(&self) -> Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for part in &self.parts {
            if part.join("study.toml").exists() {
                folders.push(part.clone());
                continue;
            }
            let inside = io::folders_with(part, "study.toml")?;
            if inside.is_empty() {
                return Err(Error::file(part, "it holds no study.toml, nor does a folder in it", "give the folder of a part"));
            }
            folders.extend(inside);
        }
        Ok(folders)
    }
}

/// The study and the seed that a part was made from.
fn origin(part: &Path) -> Result<(Study, Seed)> {
    let study = io::read_toml(&part.join("study.toml"))?;
    let path = part.join("provenance.toml");
    let seed = io::read_toml::<toml::Table>(&path)?.get("seed").and_then(toml::Value::as_integer);
    let seed = seed.ok_or_else(|| Error::file(&path, "it does not say which seed was used", "run the part again"))?;
    Ok((study, Seed(seed as u64)))
}

fn tell_missing(session: &Session, folder: &Path, missing: &[&Trial], all: usize) -> Result<ExitCode> {
    let name = |trial: &&Trial| format!("{}; {}; seed {}", trial.truth_label(), trial.method_label(), trial.repetition);
    let named: Vec<String> = missing.iter().take(NAMED).map(name).collect();
    let more = if missing.len() > NAMED { format!("\n  … and {} more", missing.len() - NAMED) } else { String::new() };
    let text = format!(
        "{} of {all} trials are missing:\n  {}{more}\nRun them: crosscurrent identify --study {} --out {}",
        missing.len(),
        named.join("\n  "),
        folder.join("study.toml").display(),
        folder.display()
    );
    session.report(&text, &serde_json::json!({ "missing": missing.len(), "trials": all, "first": named }))?;
    Ok(ExitCode::from(1))
}
