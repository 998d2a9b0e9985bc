//! The figure: signal, output close by, E(t) and change points, and events where there are some.

use super::pass::Pass;
use super::results::Results;
use crate::error::Result;
use crate::plot::{Axis, Band, Colour, Dash, Figure, Legend, Line, Mark, Panel, Reference};
use crate::track::{Change, Kind};

/// Lines beyond this number would cover the signal.
const MOST_CHANGES: usize = 60;

/// All panels, one below the other.
pub fn track(results: &Results) -> Result<Figure> {
    let pass = results.pass;
    let mut panels: Vec<Panel> = (0..pass.overview.len()).map(|shown| signal(results, shown)).collect();
    panels.push(errors(results));
    panels.push(near(results));
    panels.extend(events(results));
    Ok(Figure { columns: 1, row_heights: vec![1.0; panels.len()], panels, panel_size: (1000, 230), ..Figure::default() })
}

/// Vertical lines at the changes.
fn marks(results: &Results) -> Vec<Mark> {
    let line = |change: &Change| {
        let (colour, dash) = match change.kind {
            Kind::Departure => (Colour::VERMILION, Dash::Solid),
            Kind::Return => (Colour::GREEN, Dash::Dashed),
        };
        Reference { at: results.seconds(change.sample), vertical: true, colour, dash, ..Reference::default() }.into()
    };
    results.pass.changes.iter().take(MOST_CHANGES).map(line).collect()
}

/// Seconds over the whole recording.
fn time(results: &Results) -> Axis {
    Axis { range: Some((0.0, results.seconds(results.setup.samples.count()))), ..Axis::new("time (s)") }
}

/// The stretches that were learned and that calibrated, between two heights.
fn stretches(results: &Results, low: f64, high: f64) -> Vec<Mark> {
    let band = |range: &std::ops::Range<usize>, colour: Colour, label: &str| -> Mark {
        Band {
            x: vec![results.seconds(range.start), results.seconds(range.end)],
            low: vec![low; 2],
            high: vec![high; 2],
            colour,
            alpha: 0.3,
            label: label.into(),
        }
        .into()
    };
    vec![band(&results.setup.train, Colour::SKY, "learned"), band(&results.setup.calibrate, Colour::ORANGE, "calibration")]
}

fn signal(results: &Results, shown: usize) -> Panel {
    let Pass { overview, column, .. } = results.pass;
    let columns = &overview[shown];
    // Up and down in every column: what a dense line would fill.
    let x = (0..columns.len()).flat_map(|k| [results.seconds(k * column); 2]).collect();
    let y: Vec<f64> = columns.iter().flat_map(|&(low, high)| [low, high]).collect();
    let (low, high) = y.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    let mut marks = stretches(results, low, high);
    marks.push(Line { x, y, colour: Colour::GREY, width: 1.0, ..Line::default() }.into());
    marks.extend(self::marks(results));
    let (legend, title) = match (shown, results.pass.changes.is_empty()) {
        (0, false) => (Legend::Above, "The recording, with departures (solid) and returns (dashed)"),
        (0, true) => (Legend::Above, "The recording; no departures"),
        _ => (Legend::Off, ""),
    };
    let y = Axis::new(format!("channel {}", results.setup.targets[shown]));
    Panel { title: title.into(), x: time(results), y, marks, legend, ..Panel::default() }
}

fn errors(results: &Results) -> Panel {
    let course = &results.pass.course;
    let points: Vec<(f64, f64)> = course
        .values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_finite())
        .map(|(k, value)| ((k as f64 + 0.5) * course.cell, *value))
        .collect();
    let thinned = points
        .chunks(points.len().div_ceil(4000).max(1))
        .filter_map(|chunk| chunk.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }));
    let (x, y): (Vec<f64>, Vec<f64>) = thinned.unzip();
    let high = y.iter().copied().fold(1.0, f64::max);
    let low = y.iter().copied().fold(0.0, f64::min);
    let mut marks = stretches(results, low, high);
    marks.push(Line { x, y, colour: Colour::BLUE, width: 1.2, ..Line::default() }.into());
    marks.extend(self::marks(results));
    let title = "Learning error against the calibration".to_string();
    Panel { title, x: time(results), y: Axis::new("E(t), robust z"), marks, legend: Legend::Off, ..Panel::default() }
}

fn near(results: &Results) -> Panel {
    let near = &results.pass.near;
    let x: Vec<f64> = near.iter().map(|(sample, ..)| results.seconds(*sample)).collect();
    let line = |y: Vec<f64>, colour: Colour, dash: Dash, label: &str| -> Mark {
        Line { x: x.clone(), y, colour, dash, label: label.into(), ..Line::default() }.into()
    };
    let mut marks = vec![
        line(near.iter().map(|(_, target, _)| *target).collect(), Colour::GREY, Dash::Solid, "signal"),
        line(near.iter().map(|(.., output)| *output).collect(), Colour::BLUE, Dash::Dashed, "readout"),
    ];
    let inside = |at: f64| x.first().is_some_and(|first| at >= *first) && x.last().is_some_and(|last| at <= *last);
    let change = results.pass.departures().map(|change| results.seconds(change.sample)).find(|at| inside(*at));
    let title = if change.is_some() { "Around the first departure" } else { "The last samples" }.to_string();
    marks.extend(change.map(|at| Mark::from(Reference { at, vertical: true, colour: Colour::VERMILION, ..Reference::default() })));
    let y = Axis::new(format!("channel {}", results.setup.targets[0]));
    Panel { title, x: Axis::new("time (s)"), y, marks, legend: Legend::Above, ..Panel::default() }
}

fn events(results: &Results) -> Option<Panel> {
    let a = results.alignment?;
    let marks = vec![
        Band {
            x: a.lags.clone(),
            low: a.band.0.clone(),
            high: a.band.1.clone(),
            colour: Colour::GREY,
            alpha: 0.4,
            label: "shifted events, 95 %".into(),
        }
        .into(),
        Line { x: a.lags.clone(), y: a.average.clone(), colour: Colour::BLUE, label: "events".into(), ..Line::default() }.into(),
        Mark::vline(0.0, ""),
    ];
    let title = "Around the events".to_string();
    Some(Panel { title, x: Axis::new("time from event (s)"), y: Axis::new("mean E, robust z"), marks, ..Panel::default() })
}
