//! MATLAB's `.mat` up to version 7 (the level 5 format, compressed or not, in both byte orders) and version 4.
//!
//! Structs come out as `name.field`, cells as `name{1}`, character arrays and cells of them as texts.

mod element;
mod matrix;
mod old;
mod text;

use super::arrays::Arrays;
use super::flaw::{Checked, Flaw};
use element::Cursor;
use std::path::Path;

/// Descriptive text, then the version and the byte order.
const HEADER: usize = 128;
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// What the first bytes say.
enum Format {
    Level5 { big: bool },
    Level4,
    Hdf5,
    Foreign,
}

/// True when the first bytes of a file (512 are enough) are those of a MATLAB file, of whatever version.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    !matches!(format(bytes), Format::Foreign)
}

/// Reads every array of the file at `path`.
pub(super) fn read_file(path: &Path) -> Checked<Arrays> {
    read(&std::fs::read(path)?, Arrays::from_file(path))
}

fn read(bytes: &[u8], mut arrays: Arrays) -> Checked<Arrays> {
    match format(bytes) {
        Format::Level5 { big } => {
            let mut cursor = Cursor::new(&bytes[HEADER..], big);
            while !cursor.is_empty() {
                matrix::read(&cursor.next()?, &mut arrays)?;
            }
        }
        Format::Level4 => old::read(bytes, &mut arrays)?,
        Format::Hdf5 => return Err(Flaw::new("this is a MATLAB v7.3 (HDF5) file", "save it with save(..., '-v7')")),
        Format::Foreign => return Err(Flaw::damaged("expected a MATLAB file, found something else")),
    }
    Ok(arrays)
}

fn format(bytes: &[u8]) -> Format {
    let hdf5_at = |start: usize| bytes.get(start..).is_some_and(|rest| rest.starts_with(HDF5));
    if bytes.starts_with(b"MATLAB 7.3") || hdf5_at(0) || hdf5_at(512) {
        return Format::Hdf5;
    }
    match bytes.get(HEADER - 4..HEADER) {
        Some([_, 1, b'I', b'M']) => Format::Level5 { big: false },
        Some([1, _, b'M', b'I']) => Format::Level5 { big: true },
        _ if old::recognise(bytes) => Format::Level4,
        _ => Format::Foreign,
    }
}

#[cfg(test)]
mod tests;
