//! 2B: the autocovariance of activations, simulated and predicted.

use super::{DT, Run, power, row};
use crate::experiment::{Context, Findings, Side, median};
use crosscurrent::analysis::{LagCurve, autocovariance};
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Panel, Points, Whiskers};
use crosscurrent::theory::{MeanField, autonomous};
use crosscurrent::{Error, Precision, Result};
use rayon::prelude::*;

const GAINS: [f64; 3] = [1.5, 2.0, 3.0];
const SPEC: &str = "mean field, finite-size tolerance of the specification";

/// Euler steps of length dt compress all correlation times by this factor.
fn compression() -> f64 {
    (1.0 - DT).sqrt()
}

/// One seed: curves of activations and rates, Delta0, q.
struct Sample {
    activations: LagCurve,
    rates: LagCurve,
    variance: f64,
    rate_power: f64,
}

/// All seeds at one gain.
struct Curve {
    theory: MeanField,
    samples: Vec<Sample>,
}

impl Curve {
    /// Seed by seed, Delta / Delta0.
    fn normalised(&self) -> Result<LagCurve> {
        let scaled = self.samples.iter().map(|sample| {
            let values = sample.activations.values.iter().map(|value| value / sample.activations.values[0]).collect();
            LagCurve { values, ..sample.activations.clone() }
        });
        LagCurve::mean(&scaled.collect::<Vec<_>>())
    }

    /// Median over seeds of one number. At g = 1.5 a network of 2000 now and then hardly moves and has no half width within the lags:
    /// that counts as infinite.
    fn median(&self, number: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(number))
    }
}

/// 2B: three gains, several seeds each.
pub fn curves(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, time) = (context.pick(60, 2000, 2000), context.pick(60.0, 800.0, 2000.0));
    let jobs: Vec<(f64, u64)> = GAINS.into_iter().flat_map(|gain| (0..seeds(context, gain)).map(move |seed| (gain, seed))).collect();
    let bar = context.progress(jobs.len(), "2B autocovariance");
    let sample = |&(gain, seed): &(f64, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let run = Run { gain, neurons, time, steps_per_sample: 5, precision: Precision::Half };
        let sample = sample(&run, context, seed);
        bar.inc(1);
        sample
    };
    let samples: Vec<Result<Sample>> = jobs.par_iter().with_max_len(1).map(sample).collect();
    bar.finish_and_clear();
    let mut samples = samples.into_iter();
    let mut curves = Vec::new();
    for gain in GAINS {
        let samples = (0..seeds(context, gain)).map(|_| samples.next().expect("one sample per job")).collect::<Result<_>>()?;
        curves.push(Curve { theory: autonomous(gain)?, samples });
    }
    curves.iter().for_each(|curve| check(context, findings, curve));
    write(findings, &curves)?;
    let title = format!("Autocovariance of activations (N = {neurons}, dt = {DT} τ)");
    let panels = curves.iter().map(panel).collect::<Result<_>>()?;
    findings.figures.push((
        "2B_autocovariance".into(),
        Figure { title, panels, columns: 3, panel_size: (350, 290), shared_legend: true, ..Figure::default() },
    ));
    Ok(())
}

/// Networks at this gain. The nearer to the transition, the more they differ from each other: standard deviations of the half width were 15
/// to 40 % in two sets at g = 1.5, 11 to 14 % at 2 and 5 % at 3.
fn seeds(context: &Context, gain: f64) -> u64 {
    let most = context.pick(2, 24, 24);
    if gain < 2.0 { most } else { most.div_ceil(gain as u64) }
}

fn sample(run: &Run, context: &Context, seed: u64) -> Result<Sample> {
    let mut x = run.activations(context.seed.child(&format!("2B, g = {}", run.gain)).trial(seed))?;
    let (step, longest) = (run.steps_per_sample as f64 * DT, context.pick(20.0, 40.0, 40.0));
    let activations = autocovariance(&x, step, longest, 1)?;
    let variance = power(&x);
    x.apply(|x| *x = x.tanh());
    Ok(Sample { activations, rates: autocovariance(&x, step, longest, 1)?, variance, rate_power: power(&x) })
}

