//! `crosscurrent currents`: the currents of a fitted network, or of a truth.

use super::Session;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{OpenCurrent, Posterior, expected_recovery};
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
    /// RMS of the posterior standard deviation and of half the width of the 90 % interval, and the correlation with the truth to be expected.
    deviation: Option<f64>,
    half_width: Option<f64>,
    expected: Option<f64>,
}

impl CurrentsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A file that holds no network, or a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let (currents, posterior) = self.currents()?;
        let folder = session.folder("currents")?;
        let mut arrays = vec![("dt_s".to_string(), Array::of(currents.clock().dt()))];
        let mut lines = Vec::new();
        for projection in currents.regions().projections() {
            let current = currents.get(&projection)?;
            let name = |kind: &str| format!("{kind}_{}_to_{}", projection.source, projection.target).replace(['/', '\\'], "-");
            arrays.push((name("current"), Array::from(current)));
            arrays.push((name("excitatory"), Array::from(&currents.excitatory(&projection)?)));
            arrays.push((name("inhibitory"), Array::from(&currents.inhibitory(&projection)?)));
            let open = posterior.as_ref().map(|posterior| posterior.current(currents.regions(), &projection)).transpose()?;
            if let Some(open) = open {
                let kinds = [("deviation", &open.deviation), ("low", &open.low), ("high", &open.high)];
                arrays.extend(kinds.map(|(kind, matrix)| (name(kind), Array::from(matrix))));
            }
            lines.push(line(&projection.source, &projection.target, current, open));
        }
        let path = folder.join("currents.npz");
        io::write_npz(&path, &arrays.iter().map(|(name, array)| (name.as_str(), array)).collect::<Vec<_>>())?;
        session.provenance(&folder, &[&self.file], &[])?;
        session.report(&format!("{}{}Written to {}", table(&lines), doubt(posterior.as_ref()), path.display()), &lines)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The currents of whichever kind of file this is, and the posterior, at the samples, of a fit that has one.
    fn currents(&self) -> Result<(Currents, Option<Posterior>)> {
        if io::is_fitted(&self.file)? {
            let fitted = io::read_fitted(&self.file)?;
            let currents = Currents::decompose(&fitted.network, &fitted.at_samples()?)?;
            let at_samples = |mut posterior: Posterior| {
                posterior.currents.iter_mut().for_each(|open| *open = open.at(&fitted.sample_columns));
                posterior
            };
            return Ok((currents, fitted.posterior.map(at_samples)));
        }
        let recorded = Source::of(&self.file).read()?.recorded;
        let remedy = "fit the recording first (crosscurrent fit), or give a recording that `simulate` wrote";
        let truth =
            recorded.truth.ok_or_else(|| Error::file(&self.file, "it holds no network whose currents could be computed", remedy))?;
        Ok((Currents::decompose(&truth, &recorded.recording)?, None))
    }
}

fn line(source: &str, target: &str, current: &DMatrix<f64>, open: Option<&OpenCurrent>) -> Line {
    let rms = |matrix: &DMatrix<f64>| matrix.norm() / (matrix.len() as f64).sqrt();
    Line {
        source: source.into(),
        target: target.into(),
        rms: rms(current),
        mean_absolute: current.map(f64::abs).mean(),
        net: current.mean(),
        deviation: open.map(|open| rms(&open.deviation)),
        half_width: open.map(OpenCurrent::half_width),
        expected: open.map(|open| expected_recovery(current, &open.deviation)),
    }
}

fn table(lines: &[Line]) -> String {
    let posterior = lines.iter().any(|line| line.deviation.is_some());
    let mut header = ["source → target", "RMS", "mean |.|", "net"].map(String::from).to_vec();
    if posterior {
        header.extend(["± 90 %", "expected r"].map(String::from));
    }
    let mut grid = vec![header];
    grid.extend(lines.iter().map(|l| {
        let mut cells = vec![
            format!("{} → {}", l.source, l.target),
            format!("{:.4}", l.rms),
            format!("{:.4}", l.mean_absolute),
            format!("{:.4}", l.net),
        ];
        if posterior {
            cells.push(format!("{:.4}", l.half_width.unwrap_or(f64::NAN)));
            cells.push(format!("{:.3}", l.expected.unwrap_or(f64::NAN)));
        }
        cells
    }));
    align(&grid)
}

/// What the posterior says about itself.
fn doubt(posterior: Option<&Posterior>) -> String {
    posterior.map_or(String::new(), |posterior| {
        format!(
            "± 90 %: half the width (RMS) of the interval that holds the true current nine times of ten if the model is right; expected r: the\n\
             correlation with the truth that it lets expect. Model check: {}\n",
            posterior.misfit.verdict()
        )
    })
}
