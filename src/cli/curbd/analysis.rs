//! The work of the command: fit, decompose, score on what was held out, fit again from another start.

use super::interval::Interval;
use super::method::Settings;
use super::{HELD_OUT, Session};
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::{Fit, Fitted};
use crate::metric::{correlation, variance_explained};
use crate::prediction::{free_run, one_step};
use crate::recording::Recording;
use crate::regions::Projection;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::Serialize;

/// What one run of the command found.
pub struct Analysis {
    pub fitted: Fitted,
    /// Currents at the samples that were fitted.
    pub currents: Currents,
    pub pairs: Vec<Pair>,
    pub scores: Scores,
}

/// The current of one ordered pair of regions, over its neurons and the fitted samples.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    pub source: String,
    pub target: String,
    /// Mean modulus.
    pub mean_absolute: f64,
    /// Mean: excitation minus inhibition.
    pub net: f64,
    /// Root mean square.
    pub rms: f64,
    /// This RMS over the sum of the RMS of all currents into the target.
    pub share: f64,
    /// This RMS over the RMS of the target's total current; above 1 where currents cancel.
    pub over_total: f64,
    /// RMS of the part that positive weights carry.
    pub excitatory_rms: f64,
    /// RMS of the part that negative weights carry.
    pub inhibitory_rms: f64,
    /// Correlation with the same current of a fit from another random start; none where the fit has no random start.
    pub agreement: Option<f64>,
    /// Where the fit has a posterior.
    pub interval: Option<Interval>,
}

/// Shares of variance explained, and what does without a model.
#[derive(Clone, Debug, Serialize)]
pub struct Scores {
    /// Samples that were fitted and held out.
    pub fitted_samples: usize,
    pub held_out_samples: usize,
    /// Of the fitted samples, by the fit's own last pass.
    pub fitted: f64,
    /// One sample ahead, held out.
    pub one_step: f64,
    /// The prediction that nothing changes, on the same samples.
    pub persistence: f64,
    /// Free run from the first held-out sample; none when it diverged.
    pub free_run: Option<f64>,
    /// The mean of the fitted samples, on the same samples.
    pub mean: f64,
    /// Correlation of J with its random start.
    pub start_correlation: Option<f64>,
    /// The second fit's `fitted`, and the correlation of the two J.
    pub second_fitted: Option<f64>,
    pub second_connectivity: Option<f64>,
}

impl Analysis {
    /// Fits all but the held-out samples of `recording`, twice where the start is random.
    pub fn run(recording: &Recording, settings: &Settings, session: &Session) -> Result<Self> {
        let (train, test) = recording.hold_out(HELD_OUT)?;
        let fit = settings.fit();
        let repeats = if settings.method.has_random_start() { 2 } else { 1 };
        let bar = session.progress((repeats * fit.passes()) as u64, "fitting");
        let run = |seed: Seed| {
            fit.fit_watched(&train, seed, &mut |_| {
                bar.inc(1);
                session.go_on()
            })
        };
        let fitted = run(session.seed())?;
        let second = (repeats == 2).then(|| run(session.seed().child("second fit"))).transpose()?;
        bar.finish_and_clear();
        let currents = decompose(&fitted)?;
        let other = second.as_ref().map(decompose).transpose()?;
        let pairs = currents.regions().projections().map(|p| pair(p, &fitted, &currents, other.as_ref())).collect::<Result<_>>()?;
        let mut scores = scores(&fitted, &train, &test)?;
        scores.second_fitted = second.as_ref().and_then(last_score);
        scores.second_connectivity = second.map(|second| correlation(&dense(&fitted), &dense(&second)));
        Ok(Analysis { fitted, currents, pairs, scores })
    }
}

fn dense(fitted: &Fitted) -> DMatrix<f64> {
    fitted.network.connectivity.to_dense()
}

fn last_score(fitted: &Fitted) -> Option<f64> {
    fitted.history.last().map(|pass| pass.variance_explained)
}

fn decompose(fitted: &Fitted) -> Result<Currents> {
    Currents::decompose(&fitted.network, &fitted.at_samples()?)
}

fn pair(projection: Projection, fitted: &Fitted, currents: &Currents, other: Option<&Currents>) -> Result<Pair> {
    let current = currents.get(&projection)?;
    let names = currents.regions().names();
    let into = |source: &String| currents.get(&Projection::new(source, &projection.target)).map(rms);
    let all: f64 = names.iter().map(into).sum::<Result<f64>>()?;
    let agreement = other.map(|other| other.get(&projection).map(|second| correlation(current, second))).transpose()?;
    Ok(Pair {
        mean_absolute: current.map(f64::abs).mean(),
        net: current.mean(),
        rms: rms(current),
        share: rms(current) / all,
        over_total: rms(current) / rms(&currents.total(&projection.target)?),
        excitatory_rms: rms(&currents.excitatory(&projection)?),
        inhibitory_rms: rms(&currents.inhibitory(&projection)?),
        agreement: agreement.filter(|value| value.is_finite()),
        interval: Interval::of(fitted, currents, &projection)?,
        source: projection.source,
        target: projection.target,
    })
}

fn rms(current: &DMatrix<f64>) -> f64 {
    current.norm() / (current.len() as f64).sqrt()
}

/// Scores on the held-out samples, in the model's units.
fn scores(fitted: &Fitted, train: &Recording, test: &Recording) -> Result<Scores> {
    let scaled = |recording: &Recording| {
        let mut rates = recording.rates.clone();
        rates.row_iter_mut().zip(&fitted.scale).for_each(|(mut row, &scale)| row /= scale);
        Recording { rates, ..recording.clone() }
    };
    let (train, test) = (scaled(train), scaled(test));
    let ahead = one_step(&fitted.network, &test, fitted.steps_per_sample)?;
    let free = match free_run(&fitted.network, &test, fitted.steps_per_sample) {
        Ok(rates) => Some(variance_explained(&test.rates, &rates)),
        Err(Error::Diverged { .. }) => None,
        Err(error) => return Err(error),
    };
    let means = train.rates.column_mean();
    let constant = DMatrix::from_fn(test.neurons(), test.samples(), |i, _| means[i]);
    let start = fitted.initial.as_ref().map(|initial| correlation(&initial.to_dense(), &dense(fitted)));
    Ok(Scores {
        fitted_samples: train.samples(),
        held_out_samples: test.samples(),
        fitted: last_score(fitted).unwrap_or(f64::NAN),
        one_step: variance_explained(&ahead.recorded, &ahead.rates),
        persistence: variance_explained(&ahead.recorded, &ahead.before),
        free_run: free,
        mean: variance_explained(&test.rates, &constant),
        start_correlation: start,
        second_fitted: None,
        second_connectivity: None,
    })
}
