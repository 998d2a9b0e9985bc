//! Replay: a recorded run of a published program, run again from its recorded inputs and held against its recorded outputs.
//!
//! One file per program. A file of arrays is recognised by its keys; every recorded output that the program's replay knows becomes a
//! [`Row`]. The random numbers of the original (initial weights, noise) are inputs of the record, so nothing is drawn.

mod comparison;
mod cornn;
mod curbd;
mod three_region;
mod trakr;

pub use comparison::Row;

use crate::error::{Error, Result};
use crate::io::{Arrays, read_arrays};
use comparison::Comparison;
use serde::Serialize;
use std::path::Path;

/// A recorded run, run again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replay {
    /// Which program the file is a record of: `curbd`, `three_region`, `trakr` or `cornn`.
    pub format: &'static str,
    /// One row per compared array.
    pub rows: Vec<Row>,
}

impl Replay {
    /// Whether every array agrees within `tolerance`; within its own where that is `None`.
    pub fn agrees(&self, tolerance: Option<f64>) -> bool {
        self.rows.iter().all(|row| row.agrees(tolerance))
    }
}

/// A program whose records are known.
struct Format {
    name: &'static str,
    /// The inputs of the run: a file that holds all of them is such a record.
    keys: &'static [&'static str],
    /// Runs it again and compares.
    run: fn(&Arrays, &mut Comparison) -> Result<()>,
}

/// One line per program.
const FORMATS: &[Format] = &[
    Format { name: "three_region", keys: three_region::KEYS, run: three_region::run },
    Format { name: "curbd", keys: curbd::KEYS, run: curbd::run },
    Format { name: "trakr", keys: trakr::KEYS, run: trakr::run },
    Format { name: "cornn", keys: cornn::KEYS, run: cornn::run },
];

/// Runs the recorded run in the file at `path` (`.npz`, or another file of named arrays) again and compares.
///
/// Recorded outputs that the file does not hold are not compared.
///
/// ```no_run
/// let replay = crosscurrent::replay::replay(std::path::Path::new("curbd_python_a.npz"))?;
/// assert!(replay.agrees(None));
/// for row in &replay.rows {
///     println!("{} {:?}: {:e}", row.name, row.shape, row.relative);
/// }
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be read, is no known record (the message lists the known ones with their keys), or holds no
/// output; [`Error::Shape`] and the like when its arrays do not fit each other.
pub fn replay(path: &Path) -> Result<Replay> {
    let arrays = read_arrays(path)?;
    let format = FORMATS.iter().find(|format| format.keys.iter().all(|key| arrays.find(key).is_some()));
    let format = format.ok_or_else(|| unknown(path))?;
    let mut comparison = Comparison::new(&arrays);
    (format.run)(&arrays, &mut comparison)?;
    if comparison.rows.is_empty() {
        return Err(Error::file(path, format!("a record of {} without any output", format.name), "record the outputs as well"));
    }
    Ok(Replay { format: format.name, rows: comparison.rows })
}

fn unknown(path: &Path) -> Error {
    let known: Vec<String> = FORMATS.iter().map(|format| format!("{} ({})", format.name, format.keys.join(", "))).collect();
    Error::file(path, "not a recorded run that is known", format!("the known ones, with their keys: {}", known.join("; ")))
}

#[cfg(test)]
mod tests;
