//! Analyses of pairs of regions: correlation of means, shared time courses, communication, similarity.

use super::activity::BLOCKS;
use super::context::{Context, parts};
use super::figure::{Bar, matrix_panel, zero};
use super::outcome::{Outcome, Row};
use crate::analysis::{
    Communication, CommunicationSubspace, CrossCorrelation, CrossCorrelogram, Dissimilarity, PrincipalComponents, SharedTimeCourses,
    region_means, representational_similarity,
};
use crate::error::{Error, Result};
use crate::io::Array;
use crate::plot::{Axis, Band, Colour, Legend, Line, Panel};
use crate::recording::Recording;
use crate::regions::Projection;
use nalgebra::DMatrix;

/// Conditions at most: parts of the time whose mean patterns are compared.
const CONDITIONS: usize = 40;

/// Every pair of regions once, by their places.
fn pairs(recording: &Recording) -> Vec<(usize, usize)> {
    let count = recording.regions.count();
    (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect()
}

fn names(recording: &Recording, (a, b): (usize, usize)) -> (String, Projection) {
    let names = recording.regions.names();
    (format!("{} – {}", names[a], names[b]), Projection::new(&names[a], &names[b]))
}

/// The error of the first pair, where no pair could be done; otherwise what went wrong becomes remarks.
fn some(outcome: Outcome, mut failed: Vec<(String, Error)>) -> Result<Outcome> {
    if outcome.rows.is_empty() && !failed.is_empty() {
        return Err(failed.remove(0).1);
    }
    let remarks = failed.into_iter().map(|(on, error)| format!("{on}: {error}")).collect();
    Ok(Outcome { remarks, ..outcome })
}

/// Lagged correlation of the mean rates of every pair of regions.
pub fn correlation(context: &Context) -> Result<Outcome> {
    let recording = context.regions()?;
    let means = region_means(recording)?;
    let method = CrossCorrelation { longest: context.longest(), blocks: BLOCKS.min(recording.samples()) };
    let (mut outcome, mut failed) = (Outcome::default(), Vec::new());
    let mut clearest: Option<(f64, String, CrossCorrelogram)> = None;
    for pair in pairs(recording) {
        let (on, projection) = names(recording, pair);
        let found = match method.of(&means, pair.0, pair.1) {
            Ok(found) => found,
            Err(error) => {
                failed.push((on, error));
                continue;
            }
        };
        let lead = found.lead();
        let zero_lag = found.lags.len() / 2;
        outcome.rows.push(Row::new("correlation", &on, "correlation at lag 0", found.values[zero_lag]).chance(2.0 * found.null[zero_lag]));
        outcome.rows.push(Row::estimate("correlation", &on, "largest correlation", lead.correlation).chance(2.0 * lead.null));
        outcome.rows.push(Row::new("correlation", &on, "at a lag of", lead.lag).unit("s"));
        let file = format!("{}_{}", projection.source, projection.target);
        if outcome.arrays.is_empty() {
            outcome.keep("correlation_lags_s", Array::vector(found.lags.clone()));
        }
        for (kind, values) in [("", &found.values), ("_error", &found.errors), ("_null", &found.null)] {
            outcome.keep(&format!("correlation{kind}_{file}"), Array::vector(values.clone()));
        }
        let clear = lead.correlation.value.abs() / lead.null;
        if clearest.as_ref().is_none_or(|(best, ..)| clear > *best) {
            clearest = Some((clear, format!("{}, then {}", projection.source, projection.target), found));
        }
    }
    if let Some((_, title, found)) = clearest {
        outcome.panels.push(correlogram(&format!("Region means:\n{title}"), found));
    }
    some(outcome, failed)
}

fn correlogram(title: &str, found: CrossCorrelogram) -> Panel {
    let scaled = |sign: f64| found.null.iter().map(|null| 2.0 * sign * null).collect();
    let shifted = |sign: f64| found.values.iter().zip(&found.errors).map(|(value, error)| value + sign * error).collect();
    let grey = Colour::GREY;
    let null = Band {
        x: found.lags.clone(),
        low: scaled(-1.0),
        high: scaled(1.0),
        colour: grey,
        label: "unrelated, 95 %".into(),
        ..Band::default()
    };
    let error =
        Band { x: found.lags.clone(), low: shifted(-1.0), high: shifted(1.0), label: "± 1 standard error".into(), ..Band::default() };
    let line = Line { x: found.lags, y: found.values, colour: Colour::BLUE, ..Line::default() };
    let marks = vec![zero(), null.into(), error.into(), line.into()];
    let (x, y) = (Axis::new("lag of the second (s)"), Axis::new("correlation"));
    Panel { title: title.into(), x, y, marks, legend: Legend::Above, ..Panel::default() }
}

/// Principal angles between the time courses of every pair of regions.
pub fn angles(context: &Context) -> Result<Outcome> {
    let recording = context.regions()?;
    let mut count = context.components().min(recording.samples() / 10);
    for (_, part) in parts(recording)?.iter().skip(1) {
        let components = PrincipalComponents::of(&part.rates)?;
        count = count.min(components.count_for(0.95)?);
    }
    let (mut outcome, mut failed) = (Outcome::default(), Vec::new());
    let regions = recording.regions.count();
    let mut matrix = DMatrix::from_element(regions, regions, f64::NAN);
    for pair in pairs(recording) {
        let (on, projection) = names(recording, pair);
        match SharedTimeCourses::of(recording, &projection, count) {
            Ok(found) => {
                let mean = |angles: &[f64]| angles.iter().sum::<f64>().to_degrees() / angles.len() as f64;
                let smallest = (found.angles[0].to_degrees(), found.shifted[0].to_degrees());
                outcome.rows.push(Row::new("angles", &on, "smallest angle", smallest.0).chance(smallest.1).unit("°"));
                let row = Row::new("angles", &on, &format!("mean of {count} angles"), mean(&found.angles));
                outcome.rows.push(row.chance(mean(&found.shifted)).unit("°"));
                matrix[pair] = smallest.0;
                matrix[(pair.1, pair.0)] = smallest.0;
                outcome.keep(&format!("angles_{}_{}", projection.source, projection.target), Array::vector(found.angles));
            }
            Err(error) => failed.push((on, error)),
        }
    }
    let title = "Smallest angle between time courses";
    outcome.panels.push(matrix_panel(
        recording,
        matrix,
        title,
        Bar { label: "angle (°)", limits: Some((0.0, 90.0)), decimals: 0, ordered: false },
    ));
    some(outcome, failed)
}

/// Dimension of the communication subspace of every ordered pair of regions.
pub fn communication(context: &Context) -> Result<Outcome> {
    let recording = context.regions()?;
    let method = CommunicationSubspace::default();
    let (mut outcome, mut failed) = (Outcome::default(), Vec::new());
    let regions = recording.regions.count();
    let [mut dimensions, mut explained] = [(); 2].map(|()| DMatrix::from_element(regions, regions, f64::NAN));
    for projection in recording.regions.projections().filter(|projection| !projection.is_within()) {
        if context.session.stopped() {
            return Err(Error::Cancelled);
        }
        let on = projection.to_string();
        match method.of(recording, &projection) {
            Ok(found) => {
                communication_rows(&mut outcome, &on, &found);
                let place = (recording.regions.index(&projection.target)?, recording.regions.index(&projection.source)?);
                (dimensions[place], explained[place]) = (found.dimension as f64, found.explained());
                let file = format!("{}_to_{}", projection.source, projection.target);
                outcome.keep(&format!("communication_error_{file}"), Array::vector(found.errors));
                outcome.keep(&format!("communication_error_deviation_{file}"), Array::vector(found.deviations));
            }
            Err(error) => failed.push((on, error)),
        }
    }
    let bar = Bar { label: "dimensions", limits: None, decimals: 0, ordered: true };
    outcome.panels.push(matrix_panel(recording, dimensions, "Communication subspace", bar));
    let bar = Bar { label: "held-out variance explained", limits: Some((0.0, 1.0)), decimals: 2, ordered: true };
    outcome.panels.push(matrix_panel(recording, explained, "Prediction by the other region", bar));
    some(outcome, failed)
}

fn communication_rows(outcome: &mut Outcome, on: &str, found: &Communication) {
    let error = found.deviations[found.dimension];
    outcome.rows.push(Row::new("communication", on, "dimension of the subspace", found.dimension as f64));
    let row = Row::new("communication", on, "held-out variance explained", found.explained());
    outcome.rows.push(Row { standard_error: Some(error), ..row });
}

/// Rank correlation of the dissimilarities of every pair of regions, over parts of the time.
pub fn similarity(context: &Context) -> Result<Outcome> {
    let recording = context.regions()?;
    let conditions = CONDITIONS.min(recording.samples() / 5);
    if conditions < 8 {
        let problem = format!("{} samples make {conditions} conditions of five", recording.samples());
        return Err(Error::data("the recording", problem, "give a longer one: at least 8 are needed"));
    }
    let mut matrices = Vec::new();
    for (_, part) in parts(recording)?.iter().skip(1) {
        let edge = |k: usize| k * part.samples() / conditions;
        let pattern = |k: usize| part.rates.columns(edge(k), edge(k + 1) - edge(k)).column_mean();
        let patterns = DMatrix::from_columns(&(0..conditions).map(pattern).collect::<Vec<_>>());
        matrices.push(Dissimilarity::Euclidean.matrix(&patterns)?);
    }
    let mut outcome = Outcome::default();
    let regions = recording.regions.count();
    let mut found = DMatrix::from_element(regions, regions, f64::NAN);
    for pair in pairs(recording) {
        let (first, second) = (&matrices[pair.0], &matrices[pair.1]);
        let value = representational_similarity(first, second)?;
        // Moving the conditions of one region in a circle keeps what is due to slow drifts.
        let shifted = |shift: usize| {
            let moved = DMatrix::from_fn(conditions, conditions, |a, b| second[((a + shift) % conditions, (b + shift) % conditions)]);
            representational_similarity(first, &moved)
        };
        let mut chance: Vec<f64> = (1..conditions).map(shifted).collect::<Result<_>>()?;
        chance.sort_by(f64::total_cmp);
        let on = names(recording, pair).0;
        let row = Row::new("similarity", &on, &format!("rank correlation over {conditions} parts of the time"), value);
        outcome.rows.push(row.chance(chance[(0.95 * chance.len() as f64) as usize]));
        found[pair] = value;
        found[(pair.1, pair.0)] = value;
    }
    outcome.keep("similarity", Array::from(&found));
    let bar = Bar { label: "rank correlation", limits: Some((-1.0, 1.0)), decimals: 2, ordered: false };
    outcome.panels.push(matrix_panel(recording, found, "Representational similarity", bar));
    Ok(outcome)
}
