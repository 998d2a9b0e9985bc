//! Array: numbers with a shape, in C (row-major) order, as files hold them.

use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// Numbers with a shape, last axis fastest.
///
/// No axes at all (`shape() == []`) is a scalar. Every number type of a file becomes `f64`; integers beyond 2⁵³ are rounded.
///
/// ```
/// use crosscurrent::io::Array;
/// let activity = Array::new(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!(activity.to_matrix()?[(1, 0)], 4.0);
/// assert_eq!(activity.slice(1)?.values(), [4.0, 5.0, 6.0]);
/// assert_eq!(Array::from(&activity.to_matrix()?), activity);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Array {
    /// An array of the given shape; `values` in C order.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of values is not the product of the shape.
    pub fn new(shape: Vec<usize>, values: Vec<f64>) -> Result<Self> {
        if count(&shape) == Some(values.len()) {
            Ok(Array { shape, values })
        } else {
            Err(Error::shape("array", format!("as many values as the shape {} holds", Shape(&shape)), format!("{} values", values.len())))
        }
    }

    /// An array of the given shape whose `values` come first axis fastest, as Fortran and MATLAB store them.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of values is not the product of the shape.
    pub fn from_column_major(shape: Vec<usize>, values: Vec<f64>) -> Result<Self> {
        let array = Array::new(shape, values)?;
        Ok(Array { values: column_to_row_major(&array.shape, array.values), shape: array.shape })
    }

    /// One number without axes.
    ///
    /// ```
    /// assert_eq!(crosscurrent::io::Array::of(0.05).scalar()?, 0.05);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    pub fn of(value: f64) -> Self {
        Array { shape: Vec::new(), values: vec![value] }
    }

    /// One axis that holds `values`.
    pub fn vector(values: Vec<f64>) -> Self {
        Array { shape: vec![values.len()], values }
    }

    /// Lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Every value, last axis fastest.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Every value, last axis fastest, without a copy.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The shape as a reader writes it: `(6, 70, 892)`.
    pub fn describe(&self) -> String {
        Shape(&self.shape).to_string()
    }

    /// A matrix, first axis = rows.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there are exactly two axes.
    pub fn to_matrix(&self) -> Result<DMatrix<f64>> {
        match self.shape[..] {
            [rows, columns] => Ok(DMatrix::from_row_slice(rows, columns, &self.values)),
            ref shape => {
                let remedy = if shape.len() > 2 { ": take one slice along the leading axis" } else { "" };
                Err(Error::shape("array", "2 axes (rows × columns)", format!("shape {}{remedy}", Shape(shape))))
            }
        }
    }

    /// Entry `k` of the leading axis: one animal, one trial.
    ///
    /// # Errors
    /// [`Error::Shape`] for a scalar, [`Error::Parameter`] when `k` is not an entry.
    pub fn slice(&self, k: usize) -> Result<Array> {
        let [entries, rest @ ..] = &self.shape[..] else {
            return Err(Error::shape("slice of an array", "at least 1 axis", "a scalar"));
        };
        if k >= *entries {
            let expected = format!("an entry of the leading axis of {}, which are counted from 0", Shape(&self.shape));
            return Err(Error::parameter("slice", k, expected));
        }
        let size = self.values.len() / entries;
        Ok(Array { shape: rest.to_vec(), values: self.values[k * size..(k + 1) * size].to_vec() })
    }

    /// The number of an array that holds exactly one, whatever its axes (MATLAB's scalars are 1 × 1).
    ///
    /// # Errors
    /// [`Error::Shape`] when there are none or several.
    pub fn scalar(&self) -> Result<f64> {
        match self.values[..] {
            [value] => Ok(value),
            _ => Err(Error::shape("array", "a single number", format!("shape {}", Shape(&self.shape)))),
        }
    }
}

impl From<&DMatrix<f64>> for Array {
    fn from(matrix: &DMatrix<f64>) -> Self {
        // The columns of the transpose are the rows, so its storage is ours.
        Array { shape: vec![matrix.nrows(), matrix.ncols()], values: matrix.transpose().data.into() }
    }
}

/// Prints a shape like Python does, which is what most users type back.
pub(super) struct Shape<'a>(pub &'a [usize]);

impl std::fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lengths: Vec<String> = self.0.iter().map(usize::to_string).collect();
        write!(f, "({})", lengths.join(", "))
    }
}

/// Number of values of a shape; `None` when it exceeds the address space.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length))
}

/// Reorders values from first axis fastest to last axis fastest.
pub(super) fn column_to_row_major<T: Clone>(shape: &[usize], values: Vec<T>) -> Vec<T> {
    if shape.iter().filter(|&&length| length != 1).count() < 2 || values.is_empty() {
        return values;
    }
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, &length| {
            let this = *stride;
            *stride *= length;
            Some(this)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[at].clone());
        // An odometer over the axes, last one first, that carries the source position along.
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_major_values_come_out_row_major_in_every_rank() {
        let flat = Array::from_column_major(vec![4], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(flat.values(), [1.0, 2.0, 3.0, 4.0]);
        let matrix = Array::from_column_major(vec![2, 3], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]).unwrap();
        assert_eq!(matrix.values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        // value = 100 a + 10 b + c at (a, b, c)
        let shape = [2, 3, 4];
        let mut values = Vec::new();
        for c in 0..4 {
            for b in 0..3 {
                for a in 0..2 {
                    values.push(f64::from(100 * a + 10 * b + c));
                }
            }
        }
        let cube = Array::from_column_major(shape.to_vec(), values).unwrap();
        let slice = cube.slice(1).unwrap().slice(2).unwrap();
        assert_eq!(slice.values(), [120.0, 121.0, 122.0, 123.0]);
    }

    #[test]
    fn matrices_survive_the_round_trip() {
        let matrix = DMatrix::from_fn(3, 5, |i, j| (10 * i + j) as f64);
        let array = Array::from(&matrix);
        assert_eq!(array.values()[..6], [0.0, 1.0, 2.0, 3.0, 4.0, 10.0]);
        assert_eq!(array.to_matrix().unwrap(), matrix);
    }

    #[test]
    fn wrong_shapes_are_named() {
        assert!(Array::new(vec![2, 2], vec![1.0]).unwrap_err().to_string().contains("(2, 2)"));
        assert!(Array::new(vec![usize::MAX, 2], vec![]).is_err());
        let cube = Array::new(vec![2, 1, 2], vec![0.0; 4]).unwrap();
        assert!(cube.to_matrix().unwrap_err().to_string().contains("slice along the leading axis"));
        assert!(cube.slice(2).unwrap_err().to_string().contains("slice = 2"));
        assert!(cube.scalar().is_err());
        assert!(Array::of(1.0).slice(0).is_err());
        assert_eq!(Array::new(vec![1, 1], vec![3.0]).unwrap().scalar().unwrap(), 3.0);
        assert_eq!(Array::new(vec![0, 3], vec![]).unwrap().to_matrix().unwrap().shape(), (0, 3));
        assert!(Array::new(vec![0, 3], vec![]).unwrap().slice(0).is_err());
    }
}
