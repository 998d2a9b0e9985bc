//! Parquet: a table of numbers and texts for other programs to read.
//!
//! The part of the format that such a table needs: one row group, one gzip page per column, plain encoding. The public crate does far more
//! and takes 75 s of CPU to compile with the least of its features.

use super::write_atomically;
use crate::error::Result;
use crate::identify::{Column, Frame};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};
use std::path::Path;

const MAGIC: &[u8] = b"PAR1";

// Numbers that the format gives to its types, encodings and codecs.
const DOUBLE: i64 = 5;
const BYTE_ARRAY: i64 = 6;
const PLAIN: i64 = 0;
const RLE: i64 = 3;
const GZIP: i64 = 2;

/// Writes `frame`: texts as required UTF-8 columns, numbers as optional doubles that are null where there is none.
///
/// ```
/// use crosscurrent::identify::{Column, Frame};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("table.parquet");
/// let frame = Frame { columns: vec![("g".into(), Column::Numbers(vec![0.8, f64::NAN]))] };
/// crosscurrent::io::write_parquet(&path, &frame)?;
/// let bytes = std::fs::read(&path).unwrap();
/// assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`crate::Error::File`] when the file cannot be written.
pub fn write_parquet(path: &Path, frame: &Frame) -> Result<()> {
    write_atomically(path, |file| {
        file.write_all(MAGIC)?;
        let (mut at, mut chunks) = (MAGIC.len() as i64, Vec::new());
        for (name, column) in &frame.columns {
            let page = Page::of(column)?;
            file.write_all(&page.bytes)?;
            chunks.push(page.chunk(name, at));
            at += page.bytes.len() as i64;
        }
        let footer = footer(frame, chunks, at - MAGIC.len() as i64);
        file.write_all(&footer)?;
        file.write_all(&(footer.len() as u32).to_le_bytes())?;
        file.write_all(MAGIC)
    })
}

/// A column as its only page: header and compressed values.
struct Page {
    bytes: Vec<u8>,
    plain_size: i64,
    rows: i64,
    kind: i64,
}

impl Page {
    fn of(column: &Column) -> io::Result<Page> {
        let (values, kind) = match column {
            Column::Numbers(numbers) => (optional(numbers), DOUBLE),
            Column::Texts(texts) => (texts.iter().flat_map(|t| prefixed(t.as_bytes())).collect(), BYTE_ARRAY),
        };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&values)?;
        let packed = encoder.finish()?;
        let rows = column.len() as i64;
        let data = Struct::default().int(1, rows).int(2, PLAIN).int(3, RLE).int(4, RLE);
        let header = Struct::default().int(1, 0).int(2, values.len() as i64).int(3, packed.len() as i64).part(5, data);
        let mut bytes = header.end();
        let plain_size = (bytes.len() + values.len()) as i64;
        bytes.extend(packed);
        Ok(Page { bytes, plain_size, rows, kind })
    }

    /// The entry of the footer for a page that begins at byte `at`.
    fn chunk(&self, name: &str, at: i64) -> Struct {
        let encodings = [PLAIN, RLE].iter().flat_map(|&encoding| varint(zigzag(encoding))).collect();
        let meta = Struct::default()
            .int(1, self.kind)
            .list(2, INT32, 2, encodings)
            .list(3, BINARY, 1, counted(name.as_bytes()))
            .int(4, GZIP)
            .long(5, self.rows)
            .long(6, self.plain_size)
            .long(7, self.bytes.len() as i64)
            .long(9, at);
        Struct::default().long(2, at).part(3, meta)
    }
}

/// Definition levels (one bit a row: is there a value?), then the values that are there.
fn optional(numbers: &[f64]) -> Vec<u8> {
    let groups = numbers.chunks(8);
    let mut levels = varint((groups.len() as u64) << 1 | 1);
    levels.extend(groups.map(|group| group.iter().enumerate().fold(0, |byte, (bit, v)| byte | (u8::from(v.is_finite()) << bit))));
    let mut bytes = prefixed(&levels);
    bytes.extend(numbers.iter().filter(|v| v.is_finite()).flat_map(|v| v.to_le_bytes()));
    bytes
}

