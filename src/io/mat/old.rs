//! MATLAB's level 4 format: matrices one after the other, each behind 20 bytes.

use super::element::word;
use crate::io::array::{Array, column_to_row_major};
use crate::io::arrays::Arrays;
use crate::io::flaw::{Checked, Flaw};

/// Name, stored type and size of one matrix.
struct Head {
    big: bool,
    stored: u32,
    class: u32,
    rows: usize,
    columns: usize,
    complex: bool,
    name_bytes: usize,
}

/// True when `bytes` start like a level 4 matrix, which carries no signature.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    head(bytes).is_ok()
}

/// Reads every matrix of the file.
pub(super) fn read(mut bytes: &[u8], arrays: &mut Arrays) -> Checked<()> {
    while !bytes.is_empty() {
        let head = head(bytes)?;
        let early = || Flaw::damaged("the data end early");
        let (name, rest) = bytes[20..].split_at_checked(head.name_bytes).ok_or_else(early)?;
        let name = String::from_utf8_lossy(name).trim_end_matches('\0').to_string();
        let items = head.rows.checked_mul(head.columns).and_then(|items| items.checked_mul(if head.complex { 2 } else { 1 }));
        let size = items.and_then(|items| items.checked_mul(width(head.stored))).ok_or_else(early)?;
        let (data, rest) = rest.split_at_checked(size).ok_or_else(early)?;
        matrix(&head, name, data, arrays)?;
        bytes = rest;
    }
    Ok(())
}

fn matrix(head: &Head, name: String, data: &[u8], arrays: &mut Arrays) -> Checked<()> {
    let shape = vec![head.rows, head.columns];
    let values: Vec<f64> = data.chunks_exact(width(head.stored)).map(|item| number(head, item)).collect();
    match head.class {
        _ if head.complex => arrays.skip(name, "complex numbers"),
        0 => arrays.push(name, Array::from_column_major(shape, values).map_err(|error| Flaw::damaged(error.to_string()))?),
        1 => {
            let codes = column_to_row_major(&shape, values);
            let text = |row: &[f64]| row.iter().map(|&code| char::from_u32(code as u32).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            let rows: Vec<String> = codes.chunks(head.columns.max(1)).map(text).collect();
            arrays.push_text(name, rows.iter().map(|row| row.trim_end_matches([' ', '\0']).to_string()).collect());
        }
        _ => arrays.skip(name, "a sparse matrix in MATLAB's version 4 format (save it with -v7)"),
    }
    Ok(())
}

fn head(bytes: &[u8]) -> Checked<Head> {
    let foreign = || Flaw::damaged("expected a MATLAB file, found something else");
    if bytes.len() < 20 {
        return Err(foreign());
    }
    // The first word is MOPT: machine, 0, precision, type, all decimal digits; read in the wrong order it is huge.
    let big = word(bytes, false) > 5000;
    let field = |index: usize| word(&bytes[4 * index..], big);
    let kind = field(0);
    let (machine, zero, stored, class) = (kind / 1000, kind / 100 % 10, kind / 10 % 10, kind % 10);
    let name_bytes = field(4) as usize;
    let sound = machine == u32::from(big) && zero == 0 && stored <= 5 && class <= 2 && field(3) <= 1 && (1..=1024).contains(&name_bytes);
    if !sound {
        return Err(foreign());
    }
    let (rows, columns) = (field(1) as usize, field(2) as usize);
    Ok(Head { big, stored, class, rows, columns, complex: field(3) == 1, name_bytes })
}

/// Bytes of one number of each stored type.
fn width(stored: u32) -> usize {
    match stored {
        0 => 8,
        1 | 2 => 4,
        5 => 1,
        _ => 2,
    }
}

fn number(head: &Head, item: &[u8]) -> f64 {
    let mut bytes = [0; 8];
    for (k, byte) in item.iter().enumerate() {
        bytes[if head.big { item.len() - 1 - k } else { k }] = *byte;
    }
    let bits = u64::from_le_bytes(bytes);
    match head.stored {
        0 => f64::from_bits(bits),
        1 => f64::from(f32::from_bits(bits as u32)),
        2 => f64::from(bits as u32 as i32),
        3 => f64::from(bits as u16 as i16),
        _ => bits as f64,
    }
}
