//! `crosscurrent replay`: a recorded run of a published program, run again.

use super::Session;
use crate::error::{Result, in_range};
use crate::replay::{Replay, replay};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a recorded run of a published program again and compare every array
///
/// Exit code 0 when every array agrees, 1 when one does not, 2 for a file that cannot be replayed.
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// The recorded run, usually .npz: recognised by its keys
    file: PathBuf,
    /// Largest relative difference that counts as agreement, for all arrays [default: the one shown in the table, 1e-9 for most]
    #[arg(long, value_name = "RELATIVE")]
    tolerance: Option<f64>,
}

impl ReplayArgs {
    /// Replays and reports.
    ///
    /// # Errors
    /// A tolerance out of range, or as [`replay`].
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        self.tolerance.map(|tolerance| in_range("tolerance", tolerance, 0.0.., "at least 0")).transpose()?;
        let replay = replay(&self.file)?;
        let agrees = replay.agrees(self.tolerance);
        session.report(&table(&replay, self.tolerance), &json!({ "replay": replay, "tolerance": self.tolerance, "agrees": agrees }))?;
        Ok(if agrees { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// One line per array under a line of titles, columns aligned, the verdict last.
fn table(replay: &Replay, tolerance: Option<f64>) -> String {
    let titles = ["array", "shape", "relative", "absolute", "tolerance", ""].map(String::from);
    let rows = replay.rows.iter().map(|row| {
        let shape: Vec<String> = row.shape.iter().map(usize::to_string).collect();
        let number = |value: f64| format!("{value:.1e}");
        let verdict = if row.agrees(tolerance) { "agrees" } else { "DIFFERS" };
        let allowed = tolerance.unwrap_or(row.tolerance);
        [row.name.clone(), shape.join(" × "), number(row.relative), number(row.absolute), number(allowed), verdict.into()]
    });
    let lines: Vec<[String; 6]> = std::iter::once(titles).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells =
            line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if (2..5).contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
        text += cells.collect::<Vec<String>>().join("  ").trim_end();
        text.push('\n');
    }
    let differing = replay.rows.iter().filter(|row| !row.agrees(tolerance)).count();
    let verdict = match differing {
        0 => format!("all {} arrays agree", replay.rows.len()),
        _ => format!("{differing} of {} arrays differ", replay.rows.len()),
    };
    text + &format!("{}: {verdict}", replay.format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Row;

    #[test]
    fn the_table_is_aligned_and_names_what_differs() {
        let row = |name: &str, relative| Row { name: name.into(), shape: vec![60, 160], relative, absolute: 0.5, tolerance: 1e-9 };
        let replay = Replay { format: "curbd", rows: vec![row("J", 1e-12), row("rates_last_run", 1e-3)] };
        let text = table(&replay, None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].find("agrees"), lines[2].find("DIFFERS"), "{text}");
        assert_eq!(lines[3], "curbd: 1 of 2 arrays differ");
        assert!(table(&replay, Some(0.1)).ends_with("all 2 arrays agree"));
    }
}
