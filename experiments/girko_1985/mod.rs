//! Girko 1985: independent weights of any distribution fill a disc (panels 1A and 1B; T1, T2).

mod figure;

use crate::experiment::{Context, Experiment, Findings, Side};
use crate::spectrum::{COLUMNS, Spectrum, record, record_spectrum, share_within, spectra};
use crosscurrent::Result;
use crosscurrent::ensemble::{AnyEnsemble, Gaussian, Signs};
use crosscurrent::identify::Summary;
use std::f64::consts::PI;

/// The experiment.
pub struct Girko1985;

/// What is measured of the matrices of one size.
struct Size {
    neurons: f64,
    radius: Summary,
    /// 1 − share of the eigenvalues within the disc.
    outside: Summary,
    real: Summary,
}

/// One law: a large spectrum, moduli of several, and sizes.
struct Family {
    name: &'static str,
    spectrum: Spectrum,
    moduli: Vec<f64>,
    sizes: Vec<Size>,
}

impl Experiment for Girko1985 {
    fn name(&self) -> &'static str {
        "girko_1985"
    }

    fn source(&self) -> &'static str {
        "Girko 1985, Russian Mathematical Surveys 40:77: the circular law"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings { data: (COLUMNS.to_vec(), Vec::new()), ..Findings::default() };
        let laws = [("Gaussian", Gaussian { gain: 1.0, autapses: true }.into()), ("±1", Signs { gain: 1.0 }.into())];
        let measure = |(name, law): &(&'static str, AnyEnsemble)| family(context, name, law, &mut findings);
        let families = laws.iter().map(measure).collect::<Result<Vec<_>>>()?;
        families.iter().for_each(|family| checks(context, &mut findings, family));
        findings.figures.push(("1AB_circular_law".into(), figure::figure(&families)));
        Ok(findings)
    }
}

/// (neurons, matrices) of panel 1B.
fn sizes(context: &Context) -> Vec<(usize, u64)> {
    let default = vec![(50, 400), (100, 200), (200, 100), (400, 40), (800, 20), (1600, 6)];
    let paper = vec![(50, 1000), (100, 1000), (200, 400), (400, 200), (800, 60), (1600, 20)];
    context.pick(vec![(20, 4), (40, 2)], default, paper)
}

fn family(context: &Context, name: &'static str, law: &AnyEnsemble, findings: &mut Findings) -> Result<Family> {
    let seed = context.seed.child("girko").child(name);
    let large = spectra(context, law, context.pick((60, 2), (1000, 5), (1000, 30)), seed.child("1A"))?;
    record_spectrum(findings, ("1A", name), &large[0]);
    let mut measured = Vec::new();
    for (neurons, matrices) in sizes(context) {
        let found = spectra(context, law, (neurons, matrices), seed.child("1B"))?;
        let of = |what: &dyn Fn(&Spectrum) -> f64| found.iter().map(what).collect::<Vec<_>>();
        let radius = of(&|s| s[0].norm());
        let outside = of(&|s| 1.0 - share_within(s, 1.0));
        let real = of(&|s| s.iter().filter(|z| z.im == 0.0).count() as f64);
        for (what, values) in [("radius", &radius), ("1 - f_in", &outside), ("real eigenvalues", &real)] {
            let curve = format!("{name}: {what}");
            values.iter().enumerate().for_each(|(k, &y)| record(findings, ("1B", &curve), k, (neurons as f64, y)));
        }
        let summary = |values: &[f64]| Summary::of(values);
        measured.push(Size { neurons: neurons as f64, radius: summary(&radius), outside: summary(&outside), real: summary(&real) });
    }
    let moduli = large.iter().flatten().map(|z| z.norm()).collect();
    Ok(Family { name, spectrum: large.into_iter().next().unwrap_or_default(), moduli, sizes: measured })
}

/// The share of the eigenvalues beyond the disc: the edge of complex Gaussian matrices, 1 / √(2π N).
fn edge(neurons: f64) -> f64 {
    (2.0 * PI * neurons).sqrt().recip()
}

/// Mean number of real eigenvalues of Gaussian matrices, for large N.
fn real_eigenvalues(neurons: f64) -> f64 {
    (2.0 * neurons / PI).sqrt() + 0.5
}

fn checks(context: &Context, findings: &mut Findings, family: &Family) {
    let name = family.name;
    let mut check = |panel: &str, source: &str, claim: String, measured: f64, wanted| {
        findings.checks.push(context.check((panel, source), format!("{name}: {claim}"), measured, wanted));
    };
    let half = family.moduli.iter().filter(|r| **r <= 0.5).count() as f64 / family.moduli.len() as f64;
    check("1A", "circular law", "share of the eigenvalues within r = 1/2, N = 1000".into(), half, (Side::Near, 0.25, 0.01));
    if let Some(size) = family.sizes.iter().find(|size| size.neurons == 400.0) {
        check("1A", "T1", "spectral radius, mean at N = 400".into(), size.radius.mean, (Side::Near, 1.032, 0.06));
        check("1B", "T2", "share within the disc, mean at N = 400".into(), 1.0 - size.outside.mean, (Side::Near, 1.0 - edge(400.0), 0.02));
    }
    let (level, slope) = edge_law(&family.sizes);
    let source = "edge of complex Gaussian matrices";
    check("1B", source, "log of (1 - f_in) √(2π N), all N (4 standard errors)".into(), level.0, (Side::Near, 0.0, 4.0 * level.1));
    check("1B", source, "slope of log(1 - f_in) on log N (4 standard errors)".into(), slope.0 - 0.5, (Side::Near, -0.5, 4.0 * slope.1));
    // The sum over matrices of the number of real eigenvalues has the variance (2 − √2) × its mean (Forrester & Nagao 2007).
    let (mut excess, mut variance) = (0.0, 0.0);
    for size in &family.sizes {
        excess += size.real.count as f64 * (size.real.mean - real_eigenvalues(size.neurons));
        variance += size.real.count as f64 * (2.0 - 2.0_f64.sqrt()) * real_eigenvalues(size.neurons);
    }
    let claim = "number of real eigenvalues over √(2N/π) + 1/2, all N, in standard errors";
    if name == "Gaussian" {
        check("1B", "Edelman, Kostlan & Shub 1994", claim.into(), excess / variance.sqrt(), (Side::Near, 0.0, 4.0));
    }
}

/// The logarithm of 1 − f_in over its theory, as level + slope × log N about the mean: each with its standard error.
///
/// Least squares, every size weighted by the error of its mean over matrices.
fn edge_law(sizes: &[Size]) -> ((f64, f64), (f64, f64)) {
    let point = |size: &Size| {
        let relative = size.outside.sd / (size.outside.mean * (size.outside.count as f64).sqrt());
        (size.neurons.ln(), (size.outside.mean / edge(size.neurons)).ln(), relative.powi(-2))
    };
    let points: Vec<(f64, f64, f64)> = sizes.iter().map(point).collect();
    let weight: f64 = points.iter().map(|p| p.2).sum();
    let middle = points.iter().map(|p| p.2 * p.0).sum::<f64>() / weight;
    let level = points.iter().map(|p| p.2 * p.1).sum::<f64>() / weight;
    let spread: f64 = points.iter().map(|p| p.2 * (p.0 - middle).powi(2)).sum();
    let slope = points.iter().map(|p| p.2 * (p.0 - middle) * p.1).sum::<f64>() / spread;
    ((level, weight.powf(-0.5)), (slope, spread.powf(-0.5)))
}
