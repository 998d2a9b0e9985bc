//! 3A: traces of single units under no, weak, nearly critical and strong drive, and two initial states under the same drive.

use super::run::{Run, all};
use super::{AMPLITUDES, GAIN, OMEGA, RESOLUTION, THEORY, nonlinearities, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::nonlinearity::activations;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel, Scale};
use crosscurrent::theory::driven::Entrained;
use crosscurrent::{Recording, Result};

/// Units that are drawn.
const UNITS: usize = 4;

/// 3A: activations (tanh) and rates (published nonlinearity) at four amplitudes, and the distance of two runs.
pub fn traces(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(40, 1000, 1000);
    let seed = context.seed.child("3A");
    let mut runs = Vec::new();
    for (_, nonlinearity) in nonlinearities() {
        for amplitude in AMPLITUDES {
            runs.push(Run { cycles: 4, nonlinearity: nonlinearity.clone(), ..Run::new(neurons, (OMEGA, amplitude), seed) });
        }
    }
    let recordings = all(context, "3A traces", &runs, |_, recording| Ok(recording))?;
    let mut panels = Vec::new();
    for (k, (run, recording)) in runs.iter().zip(&recordings).enumerate() {
        let (name, _) = &nonlinearities()[k / AMPLITUDES.len()];
        panels.push(trace_panel(name, run, recording, findings)?);
    }
    let title =
        format!("Drive suppresses chaos (g = {GAIN}, ω = {OMEGA}/τ, N = {neurons}): activations for tanh, rates for the published φ");
    findings.figures.push(("3A_traces".into(), Figure { title, panels, columns: 4, panel_size: (270, 210), ..Figure::default() }));
    distances(context, findings)
}

fn trace_panel(name: &str, run: &Run, recording: &Recording, findings: &mut Findings) -> Result<Panel> {
    let time: Vec<f64> = (0..recording.samples()).map(|k| recording.clock.time(k)).collect();
    let mut marks = Vec::new();
    for unit in 0..UNITS.min(recording.neurons()) {
        let rates: Vec<f64> = recording.rates.row(unit).iter().copied().collect();
        let y = if name == "tanh" { activations(&*run.nonlinearity, &rates, 0.0)? } else { rates };
        let curve = format!("{name}, I = {}, unit {unit}", run.amplitude);
        findings.data.1.extend(time.iter().zip(&y).map(|(t, y)| row("3A", (&curve, 0), (*t, *y, f64::NAN))));
        marks.push(Mark::from(Line { x: time.clone(), y, colour: Colour::cycle(unit), width: 1.2, ..Line::default() }));
    }
    let (label, range) = if name == "tanh" { ("activation x", (-4.0, 4.0)) } else { ("rate r", (0.0, 1.0)) };
    Ok(Panel {
        title: format!("{name}, I = {}", run.amplitude),
        x: Axis::new("time (τ)"),
        y: Axis { range: Some(range), ..Axis::new(label) },
        marks,
        legend: Legend::Off,
        ..Panel::default()
    })
}

/// Two initial states, the same network and drive: far apart under weak drive, together under strong drive.
fn distances(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(40, 1000, 2000);
    let amplitudes = [0.2, 0.6, 0.8];
    let seeds = context.pick(1, 3, 5);
    let run = |amplitude, seed, start: &str| {
        let seed = context.seed.child("3A distances").trial(seed);
        Run { cycles: 9, discard: 0.0, start: seed.child(start), ..Run::new(neurons, (OMEGA, amplitude), seed) }
    };
    let pairs = amplitudes.iter().flat_map(|a| (0..seeds).flat_map(move |s| [(*a, s, "first"), (*a, s, "second")]));
    let runs: Vec<Run> = pairs.map(|(amplitude, seed, start)| run(amplitude, seed, start)).collect();
    let recordings = all(context, "3A two initial states", &runs, |_, recording| Ok(recording))?;
    let mut marks = Vec::new();
    for (k, pair) in recordings.chunks(2).enumerate() {
        let (amplitude, seed) = (amplitudes[k / seeds as usize], k as u64 % seeds);
        let difference = &pair[0].rates - &pair[1].rates;
        let y: Vec<f64> = difference.column_iter().map(|column| column.norm() / (neurons as f64).sqrt()).collect();
        let x: Vec<f64> = (0..y.len()).map(|sample| pair[0].clock.time(sample)).collect();
        let curve = format!("distance, I = {amplitude}");
        findings.data.1.extend(x.iter().zip(&y).map(|(t, d)| row("3A", (&curve, seed), (*t, *d, f64::NAN))));
        judge(context, findings, (amplitude, seed), &y);
        let colour = Colour::cycle(k / seeds as usize);
        marks.push(Line { x, y, colour, label: format!("I = {amplitude}"), width: 1.2, ..Line::default() }.into());
    }
    let panel = distance_panel(marks)?;
    let title = format!("Two initial states, same network and drive (N = {neurons}, ω = {OMEGA}/τ)");
    findings
        .figures
        .push(("3A_two_initial_states".into(), Figure { title, panels: vec![panel], panel_size: (620, 340), ..Figure::default() }));
    Ok(())
}

/// The curves with the rates at which mean-field theory says that they fall.
fn distance_panel(mut marks: Vec<Mark>) -> Result<Panel> {
    for amplitude in [0.6, 0.8] {
        // The mean-field rate of decay, from a height at which the curves have become exponential.
        let rate = Entrained::solve((GAIN, OMEGA, amplitude), RESOLUTION)?.exponent();
        let x = vec![0.0, 370.0];
        let y = x.iter().map(|t| 0.4 * (rate * t).exp()).collect();
        marks.push(Line { x, y, label: "mean-field rate of decay".into(), ..Line::default() }.into());
    }
    Ok(Panel {
        x: Axis { range: Some((0.0, 380.0)), ..Axis::new("time (τ)") },
        y: Axis { scale: Scale::Log, range: Some((1e-7, 3.0)), ..Axis::new("RMS distance of the rates") },
        marks,
        legend: Legend::Right,
        ..Panel::default()
    })
}

fn judge(context: &Context, findings: &mut Findings, (amplitude, seed): (f64, u64), distance: &[f64]) {
    let tail = &distance[distance.len() - distance.len() / 9..];
    let late = (tail.iter().map(|d| d * d).sum::<f64>() / tail.len() as f64).sqrt();
    let mut check = |claim: &str, wanted| {
        let claim = format!("RMS distance of the rates of two runs in their ninth cycle, I = {amplitude}, network {seed}: {claim}");
        findings.checks.push(context.check(("3A", THEORY), claim, late, wanted));
    };
    if amplitude < 0.4 {
        check("chaotic", (Side::AtLeast, 0.2, 0.0));
    } else {
        check("entrained", (Side::AtMost, 0.01, 0.0));
    }
}
