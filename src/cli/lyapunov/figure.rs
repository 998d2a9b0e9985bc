//! The spectrum of exponents, and how it settled.

use super::results::{MOMENTS, Results};
use crate::plot::{Axis, Band, Colour, Figure, Legend, Line, Mark, Panel, Points, Scale, Whiskers};

/// Exponents that the convergence shows: evenly spaced in the index.
const SHOWN: usize = 5;

/// Left the exponents against i / N with their error bars, right what they were after shorter times.
pub fn exponents(results: &Results) -> Figure {
    let panels = vec![spectrum(results), convergence(results)];
    let title = format!("{}, N = {}", results.origin.name, results.neurons());
    Figure { title, panels, columns: 2, panel_size: (460, 360), ..Figure::default() }
}

fn spectrum(results: &Results) -> Panel {
    let spectrum = results.spectrum();
    let x: Vec<f64> = (1..=spectrum.exponents.len()).map(|k| k as f64 / results.neurons() as f64).collect();
    let y = spectrum.exponents.clone();
    let errors: Vec<f64> = spectrum.errors().into_iter().map(|error| if error.is_finite() { error } else { 0.0 }).collect();
    let label = "± standard error of twenty blocks of time".to_string();
    let mut marks = vec![Mark::hline(0.0, "")];
    if y.len() > 60 {
        let (low, high) = y.iter().zip(&errors).map(|(y, e)| (y - e, y + e)).unzip();
        marks.push(Band { x: x.clone(), low, high, label, ..Band::default() }.into());
        marks.push(Line { x, y, colour: Colour::BLUE, ..Line::default() }.into());
    } else {
        marks.push(Points { x, y, whiskers: Whiskers::Symmetric(errors), label, size: 5.0, ..Points::default() }.into());
    }
    let (x, y) = (Axis::new("index / N"), Axis::new("exponent (1/s)"));
    Panel { title: "Lyapunov exponents".into(), x, y, marks, legend: Legend::Above, ..Panel::default() }
}

fn convergence(results: &Results) -> Panel {
    let record = results.spectrum().convergence(MOMENTS);
    let count = results.spectrum().exponents.len();
    let mut shown: Vec<usize> = (0..SHOWN.min(count)).map(|k| k * (count - 1) / (SHOWN.min(count) - 1).max(1)).collect();
    shown.dedup();
    let time: Vec<f64> = record.iter().map(|(time, _)| *time).collect();
    let line = |(colour, &k): (usize, &usize)| {
        let y = record.iter().map(|(_, exponents)| exponents[k]).collect();
        Line { x: time.clone(), y, colour: Colour::cycle(colour), label: format!("i = {}", k + 1), ..Line::default() }.into()
    };
    let mut marks = vec![Mark::hline(0.0, "")];
    marks.extend(shown.iter().enumerate().map(line));
    let x = Axis { scale: Scale::Log, ..Axis::new("time averaged over (s)") };
    Panel { title: "Convergence".into(), x, y: Axis::new("exponent (1/s)"), marks, legend: Legend::Above, ..Panel::default() }
}
