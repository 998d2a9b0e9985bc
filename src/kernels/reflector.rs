//! Reflector: a Householder reflection of two or three neighbouring rows or columns.

use super::block::BlockMut;
use super::lanes::{Isa, Kernel, Lanes, launch};
use super::level::Level;

/// The reflection 1 - tau v v^T of three neighbours with v = (1, a, b); of two where the block has two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reflector {
    /// The second and third element of v; the first is 1.
    pub v: [f64; 2],
    /// 2 / |v|², or 0 for the identity.
    pub tau: f64,
}

impl Reflector {
    /// The reflection that turns `x` into (beta, 0, 0), and beta. For two values the third is 0.
    pub fn of(x: [f64; 3]) -> (Self, f64) {
        let size = x[1].abs().max(x[2].abs());
        if size == 0.0 {
            return (Reflector { v: [0.0; 2], tau: 0.0 }, x[0]);
        }
        let scale = size.max(x[0].abs());
        let [a, b, c] = x.map(|x| x / scale);
        let norm = (a * a + b * b + c * c).sqrt();
        let beta = -norm.copysign(a);
        (Reflector { v: [b / (a - beta), c / (a - beta)], tau: (beta - a) / beta }, beta * scale)
    }

    /// Applies it to the two or three rows of `block`.
    pub fn to_rows(self, level: Level, block: BlockMut<'_>) {
        assert!(matches!(block.rows(), 2 | 3), "rows of a reflection");
        if self.tau != 0.0 {
            launch(level, Rows { by: self, block });
        }
    }

    /// Applies it to the two or three columns of `block`.
    pub fn to_columns(self, level: Level, block: BlockMut<'_>) {
        assert!(matches!(block.columns(), 2 | 3), "columns of a reflection");
        if self.tau != 0.0 {
            launch(level, Columns { by: self, block });
        }
    }
}

/// The kernel behind [`Reflector::to_rows`].
struct Rows<'a> {
    by: Reflector,
    block: BlockMut<'a>,
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Rows { by: Reflector { v: [a, b], tau }, block } = self;
        let mut at = block.start;
        let three = block.rows() == 3;
        for _ in 0..block.columns() {
            // SAFETY: the column has two or three values.
            unsafe {
                let (x, y) = (*at, *at.add(1));
                if three {
                    let z = *at.add(2);
                    let sum = tau * (x + a * y + b * z);
                    *at = x - sum;
                    *at.add(1) = y - sum * a;
                    *at.add(2) = z - sum * b;
                } else {
                    let sum = tau * (x + a * y);
                    *at = x - sum;
                    *at.add(1) = y - sum * a;
                }
            }
            at = at.wrapping_add(block.step);
        }
    }
}

/// The kernel behind [`Reflector::to_columns`].
struct Columns<'a> {
    by: Reflector,
    block: BlockMut<'a>,
}

impl Kernel for Columns<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let rows = self.block.rows();
        let whole = rows / I::f64::COUNT * I::f64::COUNT;
        let mut i = 0;
        // SAFETY: the caller vouches for the level; the rows exist.
        unsafe {
            while i < whole {
                self.vector::<I::f64, true>(i);
                i += I::f64::COUNT;
            }
            if i < rows {
                self.vector::<I::f64, false>(i);
            }
        }
    }
}

impl Columns<'_> {
    /// The rows of one vector from `i`, or without `WHOLE` the rest of the rows.
    ///
    /// # Safety
    /// The processor has the level of `V`; with `WHOLE` there are `COUNT` rows from `i`.
    #[inline(always)]
    unsafe fn vector<V: Lanes<Scalar = f64>, const WHOLE: bool>(&self, i: usize) {
        use super::lanes::{read, write};
        let (rows, step, first) = (self.block.rows(), self.block.step, self.block.start);
        let three = self.block.columns() == 3;
        // SAFETY: promised by the caller; the block has two or three columns.
        unsafe {
            let (second, third) = (first.add(step), first.wrapping_add(2 * step));
            let (tau, a, b) = (V::splat(self.by.tau), V::splat(self.by.v[0]), V::splat(self.by.v[1]));
            let (x, y): (V, V) = (read::<V, WHOLE>(first, i, rows), read::<V, WHOLE>(second, i, rows));
            let z = if three { read::<V, WHOLE>(third, i, rows) } else { V::splat(0.0) };
            let sum = z.mul_add(b, y.mul_add(a, x)).mul(tau);
            write::<V, WHOLE>(x.sub(sum), first, i, rows);
            write::<V, WHOLE>(y.sub(sum.mul(a)), second, i, rows);
            if three {
                write::<V, WHOLE>(z.sub(sum.mul(b)), third, i, rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reflection_takes_its_vector_to_the_first_axis() {
        for x in [[3.0, 4.0, 0.0], [-1.0, 2.0, 2.0], [0.0, 0.0, 5.0], [1e-200, 1e-200, 0.0], [2e200, 1e200, -2e200], [-7.0, 0.0, 0.0]] {
            let (by, beta) = Reflector::of(x);
            for level in Level::available() {
                let mut values = x;
                by.to_rows(level, BlockMut::new(&mut values, 3, 1, 3));
                let size = x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                assert!((values[0] - beta).abs() <= 1e-15 * beta.abs() && values[1].abs().max(values[2].abs()) <= 1e-15 * size, "{x:?}");
            }
        }
    }

    #[test]
    fn rows_of_the_transpose_are_columns() {
        let (by, _) = Reflector::of([0.3, -0.5, 0.9]);
        for level in Level::available() {
            for (size, n) in [(2, 1), (3, 7), (2, 16), (3, 29)] {
                let mut rows: Vec<f64> = (0..size * n).map(|k| (k as f64).cos()).collect();
                let mut columns: Vec<f64> = (0..size * n).map(|k| rows[k % n * size + k / n]).collect();
                by.to_rows(level, BlockMut::new(&mut rows, size, n, size));
                by.to_columns(level, BlockMut::new(&mut columns, n, size, n));
                assert!((0..size * n).all(|k| (columns[k] - rows[k % n * size + k / n]).abs() < 1e-15), "{level:?}: {size} x {n}");
            }
        }
    }
}
