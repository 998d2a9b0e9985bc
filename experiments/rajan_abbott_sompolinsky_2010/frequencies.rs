//! 3C against frequency, and 3D: the critical amplitude against frequency.

use super::cycles::{Reading, points};
use super::exponents::Crossing;
use super::run::{Run, all};
use super::theory::Autocovariance;
use super::{GAIN, TABLE, THEORY, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::Result;
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Dash, Figure, Legend, Line, Mark, Note, Panel, Scale};
use crosscurrent::theory::driven::{Resolution, best_frequency, critical_amplitude, high_frequency_amplitude, low_frequency_limit};
use rayon::prelude::*;

/// Amplitude of the scan of frequencies: enough near the best frequency, not elsewhere.
const AMPLITUDE: f64 = 0.5;

/// 3C: sigma_osc and sigma_chaos against the frequency at a fixed amplitude.
pub fn against_frequency(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, seeds) = (context.pick(40, 1000, 1000), context.pick(1, 3, 5));
    let omegas = [0.03, 0.05, 0.08, 0.12, 0.16, 0.22, 0.3, 0.4, 0.6, 0.8, 1.2];
    let omegas: Vec<f64> = omegas.iter().copied().skip(context.pick(5, 0, 0)).step_by(context.pick(3, 1, 1)).collect();
    let run = |omega: f64, seed| {
        let cycles = (55.0 * omega).ceil().max(4.0) as usize;
        Run { cycles, ..Run::new(neurons, (omega, AMPLITUDE), context.seed.child("3C").trial(seed)) }
    };
    let runs: Vec<Run> = omegas.iter().flat_map(|omega| (0..seeds).map(move |seed| run(*omega, seed))).collect();
    let readings = all(context, "3C against frequency", &runs, |run, recording| Reading::of(run, &recording))?;
    let readings: Vec<Vec<Reading>> = readings.chunks(seeds as usize).map(<[Reading]>::to_vec).collect();
    let theory = theory_curve(context, &omegas)?;
    record(findings, &omegas, &readings);
    let chaos: Vec<f64> = readings.iter().map(|all| Summary::of(&all.iter().map(|r| r.rest).collect::<Vec<f64>>()).mean).collect();
    let least = (0..chaos.len()).min_by(|a, b| chaos[*a].total_cmp(&chaos[*b])).unwrap_or(0);
    let claim = format!("frequency at which σ_chaos is least, I = {AMPLITUDE} (theory: no chaos from ω = 0.04 to 0.30)");
    findings.checks.push(context.check(("3C", THEORY), claim, omegas[least], (Side::Near, 0.16, 0.1)));
    let panel = frequency_panel(&omegas, &readings, &theory);
    let title =
        format!("Chaos is least near the best frequency (g = {GAIN}, I = {AMPLITUDE}, N = {neurons}; mean ± sd of {seeds} networks)");
    findings
        .figures
        .push(("3C_against_frequency".into(), Figure { title, panels: vec![panel], panel_size: (640, 340), ..Figure::default() }));
    Ok(())
}

fn record(findings: &mut Findings, omegas: &[f64], readings: &[Vec<Reading>]) {
    for (omega, all) in omegas.iter().zip(readings) {
        for (seed, reading) in all.iter().enumerate() {
            findings.data.1.push(row("3C", ("sigma_osc against ω", seed as u64), (*omega, reading.locked.max(0.0).sqrt(), f64::NAN)));
            findings.data.1.push(row("3C", ("sigma_chaos against ω", seed as u64), (*omega, reading.rest.sqrt(), f64::NAN)));
        }
    }
}

fn frequency_panel(omegas: &[f64], readings: &[Vec<Reading>], theory: &[(f64, f64)]) -> Panel {
    let x = omegas.to_vec();
    let line = |pick: fn(&(f64, f64)) -> f64, dash, label: &str| {
        Mark::from(Line { x: x.clone(), y: theory.iter().map(pick).collect(), dash, label: label.into(), ..Line::default() })
    };
    Panel {
        x: Axis { scale: Scale::Log, ..Axis::new("angular frequency ω (1/τ; 1 is 15.9 Hz at τ = 10 ms)") },
        y: Axis { range: Some((0.0, 0.75)), ..Axis::new("σ of the rates") },
        marks: vec![
            line(|t| t.0, Dash::Solid, "σ_osc, theory"),
            line(|t| t.1, Dash::Dashed, "σ_chaos, theory"),
            points(omegas, readings, |r| r.locked.max(0.0).sqrt(), ("σ_osc", 0)),
            points(omegas, readings, |r| r.rest.sqrt(), ("σ_chaos", 1)),
        ],
        legend: Legend::Right,
        ..Panel::default()
    }
}

