//! Changes of order in a Schur form.

use super::form::Form;
use crate::kernels::{BlockMut, Level, Reflector};

/// Moves the diagonal block that starts in row `from` up to row `to`, which must be the start of a block. Returns the row where it stands in
/// the end: below `to` if blocks are too close to be swapped, or if the block fell apart into two.
pub fn move_up(form: &mut Form<'_>, from: usize, to: usize, level: Level) -> usize {
    let mut here = from;
    while here > to {
        let size = height(form, here);
        let before = if here >= 2 && form.h.at(here - 1, here - 2) != 0.0 { 2 } else { 1 };
        if !swap(form, here - before, before, size, level) {
            break;
        }
        here -= before;
        if height(form, here) != size {
            break;
        }
    }
    here
}

/// Rows of the diagonal block that starts in row `k`.
pub fn height(form: &Form<'_>, k: usize) -> usize {
    if k + 1 < form.size() && form.h.at(k + 1, k) != 0.0 { 2 } else { 1 }
}

/// Swaps the neighbouring diagonal blocks A of `p` and B of `q` rows from row `k` on, if that can be done without harm.
///
/// With A X - X B = C, the block above them, the columns of (-X, 1) span the invariant space of B: reflections that take it to the first
/// rows bring B to the top (Z. Bai & J. W. Demmel, Linear Algebra Appl. 186, 73, 1993).
fn swap(form: &mut Form<'_>, k: usize, p: usize, q: usize, level: Level) -> bool {
    let size = p + q;
    let mut copy = [0.0; 16];
    let mut copy = BlockMut::new(&mut copy, size, size, 4);
    copy.copy_from(form.h.view().part(k..k + size, k..k + size));
    let largest = (0..16).filter(|at| at / 4 < size && at % 4 < size).fold(0.0_f64, |m, at| m.max(copy.at(at % 4, at / 4).abs()));
    let reflections = reflections(sylvester(&copy, largest, p, q), p, q);
    for (c, by) in reflections.iter().enumerate().take(q) {
        by.to_rows(level, copy.part(c..c + p + 1, 0..size));
        by.to_columns(level, copy.part(0..size, c..c + p + 1));
    }
    let rest = (q..size).flat_map(|i| (0..q).map(move |j| (i, j))).fold(0.0_f64, |m, (i, j)| m.max(copy.at(i, j).abs()));
    if rest > 10.0 * f64::EPSILON * largest {
        return false;
    }
    let n = form.size();
    for (c, by) in reflections.iter().enumerate().take(q) {
        by.to_rows(level, form.h.part(k + c..k + c + p + 1, k..n));
        by.to_columns(level, form.h.part(0..k + size, k + c..k + c + p + 1));
        if let Some(z) = &mut form.z {
            let all = 0..z.rows();
            by.to_columns(level, z.part(all, k + c..k + c + p + 1));
        }
    }
    (q..size).for_each(|i| (0..q).for_each(|j| form.h.set(k + i, k + j, 0.0)));
    if q == 2 {
        form.standardise(k, 0, n);
    }
    if p == 2 {
        form.standardise(k + q, 0, n);
    }
    true
}

/// The reflections that take (-X, 1) to its first rows; reflection c acts on the p + 1 rows from c on.
fn reflections(x: [[f64; 2]; 2], p: usize, q: usize) -> [Reflector; 2] {
    let mut m = [[0.0; 4]; 2];
    for (j, m) in m.iter_mut().enumerate().take(q) {
        (0..p).for_each(|i| m[i] = -x[i][j]);
        m[p + j] = 1.0;
    }
    let mut found = [Reflector { v: [0.0; 2], tau: 0.0 }; 2];
    for c in 0..q {
        let third = if p == 2 { m[c][c + 2] } else { 0.0 };
        let (by, _) = Reflector::of([m[c][c], m[c][c + 1], third]);
        found[c] = by;
        if c == 0 && q == 2 {
            let column = &mut m[1];
            let sum = by.tau * (column[0] + by.v[0] * column[1] + by.v[1] * column[2]);
            column[0] -= sum;
            column[1] -= sum * by.v[0];
            column[2] -= sum * by.v[1];
        }
    }
    found
}

