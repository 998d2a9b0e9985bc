//! What the command leaves behind: a table, arrays, figures, and the words.

use super::figure;
use super::outcome::{Outcome, Row, Skipped};
use super::subject::Subject;
use crate::error::Result;
use crate::identify::align;
use crate::io::{Arrays, Packing, write_rows};
use serde::Serialize;
use std::path::Path;

/// Rows of one analysis that are told; the table has all.
const TOLD: usize = 24;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub subject: &'a Subject,
    pub outcomes: Vec<(&'static str, Outcome)>,
    pub skipped: Vec<Skipped>,
    pub notices: Vec<String>,
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    subject: String,
    rows: Vec<&'a Row>,
    skipped: &'a [Skipped],
    remarks: Vec<&'a str>,
    notices: &'a [String],
}

impl Results<'_> {
    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let header = ["analysis", "on", "quantity", "value", "standard_error", "chance", "unit"];
        let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let cells = |row: &Row| {
            let words = [row.analysis.to_string(), row.on.clone(), row.quantity.clone()];
            let numbers = [row.value, row.standard_error, row.chance].map(number);
            words.into_iter().chain(numbers).chain([row.unit.to_string()]).collect::<Vec<String>>()
        };
        write_rows(&folder.join("table.csv"), &header, self.rows().map(cells))?;
        let mut arrays = Arrays::default();
        for (name, array) in self.outcomes.iter().flat_map(|(_, outcome)| &outcome.arrays) {
            arrays.push(name.clone(), array.clone());
        }
        arrays.write_npz(&folder.join("analysis.npz"), Packing::default())?;
        figure::write(self, folder).map(drop)
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.outcomes.iter().flat_map(|(_, outcome)| &outcome.rows)
    }

    fn remarks(&self) -> Vec<&str> {
        self.outcomes.iter().flat_map(|(_, outcome)| outcome.remarks.iter().map(String::as_str)).collect()
    }

    /// The same for programs.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            subject: self.subject.describe(),
            rows: self.rows().collect(),
            skipped: &self.skipped,
            remarks: self.remarks(),
            notices: &self.notices,
        }
    }

    /// The result for people.
    pub fn text(&self, folder: &Path) -> String {
        let mut grid = vec![["analysis", "on", "quantity", "found", "chance", ""].map(String::from).to_vec()];
        let mut cut = Vec::new();
        for (name, outcome) in &self.outcomes {
            for (k, row) in outcome.rows.iter().take(TOLD).enumerate() {
                let analysis = if k == 0 { name.to_string() } else { String::new() };
                let found = row.value.map_or("none".to_string(), |value| pair(value, row.standard_error));
                let chance = row.chance.map_or("–".to_string(), digits);
                grid.push(vec![analysis, row.on.clone(), row.quantity.clone(), found, chance, row.unit.to_string()]);
            }
            if outcome.rows.len() > TOLD {
                cut.push(format!("{name}: {} more rows in table.csv\n", outcome.rows.len() - TOLD));
            }
        }
        let remarks: String = self.remarks().iter().map(|remark| format!("{remark}\n")).collect();
        let skipped: String = self.skipped.iter().map(|s| format!("{}: not done: {}\n", s.analysis, s.reason)).collect();
        format!("{}\n{}{}{remarks}{skipped}Written to {}", self.subject.describe(), align(&grid), cut.concat(), folder.display())
    }
}

/// `value ± error` in about five digits.
fn pair(value: f64, error: Option<f64>) -> String {
    error.map_or_else(|| digits(value), |error| format!("{} ± {}", digits(value), digits(error)))
}

fn digits(value: f64) -> String {
    match value.abs() {
        size if size != 0.0 && size < 1e-3 => format!("{value:.2e}"),
        size if value.fract() == 0.0 && size < 1e6 => format!("{value}"),
        size if size >= 1e3 => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
}
