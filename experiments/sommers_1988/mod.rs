//! Sommers, Crisanti, Sompolinsky & Stein 1988: weights correlated with their opposites fill an ellipse (panel 1C; T3).

use crate::experiment::{Context, Experiment, Findings, Side};
use crate::spectrum::{COLUMNS, Spectrum, cloud, histogram, record, record_spectrum, spectra, theory};
use crosscurrent::ensemble::{Bulk, Elliptic};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Figure, Panel, Points, Scale, Whiskers};
use crosscurrent::{Ensemble, Regions, Result};
use nalgebra::Complex;

/// The experiment.
pub struct Sommers1988;

/// Correlations of the clouds.
const TAUS: [f64; 4] = [-0.5, 0.0, 0.5, 0.9];

/// Correlations at which real eigenvalues are counted.
const COUNTED: [f64; 7] = [-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9];

/// Where the expected shares come from.
const LAW: &str = "elliptic law";

impl Experiment for Sommers1988 {
    fn name(&self) -> &'static str {
        "sommers_1988"
    }

    fn source(&self) -> &'static str {
        "Sommers, Crisanti, Sompolinsky & Stein 1988, Physical Review Letters 60:1895: the elliptic law"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings { data: (COLUMNS.to_vec(), Vec::new()), ..Findings::default() };
        let mut panels = Vec::new();
        for tau in TAUS {
            panels.push(ellipse(context, &mut findings, tau)?);
        }
        panels.push(semicircle(context, &mut findings)?);
        panels.push(real_eigenvalues(context, &mut findings)?);
        let title = "Weights that are correlated with those in the opposite direction".to_string();
        findings
            .figures
            .push(("1C_elliptic_law".into(), Figure { title, panels, columns: 3, panel_size: (340, 300), ..Figure::default() }));
        Ok(findings)
    }
}

fn law(tau: f64) -> Elliptic {
    Elliptic { gain: 1.0, tau }
}

/// 1C: the cloud of one correlation, and its axes over several matrices.
fn ellipse(context: &Context, findings: &mut Findings, tau: f64) -> Result<Panel> {
    let (neurons, matrices) = context.pick((60, 2), (1000, 4), (1000, 20));
    let found = spectra(context, &law(tau).into(), (neurons, matrices), context.seed.child("1C").child(&tau.to_string()))?;
    let bulk = Bulk::Ellipse { real: 1.0 + tau, imaginary: 1.0 - tau };
    let mean = |what: &dyn Fn(&Spectrum) -> f64| Summary::of(&found.iter().map(what).collect::<Vec<_>>()).mean;
    let largest = |part: fn(&Complex<f64>) -> f64| mean(&|s| s.iter().map(part).fold(0.0, f64::max));
    let (real, imaginary) = (largest(|z| z.re.abs()), largest(|z| z.im.abs()));
    let inside = mean(&|s| s.iter().filter(|z| bulk.contains(**z, 0.0)).count() as f64 / s.len() as f64);
    let mut check = |source: &str, what: &str, measured, wanted: f64, tolerance| {
        let claim = format!("tau = {tau}: {what}, N = {neurons}");
        findings.checks.push(context.check(("1C", source), claim, measured, (Side::Near, wanted, tolerance)));
    };
    // T3 for tau = 0.5; elsewhere 1.5 % of the long axis, and 0.6 / √N on the short one.
    let short = 0.6 / (neurons as f64).sqrt();
    let tolerance = |axis: f64| if axis < 1.0 { short } else { 0.015 * axis + 0.015 * f64::from(tau == 0.0) };
    let (on_real, on_imaginary) = if tau == 0.5 { (0.03, 0.02) } else { (tolerance(1.0 + tau), tolerance(1.0 - tau)) };
    check(if tau == 0.5 { "T3" } else { LAW }, "largest |Re λ|", real, 1.0 + tau, on_real);
    check(if tau == 0.5 { "T3" } else { LAW }, "largest |Im λ|", imaginary, 1.0 - tau, on_imaginary);
    let measured_before = [0.980, 0.9874, 0.984, 0.971][TAUS.iter().position(|&t| t == tau).unwrap_or(0)];
    check("simulation in another language", "share inside the ellipse", inside, measured_before, 0.01);
    record_spectrum(findings, ("1C", &format!("tau = {tau}")), &found[0]);
    Ok(cloud(format!("τ = {tau}, N = {neurons}"), &found[0], &bulk, 2.0))
}

