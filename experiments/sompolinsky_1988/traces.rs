//! 2A: activations of a few units below and above the transition.

use super::{DT, Run, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, Figure, Line, Panel};
use crosscurrent::{Precision, Result};
use nalgebra::DMatrix;

const GAINS: [f64; 4] = [0.9, 1.1, 1.5, 3.0];
const UNITS: usize = 5;

/// 2A: at g = 0.9 everything dies out, above 1 it goes on, the faster and the larger the gain.
pub fn traces(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, time) = (context.pick(50, 1000, 1000), context.pick(5.0, 100.0, 100.0));
    let mut panels = Vec::new();
    for gain in GAINS {
        if context.go_on().is_break() {
            return Err(crosscurrent::Error::Cancelled);
        }
        let run = Run { gain, neurons, time, steps_per_sample: 5, precision: Precision::Double };
        let x = run.activations(context.seed.child("2A"))?;
        if gain < 1.0 {
            let claim = format!("largest |x| at g = {gain} after the transient");
            findings.checks.push(context.check(("2A", "the origin is stable"), claim, x.amax(), (Side::AtMost, 1e-3, 0.0)));
        }
        for unit in 0..UNITS {
            let points = x.row(unit).iter().enumerate().map(|(k, &y)| (k as f64 * 5.0 * DT, y, f64::NAN)).collect::<Vec<_>>();
            findings.data.1.extend(points.into_iter().map(|point| row("2A", &format!("unit {unit}"), gain, point)));
        }
        panels.push(panel(gain, &x));
    }
    let title = "Five units of a network of 1000, after the transient".to_string();
    findings.figures.push(("2A_traces".into(), Figure { title, panels, columns: 2, panel_size: (440, 240), ..Figure::default() }));
    Ok(())
}

fn panel(gain: f64, x: &DMatrix<f64>) -> Panel {
    let time: Vec<f64> = (0..x.ncols()).map(|k| k as f64 * 5.0 * DT).collect();
    let trace = |unit: usize| Line {
        x: time.clone(),
        y: x.row(unit).iter().copied().collect(),
        colour: Colour::cycle(unit),
        width: 1.2,
        ..Line::default()
    };
    let range = if gain < 1.0 { Some((-1.0, 1.0)) } else { None };
    Panel {
        title: format!("g = {gain}"),
        x: Axis::new("time (τ)"),
        y: Axis { range, ..Axis::new("activation x") },
        marks: (0..UNITS).map(|unit| trace(unit).into()).collect(),
        ..Panel::default()
    }
}
