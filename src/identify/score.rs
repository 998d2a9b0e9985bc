//! Scores of a fit against the truth, each beside what an uninformed connectivity would score.

use super::observation::Observed;
use crate::connectivity::Connectivity;
use crate::currents::Currents;
use crate::ensemble::normal_matrix;
use crate::error::Result;
use crate::fit::{Fitted, expected_recovery};
use crate::metric::{best_lag, correlation, rms_ratio, sign_agreement, slope, variance_explained};
use crate::network::Network;
use crate::prediction::{free_run, one_step_from, states};
use crate::recording::Recording;
use crate::regions::Projection;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::seq::SliceRandom;
use serde::Serialize;

/// One number about one fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// What is measured: one of the names below [`Score`].
    pub name: &'static str,
    /// What it is measured on: `all`, `off-diagonal`, `in sample`, `held out`, or a projection such as `A → B`.
    pub subject: String,
    /// The value; NaN where the question has no answer (a current that is zero has no correlation).
    pub value: f64,
    /// The same score of the connectivity that the fit started from (or of a random one of the same size).
    pub null_initial: f64,
    /// The same score after shuffling the fitted weights over the sources within each region.
    pub null_shuffled: f64,
}

/// Share of variance as the method itself reports it after its last pass.
pub const VARIANCE_REPORTED: &str = "variance explained, reported";
/// Share of variance of each sample predicted from the one before.
pub const VARIANCE_ONE_STEP: &str = "variance explained, one step";
/// Share of variance in a run that is only given the first sample.
pub const VARIANCE_FREE_RUN: &str = "variance explained, free run";
/// The one-step share of predicting that nothing changes.
pub const VARIANCE_PERSISTENCE: &str = "variance explained, nothing changes";
/// Pearson correlation of weights.
pub const WEIGHT_CORRELATION: &str = "J correlation";
/// <truth, fit> / <truth, truth> of weights.
pub const WEIGHT_SLOPE: &str = "J slope";
/// Share of right signs among the stronger half of the weights that exist.
pub const WEIGHT_SIGNS: &str = "J sign agreement";
/// Pearson correlation of a current over its neurons and all times.
pub const CURRENT_CORRELATION: &str = "current correlation";
/// RMS of the inferred over RMS of the true current.
pub const CURRENT_GAIN: &str = "current gain";
/// Delay of the inferred behind the true current, in s.
pub const CURRENT_LAG: &str = "current lag";

/// Share of samples and neurons at which the 90 % credible interval holds the true current; only of fits with a posterior.
pub const CURRENT_COVERAGE: &str = "current in its 90 % interval";
/// The share that the posterior itself expects there; only of fits with a posterior.
pub const CURRENT_COVERAGE_EXPECTED: &str = "current in its 90 % interval, expected";
/// The correlation of a current with the truth that the posterior itself expects; only of fits with a posterior.
pub const CURRENT_EXPECTED: &str = "current correlation, expected";
/// Share of the target's neurons whose intervals the fit itself says not to believe; only of fits with a posterior.
pub const CURRENT_DOUBT: &str = "current, share of neurons with a misfit";

/// Every name that a score can have.
pub(crate) const SCORE_NAMES: [&str; 14] = [
    VARIANCE_REPORTED,
    VARIANCE_ONE_STEP,
    VARIANCE_FREE_RUN,
    VARIANCE_PERSISTENCE,
    WEIGHT_CORRELATION,
    WEIGHT_SLOPE,
    WEIGHT_SIGNS,
    CURRENT_CORRELATION,
    CURRENT_GAIN,
    CURRENT_LAG,
    CURRENT_COVERAGE,
    CURRENT_COVERAGE_EXPECTED,
    CURRENT_EXPECTED,
    CURRENT_DOUBT,
];

/// A fit and the two uninformed connectivities that it is held against.
struct Candidates<'a> {
    fitted: &'a Fitted,
    /// Weights in the units of the recorded rates: fitted, initial, shuffled.
    weights: [DMatrix<f64>; 3],
}

