//! Reservoirs: one Euler step of one network in many patterns.

use super::super::buffer::Buffer;
use super::super::lanes::{Isa, Kernel, Lanes, launch};
use super::super::level::Level;
use super::super::real::Real;
use super::{Room, patterns};

/// The weights of a network, `n` × (`n` + others), for steps of many patterns.
#[derive(Clone, Debug)]
pub struct Reservoirs<T: Real> {
    /// Units.
    n: usize,
    /// Units and what else acts on them: inputs, fed-back outputs.
    sources: usize,
    /// Level of the steps.
    level: Level,
    /// Patterns.
    lanes: usize,
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
        let blocks: Vec<(usize, usize)> = blocks(n, Room::at::<T>(level).rows).collect();
        for &(first, rows) in &blocks {
            for j in 0..sources {
                for i in first..first + rows {
                    packed[at] = T::from_f64(weights[j * n + i]);
                    at += 1;
                }
            }
        }
        let decay: Vec<T> = decay.iter().map(|&d| T::from_f64(d)).collect();
        Reservoirs {
            n,
            sources,
            level: level.min(Level::best()),
            lanes: patterns::<T>(level),
            blocks,
            weights: packed,
            decay: Buffer::from_slice(&decay),
        }
    }

    /// `x += decay * (weights * sources - x)` in every pattern; `sources` are the rates and then the others.
    pub fn step(&self, sources: &[T], x: &mut [T]) {
        let lanes = self.lanes;
        assert_eq!(sources.len(), self.sources * lanes, "step: one value for each source and pattern is needed");
        assert_eq!(x.len(), self.n * lanes, "step: one state for each unit and pattern is needed");
        let mut weights = &self.weights[..];
        for &(first, rows) in &self.blocks {
            let (own, others) = weights.split_at(rows * self.sources);
            let part = Part {
                sources: self.sources,
                weights: own.as_ptr(),
                decay: self.decay[first..first + rows].as_ptr(),
                rates: sources.as_ptr(),
                x: x[first * lanes..(first + rows) * lanes].as_mut_ptr(),
            };
            advance(self.level, rows, part);
            weights = others;
        }
    }
}

/// First row and number of rows, at most `most`, of each block: as few blocks as possible, as equal as possible.
fn blocks(n: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = n.div_ceil(most);
    (0..count).map(move |b| (b * n / count, (b + 1) * n / count - b * n / count))
}

/// Puts every sum away, written out one by one: a loop over so many would not unroll, and the sums would go through memory.
macro_rules! put_each {
    ($put:ident, $sums:ident, $rows:ident: $($i:literal)*) => {
        $(if $i < $rows {
            $put($i, $sums[$i.min($rows - 1)]);
        })*
    };
}

/// One block of rows in [`Reservoirs::step`].
struct Part<T> {
    /// Sources.
    sources: usize,
    /// For each source a weight of each row.
    weights: *const T,
    /// Share of the way of each row.
    decay: *const T,
    /// A vector for each source.
    rates: *const T,
    /// A vector for each row.
    x: *mut T,
}

/// The kernel behind [`Reservoirs::step`], for `R` rows. Each number of rows is a kernel of its own: as branches of one they would share
/// their ends, and their sums would leave the registers to meet there.
struct Block<T, const R: usize>(Part<T>);

impl<T: Real, const R: usize> Kernel for Block<T, R> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Part { sources, weights, decay, rates, x } = self.0;
        let lanes = T::Vector::<I>::COUNT;
        // SAFETY: `Reservoirs::step` checked the lengths; the `R` rows exist, and `R` weights for each source stand at `weights`; the caller
        // vouches for the level.
        unsafe {
            let mut sums = [T::Vector::<I>::splat(T::ZERO); R];
            for j in 0..sources {
                let source = T::Vector::<I>::load(rates.add(j * lanes));
                for i in 0..R {
                    sums[i] = T::Vector::<I>::splat(*weights.add(j * R + i)).mul_add(source, sums[i]);
                }
            }
            let put = |i: usize, sum: T::Vector<I>| {
                let old = T::Vector::<I>::load(x.add(i * lanes));
                T::Vector::<I>::splat(*decay.add(i)).mul_add(sum.sub(old), old).store(x.add(i * lanes));
            };
            put_each!(put, sums, R: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        }
    }
}

/// The kernel of as many rows.
#[inline]
fn advance<T: Real>(level: Level, rows: usize, part: Part<T>) {
    match rows {
        16 => launch(level, Block::<T, 16>(part)),
        15 => launch(level, Block::<T, 15>(part)),
        14 => launch(level, Block::<T, 14>(part)),
        13 => launch(level, Block::<T, 13>(part)),
        12 => launch(level, Block::<T, 12>(part)),
        11 => launch(level, Block::<T, 11>(part)),
        10 => launch(level, Block::<T, 10>(part)),
        9 => launch(level, Block::<T, 9>(part)),
        8 => launch(level, Block::<T, 8>(part)),
        7 => launch(level, Block::<T, 7>(part)),
        6 => launch(level, Block::<T, 6>(part)),
        5 => launch(level, Block::<T, 5>(part)),
        4 => launch(level, Block::<T, 4>(part)),
        3 => launch(level, Block::<T, 3>(part)),
        2 => launch(level, Block::<T, 2>(part)),
        _ => launch(level, Block::<T, 1>(part)),
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
