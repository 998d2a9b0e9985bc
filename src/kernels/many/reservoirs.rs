//! Reservoirs: one Euler step of one network in many patterns.

use super::super::buffer::Buffer;
use super::super::lanes::{Isa, Kernel, Lanes, launch};
use super::super::level::Level;
use super::super::real::Real;
use super::patterns;

/// Most rows whose sums stay in registers at once.
const MOST_ROWS: usize = 12;

/// The weights of a network, `n` × (`n` + others), for steps of many patterns.
#[derive(Clone, Debug)]
pub struct Reservoirs<T: Real> {
    /// Units.
    n: usize,
    /// Units and what else acts on them: inputs, fed-back outputs.
    sources: usize,
    /// Level of the steps.
    level: Level,
    /// First row and number of rows of each block.
    blocks: Vec<(usize, usize)>,
    /// Blocks of rows one after the other, each with its columns one after the other.
    weights: Buffer<T>,
    /// Share of the way to its drive that a unit goes in a step.
    decay: Buffer<T>,
}

impl<T: Real> Reservoirs<T> {
    /// From the columns of [J, weights of the other sources] one after the other, and dt / tau of each unit.
    pub fn new(weights: &[f64], decay: &[f64], level: Level) -> Self {
        let n = decay.len();
        let sources = weights.len().checked_div(n).unwrap_or(0);
        assert_eq!(weights.len(), n * sources, "weights: each source needs one for each of the {n} units");
        let mut packed = Buffer::zeros(weights.len());
        let mut at = 0;
        let blocks: Vec<(usize, usize)> = blocks(n).collect();
        for &(first, rows) in &blocks {
            for j in 0..sources {
                for i in first..first + rows {
                    packed[at] = T::from_f64(weights[j * n + i]);
                    at += 1;
                }
            }
        }
        let decay: Vec<T> = decay.iter().map(|&d| T::from_f64(d)).collect();
        Reservoirs { n, sources, level: level.min(Level::best()), blocks, weights: packed, decay: Buffer::from_slice(&decay) }
    }

    /// `x += decay * (weights * sources - x)` in every pattern; `sources` are the rates and then the others.
    pub fn step(&self, sources: &[T], x: &mut [T]) {
        let lanes = patterns::<T>(self.level);
        assert_eq!(sources.len(), self.sources * lanes, "step: one value for each source and pattern is needed");
        assert_eq!(x.len(), self.n * lanes, "step: one state for each unit and pattern is needed");
        launch(self.level, Step { reservoirs: self, sources: sources.as_ptr(), x: x.as_mut_ptr() });
    }
}

/// First row and number of rows of each block: as few blocks as possible, as equal as possible.
fn blocks(n: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = n.div_ceil(MOST_ROWS);
    (0..count).map(move |b| (b * n / count, (b + 1) * n / count - b * n / count))
}

/// The kernel behind [`Reservoirs::step`].
struct Step<'a, T: Real> {
    /// Weights and decays.
    reservoirs: &'a Reservoirs<T>,
    /// A vector for each source.
    sources: *const T,
    /// A vector for each unit.
    x: *mut T,
}

impl<T: Real> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let mut weights = self.reservoirs.weights.as_ptr();
        for &(first, rows) in &self.reservoirs.blocks {
            // SAFETY: `blocks` covers the `n` rows once, and the packed weights hold `rows` values for each source of each block; the
            // caller vouches for the level.
            unsafe {
                match rows {
                    12 => self.block::<T::Vector<I>, 12>(weights, first),
                    11 => self.block::<T::Vector<I>, 11>(weights, first),
                    10 => self.block::<T::Vector<I>, 10>(weights, first),
                    9 => self.block::<T::Vector<I>, 9>(weights, first),
                    8 => self.block::<T::Vector<I>, 8>(weights, first),
                    7 => self.block::<T::Vector<I>, 7>(weights, first),
                    6 => self.block::<T::Vector<I>, 6>(weights, first),
                    5 => self.block::<T::Vector<I>, 5>(weights, first),
                    4 => self.block::<T::Vector<I>, 4>(weights, first),
                    3 => self.block::<T::Vector<I>, 3>(weights, first),
                    2 => self.block::<T::Vector<I>, 2>(weights, first),
                    _ => self.block::<T::Vector<I>, 1>(weights, first),
                }
                weights = weights.add(rows * self.reservoirs.sources);
            }
        }
    }
}

impl<T: Real> Step<'_, T> {
    /// `R` rows from row `first` on, whose weights stand at `weights`.
    ///
    /// # Safety
    /// The processor has the level of `V`; the `R` rows exist, `R` weights for each source stand at `weights`, and the pointers are those
    /// of [`Reservoirs::step`].
    #[inline(always)]
    unsafe fn block<V: Lanes<Scalar = T>, const R: usize>(&self, weights: *const T, first: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            let mut sums = [V::splat(T::ZERO); R];
            for j in 0..self.reservoirs.sources {
                let source = V::load(self.sources.add(j * V::COUNT));
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = V::splat(*weights.add(j * R + i)).mul_add(source, *sum);
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                let at = self.x.add((first + i) * V::COUNT);
                let x = V::load(at);
                V::splat(self.reservoirs.decay[first + i]).mul_add(sum.sub(x), x).store(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    fn agrees<T: Real>(level: Level, n: usize, others: usize) {
        let lanes = patterns::<T>(level);
        let (weights, decay): (Vec<f64>, Vec<f64>) = (reference::noise(n * (n + others), 1), reference::noise(n, 2));
        let weights: Vec<f64> = weights.iter().map(|w| T::from_f64(*w).to_f64()).collect();
        let (sources, start): (Vec<T>, Vec<T>) = (reference::noise((n + others) * lanes, 3), reference::noise(n * lanes, 4));
        let mut x = start.clone();
        Reservoirs::<T>::new(&weights, &decay, level).step(&sources, &mut x);
        for pattern in 0..lanes {
            let own: Vec<T> = sources.iter().skip(pattern).step_by(lanes).copied().collect();
            let (drive, sizes) = reference::product(n, &weights, &own);
            for i in 0..n {
                let before = start[i * lanes + pattern].to_f64();
                let expected = before + T::from_f64(decay[i]).to_f64() * (drive[i] - before);
                let bound = (n + others + 4) as f64 * T::UNIT_ROUNDOFF * (sizes[i] + 1.0);
                let found = x[i * lanes + pattern].to_f64();
                assert!((found - expected).abs() <= bound, "{level:?}: n {n}, unit {i}, pattern {pattern}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn a_step_is_the_plain_step_in_every_pattern() {
        for level in Level::available() {
            for n in 1..=67 {
                agrees::<f32>(level, n, 1);
                agrees::<f64>(level, n, 3);
            }
        }
    }
}
