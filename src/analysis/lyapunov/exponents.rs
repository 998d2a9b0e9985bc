//! The method of repeated orthonormalisation.

use super::{LyapunovRun, LyapunovSpectrum, Tangent};
use crate::error::{Error, Result, in_range, positive};
use crate::linalg::orthonormalise;
use crate::precision::Precision;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// How to measure exponents. All times are in the units of the system's dt.
///
/// ```
/// use crosscurrent::analysis::{Lyapunov, Map};
/// // The Hénon map: 0.4192 and -1.6232, which add up to ln 0.3.
/// let henon = Map::new(vec![0.1, 0.1], |x, next| {
///     next[0] = 1.0 - 1.4 * x[0] * x[0] + x[1];
///     next[1] = 0.3 * x[0];
/// }, |x| nalgebra::dmatrix![-2.8 * x[0], 1.0; 0.3, 0.0]);
/// let spectrum = Lyapunov { duration: 20_000.0, ..Default::default() }.measure(&mut { henon })?;
/// assert!((spectrum.exponents[0] - 0.4192).abs() < 0.01);
/// assert!((spectrum.exponents.iter().sum::<f64>() - 0.3_f64.ln()).abs() < 1e-9);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lyapunov {
    /// Leading exponents to measure; 0 (the default) for all of them.
    pub exponents: usize,
    /// Time over which growth is averaged; positive, default 200.
    pub duration: f64,
    /// Time that the state runs before, without vectors; at least 0, default 100.
    pub transient: f64,
    /// Time that the vectors run before growth counts, so that they have turned into the directions that grow; default 20.
    pub alignment: f64,
    /// Steps between orthonormalisations; 0 (the default) adapts them so that vectors grow apart by a factor of about 1000 (30 in 32 bits),
    /// and takes at least 200 in the duration.
    pub interval: usize,
    /// How the vectors are stored and multiplied between orthonormalisations: [`Precision::Double`] (the default), or in 32 bits
    /// ([`Precision::Single`], [`Precision::Mixed`] is the same), which networks know. The state, the orthonormalisation and all sums
    /// have 64 bits. [`Precision::Half`] is refused.
    pub precision: Precision,
    /// Fixes the first vectors; default 0. The exponents do not depend on it, the convergence does.
    pub seed: Seed,
}

impl Default for Lyapunov {
    fn default() -> Self {
        Lyapunov {
            exponents: 0,
            duration: 200.0,
            transient: 100.0,
            alignment: 20.0,
            interval: 0,
            precision: Precision::Double,
            seed: Seed(0),
        }
    }
}

impl Lyapunov {
    /// The exponents of `system`.
    ///
    /// # Errors
    /// A parameter out of range, more exponents than dimensions, a system that diverges, or vectors in 32 bits that an interval lets grow
    /// apart by more than those can hold.
    pub fn measure(&self, system: &mut dyn Tangent) -> Result<LyapunovSpectrum> {
        self.measure_watched(system, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`Lyapunov::measure`]; `watch` is told the share that is done after every interval, and can stop the run.
    ///
    /// # Errors
    /// As [`Lyapunov::measure`], and [`Error::Cancelled`].
    pub fn measure_watched(&self, system: &mut dyn Tangent, watch: &mut dyn FnMut(f64) -> ControlFlow<()>) -> Result<LyapunovSpectrum> {
        let mut run = LyapunovRun::new(self, system)?;
        while !run.is_done() {
            run.advance(system)?;
            if watch(run.share()).is_break() {
                return Err(Error::Cancelled);
            }
        }
        Ok(run.into_spectrum())
    }

    /// The number of exponents.
    pub(super) fn check(&self, dimension: usize) -> Result<usize> {
        positive("duration", self.duration)?;
        in_range("transient", self.transient, 0.0.., "at least 0")?;
        in_range("alignment", self.alignment, 0.0.., "at least 0")?;
        if self.precision == Precision::Half {
            return Err(Error::parameter("precision", "half", "double or single: vectors in 16 bits lose the directions that shrink"));
        }
        if self.exponents > dimension {
            return Err(Error::parameter("exponents", self.exponents, format!("at most the {dimension} dimensions of the system")));
        }
        Ok(if self.exponents == 0 { dimension } else { self.exponents })
    }

    /// `count` random orthonormal vectors.
    pub(super) fn first_vectors(&self, dimension: usize, count: usize) -> DMatrix<f64> {
        let mut rng = self.seed.child("tangent vectors").rng();
        let mut vectors = DMatrix::from_fn(dimension, count, |_, _| StandardNormal.sample(&mut rng));
        orthonormalise(&mut vectors);
        vectors
    }
}