impl<'a> Candidates<'a> {
    fn new(fitted: &'a Fitted, seed: Seed) -> Self {
        let scale = &fitted.scale;
        let recorded = |j: DMatrix<f64>| DMatrix::from_fn(j.nrows(), j.ncols(), |i, k| j[(i, k)] / scale[k]);
        let weights = fitted.network.connectivity.to_dense();
        let initial = match &fitted.initial {
            Some(initial) => initial.to_dense(),
            None => {
                let rms = (weights.norm_squared() / weights.len() as f64).sqrt();
                normal_matrix(weights.nrows(), weights.ncols(), rms, seed.child("random connectivity"))
            }
        };
        let shuffled = shuffle_sources(&weights, fitted, seed);
        Candidates { fitted, weights: [recorded(weights), recorded(initial), recorded(shuffled)] }
    }

    /// A score of all three weight matrices.
    fn score(&self, name: &'static str, subject: impl Into<String>, value: impl Fn(&DMatrix<f64>) -> f64) -> Score {
        let [value, null_initial, null_shuffled] = [0, 1, 2].map(|which| value(&self.weights[which]));
        Score { name, subject: subject.into(), value, null_initial, null_shuffled }
    }

    /// The network with one of the weight matrices, on recorded rates.
    fn network(&self, which: usize) -> Result<Network> {
        Ok(Network { connectivity: Connectivity::dense(self.weights[which].clone())?, ..self.fitted.network.clone() })
    }
}

/// The weights with the sources of every region permuted, the same permutation for every target.
fn shuffle_sources(weights: &DMatrix<f64>, fitted: &Fitted, seed: Seed) -> DMatrix<f64> {
    let mut order: Vec<usize> = (0..weights.ncols()).collect();
    let mut rng = seed.child("shuffled sources").rng();
    fitted.network.regions.iter().for_each(|(_, range)| order[range].shuffle(&mut rng));
    weights.select_columns(&order)
}

/// Every score of `fitted` against the network `truth` that made `recording`; `held_out` is activity of the same network that the fit has
/// not seen.
///
/// # Errors
/// Recordings that do not belong to the truth.
pub fn score(truth: &Network, recording: &Recording, held_out: Option<&Recording>, fitted: &Fitted, seed: Seed) -> Result<Vec<Score>> {
    let currents = Currents::decompose(truth, &recording.window(0..fitted.sample_columns.len())?)?;
    let blocks = truth.regions.projections().map(|projection| currents.get(&projection).cloned()).collect::<Result<Vec<_>>>()?;
    scores(truth, (recording, held_out), &blocks, &Candidates::new(fitted, seed))
}

/// Every score of `fitted` against what was observed of a truth: its currents come from all neurons, the unseen ones included.
///
/// # Errors
/// A fit of something else.
pub fn score_observed(observed: &Observed, fitted: &Fitted, seed: Seed) -> Result<Vec<Score>> {
    let samples = fitted.sample_columns.len();
    let blocks: Vec<DMatrix<f64>> = observed.currents.iter().map(|block| block.columns(0, samples).into_owned()).collect();
    scores(&observed.network, (&observed.recording, Some(&observed.fresh)), &blocks, &Candidates::new(fitted, seed))
}

/// All scores, given the true currents in the order of the projections.
fn scores(
    truth: &Network,
    data: (&Recording, Option<&Recording>),
    currents: &[DMatrix<f64>],
    candidates: &Candidates,
) -> Result<Vec<Score>> {
    let mut scores = prediction_scores(data.0, data.1, candidates)?;
    scores.extend(weight_scores(truth, candidates)?);
    scores.extend(current_scores(truth, data.0, currents, candidates)?);
    Ok(scores)
}

