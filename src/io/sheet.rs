//! Sheet: a numeric matrix from a text file, with its header and its column of names if it has them.

use super::array::Array;
use super::arrays::Arrays;
use super::flaw::{Checked, Flaw};
use super::records::Records;
use crate::error::{Error, Result};
use std::path::Path;

/// A matrix of numbers read from CSV or from columns separated by tabs, semicolons or blanks.
///
/// The first row is a header when none of its cells (but the first) is a number; the first column holds names when none of its
/// cells is. A counter that pandas or R put in front (`0, 1, 2 …` under an empty or `index` header) counts as names too.
/// Empty cells, `NA` and `NaN` are NaN. Rows of the file are rows of the matrix: which of them are neurons is not guessed.
///
/// ```
/// use crosscurrent::io::Sheet;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("rates.csv");
/// std::fs::write(&path, "neuron,0 s,1 s\nA1,0.5,\nA2,0.1,-2e-1\n").unwrap();
/// let sheet = Sheet::read(&path)?;
/// assert_eq!(sheet.values.shape(), [2, 2]);
/// assert_eq!(sheet.values.values()[3], -0.2);
/// assert!(sheet.values.values()[1].is_nan());
/// assert_eq!(sheet.header.unwrap(), ["0 s", "1 s"]);
/// assert_eq!(sheet.names.unwrap(), ["A1", "A2"]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The header over the numbers (without the corner), if there was one.
    pub header: Option<Vec<String>>,
    /// The names in front of the numbers, if there were any.
    pub names: Option<Vec<String>>,
    /// The numbers, rows × columns.
    pub values: Array,
}

impl Sheet {
    /// Reads a text file.
    ///
    /// # Errors
    /// [`Error::File`] that names line, column and text of the first cell that is not a number, or the row that is too short.
    pub fn read(path: &Path) -> Result<Sheet> {
        let bytes = super::open_text(path)?;
        Sheet::parse(bytes).map_err(|flaw| flaw.at(path))
    }

    /// The sheet as named arrays, with texts `header` and `names`.
    pub(super) fn into_arrays(self, path: &Path, name: &str) -> Arrays {
        let mut arrays = Arrays::from_file(path);
        arrays.push(name, self.values);
        for (name, texts) in [("header", self.header), ("names", self.names)] {
            if let Some(texts) = texts {
                arrays.push_text(name, texts);
            }
        }
        arrays
    }

    pub(super) fn parse(bytes: Vec<u8>) -> Checked<Sheet> {
        let records = Records::split(bytes, true)?;
        let layout = Layout::of(&records);
        // R writes no corner, so its header is one cell shorter than the rows.
        let cornerless = layout.header && records.rows.len() > 1 && records.rows[0].1.len() + 1 == records.rows[1].1.len();
        if !cornerless {
            records.rectangular(0)?;
        }
        let first_column = usize::from(layout.names || cornerless);
        let first_row = usize::from(layout.header);
        let header = layout.header.then(|| records.rows[0].1[if cornerless { 0 } else { first_column }..].to_vec());
        let body = &records.rows[first_row..];
        if body.is_empty() {
            return Err(Flaw::new("expected rows of numbers, found only a header", "give a file with data"));
        }
        let names = (first_column == 1).then(|| body.iter().map(|(_, cells)| cells.first().cloned().unwrap_or_default()).collect());
        let width = body[0].1.len() - first_column;
        let mut values = Vec::with_capacity(body.len() * width);
        for (row, (_, cells)) in body.iter().enumerate() {
            if cells.len() != width + first_column {
                records.rectangular(first_row)?;
            }
            for (column, cell) in cells.iter().enumerate().skip(first_column) {
                values.push(number(cell).ok_or_else(|| not_a_number(cell, records.line(row + first_row), column + 1))?);
            }
        }
        let values = Array::new(vec![body.len(), width], values).map_err(|error: Error| Flaw::damaged(error.to_string()))?;
        Ok(Sheet { header, names, values })
    }
}

fn not_a_number(cell: &str, line: usize, column: usize) -> Flaw {
    let short: String = cell.chars().take(40).collect();
    let remedy =
        if number(&cell.replace(',', ".")).is_some() { "write decimals with a point" } else { "write NaN where a value is missing" };
    Flaw::new(format!("line {line}, column {column}: expected a number, found '{short}'"), remedy)
}

/// What stands around the numbers.
struct Layout {
    header: bool,
    names: bool,
}

impl Layout {
    fn of(records: &Records) -> Layout {
        let first = &records.rows[0].1;
        let filled: Vec<&str> =
            first.iter().skip(usize::from(first.len() > 1)).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        let spoken = !filled.is_empty() && filled.iter().all(|cell| number(cell).is_none());
        let column = |from: usize| records.rows.iter().skip(from).filter_map(|(_, cells)| cells.first().map(String::as_str));
        let corner = first.first().map(String::as_str).unwrap_or_default();
        let index = corner.is_empty() || corner.eq_ignore_ascii_case("index") || corner.starts_with("Unnamed");
        // pandas numbers the columns as well: a header of numbers is believed only when both directions count.
        let counted = index && first.len() > 1 && counts(filled.iter().copied()) && counts(column(1));
        let header = spoken || counted;
        let named = first.len() > 1 && column(usize::from(header)).all(|cell| !cell.is_empty() && number(cell).is_none());
        Layout { header, names: records.rows.len() > usize::from(header) && (named || header && index && counts(column(1))) }
    }
}

