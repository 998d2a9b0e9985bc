//! NumPy's `.npz`: a zip archive of `.npy` entries, stored or deflated.

use super::array::Array;
use super::arrays::Arrays;
use super::durable::write_atomically;
use super::flaw::{Checked, Flaw};
use super::npy::{self, Content};
use crate::error::Result;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Deflate cannot shrink anything further than 1032 to 1; a larger claim is a lie about the size.
const LARGEST_RATIO: u64 = 1032;

/// How numbers are packed into an `.npz`.
///
/// ```
/// let small = crosscurrent::io::Packing { single: true, compressed: true };
/// assert_ne!(small, crosscurrent::io::Packing::default()); // double precision, stored as it is
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// Single precision (`f4`) instead of double (`f8`).
    pub single: bool,
    /// Deflated: smaller, slower.
    pub compressed: bool,
}

/// Writes named arrays as `.npz` in double precision; the file appears whole or not at all.
///
/// The same arrays give the same bytes: no clock enters the archive.
///
/// ```
/// use crosscurrent::io::{Array, read_arrays, write_npz};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// let rates = Array::new(vec![2, 3], vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5])?;
/// write_npz(&path, &[("rates", &rates), ("dt", &Array::of(0.05))])?;
/// let arrays = read_arrays(&path)?;
/// assert_eq!(arrays.get("rates")?, &rates);
/// assert_eq!(arrays.get("dt")?.scalar()?, 0.05);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`crate::Error::File`] when the file cannot be written.
pub fn write_npz(path: &Path, arrays: &[(&str, &Array)]) -> Result<()> {
    write_atomically(path, |writer| write(writer, arrays, &[], Packing::default()))
}

impl Arrays {
    /// Writes the numbers and the texts as `.npz`; the file appears whole or not at all.
    ///
    /// ```
    /// use crosscurrent::io::{Array, Arrays, Packing, read_arrays};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("network.npz");
    /// let mut arrays = Arrays::default();
    /// arrays.push("connectivity", Array::new(vec![2, 2], vec![0.0, 1.0, -1.0, 0.0])?);
    /// arrays.push_text("regions", vec!["A".into(), "B".into()]);
    /// arrays.write_npz(&path, Packing { single: false, compressed: true })?;
    /// assert_eq!(read_arrays(&path)?.text("regions")?, ["A", "B"]);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn write_npz(&self, path: &Path, packing: Packing) -> Result<()> {
        let numbers: Vec<(&str, &Array)> = self.numbers().iter().map(|(name, array)| (name.as_str(), array)).collect();
        write_atomically(path, |writer| write(writer, &numbers, self.texts(), packing))
    }
}

fn write<W: Write + Seek>(writer: W, numbers: &[(&str, &Array)], texts: &[(String, Vec<String>)], packing: Packing) -> io::Result<()> {
    let method = if packing.compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = |bytes: usize| {
        // Sizes beyond 32 bits need the longer form of an entry, announced before its data.
        let large = bytes as u64 >= u64::from(u32::MAX) - 1024;
        SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default()).large_file(large)
    };
    let mut archive = ZipWriter::new(writer);
    for (name, array) in numbers {
        let width = if packing.single { 4 } else { 8 };
        archive.start_file(format!("{name}.npy"), options(width * array.values().len()))?;
        npy::write(&mut archive, array, packing.single)?;
    }
    for (name, texts) in texts {
        let longest = texts.iter().map(String::len).max().unwrap_or(0);
        archive.start_file(format!("{name}.npy"), options(4 * longest * texts.len()))?;
        npy::write_texts(&mut archive, texts)?;
    }
    archive.finish()?.flush()
}

/// Reads every entry of the archive at `path`.
pub(super) fn read_file(path: &Path) -> Checked<Arrays> {
    read(BufReader::new(File::open(path)?), Arrays::from_file(path))
}

/// Reads every entry of an archive, wherever its bytes are.
pub(super) fn read<R: Read + Seek>(reader: R, mut arrays: Arrays) -> Checked<Arrays> {
    let mut archive = ZipArchive::new(reader).map_err(|error| Flaw::damaged(format!("not a readable zip archive ({error})")))?;
    let mut found = false;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| Flaw::damaged(format!("entry {index} cannot be read ({error})")))?;
        if entry.is_dir() {
            continue;
        }
        let full = entry.name().map(|name| name.into_owned()).unwrap_or_else(|_| format!("entry {index}"));
        match full.strip_suffix(".npy") {
            Some(name) => {
                read_entry(entry, name, &mut arrays).map_err(|flaw| flaw.inside(&format!("array '{name}'")))?;
                found = true;
            }
            None => arrays.skip(full, "not an array (no .npy entry)"),
        }
    }
    if found || archive.is_empty() {
        Ok(arrays)
    } else {
        Err(Flaw::new("expected NumPy arrays, found a zip archive without any", "save it with numpy.savez"))
    }
}

fn read_entry<R: Read>(mut entry: zip::read::ZipFile<'_, R>, name: &str, arrays: &mut Arrays) -> Checked<()> {
    let size = entry.size();
    if size > entry.compressed_size().saturating_mul(LARGEST_RATIO).saturating_add(LARGEST_RATIO) {
        return Err(Flaw::damaged(format!("{} compressed bytes claim to hold {size}", entry.compressed_size())));
    }
    let content = npy::read(&mut entry, size)?;
    // Reading to the end makes the archive compare its checksum.
    io::copy(&mut entry, &mut io::sink())?;
    match content {
        Content::Numbers(array) => arrays.push(name, array),
        Content::Texts(texts) => arrays.push_text(name, texts),
        Content::Other(reason) => arrays.skip(name, reason),
    }
    Ok(())
}
