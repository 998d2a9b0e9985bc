//! Tables of named columns, as CSV and Parquet.

use super::flaw::Flaw;
use super::records::Records;
use super::{open_text, write_parquet, write_rows};
use crate::error::{Error, Result};
use crate::identify::{Column, Frame};
use std::path::Path;

/// Writes `stem`.csv and `stem`.parquet into `folder`; each appears whole or not at all.
///
/// # Errors
/// [`Error::File`] when one cannot be written.
pub fn write_frame(folder: &Path, stem: &str, frame: &Frame) -> Result<()> {
    write_rows(&folder.join(format!("{stem}.csv")), &frame.names(), frame.cells())?;
    write_parquet(&folder.join(format!("{stem}.parquet")), frame)
}

/// Reads a table from a text file whose first line names the columns.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("table.csv");
/// std::fs::write(&path, "method,J\nRidge,0.5\nBayes,0.75\n").unwrap();
/// assert_eq!(crosscurrent::io::read_frame(&path)?.rows(), 2);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when it cannot be read, is no text, or has rows of unequal length.
pub fn read_frame(path: &Path) -> Result<Frame> {
    if path.extension().is_some_and(|ending| ending == "parquet") {
        return Err(Error::file(path, "Parquet files are written, not read", "give the CSV file of the same table"));
    }
    let records = Records::split(open_text(path)?, false).and_then(|records| records.rectangular(0).map(|()| records));
    let mut rows = records.map_err(|flaw: Flaw| flaw.at(path))?.rows.into_iter().map(|(_, cells)| cells);
    let names = rows.next().unwrap_or_default();
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    Ok(Frame { columns: names.into_iter().zip(columns.into_iter().map(Column::of)).collect() })
}
