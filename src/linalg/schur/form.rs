//! A Hessenberg matrix on its way to the Schur form.

use crate::kernels::{BlockMut, Level, Reflector};
use nalgebra::Complex;

/// Smallest number whose inverse is finite.
const TINY: f64 = f64::MIN_POSITIVE;

/// Two shifts: two real ones, or a conjugate pair of equal real parts.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Real parts.
    pub re: [f64; 2],
    /// Imaginary part of the first.
    pub im: f64,
}

/// A Hessenberg matrix, and the basis that is turned with it. Without a basis only eigenvalues are wanted, and rows and columns outside
/// of the active block are left alone.
pub struct Form<'a> {
    /// The matrix.
    pub h: BlockMut<'a>,
    /// The basis, as its columns.
    pub z: Option<BlockMut<'a>>,
}

impl Form<'_> {
    /// Rows and columns.
    pub fn size(&self) -> usize {
        self.h.rows()
    }

    /// What the diagonal blocks of a Schur form tell.
    pub fn eigenvalues(&self) -> Vec<Complex<f64>> {
        let (n, mut k) = (self.size(), 0);
        let mut values = Vec::with_capacity(n);
        while k < n {
            let re = self.h.at(k, k);
            if k + 1 < n && self.h.at(k + 1, k) != 0.0 {
                let im = self.h.at(k + 1, k).abs().sqrt() * self.h.at(k, k + 1).abs().sqrt();
                values.extend([Complex::new(re, im), Complex::new(re, -im)]);
                k += 1;
            } else {
                values.push(Complex::new(re, 0.0));
            }
            k += 1;
        }
        values
    }

    /// First row and end of the columns that reflections of the rows `start..end` change.
    pub fn reach(&self, start: usize, end: usize) -> (usize, usize) {
        if self.z.is_some() { (0, self.size()) } else { (start, end) }
    }

    /// Applies a reflection of the rows from `k` to the columns from `k` to `columns`, and to its columns, of the rows `first..rows`.
    pub fn reflect(&mut self, level: Level, by: (Reflector, usize), k: usize, columns: usize, rows: std::ops::Range<usize>) {
        let (by, size) = by;
        by.to_rows(level, self.h.part(k..k + size, k..columns));
        by.to_columns(level, self.h.part(rows, k..k + size));
        if let Some(z) = &mut self.z {
            let all = 0..z.rows();
            by.to_columns(level, z.part(all, k..k + size));
        }
    }

    /// The first row of the unreduced block that ends before `end`, not before `start`; a negligible element before it is set to zero.
    pub fn unreduced(&mut self, start: usize, end: usize) -> usize {
        for k in (start + 1..end).rev() {
            if self.negligible(start, end, k) {
                self.h.set(k, k - 1, 0.0);
                return k;
            }
        }
        start
    }

    /// Whether the element below the diagonal in row `k` may be set to zero without harm to an eigenvalue (M. Ahues & F. Tisseur,
    /// LAPACK Working Note 122, 1997).
    fn negligible(&self, start: usize, end: usize, k: usize) -> bool {
        let h = |i: usize, j: usize| self.h.at(i, j);
        let tiny = TINY * (self.size() as f64 / f64::EPSILON);
        let below = h(k, k - 1).abs();
        if below <= tiny {
            return true;
        }
        let mut size = h(k - 1, k - 1).abs() + h(k, k).abs();
        if size == 0.0 {
            size += if k >= start + 2 { h(k - 1, k - 2).abs() } else { 0.0 };
            size += if k + 1 < end { h(k + 1, k).abs() } else { 0.0 };
        }
        if below > f64::EPSILON * size {
            return false;
        }
        let above = h(k - 1, k).abs();
        let (last, apart) = (h(k, k).abs(), (h(k - 1, k - 1) - h(k, k)).abs());
        let (most, least) = (below.max(above), below.min(above));
        let (far, near) = (last.max(apart), last.min(apart));
        let sum = far + most;
        least * (most / sum) <= tiny.max(f64::EPSILON * (near * (far / sum)))
    }

    /// The first column of (H - s)(H - s'), of the block that starts at `m`, up to a factor.
    pub fn first_column(h: &BlockMut<'_>, m: usize, shifts: Pair) -> [f64; 3] {
        let (a, b, c, d) = (h.at(m, m), h.at(m, m + 1), h.at(m + 1, m), h.at(m + 1, m + 1));
        let [r, s] = shifts.re;
        let scale = (a - s).abs() + shifts.im.abs() + c.abs();
        if scale == 0.0 {
            return [0.0; 3];
        }
        let below = c / scale;
        let first = (a - r) * ((a - s) / scale) + shifts.im * (shifts.im / scale) + b * below;
        [first, below * (a + d - r - s), below * h.at(m + 2, m + 1)]
    }

    /// Makes the block of the rows `k` and `k + 1` triangular if its eigenvalues are real, else equal on its diagonal.
    pub fn standardise(&mut self, k: usize, first: usize, columns: usize) {
        let h = |i: usize, j: usize| self.h.at(k + i, k + j);
        let (a, b, c, d) = (h(0, 0), h(0, 1), h(1, 0), h(1, 1));
        if c == 0.0 {
            return;
        }
        let (values, turn) = standard(a, b, c, d);
        rotate_rows(&mut self.h.part(k..k + 2, k + 2..columns), turn);
        rotate_columns(&mut self.h.part(first..k, k..k + 2), turn);
        if let Some(z) = &mut self.z {
            let all = 0..z.rows();
            rotate_columns(&mut z.part(all, k..k + 2), turn);
        }
        for (at, value) in values.into_iter().enumerate() {
            self.h.set(k + at / 2, k + at % 2, value);
        }
    }
}