fn check(context: &Context, findings: &mut Findings, curve: &Curve) {
    let theory = &curve.theory;
    let gain = theory.gain;
    let mut check = |source, claim: String, measured, wanted| findings.checks.push(context.check(("2B", source), claim, measured, wanted));
    let half = theory.autocovariance.half_width().unwrap_or(f64::NAN) * compression();
    let measured = curve.median(|sample| sample.activations.half_width().unwrap_or(f64::INFINITY));
    check("mean field × √(1 − dt)", format!("median half width of Δ at g = {gain}"), measured, (Side::Near, half, 0.08 * half));
    let (variance, q) = (theory.variance, theory.rate_power);
    check(SPEC, format!("median Δ₀ at g = {gain}"), curve.median(|sample| sample.variance), (Side::Near, variance, 0.05 * variance));
    check(SPEC, format!("median q at g = {gain}"), curve.median(|sample| sample.rate_power), (Side::Near, q, 0.03 * q));
    // Delta'' has no area, whatever the size of the network.
    let ratio = curve.median(|sample| gain * gain * sample.rates.integral() / sample.activations.integral());
    check("exact", format!("median g² ∫C / ∫Δ at g = {gain}"), ratio, (Side::Near, 1.0, 0.03));
}

fn write(findings: &mut Findings, curves: &[Curve]) -> Result<()> {
    for curve in curves {
        let (theory, simulated) = (&curve.theory, curve.normalised()?);
        for (k, lag) in simulated.lags().into_iter().enumerate() {
            let error = simulated.errors.get(k).copied().unwrap_or(f64::NAN);
            let at = |lag: f64| theory.autocovariance.at(lag) / theory.variance;
            findings.data.1.push(row("2B", "simulation", theory.gain, (lag, simulated.values[k], error)));
            findings.data.1.push(row("2B", "theory", theory.gain, (lag, at(lag), f64::NAN)));
            findings.data.1.push(row("2B", "theory, Euler", theory.gain, (lag, at(lag / compression()), f64::NAN)));
        }
    }
    Ok(())
}

fn panel(curve: &Curve) -> Result<Panel> {
    let theory = &curve.theory;
    let simulated = curve.normalised()?;
    let last = 3.5 * theory.autocovariance.half_width().unwrap_or(1.0);
    let lags: Vec<f64> = (0..200).map(|k| last * f64::from(k) / 199.0).collect();
    let line = |factor: f64, dash, label: &str| Line {
        y: lags.iter().map(|lag| theory.autocovariance.at(lag / factor) / theory.variance).collect(),
        x: lags.clone(),
        dash,
        label: label.into(),
        ..Line::default()
    };
    let shown: Vec<usize> = (0..simulated.values.len()).filter(|&k| k % 2 == 0 && k as f64 * simulated.step <= last).collect();
    let pick = |values: &[f64]| shown.iter().map(|&k| values[k]).collect::<Vec<f64>>();
    let points = Points {
        x: pick(&simulated.lags()),
        y: pick(&simulated.values),
        whiskers: if simulated.errors.is_empty() { Whiskers::None } else { Whiskers::Symmetric(pick(&simulated.errors)) },
        colour: Colour::BLUE,
        label: "simulation ± standard error".into(),
        ..Points::default()
    };
    Ok(Panel {
        title: format!("g = {}, {} networks", theory.gain, curve.samples.len()),
        x: Axis { range: Some((0.0, last)), ..Axis::new("lag (τ)") },
        y: Axis { range: Some((-0.05, 1.05)), ..Axis::new("Δ / Δ₀") },
        marks: vec![
            points.into(),
            line(1.0, Dash::Solid, "mean field").into(),
            line(compression(), Dash::Dashed, "mean field, Euler: lags × √(1 − dt)").into(),
        ],
        legend: Legend::Off,
        ..Panel::default()
    })
}
