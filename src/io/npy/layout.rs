//! Layout: what the header of a `.npy` file says, for reading all of it or a part.

use super::super::flaw::{Checked, Flaw};
use super::dtype::Dtype;
use super::{fitting, header, shape, value_of};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Type, order and shape of an array in a file.
pub(in crate::io) struct Layout {
    pub(super) dtype: Dtype,
    /// The first axis is contiguous.
    pub fortran: bool,
    pub shape: Vec<usize>,
    pub(super) items: usize,
    /// Bytes before the first item.
    start: u64,
}

impl Layout {
    /// Reads the header from `reader`, which can give `available` bytes; `Err` inside `Ok` is an array that is not ours to read, with the
    /// reason.
    pub fn read(reader: &mut dyn Read, available: u64) -> Checked<std::result::Result<Layout, String>> {
        let (text, start) = header(reader)?;
        let descr = value_of(&text, "descr")?;
        if !descr.starts_with(['\'', '"']) {
            return Ok(Err("a structured array (named fields)".to_string()));
        }
        let dtype = match Dtype::parse(descr[1..].split(['\'', '"']).next().unwrap_or_default())? {
            Ok(dtype) => dtype,
            Err(reason) => return Ok(Err(reason)),
        };
        let fortran = match value_of(&text, "fortran_order")? {
            value if value.starts_with("True") => true,
            value if value.starts_with("False") => false,
            _ => return Err(Flaw::damaged("its NumPy header does not say whether the order is Fortran's")),
        };
        let shape = shape(value_of(&text, "shape")?)?;
        let items = fitting(&shape, dtype.size, available.saturating_sub(start))?;
        Ok(Ok(Layout { dtype, fortran, shape, items, start }))
    }

    /// Whether the items are numbers.
    pub fn is_numeric(&self) -> bool {
        !self.dtype.is_text()
    }

    /// The numbers from item `first` on, as they stand in `file`, into `to`; `bytes` is room to work in.
    pub fn numbers(&self, file: &mut File, first: usize, bytes: &mut Vec<u8>, to: &mut [f64]) -> Checked<()> {
        bytes.resize(to.len() * self.dtype.size, 0);
        file.seek(SeekFrom::Start(self.start + (first * self.dtype.size) as u64))?;
        file.read_exact(bytes)?;
        to.iter_mut().zip(bytes.chunks_exact(self.dtype.size)).for_each(|(to, item)| *to = self.dtype.number(item));
        Ok(())
    }
}
