//! Correlations: the inverse correlation matrix of many patterns under recursive least squares, half of each stored.
//!
//! The lower triangle is cut into blocks of a few rows. A block holds its columns one after the other up to the diagonal, then its part of
//! the triangle. One sweep reads and writes each element once: it adds the changes that wait from the sweep before, and uses the result
//! for its row and for its column in the product with every observation of this sweep. Several observations may share a sweep because
//! none depends on P: k_t = P_0 r_t - sum over s < t of c_s k_s (k_s . r_t) leads from the P of the sweep to that of observation t.

use super::super::buffer::Buffer;
use super::super::lanes::{Isa, Kernel, Lanes, launch};
use super::super::level::Level;
use super::super::real::Real;
use super::{patterns, together};

/// Most observations of a sweep.
const MOST: usize = 2;
/// Sums kept apart, so that they do not wait for each other.
const CHAINS: usize = 4;

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
    /// The lower triangles, without the changes that wait.
    data: Buffer<T>,
    /// k of each observation of the last sweep: its `n` vectors.
    gains: Buffer<T>,
    /// The same, being made.
    next: Buffer<T>,
    /// c of each observation of the last sweep, or zero where no change waits.
    factors: Buffer<T>,
    /// Sum of |k| of each observation of the last sweep.
    sizes: Buffer<T>,
}

impl<T: Real> Correlations<T> {
    /// `p0` times the `n` × `n` identity in every pattern; a sweep takes `most` observations or as many as the level has room for.
    pub fn new(n: usize, p0: f64, most: usize, level: Level) -> Self {
        let level = level.min(Level::best());
        let (lanes, together) = (patterns::<T>(level), together::<T>(level).min(most.max(1)));
        let (triangle, vectors) = (n * (n + 1) / 2 * lanes, MOST * n * lanes);
        let mut new = Correlations {
            n,
            level,
            together,
            lanes,
            data: Buffer::zeros(triangle),
            gains: Buffer::zeros(vectors),
            next: Buffer::zeros(vectors),
            factors: Buffer::zeros(MOST * lanes),
            sizes: Buffer::zeros(MOST * lanes),
        };
        new.reset(p0);
        new
    }

    /// Back to `p0` times the identity.
    pub fn reset(&mut self, p0: f64) {
        self.data.fill(T::ZERO);
        self.factors.fill(T::ZERO);
        let rows = self.rows();
        for i in 0..self.n {
            let at = position(self.n, rows, i, i) * self.lanes;
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
        if self.factors.iter().any(|c| *c != T::ZERO) {
            // Observing nothing adds what waits.
            let nothing = vec![T::ZERO; self.n * self.lanes];
            self.observe(&[&nothing[..]; MOST][..self.together]);
            self.factors.fill(T::ZERO);
        }
        for (at, to) in self.positions().zip(to) {
            *to = self.data[at * self.lanes + pattern];
        }
    }

    /// Gives every pattern the same triangle, in the order of [`Correlations::take`].
    pub fn set_all(&mut self, triangle: &[T]) {
        assert_eq!(triangle.len(), self.values(), "set: a whole triangle is needed");
        self.factors.fill(T::ZERO);
        for (at, from) in self.positions().zip(triangle) {
            self.data[at * self.lanes..(at + 1) * self.lanes].fill(*from);
        }
    }

    /// Where the elements of a triangle stand, row after row.
    fn positions(&self) -> impl Iterator<Item = usize> + use<T> {
        let (n, rows) = (self.n, self.rows());
        (0..n).flat_map(move |i| (0..=i).map(move |j| position(n, rows, i, j)))
    }

    /// Observations of the rates `r[t]`, in this order, in every pattern: for each, `k = P r`, `c = 1 / (1 + r . k)`, `P -= c k k^T`.
    ///
    /// `r[t]` has at least `n` vectors. Afterwards [`Correlations::gain`], [`Correlations::factor`] and [`Correlations::size_of_gain`]
    /// give k, c and the sum of |k|.
    pub fn observe(&mut self, r: &[&[T]]) {
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
        };
        launch(self.level, sweep);
        std::mem::swap(&mut self.gains, &mut self.next);
    }

    /// k of observation `t` of the last sweep: `n` vectors.
    pub fn gain(&self, t: usize) -> &[T] {
        &self.gains[t * self.n * self.lanes..(t + 1) * self.n * self.lanes]
    }

    /// c of observation `t` in every pattern.
    pub fn factor(&self, t: usize) -> &[T] {
        &self.factors[t * self.lanes..(t + 1) * self.lanes]
    }

    /// Sum of |k| of observation `t` in every pattern.
    pub fn size_of_gain(&self, t: usize) -> &[T] {
        &self.sizes[t * self.lanes..(t + 1) * self.lanes]
    }

    /// Rows of a block.
    fn rows(&self) -> usize {
        launch(self.level, Rows(std::marker::PhantomData::<T>))
    }
}

/// Vectors before the element at row `i` and column `j <= i` in blocks of `rows`; the rows before the first whole block stand alone.
fn position(n: usize, rows: usize, i: usize, j: usize) -> usize {
    let rest = n % rows;
    let (first, height) = if i < rest { (i, 1) } else { (i - (i - rest) % rows, rows) };
    let a = i - first;
    // Rows before this block have 1, 2, ... elements.
    first * (first + 1) / 2 + if j < first { j * height + a } else { first * height + a * (a + 1) / 2 + j - first }
}

