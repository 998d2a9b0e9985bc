//! Lyapunov exponents: how fast small differences grow, in how many dimensions.
//!
//! A system that carries tangent vectors along ([`Tangent`]) is followed while its vectors are made orthonormal again and again
//! (Benettin, Galgani, Giorgilli & Strelcyn 1980; Shimada & Nagashima 1979): the logarithms of the diagonal of R, summed and divided by
//! time, tend to the exponents in falling order. [`NetworkTangent`] is a network under any integrator, input and noise; [`Flow`] and
//! [`Map`] are given as closures.

mod covariant;
mod exponents;
mod flow;
mod map;
mod network;
mod run;
mod spectrum;
mod two_trajectories;

pub use covariant::CovariantVectors;
pub use exponents::Lyapunov;
pub use flow::Flow;
pub use map::Map;
pub use network::NetworkTangent;
pub use run::LyapunovRun;
pub use spectrum::LyapunovSpectrum;
pub use two_trajectories::largest_from_two_trajectories;

use crate::error::{Error, Result};
use crate::precision::Precision;
use nalgebra::DMatrix;

/// A system in discrete steps that carries tangent vectors along.
pub trait Tangent {
    /// Number d of state variables.
    fn dimension(&self) -> usize;

    /// Time that one step takes (1 for a map).
    fn dt(&self) -> f64;

    /// One step of the state; every column of `vectors` (d × k, k from 0 to d) is multiplied by the derivative of this very step.
    ///
    /// # Errors
    /// [`crate::Error::Diverged`] when the state leaves every bound.
    fn step(&mut self, vectors: &mut DMatrix<f64>) -> Result<()>;

    /// `steps` of [`Tangent::step`], with the vectors and what they are multiplied by in `precision` on the way; returns the integral of
    /// the divergence over them, not a number where that is not known. The state has 64 bits, whatever the vectors have.
    ///
    /// # Errors
    /// As [`Tangent::step`], and a precision that the system does not know: 64 bits are what every system knows.
    fn carry(&mut self, vectors: &mut DMatrix<f64>, steps: usize, precision: Precision) -> Result<f64> {
        if precision != Precision::Double {
            let expected = "double: only the vectors of networks have other precisions";
            return Err(Error::parameter("precision", format!("{precision:?}").to_lowercase(), expected));
        }
        let mut expansion = 0.0;
        for _ in 0..steps {
            expansion += self.divergence().unwrap_or(f64::NAN) * self.dt();
            self.step(vectors)?;
        }
        Ok(expansion)
    }

    /// The d state variables.
    fn state(&self) -> &[f64];

    /// Puts a system that has not yet made a step where it was after `steps` steps, at `state`: what acts on it goes on from there.
    fn place(&mut self, state: &[f64], steps: usize);

    /// Rate at which ln(volume) grows at the present state, where it is known without a determinant: the sum of all exponents is its mean.
    fn divergence(&self) -> Option<f64> {
        None
    }
}

#[cfg(test)]
mod tests;
