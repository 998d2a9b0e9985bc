//! Correlations: the inverse correlation matrix of many patterns under recursive least squares, half of each stored.
//!
//! The lower triangle is cut into blocks of a few rows. A block holds its columns one after the other up to the diagonal, then its part of
//! the triangle. One sweep reads and writes each element once: it adds the changes that wait from the sweep before, and uses the result
//! for its row and for its column in the product with every observation of this sweep. It goes over tiles of columns, whose gains, rates
//! and sums stay in the first cache while all rows pass. Several observations may share a sweep because
//! none depends on P: k_t = P_0 r_t - sum over s < t of c_s k_s (k_s . r_t) leads from the P of the sweep to that of observation t.

use super::super::buffer::Buffer;
use super::super::lanes::launch;
use super::super::level::Level;
use super::super::real::Real;
use super::sweep::{Judged, MOST, Sweep};
use super::{Room, patterns};
use std::ops::Deref;

/// P of every pattern, and the last gains.
#[derive(Clone, Debug)]
pub struct Correlations<T: Real> {
    /// Inputs.
    n: usize,
    /// Level of the sweeps.
    level: Level,
    /// Observations of a sweep.
    together: usize,
    /// Patterns.
    lanes: usize,
    /// Vectors before each element of a triangle, which are told row after row.
    places: Vec<usize>,
    /// The lower triangles, without the changes that wait.
    data: Buffer<T>,
    /// g of each observation of the last sweep: its `n` vectors, zeros where no change waits.
    gains: Buffer<T>,
    /// The same, being made.
    next: Buffer<T>,
    /// Root of c of each observation of the last sweep.
    factors: Buffer<T>,
    /// Sum of |g| of each observation of the last sweep.
    sizes: Buffer<T>,
    /// Whether changes wait.
    waiting: bool,
}

/// A readout with one output that does not learn, and what it is held against.
#[derive(Debug)]
pub struct Frozen<'a, T> {
    /// W: `n` vectors.
    pub weights: &'a [T],
    /// What the output should be: a vector for each observation.
    pub target: &'a [T],
    /// Whether the step would be c² e k in place of c e k.
    pub squared: bool,
    /// Receives the sum of |step of each weight| that learning would make: a vector for each observation.
    pub learning_error: &'a mut [T],
}

impl<T: Real> Correlations<T> {
    /// `p0` times the `n` × `n` identity in every pattern; a sweep takes `most` observations or as many as the level has room for.
    pub fn new(n: usize, p0: f64, most: usize, level: Level) -> Self {
        let level = level.min(Level::best());
        let (lanes, together) = (patterns::<T>(level), Room::at::<T>(level).observations.min(most.max(1)));
        let (triangle, vectors) = (n * (n + 1) / 2 * lanes, MOST * n * lanes);
        let height = Room::at::<T>(level).block;
        let mut new = Correlations {
            n,
            level,
            together,
            lanes,
            places: (0..n).flat_map(|i| (0..=i).map(move |j| position(n, height, i, j))).collect(),
            data: Buffer::zeros(triangle),
            gains: Buffer::zeros(vectors),
            next: Buffer::zeros(vectors),
            factors: Buffer::zeros(MOST * lanes),
            sizes: Buffer::zeros(MOST * lanes),
            waiting: false,
        };
        new.reset(p0);
        new
    }

    /// Back to `p0` times the identity.
    pub fn reset(&mut self, p0: f64) {
        self.data.fill(T::ZERO);
        self.forget();
        for i in 0..self.n {
            let at = self.places[i * (i + 3) / 2] * self.lanes;
            self.data[at..at + self.lanes].fill(T::from_f64(p0));
        }
    }

    /// Observations that [`Correlations::observe`] takes at once.
    pub fn together(&self) -> usize {
        self.together
    }

    /// Values of one triangle.
    pub fn values(&self) -> usize {
        self.n * (self.n + 1) / 2
    }

    /// Copies the lower triangle of one pattern out, row after row; no change waits afterwards.
    pub fn take(&mut self, pattern: usize, to: &mut [T]) {
        assert!(pattern < self.lanes && to.len() == self.values(), "take: a pattern of this group and room for its triangle are needed");
        if self.waiting {
            // Observing nothing adds what waits, and its own gains are zero.
            let nothing = vec![T::ZERO; self.n * self.lanes];
            self.observe(&[&nothing[..]; MOST][..self.together]);
            self.waiting = false;
        }
        for (at, to) in self.places.iter().zip(to) {
            *to = self.data[at * self.lanes + pattern];
        }
    }

