//! Labels: named columns of text that describe neurons, one row per neuron.

use super::flaw::{Checked, Flaw};
use super::records::Records;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Named columns of text: which region, hemisphere or group each neuron belongs to.
///
/// ```
/// use crosscurrent::io::Labels;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("labels.csv");
/// std::fs::write(&path, "index,roi,group\n0,LCau,basal ganglia\n1,LThal,thalamus\n").unwrap();
/// let labels = Labels::read(&path)?;
/// assert_eq!(labels.rows(), 2);
/// assert_eq!(labels.column("group")?, ["basal ganglia", "thalamus"]);
/// assert!(labels.column("grup").unwrap_err().to_string().contains("index, roi, group"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    origin: PathBuf,
    columns: Vec<(String, Vec<String>)>,
}

impl Labels {
    /// Reads a CSV file (or one separated by tabs or semicolons) whose first row names the columns.
    ///
    /// # Errors
    /// [`Error::File`] when there is no row under the header or a row has too few or too many cells.
    pub fn read(path: &Path) -> Result<Labels> {
        Labels::parse(super::open_text(path)?, path)
    }

    /// The labels in `bytes`, which came from `origin`.
    pub(super) fn parse(bytes: Vec<u8>, origin: &Path) -> Result<Labels> {
        let columns = parse(bytes).map_err(|flaw| flaw.at(origin))?;
        Ok(Labels { origin: origin.to_path_buf(), columns })
    }

    /// Number of rows under the header.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The cells under the header `name`.
    ///
    /// # Errors
    /// [`Error::File`] that lists the columns.
    pub fn column(&self, name: &str) -> Result<&[String]> {
        let found = self.columns.iter().find(|(known, _)| known == name);
        found.map(|(_, cells)| &cells[..]).ok_or_else(|| {
            let known = self.names().collect::<Vec<_>>().join(", ");
            Error::file(&self.origin, format!("no column is called '{name}'"), format!("the columns are {known}"))
        })
    }
}

fn parse(bytes: Vec<u8>) -> Checked<Vec<(String, Vec<String>)>> {
    let records = Records::split(bytes, false)?;
    records.rectangular(0)?;
    let (_, header) = &records.rows[0];
    if records.rows.len() == 1 {
        return Err(Flaw::new("expected a header and rows of labels, found one row", "give one row per neuron under a header"));
    }
    let cells = |column: usize| records.rows[1..].iter().map(|(_, cells)| cells[column].clone()).collect();
    Ok(header.iter().enumerate().map(|(column, name)| (name.clone(), cells(column))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_quoted_commas_and_empty_cells() {
        let columns = parse(b"roi,group\n\"A, left\",\nB,thalamus\n".to_vec()).unwrap();
        assert_eq!(columns[0], ("roi".to_string(), vec!["A, left".to_string(), "B".to_string()]));
        assert_eq!(columns[1].1, ["", "thalamus"]);
        // A single column of names that hold blanks.
        assert_eq!(parse(b"group\nbasal ganglia\n".to_vec()).unwrap()[0].1, ["basal ganglia"]);
    }

    #[test]
    fn a_lone_header_and_ragged_rows_are_refused() {
        assert!(parse(b"roi,group\n".to_vec()).unwrap_err().problem.contains("one row"));
        assert!(parse(b"roi,group\nA\n".to_vec()).unwrap_err().problem.starts_with("line 2: expected 2 cells"));
    }
}
