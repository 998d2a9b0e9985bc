//! T8: where the eigenvalues lie inside the disc.

use super::{SOURCE, example, record, regions, spectrum};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::ensemble::Bulk;
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Panel, Points};
use crosscurrent::{Ensemble, Result};
use nalgebra::Complex;
use rayon::prelude::*;

/// The published values of the radial law at r / R.
const PUBLISHED: [(f64, f64); 5] = [(0.25, 0.0693), (0.5, 0.2753), (0.75, 0.6124), (0.9, 0.8559), (0.99, 0.9867)];

/// The eigenvalues of the example, and the share within a radius beside the law.
pub fn law(context: &Context, findings: &mut Findings) -> Result<()> {
    let regions = regions(context.pick(60, 600, 1000))?;
    let matrices = context.pick(1_u64, 10, 30);
    let law = example(1.0, 1.0);
    let bulk = law.prediction(&regions).expect("blocks have a law").bulk;
    let draw = |seed| spectrum(context, &law, &regions, context.seed.child("T8").trial(seed));
    let spectra = (0..matrices).into_par_iter().map(draw).collect::<Result<Vec<_>>>()?;
    let radius = bulk.radius();
    let all: Vec<f64> = spectra.iter().flatten().map(|z| z.norm() / radius).collect();
    let share = |r: f64| all.iter().filter(|&&modulus| modulus <= r).count() as f64 / all.len() as f64;
    let theory = |r: f64| bulk.radial_fraction(r * radius).expect("blocks have a radial law");
    for (r, expected) in PUBLISHED {
        let place = |k: &str| (if k == "theory" { "T7" } else { "T8" }, SOURCE);
        let claim = format!("share of the eigenvalues within {r} R, by theory");
        findings.checks.push(context.check(place("theory"), claim, theory(r), (Side::Near, expected, 1e-4)));
        // At 0.99 R finite matrices lack what their edge smears outwards: 0.971 at N = 600.
        let expected = if r == 0.99 { 0.971 } else { expected };
        let claim = format!("share within {r} R, {matrices} matrices of {}", regions.neurons());
        findings.checks.push(context.check(place("found"), claim, share(r), (Side::Near, expected, 0.02)));
    }
    for (r, found) in grid(46).map(|r| (r, share(r))) {
        record(findings, "T8", "share within r/R, found", (0, r, found));
        record(findings, "T8", "share within r/R, theory", (0, r, theory(r)));
    }
    for z in &spectra[0] {
        record(findings, "eigenvalues", "first matrix", (0, z.re, z.im));
    }
    let panels = vec![plane(&spectra[0], &bulk), radial(&share, &theory, matrices)];
    findings.figures.push(("T8_radial_law".into(), Figure { panels, columns: 2, panel_size: (460, 400), ..Figure::default() }));
    Ok(())
}

/// Places from 0 to 1.15 R.
fn grid(count: i32) -> impl Iterator<Item = f64> {
    (0..=count).map(move |k| 1.15 * f64::from(k) / f64::from(count))
}

fn plane(spectrum: &[Complex<f64>], bulk: &Bulk) -> Panel {
    let (x, y) = spectrum.iter().map(|z| (z.re, z.im)).unzip();
    let cloud = Points { x, y, size: 2.6, alpha: 0.75, ..Points::default() };
    let (x, y) = bulk.outline(300).into_iter().unzip();
    Panel {
        title: format!("Eigenvalues, N = {}", spectrum.len()),
        x: Axis::new("real part"),
        y: Axis::new("imaginary part"),
        marks: vec![cloud.into(), Line { x, y, colour: Colour::BLACK, ..Line::default() }.into()],
        equal_aspect: true,
        ..Panel::default()
    }
}

fn radial(share: &dyn Fn(f64) -> f64, theory: &dyn Fn(f64) -> f64, matrices: u64) -> Panel {
    let (x, y) = grid(46).map(|r| (r, share(r))).unzip();
    let found = Points { x, y, colour: Colour::BLUE, size: 5.0, label: format!("{matrices} matrices"), ..Points::default() };
    let fine: Vec<f64> = grid(160).collect();
    let line = |f: &dyn Fn(f64) -> f64, dash, label: &str| {
        let y = fine.iter().map(|&r| f(r)).collect();
        Line { x: fine.clone(), y, colour: Colour::BLACK, dash, label: label.into(), ..Line::default() }
    };
    let uniform = line(&|r| r.powi(2).min(1.0), Dash::Dotted, "a uniform disc");
    Panel {
        title: "The centre is denser than the edge".into(),
        x: Axis::new("modulus / predicted radius R"),
        y: Axis { range: Some((0.0, 1.03)), ..Axis::new("share of the eigenvalues within") },
        marks: vec![uniform.into(), line(theory, Dash::Solid, "theory").into(), found.into()],
        legend: Legend::TopLeft,
        ..Panel::default()
    }
}
