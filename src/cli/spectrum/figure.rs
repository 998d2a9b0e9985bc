//! The eigenvalues in the complex plane, and how densely they lie.

use super::results::Results;
use crate::ensemble::{Bulk, Prediction};
use crate::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points};
use std::f64::consts::PI;

/// Places at which the distribution is compared.
const PLACES: usize = 30;

/// Left the eigenvalues of the first matrix with the predicted support, right the distribution over all matrices.
pub fn spectrum(results: &Results) -> Figure {
    let prediction = results.origin.prediction();
    let panels = vec![plane(results, prediction.as_ref()), distribution(results, prediction.as_ref())];
    let title = format!("{}, N = {}", results.origin.name, results.neurons());
    Figure { title, panels, columns: 2, panel_size: (460, 440), ..Figure::default() }
}

fn plane(results: &Results, prediction: Option<&Prediction>) -> Panel {
    let values = &results.spectra[0].eigenvalues;
    let size = (60.0 / (values.len() as f64).sqrt()).clamp(1.6, 5.0);
    let (x, y) = values.iter().map(|z| (z.re, z.im)).unzip();
    let cloud = Points { x, y, size, alpha: 0.7, label: "eigenvalues".into(), ..Points::default() };
    let mut marks: Vec<Mark> = vec![cloud.into()];
    if let Some(prediction) = prediction {
        let (x, y) = prediction.bulk.outline(360).into_iter().unzip();
        marks.push(Line { x, y, colour: Colour::BLACK, label: "predicted support".into(), ..Line::default() }.into());
        if !prediction.outliers.is_empty() {
            let (x, y) = prediction.outliers.iter().map(|outlier| (outlier.value.re, outlier.value.im)).unzip();
            let label = "predicted outlier".into();
            marks.push(Points { x, y, marker: Marker::Cross, colour: Colour::BLACK, size: 11.0, label, ..Points::default() }.into());
        }
    }
    let title =
        if results.spectra.len() == 1 { "Eigenvalues".into() } else { format!("Eigenvalues of one of {} matrices", results.spectra.len()) };
    let (x, y) = (Axis::new("real part"), Axis::new("imaginary part"));
    // An outlier far away would squeeze the plane into a strip.
    let equal_aspect = values[0].norm() < 2.5 * values[values.len() / 2].norm();
    Panel { title, x, y, marks, legend: Legend::Above, equal_aspect, ..Panel::default() }
}

/// The share of the eigenvalues up to a modulus, or up to a real (imaginary) part where the support is an ellipse.
fn distribution(results: &Results, prediction: Option<&Prediction>) -> Panel {
    let bulk = prediction.map(|p| &p.bulk);
    let ellipse = match bulk {
        Some(Bulk::Ellipse { real, imaginary }) if real != imaginary => Some((*real, *imaginary)),
        _ => None,
    };
    let (name, coordinate): (&str, fn(&nalgebra::Complex<f64>) -> f64) = match ellipse {
        Some((0.0, _)) => ("imaginary part", |z| z.im),
        Some(_) => ("real part", |z| z.re),
        None => ("modulus", |z| z.norm()),
    };
    let mut all: Vec<f64> = results.spectra.iter().flat_map(|s| s.eigenvalues.iter().map(coordinate)).collect();
    all.sort_by(f64::total_cmp);
    let axis = ellipse.map(|(real, imaginary)| if real == 0.0 { imaginary } else { real });
    let end = bulk.map_or(*all.last().expect("a matrix has eigenvalues"), |b| axis.unwrap_or(b.radius()) * 1.15);
    let start = if ellipse.is_some() { -end } else { 0.0 };
    let grid = |count: usize| (0..=count).map(move |k| start + (end - start) * k as f64 / count as f64);
    let share = |x: f64| all.partition_point(|v| *v <= x) as f64 / all.len() as f64;
    let (x, y) = grid(PLACES).map(|x| (x, share(x))).unzip();
    let found = Points { x, y, colour: Colour::BLUE, size: 5.0, label: "found".into(), ..Points::default() };
    let theory = |x: f64| match axis {
        Some(axis) => Some(semicircle(x / axis)),
        None => bulk.and_then(|b| b.radial_fraction(x)),
    };
    let (x, y): (Vec<f64>, Vec<f64>) = grid(150).filter_map(|x| Some((x, theory(x)?))).unzip();
    let mut marks = Vec::new();
    if !x.is_empty() {
        marks.push(Line { x, y, colour: Colour::BLACK, label: "predicted".into(), ..Line::default() }.into());
    }
    marks.push(found.into());
    let y = Axis { range: Some((0.0, 1.02)), ..Axis::new(format!("share of the eigenvalues up to this {name}")) };
    Panel { title: "Distribution".into(), x: Axis::new(name), y, marks, legend: Legend::Above, ..Panel::default() }
}

/// Share of a uniform ellipse on the left of `x` semi-axes: both coordinates of it have a semicircular density.
fn semicircle(x: f64) -> f64 {
    let x = x.clamp(-1.0, 1.0);
    0.5 + (x * (1.0 - x * x).sqrt() + x.asin()) / PI
}
