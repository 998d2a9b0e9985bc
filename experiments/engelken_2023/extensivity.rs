//! 2F, large networks: the leading twentieth of the spectrum against i / N.

use super::shape::{panel, share};
use super::{Run, all, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::LyapunovSpectrum;
use crosscurrent::integrator::Euler;
use crosscurrent::plot::Figure;
use crosscurrent::{Precision, Result};

const GAIN: f64 = 3.0;
/// One exponent of so many.
const PART: usize = 20;

/// Networks too large for all of their exponents.
pub fn extensivity(context: &Context, findings: &mut Findings) -> Result<()> {
    let sizes: &[(usize, u64)] =
        context.pick(&[(40, 1), (60, 1)], &[(500, 8), (1000, 6), (2000, 2), (4000, 1)], &[(500, 8), (1000, 6), (2000, 4), (4000, 4)]);
    let (duration, transient) = (context.pick(5.0, 60.0, 100.0), context.pick(5.0, 100.0, 200.0));
    let alignment = context.pick(1.0, 10.0, 20.0);
    let run = |neurons| Run {
        gain: GAIN,
        neurons,
        integrator: Euler.into(),
        dt: 0.1,
        exponents: neurons / PART,
        duration,
        transient,
        alignment,
        // Nearly twice as fast, and the exponents move by some 2e-7.
        precision: Precision::Single,
    };
    let runs: Vec<(Run, u64)> = sizes.iter().map(|&(neurons, seeds)| (run(neurons), seeds)).collect();
    let spectra = all(context, "2F, large", &runs)?;
    for (&(neurons, _), spectra) in sizes.iter().zip(&spectra) {
        for (seed, spectrum) in spectra.iter().enumerate() {
            for (k, (exponent, error)) in spectrum.exponents.iter().zip(spectrum.errors()).enumerate() {
                findings.data.1.push(row("2F, large", (&format!("N = {neurons}"), seed), (share(k, neurons), *exponent, error)));
            }
        }
    }
    let (last, largest) = (spectra.last().expect("there are sizes"), sizes[sizes.len() - 1].0);
    for (&(neurons, seeds), spectra) in sizes[..sizes.len() - 1].iter().zip(&spectra) {
        let claim = format!("rms distance of the leading twentieth of N = {neurons} ({seeds} networks) and {largest} at equal i/N");
        let measured = distance((spectra, neurons), (last, largest));
        findings.checks.push(context.check(("2F", "extensivity; the exponents span 3"), claim, measured, (Side::AtMost, 0.02, 0.0)));
    }
    let names: Vec<usize> = sizes.iter().map(|size| size.0).collect();
    let title = format!("Large networks (g = {GAIN}, Euler, dt = 0.1 τ)");
    let panels = vec![panel(&names, &spectra, "2F: the leading twentieth", Some(1.0 / PART as f64))];
    findings.figures.push(("2F_large".into(), Figure { title, panels, columns: 1, panel_size: (470, 350), ..Figure::default() }));
    Ok(())
}

/// Root mean square over the places (i - 1/2) / N of the exponents of the smaller networks, of how far their mean spectrum lies from that
/// of the larger ones.
fn distance((smaller, few): (&[LyapunovSpectrum], usize), (larger, many): (&[LyapunovSpectrum], usize)) -> f64 {
    let at = |spectrum: &LyapunovSpectrum, index: f64| {
        let (k, part) = (index as usize, index.fract());
        spectrum.exponents[k] * (1.0 - part) + spectrum.exponents[k + 1] * part
    };
    let mean = |spectra: &[LyapunovSpectrum], index: f64| spectra.iter().map(|s| at(s, index)).sum::<f64>() / spectra.len() as f64;
    let count = few / PART - 1;
    let squares = (0..count).map(|k| (mean(smaller, k as f64) - mean(larger, share(k, few) * many as f64 - 0.5)).powi(2));
    (squares.sum::<f64>() / count as f64).sqrt()
}
