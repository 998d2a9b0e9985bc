//! The figure.

use super::Judged;
use super::digits::{METHODS, NOISE, PERMUTED, UNITS};
use super::eeg::{PANEL, RATE, Trace};
use crosscurrent::classify::Interval;
use crosscurrent::plot::{Axis, Band, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points, Scale, Whiskers};

/// Methods with both orders of the pixels, noise, size; E(t) of EEG under both templates, methods on EEG.
pub fn figure(judged: &[Judged], traces: &[Trace]) -> Figure {
    let curve = |panel: &'static str| judged.iter().filter(move |one| one.panel == panel).collect::<Vec<_>>();
    let classes: Vec<&str> = {
        let mut names: Vec<&str> = traces.iter().map(|trace| trace.template.as_str()).collect();
        names.dedup();
        names
    };
    let noise = panel("noise on the template", Axis::new("noise (s.d. of the template)"), points(&curve(NOISE), |one| one.x, 0));
    let log = Axis { scale: Scale::Log, ..Axis::new("neurons of the reservoir") };
    let units = panel("size of the reservoir", log, points(&curve(UNITS), |one| one.x, 0));
    let mut panels = vec![by_method(&curve(METHODS), &curve(PERMUTED)), noise, units];
    panels.extend(classes.iter().map(|class| eeg_traces(traces, class)));
    panels.push(eeg_methods(&curve(PANEL)));
    Figure { panels, columns: 3, panel_size: (340, 290), shared_legend: true, ..Figure::default() }
}

fn panel(title: &str, x: Axis, mut marks: Vec<Mark>) -> Panel {
    marks.push(Mark::hline(0.1, "chance"));
    let y = Axis { range: Some((0.0, 1.04)), ..Axis::new("accuracy") };
    Panel { title: format!("sequential MNIST, {title}"), x, y, marks, legend: Legend::Off, ..Panel::default() }
}

/// Accuracies with their intervals.
fn points(judged: &[&Judged], x: impl Fn(&Judged) -> f64, style: usize) -> Vec<Mark> {
    let of = |pick: fn(&Interval) -> f64| judged.iter().map(|one| pick(&one.evaluation.accuracy)).collect::<Vec<f64>>();
    let whiskers = Whiskers::Interval { low: of(|a| a.low), high: of(|a| a.high) };
    let x = judged.iter().map(|one| x(one)).collect();
    let label = ["pixels row by row", "pixels permuted"][style].to_string();
    let (colour, marker) = (Colour::cycle(style), Marker::cycle(style));
    vec![Points { x, y: of(|a| a.value), whiskers, colour, marker, label, ..Points::default() }.into()]
}

fn by_method(rows: &[&Judged], permuted: &[&Judged]) -> Panel {
    let place = |one: &Judged| rows.iter().position(|other| other.curve == one.curve).unwrap_or(0) as f64;
    let marks = [points(rows, |one| place(one) - 0.12, 0), points(permuted, |one| place(one) + 0.12, 1)].concat();
    panel("methods", Axis::categories(rows.iter().map(|one| one.curve)), marks)
}

/// E(t) of the trials of both classes under one template, with standard errors.
fn eeg_traces(traces: &[Trace], template: &str) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, trace) in traces.iter().filter(|trace| trace.template == template).enumerate() {
        let x: Vec<f64> = (0..trace.mean.len()).map(|t| t as f64 / RATE).collect();
        let edge = |sign: f64| trace.mean.iter().zip(&trace.error).map(|(m, e)| (m + sign * e).max(1e-9)).collect();
        let colour = Colour::cycle(2 + index);
        marks.push(Band { x: x.clone(), low: edge(-1.0), high: edge(1.0), colour, alpha: 0.3, ..Band::default() }.into());
        let label = format!("trials of class {}", trace.class);
        marks.push(Line { x, y: trace.mean.clone(), colour, width: 1.2, label, ..Line::default() }.into());
    }
    let y = Axis { scale: Scale::Log, ..Axis::new("mean E(t)") };
    let title = format!("EEG, template of class {template}");
    Panel { title, x: Axis::new("time (s)"), y, marks, legend: Legend::Off, ..Panel::default() }
}

fn eeg_methods(judged: &[&Judged]) -> Panel {
    let place = |one: &Judged| judged.iter().position(|other| other.curve == one.curve).unwrap_or(0) as f64;
    let mut marks = points(judged, place, 0);
    if let Some(Mark::Points(points)) = marks.first_mut() {
        points.label = String::new();
    }
    marks.push(Mark::hline(0.5, ""));
    let y = Axis { range: Some((0.4, 1.02)), ..Axis::new("accuracy") };
    let x = Axis::categories(judged.iter().map(|one| one.curve));
    Panel { title: "EEG (SelfRegulationSCP1), standard split".into(), x, y, marks, legend: Legend::Off, ..Panel::default() }
}
