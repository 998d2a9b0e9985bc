//! Memory: how much of past noise a linear readout finds in the present state.
//!
//! The noise that unit i received in an interval of half a tau is to be read from all activations at a later time by least squares.
//! R²(delay) is the explained share of its variance, mean over units, corrected for the number of regressors. For the linear network the
//! sum of R² over all delays is 1 for any connections. The sequential memory is the sum over intervals that ended at least one tau ago:
//! what lies nearer the leak of each unit keeps by itself.

use super::{network, row, simulation};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::linalg::{Cholesky, product};
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Panel, Points, Whiskers};
use crosscurrent::theory::{local_expansion_line, noise_transition};
use crosscurrent::{Error, Result};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

const GAIN: f64 = 1.5;
const DT: f64 = 0.05;
/// Integration steps of one interval of noise, and between readouts.
const STEPS: usize = 10;
/// Intervals per tau.
const PER_TAU: usize = 2;
/// Delays, in intervals.
const DELAYS: usize = 17;

const SIGMAS_SQUARED: [f64; 10] = [0.01, 0.03, 0.07, 0.14, 0.22, 0.32, 0.45, 0.7, 1.2, 2.0];

/// Memory at one strength of the noise: R² by delay, one list per seed.
struct Point {
    sigma: f64,
    seeds: Vec<Vec<f64>>,
}

impl Point {
    /// Sum of R² over the delays from this one on: mean over seeds and standard error.
    fn sum_from(&self, first: usize) -> (f64, f64) {
        self.summary(|r| r[first..].iter().sum())
    }

    fn summary(&self, number: impl Fn(&[f64]) -> f64) -> (f64, f64) {
        let summary = Summary::of(&self.seeds.iter().map(|seed| number(seed)).collect::<Vec<_>>());
        (summary.mean, summary.sd / (summary.count as f64).sqrt())
    }
}

/// The memory curve over noise at g = 1.5, and whether it peaks between the two lines.
pub fn curves(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, samples, seeds) = (context.pick(20, 200, 400), context.pick(200, 12_000, 40_000), context.pick(2, 4, 5));
    let jobs: Vec<(f64, u64)> = SIGMAS_SQUARED.into_iter().flat_map(|squared| (0..seeds).map(move |seed| (squared, seed))).collect();
    let bar = context.progress(jobs.len(), "memory of noise");
    let measure = |&(squared, seed): &(f64, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let (states, noise) = driven(context, (neurons, samples), squared.sqrt(), seed)?;
        bar.inc(1);
        explained(&states, &noise)
    };
    let found = jobs.par_iter().with_max_len(1).map(measure).collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>>>()?;
    bar.finish_and_clear();
    let chunks = found.chunks(seeds as usize);
    let points: Vec<Point> =
        SIGMAS_SQUARED.iter().zip(chunks).map(|(squared, seeds)| Point { sigma: squared.sqrt(), seeds: seeds.to_vec() }).collect();
    check(context, findings, &points)?;
    write(findings, &points);
    let title = format!("Linear readout of past noise (g = {GAIN}, N = {neurons}, {seeds} networks)");
    let panels = vec![sum_panel(&points)?, delay_panel(&points)?];
    findings.figures.push(("memory".into(), Figure { title, panels, columns: 2, panel_size: (460, 340), ..Figure::default() }));
    Ok(())
}

/// Activations at the ends of the intervals and the noise of each interval with variance 1, both units × intervals.
///
/// The noise is what a run leaves when its own equation is taken off: sqrt(2) sigma ΔW = Δx + sum over steps of dt (x - J phi(x)).
fn driven(context: &Context, (neurons, samples): (usize, usize), sigma: f64, seed: u64) -> Result<(DMatrix<f64>, DMatrix<f64>)> {
    let seed = context.seed.child("memory").trial(seed);
    let network = network(neurons, GAIN, seed)?;
    let time = ((samples + 1) * STEPS) as f64 * DT;
    let (mut states, mut drift, mut rates) =
        (DMatrix::zeros(neurons, samples + 1), DMatrix::zeros(neurons, samples + 1), DMatrix::zeros(neurons, samples + 1));
    let mut phi = vec![0.0; neurons];
    simulation((DT, time), sigma, seed)?.observe(&network, |_, step, x| {
        let interval = step / STEPS;
        let now = DVector::from_column_slice(x);
        if step % STEPS == 0 {
            states.set_column(interval, &now);
        }
        network.nonlinearity.rates(x, &mut phi);
        drift.column_mut(interval).axpy(DT, &now, 1.0);
        rates.column_mut(interval).axpy(DT, &DVector::from_column_slice(&phi), 1.0);
    })?;
    let own = drift - product(&network.connectivity.to_dense(), &rates);
    let scale = 1.0 / (std::f64::consts::SQRT_2 * sigma * (STEPS as f64 * DT).sqrt());
    // Column k: the state at the end of interval k, and the noise within it.
    let change = states.columns(1, samples) - states.columns(0, samples);
    Ok((states.columns(1, samples).into_owned(), (change + own.columns(0, samples)) * scale))
}

