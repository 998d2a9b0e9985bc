//! Fixtures of the MAT formats, built byte by byte, and every damage to them.

use super::*;
use crate::io::array::Array;
use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;
use std::io::Write;

/// Writes level 5 elements in one byte order.
#[derive(Clone, Copy)]
struct Encoder {
    big: bool,
}

impl Encoder {
    fn word(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn element(self, kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = [self.word(kind), self.word(data.len() as u32)].concat();
        bytes.extend(data);
        if kind != element::COMPRESSED {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        bytes
    }

    fn small(self, kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = self.word(kind | (data.len() as u32) << 16).to_vec();
        bytes.extend(data);
        bytes.resize(8, 0);
        bytes
    }

    fn words(self, kind: u32, values: &[u32]) -> Vec<u8> {
        self.element(kind, &values.iter().flat_map(|&value| self.word(value)).collect::<Vec<u8>>())
    }

    fn doubles(self, values: &[f64]) -> Vec<u8> {
        let bytes = |value: &f64| if self.big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.element(9, &values.iter().flat_map(bytes).collect::<Vec<u8>>())
    }

    fn matrix(self, flags: u32, shape: &[u32], name: &str, rest: &[Vec<u8>]) -> Vec<u8> {
        let name = if name.len() <= 4 { self.small(1, name.as_bytes()) } else { self.element(1, name.as_bytes()) };
        let head = [self.words(6, &[flags, 0]), self.words(5, shape), name].concat();
        self.element(element::MATRIX, &[head, rest.concat()].concat())
    }

    fn text(self, name: &str, text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(|unit| if self.big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        self.matrix(4, &[1, text.encode_utf16().count() as u32], name, &[self.element(4, &units)])
    }

    fn compressed(self, matrix: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(matrix).unwrap();
        self.element(element::COMPRESSED, &encoder.finish().unwrap())
    }

    fn file(self, elements: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = format!("{:124}", "MATLAB 5.0 MAT-file").into_bytes();
        bytes.extend(if self.big { *b"\x01\x00MI" } else { *b"\x00\x01IM" });
        bytes.extend(elements.concat());
        bytes
    }

    /// Everything that the format has, in one file.
    fn everything(self) -> Vec<u8> {
        let fields = |names: &[u8], values: Vec<Vec<u8>>| [vec![self.small(5, &self.word(8)), self.element(1, names)], values].concat();
        let inner = self.matrix(2, &[1, 1], "", &fields(b"tau\0\0\0\0\0", vec![self.matrix(6, &[1, 1], "", &[self.doubles(&[0.1])])]));
        let pair = vec![self.matrix(6, &[1, 1], "", &[self.small(2, &[1])]), self.matrix(6, &[1, 1], "", &[self.small(2, &[2])])];
        self.file(&[
            self.matrix(6, &[2, 3], "rates", &[self.doubles(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])]),
            self.compressed(&self.matrix(6, &[2, 1, 2], "cube", &[self.small(1, &[1, 0xff, 2, 3])])),
            self.matrix(9 | 0x200, &[1, 3], "ok", &[self.small(2, &[1, 0, 1])]),
            self.matrix(5, &[3, 2], "weights", &[self.words(5, &[2, 0]), self.words(5, &[0, 1, 2]), self.doubles(&[7.0, 8.0])]),
            self.text("title", "Größe"),
            self.matrix(4, &[2, 2], "codes", &[self.element(element::UTF8, b"ACB ")]),
            self.matrix(1, &[2, 1], "regions", &[self.text("", "left"), self.text("", "right")]),
            self.matrix(1, &[1, 2], "trials", &[self.matrix(6, &[1, 2], "", &[self.doubles(&[1.0, 2.0])]), self.text("", "x")]),
            self.matrix(2, &[1, 1], "model", &fields(b"dt\0\0\0\0\0\0inner\0\0\0", vec![pair[0].clone(), inner])),
            self.matrix(2, &[1, 2], "many", &fields(b"v\0\0\0\0\0\0\0", pair)),
            self.matrix(6 | 0x800, &[1, 1], "z", &[self.doubles(&[1.0]), self.doubles(&[2.0])]),
            self.element(element::MATRIX, &[self.words(6, &[17, 0]), self.small(1, b"tab"), self.element(1, b"MCOS")].concat()),
        ])
    }
}

fn parse(bytes: &[u8]) -> Checked<Arrays> {
    read(bytes, Arrays::default())
}

#[test]
fn every_kind_of_array_is_read_in_both_byte_orders() {
    for big in [false, true] {
        let arrays = parse(&Encoder { big }.everything()).unwrap();
        assert_eq!(arrays.get("rates").unwrap(), &Array::new(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap());
        assert_eq!(arrays.get("cube").unwrap(), &Array::new(vec![2, 1, 2], vec![1.0, 2.0, -1.0, 3.0]).unwrap());
        assert_eq!(arrays.get("ok").unwrap().values(), [1.0, 0.0, 1.0]);
        assert_eq!(arrays.get("weights").unwrap(), &Array::new(vec![3, 2], vec![0.0, 8.0, 0.0, 0.0, 7.0, 0.0]).unwrap());
        assert_eq!(arrays.text("title").unwrap(), ["Größe"]);
        assert_eq!(arrays.text("codes").unwrap(), ["AB", "C"]);
        assert_eq!(arrays.text("regions").unwrap(), ["left", "right"]);
        assert_eq!(arrays.get("trials{1}").unwrap().values(), [1.0, 2.0]);
        assert_eq!(arrays.text("trials{2}").unwrap(), ["x"]);
        assert_eq!(arrays.get("model.dt").unwrap().scalar().unwrap(), 1.0);
        assert_eq!(arrays.get("model.inner.tau").unwrap().scalar().unwrap(), 0.1);
        assert_eq!(arrays.get("many(2).v").unwrap().scalar().unwrap(), 2.0);
        let skipped: Vec<&str> = arrays.skipped().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(skipped, ["z", "tab"]);
    }
}

#[test]
fn newer_older_and_foreign_files_are_told_apart() {
    let mut newer = format!("{:124}", "MATLAB 7.3 MAT-file").into_bytes();
    newer.extend(b"\x00\x02IM");
    for bytes in [&newer[..], b"\x89HDF\r\n\x1a\n"] {
        let flaw = parse(bytes).unwrap_err();
        assert_eq!((flaw.problem.as_str(), flaw.remedy.as_str()), ("this is a MATLAB v7.3 (HDF5) file", "save it with save(..., '-v7')"));
    }
    assert!(parse(b"hello").unwrap_err().problem.contains("something else"));
    for big in [false, true] {
        let code = Encoder { big };
        let head = |kind: u32, rows, columns| [kind + 1000 * u32::from(big), rows, columns, 0, 2].map(|word| code.word(word)).concat();
        let mut bytes = head(0, 1, 2);
        bytes.extend(b"a\0");
        bytes.extend([1.5, -2.0_f64].iter().flat_map(|value| if big { value.to_be_bytes() } else { value.to_le_bytes() }));
        bytes.extend(head(51, 2, 2));
        bytes.extend(b"t\0xzy ");
        assert_eq!(parse(&bytes).unwrap().get("a").unwrap(), &Array::new(vec![1, 2], vec![1.5, -2.0]).unwrap());
        assert_eq!(parse(&bytes).unwrap().text("t").unwrap(), ["xy", "z"]);
        for length in 1..bytes.len() {
            let _ = parse(&bytes[..length]);
        }
    }
}

#[test]
fn every_prefix_is_read_or_refused() {
    for big in [false, true] {
        let whole = Encoder { big }.everything();
        for length in 0..whole.len() {
            let _ = parse(&whole[..length]);
        }
    }
}

#[test]
fn lies_about_sizes_take_no_memory() {
    let code = Encoder { big: false };
    let claims = |rest: &[Vec<u8>], class| parse(&code.file(&[code.matrix(class, &[0x7fff_ffff, 0x7fff_ffff, 0x7fff_ffff], "a", rest)]));
    assert!(claims(&[code.doubles(&[1.0])], 6).unwrap_err().problem.contains("found 1 numbers"));
    assert!(claims(&[], 1).is_err());
    assert!(claims(&[code.small(5, &code.word(8)), code.element(1, b"a\0\0\0\0\0\0\0")], 2).is_err());
    // A struct without fields holds nothing, however many entries it claims.
    assert!(claims(&[code.small(5, &code.word(8)), code.element(1, b"")], 2).unwrap().numbers().is_empty());
    let sparse = code.matrix(5, &[1 << 30, 2], "s", &[code.words(5, &[]), code.words(5, &[0, 0, 0]), code.doubles(&[])]);
    assert!(parse(&code.file(&[sparse])).unwrap().skipped()[0].1.contains("too large"));
    let mut deep = code.matrix(6, &[1, 1], "", &[code.doubles(&[1.0])]);
    for _ in 0..10_000 {
        deep = code.element(element::MATRIX, &[code.words(6, &[1, 0]), code.words(5, &[1, 1]), code.small(1, b"c"), deep].concat());
    }
    assert!(parse(&code.file(&[deep])).unwrap_err().problem.contains("within one another"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits_never_panic(big: bool, flips in prop::collection::vec((0.0..1.0_f64, 0_u8..8), 1..5)) {
        let mut bytes = Encoder { big }.everything();
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        let _ = parse(&bytes);
    }
}
