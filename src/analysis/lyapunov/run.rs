//! A measurement of exponents that can stop, be kept, and go on.

use super::{Lyapunov, LyapunovSpectrum, Tangent};
use crate::error::{Error, Result};
use crate::linalg::{Rounding, orthonormalise_for};
use crate::precision::Precision;
use nalgebra::DMatrix;

/// ln of the factor by which the vectors may grow apart between two orthonormalisations: far enough from the sixteen digits of a
/// double that the smallest direction keeps thirteen of them.
const SPREAD: f64 = 6.9;

/// As [`SPREAD`] for vectors in 32 bits: the smallest direction keeps nearly six of their seven digits.
const SINGLE_SPREAD: f64 = 3.4;

/// ln of the factor beyond which rounding to 32 bits would fill the smallest direction: it has three digits left.
const LOST: f64 = 9.2;

/// Orthonormalisations in the duration, at least: blocks of them make the error bars.
const LEAST: usize = 200;

/// Steps of the transient between two looks of the caller.
const PIECE: usize = 20;

/// A measurement under way: all that another process needs to go on to the same bits.
///
/// ```
/// use crosscurrent::analysis::{Lyapunov, LyapunovRun, Map, Tangent};
/// let doubling = || Map::new(vec![0.1], |x, next| next[0] = (2.0 * x[0] + 1e-9).fract(), |_| nalgebra::dmatrix![2.0]);
/// let settings = Lyapunov { duration: 50.0, ..Default::default() };
/// let mut first = doubling();
/// let mut run = LyapunovRun::new(&settings, &first)?;
/// for _ in 0..20 {
///     run.advance(&mut first)?;
/// }
/// // Another system takes it up.
/// let mut second = doubling();
/// run.place(&mut second)?;
/// while !run.is_done() {
///     run.advance(&mut second)?;
/// }
/// assert!((run.spectrum().exponents[0] - 2_f64.ln()).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LyapunovRun {
    /// Steps after which the transient, the alignment and the measurement are over.
    pub(crate) ends: [usize; 3],
    /// Whether the interval follows the growth.
    pub(crate) adaptive: bool,
    /// Of the vectors between two orthonormalisations.
    pub(crate) precision: Precision,
    /// Steps so far.
    pub(crate) steps: usize,
    /// Steps to the next orthonormalisation.
    pub(crate) interval: usize,
    /// The state that was reached.
    pub(crate) state: Vec<f64>,
    /// d × k, orthonormal.
    pub(crate) vectors: DMatrix<f64>,
    /// Integral of the divergence over the measured time.
    pub(crate) expansion: f64,
    pub(crate) spectrum: LyapunovSpectrum,
}

impl LyapunovRun {
    /// The beginning of a measurement of `system`.
    ///
    /// # Errors
    /// A parameter out of range, or more exponents than dimensions.
    pub fn new(settings: &Lyapunov, system: &dyn Tangent) -> Result<Self> {
        let count = settings.check(system.dimension())?;
        let steps = |time: f64| (time / system.dt()).round() as usize;
        let aligned = steps(settings.transient) + steps(settings.alignment);
        Ok(LyapunovRun {
            ends: [steps(settings.transient), aligned, aligned + steps(settings.duration).max(1)],
            adaptive: settings.interval == 0,
            precision: settings.precision,
            steps: 0,
            interval: settings.interval.max(1),
            state: system.state().to_vec(),
            vectors: settings.first_vectors(system.dimension(), count),
            expansion: 0.0,
            spectrum: LyapunovSpectrum::new(count),
        })
    }

    /// Goes on to the next orthonormalisation, or by a few steps in the transient.
    ///
    /// # Errors
    /// A system that diverges, or vectors in 32 bits that grew apart by more than those can hold.
    pub fn advance(&mut self, system: &mut dyn Tangent) -> Result<()> {
        let [transient, aligned, total] = self.ends;
        if self.steps < transient {
            let length = PIECE.min(transient - self.steps);
            let mut none = DMatrix::zeros(self.state.len(), 0);
            (0..length).try_for_each(|_| system.step(&mut none))?;
            self.steps += length;
        } else {
            // No interval crosses the end of the alignment, so that all of its growth is dropped.
            let measured = self.steps >= aligned;
            let length = self.interval.min(if measured { total } else { aligned } - self.steps);
            let expansion = system.carry(&mut self.vectors, length, self.precision)?;
            let growth = self.orthonormalise()?;
            if measured {
                self.expansion += expansion;
                self.spectrum.push(&growth, length as f64 * system.dt());
            }
            if self.adaptive {
                let wanted = if self.single() { SINGLE_SPREAD } else { SPREAD };
                self.interval = adapted(length, &growth, wanted).min((total - aligned) / LEAST).max(1);
            }
            self.steps += length;
        }
        self.state.copy_from_slice(system.state());
        Ok(())
    }

    fn single(&self) -> bool {
        self.precision != Precision::Double
    }

    /// Makes the vectors orthonormal, as exactly as their precision asks for; returns ln of how much each of them grew.
    fn orthonormalise(&mut self) -> Result<Vec<f64>> {
        let rounding = if self.single() { Rounding::Single } else { Rounding::Double };
        let growth: Vec<f64> = orthonormalise_for(&mut self.vectors, rounding).diagonal().iter().map(|r| r.ln()).collect();
        let spread = apart(&growth);
        if self.single() && spread > LOST {
            let problem = format!("they grow, shrink or part by a factor of {:.0e} in one interval, too much for 32 bits", spread.exp());
            return Err(Error::data("tangent vectors", problem, "shorten the interval, or take double precision"));
        }
        Ok(growth)
    }

    /// Puts `system`, which has not yet made a step, where this measurement left off.
    ///
    /// # Errors
    /// A system of another dimension.
    pub fn place(&self, system: &mut dyn Tangent) -> Result<()> {
        if system.dimension() != self.state.len() {
            return Err(Error::shape("system of a measurement", format!("{} dimensions", self.state.len()), system.dimension()));
        }
        system.place(&self.state, self.steps);
        Ok(())
    }

    /// Whether the duration is over.
    pub fn is_done(&self) -> bool {
        self.steps >= self.ends[2]
    }

    /// Share of all steps that is done.
    pub fn share(&self) -> f64 {
        self.steps as f64 / self.ends[2] as f64
    }

    /// What is known so far.
    pub fn spectrum(&self) -> &LyapunovSpectrum {
        &self.spectrum
    }

    /// Mean of [`Tangent::divergence`] over the measured time; `None` where the system does not know it.
    pub fn divergence(&self) -> Option<f64> {
        let mean = self.expansion / self.spectrum.time();
        mean.is_finite().then_some(mean)
    }

    /// The exponents.
    pub fn into_spectrum(self) -> LyapunovSpectrum {
        self.spectrum
    }
}

/// ln of the factor by which the vectors grew apart, or the first one grew.
fn apart(growth: &[f64]) -> f64 {
    let (least, most) = growth.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &g| (a.min(g), b.max(g)));
    (most - least).max(most.abs())
}

/// Steps until the vectors have grown apart by `wanted`, judged by the `length` steps before; at most twice as many as those.
fn adapted(length: usize, growth: &[f64], wanted: f64) -> usize {
    ((length as f64 * wanted / apart(growth).max(1e-3)) as usize).clamp(1, 2 * length)
}
