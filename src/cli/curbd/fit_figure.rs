//! The figure of the fit: the recording, the network that was fitted to it, and how well it does.

use super::HELD_OUT;
use super::figures::{short_name, time_label, zero};
use super::results::Results;
use crate::error::Result;
use crate::plot::{Axis, Colour, Figure, HeatMap, Legend, Note, Panel, Points, ScoreKind, ScoreSeries, Scores};
use crate::prediction::one_step;
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::DMatrix;

/// Scores further down are cut off where the rest could not be told apart otherwise.
const LOWEST: f64 = -1.0;

/// The recording and what the network makes of it, the passes of the fit, and the scores of what was held out.
pub fn fit_figure(results: &Results) -> Result<Figure> {
    let fitted = &results.analysis.fitted;
    let mut train = results.recording.hold_out(HELD_OUT)?.0;
    train.rates.row_iter_mut().zip(&fitted.scale).for_each(|(mut row, &scale)| row /= scale);
    let (model, title) = match results.settings.method.has_random_start() {
        false => (one_step(&fitted.network, &fitted.model, fitted.steps_per_sample)?.rates, "Model, one step ahead"),
        true => (fitted.at_samples()?.rates, "Model, its own run"),
    };
    let limits = limits(&train.rates);
    let mut panels = vec![heat_panel(results, &train, limits, "Recording, fitted samples")];
    panels.push(heat_panel(results, &Recording { rates: model, ..train }, limits, title));
    panels.extend([passes_panel(results), scores_panel(results)]);
    let tall = 1.0 + 0.12 * (results.recording.regions.count() as f64 - 6.0).clamp(0.0, 10.0);
    Ok(Figure { panels, columns: 2, panel_size: (560, 300), row_heights: vec![tall, 1.0], ..Figure::default() })
}

/// Ends of a colour bar that leave out the last half percent; symmetric where the rates are signed.
fn limits(rates: &DMatrix<f64>) -> (f64, f64) {
    let mut sizes: Vec<f64> = rates.iter().map(|value| value.abs()).collect();
    let rank = (0.995 * (sizes.len() - 1) as f64).round() as usize;
    let largest = *sizes.select_nth_unstable_by(rank, f64::total_cmp).1;
    let largest = if largest > 0.0 { largest } else { 1.0 };
    if rates.min() < 0.0 { (-largest, largest) } else { (0.0, largest) }
}

fn heat_panel(results: &Results, recording: &Recording, limits: (f64, f64), title: &str) -> Panel {
    let regions = &recording.regions;
    let heat = HeatMap {
        matrix: recording.rates.clone(),
        x: Some((0.0, recording.clock.dt() * recording.rates.ncols() as f64)),
        limits: Some(limits),
        label: "rate (model units)".into(),
        row_separators: regions.iter().map(|(_, range)| range.start).collect(),
        ..HeatMap::default()
    };
    Panel {
        title: title.into(),
        x: Axis::new(time_label(results)),
        y: Axis { ticks: region_ticks(regions), ..Axis::new("neuron") },
        marks: vec![heat.into()],
        ..Panel::default()
    }
}

/// Names at the middle of their rows, as many as fit below each other.
fn region_ticks(regions: &Regions) -> Vec<(f64, String)> {
    let apart = regions.neurons() as f64 / 18.0;
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for (name, range) in regions.iter() {
        let middle = 0.5 * (range.start + range.end) as f64 - 0.5;
        // A name that breaks into two lines takes the room of two.
        let lines = if name.chars().count() > 15 { 2.0 } else { 1.0 };
        if ticks.last().is_none_or(|(last, _)| middle - last >= lines * apart) {
            ticks.push((middle, short_name(name)));
        }
    }
    ticks
}

fn passes_panel(results: &Results) -> Panel {
    let history = &results.analysis.fitted.history;
    let of = |learning: bool| -> (Vec<f64>, Vec<f64>) {
        let passes = history.iter().enumerate().filter(|(_, pass)| pass.learning == learning);
        passes.map(|(k, pass)| (k as f64 + 1.0, pass.variance_explained)).unzip()
    };
    let scores = history.iter().map(|pass| pass.variance_explained);
    let lowest = scores.fold(0.0, f64::min);
    let cut = lowest < LOWEST && history.last().is_some_and(|last| last.variance_explained > 0.0);
    let mut marks = vec![zero()];
    for (learning, colour, label) in [(true, Colour::BLUE, "learning"), (false, Colour::VERMILION, "not learning")] {
        let (x, y) = of(learning);
        if !x.is_empty() {
            marks.push(Points { x, y, colour, size: 4.5, label: label.into(), ..Points::default() }.into());
        }
    }
    // Between 0 and 2 automatic ticks would stand at half passes.
    let single = if history.len() == 1 { vec![(1.0, "1".to_string())] } else { Vec::new() };
    let low = if cut { LOWEST } else { 1.06 * lowest - 0.05 };
    Panel {
        title: format!("Fitted samples{}", if cut { " (scores below −1 are not shown)" } else { "" }),
        x: Axis { range: Some((0.0, history.len() as f64 + 1.0)), ticks: single, ..Axis::new("pass") },
        y: Axis { range: Some((low, 1.05)), ..Axis::new("variance explained") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}

fn scores_panel(results: &Results) -> Panel {
    let s = &results.analysis.scores;
    let series = [
        ("network", Colour::BLUE, [s.one_step, s.free_run.unwrap_or(f64::NAN)]),
        ("without a model", Colour::GREY, [s.persistence, s.mean]),
    ];
    let lowest = series.iter().flat_map(|(_, _, values)| values).fold(0.0_f64, |least, &value| least.min(value)).max(LOWEST);
    let low = lowest - 0.15;
    let bars = series.iter().map(|&(label, colour, values)| ScoreSeries {
        values: values.to_vec(),
        colour,
        label: label.into(),
        ..ScoreSeries::default()
    });
    let mut marks = vec![Scores { series: bars.collect(), kind: ScoreKind::Bars, ..Scores::default() }.into()];
    for (place, (.., values)) in [-0.195, 0.195].into_iter().zip(&series) {
        for (k, &value) in values.iter().enumerate() {
            let (beyond, text) =
                if value.is_nan() { (0.07, "diverged".into()) } else { (value, format!("{value:.3}").replace('-', "−")) };
            let y = if value < 0.0 { beyond - 0.07 } else { beyond + 0.07 };
            marks.push(Note { x: k as f64 + place, y: y.clamp(low, 1.2), text, ..Note::default() }.into());
        }
    }
    Panel {
        title: format!("Held-out samples{}", if lowest > LOWEST { "" } else { " (bars are cut at −1)" }),
        x: Axis::categories(["one step ahead; without a model: nothing changes", "free run; without a model: mean of the fitted samples"]),
        y: Axis { range: Some((low, 1.2)), ..Axis::new("variance explained") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}
