//! Aggressive early deflation.

use super::form::{Form, Pair};
use super::{SMALL, francis, swap, triangularise};
use crate::kernels::{BlockMut, Buffer, Level, add_product, transposed_product};
use crate::linalg::hessenberg::householder;
use crate::linalg::workers::Workers;

/// What a window gave.
pub struct Found {
    /// Eigenvalues that stand at the end of the window and need no more work.
    pub deflated: usize,
    /// The other eigenvalues of the window.
    pub shifts: Vec<Pair>,
}

/// Looks for converged eigenvalues in the last `window` rows of the unreduced block `start..end`.
///
/// In the Schur form V^T W V of the window W, the one element s before the window becomes the column s V^T e_1, the spike. Where its last
/// elements are negligible the eigenvalues beside them have converged; the others are moved to the top to bring the next ones to the
/// end. What is left is made Hessenberg again.
pub fn deflate(form: &mut Form<'_>, start: usize, end: usize, window: usize, workers: &mut Workers) -> Found {
    let (first, level) = (end - window, workers.level());
    let step = window.next_multiple_of(8) + 8;
    let (mut t, mut v) = (Buffer::zeros(step * window), Buffer::zeros(step * window));
    let mut t = BlockMut::new(&mut t, window, window, step);
    t.copy_from(form.h.view().part(first..end, first..end));
    let mut v = BlockMut::new(&mut v, window, window, step);
    v.set_identity();
    let before = if first > start { form.h.at(first, first - 1) } else { 0.0 };
    let mut small = Form { h: t, z: Some(v) };
    clear(&mut small.h);
    let done = if window > SMALL { triangularise(&mut small, workers) } else { francis::iterate(&mut small, 0, window, level) };
    if !done {
        return Found { deflated: 0, shifts: Vec::new() };
    }
    let left = converged(&mut small, before, level);
    let shifts = eigenvalues(&small, left);
    if left < window || before == 0.0 {
        let before = if left == 0 { 0.0 } else { before };
        let before = if left > 1 && before != 0.0 { before * restore(&mut small, left, level) } else { before * corner(&small) };
        if first > start {
            form.h.set(first, first - 1, before);
        }
        put_back(form, small, start..end, workers);
    }
    Found { deflated: window - left, shifts }
}

/// The first element of the basis.
fn corner(small: &Form<'_>) -> f64 {
    small.z.as_ref().map_or(1.0, |v| v.at(0, 0))
}

/// Sets what is below the first diagonal beside the main one to zero.
fn clear(t: &mut BlockMut<'_>) {
    let n = t.rows();
    for j in 0..n {
        t.column(j)[(j + 2).min(n)..].fill(0.0);
    }
}

/// Sorts what has converged to the end; returns the number of eigenvalues before it.
fn converged(small: &mut Form<'_>, before: f64, level: Level) -> usize {
    let n = small.size();
    let tiny = f64::MIN_POSITIVE * (n as f64 / f64::EPSILON);
    let (mut left, mut kept) = (n, 0);
    while kept < left {
        let pair = left > 1 && small.h.at(left - 1, left - 2) != 0.0;
        let from = if pair { left - 2 } else { left - 1 };
        let mut size = small.h.at(left - 1, left - 1).abs();
        if pair {
            size += small.h.at(left - 1, left - 2).abs().sqrt() * small.h.at(left - 2, left - 1).abs().sqrt();
        }
        let size = if size == 0.0 { before.abs() } else { size };
        let Some(v) = &small.z else { return n };
        let spike = (from..left).fold(0.0_f64, |most, j| most.max((before * v.at(0, j)).abs()));
        if spike <= tiny.max(f64::EPSILON * size) {
            left = from;
        } else {
            let to = swap::move_up(small, from, kept, level);
            kept = to + swap::height(small, to);
        }
    }
    left
}

/// The first `count` eigenvalues in pairs: conjugate ones, or real ones that follow each other; an odd one is paired with itself.
fn eigenvalues(small: &Form<'_>, count: usize) -> Vec<Pair> {
    let (mut pairs, mut waiting, mut k) = (Vec::new(), None, 0);
    while k < count {
        let value = small.h.at(k, k);
        if swap::height(small, k) == 2 {
            let im = small.h.at(k + 1, k).abs().sqrt() * small.h.at(k, k + 1).abs().sqrt();
            pairs.push(Pair { re: [value; 2], im });
            k += 2;
            continue;
        }
        match waiting.take() {
            Some(other) => pairs.push(Pair { re: [other, value], im: 0.0 }),
            None => waiting = Some(value),
        }
        k += 1;
    }
    pairs.extend(waiting.map(|value| Pair { re: [value; 2], im: 0.0 }));
    pairs
}

/// Reflects the first `left` elements of the spike onto the first one and makes the window Hessenberg again. Returns the spike by its
/// factor.
fn restore(small: &mut Form<'_>, left: usize, level: Level) -> f64 {
    let n = small.size();
    let Some(v) = &mut small.z else { return 1.0 };
    let mut x: Vec<f64> = (0..left).map(|j| v.at(0, j)).collect();
    let (tau, beta) = householder(level, &mut x);
    from_left(level, small.h.part(0..left, 0..n), &x, tau);
    from_right(level, small.h.part(0..left, 0..left), &x, tau);
    from_right(level, v.part(0..n, 0..left), &x, tau);
    for k in 0..left.saturating_sub(2) {
        let column = &mut small.h.column(k)[k + 1..left];
        let (tau, beta) = householder(level, column);
        let x = column.to_vec();
        column.fill(0.0);
        column[0] = beta;
        from_left(level, small.h.part(k + 1..left, k + 1..n), &x, tau);
        from_right(level, small.h.part(0..left, k + 1..left), &x, tau);
        from_right(level, v.part(0..n, k + 1..left), &x, tau);
    }
    beta
}

/// `block = (1 - tau x x^T) block`.
fn from_left(level: Level, mut block: BlockMut<'_>, x: &[f64], tau: f64) {
    let mut row = vec![0.0; block.columns()];
    transposed_product(level, block.view(), x, &mut row);
    for (j, row) in row.iter().enumerate() {
        let factor = tau * row;
        block.column(j).iter_mut().zip(x).for_each(|(a, x)| *a -= factor * x);
    }
}

/// `block = block (1 - tau x x^T)`.
fn from_right(level: Level, mut block: BlockMut<'_>, x: &[f64], tau: f64) {
    let mut column = vec![0.0; block.rows()];
    add_product(level, block.view(), x, &mut column);
    for (j, x) in x.iter().enumerate() {
        let factor = tau * x;
        block.column(j).iter_mut().zip(&column).for_each(|(a, c)| *a -= factor * c);
    }
}

/// Writes the window back and turns what is beside it.
fn put_back(form: &mut Form<'_>, small: Form<'_>, active: std::ops::Range<usize>, workers: &mut Workers) {
    let (window, end) = (small.size(), active.end);
    let first = end - window;
    let Some(v) = &small.z else { return };
    form.h.part(first..end, first..end).copy_from(small.h.view());
    let (top, columns) = form.reach(active.start, end);
    workers.apply_right(&mut form.h.part(top..first, first..end), v.view());
    workers.apply_left(v.view().transposed(), &mut form.h.part(first..end, end..columns));
    if let Some(z) = &mut form.z {
        let all = 0..z.rows();
        workers.apply_right(&mut z.part(all, first..end), v.view());
    }
}
