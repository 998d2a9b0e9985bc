//! Constraint: which parts of a fit do the data determine? For a simulation and for a real recording.

mod geometry;
mod refits;
mod verdict;

pub use geometry::{Geometry, Stimulus, SubspaceError};
pub use refits::{Check, Refits};
pub use verdict::{CurrentConstraint, Verdict, posterior_verdict};

use self::refits::{currents_on, drop_neurons, resampled, slower, squeezed};
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{Fit, Fitted, expected_recovery};
use crate::linalg::product;
use crate::metric::correlation;
use crate::network::Network;
use crate::recording::Recording;
use crate::regions::Projection;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// How often and how a fit is repeated to see what the data determine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConstraintPlan {
    /// Fits of resampled blocks of time; at least 2, default 4.
    pub bootstrap: usize,
    /// Blocks that the recording is cut into for that; at least 2, default 20.
    pub blocks: usize,
    /// Fits from another seed (another initial J, where the method has one); default 2.
    pub seeds: usize,
    /// The factors by which tau (or the time between samples) is taken to be wrong; positive, default 0.8 and 1.25.
    pub tau: Vec<f64>,
    /// The factor by which the rates are squeezed under an unchanged phi; in (0, 1], default 0.9.
    pub squeeze: f64,
    /// Share of the neurons of each region that is taken away; in [0, 1), default 0.2.
    pub dropped: f64,
    /// Neurons to suggest for stimulation; default 10.
    pub suggestions: usize,
}

impl Default for ConstraintPlan {
    fn default() -> Self {
        ConstraintPlan { bootstrap: 4, blocks: 20, seeds: 2, tau: vec![0.8, 1.25], squeeze: 0.9, dropped: 0.2, suggestions: 10 }
    }
}

/// What the data say about a fit.
#[derive(Clone, Debug, Serialize)]
pub struct Constraint {
    /// The subspace that the rates have visited.
    pub geometry: Geometry,
    /// Error of J inside and outside of it, where the truth is known.
    pub subspace_error: Option<SubspaceError>,
    /// RMS of what the fit leaves of the drive over the RMS of the drive.
    pub noise_floor: f64,
    /// Whether the posterior of the fit, if it has one, contradicts the data.
    pub misfit: Option<String>,
    /// The repeated fits.
    pub refits: Vec<Refits>,
    /// Every current with its verdict.
    pub currents: Vec<CurrentConstraint>,
    /// Which neurons to stimulate next, the most useful first.
    pub stimulate: Vec<Stimulus>,
}

/// Fits `recording` by `method`, again and again with parts of it changed, and says what stays the same.
///
/// With a `truth` the verdicts stand beside the correlations with it.
///
/// ```
/// use crosscurrent::identify::{ConstraintPlan, constraint};
/// use crosscurrent::{Clock, Ensemble, Network, Noise, Regions, Seed, Simulation, ensemble::MultiRegion, fit::Bayes, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 10), ("B", 10)])?;
/// let network = Network::new(regions.clone(), MultiRegion::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let noise = Noise::White { strength: 0.1 };
/// let recording = Simulation { clock: Clock::new(0.01, 6.0)?, noise, ..Default::default() }.run(&network)?;
/// let plan = ConstraintPlan { bootstrap: 2, seeds: 0, ..Default::default() };
/// let (_, report) = constraint(&Bayes::default(), &plan, &recording, None, (Seed(3), &|| std::ops::ControlFlow::Continue(())))?;
/// assert_eq!(report.currents.len(), 4);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// A plan out of range, whatever the fit refuses, or [`Error::Cancelled`] when `go_on` asks to stop.
pub fn constraint(
    method: &dyn Fit,
    plan: &ConstraintPlan,
    recording: &Recording,
    truth: Option<&Network>,
    (seed, go_on): (Seed, &(dyn Fn() -> ControlFlow<()> + Sync)),
) -> Result<(Fitted, Constraint)> {
    plan.check()?;
    let fitted = method.fit_watched(recording, seed, &mut |_| go_on())?;
    let base = currents_on(&fitted, recording)?;
    let variants = plan.variants(recording, seed)?;
    let refits: Result<Vec<Refits>> = variants
        .into_iter()
        .map(|(check, variants)| {
            let fits: Result<Vec<_>> = variants
                .par_iter()
                .with_max_len(1)
                .map(|variant| {
                    let refit = method.fit_watched(&variant.recording, variant.seed, &mut |_| go_on())?;
                    variant.compare(&refit, (&fitted, &base), recording)
                })
                .collect();
            Ok(Refits::of(check, fits?))
        })
        .collect();
    let refits = refits?;
    let (floor, weight) = (residual(&fitted, recording)?, fitted_power(&fitted));
    let geometry = Geometry::of(recording, weight, floor.0)?;
    let subspace_error = truth.map(|truth| geometry.error(&recorded_weights(&fitted), &truth.connectivity.to_dense()));
    let truth = truth.map(|truth| Currents::decompose(truth, recording)).transpose()?;
    let currents = recording.regions.projections().enumerate();
    let currents: Result<Vec<_>> =
        currents.map(|(index, projection)| describe((index, &projection), &fitted, &base, &refits, truth.as_ref())).collect();
    let stimulate = geometry.suggest(recording, plan.suggestions);
    let misfit = fitted.posterior.as_ref().map(|posterior| posterior.misfit.verdict());
    let report = Constraint { geometry, subspace_error, noise_floor: floor.1, misfit, refits, currents: currents?, stimulate };
    Ok((fitted, report))
}

