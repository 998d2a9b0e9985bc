//! A sinusoidal input with random phases suppresses chaos: two states part, or come together.

use super::{network, over_seeds, row, sizes};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::input::{Drive, Phases, Sine};
use crosscurrent::plot::{Axis, Colour, Legend, Line, Mark, Panel, Scale};
use crosscurrent::{Clock, Result, Seed, Simulation};

const GAIN: f64 = 2.0;
const OMEGA: f64 = 0.25;

/// Amplitudes below and above the critical one of mean-field theory, 1.10.
const AMPLITUDES: [f64; 2] = [0.5, 1.6];

/// Distance of two states with the same input, against time.
pub fn panel(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let (neurons, seeds) = (context.pick(60, 800, 2000), context.pick(1, 6, 12));
    let clock = Clock::new(0.1, context.pick(20.0, 400.0, 800.0))?;
    let distances = over_seeds(context, (&AMPLITUDES, seeds), "driven networks", |&amplitude, seed| {
        distance(amplitude, neurons, clock, context.seed.child("entrainment").trial(seed))
    })?;
    let last = |amplitude: usize| distances[amplitude].iter().map(|d| *d.last().unwrap_or(&f64::NAN));
    let (least, most) = (last(0).fold(f64::INFINITY, f64::min), last(1).fold(0.0, f64::max));
    let source = "mean-field theory: critical amplitude 1.10 at g = 2, ω = 0.25";
    let mut check = |claim: &str, measured: f64, wanted: (Side, f64, f64)| {
        findings.checks.push(context.check(("entrainment", source), claim, measured, wanted));
    };
    check("input of 0.5: least distance of two states after 400 τ", least, (Side::AtLeast, 0.1, 0.0));
    check("input of 1.6: largest distance of two states after 400 τ", most, (Side::AtMost, 1e-3, 0.0));
    let mut marks: Vec<Mark> = Vec::new();
    for (index, amplitude) in AMPLITUDES.iter().enumerate() {
        for (seed, distances) in distances[index].iter().enumerate() {
            let x: Vec<f64> = (0..distances.len()).map(|k| 2.0 * k as f64).collect();
            for (&t, &d) in x.iter().zip(distances) {
                row(findings, "entrainment", &format!("distance, input {amplitude}"), Some(seed as u64), (t, d));
            }
            let label = if seed == 0 { format!("input {amplitude}") } else { String::new() };
            let y = distances.clone();
            marks.push(Line { x, y, colour: Colour::cycle(index), alpha: 0.7, width: 1.0, label, ..Line::default() }.into());
        }
    }
    Ok(Panel {
        title: "A strong sine suppresses chaos (g = 2, ω = 0.25)".into(),
        x: Axis::new("time (τ)"),
        y: Axis { scale: Scale::Log, ..Axis::new("rms distance of two states") },
        marks,
        legend: Legend::BottomLeft,
        ..Panel::default()
    })
}

/// Two states of one network with one input; every 2 τ.
fn distance(amplitude: f64, neurons: usize, clock: Clock, seed: Seed) -> Result<Vec<f64>> {
    let network = network(GAIN, neurons, seed)?;
    let sine = Sine { frequency: OMEGA / std::f64::consts::TAU, phases: Phases::Random(seed.child("phases")) };
    let drive = Drive { weights: vec![amplitude; neurons], ..Drive::all(sine, neurons) };
    let run = |start: &str| -> Result<_> {
        let inputs = vec![drive.clone()];
        let simulation = Simulation { clock, steps_per_sample: 20, inputs, seed: seed.child(start), ..Simulation::default() };
        Ok(simulation.run(&network)?.rates.map(f64::atanh))
    };
    Ok(sizes(&(run("first")? - run("second")?)))
}
