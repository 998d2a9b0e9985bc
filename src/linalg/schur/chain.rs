//! A sweep of many shifts: chains of bulges, each of two shifts.

use super::form::{Form, Pair};
use crate::kernels::{BlockMut, Buffer, Level, Reflector};
use crate::linalg::workers::Workers;

/// Bulges of a chain.
const BULGES: usize = 32;

/// Rows from a bulge to the next.
const SPACE: usize = 3;

/// Chases bulges with these shifts through the unreduced rows `start..end`.
pub fn sweep(form: &mut Form<'_>, start: usize, end: usize, pairs: &[Pair], workers: &mut Workers) {
    for pairs in pairs.chunks(BULGES) {
        Chain { start, end, pairs, level: workers.level() }.chase(form, workers);
    }
}

/// A chain of bulges. The first pair makes the bulge that goes ahead. In step t bulge b moves from row start + t - 3 b to the next.
struct Chain<'a> {
    start: usize,
    end: usize,
    pairs: &'a [Pair],
    level: Level,
}

impl Chain<'_> {
    /// Moves the chain by its own length at a time: near the diagonal at once, elsewhere by matrix products.
    fn chase(&self, form: &mut Form<'_>, workers: &mut Workers) {
        let length = SPACE * (self.pairs.len() - 1);
        let steps = self.end - self.start - 1;
        let pace = (length + SPACE).max(24);
        let side = length + pace + 8;
        let (mut near, mut turned) = (Buffer::zeros(side * side), Buffer::zeros(side * side));
        let mut from = 0;
        while from < steps + length {
            let to = (from + pace).min(steps + length);
            // Rows that reflections turn, and those that they reach.
            let turn = self.start + from.saturating_sub(length)..self.end.min(self.start + (to - 1).min(steps - 1) + 3);
            let reach = self.start.max(turn.start.saturating_sub(1))..self.end.min(turn.end + 1);
            let (size, all) = (turn.len(), reach.len());
            let mut near = BlockMut::new(&mut near, all, all, side);
            let mut u = BlockMut::new(&mut turned, size, size, side);
            near.copy_from(form.h.view().part(reach.clone(), reach.clone()));
            u.set_identity();
            for t in from..to {
                for (b, pair) in self.pairs.iter().enumerate().filter(|(b, _)| (SPACE * b..SPACE * b + steps).contains(&t)) {
                    self.advance(&mut near, &mut u, *pair, (self.start + t - SPACE * b, reach.start, turn.start));
                }
            }
            form.h.part(reach.clone(), reach.clone()).copy_from(near.view());
            let (top, columns) = form.reach(self.start, self.end);
            workers.apply_right(&mut form.h.part(top..reach.start, turn.clone()), u.view());
            workers.apply_left(u.view().transposed(), &mut form.h.part(turn.clone(), reach.end..columns));
            if let Some(z) = &mut form.z {
                let rows = 0..z.rows();
                workers.apply_right(&mut z.part(rows, turn.clone()), u.view());
            }
            from = to;
        }
    }

    /// Moves one bulge away from row `row`; `reach` and `turn` are the first rows of the two blocks.
    fn advance(&self, near: &mut BlockMut<'_>, u: &mut BlockMut<'_>, pair: Pair, (row, reach, turn): (usize, usize, usize)) {
        let (size, k, all) = ((self.end - row).min(3), row - reach, near.rows());
        let by = if row == self.start {
            Reflector::of(Form::first_column(near, k, pair)).0
        } else {
            let third = if size == 3 { near.at(k + 2, k - 1) } else { 0.0 };
            let (by, beta) = Reflector::of([near.at(k, k - 1), near.at(k + 1, k - 1), third]);
            near.part(k..k + size, k - 1..k).column(0).copy_from_slice(&[beta, 0.0, 0.0][..size]);
            by
        };
        by.to_rows(self.level, near.part(k..k + size, k..all));
        by.to_columns(self.level, near.part(0..all.min(k + 4), k..k + size));
        let (rows, at) = (u.rows(), row - turn);
        by.to_columns(self.level, u.part(0..rows, at..at + size));
    }
}
