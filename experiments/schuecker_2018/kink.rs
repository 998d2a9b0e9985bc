//! The autocovariance under noise: its kink at zero, and networks.

use super::{network, row, simulation};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{LagCurve, autocovariance};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel, Points, Whiskers};
use crosscurrent::theory::{MeanField, white_noise};
use crosscurrent::{Error, Precision, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

const GAIN: f64 = 1.5;
/// Chaotic, just chaotic, between the lines.
const SIGMAS_SQUARED: [f64; 3] = [0.01, 0.125, 0.35];
const DT: f64 = 0.02;
const LONGEST: f64 = 15.0;

/// What was found at one strength of the noise.
struct Curve {
    theory: MeanField,
    /// The larger networks.
    large: LagCurve,
    /// Sizes N and 2N continued to infinity: deviations of order 1/N drop out of 2 C(2N) - C(N).
    limit: LagCurve,
}

/// Delta(tau) of networks of two sizes against the mean field.
pub fn autocovariances(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, time) = (context.pick(25, 500, 1000), context.pick(20.0, 300.0, 1000.0));
    // (size, seeds): small networks are cheap, and differ more.
    let sizes = [(neurons, context.pick(2, 12, 12)), (2 * neurons, context.pick(2, 6, 6))];
    let per_sigma = |squared: f64| sizes.into_iter().flat_map(move |(neurons, seeds)| (0..seeds).map(move |seed| (squared, neurons, seed)));
    let jobs: Vec<(f64, usize, u64)> = SIGMAS_SQUARED.into_iter().flat_map(per_sigma).collect();
    let bar = context.progress(jobs.len(), "autocovariance under noise");
    let measure = |&(squared, neurons, seed): &(f64, usize, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let curve = measured(context, (neurons, time), squared.sqrt(), seed);
        bar.inc(1);
        curve
    };
    let found = jobs.par_iter().with_max_len(1).map(measure).collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>>>()?;
    bar.finish_and_clear();
    let mut curves = Vec::new();
    for (squared, found) in SIGMAS_SQUARED.into_iter().zip(found.chunks(jobs.len() / SIGMAS_SQUARED.len())) {
        let (small, large) = found.split_at(sizes[0].1 as usize);
        let (small, large) = (LagCurve::mean(small)?, LagCurve::mean(large)?);
        curves.push(Curve { theory: white_noise(GAIN, squared.sqrt())?, limit: continued(&small, &large), large });
    }
    for curve in &curves {
        check(context, findings, curve);
        write(findings, curve);
    }
    let title = format!("Autocovariance under white noise (g = {GAIN}, dt = {DT} τ, hollow: N = {}, filled: N → ∞)", 2 * neurons);
    let panels = vec![panel(&curves, "Whole curve", (12.0, 5)), panel(&curves, "The kink at zero", (1.0, 1))];
    findings.figures.push(("autocovariance".into(), Figure { title, panels, columns: 2, panel_size: (480, 350), ..Figure::default() }));
    Ok(())
}

fn continued(small: &LagCurve, large: &LagCurve) -> LagCurve {
    let both = |a: &[f64], b: &[f64], f: fn(f64, f64) -> f64| a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect();
    LagCurve {
        step: large.step,
        values: both(&small.values, &large.values, |small, large| 2.0 * large - small),
        errors: both(&small.errors, &large.errors, |small, large| (2.0 * large).hypot(small)),
    }
}

fn measured(context: &Context, (neurons, time): (usize, f64), sigma: f64, seed: u64) -> Result<LagCurve> {
    let seed = context.seed.child("autocovariance").trial(seed);
    let mut simulation = simulation((DT, time), sigma, seed)?;
    (simulation.steps_per_sample, simulation.precision) = (5, Precision::Single);
    let mut x = DMatrix::zeros(neurons, simulation.clock.steps() / 5);
    simulation.observe(&network(neurons, GAIN, seed)?, |_, sample, state| x.column_mut(sample).copy_from_slice(state))?;
    autocovariance(&x, 5.0 * DT, LONGEST, 1)
}

fn check(context: &Context, findings: &mut Findings, curve: &Curve) {
    let Curve { theory, limit, .. } = curve;
    let squared = theory.sigma * theory.sigma;
    let mut check = |claim: &str, measured: f64, expected: f64, share: f64| {
        let claim = format!("{claim} for N → ∞ at g = {GAIN}, σ² = {squared:.3}");
        let wanted = (Side::Near, expected, share * expected);
        findings.checks.push(context.check(("autocovariance", "mean field"), claim, measured, wanted));
    };
    check("Δ₀", limit.values[0], theory.variance, 0.05);
    let half = theory.autocovariance.half_width().unwrap_or(f64::NAN);
    check("half width", limit.half_width().unwrap_or(f64::NAN), half, 0.08);
    let fall = theory.variance - theory.autocovariance.at(limit.step);
    check("fall of Δ within the first 0.1 τ", limit.values[0] - limit.values[1], fall, 0.08);
}

fn write(findings: &mut Findings, curve: &Curve) {
    let place = (GAIN, curve.theory.sigma);
    for (k, lag) in curve.large.lags().into_iter().enumerate() {
        for (name, values) in [("networks", &curve.large), ("networks, N to infinity", &curve.limit)] {
            findings.data.1.push(row("autocovariance", name, place, (lag, values.values[k], values.errors[k])));
        }
        findings.data.1.push(row("autocovariance", "theory", place, (lag, curve.theory.autocovariance.at(lag), f64::NAN)));
    }
}

fn panel(curves: &[Curve], title: &str, (last, thin): (f64, usize)) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (k, Curve { theory, large, limit }) in curves.iter().enumerate() {
        let lags: Vec<f64> = (0..200).map(|k| last * f64::from(k) / 199.0).collect();
        let y = lags.iter().map(|&lag| theory.autocovariance.at(lag) / theory.variance).collect();
        marks.push(Line { x: lags, y, label: "mean field".into(), ..Line::default() }.into());
        let shown: Vec<usize> = (0..large.values.len()).step_by(thin).filter(|&k| k as f64 * large.step <= last).collect();
        let pick = |values: &[f64]| shown.iter().map(|&k| values[k] / theory.variance).collect::<Vec<f64>>();
        let points = |curve: &LagCurve, label: String| Points {
            x: shown.iter().map(|&k| k as f64 * large.step).collect(),
            y: pick(&curve.values),
            whiskers: Whiskers::Symmetric(pick(&curve.errors)),
            colour: Colour::cycle(k),
            label,
            ..Points::default()
        };
        marks.push(Points { hollow: true, whiskers: Whiskers::None, size: 5.0, ..points(large, String::new()) }.into());
        marks.push(points(limit, format!("networks, σ² = {:.3}", theory.sigma.powi(2))).into());
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
