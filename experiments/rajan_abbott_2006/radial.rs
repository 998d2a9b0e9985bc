//! 1D: the radial law of column variances.

use crate::experiment::{Context, Findings, Side};
use crate::spectrum::{Spectrum, histogram, quantile, record, spectra, theory};
use crosscurrent::ensemble::{Bulk, Dale, RowBalance};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Mark, Panel, Points};
use crosscurrent::{Ensemble, Error, Regions, Result};
use nalgebra::Complex;

/// (excitatory fraction, σ_E, σ_I).
const SETS: [(f64, f64, f64); 3] = [(0.5, 1.0, 1.0), (0.5, 0.5, 2.0), (0.8, 0.5, 2.0)];

/// Shares at which the moduli are compared.
const SHARES: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];

/// Columns of two variances and no means.
fn law((fraction, deviation_excitatory, deviation_inhibitory): (f64, f64, f64)) -> Dale {
    let means = Dale { mean_excitatory: 0.0, mean_inhibitory: 0.0, balance: RowBalance::None, ..Dale::default() };
    Dale { fraction, deviation_excitatory, deviation_inhibitory, ..means }
}

/// One set: its law, and the spectra.
struct Measured {
    name: String,
    bulk: Bulk,
    spectra: Vec<Spectrum>,
}

/// The cumulative law of the moduli, and their density.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let (neurons, matrices) = context.pick((100, 2), (1000, 6), (1000, 30));
    let regions = Regions::single("all", neurons)?;
    let mut sets = Vec::new();
    for set in SETS {
        let name = format!("f = {}, σ_E = {}, σ_I = {}", set.0, set.1, set.2);
        let spectra = spectra(context, &law(set).into(), (neurons, matrices), context.seed.child("1D").child(&name))?;
        let prediction = law(set).prediction(&regions).ok_or_else(|| Error::parameter("law", &name, "one with a prediction"))?;
        let measured = Measured { name, bulk: prediction.bulk, spectra };
        check(context, findings, &measured, neurons);
        sets.push(measured);
    }
    Ok(vec![cumulative(&sets), density(&sets)])
}

fn check(context: &Context, findings: &mut Findings, set: &Measured, neurons: usize) {
    let radius = set.bulk.radius();
    for share in SHARES {
        let found: Vec<f64> = set.spectra.iter().map(|spectrum| quantile(spectrum, share) / radius).collect();
        found.iter().enumerate().for_each(|(k, &r)| record(findings, ("1D", &set.name), k, (r, share)));
        let expected = set.bulk.quantile(share).unwrap_or(f64::NAN) / radius;
        let source = if share == 0.5 { "T4" } else { "Rajan & Abbott 2006" };
        let claim = format!("{}: |λ| / R that a share {share} stays below, mean at N = {neurons}", set.name);
        findings.checks.push(context.check(("1D", source), claim, Summary::of(&found).mean, (Side::Near, expected, 0.012)));
    }
    let largest = Summary::of(&set.spectra.iter().map(|spectrum| spectrum[0].norm() / radius).collect::<Vec<_>>()).mean;
    let claim = format!("{}: spectral radius / R, mean", set.name);
    findings.checks.push(context.check(("1D", "T1"), claim, largest, (Side::Near, 1.03, 0.06)));
}

/// F against r / R.
fn cumulative(sets: &[Measured]) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        let radius = set.bulk.radius();
        let shares: Vec<f64> = (1..=19).map(|k| 0.05 * f64::from(k)).collect();
        let at = |share: f64| Summary::of(&set.spectra.iter().map(|s| quantile(s, share) / radius).collect::<Vec<_>>()).mean;
        let line =
            theory(if index == 0 { "theory" } else { "" }, (0.0, 1.15), |r| set.bulk.radial_fraction(r * radius).unwrap_or(f64::NAN));
        marks.push(line.into());
        let (x, colour) = (shares.iter().map(|&share| at(share)).collect(), Colour::cycle(index));
        marks.push(Points { x, y: shares, colour, size: 5.0, label: set.name.clone(), ..Points::default() }.into());
    }
    let title = "Share of the eigenvalues within r".into();
    Panel { title, x: Axis::new("r / R"), y: Axis::new("F(r)"), marks, ..Panel::default() }
}

/// Density per area against r / R, in units of the uniform one.
fn density(sets: &[Measured]) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        let radius = set.bulk.radius();
        // Equal bins of r² have equal areas: the density of r² is the density per area in units of the uniform one.
        let squares: Vec<f64> = set.spectra.iter().flatten().map(|z| (z.norm() / radius).powi(2)).collect();
        let (squared, y) = histogram(&squares, (0.0, 1.12), 28);
        let uniform = 1.0 / (std::f64::consts::PI * radius.powi(2));
        let line =
            theory(if index == 0 { "theory" } else { "" }, (0.0, 1.06), |r| set.bulk.density(Complex::new(r * radius, 0.0)) / uniform);
        marks.push(line.into());
        let (x, colour) = (squared.iter().map(|s| s.sqrt()).collect(), Colour::cycle(index));
        marks.push(Points { x, y, colour, size: 5.0, label: set.name.clone(), ..Points::default() }.into());
    }
    let title = "Density in the complex plane".into();
    Panel { title, x: Axis::new("r / R"), y: Axis::new("density × π R²"), marks, ..Panel::default() }
}
