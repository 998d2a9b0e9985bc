//! Journal: the finished trials of a study, one line each, safe against a crash at any moment.

use super::rows::{RowSink, read_rows};
use crate::error::{Error, Result};
use crate::identify::{SCORE_NAMES, Score};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The folders in `folder` that hold a file of this name, in the order of their names.
///
/// # Errors
/// A folder that cannot be read.
pub fn folders_with(folder: &Path, file: &str) -> Result<Vec<PathBuf>> {
    let unreadable = |error| Error::file(folder, error, "give a folder that can be read");
    let entries = std::fs::read_dir(folder).map_err(unreadable)?.collect::<std::io::Result<Vec<_>>>().map_err(unreadable)?;
    let mut found: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(|path| path.join(file).exists()).collect();
    found.sort();
    Ok(found)
}

/// What became of a trial: its scores, or the error that it ended with.
pub type Record = std::result::Result<Vec<Score>, String>;

const HEADER: [&str; 7] = ["trial", "truth", "method", "seed", "seconds", "error", "scores"];

/// A file of finished trials that any number of runs continue, one after the other.
///
/// Trials are known by their key, so a study that has grown finds what it already knows.
///
/// ```
/// use crosscurrent::io::Journal;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("journal.csv");
/// let mut journal = Journal::open(&path)?;
/// journal.append(7, ["weak", "Ridge", "0"], 0.5, &Err("diverged".into()))?;
/// drop(journal);
/// assert_eq!(Journal::read(&path)?[&7], Err("diverged".to_string()));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Debug)]
pub struct Journal {
    sink: RowSink,
    path: PathBuf,
    done: HashMap<u64, Record>,
}

impl Journal {
    /// Opens or makes the file; a line that a crash cut short is dropped.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written, is no journal, or another process is writing it.
    pub fn open(path: &Path) -> Result<Journal> {
        let (sink, rows) = RowSink::open(path, &HEADER)?;
        Ok(Journal { sink, path: path.to_path_buf(), done: records(path, &rows)? })
    }

    /// The trials of a journal that somebody else may be writing.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read or is no journal.
    pub fn read(path: &Path) -> Result<HashMap<u64, Record>> {
        records(path, &read_rows(path, &HEADER)?)
    }

    /// Appends a trial; it is on disk when this returns. `names` are those of its truth, its method and its repetition.
    ///
    /// # Errors
    /// [`Error::File`] when the disk refuses.
    pub fn append(&mut self, key: u64, names: [&str; 3], seconds: f64, record: &Record) -> Result<()> {
        let (error, scores) = match record {
            Ok(scores) => (String::new(), encode(scores)),
            // An error without words would read as success.
            Err(error) if error.is_empty() => ("failed".to_string(), String::new()),
            Err(error) => (error.clone(), String::new()),
        };
        let [truth, method, seed] = names.map(str::to_string);
        let row = [format!("{key:016x}"), truth, method, seed, format!("{seconds:.3}"), error, scores];
        self.sink.append(&row)?;
        // As it will be read: a study that was interrupted and one that was not hold the same numbers.
        self.done.insert(key, decode(&row).ok_or_else(|| foreign(&self.path))?.1);
        Ok(())
    }

    /// Takes in the trials of another journal that are not here yet.
    ///
    /// # Errors
    /// As [`Journal::read`], or a trial that both hold with different results.
    pub fn merge(&mut self, other: &Path) -> Result<()> {
        for row in read_rows(other, &HEADER)? {
            let (key, record) = decode(&row).ok_or_else(|| foreign(other))?;
            match self.done.get(&key) {
                None => {
                    self.sink.append(&row)?;
                    self.done.insert(key, record);
                }
                Some(known) if text(known) == text(&record) => {}
                Some(_) => {
                    let problem = format!(
                        "its result of trial {} ({}, {}, seed {}) is not that of an earlier folder",
                        row[0], row[1], row[2], row[3]
                    );
                    return Err(Error::file(other, problem, "gather what the same program made on machines of one kind"));
                }
            }
        }
        Ok(())
    }

    /// The finished trials.
    pub fn done(&self) -> &HashMap<u64, Record> {
        &self.done
    }
}

fn foreign(path: &Path) -> Error {
    Error::file(path, "a trial in it was written by another version of this program", "remove the file to start anew")
}

fn records(path: &Path, rows: &[Vec<String>]) -> Result<HashMap<u64, Record>> {
    rows.iter().map(|row| decode(row).ok_or_else(|| foreign(path))).collect()
}

/// (name, subject, value, two nulls); numbers that are none are null.
type Cell = (String, String, Option<f64>, Option<f64>, Option<f64>);

fn encode(scores: &[Score]) -> String {
    let finite = |v: f64| Some(v).filter(|v| v.is_finite());
    let cell = |s: &Score| (s.name.to_string(), s.subject.clone(), finite(s.value), finite(s.null_initial), finite(s.null_shuffled));
    let cells: Vec<Cell> = scores.iter().map(cell).collect();
    serde_json::to_string(&cells).expect("texts and numbers are plain data")
}

/// A record in letters, to be compared: no number equals itself where it is none.
fn text(record: &Record) -> String {
    record.as_ref().map_or_else(String::clone, |scores| encode(scores))
}

fn decode(row: &[String]) -> Option<(u64, Record)> {
    let [key, _, _, _, _, error, scores] = row else { return None };
    let key = u64::from_str_radix(key, 16).ok()?;
    if !error.is_empty() {
        return Some((key, Err(error.clone())));
    }
    let cells: Vec<Cell> = serde_json::from_str(scores).ok()?;
    let scores = cells.into_iter().map(|(name, subject, value, initial, shuffled)| {
        let name = *SCORE_NAMES.iter().find(|known| **known == name)?;
        let [value, null_initial, null_shuffled] = [value, initial, shuffled].map(|v| v.unwrap_or(f64::NAN));
        Some(Score { name, subject, value, null_initial, null_shuffled })
    });
    Some((key, Ok(scores.collect::<Option<_>>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_come_back_bit_for_bit_and_a_torn_line_is_a_trial_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.csv");
        let mut journal = Journal::open(&path).unwrap();
        let score = |value: f64| Score {
            name: SCORE_NAMES[4],
            subject: "A, \"x\" → B|;".into(),
            value,
            null_initial: f64::NAN,
            null_shuffled: -1.2345678901234567e-300,
        };
        let values: Vec<f64> = (1..200).map(|k| (k as f64).sqrt() / 3.0).collect();
        for (key, &value) in values.iter().enumerate() {
            journal.append(key as u64, ["t", "m", "0"], 0.1, &Ok(vec![score(value)])).unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(Journal::read(&path).unwrap().len(), values.len() - 1);
        let journal = Journal::open(&path).unwrap();
        for (key, &value) in values[..198].iter().enumerate() {
            let Ok(found) = &journal.done()[&(key as u64)] else { panic!("an error") };
            assert_eq!((found[0].value.to_bits(), found[0].null_shuffled), (value.to_bits(), -1.2345678901234567e-300));
            assert!(found[0].null_initial.is_nan() && found[0].subject == "A, \"x\" → B|;");
        }
    }
}
