//! 3C: what is locked to the drive and what is not, against its amplitude; the dimension of the activity.

use super::run::{Run, all};
use super::theory::Autocovariance;
use super::{GAIN, RESOLUTION, THEORY, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::cycle_average;
use crosscurrent::identify::Summary;
use crosscurrent::linalg::product;
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::theory::driven::{critical_amplitude, euler_frequency};
use crosscurrent::{Recording, Result};
use rayon::prelude::*;

/// What is read from one recording.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// sigma_osc².
    pub locked: f64,
    /// sigma_chaos².
    pub rest: f64,
    /// Effective number of dimensions.
    pub dimension: f64,
}

impl Reading {
    pub fn of(run: &Run, recording: &Recording) -> Result<Self> {
        let split = cycle_average(recording, run.period())?;
        Ok(Reading { locked: split.locked, rest: split.rest, dimension: dimension(recording) })
    }

    /// Share of the variance that is not locked.
    fn unlocked(&self) -> f64 {
        self.rest / (self.rest + self.locked)
    }
}

/// 1 / sum of the squared shares of variance of the principal components: (trace C)² / trace C².
fn dimension(recording: &Recording) -> f64 {
    let every = recording.samples().div_ceil(600);
    let mut thinned = recording.rates.select_columns(&(0..recording.samples()).step_by(every).collect::<Vec<_>>());
    let mean = thinned.column_mean();
    thinned.column_iter_mut().for_each(|mut column| column -= &mean);
    // The samples × samples matrix has the same eigenvalues as the covariance.
    let overlap = product(&thinned.transpose(), &thinned);
    overlap.trace().powi(2) / overlap.norm_squared()
}

/// One frequency: amplitudes and, at each, the readings of all seeds.
struct Series {
    omega: f64,
    neurons: usize,
    amplitudes: Vec<f64>,
    readings: Vec<Vec<Reading>>,
}

const OMEGAS: [f64; 2] = [0.15, 1.0];

/// 3C: sigma_osc, sigma_chaos and the dimension against the amplitude of the drive.
pub fn against_amplitude(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(40, 1000, 1000);
    let seeds = context.pick(1, 5, 5);
    let series = OMEGAS.iter().map(|omega| measure(context, *omega, neurons, seeds)).collect::<Result<Vec<Series>>>()?;
    let mut panels = Vec::new();
    for one in &series {
        let theory = theory_curve(context, one)?;
        record(findings, one, &theory);
        panels.push(panel(one, &theory)?);
        judge(context, findings, one, &theory)?;
    }
    panels.push(dimension_panel(&series));
    let title = format!("Variance locked to the drive and the rest (g = {GAIN}, N = {neurons}; mean ± sd of {seeds} networks)");
    let figure = Figure { title, panels, columns: 3, panel_size: (350, 310), ..Figure::default() };
    findings.figures.push(("3C_against_amplitude".into(), figure));
    sizes(context, findings, &series)
}

fn grid(omega: f64, context: &Context) -> Vec<f64> {
    let factors: &[f64] = if omega < 0.5 {
        &[0.0, 0.1, 0.2, 0.3, 0.36, 0.4, 0.44, 0.48, 0.52, 0.6, 0.8]
    } else {
        &[0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.8]
    };
    factors.iter().copied().step_by(context.pick(6, 1, 1)).collect()
}

fn measure(context: &Context, omega: f64, neurons: usize, seeds: u64) -> Result<Series> {
    let amplitudes = grid(omega, context);
    let cycles = if omega < 0.5 { 8 } else { 50 };
    let seed = |k| context.seed.child("3C").trial(k);
    let run = |amplitude, k| Run { cycles, ..Run::new(neurons, (omega, amplitude), seed(k)) };
    let runs: Vec<Run> = amplitudes.iter().flat_map(|a| (0..seeds).map(move |k| run(*a, k))).collect();
    let readings = all(context, &format!("3C ω = {omega}, N = {neurons}"), &runs, |run, recording| Reading::of(run, &recording))?;
    let readings = readings.chunks(seeds as usize).map(<[Reading]>::to_vec).collect();
    Ok(Series { omega, neurons, amplitudes, readings })
}

/// (I, sigma_osc, sigma_chaos) of the two-time equations.
fn theory_curve(context: &Context, series: &Series) -> Result<Vec<(f64, f64, f64)>> {
    let duration = context.pick(40.0, 300.0, 500.0);
    let at = |amplitude: &f64| {
        let run = Run::new(0, (series.omega, *amplitude), context.seed);
        let (locked, rest) = Autocovariance::of(&run, duration)?.split(*amplitude > 0.0);
        Ok((*amplitude, locked.max(0.0).sqrt(), rest.max(0.0).sqrt()))
    };
    series.amplitudes.par_iter().with_max_len(1).map(at).collect()
}