/// (sigma_osc, sigma_chaos) of the two-time equations.
fn theory_curve(context: &Context, omegas: &[f64]) -> Result<Vec<(f64, f64)>> {
    let at = |omega: &f64| {
        let run = Run::new(0, (*omega, AMPLITUDE), context.seed);
        // The split looks back by 60 τ or one cycle, whichever is longer, and by one cycle more.
        let duration = context.pick(10.0, 200.0, 400.0) + 1.1 * run.length().max(60.0);
        let (locked, rest) = Autocovariance::of(&run, duration)?.split(true);
        Ok((locked.max(0.0).sqrt(), rest.max(0.0).sqrt()))
    };
    omegas.par_iter().with_max_len(1).map(at).collect()
}

/// 3D: I_c against the frequency with both limits, and where the exponent of networks crosses zero.
pub fn phase_diagram(context: &Context, findings: &mut Findings, crossings: &[Crossing]) -> Result<()> {
    let count = context.pick(4, 31, 61);
    let omegas: Vec<f64> = (0..count).map(|k| 0.02 * 200_f64.powf(k as f64 / (count - 1) as f64)).collect();
    let gains = [1.2, 1.5, 2.0];
    let limits = |gain: &f64| Ok((low_frequency_limit(*gain)?.amplitude, high_frequency_amplitude(*gain)?));
    let limits: Vec<(f64, f64)> = gains.par_iter().with_max_len(1).map(limits).collect::<Result<_>>()?;
    let mut marks = Vec::new();
    for (k, gain) in gains.into_iter().enumerate() {
        let resolution = Resolution { points: context.pick(32, 128, 256), order: context.pick(30, 80, 160) };
        let at = |omega: &f64| Ok(critical_amplitude(gain, *omega, resolution)?.amplitude);
        let amplitudes: Vec<f64> = omegas.par_iter().with_max_len(1).map(at).collect::<Result<_>>()?;
        let (slow, fast) = limits[k];
        let curve = format!("I_c, g = {gain}");
        findings.data.1.extend(omegas.iter().zip(&amplitudes).map(|(x, y)| row("3D", (&curve, 0), (*x, *y, f64::NAN))));
        let limit = |x: Vec<f64>, y, dash, label: &str| Mark::from(Line { x, y, dash, label: label.into(), ..Line::default() });
        marks.push(limit(vec![0.02, 0.06], vec![slow; 2], Dash::Dotted, "limit ω → 0"));
        marks.push(limit(vec![0.6, 4.0], vec![0.6 * fast, 4.0 * fast], Dash::Dashed, "limit ω → ∞: A∞ ω"));
        let label = if k == 0 { "theory".into() } else { String::new() };
        marks.push(Line { x: omegas.clone(), y: amplitudes.clone(), label, ..Line::default() }.into());
        let middle = amplitudes[count / 2];
        marks.push(Note { x: omegas[count / 2], y: 0.78 * middle, text: format!("g = {gain}"), ..Note::default() }.into());
        checks(context, findings, gain, limits[k])?;
    }
    marks.push(Crossing::mark(crossings));
    let panel = Panel {
        x: Axis { scale: Scale::Log, ..Axis::new("angular frequency ω (1/τ; 1 is 15.9 Hz at τ = 10 ms)") },
        y: Axis { scale: Scale::Log, ..Axis::new("critical amplitude I_c") },
        marks,
        legend: Legend::TopLeft,
        ..Panel::default()
    };
    let title = "Amplitude above which a drive suppresses chaos".to_string();
    findings
        .figures
        .push(("3D_critical_amplitude".into(), Figure { title, panels: vec![panel], panel_size: (560, 400), ..Figure::default() }));
    Ok(())
}

fn checks(context: &Context, findings: &mut Findings, gain: f64, limits: (f64, f64)) -> Result<()> {
    let resolution = Resolution { points: context.pick(32, 128, 128), order: context.pick(30, 100, 100) };
    let mut check = |claim: String, measured, expected, tolerance| {
        findings.checks.push(context.check(("3D", TABLE), claim, measured, (Side::Near, expected, tolerance)));
    };
    let (best, fast, slow) = match gain {
        1.2 => (0.07, 0.6331, 0.1484),
        1.5 => (0.16, 1.00563, 0.5952),
        _ => (0.26, 1.44151, 1.6618),
    };
    check(format!("best frequency, g = {gain}"), best_frequency(gain, resolution)?.0, best, 0.005);
    check(format!("A∞, g = {gain}"), limits.1, fast, 1e-4);
    check(format!("I_c for ω → 0, g = {gain}"), limits.0, slow, 1e-4);
    let critical = |omega| Ok::<f64, crosscurrent::Error>(critical_amplitude(gain, omega, resolution)?.amplitude);
    match gain {
        1.5 => check("I_c at g = 1.5, ω = 0.15".into(), critical(0.15)?, 0.4326, 0.005 * 0.4326),
        2.0 => check("I_c at g = 2, ω = 0.25".into(), critical(0.25)?, 1.1007, 0.005 * 1.1007),
        _ => {}
    }
    Ok(())
}
