//! What this processor can do at best, for the benches to hold kernels against: pure reading and pure multiply-add.

use super::lanes::{Isa, Kernel, Lanes, launch};
use super::level::Level;
use super::real::Real;

/// Chains of sums that do not wait for each other: more than latency times width of any processor so far.
const CHAINS: usize = 12;

/// Reads all of `x` as fast as vectors can; returns a sum, so that nothing is skipped. A rest below a dozen vectors is left.
pub fn read_all<T: Real>(level: Level, x: &[T]) -> T {
    launch(level, ReadAll { x })
}

/// `rounds` rounds of independent multiply-adds in registers; returns how many floating-point operations that were.
pub fn multiply_adds<T: Real>(level: Level, rounds: usize) -> usize {
    let (sum, operations) = launch(level, MultiplyAdds { rounds, factor: T::from_f64(0.999) });
    std::hint::black_box(sum);
    operations
}

/// The kernel behind [`read_all`].
struct ReadAll<'a, T> {
    /// What is read.
    x: &'a [T],
}

impl<T: Real> Kernel for ReadAll<'_, T> {
    type Output = T;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> T {
        let lanes = T::Vector::<I>::COUNT;
        // SAFETY: the caller vouches for the level; every load is from one of the whole chunks of `x`.
        unsafe {
            let mut sums = [T::Vector::<I>::splat(T::ZERO); CHAINS];
            for chunk in self.x.chunks_exact(CHAINS * lanes) {
                for (c, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.add(T::Vector::<I>::load(chunk.as_ptr().add(c * lanes)));
                }
            }
            sums.into_iter().reduce(|a, b| a.add(b)).map_or(T::ZERO, |sum| sum.sum())
        }
    }
}

/// The kernel behind [`multiply_adds`].
struct MultiplyAdds<T> {
    /// Multiply-adds of each chain.
    rounds: usize,
    /// Factor of all of them.
    factor: T,
}

impl<T: Real> Kernel for MultiplyAdds<T> {
    type Output = (T, usize);

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> (T, usize) {
        // SAFETY: the caller vouches for the level.
        let (factor, start) = unsafe { (T::Vector::<I>::splat(self.factor), T::Vector::<I>::splat(T::ONE)) };
        let mut sums = [start; CHAINS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, start);
            }
        }
        let total = sums.into_iter().reduce(|a, b| a.add(b)).map_or(T::ZERO, |sum| sum.sum());
        (total, 2 * CHAINS * T::Vector::<I>::COUNT * self.rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_and_counted() {
        for level in Level::available() {
            assert_eq!(read_all(level, &[1.0_f32; 12 * 64]), 768.0);
            assert_eq!(multiply_adds::<f64>(level, 10) % 240, 0);
        }
    }
}
