//! 3F: the exponent over noise and gain, of theory and of networks, with the two lines.

use super::networks::{Point, networks};
use super::row;
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, ColourMap, Dash, Figure, HeatMap, Legend, Line, Mark, Marker, Panel, Points};
use crosscurrent::theory::{MeanField, NoiseLine, local_expansion_line, noise_transition, white_noise};
use crosscurrent::{Error, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

pub const GAINS: [f64; 3] = [1.2, 1.5, 2.0];
const TABLE: &str = "independent solution of the mean field";

/// Gain; sigma² at the transition; Delta0 there; sigma² where local expansion ends.
const LINES: [[f64; 4]; 4] =
    [[1.2, 0.02238, 0.2495, 0.0626], [1.5, 0.13808, 0.7934, 0.5015], [2.0, 0.54711, 2.1215, 2.8193], [3.0, 2.16524, 6.3054, 19.25]];

/// Gain, sigma², Delta0, lambda, half width.
const POINTS: [[f64; 5]; 5] = [
    [1.5, 0.01, 0.7479, 0.0428, 7.39],
    [1.5, 0.05, 0.7541, 0.0285, 5.64],
    [1.5, 0.125, 0.7856, 0.0042, 3.58],
    [2.0, 0.125, 1.9363, 0.0809, 4.36],
    [2.0, 0.5, 2.0920, 0.0081, 2.42],
];

/// Gains and sigmas of the map.
const REACH: ((f64, f64), (f64, f64)) = ((0.8, 2.4), (0.02, 1.82));

/// 3F: curves at three gains with points of networks, the map, and the table of the two lines.
pub fn exponents(context: &Context, findings: &mut Findings) -> Result<()> {
    checks(context, findings)?;
    let count = context.pick(4, 40, 80);
    let sigmas: Vec<f64> = (0..count).map(|k| 1.8 * k as f64 / (count - 1) as f64).collect();
    let mut curves = Vec::new();
    for gain in GAINS {
        let states = sigmas.par_iter().map(|&sigma| white_noise(gain, sigma)).collect::<Vec<_>>();
        curves.push(states.into_iter().collect::<Result<Vec<_>>>()?);
    }
    for state in curves.iter().flatten() {
        let place = (state.gain, state.sigma);
        findings.data.1.push(row("3F", "lambda, theory", place, (state.sigma, state.exponent, f64::NAN)));
    }
    let map = map(context, findings)?;
    let points = networks(context, findings)?;
    let panels = vec![curves_panel(&curves, &points)?, map_panel(map)?];
    let title = "White noise ends chaos long before it ends local expansion".to_string();
    let figure = Figure { title, panels, columns: 2, panel_size: (480, 380), ..Figure::default() };
    findings.figures.push(("3F_exponents".into(), figure));
    Ok(())
}

fn checks(context: &Context, findings: &mut Findings) -> Result<()> {
    let mut check = |source, claim: String, measured, wanted| findings.checks.push(context.check(("3F", source), claim, measured, wanted));
    for [gain, squared, variance, local] in LINES {
        let end = noise_transition(gain)?;
        check(TABLE, format!("σ² at the end of chaos, g = {gain}"), end.sigma.powi(2), (Side::Near, squared, 1e-3 * squared));
        check(TABLE, format!("Δ₀ at the end of chaos, g = {gain}"), end.variance, (Side::Near, variance, 1e-3 * variance));
        check(
            "exact",
            format!("|λ| at the end of chaos, g = {gain}"),
            white_noise(gain, end.sigma)?.exponent.abs(),
            (Side::AtMost, 1e-6, 0.0),
        );
        let expansion = local_expansion_line(gain)?.sigma.powi(2);
        check(TABLE, format!("σ² at the end of local expansion, g = {gain}"), expansion, (Side::Near, local, 2e-3 * local));
    }
    for [gain, squared, variance, exponent, half] in POINTS {
        let state = white_noise(gain, squared.sqrt())?;
        let found = state.autocovariance.half_width().unwrap_or(f64::NAN);
        check(TABLE, format!("Δ₀ at g = {gain}, σ² = {squared}"), state.variance, (Side::Near, variance, 1e-4));
        check(TABLE, format!("λ at g = {gain}, σ² = {squared}"), state.exponent, (Side::Near, exponent, 1e-4));
        check(TABLE, format!("half width at g = {gain}, σ² = {squared}"), found, (Side::Near, half, 0.01));
    }
    Ok(())
}

/// lambda on a grid, the smallest gain in the last row.
fn map(context: &Context, findings: &mut Findings) -> Result<DMatrix<f64>> {
    let ((low, high), (quiet, loud)) = REACH;
    let (rows, columns) = (context.pick(3, 24, 64), context.pick(3, 24, 64));
    let gain = |row: usize| high - (high - low) * (row as f64 + 0.5) / rows as f64;
    let sigma = |column: usize| quiet + (loud - quiet) * (column as f64 + 0.5) / columns as f64;
    let bar = context.progress(rows * columns, "3F map");
    let cell = |k: usize| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        bar.inc(1);
        white_noise(gain(k / columns), sigma(k % columns)).map(|state| state.exponent)
    };
    let cells: Vec<Result<f64>> = (0..rows * columns).into_par_iter().map(cell).collect();
    bar.finish_and_clear();
    let cells: Vec<f64> = cells.into_iter().collect::<Result<_>>()?;
    for (k, &exponent) in cells.iter().enumerate() {
        let place = (gain(k / columns), sigma(k % columns));
        findings.data.1.push(row("3F map", "lambda, theory", place, (place.1, exponent, f64::NAN)));
    }
    Ok(DMatrix::from_row_slice(rows, columns, &cells))
}

