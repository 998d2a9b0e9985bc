//! `crosscurrent currents`: the currents of a fitted network, or of a truth.

use super::Session;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::identify::align;
use crate::io::{self, Array, Source};
use clap::Args;
use nalgebra::DMatrix;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Split the activity of a fitted network (or of a simulated truth) into the currents between its regions
#[derive(Debug, Args)]
pub struct CurrentsCommand {
    /// fitted.npz of `fit` or `curbd`, or recording.npz of `simulate`
    file: PathBuf,
}

#[derive(Serialize)]
struct Line {
    source: String,
    target: String,
    rms: f64,
    mean_absolute: f64,
    net: f64,
}

impl CurrentsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A file that holds no network, or a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let currents = self.currents()?;
        let folder = session.folder("currents")?;
        let mut arrays = vec![("dt_s".to_string(), Array::of(currents.clock().dt()))];
        let mut lines = Vec::new();
        for projection in currents.regions().projections() {
            let current = currents.get(&projection)?;
            let name = |kind: &str| format!("{kind}_{}_to_{}", projection.source, projection.target).replace(['/', '\\'], "-");
            arrays.push((name("current"), Array::from(current)));
            arrays.push((name("excitatory"), Array::from(&currents.excitatory(&projection)?)));
            arrays.push((name("inhibitory"), Array::from(&currents.inhibitory(&projection)?)));
            lines.push(line(&projection.source, &projection.target, current));
        }
        let path = folder.join("currents.npz");
        io::write_npz(&path, &arrays.iter().map(|(name, array)| (name.as_str(), array)).collect::<Vec<_>>())?;
        session.provenance(&folder, &[&self.file], &[])?;
        let mut grid = vec![["source → target", "RMS", "mean |.|", "net"].map(String::from).to_vec()];
        grid.extend(lines.iter().map(|l| {
            vec![
                format!("{} → {}", l.source, l.target),
                format!("{:.4}", l.rms),
                format!("{:.4}", l.mean_absolute),
                format!("{:.4}", l.net),
            ]
        }));
        session.report(&format!("{}Written to {}", align(&grid), path.display()), &lines)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The currents of whichever kind of file this is.
    fn currents(&self) -> Result<Currents> {
        if io::is_fitted(&self.file)? {
            let fitted = io::read_fitted(&self.file)?;
            return Currents::decompose(&fitted.network, &fitted.at_samples()?);
        }
        let recorded = Source::of(&self.file).read()?.recorded;
        let remedy = "fit the recording first (crosscurrent fit), or give a recording that `simulate` wrote";
        let truth =
            recorded.truth.ok_or_else(|| Error::file(&self.file, "it holds no network whose currents could be computed", remedy))?;
        Currents::decompose(&truth, &recorded.recording)
    }
}

fn line(source: &str, target: &str, current: &DMatrix<f64>) -> Line {
    let rms = current.norm() / (current.len() as f64).sqrt();
    Line { source: source.into(), target: target.into(), rms, mean_absolute: current.map(f64::abs).mean(), net: current.mean() }
}
