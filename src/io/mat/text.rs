//! Character arrays of a level 5 MAT-file: the rows of a matrix of characters.

use super::element::{Element, UINT16, UTF8, UTF16};
use crate::io::array::{Shape, column_to_row_major, count};
use crate::io::flaw::{Checked, Flaw};

/// The rows as texts, without the blanks that pad them to one length; `None` for more than two axes.
pub(super) fn rows(shape: &[usize], element: &Element<'_>) -> Checked<Option<Vec<String>>> {
    let &[height, width] = shape else { return Ok(None) };
    let mut wide = matches!(element.kind, UINT16 | UTF16);
    let mut codes = codes(element)?;
    if !wide && count(shape) != Some(codes.len()) {
        // Some writers count the units of UTF-16 although they store UTF-8.
        codes = decode(&codes, false).encode_utf16().map(u32::from).collect();
        wide = true;
    }
    if height == 0 || width == 0 {
        return Ok(Some(vec![String::new(); usize::from(height <= 1)]));
    }
    if count(shape) != Some(codes.len()) {
        return Err(Flaw::damaged(format!("expected text of shape {}, found {} characters", Shape(shape), codes.len())));
    }
    let ordered = column_to_row_major(shape, codes);
    Ok(Some(ordered.chunks(width).map(|row| decode(row, wide).trim_end_matches([' ', '\0']).to_string()).collect()))
}

/// One number per character (or per unit of UTF-16).
fn codes(element: &Element<'_>) -> Checked<Vec<u32>> {
    if element.kind == UTF8 {
        return Ok(String::from_utf8_lossy(element.bytes).chars().map(u32::from).collect());
    }
    Ok(element.numbers()?.into_iter().map(|code| code as u32).collect())
}

fn decode(codes: &[u32], wide: bool) -> String {
    if wide {
        let units: Vec<u16> = codes.iter().map(|&code| code as u16).collect();
        return String::from_utf16_lossy(&units);
    }
    codes.iter().map(|&code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
