//! Readouts: the weights that learn, those of each pattern its own.

use super::super::buffer::Buffer;
use super::super::lanes::{Isa, Kernel, Lanes, launch};
use super::super::level::Level;
use super::super::real::Real;
use super::patterns;

/// Sums kept apart, so that they do not wait for each other.
const CHAINS: usize = 4;

/// W of every pattern, `outputs` × `n`.
#[derive(Clone, Debug)]
pub struct Readouts<T: Real> {
    /// Inputs of the readout.
    n: usize,
    /// Outputs.
    outputs: usize,
    /// Level.
    level: Level,
    /// Patterns.
    lanes: usize,
    /// For each output, `n` vectors.
    weights: Buffer<T>,
}

/// One observation as the readouts need it; a vector for each output unless said otherwise.
#[derive(Debug)]
pub struct Trace<'a, T> {
    /// z, from [`Readouts::output`].
    pub output: &'a [T],
    /// What z should be.
    pub target: &'a [T],
    /// sqrt(c) k: `n` vectors.
    pub gain: &'a [T],
    /// sqrt(c): one vector.
    pub factor: &'a [T],
    /// Sum of sqrt(c) |k|: one vector.
    pub size_of_gain: &'a [T],
    /// Whether the step is c² e k in place of c e k.
    pub squared: bool,
    /// Receives the sum of |step of each weight|.
    pub learning_error: &'a mut [T],
}

impl<T: Real> Readouts<T> {
    /// All weights zero.
    pub fn new(n: usize, outputs: usize, level: Level) -> Self {
        let (level, lanes) = (level.min(Level::best()), patterns::<T>(level));
        Readouts { n, outputs, level, lanes, weights: Buffer::zeros(n * outputs * lanes) }
    }

    /// Values of one pattern.
    pub fn values(&self) -> usize {
        self.n * self.outputs
    }

    /// For each output, a vector for each input.
    pub fn weights(&self) -> &[T] {
        &self.weights
    }

    /// The same, to be changed.
    pub fn weights_mut(&mut self) -> &mut [T] {
        &mut self.weights
    }

    /// Gives every pattern the same weights: those of one output after those of another.
    pub fn set_all(&mut self, weights: &[T]) {
        assert_eq!(weights.len(), self.values(), "set: one weight for each output and input is needed");
        for (to, from) in self.weights.chunks_exact_mut(self.lanes).zip(weights) {
            to.fill(*from);
        }
    }

    /// Copies the weights of one pattern out.
    pub fn take(&self, pattern: usize, to: &mut [T]) {
        assert!(pattern < self.lanes && to.len() == self.values(), "take: a pattern of this group and room for its weights are needed");
        for (to, from) in to.iter_mut().zip(self.weights.chunks_exact(self.lanes)) {
            *to = from[pattern];
        }
    }

    /// `z = W r` in every pattern; `r` has at least `n` vectors, `z` one for each output.
    pub fn output(&self, r: &[T], z: &mut [T]) {
        assert!(r.len() >= self.n * self.lanes && z.len() == self.outputs * self.lanes, "output: sizes differ");
        launch(self.level, Output { readouts: self, r: r.as_ptr(), z: z.as_mut_ptr() });
    }

    /// The learning error of one observation; with `plastic`, `W -= step` in every pattern.
    pub fn learn(&mut self, trace: Trace<T>, plastic: bool) {
        let (vectors, lanes) = (self.outputs * self.lanes, self.lanes);
        let whole = trace.output.len() == vectors && trace.target.len() == vectors && trace.learning_error.len() == vectors;
        assert!(whole, "learn: one vector for each output");
        assert!(trace.gain.len() == self.n * lanes && trace.factor.len() == lanes && trace.size_of_gain.len() == lanes, "learn: sizes");
        let learn = Learn {
            n: self.n,
            outputs: self.outputs,
            weights: self.weights.as_mut_ptr(),
            output: trace.output.as_ptr(),
            target: trace.target.as_ptr(),
            gain: trace.gain.as_ptr(),
            factor: trace.factor.as_ptr(),
            size_of_gain: trace.size_of_gain.as_ptr(),
            learning_error: trace.learning_error.as_mut_ptr(),
            squared: trace.squared,
            plastic,
        };
        launch(self.level, learn);
    }
}

/// The kernel behind [`Readouts::output`].
struct Output<'a, T: Real> {
    /// Weights.
    readouts: &'a Readouts<T>,
    /// Rates.
    r: *const T,
    /// Outputs.
    z: *mut T,
}

impl<T: Real> Kernel for Output<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let (n, lanes) = (self.readouts.n, T::Vector::<I>::COUNT);
        for output in 0..self.readouts.outputs {
            // SAFETY: `Readouts::output` checked the lengths; the caller vouches for the level, whose lanes the weights have.
            unsafe {
                let weights = self.readouts.weights.as_ptr().add(output * n * lanes);
                let mut sums = [T::Vector::<I>::splat(T::ZERO); CHAINS];
                let add = |i: usize, sum: &mut T::Vector<I>| {
                    let (w, r) = (T::Vector::<I>::load(weights.add(i * lanes)), T::Vector::<I>::load(self.r.add(i * lanes)));
                    *sum = w.mul_add(r, *sum);
                };
                // In a whole group each chain has its place, so the chains stay in registers.
                let whole = n - n % CHAINS;
                for first in (0..whole).step_by(CHAINS) {
                    for chain in 0..CHAINS {
                        add(first + chain, &mut sums[chain]);
                    }
                }
                for i in whole..n {
                    add(i, &mut sums[0]);
                }
                sums[0].add(sums[1]).add(sums[2].add(sums[3])).store(self.z.add(output * lanes));
            }
        }
    }
}

