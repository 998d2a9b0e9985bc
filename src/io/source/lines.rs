//! Text files line by line.

use crate::error::{Error, Result};
use crate::io::flaw::Flaw;
use crate::io::open;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The lines of a text file that hold something.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    /// Of the last line, from 1.
    pub number: usize,
}

impl Lines {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Lines { path: path.to_path_buf(), reader: BufReader::new(open(path)?), number: 0 })
    }

    /// An error of the file.
    pub fn wrong(&self, problem: String) -> Error {
        Error::file(&self.path, problem, "give one number for each channel in every line")
    }

    /// The next line that is neither empty nor a comment.
    pub fn next(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.reader.read_line(&mut line).map_err(|error| Flaw::from(error).at(&self.path))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let text = line.trim().trim_start_matches('\u{feff}');
            if !text.is_empty() && !text.starts_with('#') {
                return Ok(Some(text.to_string()));
            }
        }
    }
}

/// The cells of a line.
pub(super) fn cells(line: &str, separator: Option<char>) -> Box<dyn Iterator<Item = &str> + '_> {
    match separator {
        Some(separator) => Box::new(line.split(separator).map(str::trim)),
        None => Box::new(line.split_whitespace()),
    }
}
