//! Arrays of a level 5 MAT-file: numbers, texts, sparse matrices; structs and cells are taken apart into named arrays.

use super::element::{COMPRESSED, Cursor, Element, MATRIX, inflate};
use super::text;
use crate::io::array::{Array, Shape, count};
use crate::io::arrays::Arrays;
use crate::io::flaw::{Checked, Flaw};

const CELL: u32 = 1;
const STRUCT: u32 = 2;
const OBJECT: u32 = 3;
const CHAR: u32 = 4;
const SPARSE: u32 = 5;
const DOUBLE: u32 = 6;
const UINT64: u32 = 15;
const FUNCTION: u32 = 16;
const OPAQUE: u32 = 17;
/// Structs within structs; deeper nesting than this is a damaged file.
const DEEPEST: usize = 64;
/// Largest sparse matrix that is made dense: 0.8 GB.
const LARGEST_DENSE: usize = 100_000_000;

/// Where an array stands: its name, and how many structs and cells are around it.
struct Place {
    name: String,
    depth: usize,
}

impl Place {
    fn below(&self, suffix: &str) -> Place {
        Place { name: format!("{}{suffix}", self.name), depth: self.depth + 1 }
    }
}

/// The head that every array has.
struct Head {
    class: u32,
    complex: bool,
    shape: Vec<usize>,
}

/// Reads one element of the file's top level into `arrays`.
pub(super) fn read(element: &Element<'_>, arrays: &mut Arrays) -> Checked<()> {
    match element.kind {
        COMPRESSED => {
            let bytes = inflate(element)?;
            let inner = Cursor::new(&bytes, element.big).next()?;
            // Compression is never nested; refusing it keeps a hostile file from unfolding for ever.
            if inner.kind == MATRIX { read(&inner, arrays) } else { Ok(()) }
        }
        MATRIX => {
            let (head, name, rest) = head(element.inside())?;
            // MATLAB keeps its private workspace (of objects and functions) in an array without a name.
            if name.is_empty() { Ok(()) } else { body(&head, rest, &Place { name, depth: 0 }, arrays) }
        }
        _ => Ok(()),
    }
}

fn head(mut cursor: Cursor<'_>) -> Checked<(Head, String, Cursor<'_>)> {
    let flags = cursor.next()?.lengths()?.first().copied().unwrap_or(0);
    let class = (flags & 0xff) as u32;
    if class == OPAQUE {
        let name = cursor.next()?.name();
        return Ok((Head { class, complex: false, shape: Vec::new() }, name, cursor));
    }
    let shape = cursor.next()?.lengths()?;
    let name = cursor.next()?.name();
    Ok((Head { class, complex: flags & 0x800 != 0, shape }, name, cursor))
}

/// What follows the head, under the name of `place`.
fn body(head: &Head, mut rest: Cursor<'_>, place: &Place, arrays: &mut Arrays) -> Checked<()> {
    if place.depth > DEEPEST {
        return Err(Flaw::damaged(format!("more than {DEEPEST} structs within one another")));
    }
    let name = &place.name;
    match head.class {
        _ if head.complex => arrays.skip(name, "complex numbers"),
        CELL => cells(head, rest, place, arrays)?,
        STRUCT => fields(head, rest, place, arrays)?,
        CHAR => match text::rows(&head.shape, &rest.next()?)? {
            Some(rows) => arrays.push_text(name, rows),
            None => arrays.skip(name, "text with more than two axes"),
        },
        SPARSE => sparse(head, rest, name, arrays)?,
        DOUBLE..=UINT64 => arrays.push(name, dense(head, rest).map_err(|flaw| flaw.inside(&format!("array '{name}'")))?),
        OBJECT => arrays.skip(name, "an object"),
        FUNCTION => arrays.skip(name, "a function"),
        OPAQUE => arrays.skip(name, "an object such as a table or a string (texts can be saved after cellstr)"),
        class => return Err(Flaw::damaged(format!("array '{name}' has the unknown class {class}"))),
    }
    Ok(())
}

/// Any inner array: nothing at all stands for an empty one.
fn inner(element: &Element<'_>, place: &Place, arrays: &mut Arrays) -> Checked<()> {
    if element.kind != MATRIX {
        return Err(Flaw::damaged(format!("expected an array inside '{}', found an element of type {}", place.name, element.kind)));
    }
    if element.bytes.is_empty() {
        arrays.push(&place.name, Array::vector(Vec::new()));
        return Ok(());
    }
    let (head, _, rest) = head(element.inside())?;
    body(&head, rest, place, arrays)
}