/// Tells the rows of a block at a level: as many as leave nothing outside the registers.
struct Rows<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for Rows<T> {
    type Output = usize;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> usize {
        if T::Vector::<I>::COLUMNS == 8 { 4 } else { 3 }
    }
}

/// The kernel behind [`Correlations::observe`].
struct Sweep<T> {
    /// Inputs.
    n: usize,
    /// Observations of the sweep.
    together: usize,
    /// Triangles.
    data: *mut T,
    /// Gains whose changes wait.
    gains: *const T,
    /// Gains to be made.
    next: *mut T,
    /// Factors that wait, then those to be made.
    factors: *mut T,
    /// Sizes to be made.
    sizes: *mut T,
    /// Observations.
    rates: [*const T; MOST],
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
        let mut data = self.data;
        let rest = self.n % R;
        // SAFETY: promised by the caller: `rest` rows, then blocks of `R`, make `n`, and `data` holds their elements in this order.
        unsafe {
            let minus: [V; M] = std::array::from_fn(|t| V::splat(T::ZERO).sub(V::load(self.factors.add(t * V::COUNT))));
            for i in 0..rest {
                data = self.block::<V, M, 1>(data, i, &minus);
            }
            let mut first = rest;
            while first < self.n {
                data = self.block::<V, M, R>(data, first, &minus);
                first += R;
            }
            self.finish::<V, M>();
        }
    }

    /// Rows `first..first + R`; returns where the next block begins.
    ///
    /// # Safety
    /// As for [`Sweep::observe`], and the elements of these rows begin at `data`.
    #[inline(always)]
    unsafe fn block<V: Lanes<Scalar = T>, const M: usize, const R: usize>(&self, data: *mut T, first: usize, minus: &[V; M]) -> *mut T {
        let (lanes, n) = (V::COUNT, self.n);
        // SAFETY: promised by the caller; `j < first < n` throughout.
        unsafe {
            let zero = V::splat(T::ZERO);
            let (mut u, mut r, mut sums) = ([[zero; R]; M], [[zero; R]; M], [[zero; R]; M]);
            for t in 0..M {
                for a in 0..R {
                    u[t][a] = V::load(self.gains.add((t * n + first + a) * lanes)).mul(minus[t]);
                    r[t][a] = V::load(self.rates[t].add((first + a) * lanes));
                }
            }
            for j in 0..first {
                let k: [V; M] = std::array::from_fn(|t| V::load(self.gains.add((t * n + j) * lanes)));
                let r_j: [V; M] = std::array::from_fn(|t| V::load(self.rates[t].add(j * lanes)));
                let mut y: [V; M] = std::array::from_fn(|t| V::load(self.next.add((t * n + j) * lanes)));
                for a in 0..R {
                    let at = data.add((j * R + a) * lanes);
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
            let data = data.add(first * R * lanes);
            // One call for each column: as a loop it would not unroll, and all sums would leave the registers.
            self.corner::<V, M, R, 0>(data, first, (&u, &r), &mut sums);
            self.corner::<V, M, R, 1>(data, first, (&u, &r), &mut sums);
            self.corner::<V, M, R, 2>(data, first, (&u, &r), &mut sums);
            self.corner::<V, M, R, 3>(data, first, (&u, &r), &mut sums);
            for t in 0..M {
                for a in 0..R {
                    sums[t][a].store(self.next.add((t * n + first + a) * lanes));
                }
            }
            data.add(R * (R + 1) / 2 * lanes)
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
            // Minus c_s (k_s . r_t), at [s][t].
            let mut back = [[zero; M]; M];
            for t in 0..M {
                let (mut dots, mut sizes) = ([[zero; CHAINS]; M], [zero; CHAINS]);
                let mut first = 0;
                while first < self.n {
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
                    first += CHAINS;
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
            let r: Vec<Vec<T>> = (0..together as u64).map(|t| reference::noise(n * lanes, 1000 + sweep * 2 + t)).collect();
            p.observe(&r.iter().map(|r| &r[..]).collect::<Vec<_>>());
            for (t, r) in r.iter().enumerate() {
                for pattern in 0..lanes {
                    let own: Vec<T> = r.iter().skip(pattern).step_by(lanes).copied().collect();
                    let (k, c) = reference::observe(&mut plain[pattern], &own);
                    let place = format!("{level:?}: n {n}, sweep {sweep}, observation {t}, pattern {pattern}");
                    assert!((p.factor(t)[pattern].to_f64() - c).abs() <= bound, "{place}");
                    let size: f64 = k.iter().map(|k| k.abs()).sum();
                    assert!((p.size_of_gain(t)[pattern].to_f64() - size).abs() <= bound * (1.0 + size), "{place}");
                    for i in 0..n {
                        assert!((p.gain(t)[i * lanes + pattern].to_f64() - k[i]).abs() <= bound, "{place}, gain {i}");
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
            p.observe(&r.iter().map(|r| &r[..]).collect::<Vec<_>>());
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
}