    /// Gives every pattern the same triangle, in the order of [`Correlations::take`].
    pub fn set_all(&mut self, triangle: &[T]) {
        assert_eq!(triangle.len(), self.values(), "set: a whole triangle is needed");
        self.forget();
        for (at, from) in self.places.iter().zip(triangle) {
            self.data[at * self.lanes..(at + 1) * self.lanes].fill(*from);
        }
    }

    /// Drops the changes that wait.
    fn forget(&mut self) {
        self.gains.fill(T::ZERO);
        self.waiting = false;
    }

    /// Observations of the rates `r[t]`, in this order, in every pattern: for each, `k = P r`, `c = 1 / (1 + r . k)`, `P -= c k k^T`.
    ///
    /// `r[t]` has at least `n` vectors. Afterwards [`Correlations::gain`], [`Correlations::factor`] and [`Correlations::size_of_gain`]
    /// give `g = sqrt(c) k` (so that `P -= g g^T`), sqrt(c) and the sum of |g|.
    pub fn observe<R: Deref<Target = [T]>>(&mut self, r: &[R]) {
        self.sweep(r, None);
    }

    /// As [`Correlations::observe`], and the learning errors of a readout that does not learn, on the way.
    pub fn observe_frozen<R: Deref<Target = [T]>>(&mut self, r: &[R], frozen: Frozen<T>) {
        let vectors = self.together * self.lanes;
        assert_eq!(frozen.weights.len(), self.n * self.lanes, "observe: one weight for each input and pattern is needed");
        let whole = frozen.target.len() == vectors && frozen.learning_error.len() == vectors;
        assert!(whole, "observe: a vector for each observation is needed");
        let judged = Judged {
            weights: frozen.weights.as_ptr(),
            target: frozen.target.as_ptr(),
            learning_error: frozen.learning_error.as_mut_ptr(),
            squared: frozen.squared,
        };
        self.sweep(r, Some(judged));
    }

    /// Inlined, so that the arguments are made where they are read: a copy of what was just written in other pieces waits for the writing.
    #[inline(always)]
    fn sweep<R: Deref<Target = [T]>>(&mut self, r: &[R], judged: Option<Judged<T>>) {
        assert_eq!(r.len(), self.together, "observe: one vector of rates for each of the observations taken together");
        assert!(r.iter().all(|r| r.len() >= self.n * self.lanes), "observe: one rate for each input and pattern is needed");
        let mut rates = [std::ptr::null(); MOST];
        rates.iter_mut().zip(r).for_each(|(pointer, r)| *pointer = r.as_ptr());
        let sweep = Sweep {
            n: self.n,
            together: self.together,
            data: self.data.as_mut_ptr(),
            gains: self.gains.as_ptr(),
            next: self.next.as_mut_ptr(),
            factors: self.factors.as_mut_ptr(),
            sizes: self.sizes.as_mut_ptr(),
            rates,
            judged,
        };
        launch(self.level, sweep);
        std::mem::swap(&mut self.gains, &mut self.next);
        self.waiting = true;
    }

    /// sqrt(c) k of observation `t` of the last sweep: `n` vectors.
    pub fn gain(&self, t: usize) -> &[T] {
        &self.gains[t * self.n * self.lanes..(t + 1) * self.n * self.lanes]
    }

    /// sqrt(c) of observation `t` in every pattern.
    pub fn factor(&self, t: usize) -> &[T] {
        &self.factors[t * self.lanes..(t + 1) * self.lanes]
    }

    /// Sum of sqrt(c) |k| of observation `t` in every pattern.
    pub fn size_of_gain(&self, t: usize) -> &[T] {
        &self.sizes[t * self.lanes..(t + 1) * self.lanes]
    }
}

