//! What the command leaves behind: a table, figures, and what it says.

use super::method::Options;
use super::{Protocol, figures};
use crate::classify::{Evaluation, Interval};
use crate::error::Result;
use crate::io::{Dataset, write_atomically, write_rows};
use crate::seed::Seed;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// What one method reached.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The method as it is typed.
    pub method: String,
    /// The method in words.
    pub name: String,
    /// Accuracy and area; `None` where the method cannot take the series.
    pub evaluation: Option<Evaluation>,
    /// Why it cannot.
    pub refused: Option<String>,
    /// Time of the method, in s; under the published protocol that of the decision alone.
    pub seconds: f64,
    /// Time of the passes or distances, where it was taken apart.
    pub source_seconds: Option<f64>,
    /// Settings that the method chose inside the training series.
    pub settings: Option<String>,
}

impl Row {
    /// A row without results.
    pub fn new(method: String, name: String) -> Self {
        Row { method, name, ..Row::default() }
    }
}

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub data: &'a Dataset,
    pub protocol: Protocol,
    pub rows: &'a [Row],
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    dataset: &'a str,
    protocol: Protocol,
    series: usize,
    classes: &'a [String],
    methods: &'a [Row],
}

impl Results<'_> {
    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path, options: &Options, seed: Seed) -> Result<()> {
        self.table(&folder.join("table.csv"))?;
        figures::write(self, &options.trakr()?, seed, folder)?;
        for row in self.rows {
            if let Some(settings) = &row.settings {
                write_atomically(&folder.join(format!("{}.toml", row.method)), |file| file.write_all(settings.as_bytes()))?;
            }
        }
        write_atomically(&folder.join("summary.txt"), |file| file.write_all(self.text(folder).as_bytes()))
    }

    /// The same for programs.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            dataset: &self.data.name,
            protocol: self.protocol,
            series: self.data.pooled().len(),
            classes: self.data.train.classes(),
            methods: self.rows,
        }
    }

    /// The table for people.
    pub fn text(&self, folder: &Path) -> String {
        let train = &self.data.train;
        let test = self.data.test.as_ref().map_or(String::new(), |test| format!(" + {} test", test.len()));
        let samples = train.series().iter().map(|one| one.ncols());
        let (least, most) = (samples.clone().min().unwrap_or(0), samples.max().unwrap_or(0));
        let length = if least == most { most.to_string() } else { format!("{least} to {most}") };
        let mut text = format!(
            "{}: {}{test} series of {} × {length} (channels × samples), {} classes\n{}\n\n",
            self.data.name,
            train.len(),
            train.channels(),
            train.classes().len(),
            self.told(),
        );
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(6);
        let _ = writeln!(text, "{:width$}  {:>21}  {:>21}  {:>9}", "method", "accuracy [95 %]", "AUC [95 %]", "seconds");
        for row in self.rows {
            let _ = match &row.evaluation {
                Some(found) => {
                    let apart = row.source_seconds.map_or(String::new(), |seconds| format!("  + {seconds:.1} for features"));
                    let cells = (interval(&found.accuracy), interval(&found.auc));
                    writeln!(text, "{:width$}  {:>21}  {:>21}  {:>9.2}{apart}", row.name, cells.0, cells.1, row.seconds)
                }
                None => writeln!(text, "{:width$}  {:>21}", row.name, "series do not suit it"),
            };
        }
        text.push_str(&self.remarks());
        let _ = writeln!(text, "\nResults in {}", folder.display());
        text
    }

    fn told(&self) -> &'static str {
        match self.protocol {
            Protocol::Standard => "standard split; intervals over the test series",
            Protocol::CrossValidation => "stratified cross-validation, every series tested once",
            Protocol::OneShot => "one template of each class is all that is learned from; intervals over draws and series",
            Protocol::Published => {
                "every series in turn is the template, cross-validation on the features; intervals over templates and series"
            }
        }
    }

    fn remarks(&self) -> String {
        let mut text = String::new();
        for row in self.rows {
            if let Some(settings) = &row.settings {
                let line = settings.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
                let _ = writeln!(text, "\n{} chose, by cross-validation inside the training series: {line}", row.method);
            }
            if let (Protocol::Published, Some(found)) = (self.protocol, &row.evaluation) {
                let _ = writeln!(text, "{}: AUC from predictions alone, as published: {:.4}", row.name, found.hard_auc);
            }
        }
        text
    }

    fn table(&self, path: &Path) -> Result<()> {
        let header = [
            "method",
            "name",
            "accuracy",
            "accuracy_low",
            "accuracy_high",
            "auc",
            "auc_low",
            "auc_high",
            "auc_of_predictions",
            "tested",
            "repetitions",
            "seconds",
            "feature_seconds",
        ];
        let row = |row: &Row| {
            let mut cells = vec![row.method.clone(), row.name.clone()];
            match &row.evaluation {
                Some(found) => {
                    let (a, b) = (&found.accuracy, &found.auc);
                    cells.extend([a.value, a.low, a.high, b.value, b.low, b.high, found.hard_auc].map(|value| value.to_string()));
                    cells.extend([found.tested, found.repetitions].map(|value| value.to_string()));
                }
                None => cells.extend(std::iter::repeat_n(String::new(), 9)),
            }
            cells.push(format!("{:.3}", row.seconds));
            cells.push(row.source_seconds.map_or(String::new(), |seconds| format!("{seconds:.3}")));
            cells
        };
        write_rows(path, &header, self.rows.iter().map(row))
    }
}

fn interval(interval: &Interval) -> String {
    format!("{:.4} [{:.3}, {:.3}]", interval.value, interval.low, interval.high)
}
