//! 1F: the largest real part against the overlap.

use super::{GAIN, law};
use crate::experiment::{Context, Findings, Side};
use crate::spectrum::{Spectrum, record, spectra, theory};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Ensemble, Regions, Result};

/// The largest real part.
fn largest_real_part(spectrum: &Spectrum) -> f64 {
    spectrum.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max)
}

/// Largest real part, mean ± standard deviation, for two sizes.
pub fn top(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let sizes = context.pick([(60, 2), (80, 2)], [(400, 20), (1000, 4)], [(400, 20), (1000, 20)]);
    let thetas: Vec<f64> = (0..=10).map(|k| 0.2 * f64::from(k)).collect();
    let mut marks: Vec<Mark> = vec![theory("theory max(θ, g)", (0.0, 2.05), |theta| theta.max(GAIN)).into()];
    for (index, size) in sizes.into_iter().enumerate() {
        let mut summaries = Vec::new();
        for &theta in &thetas {
            let seed = context.seed.child("1F").child(&format!("{theta:.1}"));
            let found = spectra(context, &law(theta, true).into(), size, seed)?;
            let values: Vec<f64> = found.iter().map(largest_real_part).collect();
            let curve = format!("N = {}", size.0);
            values.iter().enumerate().for_each(|(k, &value)| record(findings, ("1F", &curve), k, (theta, value)));
            summaries.push(Summary::of(&values));
        }
        check(context, findings, (&thetas, &summaries), size)?;
        let whiskers = Whiskers::Symmetric(summaries.iter().map(|s| s.sd).collect());
        let x = thetas.iter().map(|theta| theta + [-0.012, 0.012][index]).collect();
        let (y, label) = (summaries.iter().map(|s| s.mean).collect(), format!("N = {}, {} matrices", size.0, size.1));
        let (marker, colour) = (Marker::cycle(index), Colour::cycle(index));
        marks.push(Points { x, y, whiskers, marker, colour, size: 5.5, label, ..Points::default() }.into());
    }
    let title = format!("g = {GAIN}: mean ± standard deviation");
    Ok(Panel { title, x: Axis::new("overlap θ"), y: Axis::new("largest Re λ"), marks, ..Panel::default() })
}

/// Overlaps well above the gain give an outlier there, those well below it none.
fn check(context: &Context, findings: &mut Findings, (thetas, summaries): (&[f64], &[Summary]), size: (usize, u64)) -> Result<()> {
    let regions = Regions::single("all", size.0)?;
    let place = ("1F", "Tao 2013");
    for (&theta, summary) in thetas.iter().zip(summaries).filter(|(theta, _)| **theta > 1.1) {
        let outlier = law(theta, true).prediction(&regions).and_then(|p| p.outliers.first().copied());
        let error = outlier.map_or(f64::NAN, |o| o.deviation) / (size.1 as f64).sqrt();
        let claim = format!("overlap {theta:.1}: mean largest real part, {} matrices of N = {} (4 standard errors)", size.1, size.0);
        findings.checks.push(context.check(place, claim, summary.mean, (Side::Near, theta, 4.0 * error)));
    }
    let lost: Vec<f64> = thetas.iter().zip(summaries).filter(|(theta, _)| **theta < 0.7).map(|(_, s)| s.mean / GAIN).collect();
    let claim = format!("overlaps below the gain: mean largest real part / g, N = {}", size.0);
    findings.checks.push(context.check(place, claim, Summary::of(&lost).mean, (Side::Near, 1.0, 0.03)));
    Ok(())
}
