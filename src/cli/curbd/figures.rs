//! The figures of the command: currents between regions, their time courses, and how well the network follows the recording.

use super::analysis::Pair;
use super::fit_figure::fit_figure;
use super::interval::Interval;
use super::results::Results;
use crate::error::Result;
use crate::plot::{Axis, Band, Colour, ColourMap, Figure, HeatMap, Line, Mark, Panel, Reference};
use crate::regions::Projection;
use nalgebra::DMatrix;
use std::path::Path;

/// Files without their endings.
pub const STEMS: [&str; 3] = ["regions", "traces", "fit"];

/// Matrices of more regions carry no numbers.
const NUMBERED: usize = 10;

/// Regions whose time courses are drawn.
const TRACED: usize = 6;

/// Longer names are cut.
const NAME: usize = 28;

/// Writes the three figures, each as SVG and PNG.
pub fn write(results: &Results, folder: &Path) -> Result<()> {
    let figures = [regions_figure(results), traces_figure(results)?, fit_figure(results)?];
    figures.iter().zip(STEMS).try_for_each(|(figure, stem)| figure.save(folder, stem).map(drop))
}

pub(super) fn short_name(name: &str) -> String {
    if name.chars().count() <= NAME { name.to_string() } else { name.chars().take(NAME - 1).chain(['…']).collect() }
}

/// Matrices of mean modulus, net current and agreement: rows are targets, columns are sources.
fn regions_figure(results: &Results) -> Figure {
    let regions = results.analysis.currents.regions();
    let names: Vec<String> = regions.names().iter().map(|name| short_name(name)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    // A row must hold its name, and above ten regions nothing else.
    let cell = if names.len() <= NUMBERED { 48 } else { 18 + 10 * usize::from(longest > 15) };
    let frame = (cell * names.len()).clamp(240, 1600);
    let words = 7 * longest;
    let mut panels = vec![
        matrix_panel(results, &names, |pair| pair.mean_absolute, "Mean absolute current"),
        matrix_panel(results, &names, |pair| pair.net, "Net current"),
    ];
    if results.analysis.pairs.iter().any(|pair| pair.agreement.is_some()) {
        panels.push(matrix_panel(results, &names, |pair| pair.agreement.unwrap_or(f64::NAN), AGREEMENT));
    }
    Figure {
        title: "Currents between regions".into(),
        columns: panels.len(),
        panels,
        panel_size: ((frame + words + 145) as u32, (frame + words + 85) as u32),
        ..Figure::default()
    }
}

const AGREEMENT: &str = "Agreement of two fits";

fn matrix_panel(results: &Results, names: &[String], value: fn(&Pair) -> f64, title: &str) -> Panel {
    let count = names.len();
    // Pairs come with the sources of the first target first.
    let matrix = DMatrix::from_row_iterator(count, count, results.analysis.pairs.iter().map(value));
    let largest = matrix.iter().filter(|value| value.is_finite()).fold(0.0_f64, |most, value| most.max(value.abs()));
    let largest = if largest > 0.0 { largest } else { 1.0 };
    let (limits, map, label) = match title {
        AGREEMENT => ((-1.0, 1.0), ColourMap::Diverging, "correlation"),
        "Net current" => ((-largest, largest), ColourMap::Diverging, "current (model units)"),
        _ => ((0.0, largest), ColourMap::Viridis, "current (model units)"),
    };
    let decimals = if title == AGREEMENT { 2 } else { (2.0 - largest.log10().floor()).clamp(0.0, 4.0) as usize };
    // Names at least 18 pixels apart.
    let stride = (18 * count).div_ceil(1600).max(1);
    let ticks: Vec<(f64, String)> = names.iter().enumerate().step_by(stride).map(|(k, name)| (k as f64, name.clone())).collect();
    let heat = HeatMap {
        matrix,
        map,
        limits: Some(limits),
        label: label.into(),
        decimals: (count <= NUMBERED).then_some(decimals),
        ..HeatMap::default()
    };
    Panel {
        title: title.into(),
        x: Axis { ticks: ticks.clone(), ..Axis::new("source") },
        y: Axis { ticks, ..Axis::new("target") },
        marks: vec![heat.into()],
        equal_aspect: true,
        ..Panel::default()
    }
}

/// The regions with the largest currents from or to them, in the order of the recording.
fn traced(results: &Results) -> Vec<String> {
    let names = results.analysis.currents.regions().names();
    let power = |name: &String| -> f64 {
        let touching = results.analysis.pairs.iter().filter(|pair| pair.source == *name || pair.target == *name);
        touching.map(|pair| pair.rms * pair.rms).sum()
    };
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| power(&names[b]).total_cmp(&power(&names[a])));
    order.truncate(TRACED);
    order.sort_unstable();
    order.into_iter().map(|k| names[k].clone()).collect()
}

