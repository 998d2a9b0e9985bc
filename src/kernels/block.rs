//! Block: a rectangle of a larger matrix, columns one after the other.

use std::marker::PhantomData;
use std::ops::Range;

/// A rectangle that is read. Element (i, j) stands at `i * row_step + j * column_step` values from the first.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    pub(super) start: *const f64,
    rows: usize,
    columns: usize,
    pub(super) row_step: usize,
    pub(super) column_step: usize,
    /// The values are borrowed.
    values: PhantomData<&'a f64>,
}

/// A rectangle that is written. Its columns are contiguous.
#[derive(Debug)]
pub struct BlockMut<'a> {
    pub(super) start: *mut f64,
    rows: usize,
    columns: usize,
    pub(super) step: usize,
    /// The values are borrowed alone.
    values: PhantomData<&'a mut f64>,
}

// SAFETY: a block stands for a shared borrow of plain numbers.
unsafe impl Send for Block<'_> {}
// SAFETY: as above.
unsafe impl Sync for Block<'_> {}
// SAFETY: a block to write stands for a borrow of numbers that nobody else has: blocks are split, never copied.
unsafe impl Send for BlockMut<'_> {}

impl<'a> Block<'a> {
    /// The first `rows` of `columns` columns, `step` values from column to column.
    pub fn new(values: &'a [f64], rows: usize, columns: usize, step: usize) -> Self {
        assert!(rows <= step && (columns == 0 || (columns - 1) * step + rows <= values.len()), "values of a block");
        Block { start: values.as_ptr(), rows, columns, row_step: 1, column_step: step, values: PhantomData }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Block { rows: self.columns, columns: self.rows, row_step: self.column_step, column_step: self.row_step, ..self }
    }

    /// The rectangle of these rows and columns.
    pub fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(
            rows.start <= rows.end && rows.end <= self.rows && columns.start <= columns.end && columns.end <= self.columns,
            "part of a block"
        );
        let start = self.start.wrapping_add(rows.start * self.row_step + columns.start * self.column_step);
        Block { start, rows: rows.len(), columns: columns.len(), ..self }
    }

    /// The same block without its borrow, for kernels that copy values before they write over them.
    pub(super) fn detached<'b>(self) -> Block<'b> {
        Block { values: PhantomData, ..self }
    }

    /// Column `j` of a block that is not transposed.
    pub fn column(&self, j: usize) -> &'a [f64] {
        assert!(j < self.columns && self.row_step == 1, "column of a block");
        // SAFETY: the column is inside of the values that the block borrows.
        unsafe { std::slice::from_raw_parts(self.start.add(j * self.column_step), self.rows) }
    }

    /// The element (i, j).
    #[inline(always)]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        assert!(i < self.rows && j < self.columns, "element of a block");
        // SAFETY: inside of the values that the block borrows.
        unsafe { *self.start.add(i * self.row_step + j * self.column_step) }
    }
}

impl<'a> BlockMut<'a> {
    /// A whole matrix of `rows` rows, `step` values from column to column.
    pub fn new(values: &'a mut [f64], rows: usize, columns: usize, step: usize) -> Self {
        assert!(rows <= step && (columns == 0 || (columns - 1) * step + rows <= values.len()), "values of a block");
        BlockMut { start: values.as_mut_ptr(), rows, columns, step, values: PhantomData }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The same block to read.
    pub fn view(&self) -> Block<'_> {
        Block { start: self.start, rows: self.rows, columns: self.columns, row_step: 1, column_step: self.step, values: PhantomData }
    }

    /// The rectangle of these rows and columns.
    pub fn part(&mut self, rows: Range<usize>, columns: Range<usize>) -> BlockMut<'_> {
        let part = self.view().part(rows, columns);
        BlockMut { start: part.start.cast_mut(), rows: part.rows, columns: part.columns, step: self.step, values: PhantomData }
    }

    /// The rows before `row` and those from it on.
    pub fn split_rows(self, row: usize) -> (BlockMut<'a>, BlockMut<'a>) {
        assert!(row <= self.rows, "rows of a block");
        let start = self.start.wrapping_add(row);
        (BlockMut { rows: row, ..self }, BlockMut { start, rows: self.rows - row, ..self })
    }

    /// The columns before `column` and those from it on.
    pub fn split_columns(self, column: usize) -> (BlockMut<'a>, BlockMut<'a>) {
        assert!(column <= self.columns, "columns of a block");
        let start = self.start.wrapping_add(column * self.step);
        (BlockMut { columns: column, ..self }, BlockMut { start, columns: self.columns - column, ..self })
    }

    /// Column `j`.
    pub fn column(&mut self, j: usize) -> &mut [f64] {
        assert!(j < self.columns, "column of a block");
        // SAFETY: the column is inside of the values that the block borrows alone, and the block is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(j * self.step), self.rows) }
    }

    /// The element (i, j).
    #[inline(always)]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.view().at(i, j)
    }

    /// Sets the element (i, j).
    #[inline(always)]
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        assert!(i < self.rows && j < self.columns, "element of a block");
        // SAFETY: inside of the values that the block borrows alone.
        unsafe { *self.start.add(i + j * self.step) = value }
    }

    /// Takes the values of a block of the same shape.
    pub fn copy_from(&mut self, other: Block<'_>) {
        assert_eq!((self.rows, self.columns), (other.rows, other.columns), "shapes of a copy");
        for j in 0..self.columns {
            self.column(j).copy_from_slice(other.column(j));
        }
    }

    /// Becomes the identity.
    pub fn set_identity(&mut self) {
        for j in 0..self.columns {
            self.column(j).fill(0.0);
            if j < self.rows {
                self.set(j, j, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_block_are_where_they_should_be() {
        let mut values: Vec<f64> = (0..35).map(f64::from).collect();
        let mut block = BlockMut::new(&mut values, 4, 5, 7);
        assert_eq!(block.at(3, 2), 17.0);
        assert_eq!(block.view().transposed().part(1..3, 2..4).at(1, 0), 16.0);
        assert_eq!(block.part(1..3, 2..5).column(1), &[22.0, 23.0]);
        let (mut top, mut bottom) = block.split_rows(2);
        top.set(1, 1, -1.0);
        bottom.part(0..2, 1..2).set_identity();
        let (left, right) = bottom.split_columns(2);
        assert_eq!((left.at(0, 1), left.at(1, 1), right.at(0, 0), top.at(1, 1)), (1.0, 0.0, 16.0, -1.0));
    }

    #[test]
    #[should_panic(expected = "part of a block")]
    fn no_part_reaches_outside() {
        let mut values = vec![0.0; 6];
        let _ = BlockMut::new(&mut values, 2, 3, 2).part(0..2, 1..4);
    }
}
