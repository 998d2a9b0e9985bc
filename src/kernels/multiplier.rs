//! Multiplier: products of parts of matrices in place.

use super::block::{Block, BlockMut};
use super::buffer::Buffer;
use super::gemm::DEPTH;
use super::lanes::launch;
use super::level::Level;
use super::tile::{Put, Slice, TileShape};

/// Bytes of the left factor that are packed and used at once: they stay in L2.
const BLOCK_BYTES: usize = 640 << 10;
/// Columns of the right factor that are packed at once.
const COLUMNS: usize = 512;

/// The memory that products of blocks need. An element of a product has the same bits in whatever block it is computed.
#[derive(Clone, Debug)]
pub struct Multiplier {
    level: Level,
    /// Rows and columns of a tile.
    tile: (usize, usize),
    left: Buffer<f64>,
    right: Buffer<f64>,
}

impl Multiplier {
    /// Terms of a sum up to which a product may replace one of its factors.
    pub const IN_PLACE: usize = DEPTH;

    /// With the memory for products of any size.
    pub fn new(level: Level) -> Self {
        let tile = launch(level, TileShape(std::marker::PhantomData::<f64>));
        let right = Buffer::zeros(COLUMNS.next_multiple_of(tile.1) * DEPTH);
        Multiplier { level, tile, left: Buffer::zeros(BLOCK_BYTES / size_of::<f64>() + tile.0 * DEPTH), right }
    }

    /// `to += scale * left * right`.
    pub fn add(&mut self, scale: f64, left: Block<'_>, right: Block<'_>, to: &mut BlockMut<'_>) {
        assert_eq!((to.rows(), left.columns(), to.columns()), (left.rows(), right.rows(), right.columns()), "shapes of a product");
        for first in (0..to.columns()).step_by(COLUMNS) {
            let columns = first..to.columns().min(first + COLUMNS);
            for start in (0..left.columns()).step_by(DEPTH) {
                let terms = start..left.columns().min(start + DEPTH);
                self.pack_right(scale, right.part(terms.clone(), columns.clone()));
                self.rows(left.part(0..to.rows(), terms), &mut to.part(0..to.rows(), columns.clone()), false);
            }
        }
    }

    /// `to = to * right`, with at most [`Multiplier::IN_PLACE`] columns.
    pub fn apply_right(&mut self, to: &mut BlockMut<'_>, right: Block<'_>) {
        assert!(right.rows() == to.columns() && right.columns() == to.columns() && to.columns() <= Self::IN_PLACE, "shapes in place");
        self.pack_right(1.0, right);
        // A block of rows is packed before its product is written, so reading and writing the same values is no conflict.
        let left = to.view().detached();
        self.rows(left, to, true);
    }

    /// `to = left * to`, with at most [`Multiplier::IN_PLACE`] rows.
    pub fn apply_left(&mut self, left: Block<'_>, to: &mut BlockMut<'_>) {
        assert!(left.rows() == to.rows() && left.columns() == to.rows() && to.rows() <= Self::IN_PLACE, "shapes in place");
        for first in (0..to.columns()).step_by(COLUMNS) {
            let mut to = to.part(0..left.rows(), first..to.columns().min(first + COLUMNS));
            self.pack_right(1.0, to.view());
            self.rows(left, &mut to, true);
        }
    }

    /// `to (+)= left * (what is packed)`, in blocks of rows.
    fn rows(&mut self, left: Block<'_>, to: &mut BlockMut<'_>, replace: bool) {
        let (depth, height) = (left.columns(), self.tile.0);
        if depth == 0 || to.columns() == 0 {
            return;
        }
        let block = (BLOCK_BYTES / (depth * height * size_of::<f64>())).max(1) * height;
        for top in (0..to.rows()).step_by(block) {
            let rows = top..to.rows().min(top + block);
            self.pack_left(left.part(rows.clone(), 0..depth));
            let columns = to.columns();
            let to = to.part(rows, 0..columns);
            let slice = Slice {
                left: self.left.as_ptr(),
                // The next block takes the same place.
                left_len: 0,
                right: self.right.as_ptr(),
                product: to.start,
                rows: to.rows(),
                columns,
                depth,
                step: to.step,
                put: if replace { Put::Replace } else { Put::Add },
                beside: None,
            };
            launch(self.level, slice);
        }
    }

