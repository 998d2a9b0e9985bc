//! The sweep over P behind [`super::Correlations`]: changes that wait, products with all observations, and what follows from them.

use super::super::lanes::{Isa, Kernel, Lanes};
use super::super::real::Real;
use super::Room;

/// Most observations of a sweep.
pub(super) const MOST: usize = 2;
/// Columns of a tile.
const TILE: usize = 32;

/// The kernel behind [`super::Correlations::observe`].
pub(super) struct Sweep<T> {
    /// Inputs.
    pub n: usize,
    /// Observations of the sweep.
    pub together: usize,
    /// Triangles.
    pub data: *mut T,
    /// Gains whose changes wait.
    pub gains: *const T,
    /// Gains to be made.
    pub next: *mut T,
    /// Factors to be made.
    pub factors: *mut T,
    /// Sizes to be made.
    pub sizes: *mut T,
    /// Observations.
    pub rates: [*const T; MOST],
    /// A readout to be judged on the way.
    pub judged: Option<Judged<T>>,
}

/// A readout with one output whose weights stay as they are: [`super::Frozen`] by its pointers.
#[derive(Clone, Copy)]
pub(super) struct Judged<T> {
    /// W.
    pub weights: *const T,
    /// What the output should be at each observation.
    pub target: *const T,
    /// Receives the learning error of each observation.
    pub learning_error: *mut T,
    /// Whether c counts twice.
    pub squared: bool,
}

impl<T: Real> Kernel for Sweep<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: pointers and sizes are those of `Correlations::observe`; the caller vouches for the level, whose lanes and whose number of
        // observations `Correlations::new` asked for.
        unsafe {
            match (Room::of::<T::Vector<I>>().block, self.together) {
                (6, 2) => self.observe::<T::Vector<I>, 2, 6>(),
                (6, _) => self.observe::<T::Vector<I>, 1, 6>(),
                _ => self.observe::<T::Vector<I>, 1, 5>(),
            }
        }
    }
}

impl<T: Real> Sweep<T> {
    /// All blocks, which leaves P_0 r of every observation in `next`, then what follows from it.
    ///
    /// # Safety
    /// The processor has the level of `V`, `M` and `R` are the observations and the rows of a block, and the pointers are those of
    /// `Correlations::observe`.
    #[inline(always)]
    unsafe fn observe<V: Lanes<Scalar = T>, const M: usize, const R: usize>(&self) {
        let (n, rest) = (self.n, self.n % R);
        // SAFETY: promised by the caller: a block of `rest` rows, then blocks of `R`, make `n`, and `data` holds them in this order.
        unsafe {
            match rest {
                1 => self.block::<V, M, 1>(0, (0, n)),
                2 => self.block::<V, M, 2>(0, (0, n)),
                3 => self.block::<V, M, 3>(0, (0, n)),
                4 => self.block::<V, M, 4>(0, (0, n)),
                5 => self.block::<V, M, 5>(0, (0, n)),
                _ => (),
            }
            let mut start = 0;
            while start < n {
                let end = (start + TILE).min(n);
                let mut first = rest + start.saturating_sub(rest).next_multiple_of(R);
                while first < n {
                    self.block::<V, M, R>(first, (start, end));
                    first += R;
                }
                start = end;
            }
            self.finish::<V, M>();
        }
    }

    /// The columns `start..end` of rows `first..first + R`, as far as the triangle has them.
    ///
    /// # Safety
    /// As for [`Sweep::observe`]; a block of `R` rows begins at row `first`, and `start <= first`.
    #[inline(always)]
    unsafe fn block<V: Lanes<Scalar = T>, const M: usize, const R: usize>(&self, first: usize, (start, end): (usize, usize)) {
        let (lanes, n) = (V::COUNT, self.n);
        // SAFETY: promised by the caller; rows before `first` have 1, 2, ... elements, and `j < first < n` throughout.
        unsafe {
            let data = self.data.add(first * (first + 1) / 2 * lanes);
            let (r, mut sums) = self.rows::<V, M, R>(first, start == 0);
            let own: [*const T; M] = std::array::from_fn(|t| self.gains.add((t * n + first) * lanes));
            for j in start..first.min(end) {
                self.column::<V, M, R>(data.add(j * R * lanes), (&own, j), &r, &mut sums);
            }
            let data = data.add(first * R * lanes);
            if first < end {
                // One call for each column: as a loop it would not unroll, and all sums would leave the registers.
                Self::corner::<V, M, R, 0>(data, &own, &r, &mut sums);
                Self::corner::<V, M, R, 1>(data, &own, &r, &mut sums);
                Self::corner::<V, M, R, 2>(data, &own, &r, &mut sums);
                Self::corner::<V, M, R, 3>(data, &own, &r, &mut sums);
                Self::corner::<V, M, R, 4>(data, &own, &r, &mut sums);
                Self::corner::<V, M, R, 5>(data, &own, &r, &mut sums);
            }
            for t in 0..M {
                for a in 0..R {
                    sums[t][a].store(self.next.add((t * n + first + a) * lanes));
                }
            }
        }
    }

