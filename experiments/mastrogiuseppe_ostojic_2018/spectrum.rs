//! Eigenvalues: of J, and of the linearised dynamics at a structured fixed point.

use super::{Sample, published, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::plot::{Axis, Colour, Legend, Mark, Marker, Outline, Panel, Points};
use crosscurrent::theory::{LowRank, Stationary};
use crosscurrent::{Clock, Error, Initial, Result, Simulation};
use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

type Spectrum = Vec<Complex<f64>>;

/// The published vectors at g = 0.8.
fn published_law() -> LowRank {
    published(0.8)
}

/// Weaker structure, M_m M_n = 1.2, and g = 0.5: with the published vectors the outlier of the linearised dynamics is lost in the disc.
fn weak_law() -> LowRank {
    LowRank { mean_m: 0.6, ..published(0.5) }
}

/// Both spectra, with their checks.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let (neurons, seeds) = (context.pick(60, 1000, 1000), context.pick(1, 6, 10));
    let state = weak_law().structured()?.ok_or_else(|| Error::parameter("gain", 0.5, "a structured fixed point"))?;
    let bar = context.progress(seeds, "eigenvalues");
    let spectra: Result<Vec<(Spectrum, Spectrum)>> = (0..seeds as u64)
        .into_par_iter()
        .map(|seed| {
            let seed = context.seed.child("spectrum").trial(seed);
            let plain = Sample::draw(published_law(), neurons, true, seed)?;
            let weak = Sample::draw(weak_law(), neurons, true, seed.child("weak"))?;
            let spectra = (eigenvalues(&plain.network.connectivity.to_dense())?, eigenvalues(&linearised(&weak, context)?)?);
            bar.inc(1);
            Ok(spectra)
        })
        .collect();
    bar.finish_and_clear();
    let spectra = spectra?;
    spectra[0].0.iter().for_each(|z| row(findings, "spectrum", "J", Some(0), (z.re, z.im)));
    spectra[0].1.iter().for_each(|z| row(findings, "spectrum", "J phi'", Some(0), (z.re, z.im)));
    check(context, findings, &spectra, (&state, neurons));
    let law = published_law();
    let plain = panel("J, g = 0.8, ⟨m n⟩ = 2.2", &spectra[0].0, (law.gain, law.strength()));
    let title = "J φ′ at the structured fixed point, g = 0.5, ⟨m n⟩ = 1.2";
    Ok(vec![plain, panel(title, &spectra[0].1, (state.bulk_radius, state.outlier))])
}

/// J phi' at the fixed point that activity along m runs into; each column times the slope of its source.
fn linearised(sample: &Sample, context: &Context) -> Result<DMatrix<f64>> {
    let initial = Initial::Given(sample.m.as_slice().to_vec());
    let clock = Clock::new(0.1, 1.0)?;
    let simulation = Simulation { clock, transient: context.pick(20.0, 100.0, 200.0), initial, ..Simulation::default() };
    let rates = simulation.run(&sample.network)?.rates;
    let last = rates.column(rates.ncols() - 1);
    let mut weights = sample.network.connectivity.to_dense();
    weights.column_iter_mut().zip(last.iter()).for_each(|(mut column, rate)| column *= 1.0 - rate * rate);
    Ok(weights)
}

fn check(context: &Context, findings: &mut Findings, spectra: &[(Spectrum, Spectrum)], (state, neurons): (&Stationary, usize)) {
    let law = published_law();
    let (n, seeds) = (neurons as f64, spectra.len() as f64);
    // Eigenvalues come by falling modulus: the outlier first, then the edge of the disc.
    let mean = |pick: &dyn Fn(&(Spectrum, Spectrum)) -> f64| Summary::of(&spectra.iter().map(pick).collect::<Vec<_>>()).mean;
    let sizes = (law.mean_m.powi(2) + law.deviation_m.powi(2)) * (law.mean_n.powi(2) + law.deviation_n.powi(2));
    let deviation = (sizes / n).sqrt() * law.gain / (law.strength().powi(2) - law.gain.powi(2)).sqrt();
    let mut near = |claim: &str, source: &str, measured: f64, expected: f64, tolerance: f64| {
        findings.checks.push(context.check(("spectrum", source), claim, measured, (Side::Near, expected, tolerance)));
    };
    let source = "outlier at the overlap M_m M_n; tolerance: 4 standard errors";
    near("outlier of J at g = 0.8", source, mean(&|s| s.0[0].re), law.strength(), 4.0 * deviation / seeds.sqrt());
    let edge = "mean-field theory; tolerance: edge excess at finite N";
    near("radius of the disc of J", edge, mean(&|s| s.0[1].norm()), law.gain, 0.06 * law.gain);
    near("radius of the disc of J phi'", edge, mean(&|s| s.1[1].norm()), state.bulk_radius, 0.06 * state.bulk_radius);
    near("outlier of J phi'", "mean-field theory, 3 x 3 matrix", mean(&|s| s.1[0].re), state.outlier, 0.05);
}

fn panel(title: &str, spectrum: &Spectrum, (radius, outlier): (f64, f64)) -> Panel {
    let points = Points {
        x: spectrum.iter().map(|z| z.re).collect(),
        y: spectrum.iter().map(|z| z.im).collect(),
        size: 3.0,
        colour: Colour::BLUE,
        label: "network".into(),
        ..Points::default()
    };
    let marks: Vec<Mark> = vec![
        points.into(),
        Outline { label: "disc, theory".into(), ..Outline::ellipse((0.0, 0.0), (radius, radius)) }.into(),
        Points {
            x: vec![outlier],
            y: vec![0.0],
            marker: Marker::Cross,
            colour: Colour::BLACK,
            size: 12.0,
            label: "outlier, theory".into(),
            ..Points::default()
        }
        .into(),
    ];
    Panel {
        title: title.into(),
        x: Axis::new("real part"),
        y: Axis::new("imaginary part"),
        marks,
        legend: Legend::Above,
        equal_aspect: true,
        ..Panel::default()
    }
}
