//! 2F: the whole spectrum against i / N for several sizes, its sum and its symmetry.

use super::{Run, all, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::LyapunovSpectrum;
use crosscurrent::integrator::{Euler, Rk4};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Panel};
use crosscurrent::{Precision, Result};

const GAIN: f64 = 3.0;

/// 2F. Fourth order, so that the negative end is that of continuous time.
pub fn shape(context: &Context, findings: &mut Findings) -> Result<()> {
    let sizes: &[usize] = context.pick(&[20, 30], &[100, 200, 400], &[100, 200, 400, 800]);
    let seeds = context.pick(1, 2, 2);
    let (duration, transient) = (context.pick(5.0, 60.0, 200.0), context.pick(5.0, 100.0, 100.0));
    let run = |neurons| Run {
        gain: GAIN,
        neurons,
        integrator: Rk4.into(),
        dt: 0.1,
        exponents: 0,
        duration,
        transient,
        alignment: context.pick(1.0, 10.0, 20.0),
        precision: Precision::Double,
    };
    let runs: Vec<(Run, u64)> = sizes.iter().map(|&neurons| (run(neurons), seeds)).collect();
    let spectra = all(context, "2F", &runs)?;
    for (&neurons, spectra) in sizes.iter().zip(&spectra) {
        for (seed, spectrum) in spectra.iter().enumerate() {
            let errors = spectrum.errors();
            for (k, (exponent, error)) in spectrum.exponents.iter().zip(errors).enumerate() {
                findings.data.1.push(row("2F", (&format!("N = {neurons}"), seed), (share(k, neurons), *exponent, error)));
            }
        }
    }
    check(context, findings, sizes, &spectra);
    euler(context, findings)?;
    let title =
        format!("Extensive chaos: spectra of networks of all sizes are one curve (g = {GAIN}, RK4, dt = 0.1 τ, {seeds} networks each)");
    let panels = vec![panel(sizes, &spectra, "2F: the whole spectrum", None), panel(sizes, &spectra, "its beginning", Some(0.12))];
    findings.figures.push(("2F_spectrum".into(), Figure { title, panels, columns: 2, panel_size: (430, 350), ..Figure::default() }));
    Ok(())
}

/// The place of exponent `k`, counted from 0, between 0 and 1.
pub(super) fn share(k: usize, neurons: usize) -> f64 {
    (k as f64 + 0.5) / neurons as f64
}

/// Mean over networks of the exponent at a place between 0 and 1.
fn at(spectra: &[LyapunovSpectrum], place: f64) -> f64 {
    let one = |spectrum: &LyapunovSpectrum| {
        let exponents = &spectrum.exponents;
        let index = (place * exponents.len() as f64 - 0.5).clamp(0.0, exponents.len() as f64 - 1.001);
        let (k, part) = (index as usize, index.fract());
        exponents[k] * (1.0 - part) + exponents[k + 1] * part
    };
    spectra.iter().map(one).sum::<f64>() / spectra.len() as f64
}

fn check(context: &Context, findings: &mut Findings, sizes: &[usize], spectra: &[Vec<LyapunovSpectrum>]) {
    let (last, largest) = (&spectra[sizes.len() - 1], sizes[sizes.len() - 1]);
    let mut check = |source: &str, claim: String, measured: f64, wanted: (Side, f64, f64)| {
        findings.checks.push(context.check(("2F", source), claim, measured, wanted));
    };
    for (&neurons, spectra) in sizes.iter().zip(spectra) {
        let mean = spectra.iter().map(|s| s.exponents.iter().sum::<f64>() / neurons as f64).sum::<f64>() / spectra.len() as f64;
        check("divergence of the flow without autapses", format!("mean exponent, N = {neurons}"), mean, (Side::Near, -1.0, 1e-3));
    }
    let places: Vec<f64> = (1..40).map(|k| f64::from(k) / 40.0).collect();
    let distance = |a: &[LyapunovSpectrum]| places.iter().map(|&p| (at(a, p) - at(last, p)).powi(2)).sum::<f64>() / places.len() as f64;
    let half = &spectra[sizes.len() - 2];
    let claim = format!("rms distance of the spectra of N = {} and {largest} at equal i/N", sizes[sizes.len() - 2]);
    check("extensivity; the exponents span 3", claim, distance(half).sqrt(), (Side::AtMost, 0.03, 0.0));
    let pairs = last.iter().flat_map(|s| s.exponents.iter().zip(s.exponents.iter().rev()));
    let squares: Vec<f64> = pairs.map(|(a, b)| (a + b + 2.0).powi(2)).collect();
    let asymmetry = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    let claim = format!("rms deviation of λ_i + λ_(N+1-i) from -2, N = {largest}");
    check("point symmetry in continuous time", claim, asymmetry, (Side::AtMost, 0.05, 0.0));
}

/// T16: the mean exponent of Euler steps.
fn euler(context: &Context, findings: &mut Findings) -> Result<()> {
    let neurons = context.pick(20, 100, 200);
    let (duration, transient) = (context.pick(5.0, 60.0, 200.0), 20.0);
    let run = Run {
        gain: GAIN,
        neurons,
        integrator: Euler.into(),
        dt: 0.1,
        exponents: 0,
        duration,
        transient,
        alignment: 5.0,
        precision: Precision::Double,
    };
    let spectrum = &all(context, "T16", &[(run, 1)])?[0][0];
    let mean = spectrum.exponents.iter().sum::<f64>() / neurons as f64;
    let source = "ln(1 - dt) / dt of Euler steps without autapses";
    findings.checks.push(context.check(("2F", source), "T16: mean exponent, Euler, dt = 0.1", mean, (Side::Near, -1.0536, 0.004)));
    Ok(())
}

/// Exponents against their place, up to `end`.
pub(super) fn panel(sizes: &[usize], spectra: &[Vec<LyapunovSpectrum>], title: &str, end: Option<f64>) -> Panel {
    let mut marks: Vec<Mark> = vec![Mark::hline(0.0, "")];
    for (index, (&neurons, spectra)) in sizes.iter().zip(spectra).enumerate() {
        for (seed, spectrum) in spectra.iter().enumerate() {
            let (x, y) = spectrum.exponents.iter().enumerate().map(|(k, &y)| (share(k, neurons), y)).unzip();
            let label = if seed == 0 { format!("N = {neurons}") } else { String::new() };
            marks.push(Line { x, y, colour: Colour::cycle(index), alpha: 0.8, label, ..Line::default() }.into());
        }
    }
    let x = Axis { range: Some((0.0, end.unwrap_or(1.0))), ..Axis::new("(i − ½) / N") };
    let y = Axis { range: end.map(|_| (-0.25, 0.25)), ..Axis::new("exponent λ_i (1/τ)") };
    Panel { title: title.into(), x, y, marks, legend: Legend::TopRight, ..Panel::default() }
}
