//! Workers: matrix products by one or two threads.

use crate::kernels::{Block, BlockMut, Level, Multiplier};

/// Values of a product from which it is worth two threads.
const LARGE: usize = 1 << 14;

/// Two multipliers, for two threads. No product depends on how it is divided between them.
pub struct Workers {
    level: Level,
    first: Multiplier,
    second: Multiplier,
}

impl Workers {
    /// Rows or columns up to which a product may replace one of its factors.
    pub const IN_PLACE: usize = Multiplier::IN_PLACE;

    /// With the level of this machine.
    pub fn new() -> Self {
        let level = Level::detect();
        Workers { level, first: Multiplier::new(level), second: Multiplier::new(level) }
    }

    /// The SIMD level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// One multiplier, for small products.
    pub fn first(&mut self) -> &mut Multiplier {
        &mut self.first
    }

    /// Runs both, at the same time where there are two threads.
    pub fn both(&mut self, first: impl FnOnce(&mut Multiplier) + Send, second: impl FnOnce(&mut Multiplier) + Send) {
        let (one, two) = (&mut self.first, &mut self.second);
        if rayon::current_num_threads() > 1 {
            rayon::join(|| first(one), || second(two));
        } else {
            first(one);
            second(one);
        }
    }

    /// `to += scale * left * right`.
    pub fn add(&mut self, scale: f64, left: Block<'_>, right: Block<'_>, to: &mut BlockMut<'_>) {
        let (rows, columns, terms) = (to.rows(), to.columns(), left.columns());
        if rows * columns < LARGE || rayon::current_num_threads() == 1 {
            return self.first.add(scale, left, right, to);
        }
        let to = to.part(0..rows, 0..columns);
        if columns >= rows {
            let half = columns / 2;
            let (mut one, mut two) = to.split_columns(half);
            let (first, second) = (right.part(0..terms, 0..half), right.part(0..terms, half..columns));
            self.both(|by| by.add(scale, left, first, &mut one), |by| by.add(scale, left, second, &mut two));
        } else {
            let half = rows / 2;
            let (mut one, mut two) = to.split_rows(half);
            let (first, second) = (left.part(0..half, 0..terms), left.part(half..rows, 0..terms));
            self.both(|by| by.add(scale, first, right, &mut one), |by| by.add(scale, second, right, &mut two));
        }
    }

    /// `to = to * right`.
    pub fn apply_right(&mut self, to: &mut BlockMut<'_>, right: Block<'_>) {
        let (rows, columns) = (to.rows(), to.columns());
        if rows * columns < LARGE || rayon::current_num_threads() == 1 {
            return self.first.apply_right(to, right);
        }
        let (mut one, mut two) = to.part(0..rows, 0..columns).split_rows(rows / 2);
        self.both(|by| by.apply_right(&mut one, right), |by| by.apply_right(&mut two, right));
    }

    /// `to = left * to`.
    pub fn apply_left(&mut self, left: Block<'_>, to: &mut BlockMut<'_>) {
        let (rows, columns) = (to.rows(), to.columns());
        if rows * columns < LARGE || rayon::current_num_threads() == 1 {
            return self.first.apply_left(left, to);
        }
        let (mut one, mut two) = to.part(0..rows, 0..columns).split_columns(columns / 2);
        self.both(|by| by.apply_left(left, &mut one), |by| by.apply_left(left, &mut two));
    }
}
