//! Gains: what follows from P_0 r of every observation, at the end of a sweep.

use super::super::lanes::Lanes;
use super::super::real::Real;
use super::sweep::Sweep;

/// Sums kept apart, so that they do not wait for each other.
const CHAINS: usize = 4;

/// Sums over units that are still in the making.
#[derive(Clone, Copy)]
struct Sums<V, const M: usize> {
    /// y_s . r_t, where y = P_0 r and s <= t, at [s][t].
    dots: [[V; M]; M],
    /// W r_t.
    outputs: [V; M],
}

impl<T: Real> Sweep<T> {
    /// From P_0 r of every observation to its gain, factor and sum of |gain|, and to its learning error where a readout is judged.
    ///
    /// # Safety
    /// As for [`Sweep::observe`].
    #[inline(always)]
    pub(super) unsafe fn finish<V: Lanes<Scalar = T>, const M: usize>(&self) {
        // SAFETY: promised by the caller.
        unsafe {
            let (zero, one) = (V::splat(T::ZERO), V::splat(T::ONE));
            let weights = self.judged.map(|judged| judged.weights);
            let Sums { mut dots, outputs } = match weights {
                None => self.sums::<V, M, false>(self.gains),
                Some(weights) => self.sums::<V, M, true>(weights),
            };
            // k_t = y_t + sum over s < t of back_st k_s with back_st = -c_s (k_s . r_t).
            let (mut back, mut c, mut roots) = ([[zero; M]; M], [zero; M], [zero; M]);
            for t in 0..M {
                for s in 0..=t {
                    for q in 0..s {
                        dots[s][t] = back[q][s].mul_add(dots[q][t], dots[s][t]);
                    }
                    if s < t {
                        back[s][t] = zero.sub(c[s].mul(dots[s][t]));
                    }
                }
                c[t] = one.div(one.add(dots[t][t]));
                roots[t] = c[t].sqrt();
                roots[t].store(self.factors.add(t * V::COUNT));
            }
            let sizes = self.scale::<V, M>(&back, &roots);
            if let Some(judged) = self.judged {
                for t in 0..M {
                    // As [`super::Readouts::learn`] has it, to the bit.
                    let factor = if judged.squared { roots[t].mul(roots[t]).mul(roots[t]) } else { roots[t] };
                    let error = factor.mul(outputs[t].sub(V::load(judged.target.add(t * V::COUNT))));
                    error.abs().mul(sizes[t]).store(judged.learning_error.add(t * V::COUNT));
                }
            }
        }
    }

    /// All sums; with `W` the outputs of `weights` are made while the rates pass by, otherwise these are not read.
    ///
    /// # Safety
    /// As for [`Sweep::observe`]; with `W`, `weights` are those of a readout.
    #[inline(always)]
    unsafe fn sums<V: Lanes<Scalar = T>, const M: usize, const W: bool>(&self, weights: *const T) -> Sums<V, M> {
        // SAFETY: promised by the caller.
        unsafe {
            let zero = V::splat(T::ZERO);
            let mut chains = [Sums { dots: [[zero; M]; M], outputs: [zero; M] }; CHAINS];
            // In a whole group each chain has its place, so the chains stay in registers.
            let whole = self.n - self.n % CHAINS;
            for first in (0..whole).step_by(CHAINS) {
                for chain in 0..CHAINS {
                    self.dot::<V, M, W>(first + chain, weights, &mut chains[chain]);
                }
            }
            for i in whole..self.n {
                self.dot::<V, M, W>(i, weights, &mut chains[0]);
            }
            let [a, b, c, d] = chains;
            let mut all = a;
            for t in 0..M {
                for s in 0..=t {
                    all.dots[s][t] = a.dots[s][t].add(b.dots[s][t]).add(c.dots[s][t].add(d.dots[s][t]));
                }
                all.outputs[t] = a.outputs[t].add(b.outputs[t]).add(c.outputs[t].add(d.outputs[t]));
            }
            all
        }
    }

    /// Adds the terms of unit `i`.
    ///
    /// # Safety
    /// As for [`Sweep::sums`]; `i < n`.
    #[inline(always)]
    unsafe fn dot<V: Lanes<Scalar = T>, const M: usize, const W: bool>(&self, i: usize, weights: *const T, sums: &mut Sums<V, M>) {
        // SAFETY: promised by the caller.
        unsafe {
            let y: [V; M] = std::array::from_fn(|t| V::load(self.next.add((t * self.n + i) * V::COUNT)));
            for t in 0..M {
                let r = V::load(self.rates[t].add(i * V::COUNT));
                for s in 0..=t {
                    sums.dots[s][t] = y[s].mul_add(r, sums.dots[s][t]);
                }
                if W {
                    sums.outputs[t] = V::load(weights.add(i * V::COUNT)).mul_add(r, sums.outputs[t]);
                }
            }
        }
    }

    /// Gains and their sums of moduli (stored and returned), from P_0 r, from what each owes to the ones before, and from the roots of c.
    ///
    /// # Safety
    /// As for [`Sweep::observe`].
    #[inline(always)]
    unsafe fn scale<V: Lanes<Scalar = T>, const M: usize>(&self, back: &[[V; M]; M], roots: &[V; M]) -> [V; M] {
        // SAFETY: promised by the caller; `i < n` throughout.
        unsafe {
            let mut sizes = [[V::splat(T::ZERO); M]; 2];
            let gain = |i: usize, sizes: &mut [V; M]| {
                let mut k: [V; M] = std::array::from_fn(|t| V::load(self.next.add((t * self.n + i) * V::COUNT)));
                for t in 0..M {
                    for s in 0..t {
                        k[t] = back[s][t].mul_add(k[s], k[t]);
                    }
                    let g = k[t].mul(roots[t]);
                    g.store(self.next.add((t * self.n + i) * V::COUNT));
                    sizes[t] = sizes[t].add(g.abs());
                }
            };
            for i in (1..self.n).step_by(2) {
                gain(i - 1, &mut sizes[0]);
                gain(i, &mut sizes[1]);
            }
            if self.n % 2 == 1 {
                gain(self.n - 1, &mut sizes[0]);
            }
            let [mut all, others] = sizes;
            for t in 0..M {
                all[t] = all[t].add(others[t]);
                all[t].store(self.sizes.add(t * V::COUNT));
            }
            all
        }
    }
}