/// tau = 1: symmetric matrices and Wigner's semicircle.
fn semicircle(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let found = spectra(context, &law(1.0).into(), context.pick((60, 2), (1000, 4), (1000, 20)), context.seed.child("semicircle"))?;
    let bulk = Bulk::Ellipse { real: 2.0, imaginary: 0.0 };
    let complex = found.iter().flatten().filter(|z| z.im != 0.0).count();
    let mut values: Vec<f64> = found.iter().flatten().map(|z| z.re).collect();
    values.sort_by(f64::total_cmp);
    let distance = values.iter().enumerate().map(|(k, &x)| (cumulative(x) - (k as f64 + 0.5) / values.len() as f64).abs());
    let distance = distance.fold(0.0, f64::max);
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("1C", LAW), claim, measured, wanted));
    check("tau = 1: eigenvalues that are not real", complex as f64, (Side::Near, 0.0, 0.0));
    check("tau = 1: largest distance of the cumulative distribution from the semicircle's", distance, (Side::AtMost, 0.005, 0.0));
    let (x, y) = histogram(&values, (-2.2, 2.2), 44);
    x.iter().zip(&y).for_each(|(&x, &y)| record(findings, ("1C", "tau = 1: density"), 0, (x, y)));
    let line = theory("theory √(4 − λ²) / 2π", (-2.2, 2.2), |x| bulk.density(Complex::new(x, 0.0)));
    let points = Points { x, y, size: 4.5, label: "simulation".into(), ..Points::default() };
    let y = Axis { range: Some((0.0, 0.45)), ..Axis::new("density of λ") };
    Ok(Panel { title: "τ = 1: the semicircle".into(), x: Axis::new("λ"), y, marks: vec![points.into(), line.into()], ..Panel::default() })
}

/// Share of the semicircle below x.
fn cumulative(x: f64) -> f64 {
    let x = x.clamp(-2.0, 2.0);
    0.5 + (x * (4.0 - x * x).sqrt() / 4.0 + (x / 2.0).asin()) / std::f64::consts::PI
}

/// How many eigenvalues are real, against the correlation.
fn real_eigenvalues(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let (neurons, matrices) = context.pick((20, 4), (200, 60), (200, 1000));
    let regions = Regions::single("all", neurons)?;
    let predicted = |tau: f64| law(tau).prediction(&regions).and_then(|p| p.real_eigenvalues).unwrap_or(f64::NAN);
    let (mut means, mut errors) = (Vec::new(), Vec::new());
    let mut worst: f64 = 0.0;
    for tau in COUNTED {
        let found = spectra(context, &law(tau).into(), (neurons, matrices), context.seed.child("real").child(&tau.to_string()))?;
        let counts: Vec<f64> = found.iter().map(|s| s.iter().filter(|z| z.im == 0.0).count() as f64).collect();
        counts.iter().enumerate().for_each(|(k, &count)| record(findings, ("1C", "real eigenvalues"), k, (tau, count)));
        let summary = Summary::of(&counts);
        let error = summary.sd / (summary.count as f64).sqrt();
        worst = worst.max(((summary.mean - predicted(tau)) / error).abs());
        means.push(summary.mean);
        errors.push(error);
    }
    let claim = "number of real eigenvalues at seven tau: largest distance from √(2N (1 + tau) / π (1 - tau)) + 1/2 in standard errors";
    findings.checks.push(context.check(("1C", "Forrester & Nagao 2007"), claim, worst, (Side::AtMost, 4.0, 0.0)));
    let whiskers = Whiskers::Symmetric(errors);
    let points = Points { x: COUNTED.to_vec(), y: means, whiskers, label: "simulation".into(), ..Points::default() };
    let y = Axis { scale: Scale::Log, ..Axis::new("real eigenvalues") };
    let marks = vec![theory("theory", (-0.95, 0.95), predicted).into(), points.into()];
    Ok(Panel { title: format!("Mean ± standard error, N = {neurons}"), x: Axis::new("correlation τ"), y, marks, ..Panel::default() })
}
