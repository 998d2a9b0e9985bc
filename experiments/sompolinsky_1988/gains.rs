//! 2C: Delta0 and q over the gain.

use super::{Run, mean_and_error, power, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Panel, Points, Scale, Whiskers};
use crosscurrent::theory::{MeanField, NearCritical, autonomous, large_gain_variance};
use crosscurrent::{Error, Precision, Result};
use rayon::prelude::*;

const GAINS: [f64; 8] = [1.1, 1.3, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0];

/// Mean and standard error over seeds of Delta0 and of q.
struct Point {
    gain: f64,
    variance: (f64, f64),
    rate_power: (f64, f64),
}

/// 2C: theory as lines with both limits, networks as points.
pub fn statistics(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, time, seeds) = (context.pick(60, 1000, 2000), context.pick(20.0, 400.0, 1000.0), context.pick(2, 5, 5));
    let run = |gain| Run { gain, neurons, time, steps_per_sample: 10, precision: Precision::Half };
    let jobs: Vec<(f64, u64)> = GAINS.into_iter().flat_map(|gain| (0..seeds).map(move |seed| (gain, seed))).collect();
    let bar = context.progress(jobs.len(), "2C gains");
    let measure = |&(gain, seed): &(f64, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let x = run(gain).activations(context.seed.child("2C").trial(seed))?;
        bar.inc(1);
        Ok((power(&x), power(&x.map(f64::tanh))))
    };
    let pairs = jobs.par_iter().with_max_len(1).map(measure).collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>>>()?;
    bar.finish_and_clear();
    let points: Vec<Point> = GAINS.iter().zip(pairs.chunks(seeds as usize)).map(|(&gain, pairs)| point(gain, pairs)).collect();
    half_against_double(context, findings, run(2.0))?;
    check(context, findings, &points)?;
    let top = GAINS[GAINS.len() - 1];
    let count = context.pick(4, 60, 60);
    let gains: Vec<f64> = (0..count).map(|k| 1.02 + (top + 0.2 - 1.02) * (k as f64 / (count - 1) as f64).powi(2)).collect();
    let theory = gains.par_iter().map(|&gain| autonomous(gain)).collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>>>()?;
    write(findings, &points, &theory);
    let title = format!("Order parameters (N = {neurons}, dt = 0.1 τ, {seeds} seeds)");
    let panels = vec![variance_panel(&points, &theory), power_panel(&points, &theory)];
    let figure = Figure { title, panels, columns: 2, panel_size: (430, 330), ..Figure::default() };
    findings.figures.push(("2C_order_parameters".into(), figure));
    Ok(())
}

fn point(gain: f64, pairs: &[(f64, f64)]) -> Point {
    let variance = mean_and_error(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    Point { gain, variance, rate_power: mean_and_error(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>()) }
}

/// The runs keep J in 16 bits: chaos takes the two precisions apart, not their statistics.
fn half_against_double(context: &Context, findings: &mut Findings, run: Run) -> Result<()> {
    let of = |precision| Run { precision, ..run }.activations(context.seed.child("2C precision"));
    let (half, double) = (power(&of(Precision::Half)?), power(&of(Precision::Double)?));
    let claim = "Δ₀ with J in 16 bits / in 64 bits, same network and start, g = 2";
    findings.checks.push(context.check(("2C", "statistics do not depend on rounding"), claim, half / double, (Side::Near, 1.0, 0.03)));
    Ok(())
}

fn check(context: &Context, findings: &mut Findings, points: &[Point]) -> Result<()> {
    for point in points.iter().filter(|point| point.gain >= 1.5) {
        let (theory, gain) = (autonomous(point.gain)?, point.gain);
        let source = "mean field, finite-size tolerance of the specification";
        let mut check = |claim: String, measured: f64, expected: f64, share: f64| {
            findings.checks.push(context.check(("2C", source), claim, measured, (Side::Near, expected, share * expected)));
        };
        check(format!("Δ₀ at g = {gain}"), point.variance.0, theory.variance, 0.05);
        check(format!("q at g = {gain}"), point.rate_power.0, theory.rate_power, 0.03);
    }
    Ok(())
}

fn write(findings: &mut Findings, points: &[Point], theory: &[MeanField]) {
    for state in theory {
        findings.data.1.push(row("2C", "Delta0, theory", state.gain, (state.gain, state.variance, f64::NAN)));
        findings.data.1.push(row("2C", "q, theory", state.gain, (state.gain, state.rate_power, f64::NAN)));
    }
    for point in points {
        findings.data.1.push(row("2C", "Delta0, simulation", point.gain, (point.gain, point.variance.0, point.variance.1)));
        findings.data.1.push(row("2C", "q, simulation", point.gain, (point.gain, point.rate_power.0, point.rate_power.1)));
    }
}

fn simulated(points: &[Point], pick: impl Fn(&Point) -> (f64, f64)) -> Mark {
    let values: Vec<(f64, f64)> = points.iter().map(pick).collect();
    Points {
        x: points.iter().map(|point| point.gain).collect(),
        y: values.iter().map(|value| value.0).collect(),
        whiskers: Whiskers::Symmetric(values.iter().map(|value| value.1).collect()),
        colour: Colour::BLUE,
        label: "simulation ± standard error".into(),
        ..Points::default()
    }
    .into()
}

fn line(theory: &[MeanField], f: impl Fn(&MeanField) -> f64) -> Line {
    Line {
        x: theory.iter().map(|state| state.gain).collect(),
        y: theory.iter().map(f).collect(),
        label: "mean field".into(),
        ..Line::default()
    }
}

fn variance_panel(points: &[Point], theory: &[MeanField]) -> Panel {
    let limit = |label: &str, dash, f: fn(f64) -> f64| Line {
        dash,
        colour: Colour::GREY,
        label: label.into(),
        ..line(theory, |state| f(state.gain))
    };
    Panel {
        title: "Variance of activations".into(),
        x: Axis::new("gain g"),
        y: Axis { scale: Scale::Log, range: Some((0.015, 30.0)), ..Axis::new("Δ₀") },
        marks: vec![
            limit("g − 1", Dash::Dotted, |gain| NearCritical::new(gain).variance()).into(),
            limit("2 (1 − 2/π) g²", Dash::Dashed, large_gain_variance).into(),
            line(theory, |state| state.variance).into(),
            simulated(points, |point| point.variance),
        ],
        legend: Legend::BottomRight,
        ..Panel::default()
    }
}

fn power_panel(points: &[Point], theory: &[MeanField]) -> Panel {
    Panel {
        title: "Variance of rates".into(),
        x: Axis::new("gain g"),
        y: Axis { range: Some((0.0, 1.0)), ..Axis::new("q = ⟨φ²⟩") },
        marks: vec![line(theory, |state| state.rate_power).into(), simulated(points, |point| point.rate_power)],
        legend: Legend::BottomRight,
        ..Panel::default()
    }
}
