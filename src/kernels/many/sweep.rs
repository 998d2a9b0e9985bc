//! The sweep over P behind [`super::Correlations`]: changes that wait, products with all observations, and what follows from them.

use super::super::lanes::{Isa, Kernel, Lanes};
use super::super::real::Real;

/// Most observations of a sweep.
pub(super) const MOST: usize = 2;
/// Columns of a tile.
const TILE: usize = 32;
/// Sums kept apart, so that they do not wait for each other.
const CHAINS: usize = 4;

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
    /// Factors that wait, then those to be made.
    pub factors: *mut T,
    /// Sizes to be made.
    pub sizes: *mut T,
    /// Observations.
    pub rates: [*const T; MOST],
}

impl<T: Real> Kernel for Sweep<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: pointers and sizes are those of `Correlations::observe`; the caller vouches for the level, whose lanes and whose number of
        // observations `Correlations::new` asked for.
        unsafe {
            match (T::Vector::<I>::COLUMNS, self.together) {
                (8, 2) => self.observe::<T::Vector<I>, 2, 4>(),
                (8, _) => self.observe::<T::Vector<I>, 1, 4>(),
                _ => self.observe::<T::Vector<I>, 1, 3>(),
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
        // SAFETY: promised by the caller: `rest` rows, then blocks of `R`, make `n`, and `data` holds their elements in this order.
        unsafe {
            let zero = V::splat(T::ZERO);
            let minus: [V; M] = std::array::from_fn(|t| zero.sub(V::load(self.factors.add(t * V::COUNT))));
            let mut start = 0;
            while start < n {
                let end = (start + TILE).min(n);
                for i in start..rest {
                    self.block::<V, M, 1>(i, (start, end), &minus);
                }
                let mut first = rest + start.saturating_sub(rest).next_multiple_of(R);
                while first < n {
                    self.block::<V, M, R>(first, (start, end), &minus);
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
    unsafe fn block<V: Lanes<Scalar = T>, const M: usize, const R: usize>(
        &self,
        first: usize,
        (start, end): (usize, usize),
        minus: &[V; M],
    ) {
        let (lanes, n) = (V::COUNT, self.n);
        // SAFETY: promised by the caller; rows before `first` have 1, 2, ... elements, and `j < first < n` throughout.
        unsafe {
            let data = self.data.add(first * (first + 1) / 2 * lanes);
            let [u, r, mut sums] = self.rows::<V, M, R>(first, start == 0, minus);
            for j in start..first.min(end) {
                self.column::<V, M, R>(data.add(j * R * lanes), j, (&u, &r), &mut sums);
            }
            let data = data.add(first * R * lanes);
            if first < end {
                // One call for each column: as a loop it would not unroll, and all sums would leave the registers.
                self.corner::<V, M, R, 0>(data, first, (&u, &r), &mut sums);
                self.corner::<V, M, R, 1>(data, first, (&u, &r), &mut sums);
                self.corner::<V, M, R, 2>(data, first, (&u, &r), &mut sums);
                self.corner::<V, M, R, 3>(data, first, (&u, &r), &mut sums);
            }
            for t in 0..M {
                for a in 0..R {
                    sums[t][a].store(self.next.add((t * n + first + a) * lanes));
                }
            }
        }
    }

    /// Column `j` of the rows whose minus c k, rates and sums are given: `R` elements at `data`.
    ///
    /// # Safety
    /// As for [`Sweep::block`]; `j` is below all these rows.
    #[inline(always)]
    unsafe fn column<V: Lanes<Scalar = T>, const M: usize, const R: usize>(
        &self,
        data: *mut T,
        j: usize,
        (u, r): (&[[V; R]; M], &[[V; R]; M]),
        sums: &mut [[V; R]; M],
    ) {
        let (lanes, n) = (V::COUNT, self.n);
        // SAFETY: promised by the caller; `j < n`.
        unsafe {
            let k: [V; M] = std::array::from_fn(|t| V::load(self.gains.add((t * n + j) * lanes)));
            let r_j: [V; M] = std::array::from_fn(|t| V::load(self.rates[t].add(j * lanes)));
            let mut y: [V; M] = std::array::from_fn(|t| V::load(self.next.add((t * n + j) * lanes)));
            for a in 0..R {
                let at = data.add(a * lanes);
                let mut p = V::load(at);
                for t in 0..M {
                    p = u[t][a].mul_add(k[t], p);
                }
                p.store(at);
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

    /// Minus c k, the rates and the sums of rows `first..first + R`.
    ///
    /// # Safety
    /// As for [`Sweep::block`].
    #[inline(always)]
    unsafe fn rows<V: Lanes<Scalar = T>, const M: usize, const R: usize>(
        &self,
        first: usize,
        fresh: bool,
        minus: &[V; M],
    ) -> [[[V; R]; M]; 3] {
        // SAFETY: promised by the caller; row `first + a` exists.
        unsafe {
            let zero = V::splat(T::ZERO);
            let [mut u, mut r, mut sums] = [[[zero; R]; M]; 3];
            for t in 0..M {
                for a in 0..R {
                    let at = (t * self.n + first + a) * V::COUNT;
                    u[t][a] = V::load(self.gains.add(at)).mul(minus[t]);
                    r[t][a] = V::load(self.rates[t].add((first + a) * V::COUNT));
                    // The first tile finds nothing there yet: its rows come in rising order, and a row is a column of later ones only.
                    sums[t][a] = if fresh { zero } else { V::load(self.next.add(at)) };
                }
            }
            [u, r, sums]
        }
    }

    /// Column `B` of the part of rows `first..first + R` on the diagonal; nothing unless `B < R`.
    ///
    /// # Safety
    /// As for [`Sweep::block`], and the `R (R + 1) / 2` elements of this part begin at `data`.
    #[inline(always)]
    unsafe fn corner<V: Lanes<Scalar = T>, const M: usize, const R: usize, const B: usize>(
        &self,
        data: *mut T,
        first: usize,
        (u, r): (&[[V; R]; M], &[[V; R]; M]),
        sums: &mut [[V; R]; M],
    ) {
        if B >= R {
            return;
        }
        // SAFETY: promised by the caller.
        unsafe {
            let k: [V; M] = std::array::from_fn(|t| V::load(self.gains.add((t * self.n + first + B) * V::COUNT)));
            for a in B..R {
                let at = data.add((a * (a + 1) / 2 + B) * V::COUNT);
                let mut p = V::load(at);
                for t in 0..M {
                    p = u[t][a].mul_add(k[t], p);
                }
                p.store(at);
                for t in 0..M {
                    sums[t][a] = p.mul_add(r[t][B], sums[t][a]);
                    if a > B {
                        sums[t][B] = p.mul_add(r[t][a], sums[t][B]);
                    }
                }
            }
        }
    }

    /// From P_0 r of every observation to its k, c and sum of |k|.
    ///
    /// # Safety
    /// As for [`Sweep::observe`].
    #[inline(always)]
    unsafe fn finish<V: Lanes<Scalar = T>, const M: usize>(&self) {
        // SAFETY: promised by the caller; `i < n` throughout.
        unsafe {
            let (zero, one) = (V::splat(T::ZERO), V::splat(T::ONE));
            let mut back = [[zero; M]; M]; // minus c_s (k_s . r_t), at [s][t]
            for t in 0..M {
                let (mut dots, mut sizes) = ([[zero; CHAINS]; M], [zero; CHAINS]);
                for first in (0..self.n).step_by(CHAINS) {
                    // In a whole group the number of rounds is known, so the chains stay in registers.
                    let whole = first + CHAINS <= self.n;
                    for chain in 0..CHAINS {
                        let i = first + chain;
                        if !whole && i >= self.n {
                            break;
                        }
                        let at = self.next.add((t * self.n + i) * V::COUNT);
                        let mut k = V::load(at);
                        for s in 0..t {
                            k = back[s][t].mul_add(V::load(self.next.add((s * self.n + i) * V::COUNT)), k);
                        }
                        if t > 0 {
                            k.store(at);
                        }
                        sizes[chain] = sizes[chain].add(k.abs());
                        for u in t..M {
                            let r = V::load(self.rates[u].add(i * V::COUNT));
                            dots[u][chain] = k.mul_add(r, dots[u][chain]);
                        }
                    }
                }
                let sum = |parts: [V; CHAINS]| parts[0].add(parts[1]).add(parts[2].add(parts[3]));
                let c = one.div(one.add(sum(dots[t])));
                for u in t + 1..M {
                    back[t][u] = zero.sub(c.mul(sum(dots[u])));
                }
                c.store(self.factors.add(t * V::COUNT));
                sum(sizes).store(self.sizes.add(t * V::COUNT));
            }
        }
    }
}
