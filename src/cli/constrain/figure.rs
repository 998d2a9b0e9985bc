//! The spectrum of the data, and how much of each current survives each change.

use crate::identify::{Constraint, CurrentConstraint};
use crate::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points, Reference, Scale};

/// Left the variances along the principal components, right the checks of every current.
pub fn constraint(report: &Constraint) -> Figure {
    let title = format!("{} neurons, {} samples", report.geometry.neurons, report.geometry.samples);
    Figure { title, panels: vec![spectrum(report), currents(report)], columns: 2, panel_size: (520, 420), ..Figure::default() }
}

fn spectrum(report: &Constraint) -> Panel {
    let variances = &report.geometry.variances;
    let largest = variances[0];
    let (x, y) = variances.iter().enumerate().filter(|(_, p)| **p > 1e-14 * largest).map(|(k, p)| ((k + 1) as f64, *p)).unzip();
    let points = Points { x, y, size: 4.0, label: "variance of a component".into(), ..Points::default() };
    let visited = report.geometry.visited as f64;
    let limit = Reference { at: visited, vertical: true, label: "constrained up to here".into(), ..Reference::default() };
    let marks: Vec<Mark> = vec![limit.into(), points.into()];
    let y = Axis { scale: Scale::Log, ..Axis::new("variance of the rates") };
    Panel { title: "Spectrum of the data".into(), x: Axis::new("principal component"), y, marks, legend: Legend::Above, ..Panel::default() }
}

/// What is drawn of a current.
type Value = fn(&CurrentConstraint) -> f64;

fn currents(report: &Constraint) -> Panel {
    let names = report.currents.iter().map(|c| format!("{}→{}", c.source, c.target));
    let series: [(&str, Value); 6] = [
        ("other blocks", |c| c.bootstrap),
        ("other seeds", |c| c.seeds),
        ("wrong tau", |c| c.tau),
        ("wrong phi", |c| c.phi),
        ("fewer neurons", |c| c.unobserved),
        ("posterior expects", |c| c.expected.unwrap_or(f64::NAN)),
    ];
    let places: Vec<f64> = (0..report.currents.len()).map(|k| k as f64).collect();
    let mut marks: Vec<Mark> = vec![Reference { at: 0.9, ..Reference::default() }.into()];
    for (index, (label, value)) in series.into_iter().enumerate() {
        // Side by side, so that none hides another.
        let x = places.iter().map(|place| place + 0.11 * (index as f64 - 2.5)).collect();
        let y = report.currents.iter().map(value).collect();
        let (colour, marker) = (Colour::cycle(index), Marker::cycle(index));
        marks.push(Points { x, y, colour, marker, size: 6.0, label: label.into(), ..Points::default() }.into());
    }
    if report.currents.iter().any(|c| c.truth.is_some()) {
        for (place, current) in places.iter().zip(&report.currents) {
            let value = current.truth.unwrap_or(f64::NAN);
            let label = if *place == 0.0 { "truth" } else { "" };
            let (x, y) = (vec![place - 0.4, place + 0.4], vec![value; 2]);
            marks.push(Line { x, y, colour: Colour::BLACK, label: label.into(), ..Line::default() }.into());
        }
    }
    let x = Axis { range: Some((-0.6, report.currents.len() as f64 - 0.4)), ..Axis::categories(names) };
    let y = Axis { range: Some((lowest(report), 1.03)), ..Axis::new("correlation with the current of the fit") };
    Panel { title: "What survives".into(), x, y, marks, legend: Legend::Above, ..Panel::default() }
}

fn lowest(report: &Constraint) -> f64 {
    let values = report.currents.iter().flat_map(|c| [c.bootstrap, c.seeds, c.tau, c.phi, c.unobserved]);
    values.filter(|value| value.is_finite()).fold(0.0, f64::min) - 0.03
}
