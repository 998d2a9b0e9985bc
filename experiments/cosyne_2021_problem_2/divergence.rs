//! Two states that are almost the same: how fast they part, and how far.

use super::{network, over_seeds, row, sizes};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{Lyapunov, NetworkTangent};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Line, Mark, Marker, Panel, Points, Scale, Whiskers};
use crosscurrent::theory::{MeanField, autonomous};
use crosscurrent::{Clock, Initial, Result, Seed, Simulation};

/// Gain, size, and time until the distance has saturated.
const RUNS: [(f64, usize, f64); 4] = [(1.5, 1000, 800.0), (2.0, 1000, 250.0), (3.0, 1000, 150.0), (3.0, 2000, 150.0)];

/// Distance at the start, per unit.
const START: f64 = 1e-6;

/// The rate is taken where the distance lies between these: past the first rearrangement, before saturation.
const WINDOW: (f64, f64) = (1e-5, 1e-2);

/// Distances of one pair, one per τ, the rate at which they grow, the variance of x over the second half of the run.
struct Pair {
    distances: Vec<f64>,
    rate: f64,
    variance: f64,
    /// Largest Lyapunov exponent of the network itself.
    exponent: f64,
}

/// Distances, and rates against theory.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let jobs = &RUNS[..context.pick(1, 4, 4)];
    let work = |&(gain, neurons, duration): &(f64, usize, f64), seed| {
        let (neurons, duration) = (context.pick(60, neurons, neurons), context.pick(20.0, duration, duration));
        pair(gain, neurons, duration, context.seed.child("divergence").trial(seed))
    };
    // Networks of 2000 units differ less from each other, and take four times as long.
    let (small, large) = jobs.split_at(jobs.len().min(3));
    let mut pairs = over_seeds(context, (small, context.pick(1, 8, 24)), "pairs of states", work)?;
    pairs.extend(over_seeds(context, (large, context.pick(1, 6, 24)), "pairs of states, N = 2000", work)?);
    for (&(gain, neurons, _), pairs) in jobs.iter().zip(&pairs) {
        for (seed, pair) in pairs.iter().enumerate() {
            let curve = format!("g = {gain}, N = {neurons}");
            row(findings, "divergence", &format!("rate, {curve}"), Some(seed as u64), (gain, pair.rate));
            row(findings, "divergence", &format!("own exponent, {curve}"), Some(seed as u64), (gain, pair.exponent));
            for (t, &distance) in pair.distances.iter().enumerate() {
                row(findings, "divergence", &format!("distance, {curve}"), Some(seed as u64), (t as f64, distance));
            }
        }
    }
    let theory = jobs.iter().map(|&(gain, ..)| autonomous(gain)).collect::<Result<Vec<_>>>()?;
    check(context, findings, &theory, &pairs);
    Ok(vec![distance_panel(&theory, &pairs), rate_panel(&pairs)?])
}

/// A state on the attractor, and one beside it.
fn pair(gain: f64, neurons: usize, duration: f64, seed: Seed) -> Result<Pair> {
    let network = network(gain, neurons, seed)?;
    let single = Clock::with_steps(0.1, 1)?;
    let settled = Simulation { clock: single, transient: 150.0, seed, ..Simulation::default() }.run(&network)?;
    let direction = Simulation { clock: single, seed: seed.child("direction"), ..Simulation::default() }.run(&network)?;
    let state: Vec<f64> = settled.rates.column(0).iter().map(|r| r.atanh()).collect();
    let beside = state.iter().zip(direction.rates.column(0).iter()).map(|(x, z)| x + START * z.atanh()).collect();
    let lyapunov =
        Lyapunov { exponents: 1, duration: 0.5 * duration, transient: 0.0, alignment: 20.0, interval: 0, seed, ..Default::default() };
    let simulation = Simulation { clock: single, seed, initial: Initial::Given(state.clone()), ..Simulation::default() };
    let exponent = lyapunov.measure(&mut NetworkTangent::new(&network, &simulation)?)?.exponents[0];
    let run = |state: Vec<f64>| -> Result<_> {
        let simulation =
            Simulation { clock: Clock::new(0.1, duration)?, steps_per_sample: 10, initial: Initial::Given(state), ..Simulation::default() };
        Ok(simulation.run(&network)?.rates.map(f64::atanh))
    };
    let (one, other) = (run(state)?, run(beside)?);
    let distances = sizes(&(&other - &one));
    let (rate, variance) = (slope(&distances), mean_square(&sizes(&one), 0.5));
    Ok(Pair { distances, rate, variance, exponent })
}

/// Least-squares slope of the logarithm between the first passages of the two ends of the window, per τ.
fn slope(distances: &[f64]) -> f64 {
    let passage = |level: f64| distances.iter().position(|&d| d > level).unwrap_or(distances.len());
    let (first, last) = (passage(WINDOW.0), passage(WINDOW.1));
    if last >= distances.len() || last < first + 3 {
        return f64::NAN;
    }
    let logs: Vec<f64> = distances[first..last].iter().map(|d| d.ln()).collect();
    let middle = 0.5 * (logs.len() - 1) as f64;
    let offsets = (0..logs.len()).map(|k| k as f64 - middle);
    let squares: f64 = offsets.clone().map(|t| t * t).sum();
    offsets.zip(&logs).map(|(t, log)| t * log).sum::<f64>() / squares
}

