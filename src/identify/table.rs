//! Table: one row per truth, method, seed, score and subject.

use super::frame::{Column, Frame};
use super::score::Score;
use serde::Serialize;

/// The scores of a study in long form.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// In the order of the study.
    pub rows: Vec<Row>,
}

/// One score of one fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the truth.
    pub truth: String,
    /// Name of the method.
    pub method: String,
    /// Which repetition of the study, from 0.
    #[serde(rename = "seed")]
    pub repetition: usize,
    /// The score.
    #[serde(flatten)]
    pub score: Score,
}

/// Mean and spread over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Mean over the values that are numbers.
    pub mean: f64,
    /// Sample standard deviation over seeds; NaN for fewer than two.
    pub sd: f64,
    /// Values that are numbers.
    pub count: usize,
}

impl Summary {
    /// Mean and sample standard deviation of the finite values.
    pub fn of(values: &[f64]) -> Self {
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let count = finite.len();
        let mean = finite.iter().sum::<f64>() / count as f64;
        let squares = finite.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let sd = if count < 2 { f64::NAN } else { (squares / (count as f64 - 1.0)).sqrt() };
        Summary { mean, sd, count }
    }
}

impl Table {
    /// Column names of [`Table::frame`].
    pub const HEADER: [&'static str; 8] = ["truth", "method", "seed", "score", "subject", "value", "null_initial", "null_shuffled"];

    /// The table as columns of equal length.
    pub fn frame(&self) -> Frame {
        let texts = |cell: &dyn Fn(&Row) -> &str| Column::Texts(self.rows.iter().map(|row| cell(row).to_string()).collect());
        let numbers = |cell: &dyn Fn(&Row) -> f64| Column::Numbers(self.rows.iter().map(cell).collect());
        let columns = [
            texts(&|row| &row.truth),
            texts(&|row| &row.method),
            numbers(&|row| row.repetition as f64),
            texts(&|row| row.score.name),
            texts(&|row| &row.score.subject),
            numbers(&|row| row.score.value),
            numbers(&|row| row.score.null_initial),
            numbers(&|row| row.score.null_shuffled),
        ];
        Frame { columns: Table::HEADER.map(String::from).into_iter().zip(columns).collect() }
    }

    /// For every seed, `part` of the scores called `name` whose subject passes `keep`, averaged over those subjects; then mean and spread
    /// over seeds.
    pub fn summary(&self, cell: (&str, &str), name: &str, keep: impl Fn(&str) -> bool, part: impl Fn(&Score) -> f64) -> Summary {
        let rows: Vec<&Row> = self.rows.iter().filter(|r| (r.truth.as_str(), r.method.as_str()) == cell && r.score.name == name).collect();
        let seeds = rows.iter().map(|r| r.repetition).max().map_or(0, |last| last + 1);
        let per_seed: Vec<f64> = (0..seeds)
            .map(|seed| {
                let values: Vec<f64> =
                    rows.iter().filter(|r| r.repetition == seed && keep(&r.score.subject)).map(|r| part(&r.score)).collect();
                Summary::of(&values).mean
            })
            .collect();
        Summary::of(&per_seed)
    }
}

/// Whether a subject is a current or block within one region.
pub fn is_within(subject: &str) -> bool {
    subject.split_once(" → ").is_some_and(|(source, target)| source == target)
}

/// Whether a subject is a current or block between two regions.
pub fn is_between(subject: &str) -> bool {
    subject.split_once(" → ").is_some_and(|(source, target)| source != target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(repetition: usize, subject: &str, value: f64) -> Row {
        let score = Score { name: "current correlation", subject: subject.into(), value, null_initial: 0.0, null_shuffled: f64::NAN };
        Row { truth: "weak".into(), method: "Ridge".into(), repetition, score }
    }

    #[test]
    fn pairs_are_averaged_within_a_seed_and_spread_is_over_seeds() {
        let table = Table {
            rows: vec![row(0, "A → B", 0.2), row(0, "B → A", 0.4), row(0, "A → A", 0.9), row(1, "A → B", 0.5), row(1, "B → A", f64::NAN)],
        };
        let between = table.summary(("weak", "Ridge"), "current correlation", is_between, |s| s.value);
        assert!((between.mean - 0.4).abs() < 1e-15 && (between.sd - (0.02_f64).sqrt()).abs() < 1e-15);
        let within = table.summary(("weak", "Ridge"), "current correlation", is_within, |s| s.value);
        assert_eq!((within.mean, within.count), (0.9, 1));
        assert!(within.sd.is_nan());
        assert!(table.summary(("none", "Ridge"), "current correlation", is_within, |s| s.value).mean.is_nan());
    }

    #[test]
    fn cells_keep_all_digits_and_leave_what_is_no_number_empty() {
        let table = Table { rows: vec![row(0, "A → B", 0.1 + 0.2)] };
        let cells: Vec<Vec<String>> = table.frame().cells().collect();
        assert_eq!(cells[0][5].parse::<f64>().unwrap(), 0.1 + 0.2);
        assert_eq!(cells[0][7], "");
        assert_eq!(cells[0].len(), Table::HEADER.len());
    }
}