fn dense(head: &Head, mut rest: Cursor<'_>) -> Checked<Array> {
    let values = rest.next()?.numbers()?;
    if count(&head.shape) != Some(values.len()) {
        return Err(Flaw::damaged(format!("expected shape {}, found {} numbers", Shape(&head.shape), values.len())));
    }
    Array::from_column_major(head.shape.clone(), values).map_err(|error| Flaw::damaged(error.to_string()))
}

/// A sparse matrix by columns: row indices, where each column starts, and the values.
fn sparse(head: &Head, mut cursor: Cursor<'_>, name: &str, arrays: &mut Arrays) -> Checked<()> {
    let flaw = || Flaw::damaged(format!("the sparse matrix '{name}' contradicts itself"));
    let (rows, starts, values) = (cursor.next()?.lengths()?, cursor.next()?.lengths()?, cursor.next()?.numbers()?);
    let [height, width] = head.shape[..] else { return Err(flaw()) };
    if count(&head.shape).is_none_or(|entries| entries > LARGEST_DENSE) {
        arrays.skip(name, format!("a sparse matrix of shape {}, too large to be made dense", Shape(&head.shape)));
        return Ok(());
    }
    if starts.len() != width + 1 {
        return Err(flaw());
    }
    let mut dense = vec![0.0; height * width];
    for (column, bounds) in starts.windows(2).enumerate() {
        let (Some(rows), Some(values)) = (rows.get(bounds[0]..bounds[1]), values.get(bounds[0]..bounds[1])) else {
            return Err(flaw());
        };
        for (&row, &value) in rows.iter().zip(values) {
            if row >= height {
                return Err(flaw());
            }
            dense[row * width + column] = value;
        }
    }
    arrays.push(name, Array::new(head.shape.clone(), dense).map_err(|_| flaw())?);
    Ok(())
}

/// Texts become one list; anything else one array per cell, counted from 1 as MATLAB does: `trials{1}`.
fn cells(head: &Head, rest: Cursor<'_>, place: &Place, arrays: &mut Arrays) -> Checked<()> {
    let entries = count(&head.shape).unwrap_or(usize::MAX);
    if let Some(texts) = text_cells(entries, rest)? {
        arrays.push_text(&place.name, texts);
        return Ok(());
    }
    let mut cursor = rest;
    for entry in 1..=entries {
        inner(&cursor.next()?, &place.below(&format!("{{{entry}}}")), arrays)?;
    }
    Ok(())
}

/// The texts of a cell array, if every cell holds a single one (or is empty).
fn text_cells(entries: usize, mut cursor: Cursor<'_>) -> Checked<Option<Vec<String>>> {
    let mut texts = Vec::new();
    let mut any = entries == 0;
    for _ in 0..entries {
        let element = cursor.next()?;
        if element.bytes.is_empty() {
            texts.push(String::new());
            continue;
        }
        let (head, _, mut rest) = head(element.inside())?;
        if head.class == CHAR && head.shape.first().is_some_and(|&rows| rows <= 1) {
            let rows = text::rows(&head.shape, &rest.next()?)?;
            texts.push(rows.unwrap_or_default().pop().unwrap_or_default());
            any = true;
        } else if count(&head.shape) == Some(0) {
            texts.push(String::new());
        } else {
            return Ok(None);
        }
    }
    Ok(any.then_some(texts))
}

/// Every field as `name.field`; those of an array of structs as `name(2).field`.
fn fields(head: &Head, mut cursor: Cursor<'_>, place: &Place, arrays: &mut Arrays) -> Checked<()> {
    let longest = cursor.next()?.lengths()?.first().copied().unwrap_or(0);
    let bytes = cursor.next()?.bytes;
    if longest == 0 || bytes.is_empty() {
        return Ok(());
    }
    let name = |field: &[u8]| String::from_utf8_lossy(field.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned();
    let names: Vec<String> = bytes.chunks(longest).map(name).collect();
    let entries = count(&head.shape).unwrap_or(usize::MAX);
    for entry in 1..=entries {
        for field in &names {
            let suffix = if entries == 1 { format!(".{field}") } else { format!("({entry}).{field}") };
            inner(&cursor.next()?, &place.below(&suffix), arrays)?;
        }
    }
    Ok(())
}
