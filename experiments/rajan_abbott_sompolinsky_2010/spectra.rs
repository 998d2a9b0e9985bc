//! 3B: power spectra: a chaotic background, and lines at odd multiples of the frequency of the drive.

use super::run::{Run, all};
use super::theory::Autocovariance;
use super::{AMPLITUDES, GAIN, OMEGA, THEORY, nonlinearities, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::Result;
use crosscurrent::analysis::{PowerSpectrum, Spectrum, Window};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points, Scale, Whiskers};
use std::f64::consts::TAU;

/// Cycles in a block: lines then stand in every fifth bin.
const BLOCK: usize = 5;

/// Densities below this are not drawn.
const LEAST: f64 = 1e-4;

/// 3B: spectra of the rates at four amplitudes for both nonlinearities.
pub fn spectra(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, cycles) = (context.pick(40, 1000, 1000), context.pick(2 * BLOCK, 50, 95));
    let mut runs = Vec::new();
    for (_, nonlinearity) in nonlinearities() {
        for amplitude in AMPLITUDES {
            let seed = context.seed.child("3B");
            runs.push(Run { cycles, nonlinearity: nonlinearity.clone(), ..Run::new(neurons, (OMEGA, amplitude), seed) });
        }
    }
    let estimator = |run: &Run| PowerSpectrum { block: BLOCK * run.period(), window: Window::Flat };
    let spectra = all(context, "3B spectra", &runs, |run, recording| estimator(run).of(&recording))?;
    let duration = context.pick(40.0, 300.0, 400.0);
    let theories = all_theories(&runs, duration)?;
    let mut panels = Vec::new();
    for (k, ((run, spectrum), theory)) in runs.iter().zip(&spectra).zip(&theories).enumerate() {
        let (name, _) = nonlinearities()[k / AMPLITUDES.len()];
        let curve = format!("{name}, I = {}", run.amplitude);
        for (bin, frequency) in spectrum.frequency.iter().enumerate().take_while(|(_, f)| **f < 0.2) {
            findings.data.1.push(row("3B", (&curve, 0), (*frequency, spectrum.density[bin], spectrum.error[bin])));
        }
        panels.push(panel(&curve, run, spectrum, theory));
        if name == "tanh" {
            judge(context, findings, run, spectrum, theory);
        }
    }
    let title = format!(
        "Spectra of the rates (g = {GAIN}, ω = {OMEGA}/τ, N = {neurons}); points: simulation ± s.e. over blocks; lines and crosses: theory"
    );
    let figure = Figure { title, panels, columns: 4, panel_size: (270, 230), shared_legend: true, ..Figure::default() };
    findings.figures.push(("3B_spectra".into(), figure));
    Ok(())
}

fn all_theories(runs: &[Run], duration: f64) -> Result<Vec<Autocovariance>> {
    use rayon::prelude::*;
    runs.par_iter().with_max_len(1).map(|run| Autocovariance::of(run, duration)).collect()
}

fn panel(title: &str, run: &Run, spectrum: &Spectrum, theory: &Autocovariance) -> Panel {
    let shown = spectrum.frequency.iter().filter(|f| **f <= 0.1).count();
    let points = Points {
        x: spectrum.frequency[..shown].to_vec(),
        y: spectrum.density[..shown].to_vec(),
        whiskers: Whiskers::Symmetric(spectrum.error[..shown].to_vec()),
        size: 4.0,
        label: "simulation".into(),
        ..Points::default()
    };
    let mut marks = vec![Mark::from(points)];
    marks.extend(theory_marks(run, spectrum.resolution(), theory));
    Panel {
        title: title.into(),
        x: Axis { range: Some((-0.002, 0.1)), ..Axis::new("frequency (1/τ; 0.01 is 1 Hz at τ = 10 ms)") },
        y: Axis { scale: Scale::Log, range: Some((LEAST, 200.0)), ..Axis::new("density (rate² τ)") },
        marks,
        legend: Legend::Off,
        ..Panel::default()
    }
}

/// The background as a line, each locked harmonic as the density of the one bin that it fills.
fn theory_marks(run: &Run, resolution: f64, theory: &Autocovariance) -> [Mark; 2] {
    let driven = run.amplitude > 0.0;
    let x: Vec<f64> = (0..=200).map(|k| 0.0005 * f64::from(k)).collect();
    let lasting = theory.lasting(driven);
    let y = x.iter().map(|f| theory.background(*f, &lasting)).map(|density| if density > LEAST { density } else { f64::NAN }).collect();
    let lines = if driven { theory.lines(4) } else { Vec::new() };
    let harmonics = Points {
        x: (1..=lines.len()).map(|m| m as f64 * run.omega / TAU).collect(),
        y: lines.iter().map(|power| power / resolution).collect(),
        marker: Marker::Cross,
        colour: Colour::BLACK,
        size: 8.0,
        label: "theory, lines".into(),
        ..Points::default()
    };
    [Line { x, y, label: "theory, chaotic background".into(), ..Line::default() }.into(), harmonics.into()]
}

fn judge(context: &Context, findings: &mut Findings, run: &Run, spectrum: &Spectrum, theory: &Autocovariance) {
    let mut check = |claim: String, measured, wanted| findings.checks.push(context.check(("3B", THEORY), claim, measured, wanted));
    if run.amplitude == 0.0 {
        let highest = (0..spectrum.density.len()).max_by(|a, b| spectrum.density[*a].total_cmp(&spectrum.density[*b])).unwrap_or(0);
        // Half of the best frequency: the resonance is not there without the drive.
        let bound = 0.5 * OMEGA / TAU;
        check("frequency of the highest density without drive (1/τ)".into(), spectrum.frequency[highest], (Side::AtMost, bound, 0.0));
        return;
    }
    if run.amplitude < 0.4 {
        // A single chaotic network amplifies a weak drive by its own near-resonances; panel 3C has the mean over networks.
        return;
    }
    let line = spectrum.density.get(BLOCK).map_or(f64::NAN, |density| density * spectrum.resolution());
    let ratio = line / (theory.lines(1)[0] + theory.background(run.omega / TAU, &theory.lasting(true)) * spectrum.resolution());
    check(format!("variance in the line of the drive against theory, I = {}", run.amplitude), ratio, (Side::Near, 1.0, 0.1));
    let off_line = |bin: usize| !bin.is_multiple_of(BLOCK) || bin == 0;
    let rest: f64 = (0..spectrum.density.len()).filter(|bin| off_line(*bin)).map(|bin| spectrum.density[bin]).sum();
    if run.amplitude > 0.5 {
        let share = rest * spectrum.resolution() / spectrum.variance();
        check(format!("share of the variance off the lines, I = {}", run.amplitude), share, (Side::AtMost, 0.01, 0.0));
    }
}