/// R² of the best linear readout of the noise at every delay, mean over units.
fn explained(states: &DMatrix<f64>, noise: &DMatrix<f64>) -> Result<Vec<f64>> {
    let (neurons, samples) = states.shape();
    let count = samples - DELAYS;
    let mean = states.column_mean();
    let mut present = states.columns(DELAYS, count).into_owned();
    present.column_iter_mut().for_each(|mut column| column -= &mean);
    let factor = Cholesky::new(&product(&present, &present.transpose()))?;
    let (n, p) = (count as f64, neurons as f64);
    let delayed = |delay: usize| {
        let past = noise.columns(DELAYS - delay, count).into_owned();
        let shared = product(&present, &past.transpose());
        let weights = factor.solve(&shared);
        let raw = (0..neurons).map(|unit| shared.column(unit).dot(&weights.column(unit)) / past.row(unit).norm_squared()).sum::<f64>() / p;
        // Regressors that know nothing explain p / n by chance.
        1.0 - (1.0 - raw) * (n - 1.0) / (n - p - 1.0)
    };
    Ok((0..DELAYS).map(delayed).collect())
}

fn check(context: &Context, findings: &mut Findings, points: &[Point]) -> Result<()> {
    let peak = points.iter().max_by(|a, b| a.sum_from(PER_TAU).0.total_cmp(&b.sum_from(PER_TAU).0)).map_or(f64::NAN, |point| point.sigma);
    let source = "sequential memory is best between the lines";
    let (end, local) = (noise_transition(GAIN)?.sigma, local_expansion_line(GAIN)?.sigma);
    let mut check = |claim: &str, wanted| findings.checks.push(context.check(("memory", source), claim, peak, wanted));
    check("σ of the best memory, against the end of chaos", (Side::AtLeast, end, 0.0));
    check("σ of the best memory, against the end of local expansion", (Side::AtMost, local, 0.0));
    Ok(())
}

fn write(findings: &mut Findings, points: &[Point]) {
    for point in points {
        let place = (GAIN, point.sigma);
        for delay in 0..DELAYS {
            let (mean, error) = point.summary(|r| r[delay]);
            findings.data.1.push(row("memory", "R² by delay", place, (delay as f64 / PER_TAU as f64, mean, error)));
        }
        let (mean, error) = point.sum_from(PER_TAU);
        findings.data.1.push(row("memory", "sum of R² from a delay of 1 tau", place, (point.sigma, mean, error)));
    }
}

fn curve(points: &[Point], colour: Colour, label: String, number: impl Fn(&Point) -> (f64, f64)) -> [Mark; 2] {
    let x: Vec<f64> = points.iter().map(|point| point.sigma).collect();
    let values: Vec<(f64, f64)> = points.iter().map(number).collect();
    let y: Vec<f64> = values.iter().map(|value| value.0).collect();
    let whiskers = Whiskers::Symmetric(values.iter().map(|value| value.1).collect());
    [
        Line { x: x.clone(), y: y.clone(), colour, alpha: 0.5, ..Line::default() }.into(),
        Points { x, y, whiskers, colour, label, ..Points::default() }.into(),
    ]
}

/// The two lines of the theory at this gain.
fn lines(top: f64) -> Result<[Mark; 2]> {
    let upright =
        |at: f64, dash, label: &str| Line { x: vec![at; 2], y: vec![0.0, top], dash, label: label.into(), ..Line::default() }.into();
    Ok([
        upright(noise_transition(GAIN)?.sigma, Dash::Solid, "chaos ends (mean field)"),
        upright(local_expansion_line(GAIN)?.sigma, Dash::Dashed, "local expansion ends (mean field)"),
    ])
}

fn sum_panel(points: &[Point]) -> Result<Panel> {
    let top = 1.15 * points.iter().map(|point| point.sum_from(PER_TAU).0).fold(0.0, f64::max);
    let memory = curve(points, Colour::BLUE, "networks ± standard error".into(), |point| point.sum_from(PER_TAU));
    Ok(Panel {
        title: "Sequential memory".into(),
        x: Axis { range: Some((0.0, 1.5)), ..Axis::new("noise σ") },
        y: Axis { range: Some((0.0, top)), ..Axis::new("sum of R² from a delay of 1 τ") },
        marks: lines(top)?.into_iter().chain(memory).collect(),
        legend: Legend::Above,
        ..Panel::default()
    })
}

fn delay_panel(points: &[Point]) -> Result<Panel> {
    let mut marks = Vec::new();
    for (k, delay) in [2, 4, 6].into_iter().enumerate() {
        let best = points.iter().map(|point| point.summary(|r| r[delay]).0).fold(f64::MIN, f64::max);
        let label = format!("delay {} τ", delay / PER_TAU);
        marks.extend(curve(points, Colour::cycle(k), label, |point| {
            let (mean, error) = point.summary(|r| r[delay]);
            (mean / best, error / best)
        }));
    }
    Ok(Panel {
        title: "Single delays".into(),
        x: Axis { range: Some((0.0, 1.5)), ..Axis::new("noise σ") },
        y: Axis { range: Some((0.0, 1.15)), ..Axis::new("R² / its largest value") },
        marks: lines(1.15)?.into_iter().chain(marks).collect(),
        legend: Legend::Above,
        ..Panel::default()
    })
}