    /// Column `j` of the `R` rows from `first` on, whose rates and sums are given: `R` elements at `data`.
    ///
    /// The gains of the rows stay in memory: they are needed once a column, and registers that hold rates and sums of more rows save
    /// more stores of `next`.
    ///
    /// # Safety
    /// As for [`Sweep::block`]; `j` is below all these rows.
    #[inline(always)]
    unsafe fn column<V: Lanes<Scalar = T>, const M: usize, const R: usize>(
        &self,
        data: *mut T,
        (own, j): (&[*const T; M], usize),
        r: &[[V; R]; M],
        sums: &mut [[V; R]; M],
    ) {
        let (lanes, n) = (V::COUNT, self.n);
        // SAFETY: promised by the caller; `j < first` and `first + a < n`.
        unsafe {
            let g: [V; M] = std::array::from_fn(|t| V::load(self.gains.add((t * n + j) * lanes)));
            let r_j: [V; M] = std::array::from_fn(|t| V::load(self.rates[t].add(j * lanes)));
            let mut y: [V; M] = std::array::from_fn(|t| V::load(self.next.add((t * n + j) * lanes)));
            for a in 0..R {
                let p = Self::change::<V, M>(data.add(a * lanes), (own, a), &g);
                for t in 0..M {
                    sums[t][a] = p.mul_add(r_j[t], sums[t][a]);
                    y[t] = p.mul_add(r[t][a], y[t]);
                }
            }
            for t in 0..M {
                y[t].store(self.next.add((t * n + j) * lanes));
            }
        }
    }

    /// The element at `at` of row `a` of a block and of the column with gains `g`, less the changes that wait.
    ///
    /// # Safety
    /// As for [`Sweep::block`]; `own` points to the gains of the block's rows, of which `a` is one, and its element is at `at`.
    #[inline(always)]
    unsafe fn change<V: Lanes<Scalar = T>, const M: usize>(at: *mut T, (own, a): (&[*const T; M], usize), g: &[V; M]) -> V {
        // SAFETY: promised by the caller.
        unsafe {
            let mut p = V::load(at);
            for t in 0..M {
                p = V::load(own[t].add(a * V::COUNT)).mul_sub_from(g[t], p);
            }
            p.store(at);
            p
        }
    }

    /// The rates and the sums of rows `first..first + R`.
    ///
    /// # Safety
    /// As for [`Sweep::block`].
    #[inline(always)]
    unsafe fn rows<V: Lanes<Scalar = T>, const M: usize, const R: usize>(&self, first: usize, fresh: bool) -> ([[V; R]; M], [[V; R]; M]) {
        // SAFETY: promised by the caller; row `first + a` exists.
        unsafe {
            let zero = V::splat(T::ZERO);
            let [mut r, mut sums] = [[[zero; R]; M]; 2];
            for t in 0..M {
                for a in 0..R {
                    r[t][a] = V::load(self.rates[t].add((first + a) * V::COUNT));
                    // The first tile finds nothing there yet: its rows come in rising order, and a row is a column of later ones only.
                    sums[t][a] = if fresh { zero } else { V::load(self.next.add((t * self.n + first + a) * V::COUNT)) };
                }
            }
            (r, sums)
        }
    }

    /// Column `B` of the part of rows `first..first + R` on the diagonal; nothing unless `B < R`.
    ///
    /// # Safety
    /// As for [`Sweep::block`], and the `R (R + 1) / 2` elements of this part begin at `data`.
    #[inline(always)]
    unsafe fn corner<V: Lanes<Scalar = T>, const M: usize, const R: usize, const B: usize>(
        data: *mut T,
        own: &[*const T; M],
        r: &[[V; R]; M],
        sums: &mut [[V; R]; M],
    ) {
        if B >= R {
            return;
        }
        // SAFETY: promised by the caller.
        unsafe {
            let g: [V; M] = std::array::from_fn(|t| V::load(own[t].add(B * V::COUNT)));
            for a in B..R {
                let p = Self::change::<V, M>(data.add((a * (a + 1) / 2 + B) * V::COUNT), (own, a), &g);
                for t in 0..M {
                    sums[t][a] = p.mul_add(r[t][B], sums[t][a]);
                    if a > B {
                        sums[t][B] = p.mul_add(r[t][a], sums[t][B]);
                    }
                }
            }
        }
    }
}
