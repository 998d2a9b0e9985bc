//! Files: numbers in and out of NumPy, MATLAB and CSV files, settings from TOML, results that are never half written.
//!
//! A file is read into [`Arrays`] by [`read_arrays`]; what cannot be read is refused in one line that says what to do.

mod array;
mod arrays;
mod checkpoint;
mod config;
mod dataset;
mod durable;
mod fields;
mod fitted;
mod flaw;
mod frame;
mod journal;
mod labels;
mod mat;
mod network;
mod npy;
mod npz;
mod parquet;
mod provenance;
mod recording;
mod records;
mod rows;
mod sample;
mod sheet;
mod source;
mod spikes;

pub use array::Array;
pub use arrays::Arrays;
pub use checkpoint::{read_checkpoint, write_checkpoint};
pub use config::{parse_toml, read_toml};
pub use dataset::{Dataset, find_dataset};
pub use durable::{create_folder, write_atomically};
pub use fitted::{is_fitted, read_fitted, write_fitted};
pub use frame::{read_frame, write_frame};
pub use journal::{Journal, Record, folders_with};
pub use labels::Labels;
pub use network::{read_network, write_network};
pub use npy::write_npy;
pub use npz::{Packing, write_npz};
pub use parquet::write_parquet;
pub use provenance::{InputFile, Provenance};
pub use recording::{Recorded, read_recording, write_recording};
pub use rows::{RowSink, read_rows, write_rows};
pub use sheet::Sheet;
pub use source::{Loaded, Source, Stream};
pub use spikes::{Spikes, read_event_times};

use crate::error::{Error, Result};
use durable::plain;
use flaw::Flaw;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

const SUPPORTED: &str = ".npz, .npy, .mat (up to v7), .csv, .tsv and .txt";

/// The formats of named arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Npz,
    Npy,
    Mat,
    Text,
}

/// Reads every array of a NumPy (`.npz`, `.npy`), MATLAB (`.mat` up to version 7) or text file (`.csv`, `.tsv`, `.txt`).
///
/// Formats that hold one array without a name (`.npy` and text) give it the file's name without its ending; a text file's header
/// and names come as the texts `header` and `names`. NaN and infinite values are kept: only the caller knows what they mean.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("rates.csv");
/// std::fs::write(&path, "1,2,3\n4,5,6\n").unwrap();
/// let arrays = crosscurrent::io::read_arrays(&path)?;
/// assert_eq!(arrays.get("rates")?.shape(), [2, 3]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file is missing, empty, damaged, or not of the format that its ending promises.
pub fn read_arrays(path: &Path) -> Result<Arrays> {
    let start = first_bytes(path)?;
    let format = format(path, &start)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let arrays = match format {
        Format::Npz => npz::read_file(path),
        Format::Npy => npy::read_file(path, &name),
        Format::Mat => mat::read_file(path),
        Format::Text => fs::read(path).map_err(Flaw::from).and_then(Sheet::parse).map(|sheet| sheet.into_arrays(path, &name)),
    };
    arrays.map_err(|flaw| flaw.at(path))
}

/// The format that both the ending and the first bytes name.
fn format(path: &Path, start: &[u8]) -> Result<Format> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let promised = match ending.as_str() {
        "npz" => Format::Npz,
        "npy" => Format::Npy,
        "mat" => Format::Mat,
        "csv" | "tsv" | "txt" => Format::Text,
        _ => {
            let found = if ending.is_empty() { "none".to_string() } else { format!("'.{ending}'") };
            let remedy = format!("the formats are {SUPPORTED}");
            return Err(Error::file(path, format!("expected the ending of a known format, found {found}"), remedy));
        }
    };
    let (found, content) = content(start);
    if found == Some(promised) {
        Ok(promised)
    } else {
        let problem = format!("its ending promises .{ending}, its first bytes are those of {content}");
        Err(Error::file(path, problem, format!("name it after what it is; the formats are {SUPPORTED}")))
    }
}

/// What the first bytes of a file say it is, in our terms and in words.
fn content(start: &[u8]) -> (Option<Format>, &'static str) {
    match start {
        _ if start.starts_with(npy::MAGIC) => (Some(Format::Npy), "a NumPy array (.npy)"),
        _ if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") => (Some(Format::Npz), "a zip archive (.npz)"),
        _ if mat::recognise(start) => (Some(Format::Mat), "a MATLAB or HDF5 file"),
        _ if start.starts_with(b"\x1f\x8b") => (None, "a gzip archive"),
        _ if start.contains(&0) => (None, "an unknown or damaged binary file"),
        _ => (Some(Format::Text), "a text file"),
    }
}

/// The first 1024 bytes of a file that exists, is a file and is not empty.
fn first_bytes(path: &Path) -> Result<Vec<u8>> {
    let file = open(path)?;
    let mut start = Vec::new();
    file.take(1024).read_to_end(&mut start).map_err(|error| unreadable(path, &error))?;
    if start.is_empty() {
        return Err(Error::file(path, "the file is empty", "give a file with data"));
    }
    Ok(start)
}

fn open(path: &Path) -> Result<File> {
    let refused = |error: io::Error| unreadable(path, &error);
    if fs::metadata(path).map_err(refused)?.is_dir() {
        return Err(Error::file(path, "expected a file, found a folder", "give the name of a file in it"));
    }
    File::open(path).map_err(refused)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::file(path, "there is no such file", "check the name and the folder"),
        io::ErrorKind::PermissionDenied => Error::file(path, "reading it is not permitted", "ask its owner, or copy it"),
        _ => Error::file(path, format!("it cannot be read ({})", plain(error)), "check the disk and the name"),
    }
}

/// A whole text file, for the readers of this module.
fn open_text(path: &Path) -> Result<Vec<u8>> {
    let start = first_bytes(path)?;
    if let (found, content) = content(&start)
        && found != Some(Format::Text)
    {
        return Err(Error::file(path, format!("expected a text file, found {content}"), "save it as CSV in UTF-8"));
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

#[cfg(test)]
mod tests;
