//! Elements of a level 5 MAT-file: a tag (type and size), then data, in the byte order of the file.

use crate::io::flaw::{Checked, Flaw};
use flate2::read::ZlibDecoder;
use std::io::Read;

pub(super) const MATRIX: u32 = 14;
pub(super) const COMPRESSED: u32 = 15;
pub(super) const UTF8: u32 = 16;
pub(super) const UTF16: u32 = 17;
pub(super) const UTF32: u32 = 18;
pub(super) const UINT16: u32 = 4;

/// One element: its type and its data.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub kind: u32,
    pub bytes: &'a [u8],
    pub big: bool,
}

/// Walks over the elements that follow one another in `bytes`.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], big: bool) -> Self {
        Cursor { bytes, big }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next element, which must be there.
    pub fn next(&mut self) -> Checked<Element<'a>> {
        let early = || Flaw::damaged("the data end early");
        let (tag, rest) = self.bytes.split_at_checked(8).ok_or_else(early)?;
        let first = word(tag, self.big);
        if first >> 16 != 0 {
            return self.small(first, &tag[4..], rest);
        }
        let size = word(&tag[4..], self.big) as usize;
        if size > rest.len() {
            return Err(Flaw::damaged(format!("expected an element of {size} bytes, found {}", rest.len())));
        }
        // Everything but compressed data is padded to a multiple of 8; the last padding may be missing.
        let padded = if first == COMPRESSED { size } else { size.next_multiple_of(8).min(rest.len()) };
        self.bytes = &rest[padded..];
        Ok(Element { kind: first, bytes: &rest[..size], big: self.big })
    }

    /// Up to four bytes of data fit into the tag itself.
    fn small(&mut self, first: u32, data: &'a [u8], rest: &'a [u8]) -> Checked<Element<'a>> {
        let size = (first >> 16) as usize;
        if size > 4 {
            return Err(Flaw::damaged(format!("a small element claims {size} bytes")));
        }
        self.bytes = rest;
        Ok(Element { kind: first & 0xffff, bytes: &data[..size], big: self.big })
    }
}

impl<'a> Element<'a> {
    /// The elements inside this one.
    pub fn inside(&self) -> Cursor<'a> {
        Cursor::new(self.bytes, self.big)
    }

    /// The numbers of this element, whatever type they are stored as.
    pub fn numbers(&self) -> Checked<Vec<f64>> {
        Ok(match self.kind {
            1 => self.convert(|[byte]: [u8; 1]| f64::from(byte as i8)),
            2 | UTF8 => self.convert(|[byte]: [u8; 1]| f64::from(byte)),
            3 => self.convert(|bytes| f64::from(i16::from_le_bytes(bytes))),
            4 | UTF16 => self.convert(|bytes| f64::from(u16::from_le_bytes(bytes))),
            5 => self.convert(|bytes| f64::from(i32::from_le_bytes(bytes))),
            6 | UTF32 => self.convert(|bytes| f64::from(u32::from_le_bytes(bytes))),
            7 => self.convert(|bytes| f64::from(f32::from_le_bytes(bytes))),
            9 => self.convert(f64::from_le_bytes),
            12 => self.convert(|bytes| i64::from_le_bytes(bytes) as f64),
            13 => self.convert(|bytes| u64::from_le_bytes(bytes) as f64),
            kind => return Err(Flaw::damaged(format!("expected numbers, found an element of type {kind}"))),
        })
    }

    /// Whole numbers that must not be negative: lengths, indices.
    pub fn lengths(&self) -> Checked<Vec<usize>> {
        let numbers = self.numbers()?;
        // Beyond 2^53 a length cannot be right, and below it the conversion is exact.
        let whole = |value: f64| (0.0..9e15).contains(&value).then_some(value as usize);
        numbers.into_iter().map(|value| whole(value).ok_or_else(|| Flaw::damaged(format!("expected a length, found {value}")))).collect()
    }

    /// The characters of a name.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.bytes).trim_end_matches('\0').to_string()
    }

    fn convert<const N: usize>(&self, one: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        let turn = |item: &[u8]| {
            let mut bytes = [0; N];
            bytes.copy_from_slice(item);
            if self.big {
                bytes.reverse();
            }
            one(bytes)
        };
        self.bytes.chunks_exact(N).map(turn).collect()
    }
}

/// Four bytes as a number; fewer count as zero.
pub(super) fn word(bytes: &[u8], big: bool) -> u32 {
    match *bytes {
        [a, b, c, d, ..] if big => u32::from_be_bytes([a, b, c, d]),
        [a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

/// The bytes of a compressed element, which are one other element with its tag.
pub(super) fn inflate(element: &Element<'_>) -> Checked<Vec<u8>> {
    let flaw = |_| Flaw::damaged("a compressed array cannot be unpacked");
    let mut decoder = ZlibDecoder::new(element.bytes);
    let mut tag = [0; 8];
    decoder.read_exact(&mut tag).map_err(flaw)?;
    let size = u64::from(word(&tag[4..], element.big));
    let mut bytes = tag.to_vec();
    // The limit allows for the padding, and lets the decoder reach the checksum at the end of its stream. Memory grows only
    // with what really is unpacked, whatever the tag claims.
    decoder.take(size + 8).read_to_end(&mut bytes).map_err(flaw)?;
    Ok(bytes)
}
