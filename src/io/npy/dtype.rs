//! NumPy's type strings, and one item of each.

use crate::io::flaw::{Checked, Flaw};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Boolean,
    Signed,
    Unsigned,
    Float,
    Unicode,
    Bytes,
}

/// The type of every item of an array.
pub(super) struct Dtype {
    kind: Kind,
    /// Bytes of one item.
    pub size: usize,
    big: bool,
}

impl Dtype {
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Unicode | Kind::Bytes)
    }

    /// `Err` inside `Ok` is a type that is not ours to read, with the reason.
    pub fn parse(descr: &str) -> Checked<std::result::Result<Dtype, String>> {
        let unknown = || Flaw::damaged(format!("its NumPy header names an unknown type '{descr}'"));
        let big = descr.starts_with('>');
        let plain = descr.trim_start_matches(['<', '>', '|', '=']);
        let mut letters = plain.chars();
        let letter = letters.next().ok_or_else(unknown)?;
        let kind = match letter {
            'b' => Kind::Boolean,
            'i' => Kind::Signed,
            'u' => Kind::Unsigned,
            'f' => Kind::Float,
            'U' => Kind::Unicode,
            'S' | 'a' => Kind::Bytes,
            'c' => return Ok(Err("complex numbers".to_string())),
            'O' => return Ok(Err("Python objects (texts can be saved after .astype(str))".to_string())),
            'M' | 'm' => return Ok(Err("dates or time differences".to_string())),
            'V' => return Ok(Err("raw bytes".to_string())),
            _ => return Err(unknown()),
        };
        let size: usize = letters.as_str().parse().map_err(|_| unknown())?;
        let known: &[usize] = match kind {
            Kind::Boolean => &[1],
            Kind::Signed | Kind::Unsigned => &[1, 2, 4, 8],
            Kind::Float if size == 12 || size == 16 => return Ok(Err("extended precision (save as float64)".to_string())),
            Kind::Float => &[2, 4, 8],
            Kind::Unicode => return Ok(Ok(Dtype { kind, size: size.checked_mul(4).ok_or_else(unknown)?, big })),
            Kind::Bytes => return Ok(Ok(Dtype { kind, size, big })),
        };
        if known.contains(&size) { Ok(Ok(Dtype { kind, size, big })) } else { Err(unknown()) }
    }

    /// One number; `item` holds `size` bytes, in the file's order.
    pub fn number(&self, item: &[u8]) -> f64 {
        let mut bytes = [0; 8];
        for (k, byte) in item.iter().enumerate() {
            bytes[if self.big { self.size - 1 - k } else { k }] = *byte;
        }
        let bits = u64::from_le_bytes(bytes);
        match (self.kind, self.size) {
            (Kind::Float, 2) => half(bits as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Signed, size) => {
                let unused = 64 - 8 * size as u32;
                ((bits << unused) as i64 >> unused) as f64
            }
            (Kind::Boolean, _) => f64::from(u8::from(bits != 0)),
            _ => bits as f64,
        }
    }

    /// One text, without its padding of zeros.
    pub fn text(&self, item: &[u8]) -> String {
        let text = if self.kind == Kind::Bytes {
            String::from_utf8_lossy(item).into_owned()
        } else {
            let code = |unit: &[u8]| {
                let unit = [unit[0], unit[1], unit[2], unit[3]];
                if self.big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }
            };
            item.chunks_exact(4).map(|unit| char::from_u32(code(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        };
        text.trim_end_matches('\0').to_string()
    }
}

/// IEEE half precision.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match (bits >> 10) & 0x1f {
        0 => fraction * 2_f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction) * 2_f64.powi(i32::from(exponent) - 15),
    }
}