fn prediction_scores(recording: &Recording, held_out: Option<&Recording>, candidates: &Candidates) -> Result<Vec<Score>> {
    let fitted = candidates.fitted;
    let last = fitted.history.last().map_or(f64::NAN, |pass| pass.variance_explained);
    let mut scores =
        vec![Score { name: VARIANCE_REPORTED, subject: "in sample".into(), value: last, null_initial: f64::NAN, null_shuffled: f64::NAN }];
    let trained = recording.window(0..fitted.sample_columns.len())?;
    for (subject, data) in [("in sample", Some(&trained)), ("held out", held_out)] {
        let Some(data) = data else { continue };
        // A fit that did not use the inputs does not get them here either.
        let data = in_units_of(data, fitted);
        let states = states(&fitted.network, &data)?;
        let mut one = [f64::NAN; 3];
        let mut free = [f64::NAN; 3];
        for which in 0..3 {
            let network = candidates.network(which)?;
            let network = Network { connectivity: model_units(&network.connectivity, &fitted.scale)?, ..network };
            let ahead = one_step_from(&network, &data, &states, fitted.steps_per_sample)?;
            one[which] = variance_explained(&ahead.recorded, &ahead.rates);
            // A run that leaves the range of numbers explains nothing: its score stays NaN.
            free[which] = free_run(&network, &data, fitted.steps_per_sample).map_or(f64::NAN, |run| variance_explained(&data.rates, &run));
            if which == 0 {
                let value = variance_explained(&ahead.recorded, &ahead.before);
                scores.push(Score {
                    name: VARIANCE_PERSISTENCE,
                    subject: subject.into(),
                    value,
                    null_initial: f64::NAN,
                    null_shuffled: f64::NAN,
                });
            }
        }
        for (name, [value, null_initial, null_shuffled]) in [(VARIANCE_ONE_STEP, one), (VARIANCE_FREE_RUN, free)] {
            scores.push(Score { name, subject: subject.into(), value, null_initial, null_shuffled });
        }
    }
    Ok(scores)
}

/// The recording as the fit saw it: divided by its scale, with inputs only where the fit used them.
fn in_units_of(recording: &Recording, fitted: &Fitted) -> Recording {
    let rates = DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| recording.rates[(i, k)] / fitted.scale[i]);
    let inputs = recording.inputs.clone().filter(|_| fitted.inputs.is_some());
    Recording { rates, inputs, ..recording.clone() }
}

fn model_units(weights: &Connectivity, scale: &[f64]) -> Result<Connectivity> {
    let dense = weights.to_dense();
    Connectivity::dense(DMatrix::from_fn(dense.nrows(), dense.ncols(), |i, k| dense[(i, k)] * scale[k]))
}