fn record(findings: &mut Findings, series: &Series, theory: &[(f64, f64, f64)]) {
    let name = |quantity: &str| format!("{quantity}, ω = {}", series.omega);
    for (amplitude, readings) in series.amplitudes.iter().zip(&series.readings) {
        for (seed, reading) in readings.iter().enumerate() {
            let quantities =
                [("sigma_osc", reading.locked.max(0.0).sqrt()), ("sigma_chaos", reading.rest.sqrt()), ("dimension", reading.dimension)];
            for (quantity, value) in quantities {
                findings.data.1.push(row("3C", (&name(quantity), seed as u64), (*amplitude, value, f64::NAN)));
            }
        }
    }
    for (amplitude, locked, rest) in theory {
        findings.data.1.push(row("3C", (&name("sigma_osc, theory"), 0), (*amplitude, *locked, f64::NAN)));
        findings.data.1.push(row("3C", (&name("sigma_chaos, theory"), 0), (*amplitude, *rest, f64::NAN)));
    }
}

/// Points with error bars: mean and sd over seeds of what `read` gives.
pub fn points(x: &[f64], readings: &[Vec<Reading>], read: impl Fn(&Reading) -> f64, (label, colour): (&str, usize)) -> Mark {
    let summaries: Vec<Summary> = readings.iter().map(|all| Summary::of(&all.iter().map(&read).collect::<Vec<f64>>())).collect();
    let sd = summaries.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect();
    Points {
        x: x.to_vec(),
        y: summaries.iter().map(|s| s.mean).collect(),
        whiskers: Whiskers::Symmetric(sd),
        colour: Colour::cycle(colour),
        marker: Marker::cycle(colour),
        label: label.into(),
        ..Points::default()
    }
    .into()
}

fn panel(series: &Series, theory: &[(f64, f64, f64)]) -> Result<Panel> {
    let x: Vec<f64> = theory.iter().map(|t| t.0).collect();
    let line = |y: Vec<f64>, dash, label: &str| Mark::from(Line { x: x.clone(), y, dash, label: label.into(), ..Line::default() });
    let critical = critical_amplitude(GAIN, series.omega, RESOLUTION)?.amplitude;
    Ok(Panel {
        title: format!("ω = {}/τ", series.omega),
        x: Axis::new("amplitude I"),
        y: Axis { range: Some((0.0, 0.75)), ..Axis::new("σ of the rates") },
        marks: vec![
            Mark::vline(critical, format!("I_c = {critical:.3}")),
            line(theory.iter().map(|t| t.1).collect(), Dash::Solid, "σ_osc, theory"),
            line(theory.iter().map(|t| t.2).collect(), Dash::Dashed, "σ_chaos, theory"),
            points(&series.amplitudes, &series.readings, |r| r.locked.max(0.0).sqrt(), ("σ_osc", 0)),
            points(&series.amplitudes, &series.readings, |r| r.rest.sqrt(), ("σ_chaos", 1)),
        ],
        legend: Legend::Above,
        ..Panel::default()
    })
}