/// True for 0, 1, 2 … and 1, 2, 3 …
fn counts<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let mut expected = None;
    for cell in cells {
        match (cell.parse::<u64>(), expected) {
            (Ok(value @ (0 | 1)), None) => expected = Some(value + 1),
            (Ok(value), Some(next)) if value == next => expected = Some(next + 1),
            _ => return false,
        }
    }
    expected.is_some()
}

/// A number as programs write it; `None` for text.
fn number(cell: &str) -> Option<f64> {
    match cell {
        "" | "NA" | "N/A" | "na" | "n/a" | "null" | "NULL" | "None" => Some(f64::NAN),
        _ => cell.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Sheet {
        Sheet::parse(text.as_bytes().to_vec()).unwrap()
    }

    fn problem(text: &str) -> String {
        let flaw = Sheet::parse(text.as_bytes().to_vec()).unwrap_err();
        format!("{}; {}", flaw.problem, flaw.remedy)
    }

    #[test]
    fn every_separator_gives_the_same_matrix() {
        let plain = parse("1,2.5\n-3e2,4\n");
        assert_eq!(plain.values.shape(), [2, 2]);
        assert_eq!(plain.values.values(), [1.0, 2.5, -300.0, 4.0]);
        assert_eq!((plain.header.clone(), plain.names.clone()), (None, None));
        for text in [
            "1;2.5\n-3e2;4",
            "1\t2.5\n-3e2\t4\n",
            "  1   2.5\n -3e2 4 \n",
            "\u{feff}1,2.5\r\n-3e2,4\r\n",
            "# made by hand\n\n1, 2.5\n\n-3e2 ,4\n",
        ] {
            assert_eq!(parse(text), plain, "{text:?}");
        }
        assert_eq!(parse("1\n2\n3").values.shape(), [3, 1]);
        assert_eq!(parse("1 2 3").values.shape(), [1, 3]);
    }

    #[test]
    fn headers_and_names_are_kept_as_text() {
        let both = parse("region,a,b\nleft,1,2\nright,3,4\n");
        assert_eq!(both.header.unwrap(), ["a", "b"]);
        assert_eq!(both.names.unwrap(), ["left", "right"]);
        assert_eq!(both.values.values(), [1.0, 2.0, 3.0, 4.0]);
        let header = parse("time,\"a, left\"\n0.5,2\n0.7,4\n");
        assert_eq!(header.header.unwrap(), ["time", "a, left"]);
        assert_eq!(header.values.shape(), [2, 2]);
        let names = parse("left,1,2\nright,3,4\n");
        assert_eq!((names.header, names.names.unwrap()), (None, vec!["left".to_string(), "right".to_string()]));
        let single = parse("rate\n1\n2\n");
        assert_eq!((single.header.unwrap(), single.values.shape()), (vec!["rate".to_string()], &[2, 1][..]));
    }

    #[test]
    fn counters_of_pandas_and_r_are_names() {
        let pandas = parse(",0,1\n0,0.5,0.6\n1,0.7,0.8\n");
        assert_eq!((pandas.header.unwrap().len(), pandas.names.unwrap().len()), (2, 2));
        assert_eq!(pandas.values.values(), [0.5, 0.6, 0.7, 0.8]);
        let named = parse(",a,b\n0,0.5,0.6\n1,0.7,0.8\n");
        assert_eq!((named.header.unwrap(), named.values.shape()), (vec!["a".to_string(), "b".to_string()], &[2, 2][..]));
        let r = parse("a b\n1 0.5 0.6\n2 0.7 0.8\n");
        assert_eq!((r.header.unwrap(), r.names.unwrap()), (vec!["a".to_string(), "b".to_string()], vec!["1".to_string(), "2".to_string()]));
        // A missing first value alone makes no header.
        assert_eq!(parse(",1\n2,3\n").values.shape(), [2, 2]);
    }

    #[test]
    fn missing_values_are_nan() {
        let values = parse("1,,NaN\nNA,nan,inf\n").values.into_values();
        assert_eq!(values.iter().filter(|value| value.is_nan()).count(), 4);
        assert_eq!((values[0], values[5]), (1.0, f64::INFINITY));
    }

    #[test]
    fn text_in_a_numeric_cell_is_named_with_its_place() {
        assert_eq!(
            problem("a,b\n1,2\n\n# note\n3,x4\n"),
            "line 5, column 2: expected a number, found 'x4'; write NaN where a value is missing"
        );
        assert_eq!(problem("1 2\n3 four\n"), "line 2, column 2: expected a number, found 'four'; write NaN where a value is missing");
        assert_eq!(problem("1;2\n3;4,5\n"), "line 2, column 2: expected a number, found '4,5'; write decimals with a point");
        assert_eq!(problem("a,1,c\n2,3,4\n"), "line 1, column 1: expected a number, found 'a'; write NaN where a value is missing");
    }

    #[test]
    fn ragged_empty_and_foreign_files_are_refused() {
        assert_eq!(problem("1,2\n3,4\n5\n"), "line 3: expected 2 cells as in line 1, found 1; give every row the same number of cells");
        assert!(problem("a b\n1 2 3\n1 2\n").starts_with("line 3: expected 3 cells as in line 2, found 2"));
        assert!(problem("\n\n").contains("only empty lines"));
        assert!(problem("a,b\n").contains("only a header"));
        assert!(problem("1,2\0\n").contains("binary"));
        let latin = Sheet::parse(b"a,b\n1,2\n\xe9,3\n".to_vec()).unwrap_err();
        assert!(latin.problem.starts_with("line 3: expected UTF-8"));
    }
}
