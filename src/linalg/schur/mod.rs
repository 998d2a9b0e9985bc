//! Schur form by the multishift QR iteration, for large Hessenberg matrices.
//!
//! Bulges of two shifts each are chased in chains, and the reflections of a chain reach the matrix far from the diagonal as one matrix
//! product (K. Braman, R. Byers & R. Mathias, SIAM J. Matrix Anal. Appl. 23, 929, 2002). Before each sweep the Schur form of a window at
//! the end of the matrix shows which eigenvalues have converged already (the same authors, 23, 948): aggressive early deflation. Its
//! other eigenvalues are the shifts of the sweep.

mod chain;
mod deflation;
mod form;
mod francis;
mod swap;

pub use form::Form;

use super::workers::Workers;
use form::Pair;

/// Rows up to which bulges are chased one by one.
const SMALL: usize = 72;

/// Percent of a window that must deflate for the next window to be tried without a sweep.
const ENOUGH: usize = 14;

/// Sweeps without a deflation after which other shifts are tried.
const STUCK: usize = 6;

/// Makes the Hessenberg matrix of `form` triangular but for blocks of two rows, each with a conjugate pair of eigenvalues and with equal
/// elements on its diagonal. Without a basis only these blocks, not what is above them, are valid. False if the iteration fails.
pub fn triangularise(form: &mut Form<'_>, workers: &mut Workers) -> bool {
    let n = form.size();
    let (mut end, mut idle) = (n, 0);
    for _ in 0..30 * n.max(10) {
        if end == 0 {
            return true;
        }
        let start = form.unreduced(0, end);
        if end - start <= SMALL {
            if !francis::iterate(form, start, end, workers.level()) {
                return false;
            }
            (end, idle) = (start, 0);
            continue;
        }
        let (shifts, window) = sizes(end - start);
        // A window that found nothing is made larger.
        let window = (window << (idle / STUCK).min(3)).min((end - start) / 3).min(Workers::IN_PLACE);
        let found = deflation::deflate(form, start, end, window, workers);
        end -= found.deflated;
        idle = if found.deflated == 0 { idle + 1 } else { 0 };
        if end == 0 || 100 * found.deflated > ENOUGH * window {
            continue;
        }
        let start = form.unreduced(start, end);
        if end - start > SMALL {
            let shifts = shifts.min((end - start) / 3);
            let pairs =
                if idle > 0 && idle.is_multiple_of(STUCK) { exceptional(form, end, shifts) } else { chosen(found.shifts, shifts / 2) };
            chain::sweep(form, start, end, &pairs, workers);
        }
    }
    false
}

/// Shifts of a sweep and rows of the window before it, for an active block of `n` rows.
fn sizes(n: usize) -> (usize, usize) {
    match n {
        0..150 => (10, 16),
        150..400 => (24, 36),
        400..1200 => (48, 80),
        1200..3000 => (64, 110),
        _ => (128, 200),
    }
}

/// The `count` pairs of the smallest sizes.
fn chosen(mut pairs: Vec<Pair>, count: usize) -> Vec<Pair> {
    let size = |pair: &Pair| pair.re[0].abs() + pair.re[1].abs() + 2.0 * pair.im.abs();
    pairs.sort_by(|a, b| size(a).total_cmp(&size(b)));
    pairs.truncate(count.max(1));
    pairs
}

/// Shifts from the diagonal, moved by the elements beside it, for an iteration that runs in a circle.
fn exceptional(form: &Form<'_>, end: usize, shifts: usize) -> Vec<Pair> {
    let beside = |i: usize| form.h.at(i, i - 1).abs() + form.h.at(i - 1, i - 2).abs();
    let rows = (0..shifts / 2).map(|k| end - 1 - 2 * k);
    rows.map(|i| Pair { re: [form.h.at(i, i) + 0.75 * beside(i); 2], im: 0.661 * beside(i) }).collect()
}
