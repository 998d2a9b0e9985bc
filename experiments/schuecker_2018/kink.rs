//! The autocovariance under noise: its kink at zero, and networks.

use super::{network, row, simulation};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{LagCurve, autocovariance};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel, Points, Whiskers};
use crosscurrent::theory::{MeanField, white_noise};
use crosscurrent::{Error, Precision, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Half widths of single networks of 1000 units spread by 17 to 25 % below the transition at 1.5; here by 11 % at most.
const GAIN: f64 = 2.0;
/// Chaotic, just chaotic, between the lines.
const SIGMAS_SQUARED: [f64; 3] = [0.125, 0.5, 1.5];
const DT: f64 = 0.02;
const LONGEST: f64 = 15.0;

/// Delta(tau) of networks against the mean field.
pub fn autocovariances(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, time, seeds) = (context.pick(50, 1000, 1000), context.pick(20.0, 300.0, 1000.0), context.pick(2, 8, 8));
    let jobs: Vec<(f64, u64)> = SIGMAS_SQUARED.into_iter().flat_map(|squared| (0..seeds).map(move |seed| (squared, seed))).collect();
    let bar = context.progress(jobs.len(), "autocovariance under noise");
    let curves: Vec<Result<LagCurve>> = jobs
        .par_iter()
        .with_max_len(1)
        .map(|&(squared, seed)| {
            if context.go_on().is_break() {
                return Err(Error::Cancelled);
            }
            let curve = measured(context, (neurons, time), squared.sqrt(), seed);
            bar.inc(1);
            curve
        })
        .collect();
    bar.finish_and_clear();
    let curves = curves.into_iter().collect::<Result<Vec<_>>>()?;
    let mut pairs = Vec::new();
    for (squared, curves) in SIGMAS_SQUARED.into_iter().zip(curves.chunks(seeds as usize)) {
        pairs.push((white_noise(GAIN, squared.sqrt())?, LagCurve::mean(curves)?));
    }
    for (theory, curve) in &pairs {
        check(context, findings, theory, curve);
        let place = (GAIN, theory.sigma);
        for (k, lag) in curve.lags().into_iter().enumerate() {
            findings.data.1.push(row("autocovariance", "simulation", place, (lag, curve.values[k], curve.errors[k])));
            findings.data.1.push(row("autocovariance", "theory", place, (lag, theory.autocovariance.at(lag), f64::NAN)));
        }
    }
    let title = format!("Autocovariance under white noise (g = {GAIN}, N = {neurons}, dt = {DT} τ, {seeds} seeds)");
    let panels = vec![panel(&pairs, "Whole curve", (12.0, 5)), panel(&pairs, "The kink at zero", (1.0, 1))];
    findings.figures.push(("autocovariance".into(), Figure { title, panels, columns: 2, panel_size: (440, 330), ..Figure::default() }));
    Ok(())
}

fn measured(context: &Context, (neurons, time): (usize, f64), sigma: f64, seed: u64) -> Result<LagCurve> {
    let seed = context.seed.child("autocovariance").trial(seed);
    let mut simulation = simulation((DT, time), sigma, seed)?;
    (simulation.steps_per_sample, simulation.precision) = (5, Precision::Half);
    let mut x = DMatrix::zeros(neurons, simulation.clock.steps() / 5);
    simulation.observe(&network(neurons, GAIN, seed)?, |_, sample, state| x.column_mut(sample).copy_from_slice(state))?;
    autocovariance(&x, 5.0 * DT, LONGEST, 1)
}

fn check(context: &Context, findings: &mut Findings, theory: &MeanField, curve: &LagCurve) {
    let squared = theory.sigma * theory.sigma;
    let mut check = |claim: &str, measured: f64, expected: f64, share: f64| {
        let claim = format!("{claim} at g = {GAIN}, σ² = {squared:.3}");
        let wanted = (Side::Near, expected, share * expected);
        findings.checks.push(context.check(("autocovariance", "mean field, finite-size tolerance"), claim, measured, wanted));
    };
    check("Δ₀", curve.values[0], theory.variance, 0.05);
    let half = theory.autocovariance.half_width().unwrap_or(f64::NAN);
    check("half width", curve.half_width().unwrap_or(f64::NAN), half, 0.08);
    let fall = theory.variance - theory.autocovariance.at(curve.step);
    check("fall of Δ within the first 0.1 τ", curve.values[0] - curve.values[1], fall, 0.08);
}

fn panel(pairs: &[(MeanField, LagCurve)], title: &str, (last, thin): (f64, usize)) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (k, (theory, curve)) in pairs.iter().enumerate() {
        let lags: Vec<f64> = (0..200).map(|k| last * f64::from(k) / 199.0).collect();
        let y = lags.iter().map(|&lag| theory.autocovariance.at(lag) / theory.variance).collect();
        marks.push(Line { x: lags, y, label: "mean field".into(), ..Line::default() }.into());
        let shown: Vec<usize> = (0..curve.values.len()).step_by(thin).filter(|&k| k as f64 * curve.step <= last).collect();
        let pick = |values: &[f64]| shown.iter().map(|&k| values[k] / theory.variance).collect::<Vec<f64>>();
        let points = Points {
            x: shown.iter().map(|&k| k as f64 * curve.step).collect(),
            y: pick(&curve.values),
            whiskers: Whiskers::Symmetric(pick(&curve.errors)),
            colour: Colour::cycle(k),
            label: format!("networks, σ² = {:.3}", theory.sigma.powi(2)),
            ..Points::default()
        };
        marks.push(points.into());
    }
    Panel {
        title: title.into(),
        x: Axis { range: Some((0.0, last)), ..Axis::new("lag (τ)") },
        y: Axis::new("Δ / Δ₀ of the mean field"),
        marks,
        legend: if thin == 1 { Legend::BottomLeft } else { Legend::TopRight },
        ..Panel::default()
    }
}
