//! (i) and (ii): eigenvalues, and the response modes that they stand for.

use super::{gaussian, record};
use crate::experiment::{Context, Findings};
use crosscurrent::Result;
use crosscurrent::ensemble::Bulk;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel, Points, Scale};
use nalgebra::Complex;
use std::f64::consts::TAU;

/// Gain of the stable network.
const STABLE: f64 = 0.8;

/// The eigenvalues below and above gain 1, and the time constant and frequency of each mode of the stable network.
pub fn responses(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(80, 600, 1000);
    let draw = |gain| eigenvalues(&gaussian(neurons, gain, context.seed.child("modes"))?.to_dense());
    let (stable, unstable) = (draw(STABLE)?, draw(1.3)?);
    for (curve, values) in [("g = 0.8", &stable), ("g = 1.3", &unstable)] {
        values.iter().for_each(|z| record(findings, ("eigenvalues", curve), 0, (z.re, z.im)));
    }
    // A mode decays with τ / (1 − Re λ) and oscillates with Im λ / τ.
    let modes: Vec<(f64, f64)> = stable.iter().filter(|z| z.im >= 0.0).map(|z| (z.im / TAU, 1.0 / (1.0 - z.re))).collect();
    modes.iter().for_each(|&mode| record(findings, ("modes", "time constant against frequency"), 0, mode));
    let panels = vec![plane("g = 0.8: stable", STABLE, &stable), plane("g = 1.3: unstable", 1.3, &unstable), time_constants(modes)];
    let title = format!("A linear network, N = {neurons}");
    let figure = Figure { title, panels, columns: 3, panel_size: (370, 390), ..Figure::default() };
    findings.figures.push(("1_eigenvalues_and_modes".into(), figure));
    Ok(())
}

fn plane(title: &str, gain: f64, values: &[Complex<f64>]) -> Panel {
    let (inside, outside): (Vec<_>, Vec<_>) = values.iter().partition(|z| z.re < 1.0);
    let cloud = |part: Vec<Complex<f64>>, colour, label: &str| -> Mark {
        let (x, y) = part.iter().map(|z| (z.re, z.im)).unzip();
        Points { x, y, colour, size: 2.8, alpha: 0.8, label: label.into(), ..Points::default() }.into()
    };
    let mut marks = vec![cloud(inside, Colour::BLUE, "decaying")];
    if !outside.is_empty() {
        marks.push(cloud(outside, Colour::VERMILION, "growing"));
    }
    let (x, y) = Bulk::Disc { radius: gain }.outline(300).into_iter().unzip();
    marks.push(Line { x, y, colour: Colour::BLACK, label: "circular law".into(), ..Line::default() }.into());
    marks.push(Mark::vline(1.0, "stability boundary"));
    let axis = |label: &str| Axis { range: Some((-1.5, 1.5)), ..Axis::new(label) };
    let (x, y) = (axis("real part"), axis("imaginary part"));
    Panel { title: title.into(), x, y, marks, legend: Legend::Above, equal_aspect: true, ..Panel::default() }
}

fn time_constants(modes: Vec<(f64, f64)>) -> Panel {
    let (x, y) = modes.into_iter().unzip();
    let modes = Points { x, y, size: 3.2, alpha: 0.8, label: "modes of g = 0.8".into(), ..Points::default() };
    // The edge of the disc, Re² + Im² = g², in the same coordinates.
    let arc: Vec<f64> = (0..=200).map(|k| TAU / 2.0 * f64::from(k) / 200.0).collect();
    let edge = Line {
        x: arc.iter().map(|a| STABLE * a.sin() / TAU).collect(),
        y: arc.iter().map(|a| 1.0 / (1.0 - STABLE * a.cos())).collect(),
        colour: Colour::BLACK,
        label: "edge of the disc".into(),
        ..Line::default()
    };
    Panel {
        title: "Response modes".into(),
        x: Axis::new("frequency (cycles / τ)"),
        y: Axis { scale: Scale::Log, ..Axis::new("time constant (τ)") },
        marks: vec![modes.into(), edge.into()],
        legend: Legend::Above,
        ..Panel::default()
    }
}
