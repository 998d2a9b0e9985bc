//! Eigenvalues at g = 0.8: of J, and of the linearised dynamics at the structured fixed point.

use super::{Sample, published, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::plot::{Axis, Colour, Legend, Mark, Marker, Outline, Panel, Points};
use crosscurrent::theory::Stationary;
use crosscurrent::{Clock, Error, Initial, Result, Simulation};
use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

const GAIN: f64 = 0.8;

type Spectrum = Vec<Complex<f64>>;

/// Both spectra, with their checks.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let (neurons, seeds) = (context.pick(60, 600, 1000), context.pick(1, 4, 10));
    let theory = published(GAIN);
    let state = theory.structured()?.ok_or_else(|| Error::parameter("gain", GAIN, "a structured fixed point"))?;
    let bar = context.progress(seeds, "eigenvalues");
    let spectra: Result<Vec<(Spectrum, Spectrum)>> = (0..seeds as u64)
        .into_par_iter()
        .map(|seed| {
            let sample = Sample::draw(GAIN, neurons, true, context.seed.child("spectrum").trial(seed))?;
            let weights = sample.network.connectivity.to_dense();
            let spectra = (eigenvalues(&weights)?, eigenvalues(&linearised(&sample, weights, context)?)?);
            bar.inc(1);
            Ok(spectra)
        })
        .collect();
    bar.finish_and_clear();
    let spectra = spectra?;
    for (name, pick) in [("J", 0), ("J phi'", 1)] {
        let first = if pick == 0 { &spectra[0].0 } else { &spectra[0].1 };
        first.iter().for_each(|z| row(findings, "spectrum", name, Some(0), (z.re, z.im)));
    }
    check(context, findings, &spectra, (&state, neurons));
    let plain = panel("J at g = 0.8", &spectra[0].0, (GAIN, theory.strength()));
    let linear = panel("J φ′ at the structured fixed point, g = 0.8", &spectra[0].1, (state.bulk_radius, state.outlier));
    Ok(vec![plain, linear])
}

/// J phi' at the fixed point that activity along m runs into; each column times the slope of its source.
fn linearised(sample: &Sample, mut weights: DMatrix<f64>, context: &Context) -> Result<DMatrix<f64>> {
    let initial = Initial::Given(sample.m.as_slice().to_vec());
    let clock = Clock::new(0.1, 1.0)?;
    let simulation = Simulation { clock, transient: context.pick(20.0, 100.0, 200.0), initial, ..Simulation::default() };
    let rates = simulation.run(&sample.network)?.rates;
    let last = rates.column(rates.ncols() - 1);
    weights.column_iter_mut().zip(last.iter()).for_each(|(mut column, rate)| column *= 1.0 - rate * rate);
    Ok(weights)
}

fn check(context: &Context, findings: &mut Findings, spectra: &[(Spectrum, Spectrum)], (state, neurons): (&Stationary, usize)) {
    let theory = published(GAIN);
    let (n, seeds) = (neurons as f64, spectra.len() as f64);
    // Eigenvalues come by falling modulus: the outlier first, then the edge of the disc.
    let mean = |pick: &dyn Fn(&(Spectrum, Spectrum)) -> f64| Summary::of(&spectra.iter().map(pick).collect::<Vec<_>>()).mean;
    let sizes = (theory.mean_m.powi(2) + theory.deviation_m.powi(2)) * (theory.mean_n.powi(2) + theory.deviation_n.powi(2));
    let deviation = (sizes / n).sqrt() * GAIN / (theory.strength().powi(2) - GAIN * GAIN).sqrt();
    let mut near = |claim: &str, source: &str, measured: f64, expected: f64, tolerance: f64| {
        findings.checks.push(context.check(("spectrum", source), claim, measured, (Side::Near, expected, tolerance)));
    };
    let law = "outlier at the overlap M_m M_n; tolerance: 4 standard errors";
    near("outlier of J at g = 0.8", law, mean(&|s| s.0[0].re), theory.strength(), 4.0 * deviation / seeds.sqrt());
    let edge = "mean-field theory; tolerance: edge excess at finite N";
    near("radius of the disc of J", edge, mean(&|s| s.0[1].norm()), GAIN, 0.06 * GAIN);
    near("radius of the disc of J phi'", edge, mean(&|s| s.1[1].norm()), state.bulk_radius, 0.06 * state.bulk_radius);
    near("outlier of J phi'", "mean-field theory, 3 x 3 matrix", mean(&|s| s.1[0].re), state.outlier, 0.1);
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
