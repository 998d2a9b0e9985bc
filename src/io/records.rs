//! Records: the cells of a text file, split but not yet understood.

use super::flaw::{Checked, Flaw};

/// The rows of a text file, each with the place where it starts.
pub(super) struct Records {
    text: String,
    pub rows: Vec<(usize, Vec<String>)>,
}

impl Records {
    /// Splits at tabs, semicolons or commas, whichever the first line holds; else at blanks when `blanks` allows it.
    ///
    /// Empty lines and lines that start with `#` are passed over.
    pub fn split(bytes: Vec<u8>, blanks: bool) -> Checked<Records> {
        let text = decode(bytes)?;
        let first = text.lines().find(|line| !passed_over(line)).unwrap_or_default();
        let rows = match ['\t', ';', ','].into_iter().find(|&separator| first.contains(separator)) {
            None if blanks => at_blanks(&text),
            separator => at(&text, separator.unwrap_or(','))?,
        };
        if rows.is_empty() {
            return Err(Flaw::new("expected rows of cells, found only empty lines", "give a file with data"));
        }
        Ok(Records { text, rows })
    }

    /// Line of row `row` in the file, counted from 1.
    pub fn line(&self, row: usize) -> usize {
        let start = self.rows.get(row).map_or(0, |(start, _)| *start).min(self.text.len());
        let before = self.text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count();
        // A record's start is reported before the lines that were passed over.
        let rest = self.text.get(start..).unwrap_or_default();
        1 + before + rest.lines().take_while(|line| passed_over(line)).count()
    }

    /// All rows from row `like` on must have as many cells as it has.
    pub fn rectangular(&self, like: usize) -> Checked<()> {
        let width = self.rows.get(like).map_or(0, |(_, cells)| cells.len());
        match (like..self.rows.len()).find(|&row| self.rows[row].1.len() != width) {
            None => Ok(()),
            Some(row) => Err(Flaw::new(
                format!("line {}: expected {width} cells as in line {}, found {}", self.line(row), self.line(like), self.rows[row].1.len()),
                "give every row the same number of cells",
            )),
        }
    }
}

fn decode(bytes: Vec<u8>) -> Checked<String> {
    if bytes.contains(&0) {
        return Err(Flaw::new("expected text, found binary data", "save it as CSV in UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Flaw::new(format!("line {line}: expected UTF-8 text, found other bytes"), "save it as CSV in UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}

fn passed_over(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

fn at(text: &str, separator: char) -> Checked<Vec<(usize, Vec<String>)>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(separator as u8)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Flaw::new(format!("not a readable table ({error})"), "save it as CSV in UTF-8"))?;
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_string()).collect();
        if cells.len() > 1 || cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((start, cells));
        }
    }
    Ok(rows)
}

fn at_blanks(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut start = 0;
    let mut rows = Vec::new();
    for line in text.split_inclusive('\n') {
        if !passed_over(line) {
            rows.push((start, line.split_whitespace().map(str::to_string).collect()));
        }
        start += line.len();
    }
    rows
}