/// Bytes behind their number in four bytes.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

/// What the file holds, and where.
fn footer(frame: &Frame, chunks: Vec<Struct>, size: i64) -> Vec<u8> {
    let (rows, columns) = (frame.rows() as i64, frame.columns.len());
    let root = Struct::default().text(4, "table").int(5, columns as i64);
    let fields = frame.columns.iter().map(|(name, column)| match column {
        Column::Numbers(_) => Struct::default().int(1, DOUBLE).int(3, 1).text(4, name),
        Column::Texts(_) => Struct::default().int(1, BYTE_ARRAY).int(3, 0).text(4, name).int(6, 0),
    });
    let schema: Vec<u8> = [root].into_iter().chain(fields).flat_map(Struct::end).collect();
    let chunks: Vec<u8> = chunks.into_iter().flat_map(Struct::end).collect();
    let group = Struct::default().list(1, STRUCT, columns, chunks).long(2, size).long(3, rows);
    let file = Struct::default().int(1, 1).list(2, STRUCT, columns + 1, schema).long(3, rows).list(4, STRUCT, 1, group.end());
    file.text(6, concat!("crosscurrent ", env!("CARGO_PKG_VERSION"))).end()
}

// Types of Thrift's compact protocol, in which Parquet writes what it says about itself.
const INT32: u8 = 5;
const INT64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A Thrift struct under construction; fields come with rising numbers.
#[derive(Default)]
struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn field(mut self, id: u8, kind: u8, value: Vec<u8>) -> Self {
        self.bytes.push((id - self.last) << 4 | kind);
        self.bytes.extend(value);
        Struct { last: id, ..self }
    }

    fn int(self, id: u8, value: i64) -> Self {
        self.field(id, INT32, varint(zigzag(value)))
    }

    fn long(self, id: u8, value: i64) -> Self {
        self.field(id, INT64, varint(zigzag(value)))
    }

    fn text(self, id: u8, value: &str) -> Self {
        self.field(id, BINARY, counted(value.as_bytes()))
    }

    fn part(self, id: u8, value: Struct) -> Self {
        self.field(id, STRUCT, value.end())
    }

    fn list(self, id: u8, kind: u8, length: usize, items: Vec<u8>) -> Self {
        let mut value = if length < 15 { vec![(length as u8) << 4 | kind] } else { vec![0xf0 | kind] };
        if length >= 15 {
            value.extend(varint(length as u64));
        }
        value.extend(items);
        self.field(id, LIST, value)
    }

    fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

/// Bytes behind their number.
fn counted(bytes: &[u8]) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// Seven bits a byte, the lowest first.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Small numbers of either sign as small numbers.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_footer_are_written_as_thrift_has_them() {
        assert_eq!((zigzag(0), zigzag(-1), zigzag(1), zigzag(-2)), (0, 1, 2, 3));
        assert_eq!(varint(300), [0xac, 0x02]);
        // Fields 1 and 4 of a struct: a 32-bit 2, then "a".
        assert_eq!(Struct::default().int(1, 2).text(4, "a").end(), [0x15, 4, 0x38, 1, b'a', 0]);
    }

    #[test]
    fn missing_numbers_are_bits_and_take_no_room() {
        // Length of the levels, one bit-packed group of eight, the bits 101, then two doubles.
        let bytes = optional(&[1.0, f64::NAN, 2.0]);
        assert_eq!(&bytes[..6], [2, 0, 0, 0, 3, 0b101]);
        assert_eq!(bytes.len(), 6 + 16);
    }

    #[test]
    fn a_file_ends_with_a_footer_of_the_length_that_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let texts = Column::Texts(vec!["a".into(), "ä".into()]);
        write_parquet(&path, &Frame { columns: vec![("x".into(), Column::Numbers(vec![0.5, f64::NAN])), ("t".into(), texts)] }).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let end = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
        // The footer is the struct with version 1 first.
        assert_eq!(&bytes[end - length..end - length + 2], [0x15, 2]);
        assert_eq!(bytes[end - 1], 0);
    }
}