fn curves_panel(curves: &[Vec<MeanField>], points: &[Point]) -> Result<Panel> {
    let mut marks = vec![Mark::hline(0.0, "")];
    for (k, curve) in curves.iter().enumerate() {
        let (gain, colour) = (curve[0].gain, Colour::cycle(k));
        let x = curve.iter().map(|state| state.sigma).collect();
        let y = curve.iter().map(|state| state.exponent).collect();
        marks.push(Line { x, y, colour, label: format!("g = {gain}"), ..Line::default() }.into());
        marks.push(Point::mark(points, gain, (colour, if k == 0 { "networks ± sd" } else { "" })));
        for (place, marker, label) in
            [(noise_transition(gain)?, Marker::Disc, "chaos ends"), (local_expansion_line(gain)?, Marker::Square, "local expansion ends")]
        {
            let (x, y) = (vec![place.sigma], vec![white_noise(gain, place.sigma)?.exponent]);
            marks.push(Points { x, y, marker, colour: Colour::BLACK, size: 8.0, label: label.into(), ..Points::default() }.into());
        }
    }
    Ok(Panel {
        title: "Largest exponent at three gains (lines: mean field)".into(),
        x: Axis { range: Some((0.0, 1.8)), ..Axis::new("noise σ") },
        y: Axis { range: Some((-0.45, 0.14)), ..Axis::new("λ (1/τ)") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    })
}

fn map_panel(matrix: DMatrix<f64>) -> Result<Panel> {
    let ((low, high), (quiet, loud)) = REACH;
    let line = |label: &str, dash, f: fn(f64) -> Result<NoiseLine>| -> Result<Mark> {
        let gains: Vec<f64> = (0..60).map(|k| 1.005 + (high - 1.005) * f64::from(k) / 59.0).collect();
        let places = gains.iter().map(|&gain| f(gain)).collect::<Result<Vec<_>>>()?;
        let places: Vec<&NoiseLine> = places.iter().filter(|place| place.sigma <= loud).collect();
        let (x, y) = (places.iter().map(|place| place.sigma).collect(), places.iter().map(|place| place.gain).collect());
        Ok(Line { x, y, dash, width: 2.0, label: label.into(), ..Line::default() }.into())
    };
    let heat = HeatMap {
        matrix,
        x: Some((quiet, loud)),
        y: Some((high, low)),
        map: ColourMap::Diverging,
        limits: Some((-0.25, 0.25)),
        label: "λ (1/τ)".into(),
        ..HeatMap::default()
    };
    Ok(Panel {
        title: "Plane of noise and gain".into(),
        x: Axis { range: Some((quiet, loud)), ..Axis::new("noise σ") },
        y: Axis { range: Some((low, high)), ..Axis::new("gain g") },
        marks: vec![
            heat.into(),
            line("chaos ends", Dash::Solid, noise_transition)?,
            line("local expansion ends", Dash::Dashed, local_expansion_line)?,
        ],
        legend: Legend::Above,
        ..Panel::default()
    })
}