/// X with A X - X B = C for the block [[A, C], [0, B]] and its largest element, by elimination.
fn sylvester(block: &BlockMut<'_>, largest: f64, p: usize, q: usize) -> [[f64; 2]; 2] {
    let n = p * q;
    let mut system = [[0.0; 5]; 4];
    for (i, j) in (0..p).flat_map(|i| (0..q).map(move |j| (i, j))) {
        let row = &mut system[i + p * j];
        (0..p).for_each(|l| row[l + p * j] += block.at(i, l));
        (0..q).for_each(|l| row[i + p * l] -= block.at(p + l, p + j));
        row[4] = block.at(i, p + j);
    }
    let least = (f64::EPSILON * largest).max(f64::MIN_POSITIVE);
    for c in 0..n {
        let pivot = (c..n).max_by(|a, b| system[*a][c].abs().total_cmp(&system[*b][c].abs())).unwrap_or(c);
        system.swap(c, pivot);
        // Blocks of equal eigenvalues: whether the swap is good enough is judged afterwards.
        if system[c][c].abs() < least {
            system[c][c] = least;
        }
        for r in c + 1..n {
            let factor = system[r][c] / system[c][c];
            (c..5).for_each(|l| system[r][l] -= factor * system[c][l]);
        }
    }
    let mut x = [0.0; 4];
    for c in (0..n).rev() {
        x[c] = (system[c][4] - (c + 1..n).map(|l| system[c][l] * x[l]).sum::<f64>()) / system[c][c];
    }
    let at = |i: usize, j: usize| if i < p && j < q { x[i + p * j] } else { 0.0 };
    [[at(0, 0), at(0, 1)], [at(1, 0), at(1, 1)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Schur form with blocks of these sizes, eigenvalues apart from each other.
    fn schur_form(sizes: &[usize]) -> Vec<f64> {
        let n: usize = sizes.iter().sum();
        let mut h: Vec<f64> = (0..n * n).map(|at| if at % n <= at / n { ((at * 7) as f64).sin() } else { 0.0 }).collect();
        let mut k = 0;
        for (b, size) in sizes.iter().enumerate() {
            h[k + k * n] = b as f64;
            if *size == 2 {
                h[(k + 1) * (n + 1)] = b as f64;
                (h[k + 1 + k * n], h[k + (k + 1) * n]) = (-0.5, 0.7 + b as f64);
            }
            k += size;
        }
        h
    }

    #[test]
    fn a_block_that_moves_up_takes_its_eigenvalues_along() {
        for sizes in [[1, 1, 1, 1], [2, 1, 2, 1], [1, 2, 1, 2], [2, 2, 2, 2], [2, 2, 1, 1]] {
            let n: usize = sizes.iter().sum();
            let (mut h, mut z) = (schur_form(&sizes), vec![0.0; n * n]);
            let original = h.clone();
            let mut form = Form { h: BlockMut::new(&mut h, n, n, n), z: Some(BlockMut::new(&mut z, n, n, n)) };
            form.z.iter_mut().for_each(|z| z.set_identity());
            let (last, values) = (n - sizes[3], form.eigenvalues());
            assert_eq!(move_up(&mut form, last, 0, Level::detect()), 0, "{sizes:?}");
            let moved = form.eigenvalues();
            let expected: Vec<_> = values[last..].iter().chain(&values[..last]).collect();
            assert!(moved.iter().zip(expected).all(|(a, b)| (a - b).norm() < 1e-13), "{sizes:?}: {moved:?}");
            // Z H Z^T is the matrix from before.
            let (h, z) = (nalgebra::DMatrix::from_vec(n, n, h), nalgebra::DMatrix::from_vec(n, n, z));
            assert!((&z * h * z.transpose() - nalgebra::DMatrix::from_vec(n, n, original)).amax() < 1e-13, "{sizes:?}");
        }
    }

    #[test]
    fn equal_eigenvalues_do_no_harm() {
        let mut h: Vec<f64> = (0..36).map(|at| if at % 6 <= at / 6 { 1.0 } else { 0.0 }).collect();
        let mut z = vec![0.0; 36];
        let mut form = Form { h: BlockMut::new(&mut h, 6, 6, 6), z: Some(BlockMut::new(&mut z, 6, 6, 6)) };
        move_up(&mut form, 5, 0, Level::detect());
        assert!(form.eigenvalues().iter().all(|value| (value - 1.0).norm() < 1e-14));
    }
}
