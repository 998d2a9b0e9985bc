//! The double-shift QR iteration of Francis, for small blocks.

use super::form::{Form, Pair};
use crate::kernels::{Level, Reflector};

/// Steps without a deflation after which other shifts are tried.
const STUCK: usize = 10;

/// Makes the rows `start..end` triangular as [`super::triangularise`] does; false if the iteration fails.
pub fn iterate(form: &mut Form<'_>, start: usize, end: usize, level: Level) -> bool {
    let (mut end, mut idle) = (end, 0);
    for _ in 0..30 * (end - start).max(10) {
        if end <= start {
            return true;
        }
        let first = form.unreduced(start, end);
        if end - first > 2 {
            idle += 1;
            step(form, first, end, shifts(form, first, end, idle), level);
            continue;
        }
        if end - first == 2 {
            let (top, columns) = form.reach(first, end);
            form.standardise(first, top, columns);
        }
        (end, idle) = (first, 0);
    }
    end <= start
}

/// The eigenvalues of the last two rows; of two real ones twice the one nearer to the last element.
fn shifts(form: &Form<'_>, first: usize, end: usize, idle: usize) -> Pair {
    let h = |i: usize, j: usize| form.h.at(i, j);
    let last = end - 1;
    if idle.is_multiple_of(STUCK) {
        let (at, size) = match idle / STUCK % 2 {
            0 => (first, h(first + 1, first).abs() + h(first + 2, first + 1).abs()),
            _ => (last, h(last, last - 1).abs() + h(last - 1, last - 2).abs()),
        };
        return Pair { re: [h(at, at) + 0.75 * size; 2], im: 0.661 * size };
    }
    let (a, b, c, d) = (h(last - 1, last - 1), h(last - 1, last), h(last, last - 1), h(last, last));
    let scale = a.abs() + b.abs() + c.abs() + d.abs();
    if scale == 0.0 {
        return Pair { re: [0.0; 2], im: 0.0 };
    }
    let p = 0.5 * (a - d) / scale;
    let square = p * p + (b / scale) * (c / scale);
    if square < 0.0 {
        return Pair { re: [0.5 * (a + d); 2], im: (-square).sqrt() * scale };
    }
    let far = p + square.sqrt().copysign(p);
    let near = if far == 0.0 { 0.0 } else { -(b / scale) * (c / scale) / far };
    let near = if near.abs() <= far.abs() { near } else { far };
    Pair { re: [d + near * scale; 2], im: 0.0 }
}

/// One double step on the unreduced rows `first..end`, from where two elements beside the diagonal are small together.
fn step(form: &mut Form<'_>, first: usize, end: usize, shifts: Pair, level: Level) {
    let (top, columns) = form.reach(first, end);
    let mut m = end - 3;
    let mut x = Form::first_column(&form.h, m, shifts);
    while m > first {
        let h = |i: usize, j: usize| form.h.at(i, j).abs();
        let diagonal = h(m - 1, m - 1) + h(m, m) + h(m + 1, m + 1);
        if h(m, m - 1) * (x[1].abs() + x[2].abs()) <= f64::EPSILON * x[0].abs() * diagonal {
            break;
        }
        m -= 1;
        x = Form::first_column(&form.h, m, shifts);
    }
    for k in m..end - 1 {
        let size = (end - k).min(3);
        if k > m {
            x = [form.h.at(k, k - 1), form.h.at(k + 1, k - 1), if size == 3 { form.h.at(k + 2, k - 1) } else { 0.0 }];
        }
        let (by, beta) = Reflector::of(x);
        if k > m {
            form.h.part(k..k + size, k - 1..k).column(0).copy_from_slice(&[beta, 0.0, 0.0][..size]);
        } else if m > first {
            form.h.set(m, m - 1, form.h.at(m, m - 1) * (1.0 - by.tau));
        }
        form.reflect(level, (by, size), k, columns, top..(k + 4).min(end));
    }
}
