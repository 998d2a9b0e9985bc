//! The figures of a study: currents, weights and scores of fits beside their truth.

use super::{Axis, Colour, ColourMap, Figure, HeatMap, Legend, Line, Mark, Panel, Points, ScoreKind, ScoreSeries, Scores, Whiskers};
use crate::error::Result;
use crate::identify::{
    CURRENT_CORRELATION, Example, Score, Study, Summary, Table, VARIANCE_REPORTED, WEIGHT_CORRELATION, is_between, is_within, larger_null,
};
use nalgebra::DMatrix;

/// True and inferred current of every ordered pair of regions, side by side: one row per target, two columns per source.
///
/// The two maps of a pair share their limits, so that a current of the wrong size is seen to be one.
///
/// # Errors
/// An example whose parts disagree.
pub fn currents_figure(example: &Example) -> Result<Figure> {
    let clock = example.currents.clock();
    let mut panels = Vec::new();
    for projection in example.currents.regions().projections() {
        let (truth, inferred) = (example.currents.get(&projection)?, example.inferred.get(&projection)?);
        let limit = quantile(truth, 0.995).max(quantile(inferred, 0.995)).max(f64::MIN_POSITIVE);
        for (matrix, kind) in [(truth, "true"), (inferred, "inferred")] {
            let map = HeatMap {
                matrix: matrix.clone(),
                x: Some((0.0, clock.duration())),
                map: ColourMap::Diverging,
                limits: Some((-limit, limit)),
                label: "current (activation)".into(),
                ..HeatMap::default()
            };
            let y = if kind == "true" { Axis::new(format!("neuron of {}", projection.target)) } else { Axis::default() };
            panels.push(Panel {
                title: format!("{projection}, {kind}"),
                x: Axis::new("time (s)"),
                y,
                marks: vec![map.into()],
                ..Panel::default()
            });
        }
    }
    Ok(Figure {
        title: format!(
            "Currents ({}): true, and as inferred by {}; the two maps of a pair share their limits",
            example.truth, example.method
        ),
        panels,
        columns: 2 * example.currents.regions().count(),
        panel_size: (270, 200),
        hide_letters: true,
        ..Figure::default()
    })
}

/// Inferred against true weights, within and between regions: one panel per method, one row per truth.
pub fn weights_figure(examples: &[Example]) -> Figure {
    let first = examples.first().map_or("", |example| example.truth.as_str());
    let columns = examples.iter().filter(|example| example.truth == first).count();
    Figure {
        title: format!("Weights: inferred against true (at most {CLOUD} of each kind are drawn)"),
        panels: examples.iter().map(weights_panel).collect(),
        columns: columns.max(1),
        panel_size: (330, 300),
        shared_legend: true,
        ..Figure::default()
    }
}

/// At most this many points of a cloud are drawn.
const CLOUD: usize = 1500;

fn weights_panel(example: &Example) -> Panel {
    let regions = example.currents.regions();
    let weights = example.fitted.network.connectivity.to_dense();
    let mut clouds = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for source in 0..weights.ncols() {
        for target in 0..weights.nrows() {
            let (x, y) = &mut clouds[usize::from(regions.region_of(source) != regions.region_of(target))];
            x.push(example.connectivity[(target, source)]);
            y.push(weights[(target, source)]);
        }
    }
    let largest = example.connectivity.amax();
    let mut marks: Vec<Mark> =
        vec![Line { x: vec![-largest, largest], y: vec![-largest, largest], label: "identity".into(), ..Line::default() }.into()];
    for ((x, y), (label, colour)) in clouds.into_iter().zip([("within regions", Colour::cycle(0)), ("between regions", Colour::cycle(1))]) {
        // A step that shares no factor with the number of neurons does not follow rows or columns.
        let step = (x.len().div_ceil(CLOUD).max(1)..).find(|&step| common_divisor(step, weights.nrows()) == 1).unwrap_or(1);
        let thin = |values: Vec<f64>| values.into_iter().step_by(step).collect();
        marks.push(Points { x: thin(x), y: thin(y), size: 2.5, alpha: 0.5, colour, label: label.into(), ..Points::default() }.into());
    }
    let (x, y) = (Axis::new("true weight"), Axis::new("inferred weight"));
    Panel { title: format!("{}: {}", example.truth, example.method), x, y, marks, legend: Legend::Off, ..Panel::default() }
}

/// Greatest common divisor.
fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Variance explained beside the recovery of weights and currents: one panel per truth, one colour per method, nulls as grey marks.
pub fn scores_figure(study: &Study, table: &Table) -> Figure {
    let panels = study.truths.iter().map(|(truth, _)| scores_panel(study, table, truth)).collect();
    Figure { panels, columns: study.truths.0.len().min(2), panel_size: (560, 380), shared_legend: true, ..Figure::default() }
}

fn scores_panel(study: &Study, table: &Table, truth: &str) -> Panel {
    type Measure = (&'static str, &'static str, fn(&str) -> bool);
    let measures: [Measure; 4] = [
        ("variance explained (reported)", VARIANCE_REPORTED, |_| true),
        ("weights J", WEIGHT_CORRELATION, |s| s == "all"),
        ("currents within regions", CURRENT_CORRELATION, is_within),
        ("currents between regions", CURRENT_CORRELATION, is_between),
    ];
    let series = study.methods.iter().enumerate().map(|(index, (method, _))| {
        let of = |part: fn(&Score) -> f64| -> Vec<Summary> {
            measures.iter().map(|(_, name, keep)| table.summary((truth, method), name, keep, part)).collect()
        };
        let values = of(|s| s.value);
        // The same null as in the report: the larger of the two means.
        let nulls =
            of(|s| s.null_initial).into_iter().zip(of(|s| s.null_shuffled)).map(|(initial, shuffled)| larger_null(initial, shuffled).mean);
        ScoreSeries {
            values: values.iter().map(|s| s.mean).collect(),
            whiskers: Whiskers::Symmetric(values.iter().map(|s| if s.sd.is_nan() { 0.0 } else { s.sd }).collect()),
            null: nulls.collect(),
            colour: Colour::cycle(index),
            label: method.to_string(),
            ..ScoreSeries::default()
        }
    });
    let scores = Scores { series: series.collect(), kind: ScoreKind::Dots, null_label: "uninformed J".into() };
    Panel {
        title: format!("{truth} coupling"),
        x: Axis::categories(measures.map(|(label, ..)| label)),
        y: Axis { range: Some((-0.25, 1.05)), ..Axis::new("variance explained, or correlation with the truth") },
        marks: vec![Mark::hline(0.0, ""), scores.into()],
        legend: Legend::Off,
        ..Panel::default()
    }
}

/// The modulus below which a share `q` of the entries lies.
fn quantile(matrix: &DMatrix<f64>, q: f64) -> f64 {
    let mut sizes: Vec<f64> = matrix.iter().map(|v| v.abs()).collect();
    let rank = (q * (sizes.len() - 1) as f64).round() as usize;
    *sizes.select_nth_unstable_by(rank, f64::total_cmp).1
}