/// Vectors before the element at row `i` and column `j <= i` in blocks of `rows`; those before the first whole block are one of fewer rows.
fn position(n: usize, rows: usize, i: usize, j: usize) -> usize {
    let rest = n % rows;
    let (first, height) = if i < rest { (0, rest) } else { (i - (i - rest) % rows, rows) };
    let a = i - first;
    // Rows before this block have 1, 2, ... elements.
    first * (first + 1) / 2 + if j < first { j * height + a } else { first * height + a * (a + 1) / 2 + j - first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Follows observations of every pattern beside the plain algorithm; returns the greatest difference of P.
    fn follow<T: Real>(level: Level, n: usize, most: usize, sweeps: u64) -> f64 {
        let mut p = Correlations::<T>::new(n, 1.5, most, level);
        let (lanes, together) = (patterns::<T>(level), p.together());
        let identity: Vec<f64> = (0..n * n).map(|at| if at % (n + 1) == 0 { 1.5 } else { 0.0 }).collect();
        let mut plain = vec![identity; lanes];
        let bound = (n + 20) as f64 * 16.0 * T::UNIT_ROUNDOFF;
        for sweep in 0..sweeps {
            let r: Vec<Vec<T>> = (0..together as u64).map(|t| reference::noise(n * lanes, 1000 + sweep * 4 + t)).collect();
            p.observe(&r);
            for (t, r) in r.iter().enumerate() {
                for pattern in 0..lanes {
                    let own: Vec<T> = r.iter().skip(pattern).step_by(lanes).copied().collect();
                    let (k, c) = reference::observe(&mut plain[pattern], &own);
                    let place = format!("{level:?}: n {n}, sweep {sweep}, observation {t}, pattern {pattern}");
                    let root = c.sqrt();
                    assert!((p.factor(t)[pattern].to_f64() - root).abs() <= bound, "{place}");
                    let size: f64 = k.iter().map(|k| root * k.abs()).sum();
                    assert!((p.size_of_gain(t)[pattern].to_f64() - size).abs() <= bound * (1.0 + size), "{place}");
                    for i in 0..n {
                        assert!((p.gain(t)[i * lanes + pattern].to_f64() - root * k[i]).abs() <= bound, "{place}, gain {i}");
                    }
                }
            }
        }
        let mut triangle = vec![T::ZERO; p.values()];
        let mut greatest: f64 = 0.0;
        for pattern in 0..lanes {
            p.take(pattern, &mut triangle);
            for i in 0..n {
                for j in 0..=i {
                    greatest = greatest.max((triangle[i * (i + 1) / 2 + j].to_f64() - plain[pattern][j * n + i]).abs());
                }
            }
        }
        greatest
    }

    #[test]
    fn every_pattern_follows_the_plain_algorithm() {
        for level in Level::available() {
            for n in (0..=19).chain([30, 67]) {
                for most in [1, 2] {
                    assert!(follow::<f32>(level, n, most, 3) <= 4e-5, "{level:?}: n {n}");
                    assert!(follow::<f64>(level, n, most, 3) <= 1e-13, "{level:?}: n {n}");
                }
            }
            assert!(follow::<f64>(level, 30, 2, 100) <= 1e-12, "{level:?}: many observations");
        }
    }

    #[test]
    fn a_triangle_that_was_taken_can_be_given_to_all() {
        for level in Level::available() {
            let (n, lanes) = (11, patterns::<f64>(level));
            let mut p = Correlations::<f64>::new(n, 1.0, 2, level);
            let r: Vec<Vec<f64>> = (0..p.together() as u64).map(|t| reference::noise(n * lanes, t)).collect();
            p.observe(&r);
            let (mut first, mut last) = (vec![0.0; p.values()], vec![0.0; p.values()]);
            p.take(1, &mut first);
            let mut other = Correlations::<f64>::new(n, 3.0, 2, level);
            other.set_all(&first);
            other.take(lanes - 1, &mut last);
            assert_eq!(first, last, "{level:?}");
            p.reset(2.0);
            p.take(0, &mut last);
            assert_eq!((last[0], last[1], last[2]), (2.0, 0.0, 2.0), "{level:?}");
        }
    }

    #[test]
    fn errors_of_a_frozen_readout_are_the_plain_ones_and_change_nothing_else() {
        for level in Level::available() {
            for n in (1..=19).chain([30, 67]) {
                let lanes = patterns::<f64>(level);
                let (mut with, mut without) = (Correlations::<f64>::new(n, 1.5, 2, level), Correlations::<f64>::new(n, 1.5, 2, level));
                let weights: Vec<f64> = reference::noise(n * lanes, 7);
                let r: Vec<Vec<f64>> = (0..with.together() as u64).map(|t| reference::noise(n * lanes, t)).collect();
                let target: Vec<f64> = reference::noise(r.len() * lanes, 8);
                let (squared, mut found) = (n % 2 == 0, vec![9.0; r.len() * lanes]);
                with.observe_frozen(&r, Frozen { weights: &weights, target: &target, squared, learning_error: &mut found });
                without.observe(&r);
                for (t, r) in r.iter().enumerate() {
                    assert_eq!((with.gain(t), with.factor(t)), (without.gain(t), without.factor(t)), "{level:?}: n {n}");
                    for pattern in 0..lanes {
                        let at = t * lanes + pattern;
                        let z: f64 = (0..n).map(|i| weights[i * lanes + pattern] * r[i * lanes + pattern]).sum();
                        let root = with.factor(t)[pattern];
                        let factor = if squared { root.powi(3) } else { root };
                        let plain = (factor * (z - target[at])).abs() * with.size_of_gain(t)[pattern];
                        assert!((found[at] - plain).abs() <= 1e-12 * (1.0 + plain), "{level:?}: n {n}, observation {t}, pattern {pattern}");
                    }
                }
            }
        }
    }
}
