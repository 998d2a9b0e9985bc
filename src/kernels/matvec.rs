//! Products of a block with one vector, of its transpose with another, or both in one sweep over the block.

use super::block::Block;
use super::lanes::{Isa, Kernel, Lanes, launch, prefetch};
use super::level::Level;

/// Rows between what a sweep multiplies and what it asks for in advance.
const AHEAD: usize = 128;

/// `y += block * x`.
pub fn add_product(level: Level, block: Block<'_>, x: &[f64], y: &mut [f64]) {
    assert!(block.rows() == y.len() && block.columns() == x.len(), "shapes of a product with a vector");
    sweep::<true, false>(level, block, (x, &[]), y, &mut []);
}

/// `z = block^T * v`.
pub fn transposed_product(level: Level, block: Block<'_>, v: &[f64], z: &mut [f64]) {
    assert!(block.rows() == v.len() && block.columns() == z.len(), "shapes of a product with a vector");
    sweep::<false, true>(level, block, (&[], v), &mut [], z);
}

/// `y += block * x` and `z = block^T * v`, reading the block once.
pub fn both_products(level: Level, block: Block<'_>, (x, v): (&[f64], &[f64]), y: &mut [f64], z: &mut [f64]) {
    assert!(block.rows() == y.len() && block.columns() == x.len(), "shapes of a product with a vector");
    assert!(block.rows() == v.len() && block.columns() == z.len(), "shapes of a product with a vector");
    sweep::<true, true>(level, block, (x, v), y, z);
}

/// One pass; what is not asked for is not touched.
fn sweep<const Y: bool, const Z: bool>(level: Level, block: Block<'_>, (x, v): (&[f64], &[f64]), y: &mut [f64], z: &mut [f64]) {
    assert!(block.row_step == 1, "a block whose columns are contiguous");
    let (x, v, y, z) = (x.as_ptr(), v.as_ptr(), y.as_mut_ptr(), z.as_mut_ptr());
    launch(level, Sweep::<Y, Z> { block, x, v, y, z });
}

/// The pass of [`both_products`], of which `Y` and `Z` tell what is computed.
struct Sweep<'a, const Y: bool, const Z: bool> {
    block: Block<'a>,
    x: *const f64,
    v: *const f64,
    y: *mut f64,
    z: *mut f64,
}

impl<const Y: bool, const Z: bool> Kernel for Sweep<'_, Y, Z> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // As many columns at once as leave their sums in registers.
        // SAFETY: shapes were checked by the callers of `sweep`; the caller vouches for the level.
        unsafe { if I::f64::COUNT == 8 { self.columns::<I::f64, 8>() } else { self.columns::<I::f64, 4>() } }
    }
}

impl<const Y: bool, const Z: bool> Sweep<'_, Y, Z> {
    /// All columns, `N` at a time.
    ///
    /// # Safety
    /// The processor has the level of `V`; the vectors fit the block as far as they are used.
    #[inline(always)]
    unsafe fn columns<V: Lanes<Scalar = f64>, const N: usize>(&self) {
        let columns = self.block.columns();
        // SAFETY: promised by the caller; the columns exist.
        unsafe {
            for j in (0..columns / N).map(|group| group * N) {
                self.group::<V, N>(j);
            }
            for j in columns / N * N..columns {
                self.group::<V, 1>(j);
            }
        }
    }

    /// The `N` columns from `j`.
    ///
    /// # Safety
    /// As for [`Sweep::columns`], and the columns exist.
    #[inline(always)]
    unsafe fn group<V: Lanes<Scalar = f64>, const N: usize>(&self, j: usize) {
        let rows = self.block.rows();
        // SAFETY: promised by the caller.
        unsafe {
            let zero = V::splat(0.0);
            let mut factors = [zero; N];
            if Y {
                for n in 0..N {
                    factors[n] = V::splat(*self.x.add(j + n));
                }
            }
            let mut sums = [zero; N];
            let whole = rows / V::COUNT * V::COUNT;
            let mut i = 0;
            while i < whole {
                self.vector::<V, N, true>(j, i, &factors, &mut sums);
                i += V::COUNT;
            }
            if i < rows {
                self.vector::<V, N, false>(j, i, &factors, &mut sums);
            }
            if Z {
                for n in 0..N {
                    *self.z.add(j + n) = sums[n].sum();
                }
            }
        }
    }

    /// The rows of one vector from `i`, or without `WHOLE` the rest of the rows.
    ///
    /// # Safety
    /// As for [`Sweep::group`], and the rows exist.
    #[inline(always)]
    unsafe fn vector<V: Lanes<Scalar = f64>, const N: usize, const WHOLE: bool>(
        &self,
        j: usize,
        i: usize,
        factors: &[V; N],
        sums: &mut [V; N],
    ) {
        let rows = self.block.rows();
        // SAFETY: promised by the caller; a prefetch may point anywhere.
        unsafe {
            let zero = V::splat(0.0);
            let mut y = if Y { super::lanes::read::<V, WHOLE>(self.y, i, rows) } else { zero };
            let v = if Z { super::lanes::read::<V, WHOLE>(self.v, i, rows) } else { zero };
            for n in 0..N {
                let column = self.block.start.add((j + n) * self.block.column_step);
                prefetch(column.wrapping_add(i + AHEAD));
                let a = super::lanes::read::<V, WHOLE>(column, i, rows);
                if Y {
                    y = a.mul_add(factors[n], y);
                }
                if Z {
                    sums[n] = a.mul_add(v, sums[n]);
                }
            }
            if Y {
                super::lanes::write::<V, WHOLE>(y, self.y, i, rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    #[test]
    fn products_of_integers_are_exact_whatever_the_tails() {
        for level in Level::available() {
            for (rows, columns) in (0..=40).map(|n| (n, 40 - n)).chain([(67, 19), (5, 33), (130, 17)]) {
                let step = rows + 3;
                let values: Vec<f64> = reference::integers(step * columns.max(1), 1);
                let (x, v): (Vec<f64>, Vec<f64>) = (reference::integers(columns, 2), reference::integers(rows, 3));
                let block = Block::new(&values, rows, columns, step);
                let (mut y, mut z) = (vec![2.0; rows], vec![9.0; columns]);
                both_products(level, block, (&x, &v), &mut y, &mut z);
                let expected_y: Vec<f64> = (0..rows).map(|i| 2.0 + (0..columns).map(|j| block.at(i, j) * x[j]).sum::<f64>()).collect();
                let expected_z: Vec<f64> = (0..columns).map(|j| (0..rows).map(|i| block.at(i, j) * v[i]).sum()).collect();
                assert_eq!((&y, &z), (&expected_y, &expected_z), "{level:?}: {rows} x {columns}");
                let (mut y, mut z) = (vec![2.0; rows], vec![9.0; columns]);
                add_product(level, block, &x, &mut y);
                transposed_product(level, block, &v, &mut z);
                assert_eq!((y, z), (expected_y, expected_z), "{level:?}: {rows} x {columns}");
            }
        }
    }
}
