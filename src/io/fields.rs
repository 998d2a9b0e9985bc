//! Fields: the arrays of a file of our own, with errors that name the file and the field.

use super::array::Array;
use super::arrays::Arrays;
use crate::error::{Error, Result};
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::path::{Path, PathBuf};

/// The text array that says what a file is.
const FORMAT: &str = "format";

/// Arrays read from a file, or collected for one.
pub(super) struct Fields {
    pub arrays: Arrays,
    path: PathBuf,
}

impl Fields {
    /// Nothing yet, for a file of the given format.
    pub fn new(format: &str) -> Self {
        let mut fields = Fields { arrays: Arrays::default(), path: PathBuf::new() };
        fields.put_text(FORMAT, format);
        fields
    }

    /// The arrays of the file at `path`, which must be of the given format.
    pub fn read(path: &Path, format: &str) -> Result<Self> {
        let arrays = super::read_arrays(path)?;
        if Self::is(&arrays, format) {
            return Ok(Fields { arrays, path: path.to_path_buf() });
        }
        let found = match arrays.text(FORMAT) {
            Ok([found]) => format!("a {found}"),
            _ => arrays.contents(),
        };
        Err(Error::file(path, format!("expected a {format} of crosscurrent, found {found}"), "give the file that the step before wrote"))
    }

    /// Arrays that are known to be of the right format.
    pub fn of(arrays: Arrays, path: &Path) -> Self {
        Fields { arrays, path: path.to_path_buf() }
    }

    /// Whether `arrays` say that they are of `format`.
    pub fn is(arrays: &Arrays, format: &str) -> bool {
        arrays.text(FORMAT).is_ok_and(|texts| texts == [format])
    }

    pub fn put_matrix(&mut self, name: &str, matrix: &DMatrix<f64>) {
        self.arrays.push(name, Array::from(matrix));
    }

    pub fn put_number(&mut self, name: &str, value: f64) {
        self.arrays.push(name, Array::of(value));
    }

    pub fn put_numbers(&mut self, name: &str, values: &[f64]) {
        self.arrays.push(name, Array::vector(values.to_vec()));
    }

    pub fn put_counts(&mut self, name: &str, values: &[usize]) {
        self.arrays.push(name, Array::vector(values.iter().map(|&value| value as f64).collect()));
    }

    pub fn put_text(&mut self, name: &str, text: &str) {
        self.arrays.push_text(name, vec![text.to_string()]);
    }

    pub fn put_regions(&mut self, regions: &Regions) {
        self.put_counts("region_sizes", regions.sizes());
        self.arrays.push_text("region_names", regions.names().to_vec());
    }

    pub fn has(&self, name: &str) -> bool {
        self.arrays.find(name).is_some()
    }

    pub fn matrix(&self, name: &str) -> Result<DMatrix<f64>> {
        self.arrays.get(name)?.to_matrix().map_err(|error| self.wrong(name, error))
    }

    /// The matrix called `name`, if the file has one.
    pub fn matrix_if(&self, name: &str) -> Result<Option<DMatrix<f64>>> {
        self.has(name).then(|| self.matrix(name)).transpose()
    }

    pub fn number(&self, name: &str) -> Result<f64> {
        self.arrays.get(name)?.scalar().map_err(|error| self.wrong(name, error))
    }

    pub fn numbers(&self, name: &str) -> Result<&[f64]> {
        Ok(self.arrays.get(name)?.values())
    }

    pub fn counts(&self, name: &str) -> Result<Vec<usize>> {
        let whole = |&value: &f64| value >= 0.0 && value.fract() == 0.0 && value < 2_f64.powi(53);
        match self.numbers(name)?.iter().find(|value| !whole(value)) {
            Some(bad) => Err(self.wrong(name, format!("expected whole numbers of at least 0, found {bad}"))),
            None => Ok(self.numbers(name)?.iter().map(|&value| value as usize).collect()),
        }
    }

    pub fn count(&self, name: &str) -> Result<usize> {
        match self.counts(name)?[..] {
            [count] => Ok(count),
            ref several => Err(self.wrong(name, format!("expected one number, found {}", several.len()))),
        }
    }

    pub fn text(&self, name: &str) -> Result<&str> {
        match self.arrays.text(name)? {
            [text] => Ok(text),
            several => Err(self.wrong(name, format!("expected one text, found {}", several.len()))),
        }
    }

    pub fn regions(&self) -> Result<Regions> {
        let (names, sizes) = (self.arrays.text("region_names")?, self.counts("region_sizes")?);
        if names.len() != sizes.len() {
            return Err(self.wrong("region_sizes", format!("expected {} sizes, one per name, found {}", names.len(), sizes.len())));
        }
        Regions::new(names.iter().cloned().zip(sizes)).map_err(|error| self.wrong("region_names", error))
    }

    /// What is wrong with a field, as an error of the file.
    pub fn wrong(&self, name: &str, problem: impl std::fmt::Display) -> Error {
        Error::file(&self.path, format!("'{name}': {problem}"), "write the file again with this program")
    }
}
