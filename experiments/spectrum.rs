//! Spectra of many matrices of one law, and how they are drawn.

use crate::experiment::{Context, Findings};
use crosscurrent::ensemble::{AnyEnsemble, Bulk};
use crosscurrent::linalg::eigenvalues;
use crosscurrent::plot::{Axis, Colour, Legend, Line, Outline, Panel, Points};
use crosscurrent::{Ensemble, Error, Regions, Result, Seed};
use nalgebra::Complex;
use rayon::prelude::*;

/// The eigenvalues of one matrix, in decreasing order of modulus.
pub type Spectrum = Vec<Complex<f64>>;

/// The spectra of `matrices` draws of `neurons` neurons, in order.
pub fn spectra(context: &Context, law: &AnyEnsemble, (neurons, matrices): (usize, u64), seed: Seed) -> Result<Vec<Spectrum>> {
    let regions = Regions::single("all", neurons)?;
    let bar = context.progress(matrices as usize, &format!("{matrices} matrices of {neurons} neurons"));
    let draw = |k: u64| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let found = eigenvalues(&law.sample(&regions, seed.trial(k))?.to_dense());
        bar.inc(1);
        found
    };
    let found = (0..matrices).into_par_iter().map(draw).collect();
    bar.finish_and_clear();
    found
}

/// Share of the eigenvalues with modulus at most `r`.
pub fn share_within(spectrum: &[Complex<f64>], r: f64) -> f64 {
    spectrum.iter().filter(|z| z.norm() <= r).count() as f64 / spectrum.len() as f64
}

/// The modulus that a share `p` of the eigenvalues stay below.
pub fn quantile(spectrum: &[Complex<f64>], p: f64) -> f64 {
    let mut moduli: Vec<f64> = spectrum.iter().map(|z| z.norm()).collect();
    moduli.sort_by(f64::total_cmp);
    moduli[((p * moduli.len() as f64) as usize).min(moduli.len() - 1)]
}

/// The eigenvalues as points, the predicted edge as a black line.
pub fn cloud(title: impl Into<String>, spectrum: &[Complex<f64>], bulk: &Bulk, reach: f64) -> Panel {
    let (x, y): (Vec<f64>, Vec<f64>) = bulk.outline(400).into_iter().unzip();
    let points = Points {
        x: spectrum.iter().map(|z| z.re).collect(),
        y: spectrum.iter().map(|z| z.im).collect(),
        size: 2.2,
        alpha: 0.8,
        ..Points::default()
    };
    let edge = Outline { x, y, colour: Colour::BLACK, ..Outline::default() };
    let axis = |label: &str| Axis { range: Some((-reach, reach)), ..Axis::new(label) };
    Panel {
        title: title.into(),
        x: axis("Re λ"),
        y: axis("Im λ"),
        marks: vec![points.into(), edge.into()],
        legend: Legend::Off,
        equal_aspect: true,
        ..Panel::default()
    }
}

/// A curve of theory: `f` at 200 places from `low` to `high`.
pub fn theory(label: &str, (low, high): (f64, f64), f: impl Fn(f64) -> f64) -> Line {
    let x: Vec<f64> = (0..=200).map(|k| low + (high - low) * f64::from(k) / 200.0).collect();
    Line { y: x.iter().map(|&x| f(x)).collect(), x, label: label.into(), ..Line::default() }
}

/// Probability density in `bins` equal bins from `low` to `high`: (middles, densities).
pub fn histogram(values: &[f64], (low, high): (f64, f64), bins: usize) -> (Vec<f64>, Vec<f64>) {
    let width = (high - low) / bins as f64;
    let mut density = vec![0.0; bins];
    for value in values.iter().filter(|v| (low..high).contains(*v)) {
        density[(((value - low) / width) as usize).min(bins - 1)] += 1.0 / (values.len() as f64 * width);
    }
    ((0..bins).map(|k| low + (k as f64 + 0.5) * width).collect(), density)
}

/// Columns of data.csv of the experiments on spectra.
pub const COLUMNS: [&str; 5] = ["panel", "curve", "matrix", "x", "y"];

/// One line of data.csv.
pub fn record(findings: &mut Findings, (panel, curve): (&str, &str), matrix: usize, (x, y): (f64, f64)) {
    findings.data.1.push(vec![panel.into(), curve.into(), matrix.to_string(), x.to_string(), y.to_string()]);
}

/// The eigenvalues in data.csv: x real, y imaginary.
pub fn record_spectrum(findings: &mut Findings, place: (&str, &str), spectrum: &[Complex<f64>]) {
    spectrum.iter().for_each(|z| record(findings, place, 0, (z.re, z.im)));
}