impl ConstraintPlan {
    fn check(&self) -> Result<()> {
        for (name, count) in [("bootstrap", self.bootstrap), ("blocks", self.blocks)] {
            if count < 2 {
                return Err(Error::parameter(name, count, "at least 2"));
            }
        }
        let within = |value: f64, from: f64, to: f64| value > from && value <= to;
        if self.tau.iter().any(|&factor| !within(factor, 0.0, f64::MAX)) {
            return Err(Error::parameter("tau factors", format!("{:?}", self.tau), "positive numbers"));
        }
        if !within(self.squeeze, 0.0, 1.0) {
            return Err(Error::parameter("squeeze", self.squeeze, "in (0, 1]"));
        }
        if !(0.0..1.0).contains(&self.dropped) {
            return Err(Error::parameter("dropped share", self.dropped, "in [0, 1)"));
        }
        Ok(())
    }

    /// Every check with the recordings that it fits.
    fn variants(&self, recording: &Recording, seed: Seed) -> Result<Vec<(Check, Vec<refits::Variant>)>> {
        let plain = |recording: Recording, seed: Seed| refits::Variant { recording, seed, kept: None };
        let again = |check: &str, k: usize| seed.child(check).trial(k as u64);
        let bootstrap: Result<Vec<_>> =
            (0..self.bootstrap).map(|k| Ok(plain(resampled(recording, self.blocks, again("bootstrap", k))?, seed))).collect();
        let seeds = (0..self.seeds).map(|k| plain(recording.clone(), again("seeds", k))).collect();
        let tau: Result<Vec<_>> = self.tau.iter().map(|&factor| Ok(plain(slower(recording, factor)?, seed))).collect();
        let (fewer, kept) = drop_neurons(recording, self.dropped, seed.child("dropped"))?;
        Ok(vec![
            (Check::Bootstrap, bootstrap?),
            (Check::Seeds, seeds),
            (Check::Tau, tau?),
            (Check::Phi, vec![plain(squeezed(recording, self.squeeze), seed)]),
            (Check::Unobserved, vec![refits::Variant { recording: fewer, seed, kept: Some(kept) }]),
        ])
    }
}

/// Weights on recorded rates.
fn recorded_weights(fitted: &Fitted) -> DMatrix<f64> {
    let j = fitted.network.connectivity.to_dense();
    DMatrix::from_fn(j.nrows(), j.ncols(), |i, k| j[(i, k)] / fitted.scale[k])
}

fn fitted_power(fitted: &Fitted) -> f64 {
    let weights = recorded_weights(fitted);
    weights.norm_squared() / weights.len() as f64
}

/// Variance of what the fit leaves of the drive, and its RMS over the RMS of the drive.
fn residual(fitted: &Fitted, recording: &Recording) -> Result<(f64, f64)> {
    let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / fitted.scale[i]);
    let (drive, used) = crate::fit::recorded_drive(fitted, &Recording { rates: rates.clone(), ..recording.clone() })?;
    let error = &drive - product(&fitted.network.connectivity.to_dense(), &rates.select_columns(&used));
    let mean = |matrix: &DMatrix<f64>| matrix.norm_squared() / matrix.len() as f64;
    Ok((mean(&error), (mean(&error) / mean(&drive)).sqrt()))
}

fn describe(
    (index, projection): (usize, &Projection),
    fitted: &Fitted,
    base: &Currents,
    refits: &[Refits],
    truth: Option<&Currents>,
) -> Result<CurrentConstraint> {
    let current = base.get(projection)?;
    let agreement =
        |check: Check| refits.iter().find(|refits| refits.check == check).and_then(|refits| refits.currents.get(index).copied());
    let (expected, doubt) = match &fitted.posterior {
        Some(posterior) => {
            let mean = Currents::decompose(&fitted.network, &fitted.model)?;
            let expected = expected_recovery(mean.get(projection)?, &posterior.current(base.regions(), projection)?.deviation);
            (Some(expected), Some(posterior.misfit.share(base.regions().range(&projection.target)?)))
        }
        None => (None, None),
    };
    let [bootstrap, seeds, tau, phi, unobserved] =
        [Check::Bootstrap, Check::Seeds, Check::Tau, Check::Phi, Check::Unobserved].map(|check| agreement(check).unwrap_or(f64::NAN));
    let truth = truth.map(|truth| truth.get(projection).map(|truth| correlation(truth, current))).transpose()?;
    let (verdict, reason) = verdict::judge(&verdict::Evidence { bootstrap, seeds, expected, doubt, assumptions: [tau, phi, unobserved] });
    let rms = current.norm() / (current.len() as f64).sqrt();
    let (source, target) = (projection.source.clone(), projection.target.clone());
    Ok(CurrentConstraint { source, target, rms, expected, bootstrap, seeds, tau, phi, unobserved, truth, verdict, reason })
}

#[cfg(test)]
mod tests;
