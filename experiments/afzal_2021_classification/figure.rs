//! The figure.

use super::methods::Judged;
use super::patterns::{Curve, SAMPLES, Task, series};
use crate::experiment::Context;
use crosscurrent::Result;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points, Whiskers};

/// Patterns, accuracy by classes and by noise for both tasks, and the methods.
pub fn figure(context: &Context, (by_classes, by_noise): (&[Curve], &[Curve]), methods: &[Judged]) -> Result<Figure> {
    let title = |task, what: &str| match task {
        Task::SamePattern => format!("same pattern, {what}"),
        Task::OtherStretches => format!("other stretches, {what}"),
    };
    let panel = |task, curves: &[Curve], label: &str, what: &str| Panel {
        title: title(task, what),
        x: Axis::new(label),
        y: Axis { range: Some((0.0, 1.04)), ..Axis::new("accuracy") },
        marks: marks(curves.iter().filter(|curve| curve.task == task)),
        legend: Legend::Off,
        ..Panel::default()
    };
    let mut panels = vec![patterns(context)?];
    for task in [Task::SamePattern, Task::OtherStretches] {
        panels.push(panel(task, by_classes, "classes", "noise 0.5"));
    }
    let mut methods = methods_panel(methods);
    methods.span = 1;
    panels.push(methods);
    for task in [Task::SamePattern, Task::OtherStretches] {
        panels.push(panel(task, by_noise, "noise (standard deviations of the signal)", "10 classes"));
    }
    Ok(Figure { panels, columns: 3, panel_size: (340, 290), shared_legend: true, ..Figure::default() })
}

/// Five patterns, one above the other.
fn patterns(context: &Context) -> Result<Panel> {
    let data = series(5, 0.5, Task::SamePattern, context.seed)?;
    let mut marks: Vec<Mark> = Vec::new();
    let per_class = data.len() / 5;
    for class in 0..5 {
        let y = data.series()[class * per_class].row(0).iter().map(|v| v - 6.0 * class as f64).collect();
        let x = (0..SAMPLES).map(|t| 0.3 * t as f64).collect();
        marks.push(Line { x, y, colour: Colour::GREY, width: 1.1, ..Line::default() }.into());
    }
    let ticks = (0..5).map(|class| (-6.0 * f64::from(class), (class + 1).to_string())).collect();
    let y = Axis { ticks, ..Axis::new("class") };
    Ok(Panel { title: "patterns with noise 0.5".into(), x: Axis::new("time (time constants)"), y, marks, ..Panel::default() })
}

/// Points with error bars over seeds, joined by thin lines; chance in black.
fn marks<'a>(curves: impl Iterator<Item = &'a Curve>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, curve) in curves.enumerate() {
        let places = 0..curve.x.len();
        let mean: Vec<f64> = places.clone().map(|k| curve.mean(k)).collect();
        let colour = Colour::cycle(index);
        if index == 0 {
            let classes = |x: f64| if curve.panel == "classes" { x } else { 10.0 };
            let y = curve.x.iter().map(|&x| 1.0 / classes(x)).collect();
            marks.push(Line { x: curve.x.clone(), y, label: "chance".into(), ..Line::default() }.into());
        }
        marks.push(Line { x: curve.x.clone(), y: mean.clone(), colour, width: 1.0, alpha: 0.6, ..Line::default() }.into());
        let whiskers = Whiskers::Symmetric(places.map(|k| curve.half_width(k)).collect());
        let points = Points {
            x: curve.x.clone(),
            y: mean,
            whiskers,
            colour,
            marker: Marker::cycle(index),
            label: curve.method.into(),
            ..Points::default()
        };
        marks.push(points.into());
    }
    marks
}

/// Accuracy of every method on the small set.
fn methods_panel(methods: &[Judged]) -> Panel {
    let points = |ours: bool, colour: Colour| {
        let chosen: Vec<usize> = (0..methods.len()).filter(|&k| methods[k].name.starts_with("TRAKR") == ours).collect();
        let of = |pick: fn(&Judged) -> f64| chosen.iter().map(|&k| pick(&methods[k])).collect::<Vec<f64>>();
        let whiskers = Whiskers::Interval { low: of(|m| m.evaluation.accuracy.low), high: of(|m| m.evaluation.accuracy.high) };
        Points {
            x: chosen.iter().map(|&k| k as f64).collect(),
            y: of(|m| m.evaluation.accuracy.value),
            whiskers,
            colour,
            ..Points::default()
        }
    };
    let axis = Axis::categories(methods.iter().map(|method| method.name));
    let marks = vec![points(true, Colour::BLUE).into(), points(false, Colour::GREY).into(), Mark::hline(0.5, "chance")];
    let y = Axis { range: Some((0.4, 1.02)), ..Axis::new("accuracy") };
    Panel { title: "ItalyPowerDemand, standard split".into(), x: axis, y, marks, legend: Legend::Off, ..Panel::default() }
}
