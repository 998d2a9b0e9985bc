//! The method of repeated orthonormalisation.

use super::{LyapunovSpectrum, Tangent};
use crate::error::{Error, Result, in_range, positive};
use crate::linalg::orthonormalise;
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
    /// Steps between orthonormalisations; 0 (the default) adapts them so that vectors grow apart by a factor of about 1000.
    pub interval: usize,
    /// Fixes the first vectors; default 0. The exponents do not depend on it, the convergence does.
    pub seed: Seed,
}

impl Default for Lyapunov {
    fn default() -> Self {
        Lyapunov { exponents: 0, duration: 200.0, transient: 100.0, alignment: 20.0, interval: 0, seed: Seed(0) }
    }
}

/// ln of the factor by which the vectors may grow apart between two orthonormalisations: far enough from the sixteen digits of a
/// double that the smallest direction keeps thirteen of them.
const SPREAD: f64 = 6.9;

impl Lyapunov {
    /// The exponents of `system`.
    ///
    /// # Errors
    /// A parameter out of range, more exponents than dimensions, or a system that diverges.
    pub fn measure(&self, system: &mut dyn Tangent) -> Result<LyapunovSpectrum> {
        self.measure_watched(system, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`Lyapunov::measure`]; `watch` is told the share that is done after every interval, and can stop the run.
    ///
    /// # Errors
    /// As [`Lyapunov::measure`], and [`Error::Cancelled`].
    pub fn measure_watched(&self, system: &mut dyn Tangent, watch: &mut dyn FnMut(f64) -> ControlFlow<()>) -> Result<LyapunovSpectrum> {
        let count = self.check(system.dimension())?;
        let dt = system.dt();
        let steps = |time: f64| (time / dt).round() as usize;
        let mut vectors = self.first_vectors(system, count)?;
        let (alignment, total) = (steps(self.alignment), steps(self.alignment) + steps(self.duration).max(1));
        let (mut done, mut interval) = (0, self.interval.max(1));
        let mut spectrum = LyapunovSpectrum::new(count);
        while done < total {
            // No interval crosses the end of the alignment, so that all of its growth is dropped.
            let end = if done < alignment { alignment } else { total };
            let length = interval.min(end - done);
            for _ in 0..length {
                system.step(&mut vectors)?;
            }
            let growth: Vec<f64> = orthonormalise(&mut vectors).diagonal().iter().map(|r| r.ln()).collect();
            if done >= alignment {
                spectrum.push(&growth, length as f64 * dt);
            }
            if self.interval == 0 {
                interval = adapted(length, &growth);
            }
            done += length;
            if watch(done as f64 / total as f64).is_break() {
                return Err(Error::Cancelled);
            }
        }
        Ok(spectrum)
    }

    /// The number of exponents.
    pub(super) fn check(&self, dimension: usize) -> Result<usize> {
        positive("duration", self.duration)?;
        in_range("transient", self.transient, 0.0.., "at least 0")?;
        in_range("alignment", self.alignment, 0.0.., "at least 0")?;
        if self.exponents > dimension {
            return Err(Error::parameter("exponents", self.exponents, format!("at most the {dimension} dimensions of the system")));
        }
        Ok(if self.exponents == 0 { dimension } else { self.exponents })
    }

    /// Runs the transient of `system`; then `count` random orthonormal vectors.
    pub(super) fn first_vectors(&self, system: &mut dyn Tangent, count: usize) -> Result<DMatrix<f64>> {
        let mut none = DMatrix::zeros(system.dimension(), 0);
        for _ in 0..(self.transient / system.dt()).round() as usize {
            system.step(&mut none)?;
        }
        let mut rng = self.seed.child("tangent vectors").rng();
        let mut vectors = DMatrix::from_fn(system.dimension(), count, |_, _| StandardNormal.sample(&mut rng));
        orthonormalise(&mut vectors);
        Ok(vectors)
    }
}

/// Steps until the vectors have grown apart by [`SPREAD`], judged by the `length` steps before; at most twice as many as those.
fn adapted(length: usize, growth: &[f64]) -> usize {
    let (least, most) = growth.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &g| (a.min(g), b.max(g)));
    let spread = (most - least).max(most.abs()).max(1e-3);
    ((length as f64 * SPREAD / spread) as usize).clamp(1, 2 * length)
}
