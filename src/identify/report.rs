//! Report: a study in one readable table, and in words.

use super::score::*;
use super::study::Study;
use super::table::{Summary, Table, is_between, is_within};
use serde::Serialize;
use std::collections::HashMap;

/// One line of the report: a method on a truth, means over seeds with their spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Name of the truth.
    pub truth: String,
    /// Name of the method.
    pub method: String,
    /// What the method itself calls variance explained.
    pub reported: Summary,
    /// One sample ahead, on data that the fit has not seen.
    pub one_step: Summary,
    /// The same score of predicting that nothing changes.
    pub persistence: Summary,
    /// In a free run on data that the fit has not seen.
    pub free_run: Summary,
    /// Correlation of all weights with the truth, and of the initial and the shuffled J.
    pub weights: [Summary; 3],
    /// Mean correlation of the currents within regions, and its nulls.
    pub within: [Summary; 3],
    /// Mean correlation of the currents between regions, and its nulls.
    pub between: [Summary; 3],
    /// Mean ratio of RMS of the currents between regions, inferred over true.
    pub gain: Summary,
}

/// One line per truth and method of a table, in its order.
pub fn lines(table: &Table) -> Vec<Line> {
    let mut cells: Vec<((&str, &str), Table)> = Vec::new();
    let mut places = HashMap::new();
    for row in &table.rows {
        let name = (row.truth.as_str(), row.method.as_str());
        let place = *places.entry(name).or_insert_with(|| {
            cells.push((name, Table::default()));
            cells.len() - 1
        });
        cells[place].1.rows.push(row.clone());
    }
    cells.iter().map(|((truth, method), table)| line(table, truth, method)).collect()
}

fn line(table: &Table, truth: &str, method: &str) -> Line {
    let cell = (truth, method);
    let held_out = |name| table.summary(cell, name, |s| s == "held out", |s| s.value);
    let parts: [fn(&Score) -> f64; 3] = [|s| s.value, |s| s.null_initial, |s| s.null_shuffled];
    let three = |name, keep: fn(&str) -> bool| parts.map(|part| table.summary(cell, name, keep, part));
    Line {
        truth: truth.to_string(),
        method: method.to_string(),
        reported: table.summary(cell, VARIANCE_REPORTED, |_| true, |s| s.value),
        one_step: held_out(VARIANCE_ONE_STEP),
        persistence: held_out(VARIANCE_PERSISTENCE),
        free_run: held_out(VARIANCE_FREE_RUN),
        weights: three(WEIGHT_CORRELATION, |s| s == "all"),
        within: three(CURRENT_CORRELATION, is_within),
        between: three(CURRENT_CORRELATION, is_between),
        gain: table.summary(cell, CURRENT_GAIN, is_between, |s| s.value),
    }
}

/// The table for people: numbers are means ± standard deviation over seeds, nulls in brackets.
pub fn text(study: &Study, table: &Table) -> String {
    let header = ["method", "reported", "one step", "free run", "J [null]", "within [null]", "between [null]", "gain between"];
    let lines = lines(table);
    let mut out = String::new();
    // Lines of one truth stand together except where several grids share it.
    for of_truth in lines.chunk_by(|a, b| a.truth == b.truth) {
        let mut grid = vec![header.map(String::from).to_vec()];
        grid.extend(of_truth.iter().map(cells));
        let persistence = number(of_truth[0].persistence.mean);
        out.push_str(&format!("truth: {} (one step, if nothing changed: {persistence})\n{}\n", of_truth[0].truth, align(&grid)));
    }
    out.push_str(&explanation(study));
    out
}

fn cells(line: &Line) -> Vec<String> {
    vec![
        line.method.clone(),
        plain(&line.reported),
        plain(&line.one_step),
        plain(&line.free_run),
        with_null(&line.weights),
        with_null(&line.within),
        with_null(&line.between),
        plain(&line.gain),
    ]
}

fn plain(summary: &Summary) -> String {
    if summary.sd.is_nan() { number(summary.mean) } else { format!("{} ± {}", number(summary.mean), number(summary.sd)) }
}

/// The score with the larger of its two nulls in modulus: what has to be beaten.
fn with_null([value, initial, shuffled]: &[Summary; 3]) -> String {
    format!("{} [{}]", plain(value), number(larger_null(*initial, *shuffled).mean))
}

/// The null that has to be beaten: the one whose mean is larger in modulus.
pub(crate) fn larger_null(initial: Summary, shuffled: Summary) -> Summary {
    if initial.mean.abs() >= shuffled.mean.abs() || shuffled.mean.is_nan() { initial } else { shuffled }
}

fn number(value: f64) -> String {
    let text = match value {
        v if !v.is_finite() => return "–".into(),
        v if v.abs() >= 99.95 => format!("{v:.0}"),
        v if v.abs() >= 9.995 => format!("{v:.1}"),
        // Close to perfect is not perfect: what three digits would round up gets two more.
        v if (0.9995..0.999995).contains(&v) => format!("{v:.5}"),
        v => format!("{v:.3}"),
    };
    text.replace('-', "−")
}

/// Columns as wide as their widest cell, the first one to the left.
pub(crate) fn align(grid: &[Vec<String>]) -> String {
    let width = |column: usize| grid.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..grid[0].len()).map(width).collect();
    let mut out = String::new();
    for row in grid {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            out.push_str(&if column == 0 { format!("  {cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

fn explanation(study: &Study) -> String {
    format!(
        "\nMeans over {} seeds ± standard deviation. reported: variance explained as the method itself reports it (closed loop for Pinning,\n\
         one step for Ridge). one step, free run: variance explained on a second run of the truth that no fit has seen. J, within, between:\n\
         correlation with the truth of all weights, of the currents within regions, of the currents between regions; in brackets what an\n\
         uninformed J scores (the initial or the shuffled one, whichever is larger). gain between: RMS of the inferred over RMS of the true\n\
         currents between regions; 1 is right.\n",
        study.seeds
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_perfect_ones_are_not_overstated() {
        assert_eq!(number(0.12345), "0.123");
        assert_eq!(number(-0.5), "−0.500");
        assert_eq!(number(0.99991), "0.99991");
        assert_eq!(number(12.345), "12.3");
        assert_eq!(number(f64::NAN), "–");
    }

    #[test]
    fn columns_line_up() {
        let grid = vec![vec!["a".to_string(), "→b".to_string()], vec!["long".to_string(), "c".to_string()]];
        let text = align(&grid);
        assert_eq!(text, "  a     →b\n  long   c\n");
    }
}
