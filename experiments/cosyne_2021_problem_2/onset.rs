//! From a small start: decay or growth as the linear network has it, then the nonlinear state.

use super::{network, over_seeds, row, sizes};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Line, Mark, Note, Panel, Scale};
use crosscurrent::theory::autonomous;
use crosscurrent::{Clock, Initial, Result, Simulation};
use nalgebra::DMatrix;

const GAINS: [f64; 5] = [0.5, 0.9, 1.1, 1.5, 3.0];

/// Size of the first state.
const START: f64 = 1e-3;

/// Integration step: small, because growth is compared with that of continuous time.
const DT: f64 = 0.02;

/// Growth of the root mean square of a linear network with J_ij ~ N(0, g² / N), averaged over J, in Euler steps of DT.
///
/// Different powers of J are uncorrelated and J^k x is g^k times as large as x, so n steps of x + DT (J x - x) give
/// sum_k binomial(n, k)² (1 - DT)^(2 (n - k)) (g DT)^(2 k), which is e^(-2 t) I_0(2 g t) for small DT.
fn linear(gain: f64, time: f64) -> f64 {
    let steps = (time / DT).round() as usize;
    let (stay, move_on) = ((1.0 - DT).ln(), (gain * DT).ln());
    let mut log = steps as f64 * stay;
    let mut logs = vec![log];
    for k in 0..steps {
        log += ((steps - k) as f64 / (k + 1) as f64).ln() + move_on - stay;
        logs.push(log);
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest.exp() * logs.iter().map(|log| (2.0 * (log - largest)).exp()).sum::<f64>().sqrt()
}

/// Growth from the start, and traces of single units.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let (neurons, seeds) = (context.pick(60, 1000, 1000), context.pick(1, 4, 16));
    let clock = Clock::new(DT, context.pick(10.0, 60.0, 200.0))?;
    let runs = over_seeds(context, (&GAINS, seeds), "growth", |&gain, seed| {
        let seed = context.seed.child("onset").trial(seed);
        let first = Simulation { clock: Clock::with_steps(DT, 1)?, seed, ..Simulation::default() }.run(&network(gain, neurons, seed)?)?;
        let initial = Initial::Given(first.rates.column(0).iter().map(|r| START * r.atanh()).collect());
        let simulation = Simulation { clock, steps_per_sample: 10, initial, ..Simulation::default() };
        Ok(simulation.run(&network(gain, neurons, seed)?)?.rates.map(f64::atanh))
    })?;
    let time: Vec<f64> = (0..runs[0][0].ncols()).map(|k| k as f64 * 10.0 * DT).collect();
    for (gain, runs) in GAINS.iter().zip(&runs) {
        for (seed, x) in runs.iter().enumerate() {
            let points = time.iter().copied().zip(sizes(x)).step_by(5);
            points.for_each(|point| row(findings, "onset", &format!("rms of x, g = {gain}"), Some(seed as u64), point));
        }
    }
    check(context, findings, &runs, &time);
    Ok(vec![growth_panel(&runs, &time)?, trace_panel(context, findings)?])
}

fn check(context: &Context, findings: &mut Findings, runs: &[Vec<DMatrix<f64>>], time: &[f64]) {
    let mean = |job: usize, pick: &dyn Fn(&[f64]) -> f64| -> f64 {
        Summary::of(&runs[job].iter().map(|x| pick(&sizes(x))).collect::<Vec<_>>()).mean
    };
    for (job, at) in [(0, 10.0), (1, 20.0), (3, 8.0), (4, 2.0)] {
        let k = time.iter().position(|&t| t >= at).unwrap_or(time.len() - 1);
        let measured = mean(job, &|sizes| (sizes[k] / sizes[0]).ln());
        let claim = format!("g = {}: logarithmic growth of a small state in {at} τ, over that of the linear network", GAINS[job]);
        let source = "average over J of the linear network, e^(-t) sqrt(I_0(2 g t)) but for the step";
        let ratio = measured / linear(GAINS[job], time[k]).ln();
        findings.checks.push(context.check(("onset", source), claim, ratio, (Side::Near, 1.0, 0.05)));
    }
}

fn growth_panel(runs: &[Vec<DMatrix<f64>>], time: &[f64]) -> Result<Panel> {
    let mut marks: Vec<Mark> = Vec::new();
    for (job, gain) in GAINS.iter().enumerate() {
        let late = autonomous(*gain)?.variance.sqrt();
        // The linear law until it leaves the panel.
        let y = time.iter().map(|&t| START * linear(*gain, t)).map(|y| if y > 30.0 { f64::NAN } else { y }).collect();
        let label = if job == 0 { "linear network, theory" } else { "" };
        marks.push(Line { x: time.to_vec(), y, dash: Dash::Dashed, width: 1.2, label: label.into(), ..Line::default() }.into());
        if late > 0.0 {
            let label = if *gain == 1.1 { "nonlinear state, theory" } else { "" };
            let x = vec![time[0], *time.last().unwrap_or(&0.0)];
            marks.push(Line { x, y: vec![late; 2], width: 1.2, label: label.into(), ..Line::default() }.into());
        }
        for (seed, x) in runs[job].iter().enumerate() {
            let label = if seed == 0 { format!("g = {gain}") } else { String::new() };
            let line = Line { x: time.to_vec(), y: sizes(x), colour: Colour::cycle(job), alpha: 0.8, label, ..Line::default() };
            marks.push(line.into());
        }
    }
    Ok(Panel {
        title: "A small state decays, or grows and saturates".into(),
        x: Axis::new("time (τ)"),
        y: Axis { scale: Scale::Log, range: Some((1e-6, 30.0)), ..Axis::new("rms of x") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    })
}

/// Two units at each gain, from a standard normal state.
fn trace_panel(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let (neurons, spacing) = (context.pick(60, 1000, 1000), 8.0);
    let mut marks: Vec<Mark> = Vec::new();
    for (job, gain) in GAINS.iter().enumerate() {
        let seed = context.seed.child("traces");
        let clock = Clock::new(0.1, context.pick(10.0, 100.0, 100.0))?;
        let recording = Simulation { clock, seed, ..Simulation::default() }.run(&network(*gain, neurons, seed)?)?;
        let time: Vec<f64> = (0..recording.samples()).map(|k| recording.clock.time(k)).collect();
        let level = spacing * (GAINS.len() - 1 - job) as f64;
        for unit in 0..2 {
            let x: Vec<f64> = recording.rates.row(unit).iter().map(|r| r.atanh()).collect();
            time.iter().zip(&x).for_each(|(&t, &x)| row(findings, "traces", &format!("x, g = {gain}, unit {unit}"), Some(0), (t, x)));
            let y = x.iter().map(|x| x + level).collect();
            marks.push(Line { x: time.clone(), y, colour: Colour::cycle(job), alpha: 1.0 - 0.4 * unit as f64, ..Line::default() }.into());
        }
        marks.push(Note { x: 108.0, y: level, text: format!("g = {gain}"), ..Note::default() }.into());
    }
    let ticks =
        (0..GAINS.len()).flat_map(|k| [(spacing * k as f64, "0".to_string()), (spacing * k as f64 + 3.0, "3".to_string())]).collect();
    Ok(Panel {
        title: "Two units at each gain".into(),
        x: Axis { range: Some((0.0, 117.0)), ..Axis::new("time (τ)") },
        y: Axis { ticks, ..Axis::new("activation x (shifted)") },
        marks,
        legend: Legend::Off,
        ..Panel::default()
    })
}
