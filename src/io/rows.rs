//! Rows of text into CSV files: a whole table at once, or one row at a time while a long study runs.

use super::durable::{plain, unwritable, write_atomically};
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a header and rows as CSV; the file appears whole or not at all.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("table.csv");
/// let rows = [["ridge".to_string(), 0.98.to_string()], ["pinning, corrected".to_string(), 0.42.to_string()]];
/// crosscurrent::io::write_rows(&path, &["method", "score"], rows)?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "method,score\nridge,0.98\n\"pinning, corrected\",0.42\n");
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be written or a row has not as many cells as the header.
pub fn write_rows<R: AsRef<[String]>>(path: &Path, header: &[&str], rows: impl IntoIterator<Item = R>) -> Result<()> {
    write_atomically(path, |file| {
        file.write_all(&line(header)?)?;
        for row in rows {
            let cells = row.as_ref();
            same_width(header.len(), cells.len()).map_err(io::Error::other)?;
            file.write_all(&line(cells)?)?;
        }
        Ok(())
    })
}

/// A CSV file to which finished rows are appended, each on disk before the call returns.
///
/// Opening it again continues the file: a last line that a crash cut short is removed, the whole rows are handed back so that
/// their work need not be done again. One writer at a time.
///
/// ```
/// use crosscurrent::io::RowSink;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("trials.csv");
/// let (mut sink, done) = RowSink::open(&path, &["trial", "score"])?;
/// assert!(done.is_empty());
/// sink.append(&["0".into(), "0.98".into()])?;
/// drop(sink);
/// let (_, done) = RowSink::open(&path, &["trial", "score"])?;
/// assert_eq!(done, [["0", "0.98"]]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Debug)]
pub struct RowSink {
    file: File,
    path: PathBuf,
    width: usize,
    length: u64,
}

impl RowSink {
    /// Opens or makes the file, and gives the rows that it already holds.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written, has another header, or another process is writing it.
    pub fn open(path: &Path, header: &[&str]) -> Result<(RowSink, Vec<Vec<String>>)> {
        let refused = |error: io::Error| unwritable(path, &error);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(refused)?;
        // Some network file systems know no locks: then nothing is promised, as without the lock.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::file(path, "another process is writing to it", "wait for it, or choose another output folder"));
        }
        let mut sink = RowSink { file, path: path.to_path_buf(), width: header.len(), length: 0 };
        let mut bytes = Vec::new();
        sink.file.read_to_end(&mut bytes).map_err(refused)?;
        sink.length = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last as u64 + 1);
        bytes.truncate(sink.length as usize);
        let rows = earlier(path, header, &bytes)?;
        sink.file.set_len(sink.length).and_then(|()| sink.file.seek(SeekFrom::End(0))).map_err(refused)?;
        if bytes.is_empty() {
            sink.write(header)?;
        }
        Ok((sink, rows))
    }

    /// Appends one row; it is on disk when this returns.
    ///
    /// Line breaks inside a cell become blanks, so that a line is always a row.
    ///
    /// # Errors
    /// [`Error::File`] when the disk refuses, [`Error::Shape`] when the row has not as many cells as the header.
    pub fn append(&mut self, cells: &[String]) -> Result<()> {
        same_width(self.width, cells.len()).map_err(|found| Error::shape("row", format!("{} cells", self.width), found))?;
        let flat: Vec<String> = cells.iter().map(|cell| cell.replace(['\n', '\r'], " ")).collect();
        self.write(&flat)
    }

    fn write<T: AsRef<[u8]>>(&mut self, cells: &[T]) -> Result<()> {
        let written = line(cells).and_then(|line| {
            self.file.write_all(&line)?;
            self.file.sync_data()?;
            Ok(line.len() as u64)
        });
        match written {
            Ok(bytes) => {
                self.length += bytes;
                Ok(())
            }
            Err(error) => {
                // Half a row must not become the beginning of the next one.
                let _ = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
                let problem = format!("a row cannot be appended ({})", plain(&error));
                Err(Error::file(&self.path, problem, "free some space, then continue the same job"))
            }
        }
    }
}

/// The whole rows of a file that a [`RowSink`] writes or wrote; the file stays as it is.
///
/// # Errors
/// [`Error::File`] when it cannot be read or has another header.
pub fn read_rows(path: &Path, header: &[&str]) -> Result<Vec<Vec<String>>> {
    let mut bytes = std::fs::read(path).map_err(|error| super::unreadable(path, &error))?;
    bytes.truncate(bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1));
    earlier(path, header, &bytes)
}

/// The rows of an earlier run, once its header is known to be ours.
fn earlier(path: &Path, header: &[&str], bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let foreign = |problem: String| Error::file(path, problem, "choose another file, or remove this one to start anew");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let records = reader.records().collect::<std::result::Result<Vec<_>, _>>();
    let records = records.map_err(|error| foreign(format!("the rows of an earlier run cannot be read ({error})")))?;
    let mut rows = records.iter().map(|record| record.iter().map(str::to_string).collect::<Vec<String>>());
    match rows.next() {
        Some(found) if found != header => Err(foreign(format!("expected the header '{}', found '{}'", header.join(","), found.join(",")))),
        _ => Ok(rows.collect()),
    }
}

fn same_width(expected: usize, found: usize) -> std::result::Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{found} cells in a row under a header of {expected}")) }
}

/// One line of CSV with its line break.
fn line<T: AsRef<[u8]>>(cells: &[T]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(io::Error::other)?;
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: [&str; 2]) -> [String; 2] {
        texts.map(str::to_string)
    }

    #[test]
    fn a_half_written_last_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.csv");
        let header = ["trial", "score"];
        let (mut sink, _) = RowSink::open(&path, &header).unwrap();
        sink.append(&cells(["0", "a, b"])).unwrap();
        sink.append(&cells(["1", "two\nlines"])).unwrap();
        drop(sink);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole, b"trial,score\n0,\"a, b\"\n1,two lines\n");
        // Every cut leaves the rows before it, and the file goes on from there.
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let lines = whole[..cut].iter().filter(|&&byte| byte == b'\n').count();
            let (mut sink, done) = RowSink::open(&path, &header).unwrap();
            assert_eq!(done.len(), lines.saturating_sub(1), "cut at {cut}");
            sink.append(&cells(["9", "z"])).unwrap();
            drop(sink);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("trial,score\n") && text.ends_with("\n9,z\n"), "cut at {cut}: {text}");
            assert_eq!(text.lines().count(), done.len() + 2);
        }
    }

    #[test]
    fn foreign_files_second_writers_and_ragged_rows_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.csv");
        let (mut sink, _) = RowSink::open(&path, &["trial", "score"]).unwrap();
        assert!(RowSink::open(&path, &["trial", "score"]).unwrap_err().to_string().contains("another process"));
        assert!(matches!(sink.append(&["1".to_string()]).unwrap_err(), Error::Shape { .. }));
        drop(sink);
        let message = RowSink::open(&path, &["trial", "error"]).unwrap_err().to_string();
        assert!(message.contains("expected the header 'trial,error', found 'trial,score'"), "{message}");
        assert_eq!(std::fs::read(&path).unwrap(), b"trial,score\n");
        assert!(RowSink::open(&folder.path().join("no/trials.csv"), &["a"]).unwrap_err().to_string().contains("make its folder"));
        assert!(write_rows(&path, &["a", "b"], [["1".to_string()]]).unwrap_err().to_string().contains("1 cells in a row"));
        assert_eq!(std::fs::read(&path).unwrap(), b"trial,score\n");
    }
}