/// The block [[a, b], [c, d]] (c not 0) in the standard form, row by row, and cosine and sine of the rotation to it.
fn standard(a: f64, b: f64, c: f64, d: f64) -> ([f64; 4], (f64, f64)) {
    let p = 0.5 * (a - d);
    let scale = p.abs().max(b.abs()).max(c.abs());
    // The square of half the distance of the eigenvalues, over the scale.
    let square = (p / scale) * p + (b / scale) * c;
    if square >= 0.0 {
        let z = p + (square.sqrt() * scale.sqrt()).copysign(p);
        if z == 0.0 {
            return ([d, b - c, 0.0, a], (0.0, 1.0));
        }
        let length = z.hypot(c);
        return ([d + z, b - c, 0.0, d - (b / z) * c], (z / length, c / length));
    }
    let (sum, difference) = (b + c, b - c);
    let (length, sign) = (sum.hypot(2.0 * p), 1.0_f64.copysign(sum));
    let cos = if length == 0.0 { 1.0 } else { (0.5 * (1.0 + sum.abs() / length)).sqrt() };
    let sin = if length == 0.0 { 0.0 } else { -sign * p / (length * cos) };
    let (above, below) = (0.5 * (sign * length + difference), 0.5 * (sign * length - difference));
    // The product of the two is the square; the smaller suffers from cancellation and follows from the larger.
    let (above, below) = if above.abs() >= below.abs() { (above, square / above * scale) } else { (square / below * scale, below) };
    let mean = d + p;
    ([mean, above, below, mean], (cos, sin))
}

fn rotate_rows(block: &mut BlockMut<'_>, (cos, sin): (f64, f64)) {
    for j in 0..block.columns() {
        let column = block.column(j);
        let (x, y) = (column[0], column[1]);
        column[0] = cos * x + sin * y;
        column[1] = cos * y - sin * x;
    }
}

fn rotate_columns(block: &mut BlockMut<'_>, (cos, sin): (f64, f64)) {
    for i in 0..block.rows() {
        let (x, y) = (block.at(i, 0), block.at(i, 1));
        block.set(i, 0, cos * x + sin * y);
        block.set(i, 1, cos * y - sin * x);
    }
}