fn weight_scores(truth: &Network, candidates: &Candidates) -> Result<Vec<Score>> {
    let regions = &truth.regions;
    let dense = truth.connectivity.to_dense();
    let off_diagonal = |j: &DMatrix<f64>| {
        let entries: Vec<f64> = j.iter().enumerate().filter(|(entry, _)| entry % j.nrows() != entry / j.nrows()).map(|(_, &w)| w).collect();
        DMatrix::from_vec(entries.len(), 1, entries)
    };
    let mut scores = Vec::new();
    type Measure = fn(&DMatrix<f64>, &DMatrix<f64>) -> f64;
    let measures: [(&'static str, Measure); 3] = [(WEIGHT_CORRELATION, correlation), (WEIGHT_SLOPE, slope), (WEIGHT_SIGNS, sign_agreement)];
    let without_diagonal = off_diagonal(&dense);
    for (name, measure) in measures {
        scores.push(candidates.score(name, "all", |j| measure(&dense, j)));
        scores.push(candidates.score(name, "off-diagonal", |j| measure(&without_diagonal, &off_diagonal(j))));
        for projection in regions.projections() {
            let (rows, columns) = regions.block(&projection)?;
            let cut = |j: &DMatrix<f64>| j.view((rows.start, columns.start), (rows.len(), columns.len())).into_owned();
            let block = cut(&dense);
            scores.push(candidates.score(name, projection.to_string(), |j| measure(&block, &cut(j))));
        }
    }
    Ok(scores)
}

fn current_scores(truth: &Network, recording: &Recording, currents: &[DMatrix<f64>], candidates: &Candidates) -> Result<Vec<Score>> {
    let inferred = inferred_of_each(candidates)?;
    let mut scores = Vec::new();
    for (projection, truth) in truth.regions.projections().zip(currents) {
        let pairs = CurrentPairs { truth, inferred: &inferred };
        let lag = |truth: &DMatrix<f64>, inferred: &DMatrix<f64>| {
            let largest = (2.0 * candidates.fitted.network.tau[0] / recording.clock.dt()).ceil() as usize;
            best_lag(truth, inferred, largest).map_or(f64::NAN, |lag| lag as f64 * recording.clock.dt())
        };
        scores.push(pairs.score(CURRENT_CORRELATION, &projection, correlation)?);
        scores.push(pairs.score(CURRENT_GAIN, &projection, rms_ratio)?);
        scores.push(pairs.score(CURRENT_LAG, &projection, lag)?);
        scores.extend(pairs.interval_scores(candidates.fitted, &projection)?);
    }
    Ok(scores)
}

/// A true current, and those of the fit and of its two nulls on the same rates.
struct CurrentPairs<'a> {
    truth: &'a DMatrix<f64>,
    inferred: &'a [Currents; 3],
}

/// The currents of the fit and of its two nulls.
fn inferred_of_each(candidates: &Candidates) -> Result<[Currents; 3]> {
    let fitted = candidates.fitted;
    let model = in_recorded_units(&fitted.at_samples()?, &fitted.scale);
    let of = |which: usize| Currents::decompose(&candidates.network(which)?, &model);
    Ok([of(0)?, of(1)?, of(2)?])
}

impl CurrentPairs<'_> {
    /// How the posterior of the fit, if it has one, stands to the truth.
    fn interval_scores(&self, fitted: &Fitted, projection: &Projection) -> Result<Vec<Score>> {
        let Some(posterior) = &fitted.posterior else { return Ok(Vec::new()) };
        let (truth, mean) = (self.truth, self.inferred[0].get(projection)?);
        let open = posterior.current(&fitted.network.regions, projection)?.at(&fitted.sample_columns);
        let doubt = posterior.misfit.share(fitted.network.regions.range(&projection.target)?);
        let values = [
            (CURRENT_COVERAGE, open.held(truth)),
            (CURRENT_COVERAGE_EXPECTED, open.inside),
            (CURRENT_EXPECTED, expected_recovery(mean, &open.deviation)),
            (CURRENT_DOUBT, doubt),
        ];
        let score = |(name, value)| Score { name, subject: projection.to_string(), value, null_initial: f64::NAN, null_shuffled: f64::NAN };
        Ok(values.into_iter().map(score).collect())
    }

    fn score(&self, name: &'static str, projection: &Projection, measure: impl Fn(&DMatrix<f64>, &DMatrix<f64>) -> f64) -> Result<Score> {
        let mut values = [0.0; 3];
        for (value, inferred) in values.iter_mut().zip(self.inferred) {
            *value = measure(self.truth, inferred.get(projection)?);
        }
        let [value, null_initial, null_shuffled] = values;
        Ok(Score { name, subject: projection.to_string(), value, null_initial, null_shuffled })
    }
}

fn in_recorded_units(model: &Recording, scale: &[f64]) -> Recording {
    let rates = DMatrix::from_fn(model.neurons(), model.samples(), |i, k| model.rates[(i, k)] * scale[i]);
    Recording { rates, ..model.clone() }
}

