//! Reduction to Hessenberg form.

use super::workers::Workers;
use crate::kernels::{Block, BlockMut, Buffer, Level, add_product, both_products, dot, transposed_product};

/// Columns that are reduced before the rest of the matrix is updated.
const PANEL: usize = 48;

/// Rows from which the columns of the matrix are cut into two parts for its product with a vector. The cut decides the order of sums, so it
/// must not depend on threads.
const LARGE: usize = 512;

/// Turns the square matrix into the upper Hessenberg matrix Q^T A Q of the same eigenvalues; what was below is set to zero.
///
/// A panel of columns is reduced by the reflections Q = 1 - V T V^T while the rest of A stays as it was: all a column needs of it is
/// y = A v, and the same reading gives z = A^T v. Then Q^T A Q = A - Y V^T - V T^T (Z - V Y^T V)^T with Y = A V T and Z = A^T V is one
/// matrix product of twice the width (G. Quintana-Ortí & R. van de Geijn, ACM Trans. Math. Softw. 32, 180, 2006).
pub fn reduce(a: &mut BlockMut<'_>, workers: &mut Workers) {
    let n = a.rows();
    let mut panel = Panel::new(n, workers.level());
    let mut first = 0;
    while first + 2 < n {
        let width = PANEL.min(n - 2 - first);
        panel.reduce(a, first, width, workers);
        panel.update(a, first, width, workers);
        first += width;
    }
}

/// The reflections of a panel and what belongs to them. Row 0 of V, Y stands for the row below the first column of the panel, row 0 of Z
/// for the column of that number.
struct Panel {
    level: Level,
    /// Values from column to column.
    step: usize,
    /// The vectors of the reflections.
    v: Buffer<f64>,
    /// A V T, then beside it V for the update: n rows, twice the width.
    y: Buffer<f64>,
    /// A^T V.
    z: Buffer<f64>,
    /// The upper triangle T.
    t: Vec<f64>,
    /// A vector with a value for each row.
    column: Vec<f64>,
    /// A second one, for the other half of a product.
    parts: Vec<f64>,
}

impl Panel {
    fn new(n: usize, level: Level) -> Self {
        let step = n.next_multiple_of(8) + 8;
        let zeros = || Buffer::zeros(step * 2 * PANEL);
        Panel { level, step, v: zeros(), y: zeros(), z: zeros(), t: vec![0.0; PANEL * PANEL], column: vec![0.0; n], parts: vec![0.0; n] }
    }

    /// Reduces the `width` columns from `first` on.
    fn reduce(&mut self, a: &mut BlockMut<'_>, first: usize, width: usize, workers: &mut Workers) {
        let (n, top) = (a.rows(), first + 1);
        let m = n - top;
        for i in 0..width {
            self.bring_up_to_date(a, first, i);
            let column = &mut a.column(first + i)[top..];
            let (tau, beta) = householder(self.level, &mut column[i..]);
            let v = &mut self.v[i * self.step..][..m];
            v[..i].fill(0.0);
            v[i..].copy_from_slice(&column[i..]);
            column[i..].fill(0.0);
            column[i] = beta;
            self.multiply(a.view().part(top..n, first + 1 + i..n), i, tau, workers);
        }
    }

    /// Applies the reflections so far to column `i` of the panel.
    fn bring_up_to_date(&mut self, a: &mut BlockMut<'_>, first: usize, i: usize) {
        if i == 0 {
            return;
        }
        let (m, level) = (a.rows() - first - 1, self.level);
        let column = &mut a.column(first + i)[first + 1..];
        let (v, y) = (block(&self.v, m, i, self.step), block(&self.y, m, i, self.step));
        let (mut row, mut w) = ([0.0; PANEL], [0.0; PANEL]);
        (0..i).for_each(|p| row[p] = -v.at(i - 1, p));
        add_product(level, y, &row[..i], column);
        transposed_product(level, v, column, &mut row[..i]);
        (0..i).for_each(|q| w[q] = -(0..=q).map(|p| self.t[p + q * PANEL] * row[p]).sum::<f64>());
        add_product(level, v, &w[..i], column);
    }

    /// The columns `i` of Y, Z and T. `a` has all rows below the first and all columns after the present one.
    fn multiply(&mut self, a: Block<'_>, i: usize, tau: f64, workers: &mut Workers) {
        let (m, step, level) = (a.rows(), self.step, self.level);
        let (v, z) = (&self.v[i * step..][..m], &mut self.z[i * step..][..m]);
        let y = &mut self.column[..m];
        y.fill(0.0);
        z[..i].fill(0.0);
        let z = &mut z[i..];
        if m < LARGE {
            both_products(level, a, (&v[i..], v), y, z);
        } else {
            let (half, columns) = ((m - i) / 16 * 8, m - i);
            let (left, right) = (a.part(0..m, 0..half), a.part(0..m, half..columns));
            let ((x_left, x_right), (z_left, z_right)) = (v[i..].split_at(half), z.split_at_mut(half));
            let rest = &mut self.parts[..m];
            rest.fill(0.0);
            workers
                .both(|_| both_products(level, left, (x_left, v), y, z_left), |_| both_products(level, right, (x_right, v), rest, z_right));
            y.iter_mut().zip(rest).for_each(|(y, rest)| *y += *rest);
        }
        let mut row = [0.0; PANEL];
        transposed_product(level, block(&self.v, m, i, step), v, &mut row[..i]);
        let minus: Vec<f64> = row[..i].iter().map(|x| -x).collect();
        let (before, here) = self.y.split_at_mut(i * step);
        add_product(level, block(before, m, i, step), &minus, y);
        here[..m].iter_mut().zip(y).for_each(|(to, y)| *to = tau * *y);
        for p in 0..i {
            self.t[p + i * PANEL] = -tau * (p..i).map(|q| self.t[p + q * PANEL] * row[q]).sum::<f64>();
        }
        self.t[i + i * PANEL] = tau;
    }

