//! NumPy's `.npy`: one array behind a short header, version 1 to 3.

mod dtype;
mod layout;

use super::array::{Array, Shape, column_to_row_major, count};
use super::arrays::Arrays;
use super::durable::write_atomically;
use super::flaw::{Checked, Flaw};
use crate::error::Result;
use dtype::Dtype;
pub(super) use layout::Layout;
use std::io::{self, Read, Write};
use std::path::Path;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy itself refuses headers beyond 10 000 characters; a plain array needs about a hundred.
const LONGEST_HEADER: usize = 65_536;
/// Items converted at a time: the raw bytes of a large array are never all in memory.
const CHUNK: usize = 8192;

/// What one entry holds.
pub(super) enum Content {
    Numbers(Array),
    Texts(Vec<String>),
    /// Something that is well formed but neither real numbers nor text: why.
    Other(String),
}

/// Reads one `.npy` from `reader`, which can give `available` bytes.
pub(super) fn read(reader: &mut dyn Read, available: u64) -> Checked<Content> {
    let Layout { dtype, fortran, shape, items, .. } = match Layout::read(reader, available)? {
        Ok(layout) => layout,
        Err(reason) => return Ok(Content::Other(reason)),
    };
    let content = if dtype.is_text() {
        let texts = texts(reader, items, &dtype)?;
        Content::Texts(if fortran { column_to_row_major(&shape, texts) } else { texts })
    } else {
        let values = numbers(reader, items, &dtype)?;
        let array = if fortran { Array::from_column_major(shape, values) } else { Array::new(shape, values) };
        Content::Numbers(array.map_err(|error| Flaw::damaged(error.to_string()))?)
    };
    Ok(content)
}

/// Reads a file of one array, which gets the file's name without its ending.
pub(super) fn read_file(path: &Path, name: &str) -> Checked<Arrays> {
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut arrays = Arrays::from_file(path);
    match read(&mut io::BufReader::new(file), length)? {
        Content::Numbers(array) => arrays.push(name, array),
        Content::Texts(texts) => arrays.push_text(name, texts),
        Content::Other(reason) => arrays.skip(name, reason),
    }
    Ok(arrays)
}

/// Writes one array as `.npy` in double precision; the file appears whole or not at all.
///
/// ```
/// use crosscurrent::io::{Array, read_arrays, write_npy};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("j.npy");
/// let array = Array::new(vec![2, 2], vec![1.0, 2.0, 3.0, 4.0])?;
/// write_npy(&path, &array)?;
/// assert_eq!(read_arrays(&path)?.get("j")?, &array);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`crate::Error::File`] when the file cannot be written.
pub fn write_npy(path: &Path, array: &Array) -> Result<()> {
    write_atomically(path, |writer| write(writer, array, false))
}

/// Writes one array of numbers, `f4` when `single`, else `f8`.
pub(super) fn write(writer: &mut dyn Write, array: &Array, single: bool) -> io::Result<()> {
    write_header(writer, if single { "<f4" } else { "<f8" }, array.shape())?;
    for chunk in array.values().chunks(CHUNK) {
        let bytes: Vec<u8> = if single {
            chunk.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect()
        } else {
            chunk.iter().flat_map(|value| value.to_le_bytes()).collect()
        };
        writer.write_all(&bytes)?;
    }
    Ok(())
}

/// Writes a list of texts as `<U`.
pub(super) fn write_texts(writer: &mut dyn Write, texts: &[String]) -> io::Result<()> {
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    write_header(writer, &format!("<U{width}"), &[texts.len()])?;
    for text in texts {
        let padded = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
        writer.write_all(&padded.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
    }
    Ok(())
}

fn write_header(writer: &mut dyn Write, descr: &str, shape: &[usize]) -> io::Result<()> {
    let comma = if shape.len() == 1 { "," } else { "" };
    let lengths = Shape(shape).to_string();
    let lengths = lengths.trim_end_matches(')');
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {lengths}{comma}), }}");
    // Data start at a multiple of 64 bytes, so that NumPy can map the file into memory.
    let padding = (64 - (10 + text.len() + 1) % 64) % 64;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let length = u16::try_from(text.len()).map_err(|_| io::Error::other("an array with so many axes does not fit into npy"))?;
    writer.write_all(MAGIC)?;
    writer.write_all(&[1, 0])?;
    writer.write_all(&length.to_le_bytes())?;
    writer.write_all(text.as_bytes())
}

