//! (iii): symmetric, antisymmetric, and excitatory–inhibitory weights.

use super::{SOURCE, correlated, record};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::ensemble::{Bulk, Class, Links, Sparse};
use crosscurrent::linalg::{eigenvalues, symmetric_eigenvalues};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel, Points};
use crosscurrent::{Ensemble, Regions, Result};
use nalgebra::Complex;

/// Spectra of three kinds of structure, at gain 1.
pub fn spectra(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(80, 600, 1000);
    let seed = context.seed.child("structure");
    let symmetric = symmetric_eigenvalues(&correlated(neurons, 1.0, seed)?)?;
    let antisymmetric = eigenvalues(&correlated(neurons, -1.0, seed)?)?;
    let real: Vec<f64> = antisymmetric.iter().map(|z| z.re.abs()).collect();
    let imaginary: Vec<f64> = antisymmetric.iter().map(|z| z.im).collect();
    let class = |fraction, mean| Class { fraction, mean, deviation: 1.0 };
    // Balanced means: excitation 1, inhibition −4, four of five units excitatory; every weight exists.
    let law = |balanced_rows| Sparse { links: Links::Probability(1.0), classes: vec![class(0.8, 1.0), class(0.2, -4.0)], balanced_rows };
    let regions = Regions::single("all", neurons)?;
    let drawn = |balanced| eigenvalues(&law(balanced).sample(&regions, seed.child("E/I"))?.to_dense());
    let (loose, balanced) = (drawn(false)?, drawn(true)?);
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("structure", SOURCE), claim, measured, wanted));
    check("edge of the semicircle of symmetric weights (stable only below g = 1/2)", symmetric[0], (Side::Near, 2.0, 0.06));
    let share = symmetric.iter().filter(|&&x| x <= 1.0).count() as f64 / neurons as f64;
    check("share of the symmetric spectrum below half of its edge", share, (Side::Near, semicircle(0.5), 0.02));
    check("largest |Re λ| of antisymmetric weights", real.iter().copied().fold(0.0, f64::max), (Side::AtMost, 1e-12, 0.0));
    check("largest |λ|, E/I with balanced rows", balanced[0].norm(), (Side::AtMost, 1.1, 0.0));
    check("largest |λ|, the same E/I weights without balance", loose[0].norm(), (Side::AtLeast, 1.3, 0.0));
    for (curve, values) in [("E/I, free rows", &loose), ("E/I, balanced rows", &balanced), ("antisymmetric", &antisymmetric)] {
        values.iter().for_each(|z| record(findings, ("structure", curve), 0, (z.re, z.im)));
    }
    symmetric.iter().for_each(|&x| record(findings, ("structure", "symmetric"), 0, (x, 0.0)));
    let both = [(symmetric, "symmetric (real)", Colour::BLUE), (imaginary, "antisymmetric (imaginary)", Colour::VERMILION)];
    let panels = vec![segments(both), plane("E/I weights", &loose), plane("E/I, balanced in every row", &balanced)];
    let title = format!("Structure shapes the spectrum (gain 1, N = {neurons})");
    findings.figures.push(("3_structure".into(), Figure { title, panels, columns: 3, panel_size: (370, 390), ..Figure::default() }));
    Ok(())
}

/// Share of the semicircle on [−2, 2] below 2 x.
fn semicircle(x: f64) -> f64 {
    0.5 + (x * (1.0 - x * x).sqrt() + x.asin()) / std::f64::consts::PI
}

/// Share of the eigenvalues below a place, for the two spectra that are lines.
fn segments(spectra: [(Vec<f64>, &str, Colour); 2]) -> Panel {
    let fine: Vec<f64> = (0..=100).map(|k| -1.0 + f64::from(k) / 50.0).collect();
    let (x, y) = fine.iter().map(|&x| (2.0 * x, semicircle(x))).unzip();
    let mut marks: Vec<Mark> = vec![Line { x, y, colour: Colour::BLACK, label: "semicircle law".into(), ..Line::default() }.into()];
    for (k, (values, label, colour)) in spectra.into_iter().enumerate() {
        let places: Vec<f64> = (0..=20).map(|step| -2.2 + 0.22 * (f64::from(step) + 0.5 * k as f64)).collect();
        let share = |x: f64| values.iter().filter(|&&v| v <= x).count() as f64 / values.len() as f64;
        let y = places.iter().map(|&x| share(x)).collect();
        marks.push(Points { x: places, y, colour, size: 5.0, label: label.into(), ..Points::default() }.into());
    }
    let (x, y) = (Axis::new("place on the line"), Axis::new("share of the eigenvalues below"));
    Panel { title: "Spectra on a line".into(), x, y, marks, legend: Legend::Above, ..Panel::default() }
}

fn plane(title: &str, values: &[Complex<f64>]) -> Panel {
    let (x, y) = values.iter().map(|z| (z.re, z.im)).unzip();
    let cloud = Points { x, y, size: 2.8, alpha: 0.8, label: "eigenvalues".into(), ..Points::default() };
    let (x, y) = Bulk::Disc { radius: 1.0 }.outline(300).into_iter().unzip();
    let disc = Line { x, y, colour: Colour::BLACK, label: "circular law".into(), ..Line::default() };
    let axis = |label: &str| Axis { range: Some((-2.4, 2.4)), ..Axis::new(label) };
    let marks = vec![cloud.into(), disc.into()];
    Panel {
        title: title.into(),
        x: axis("real part"),
        y: axis("imaginary part"),
        marks,
        legend: Legend::Above,
        equal_aspect: true,
        ..Panel::default()
    }
}