    /// Applies the reflections of the panel to the columns after it and to the rows above it.
    fn update(&mut self, a: &mut BlockMut<'_>, first: usize, width: usize, workers: &mut Workers) {
        let (n, step, top) = (a.rows(), self.step, first + 1);
        let m = n - top;
        // Z gets the part of the columns after the panel: (Z - V (V^T Y)^T) T, to be multiplied with V from the left.
        let mut vy = vec![0.0; PANEL * PANEL];
        let mut vy = BlockMut::new(&mut vy, width, width, PANEL);
        let (v, y) = (block(&self.v, m, width, step), block(&self.y, m, width, step));
        workers.first().add(1.0, v.transposed(), y, &mut vy);
        let mut z = BlockMut::new(&mut self.z, m, width, step);
        workers.first().add(-1.0, v, vy.view().transposed(), &mut z);
        for q in width..PANEL {
            (0..PANEL).for_each(|p| self.t[p + q * PANEL] = 0.0);
        }
        let t = block(&self.t, width, width, PANEL);
        workers.apply_right(&mut z, t);
        self.top(a, top, width, workers);
        // [Y V] [V Z]^T in one product.
        let (left, right) = (2 * width, width - 1..m);
        let (from, to) = (0..width * step, width * step..2 * width * step);
        self.y[to.clone()].copy_from_slice(&self.v[from.clone()]);
        self.v[to].copy_from_slice(&self.z[from]);
        let (y, v) = (block(&self.y, m, left, step), block(&self.v, m, left, step));
        workers.add(-1.0, y, v.part(right, 0..left).transposed(), &mut a.part(top..n, first + width..n));
    }

    /// The rows above: A - A V T V^T.
    fn top(&mut self, a: &mut BlockMut<'_>, top: usize, width: usize, workers: &mut Workers) {
        let (n, step) = (a.rows(), self.step);
        let v = block(&self.v, n - top, width, step);
        let mut w = vec![0.0; top * width];
        let mut w = BlockMut::new(&mut w, top, width, top);
        workers.add(1.0, a.view().part(0..top, top..n), v, &mut w);
        workers.apply_right(&mut w, block(&self.t, width, width, PANEL));
        workers.add(-1.0, w.view(), v.transposed(), &mut a.part(0..top, top..n));
    }
}

/// Columns one after the other, as a block.
fn block(values: &[f64], rows: usize, columns: usize, step: usize) -> Block<'_> {
    Block::new(values, rows, columns, step)
}

/// Turns `x` into the vector v of the reflection 1 - tau v v^T that takes it to (beta, 0, ...), with v[0] = 1; returns tau and beta.
pub fn householder(level: Level, x: &mut [f64]) -> (f64, f64) {
    let size = x[1..].iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    let first = std::mem::replace(&mut x[0], 1.0);
    if size == 0.0 {
        return (0.0, first);
    }
    let scale = size.max(first.abs());
    x[1..].iter_mut().for_each(|x| *x /= scale);
    let a = first / scale;
    let beta = -(a * a + dot(level, &x[1..], &x[1..])).sqrt().copysign(a);
    x[1..].iter_mut().for_each(|x| *x /= a - beta);
    ((beta - a) / beta, beta * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reduced_matrix_is_hessenberg_and_keeps_what_a_change_of_basis_keeps() {
        for n in [1, 2, 3, 4, 49, 50, 51, 130, 600] {
            let mut a: Vec<f64> = (0..n * n).map(|k| ((k * k % 1009) as f64 * 0.37).sin()).collect();
            // Traces of A, A² and A A^T.
            let traces = |a: &[f64]| {
                let squares = (0..n * n).map(|k| a[k] * a[k % n * n + k / n]).sum::<f64>();
                [(0..n).map(|i| a[i * n + i]).sum(), squares, a.iter().map(|x| x * x).sum()]
            };
            let before: [f64; 3] = traces(&a);
            reduce(&mut BlockMut::new(&mut a, n, n, n), &mut Workers::new());
            for (after, before) in traces(&a).iter().zip(before) {
                assert!((after - before).abs() < 1e-13 * (n * n) as f64, "{n}: {after} instead of {before}");
            }
            assert!((0..n).all(|j| a[j * n..(j + 1) * n].iter().skip(j + 2).all(|below| *below == 0.0)), "{n}");
        }
    }
}
