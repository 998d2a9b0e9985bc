//! How often the detector is wrong on signals in which nothing changes, beside what was asked of it.

use super::patterns::Pattern;
use super::{BOUND, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, Figure, Line, Marker, Panel, Points, Whiskers};
use crosscurrent::track::{Detection, Detector, Rule, Series};
use crosscurrent::{Error, Result, Seed};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Samples that are learned, that calibrate, and that are judged.
const STRETCHES: [usize; 3] = [1500, 10_000, 8000];

/// Probabilities that are asked for.
const ASKED: [f64; 5] = [0.02, 0.05, 0.1, 0.2, 0.4];

/// A noisy oscillation whose phase drifts.
pub fn oscillation(samples: usize, period: impl Fn(usize) -> f64, seed: Seed) -> Vec<f64> {
    let mut rng = seed.child("oscillation").rng();
    let (mut phase, mut noise) = (0.0, 0.0);
    let mut next = |k: usize| {
        phase += std::f64::consts::TAU / period(k) * (1.0 + 0.2 * (rng.random::<f64>() - 0.5));
        noise = 0.9 * noise + 0.1 * (rng.random::<f64>() - 0.5);
        phase.sin() + noise
    };
    (0..samples).map(&mut next).collect()
}

/// An autoregressive signal with a spectral peak at a period of 40 samples, whose amplitude waxes and wanes.
fn resonance(samples: usize, seed: Seed) -> Vec<f64> {
    let mut rng = seed.child("resonance").rng();
    let (radius, angle) = (0.9_f64, std::f64::consts::TAU / 40.0);
    let (a, b) = (2.0 * radius * angle.cos(), -radius * radius);
    let (mut last, mut before) = (0.0, 0.0);
    let mut next = || {
        let value = a * last + b * before + rng.sample::<f64, _>(StandardNormal);
        (before, last) = (last, value);
        value
    };
    (0..samples + 1000).map(|_| next()).skip(1000).collect()
}

/// False alarms against the probability asked for.
pub fn rates(context: &Context, findings: &mut Findings) -> Result<()> {
    let runs = context.pick(2, 400, 2000);
    let samples = STRETCHES.iter().sum();
    let mut series = Vec::new();
    for name in ["oscillation", "resonance"] {
        let bar = context.progress(runs, name);
        let one = |k: usize| {
            bar.inc(1);
            let seed = context.seed.child("false alarms").child(name).trial(k as u64);
            let signal = if name == "oscillation" { oscillation(samples, |_| 40.0, seed) } else { resonance(samples, seed) };
            needed(context, &signal, seed)
        };
        let found = (0..runs).into_par_iter().map(one).collect::<Vec<_>>().into_iter().collect::<Result<Vec<Option<f64>>>>()?;
        bar.finish_and_clear();
        let needed: Vec<f64> = found.iter().flatten().copied().collect();
        let refused = 1.0 - needed.len() as f64 / runs as f64;
        let claim = format!("{name}: share of reservoirs whose errors stay correlated for too long to be calibrated");
        findings.checks.push(context.check(("8A", BOUND), claim, refused, (Side::AtMost, 0.1, 0.0)));
        let share = |asked: f64| needed.iter().filter(|needed| **needed <= asked).count() as f64 / needed.len().max(1) as f64;
        for asked in ASKED {
            findings.data.1.push(row("false alarms", name, runs, asked, share(asked)));
            // Two standard errors of a share that is exactly as large as asked.
            let slack = 2.0 * (asked * (1.0 - asked) / runs as f64).sqrt();
            let claim = format!("{name}: share of {runs} runs with any false alarm where {asked} is asked for");
            findings.checks.push(context.check(("8A", BOUND), claim, share(asked), (Side::AtMost, asked + slack, slack)));
        }
        series.push((name, ASKED.map(share)));
    }
    findings.figures.push(("8A_false_alarms".into(), figure(&series, runs)));
    Ok(())
}

/// The smallest probability at which a run would have raised the alarm; none where the detector refuses the calibration.
fn needed(context: &Context, signal: &[f64], seed: Seed) -> Result<Option<f64>> {
    if context.go_on().is_break() {
        return Err(Error::Cancelled);
    }
    let [train, calibrate, judged] = STRETCHES;
    let tracker = Pattern { rule: Rule::LeastSquares, ..Default::default() }.tracker(seed)?;
    // So strict that it is never raised: the statistic says what would have been enough.
    let detection = Detection { false_alarm: 1e-12, horizon: 0.1 * judged as f64, ..Default::default() };
    let stretch = |range: std::ops::Range<usize>| Series::from_values(&signal[range]);
    let mut detector = match Detector::new(tracker, &stretch(0..train), &stretch(train..train + calibrate), detection) {
        Err(Error::Data { .. }) => return Ok(None),
        made => made?,
    };
    let mut highest: f64 = 0.0;
    for value in &signal[train + calibrate..] {
        if let Some(block) = detector.push(&[*value], &[*value])?.block {
            highest = highest.max(block.statistic);
        }
    }
    Ok(Some(judged as f64 / detector.block() as f64 / highest))
}

fn figure(series: &[(&str, [f64; 5])], runs: usize) -> Figure {
    let asked = ASKED.to_vec();
    let mut marks = vec![Line { x: asked.clone(), y: asked.clone(), label: "bound".into(), ..Line::default() }.into()];
    for (index, (name, shares)) in series.iter().enumerate() {
        let error = |share: &f64| (share * (1.0 - share) / runs as f64).sqrt();
        let points = Points {
            x: asked.clone(),
            y: shares.to_vec(),
            whiskers: Whiskers::Symmetric(shares.iter().map(error).collect()),
            colour: Colour::cycle(index),
            marker: Marker::cycle(index),
            label: (*name).into(),
            ..Points::default()
        };
        marks.push(points.into());
    }
    let panel =
        Panel { x: Axis::new("probability asked for"), y: Axis::new("share of runs with a false alarm"), marks, ..Panel::default() };
    Figure { panels: vec![panel], panel_size: (460, 380), ..Figure::default() }
}
