//! Frame: a study as a table with one row per trial.

use super::score::*;
use super::study::Study;
use super::table::{Summary, is_between, is_within};
use super::trial::{Finished, Trial};
use crate::error::Result;

/// Named columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Names and values, in order.
    pub columns: Vec<(String, Column)>,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; NaN where there is none.
    Numbers(Vec<f64>),
    /// Texts; empty where there is none.
    Texts(Vec<String>),
}

impl Column {
    /// Numbers where every cell that is not empty is one, else texts.
    pub fn of(cells: Vec<String>) -> Column {
        let number = |cell: &String| if cell.is_empty() { Some(f64::NAN) } else { cell.parse::<f64>().ok() };
        let any = cells.iter().any(|cell| !cell.is_empty());
        match cells.iter().map(number).collect::<Option<Vec<f64>>>() {
            Some(numbers) if any => Column::Numbers(numbers),
            _ => Column::Texts(cells),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Numbers(values) => values.len(),
            Column::Texts(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in `row` as text: numbers with all their digits, nothing for what is missing.
    pub fn cell(&self, row: usize) -> String {
        match self {
            Column::Numbers(values) if values[row].is_finite() => values[row].to_string(),
            Column::Numbers(_) => String::new(),
            Column::Texts(values) => values[row].clone(),
        }
    }
}

impl Frame {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// Names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The rows as text.
    pub fn cells(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        (0..self.rows()).map(|row| self.columns.iter().map(|(_, column)| column.cell(row)).collect())
    }
}

/// What a column of scores is: the name of the score, the subjects whose mean is taken, which of its three values.
struct Measure {
    column: &'static str,
    score: &'static str,
    keep: fn(&str) -> bool,
    part: fn(&Score) -> f64,
}

const fn value(column: &'static str, score: &'static str, keep: fn(&str) -> bool) -> Measure {
    Measure { column, score, keep, part: |s| s.value }
}

const fn null(column: &'static str, score: &'static str, keep: fn(&str) -> bool) -> Measure {
    let part = |s: &Score| if s.null_shuffled.abs() > s.null_initial.abs() { s.null_shuffled } else { s.null_initial };
    Measure { column, score, keep, part }
}

/// The columns of scores, after `error`.
const MEASURES: [Measure; 18] = [
    value("variance reported", VARIANCE_REPORTED, |_| true),
    value("one step held out", VARIANCE_ONE_STEP, |s| s == "held out"),
    value("one step persistence", VARIANCE_PERSISTENCE, |s| s == "held out"),
    value("free run held out", VARIANCE_FREE_RUN, |s| s == "held out"),
    value("J", WEIGHT_CORRELATION, |s| s == "all"),
    value("J off-diagonal", WEIGHT_CORRELATION, |s| s == "off-diagonal"),
    value("J within", WEIGHT_CORRELATION, is_within),
    value("J between", WEIGHT_CORRELATION, is_between),
    value("J slope", WEIGHT_SLOPE, |s| s == "all"),
    value("J signs", WEIGHT_SIGNS, |s| s == "all"),
    value("currents within", CURRENT_CORRELATION, is_within),
    value("currents between", CURRENT_CORRELATION, is_between),
    value("gain within", CURRENT_GAIN, is_within),
    value("gain between", CURRENT_GAIN, is_between),
    value("lag between (s)", CURRENT_LAG, is_between),
    null("J null", WEIGHT_CORRELATION, |s| s == "all"),
    null("currents within null", CURRENT_CORRELATION, is_within),
    null("currents between null", CURRENT_CORRELATION, is_between),
];

/// One row per trial: truth, method, every parameter of the grid, seed, error, and the scores as means over what they are measured on.
///
/// # Errors
/// A grid that cannot be read.
pub fn frame<'a>(study: &Study, results: impl Iterator<Item = (&'a Trial, &'a Finished)>) -> Result<Frame> {
    let results: Vec<(&Trial, &Finished)> = results.collect();
    let texts = |cell: &dyn Fn(&Trial) -> String| results.iter().map(|(trial, _)| cell(trial)).collect::<Vec<_>>();
    let mut columns = vec![
        ("truth".to_string(), Column::Texts(texts(&|trial| trial.truth.clone()))),
        ("method".to_string(), Column::Texts(texts(&|trial| trial.method.clone()))),
    ];
    for (part, path) in study.parameters()? {
        let cells = texts(&|trial| trial.value(&part, &path).unwrap_or_default());
        columns.push((format!("{part}.{path}"), Column::of(cells)));
    }
    columns.push(("seed".into(), Column::Numbers(results.iter().map(|(trial, _)| trial.repetition as f64).collect())));
    columns.push(("error".into(), Column::Texts(results.iter().map(|(_, f)| f.scores.clone().err().unwrap_or_default()).collect())));
    for measure in &MEASURES {
        columns.push((measure.column.to_string(), Column::Numbers(results.iter().map(|(_, finished)| measure.of(finished)).collect())));
    }
    Ok(Frame { columns })
}

impl Measure {
    /// Mean over the subjects; NaN for a trial that failed.
    fn of(&self, finished: &Finished) -> f64 {
        let Ok(scores) = &finished.scores else { return f64::NAN };
        let kept = scores.iter().filter(|s| s.name == self.score && (self.keep)(&s.subject));
        Summary::of(&kept.map(self.part).collect::<Vec<_>>()).mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_of_numbers_when_all_its_cells_are() {
        let column = |cells: [&str; 3]| Column::of(cells.map(str::to_string).to_vec());
        assert!(matches!(column(["1", "", "0.5"]), Column::Numbers(v) if v[0] == 1.0 && v[1].is_nan()));
        assert!(matches!(column(["1", "none", ""]), Column::Texts(_)));
        assert!(matches!(column(["", "", ""]), Column::Texts(_)));
        assert_eq!(Column::Numbers(vec![0.1 + 0.2]).cell(0).parse::<f64>().unwrap(), 0.1 + 0.2);
    }
}
