//! How far outliers scatter, and those of a structure of rank two.

use super::{GAIN, law};
use crate::experiment::{Context, Findings, Side};
use crate::spectrum::{Spectrum, cloud, record, record_spectrum, spectra, theory};
use crosscurrent::ensemble::{LowRank, Outlier, Structure};
use crosscurrent::plot::{Axis, Colour, Dash, Line, Mark, Marker, Panel, Points, Scale, Whiskers};
use crosscurrent::{Ensemble, Error, Regions, Result};

/// Overlaps at which the scatter is measured.
const THETAS: [f64; 5] = [1.2, 1.4, 1.7, 2.0, 2.5];

/// The only outlier of a law.
fn outlier(law: &LowRank, neurons: usize) -> Result<Outlier> {
    let prediction = law.prediction(&Regions::single("all", neurons)?);
    prediction
        .and_then(|p| p.outliers.first().copied())
        .ok_or_else(|| Error::parameter("overlap", format!("{law:?}"), "one beyond the gain"))
}

/// The distance between a prediction and the eigenvalue that is nearest to it.
fn distance(spectrum: &Spectrum, outlier: &Outlier) -> f64 {
    spectrum.iter().map(|z| (z - outlier.value).norm()).fold(f64::INFINITY, f64::min)
}

/// Root mean square distance of the outlier from the overlap, against theory.
pub fn deviations(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let (neurons, matrices) = context.pick((40, 4), (200, 100), (400, 400));
    let mut marks: Vec<Mark> = Vec::new();
    for (index, (name, standardised)) in [("vectors standardised", true), ("vectors free", false)].into_iter().enumerate() {
        let predicted = |theta: f64| outlier(&law(theta, standardised), neurons).map_or(f64::NAN, |o| o.deviation);
        let dash = [Dash::Solid, Dash::Dashed][index];
        marks.push(Line { dash, ..theory(&format!("theory, {name}"), (1.05, 2.6), predicted) }.into());
        let mut found = Vec::new();
        for theta in THETAS {
            let law = law(theta, standardised);
            let expected = outlier(&law, neurons)?;
            let spectra = spectra(context, &law.into(), (neurons, matrices), context.seed.child(name).child(&theta.to_string()))?;
            let squares: f64 = spectra.iter().map(|s| distance(s, &expected).powi(2)).sum();
            let rms = (squares / matrices as f64).sqrt();
            record(findings, ("1F", &format!("scatter, {name}")), 0, (theta, rms));
            found.push(rms);
            if theta == 1.2 || theta == 2.0 {
                let claim = format!("overlap {theta}, {name}: scatter of the outlier / theory, {matrices} matrices of N = {neurons}");
                // Four standard deviations of a root mean square over that many matrices.
                let tolerance = 4.0 / (2.0 * matrices as f64).sqrt();
                let ratio = rms / expected.deviation;
                findings.checks.push(context.check(("1F", "first order in 1/√N"), claim, ratio, (Side::Near, 1.0, tolerance)));
            }
        }
        let whiskers = Whiskers::Symmetric(found.iter().map(|rms| rms / (2.0 * matrices as f64).sqrt()).collect());
        let (marker, colour) = (Marker::cycle(index), Colour::cycle(index));
        marks.push(Points { x: THETAS.to_vec(), y: found, whiskers, marker, colour, label: name.into(), ..Points::default() }.into());
    }
    let y = Axis { scale: Scale::Linear, ..Axis::new("RMS distance from θ") };
    Ok(Panel { title: format!("Scatter of the outlier, N = {neurons}"), x: Axis::new("overlap θ"), y, marks, ..Panel::default() })
}

/// Two pairs of vectors whose overlaps rotate: a complex pair of outliers.
pub fn rank_two(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let neurons = context.pick(60, 1000, 1000);
    let matrix = vec![vec![1.2, -1.8], vec![0.45, 1.2]];
    let law = LowRank { gain: GAIN, structure: Structure::Overlaps { matrix, private: 1.0 }, standardised: true };
    let regions = Regions::single("all", neurons)?;
    let prediction = law.prediction(&regions).ok_or_else(|| Error::parameter("law", "rank 2", "one with a prediction"))?;
    let spectrum = spectra(context, &law.into(), (neurons, 1), context.seed.child("rank two"))?.swap_remove(0);
    record_spectrum(findings, ("1F", "rank two"), &spectrum);
    for outlier in &prediction.outliers {
        let claim = format!(
            "rank 2: distance from the outlier at {:.1} {:+.1}i in standard deviations, N = {neurons}",
            outlier.value.re, outlier.value.im
        );
        let measured = distance(&spectrum, outlier) / outlier.deviation;
        findings.checks.push(context.check(("1F", "Tao 2013"), claim, measured, (Side::AtMost, 4.0, 0.0)));
    }
    let beyond = spectrum.iter().filter(|z| z.norm() > 1.1 * GAIN).count() as f64;
    findings.checks.push(context.check(("1F", "Tao 2013"), "rank 2: eigenvalues beyond 1.1 g", beyond, (Side::Near, 2.0, 0.0)));
    let mut panel = cloud(format!("Rank 2, N = {neurons}: outliers predicted (rings)"), &spectrum, &prediction.bulk, 1.5);
    let (x, y) = prediction.outliers.iter().map(|outlier| (outlier.value.re, outlier.value.im)).unzip();
    let ring = Points { x, y, marker: Marker::Disc, hollow: true, size: 10.0, colour: Colour::VERMILION, ..Points::default() };
    panel.marks.insert(0, ring.into());
    Ok(panel)
}