    /// Panels of as many rows as a tile has, column after column; what fills the last panel is never used.
    fn pack_left(&mut self, left: Block<'_>) {
        let (height, depth) = (self.tile.0, left.columns());
        for (panel, to) in (0..left.rows()).step_by(height).zip(self.left.chunks_exact_mut(height * depth)) {
            let rows = height.min(left.rows() - panel);
            let part = left.part(panel..panel + rows, 0..depth);
            if part.row_step == 1 {
                for (k, to) in to.chunks_exact_mut(height).enumerate() {
                    to[..rows].copy_from_slice(part.column(k));
                }
            } else {
                let from = part.transposed();
                for i in 0..rows {
                    from.column(i).iter().zip(to[i..].iter_mut().step_by(height)).for_each(|(from, to)| *to = *from);
                }
            }
        }
    }

    /// Panels of as many columns as a tile has, row after row; what fills the last panel is never used.
    fn pack_right(&mut self, scale: f64, right: Block<'_>) {
        let (width, depth) = (self.tile.1, right.rows());
        for (panel, to) in (0..right.columns()).step_by(width).zip(self.right.chunks_exact_mut((width * depth).max(1))) {
            let columns = width.min(right.columns() - panel);
            let part = right.part(0..depth, panel..panel + columns);
            if part.row_step == 1 {
                for c in 0..columns {
                    part.column(c).iter().zip(to[c..].iter_mut().step_by(width)).for_each(|(from, to)| *to = scale * from);
                }
            } else {
                let from = part.transposed();
                for (k, to) in to.chunks_exact_mut(width).enumerate() {
                    from.column(k).iter().zip(to).for_each(|(from, to)| *to = scale * from);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    fn plain(a: Block<'_>, b: Block<'_>) -> Vec<f64> {
        let element = |i, j| (0..a.columns()).map(|k| a.at(i, k) * b.at(k, j)).sum();
        (0..b.columns()).flat_map(|j| (0..a.rows()).map(move |i| (i, j))).map(|(i, j)| element(i, j)).collect()
    }

    fn values(block: Block<'_>) -> Vec<f64> {
        (0..block.columns()).flat_map(|j| block.column(j).to_vec()).collect()
    }

    #[test]
    fn products_of_integers_are_exact_in_place_and_added() {
        for level in Level::available() {
            let mut by = Multiplier::new(level);
            for (rows, inner, columns) in [(1, 1, 1), (7, 5, 3), (30, 25, 49), (24, 400, 8), (61, 3, 530), (900, 64, 11)] {
                let a: Vec<f64> = reference::integers((rows + 2) * inner, 1);
                let b: Vec<f64> = reference::integers((columns + 1) * inner, 2);
                let a = Block::new(&a, rows, inner, rows + 2);
                let b = Block::new(&b, columns, inner, columns + 1).transposed();
                let mut c = vec![1.0; (rows + 5) * columns];
                let mut c = BlockMut::new(&mut c, rows, columns, rows + 5);
                by.add(-2.0, a, b, &mut c);
                let expected: Vec<f64> = plain(a, b).iter().map(|sum| 1.0 - 2.0 * sum).collect();
                assert_eq!(values(c.view()), expected, "{level:?}: {rows} x {inner} x {columns}");
            }
            for (rows, n) in [(1, 1), (700, 30), (45, 384), (13, 100)] {
                let (u, h): (Vec<f64>, Vec<f64>) = (reference::integers(n * n, 3), reference::integers(rows * n, 4));
                let (u, mut right, mut left) = (Block::new(&u, n, n, n), h.clone(), h.clone());
                by.apply_right(&mut BlockMut::new(&mut right, rows, n, rows), u);
                assert_eq!(right, plain(Block::new(&h, rows, n, rows), u), "{level:?}: {rows} x {n}");
                by.apply_left(u.transposed(), &mut BlockMut::new(&mut left, n, rows, n));
                assert_eq!(left, plain(u.transposed(), Block::new(&h, n, rows, n)), "{level:?}: {n} x {rows}");
            }
        }
    }
}