/// Mean square of what comes after a share of the whole.
fn mean_square(values: &[f64], after: f64) -> f64 {
    let tail = &values[(after * values.len() as f64) as usize..];
    tail.iter().map(|value| value * value).sum::<f64>() / tail.len() as f64
}

fn check(context: &Context, findings: &mut Findings, theory: &[MeanField], pairs: &[Vec<Pair>]) {
    for ((&(gain, neurons, _), field), pairs) in RUNS.iter().zip(theory).zip(pairs) {
        let rates = Summary::of(&pairs.iter().map(|pair| pair.rate).collect::<Vec<_>>());
        let own = Summary::of(&pairs.iter().map(|pair| pair.exponent).collect::<Vec<_>>()).mean;
        let claim =
            format!("g = {gain}, N = {neurons}: rate at which two states part over the networks' own λ, mean of {} pairs", rates.count);
        let source = "largest Lyapunov exponents of the same networks; tolerance: two standard errors";
        findings.checks.push(context.check(("divergence", source), claim, rates.mean / own, (Side::Near, 1.0, 0.2)));
        // At g = 1.5 networks of 1000 units are far from the limit; some are not chaotic.
        if gain > 1.5 {
            let claim = format!("g = {gain}, N = {neurons}: rate at which two states part over λ of mean-field theory");
            // The middle and the half width of the interval [0.85, 1.02].
            let source = "λ(g) of mean-field theory; accepted at N = 1000: 0.85 to 1.02";
            let wanted = (Side::Near, 0.935, 0.085);
            findings.checks.push(context.check(("divergence", source), claim, rates.mean / field.exponent, wanted));
        }
        let variance = Summary::of(&pairs.iter().map(|pair| pair.variance).collect::<Vec<_>>()).mean;
        let claim = format!("g = {gain}, N = {neurons}: variance of the chaotic state over Δ₀");
        let source = "mean-field theory; tolerance: 5 % at N = 1000";
        findings.checks.push(context.check(("divergence", source), claim, variance / field.variance, (Side::Near, 1.0, 0.05)));
        let late = Summary::of(&pairs.iter().map(|pair| mean_square(&pair.distances, 0.8)).collect::<Vec<_>>()).mean;
        let claim = format!("g = {gain}, N = {neurons}: squared distance in the end over twice the variance");
        let source = "trajectories that have become independent";
        findings.checks.push(context.check(("divergence", source), claim, late / (2.0 * variance), (Side::Near, 1.0, 0.05)));
    }
}

fn distance_panel(theory: &[MeanField], pairs: &[Vec<Pair>]) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, (field, pairs)) in theory.iter().zip(pairs).enumerate().take(3) {
        for (seed, pair) in pairs.iter().enumerate() {
            let x = (0..pair.distances.len()).map(|t| t as f64).collect();
            let label = if seed == 0 { format!("g = {}", field.gain) } else { String::new() };
            let y = pair.distances.clone();
            marks.push(Line { x, y, colour: Colour::cycle(index), alpha: 0.5, width: 1.0, label, ..Line::default() }.into());
        }
        let end = (2.0 * field.variance).sqrt();
        let reached = (end / START).ln() / field.exponent;
        let label = if index == 0 { "theory: exp(λt) up to √(2Δ₀)" } else { "" };
        let total = pairs[0].distances.len() as f64;
        marks.push(
            Line { x: vec![0.0, reached, total], y: vec![START, end, end], width: 2.0, label: label.into(), ..Line::default() }.into(),
        );
    }
    Panel {
        title: "Two states, 1e-6 apart, part".into(),
        x: Axis::new("time (τ)"),
        y: Axis { scale: Scale::Log, ..Axis::new("rms distance of x") },
        marks,
        legend: Legend::BottomRight,
        ..Panel::default()
    }
}

fn rate_panel(pairs: &[Vec<Pair>]) -> Result<Panel> {
    let gains: Vec<f64> = (1..=22).map(|k| 1.0 + 0.1 * f64::from(k)).collect();
    let exponents = gains.iter().map(|&gain| Ok(autonomous(gain)?.exponent)).collect::<Result<Vec<f64>>>()?;
    let mut marks: Vec<Mark> = vec![
        Line { x: gains.clone(), y: exponents, label: "λ, theory".into(), ..Line::default() }.into(),
        Line { x: vec![1.0, 1.32], y: vec![0.0, 0.32], dash: Dash::Dashed, label: "linear network, g − 1".into(), ..Line::default() }
            .into(),
    ];
    for (index, neurons) in [1000, 2000].into_iter().enumerate() {
        let chosen: Vec<_> = RUNS.iter().zip(pairs).filter(|(run, _)| run.1 == neurons).collect();
        let rates: Vec<Summary> = chosen.iter().map(|(_, pairs)| Summary::of(&pairs.iter().map(|p| p.rate).collect::<Vec<_>>())).collect();
        marks.push(
            Points {
                x: chosen.iter().map(|(run, _)| run.0 + 0.03 * index as f64).collect(),
                y: rates.iter().map(|s| s.mean).collect(),
                whiskers: Whiskers::Symmetric(rates.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect()),
                colour: Colour::cycle(index),
                marker: Marker::cycle(index),
                label: format!("networks, N = {neurons}"),
                ..Points::default()
            }
            .into(),
        );
    }
    Ok(Panel {
        title: "Chaos grows far more slowly than the linear instability".into(),
        x: Axis::new("gain g"),
        y: Axis::new("rate (1/τ)"),
        marks,
        legend: Legend::BottomRight,
        ..Panel::default()
    })
}