fn dimension_panel(series: &[Series]) -> Panel {
    let curve =
        |(k, one): (usize, &Series)| points(&one.amplitudes, &one.readings, |r| r.dimension, (&format!("ω = {}/τ", one.omega), 2 + k));
    let marks = [Mark::hline(2.0, "one sine and cosine")].into_iter().chain(series.iter().enumerate().map(curve)).collect();
    Panel {
        title: "Dimension".into(),
        x: Axis::new("amplitude I"),
        y: Axis { range: Some((0.0, 13.0)), ..Axis::new("1 / Σ p²") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}

fn judge(context: &Context, findings: &mut Findings, series: &Series, theory: &[(f64, f64, f64)]) -> Result<()> {
    let omega = series.omega;
    let dt = Run::new(0, (omega, 1.0), context.seed).dt();
    let effective = euler_frequency(omega, dt);
    let critical = critical_amplitude(GAIN, effective, RESOLUTION)?.amplitude;
    let mut check = |panel: &str, claim: String, measured, wanted| {
        findings.checks.push(context.check((panel, THEORY), claim, measured, wanted));
    };
    // Networks of 1000 units are entrained between 0.97 and 1.31 I_c at ω = 0.15, below I_c at ω = 1.
    let margin = if omega < 0.5 { 1.35 } else { 1.1 };
    for (amplitude, readings) in series.amplitudes.iter().zip(&series.readings).filter(|(a, _)| **a > margin * critical) {
        let state = crosscurrent::theory::driven::Entrained::solve((GAIN, effective, *amplitude), RESOLUTION)?;
        let mean = Summary::of(&readings.iter().map(|r| r.locked).collect::<Vec<f64>>()).mean;
        let claim = format!("σ_osc² against the entrained branch, ω = {omega}, I = {amplitude}");
        check("3C", claim, mean / state.rate_variance(), (Side::Near, 1.0, 0.03));
        let worst = readings.iter().map(Reading::unlocked).fold(0.0, f64::max);
        check("3C", format!("largest share of σ_chaos² above I_c, ω = {omega}, I = {amplitude}"), worst, (Side::AtMost, 0.01, 0.0));
    }
    if let Some(weak) = series.amplitudes.iter().position(|a| *a == 0.2 && omega < 0.5) {
        let summary = Summary::of(&series.readings[weak].iter().map(|r| r.locked).collect::<Vec<f64>>());
        let error = summary.sd / (summary.count as f64).sqrt();
        let deviation = (summary.mean - theory[weak].1.powi(2)) / error;
        check(
            "3C",
            format!("σ_osc² below I_c against theory, in standard errors, ω = {omega}, I = 0.2"),
            deviation,
            (Side::Near, 0.0, 3.0),
        );
    }
    let dimension = |k: usize| Summary::of(&series.readings[k].iter().map(|r| r.dimension).collect::<Vec<f64>>()).mean;
    let last = series.amplitudes.len() - 1;
    check("3C", format!("dimension under the strongest drive, ω = {omega}"), dimension(last), (Side::Near, 2.0, 0.5));
    check("3C", format!("dimension without drive over that, ω = {omega}"), dimension(0) / dimension(last), (Side::AtLeast, 2.0, 0.0));
    Ok(())
}

/// The amplitude at which a network's share of σ_chaos² falls below a thousandth for good, by its logarithm between grid points.
fn onset(series: &Series, seed: usize) -> f64 {
    let level = 1e-3_f64.ln();
    let share = |k: usize| series.readings[k][seed].unlocked().max(1e-12).ln();
    match (0..series.amplitudes.len()).rev().find(|k| share(*k) > level) {
        Some(k) if k + 1 < series.amplitudes.len() => {
            let part = (share(k) - level) / (share(k) - share(k + 1));
            series.amplitudes[k] + part * (series.amplitudes[k + 1] - series.amplitudes[k])
        }
        _ => f64::NAN,
    }
}

/// Trend with N of the amplitude at which single networks are entrained.
fn sizes(context: &Context, findings: &mut Findings, largest: &[Series]) -> Result<()> {
    let seeds = context.pick(1, 5, 10);
    let mut marks = Vec::new();
    for (index, one) in largest.iter().enumerate() {
        let mut all_sizes = Vec::new();
        for neurons in context.pick(vec![20], vec![250, 500], vec![250, 500, 2000]) {
            all_sizes.push(measure(context, one.omega, neurons, seeds)?);
        }
        let mut found: Vec<(f64, Summary)> = Vec::new();
        for series in all_sizes.iter().chain([one]) {
            let onsets: Vec<f64> = (0..series.readings[0].len()).map(|seed| onset(series, seed)).collect();
            let curve = format!("onset, ω = {}, N = {}", one.omega, series.neurons);
            let rows =
                onsets.iter().enumerate().map(|(seed, onset)| row("3C", (&curve, seed as u64), (series.neurons as f64, *onset, f64::NAN)));
            findings.data.1.extend(rows);
            found.push((1.0 / series.neurons as f64, Summary::of(&onsets)));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let dt = Run::new(0, (one.omega, 1.0), context.seed).dt();
        let critical = critical_amplitude(GAIN, euler_frequency(one.omega, dt), RESOLUTION)?.amplitude;
        let bound = if one.omega < 0.5 { context.pick(0.2, 0.2, 0.1) } else { 0.2 };
        let claim = format!("mean onset of networks over I_c, ω = {}, N = {}", one.omega, (1.0 / found[0].0).round());
        findings.checks.push(context.check(("3C", THEORY), claim, found[0].1.mean / critical, (Side::Near, 1.0, bound)));
        marks.extend(onset_marks(index, one.omega, &found, critical));
    }
    let panel = Panel {
        x: Axis::new("1 / N"),
        y: Axis { range: Some((0.0, 1.4)), ..Axis::new("amplitude that entrains a network") },
        marks,
        legend: Legend::Right,
        ..Panel::default()
    };
    let title = "Entrainment of finite networks (mean ± sd over networks)".to_string();
    findings.figures.push(("3C_network_size".into(), Figure { title, panels: vec![panel], panel_size: (560, 320), ..Figure::default() }));
    Ok(())
}

fn onset_marks(index: usize, omega: f64, found: &[(f64, Summary)], critical: f64) -> [Mark; 2] {
    let ends = vec![0.0, found.iter().map(|f| f.0).fold(0.0, f64::max)];
    let dash = [Dash::Solid, Dash::Dashed][index % 2];
    let theory = Line { x: ends, y: vec![critical; 2], dash, label: format!("I_c, ω = {omega}/τ"), ..Line::default() };
    let simulated = Points {
        x: found.iter().map(|f| f.0).collect(),
        y: found.iter().map(|f| f.1.mean).collect(),
        whiskers: Whiskers::Symmetric(found.iter().map(|f| if f.1.sd.is_finite() { f.1.sd } else { 0.0 }).collect()),
        colour: Colour::cycle(index),
        marker: Marker::cycle(index),
        label: format!("networks, ω = {omega}/τ"),
        ..Points::default()
    };
    [theory.into(), simulated.into()]
}
