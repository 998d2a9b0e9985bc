//! `crosscurrent score`: a fitted network against the truth of its recording.

use super::Session;
use crate::error::{Error, Result};
use crate::identify::{Score, align, score};
use crate::io::{self, write_rows};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Score a fitted network against the truth of the recording that it was fitted to
///
/// Samples beyond those that were fitted (`fit --held-out`) count as held out.
#[derive(Debug, Args)]
pub struct ScoreCommand {
    /// recording.npz of `simulate`, with its truth
    recording: PathBuf,
    /// fitted.npz of `fit`
    fitted: PathBuf,
}

impl ScoreCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A recording without a truth, a fit of another one, or a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let recorded = io::read_recording(&self.recording)?;
        let remedy = "give the recording.npz that `simulate` wrote";
        let truth = recorded.truth.ok_or_else(|| Error::file(&self.recording, "it holds no truth to score against", remedy))?;
        let fitted = io::read_fitted(&self.fitted)?;
        let (recording, used) = (recorded.recording, fitted.sample_columns.len());
        if fitted.network.regions != recording.regions || used > recording.samples() {
            let found = format!("{} neurons, {used} samples", fitted.network.neurons());
            return Err(Error::shape(
                "the fit to score",
                format!("{} neurons in the regions of the recording, at most {} samples", recording.neurons(), recording.samples()),
                found,
            ));
        }
        let rest = recording.samples() - used;
        let held_out = (rest >= 2).then(|| recording.window(used..recording.samples())).transpose()?;
        let folder = session.folder("score")?;
        let scores = score(&truth, &recording, held_out.as_ref(), &fitted, session.seed())?;
        write_rows(&folder.join("scores.csv"), &["score", "subject", "value", "null_initial", "null_shuffled"], scores.iter().map(cells))?;
        session.provenance(&folder, &[&self.recording, &self.fitted], &[])?;
        session.report(&text(&scores), &scores)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn cells(score: &Score) -> Vec<String> {
    let number = |v: f64| if v.is_finite() { v.to_string() } else { String::new() };
    vec![score.name.into(), score.subject.clone(), number(score.value), number(score.null_initial), number(score.null_shuffled)]
}

fn text(scores: &[Score]) -> String {
    let number = |v: f64| if v.is_finite() { format!("{v:.4}") } else { "–".to_string() };
    let mut grid = vec![["score", "on", "value", "initial J", "shuffled J"].map(String::from).to_vec()];
    grid.extend(
        scores
            .iter()
            .map(|s| vec![s.name.to_string(), s.subject.clone(), number(s.value), number(s.null_initial), number(s.null_shuffled)]),
    );
    align(&grid)
}
