//! The published single trial: N = 1000, g = 1, T = 40, dt = 0.1, x(0) standard normal.

use super::{Sample, published, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Line, Mark, Panel};
use crosscurrent::{Clock, Error, Result, Simulation};

/// Traces of a few units, and the overlap.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let seed = context.seed.child("trial");
    let sample = Sample::draw(published(1.0), context.pick(60, 1000, 1000), false, seed)?;
    let simulation = Simulation { clock: Clock::new(0.1, 40.0)?, seed, ..Simulation::default() };
    let recording = simulation.run(&sample.network)?;
    let time: Vec<f64> = (0..recording.samples()).map(|k| recording.clock.time(k)).collect();
    let overlaps = sample.overlaps(&recording.rates);
    time.iter().zip(&overlaps).for_each(|(&t, &kappa)| row(findings, "trial", "kappa", Some(0), (t, kappa)));
    let units: Vec<Mark> = (0..8)
        .map(|unit| {
            let y: Vec<f64> = recording.rates.row(unit).iter().map(|r| r.atanh()).collect();
            time.iter().zip(&y).for_each(|(&t, &x)| row(findings, "trial", &format!("x of unit {unit}"), Some(0), (t, x)));
            Line { x: time.clone(), y, colour: Colour::cycle(unit), width: 1.0, ..Line::default() }.into()
        })
        .collect();
    let state = published(1.0).structured()?.ok_or_else(|| Error::parameter("gain", 1.0, "a structured fixed point"))?;
    let last = *overlaps.last().expect("the trial has samples");
    let claim = "modulus of kappa at the end of the published trial (vectors as drawn)";
    // Single networks of the reference, N = 1500 and 500: 0.98 to 1.21.
    let source = "mean-field theory; tolerance: range of single networks in the reference";
    findings.checks.push(context.check(("trial", source), claim, last.abs(), (Side::Near, state.kappa, 0.15)));
    let overlap = overlap_panel(time, overlaps, state.kappa);
    let traces = Panel {
        title: "Eight units of it".into(),
        x: Axis::new("time (τ)"),
        y: Axis::new("activation x"),
        marks: units,
        legend: Legend::Off,
        ..Panel::default()
    };
    Ok(vec![overlap, traces])
}

fn overlap_panel(time: Vec<f64>, overlaps: Vec<f64>, kappa: f64) -> Panel {
    let level = |y: f64, label: &str| -> Mark {
        Line { x: vec![0.0, 40.0], y: vec![y, y], dash: Dash::Dashed, label: label.into(), ..Line::default() }.into()
    };
    let network = Line { x: time, y: overlaps, colour: Colour::BLUE, width: 2.0, label: "network".into(), ..Line::default() };
    Panel {
        title: "Overlap in one trial, g = 1".into(),
        x: Axis::new("time (τ)"),
        y: Axis::new("κ = n·φ / N"),
        marks: vec![level(kappa, "theory, ±κ"), level(-kappa, ""), network.into()],
        legend: Legend::Above,
        ..Panel::default()
    }
}