/// The header's text and how many bytes stand before the data.
fn header(reader: &mut dyn Read) -> Checked<(String, u64)> {
    let mut start = [0; 8];
    reader.read_exact(&mut start)?;
    if !start.starts_with(MAGIC) {
        return Err(Flaw::new("expected NumPy's npy format, found something else", "save it with numpy.save"));
    }
    let width = match start[6] {
        1 => 2,
        2 | 3 => 4,
        version => return Err(Flaw::new(format!("version {version} of npy is unknown"), "save it with numpy.save")),
    };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..width])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST_HEADER {
        return Err(Flaw::damaged(format!("its NumPy header claims {length} bytes")));
    }
    let mut text = vec![0; length];
    reader.read_exact(&mut text)?;
    Ok((String::from_utf8_lossy(&text).into_owned(), (8 + width + length) as u64))
}

/// What follows `'key':` in the header, which is a Python dictionary.
fn value_of<'a>(header: &'a str, key: &str) -> Checked<&'a str> {
    let after = [format!("'{key}':"), format!("\"{key}\":")].iter().find_map(|quoted| header.split_once(quoted.as_str()));
    match after {
        Some((_, rest)) => Ok(rest.trim_start()),
        None => Err(Flaw::damaged(format!("its NumPy header lacks '{key}'"))),
    }
}

fn shape(value: &str) -> Checked<Vec<usize>> {
    let flaw = || Flaw::damaged("its NumPy header holds no readable shape");
    let inside = value.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(flaw)?.0;
    // Python 2 wrote long integers as 3L.
    let lengths = inside.split(',').map(|length| length.trim().trim_end_matches('L')).filter(|length| !length.is_empty());
    lengths.map(|length| length.parse().map_err(|_| flaw())).collect()
}

/// Number of items of `shape`, once `available` bytes are known to hold them.
fn fitting(shape: &[usize], size: usize, available: u64) -> Checked<usize> {
    // Items of no width still cost memory here, so they count as one byte.
    let bytes = count(shape).and_then(|items| items.checked_mul(size.max(1)));
    match (count(shape), bytes) {
        (Some(items), Some(bytes)) if bytes as u64 <= available => Ok(items),
        _ => Err(Flaw::damaged(format!(
            "expected the data of an array of shape {} with {size} bytes each, found {available} bytes",
            Shape(shape)
        ))),
    }
}

fn numbers(reader: &mut dyn Read, items: usize, dtype: &Dtype) -> Checked<Vec<f64>> {
    convert(reader, items, dtype.size, |item| dtype.number(item))
}

fn texts(reader: &mut dyn Read, items: usize, dtype: &Dtype) -> Checked<Vec<String>> {
    if dtype.size == 0 {
        return Ok(vec![String::new(); items]);
    }
    convert(reader, items, dtype.size, |item| dtype.text(item))
}

fn convert<T>(reader: &mut dyn Read, items: usize, size: usize, one: impl Fn(&[u8]) -> T) -> Checked<Vec<T>> {
    let mut converted = Vec::new();
    let flaw = |_| Flaw::new(format!("its {items} values do not fit into memory"), "save a part of it");
    converted.try_reserve_exact(items).map_err(flaw)?;
    // Long texts are rare and may be as wide as the file: then one item at a time.
    let chunk = if size > 64 { 1 } else { CHUNK };
    let mut bytes = vec![0; chunk.min(items) * size];
    let mut left = items;
    while left > 0 {
        let now = left.min(chunk);
        let part = &mut bytes[..now * size];
        reader.read_exact(part)?;
        converted.extend(part.chunks_exact(size).map(&one));
        left -= now;
    }
    Ok(converted)
}