/// Mean over the neurons of the target, and one standard deviation to either side.
struct Trace {
    mean: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

fn trace(current: &DMatrix<f64>) -> Trace {
    let neurons = current.nrows() as f64;
    let mean: Vec<f64> = current.column_iter().map(|column| column.mean()).collect();
    let spread = |(column, mean): (nalgebra::DVectorView<f64>, &f64)| {
        let squares: f64 = column.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (neurons - 1.0).max(1.0)).sqrt()
    };
    let sd: Vec<f64> = current.column_iter().zip(&mean).map(spread).collect();
    let shifted = |sign: f64| mean.iter().zip(&sd).map(|(mean, sd)| mean + sign * sd).collect();
    Trace { low: shifted(-1.0), high: shifted(1.0), mean }
}

/// The value that 99 of 100 do not exceed, but at least 0: a short transient at the start must not flatten the rest.
fn reach(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    let rank = (0.99 * (values.len() - 1) as f64).round() as usize;
    values.select_nth_unstable_by(rank, f64::total_cmp).1.max(0.0)
}

/// A panel per ordered pair: rows are targets with one range of y each, columns are sources.
fn traces_figure(results: &Results) -> Result<Figure> {
    let (currents, names) = (&results.analysis.currents, traced(results));
    let mut panels = Vec::new();
    for target in &names {
        let of = |source: &String| currents.get(&Projection::new(source, target)).map(trace);
        let traces: Vec<Trace> = names.iter().map(of).collect::<Result<_>>()?;
        let low = -reach(traces.iter().flat_map(|trace| &trace.low).map(|low| -low));
        let high = reach(traces.iter().flat_map(|trace| &trace.high).copied());
        let air = if high > low { 0.06 * (high - low) } else { 1.0 };
        for (source, trace) in names.iter().zip(traces) {
            let pair = results.analysis.pairs.iter().find(|pair| pair.source == *source && pair.target == *target);
            let interval = pair.and_then(|pair| pair.interval.as_ref());
            let verdict = interval.map_or_else(String::new, |interval| format!("\n{}", interval.verdict.name()));
            let mut panel = trace_panel(trace, interval, currents.clock().dt());
            panel.title = format!("{}\n→ {}{verdict}", short_name(source), short_name(target));
            panel.y.range = Some((low - air, high + air));
            panel.y.label = if *source == names[0] { "current".into() } else { String::new() };
            panel.x.label = if Some(target) == names.last() { time_label(results) } else { String::new() };
            panels.push(panel);
        }
    }
    let all = currents.regions().count();
    let which = if names.len() < all { format!(", the {} regions of {all} with the largest RMS", names.len()) } else { String::new() };
    Ok(Figure {
        title: format!("Currents in time (model units){which}; ranges leave out at most 1 % at either end"),
        columns: names.len(),
        panels,
        panel_size: if names.len() < 3 { (400, 240) } else { (225, 185) },
        hide_letters: true,
        shared_legend: true,
        ..Figure::default()
    })
}

fn trace_panel(trace: Trace, interval: Option<&Interval>, dt: f64) -> Panel {
    let time: Vec<f64> = (0..trace.mean.len()).map(|k| k as f64 * dt).collect();
    let band = Band {
        x: time.clone(),
        low: trace.low,
        high: trace.high,
        label: "± 1 sd over the neurons of the target".into(),
        ..Band::default()
    };
    let certain = interval.map(|interval| {
        let shifted = |sign: f64| trace.mean.iter().zip(&interval.of_mean).map(|(mean, half)| mean + sign * half).collect();
        let (low, high) = (shifted(-1.0), shifted(1.0));
        Band { x: time.clone(), low, high, colour: Colour::ORANGE, alpha: 0.6, label: "90 % interval of their mean".into() }
    });
    let label = "their mean".into();
    let line = Line { x: time, y: trace.mean, colour: Colour::BLUE, width: 1.0, label, ..Line::default() };
    let marks = [Some(zero()), Some(band.into()), certain.map(Mark::from), Some(line.into())].into_iter().flatten().collect();
    Panel { marks, ..Panel::default() }
}

pub(super) fn zero() -> Mark {
    Reference { width: 0.8, ..Reference::default() }.into()
}

pub(super) fn time_label(results: &Results) -> String {
    if results.recording.trial_starts.len() > 1 { "time (s), trials in a row".into() } else { "time (s)".into() }
}