/// The kernel behind [`Readouts::learn`]: [`Trace`] by its pointers.
struct Learn<T> {
    /// Inputs of the readout.
    n: usize,
    /// Outputs.
    outputs: usize,
    /// Weights.
    weights: *mut T,
    /// z.
    output: *const T,
    /// What z should be.
    target: *const T,
    /// sqrt(c) k.
    gain: *const T,
    /// sqrt(c).
    factor: *const T,
    /// Sum of sqrt(c) |k|.
    size_of_gain: *const T,
    /// Receives the learning errors.
    learning_error: *mut T,
    /// Whether c counts twice.
    squared: bool,
    /// Whether the weights change.
    plastic: bool,
}

impl<T: Real> Kernel for Learn<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let lanes = T::Vector::<I>::COUNT;
        // SAFETY: `Readouts::learn` checked the lengths; the caller vouches for the level, whose lanes all vectors have.
        unsafe {
            let root = T::Vector::<I>::load(self.factor);
            let factor = if self.squared { root.mul(root).mul(root) } else { root };
            let size = T::Vector::<I>::load(self.size_of_gain);
            for output in 0..self.outputs {
                let at = output * lanes;
                let (z, target) = (T::Vector::<I>::load(self.output.add(at)), T::Vector::<I>::load(self.target.add(at)));
                let step = factor.mul(z.sub(target));
                step.abs().mul(size).store(self.learning_error.add(at));
                if self.plastic {
                    for i in 0..self.n {
                        let w = self.weights.add((output * self.n + i) * lanes);
                        T::Vector::<I>::load(self.gain.add(i * lanes)).mul_sub_from(step, T::Vector::<I>::load(w)).store(w);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// One learning step of `outputs` readouts beside the plain loop.
    fn agrees<T: Real>(level: Level, n: usize, outputs: usize, squared: bool) {
        let lanes = patterns::<T>(level);
        let mut readouts = Readouts::<T>::new(n, outputs, level);
        let start: Vec<T> = reference::noise(n * outputs, 1);
        readouts.set_all(&start);
        let (r, gain): (Vec<T>, Vec<T>) = (reference::noise(n * lanes, 2), reference::noise(n * lanes, 3));
        let (target, factor): (Vec<T>, Vec<T>) = (reference::noise(outputs * lanes, 4), reference::noise(lanes, 5));
        let size: Vec<T> = reference::noise(lanes, 6);
        let (mut z, mut learning_error) = (vec![T::ZERO; outputs * lanes], vec![T::ZERO; outputs * lanes]);
        readouts.output(&r, &mut z);
        let trace = Trace {
            output: &z,
            target: &target,
            gain: &gain,
            factor: &factor,
            size_of_gain: &size,
            squared,
            learning_error: &mut learning_error,
        };
        readouts.learn(trace, true);
        let (bound, mut weights) = ((n + 8) as f64 * 4.0 * T::UNIT_ROUNDOFF, vec![T::ZERO; n * outputs]);
        for pattern in 0..lanes {
            readouts.take(pattern, &mut weights);
            for output in 0..outputs {
                let w = |i: usize| start[output * n + i].to_f64();
                let expected: f64 = (0..n).map(|i| w(i) * r[i * lanes + pattern].to_f64()).sum();
                let at = output * lanes + pattern;
                assert!((z[at].to_f64() - expected).abs() <= bound, "{level:?}: n {n}, output {output}");
                let root = factor[pattern].to_f64();
                let step = (z[at].to_f64() - target[at].to_f64()) * if squared { root.powi(3) } else { root };
                let error = step.abs() * size[pattern].to_f64();
                assert!((learning_error[at].to_f64() - error).abs() <= bound, "{level:?}: n {n}, output {output}");
                for i in 0..n {
                    let expected = w(i) - step * gain[i * lanes + pattern].to_f64();
                    assert!((weights[output * n + i].to_f64() - expected).abs() <= bound, "{level:?}: n {n}, weight {i}");
                }
            }
        }
    }

    #[test]
    fn outputs_and_learning_are_the_plain_ones_in_every_pattern() {
        for level in Level::available() {
            for n in 0..=67 {
                agrees::<f32>(level, n, 1, n % 2 == 0);
                agrees::<f64>(level, n, 2, n % 2 == 1);
            }
        }
    }

    #[test]
    fn a_frozen_readout_keeps_its_weights() {
        let level = Level::detect();
        let lanes = patterns::<f64>(level);
        let mut readouts = Readouts::<f64>::new(1, 1, level);
        let (ones, mut out) = (vec![1.0; lanes], vec![0.0; lanes]);
        let trace = Trace {
            output: &ones,
            target: &vec![0.0; lanes],
            gain: &ones,
            factor: &ones,
            size_of_gain: &ones,
            squared: false,
            learning_error: &mut out,
        };
        readouts.learn(trace, false);
        let mut weight = [7.0];
        readouts.take(0, &mut weight);
        assert_eq!((weight[0], out[0]), (0.0, 1.0));
    }
}