/// The currents of a fit at the samples of the recording: J r as the fitted network feels it.
///
/// # Errors
/// A fit whose parts disagree in shape.
pub fn inferred_currents(fitted: &Fitted) -> Result<Currents> {
    Currents::decompose(&fitted.network, &fitted.at_samples()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Fit, Ridge};
    use crate::identify::ThreeRegion;

    fn trial(fit: &dyn Fit) -> Vec<Score> {
        let spec = ThreeRegion { units: 20, projecting: 0.5, amplitude: Some(1.0), ..Default::default() };
        let truth = spec.build(Seed(1)).unwrap();
        let recording = truth.record().unwrap();
        let fresh = truth.record_again().unwrap();
        let fitted = fit.fit(&recording, Seed(2)).unwrap();
        score(&truth.network, &recording, Some(&fresh), &fitted, Seed(3)).unwrap()
    }

    fn value<'a>(scores: &'a [Score], name: &str, subject: &str) -> &'a Score {
        scores.iter().find(|s| s.name == name && s.subject == subject).unwrap()
    }

    #[test]
    fn a_fit_that_is_right_scores_right_and_its_nulls_do_not() {
        let scores = trial(&Ridge::default());
        for projection in ["A → A", "B → A", "A → C"] {
            let current = value(&scores, CURRENT_CORRELATION, projection);
            assert!(current.value > 0.999, "{projection}: {current:?}");
            assert!(current.null_initial.abs() < 0.5 && current.null_shuffled.abs() < 0.7, "{current:?}");
            assert!((value(&scores, CURRENT_GAIN, projection).value - 1.0).abs() < 0.01);
            assert_eq!(value(&scores, CURRENT_LAG, projection).value, 0.0);
        }
        assert!(value(&scores, WEIGHT_CORRELATION, "all").value > 0.999);
        assert!(value(&scores, WEIGHT_CORRELATION, "all").null_shuffled < 0.3);
        assert!(value(&scores, VARIANCE_ONE_STEP, "held out").value > 0.9999);
        assert!(value(&scores, VARIANCE_FREE_RUN, "in sample").value > 0.9);
    }

    #[test]
    fn the_scale_of_a_normalised_fit_does_not_change_its_scores_of_weights_and_currents() {
        // The same network told in other units: rates divided by s, so that J is multiplied by s column by column.
        let truth = ThreeRegion { units: 10, ..Default::default() }.build(Seed(1)).unwrap();
        let recording = truth.record().unwrap();
        let plain = Ridge { penalties: vec![1e-6], ..Default::default() }.fit(&recording, Seed(2)).unwrap();
        let scale: Vec<f64> = (0..30).map(|neuron| 1.25 + 0.05 * neuron as f64).collect();
        let mut divided = plain.clone();
        let j = plain.network.connectivity.to_dense();
        divided.network.connectivity = Connectivity::dense(DMatrix::from_fn(30, 30, |i, k| j[(i, k)] * scale[k])).unwrap();
        divided.model.rates = DMatrix::from_fn(30, recording.samples(), |i, k| plain.model.rates[(i, k)] / scale[i]);
        divided.scale = scale;
        let scores = |fitted: &Fitted| score(&truth.network, &recording, None, fitted, Seed(3)).unwrap();
        let mut compared = 0;
        for (a, b) in scores(&plain).iter().zip(&scores(&divided)) {
            if a.name.starts_with("J ") || a.name.starts_with("current") {
                assert!((a.value - b.value).abs() < 1e-9 || (a.value.is_nan() && b.value.is_nan()), "{a:?} {b:?}");
                compared += 1;
            }
        }
        assert_eq!(compared, 60);
    }

    #[test]
    fn every_subject_of_every_score_is_there_once() {
        let scores = trial(&Ridge::default());
        assert!(scores.iter().all(|s| SCORE_NAMES.contains(&s.name)));
        let mut seen = std::collections::HashSet::new();
        assert!(scores.iter().all(|s| seen.insert((s.name, s.subject.clone()))));
        // 1 reported + 2 x (persistence, one step, free run) + 3 x (2 + 9) of weights + 3 x 9 of currents
        assert_eq!(scores.len(), 1 + 6 + 33 + 27);
    }
}
