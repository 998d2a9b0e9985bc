//! A feed-forward chain of regions: no eigenvalue tells how strongly it amplifies.

use super::{SOURCE, record, spectrum};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::ensemble::Blocks;
use crosscurrent::identify::Summary;
use crosscurrent::linalg::{product, singular_values};
use crosscurrent::metric::non_normality;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Panel, Points, Scale, Whiskers};
use crosscurrent::{Ensemble, Regions, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Regions of the chain.
const LINKS: usize = 4;
/// Gain within a region, in units of 1 / √N: each region alone has the radius 0.8.
const WITHIN: f64 = 1.6;

/// What one matrix shows.
struct Measured {
    radius: f64,
    henrici: f64,
    amplification: f64,
}

/// Every region drives the next one with gain `forward`.
fn chain(forward: f64) -> Blocks {
    let gain = |a: usize, b: usize| {
        if a == b {
            WITHIN
        } else if a == b + 1 {
            forward
        } else {
            0.0
        }
    };
    Blocks { gains: (0..LINKS).map(|a| (0..LINKS).map(|b| gain(a, b)).collect()).collect() }
}

/// Non-normality in the limit of large N: ‖J‖² / N and Σ |λ|² / N from the gains. A uniform disc of radius R has the mean square R² / 2.
fn theory(forward: f64) -> f64 {
    let share = 1.0 / LINKS as f64;
    let all = share.powi(2) * (LINKS as f64 * WITHIN.powi(2) + (LINKS - 1) as f64 * forward.powi(2));
    let radius = share.sqrt() * WITHIN;
    (1.0 - radius.powi(2) / 2.0 / all).sqrt()
}

/// Radius, non-normality and amplification against the strength of the links.
pub fn feed_forward(context: &Context, findings: &mut Findings) -> Result<()> {
    let regions = Regions::new(["A", "B", "C", "D"].map(|name| (name, context.pick(10, 60, 150))))?;
    let seeds = context.pick(1_u64, 4, 10);
    let gains: Vec<f64> = (0..context.pick(2, 6, 11)).map(|k| 6.0 * f64::from(k) / f64::from(context.pick(1, 5, 10))).collect();
    let jobs: Vec<(usize, u64)> = (0..gains.len()).flat_map(|g| (0..seeds).map(move |seed| (g, seed))).collect();
    let bar = context.progress(jobs.len(), "feed-forward chain");
    let measure = |&(g, seed): &(usize, u64)| -> Result<Measured> {
        // One seed for all gains: the regions of the chain stay the same, only the links grow.
        let (law, seed) = (chain(gains[g]), context.seed.child("chain").trial(seed));
        let values = spectrum(context, &law, &regions, seed)?;
        let j = law.sample(&regions, seed)?.to_dense();
        let found = Measured { radius: values[0].norm(), henrici: non_normality(&j, &values), amplification: amplification(&j)? };
        bar.inc(1);
        Ok(found)
    };
    let all = jobs.par_iter().map(measure).collect::<Result<Vec<_>>>()?;
    bar.finish_and_clear();
    let measured: Vec<&[Measured]> = all.chunks(seeds as usize).collect();
    for (g, runs) in measured.iter().enumerate() {
        for (seed, run) in runs.iter().enumerate() {
            for (curve, y) in [("radius", run.radius), ("non-normality", run.henrici), ("amplification", run.amplification)] {
                record(findings, "chain", curve, (seed as u64, gains[g], y));
            }
        }
    }
    checks(context, findings, &gains, &measured);
    findings.figures.push(("chain_non_normality".into(), figure(&gains, &measured, regions.neurons())));
    Ok(())
}

/// The largest ‖exp((J − 1) t)‖ over time: how much the linear network τ dx/dt = −x + J x can amplify a state before it decays.
fn amplification(j: &DMatrix<f64>) -> Result<f64> {
    const STEP: f64 = 0.5;
    let n = j.nrows();
    let generator = (j - DMatrix::identity(n, n)) * STEP;
    // Taylor series; ‖generator‖ is a few units, so 40 terms leave nothing.
    let (mut term, mut step) = (DMatrix::identity(n, n), DMatrix::identity(n, n));
    for k in 1..40 {
        term = product(&term, &generator) / f64::from(k);
        step += &term;
    }
    let (mut state, mut largest) = (step.clone(), 1.0_f64);
    for _ in 0..60 {
        largest = largest.max(singular_values(&state)?[0]);
        state = product(&step, &state);
    }
    Ok(largest)
}

fn of(runs: &[Measured], pick: fn(&Measured) -> f64) -> Summary {
    Summary::of(&runs.iter().map(pick).collect::<Vec<_>>())
}

fn checks(context: &Context, findings: &mut Findings, gains: &[f64], measured: &[&[Measured]]) {
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("chain", SOURCE), claim, measured, wanted));
    let radii: Vec<f64> = measured.iter().map(|runs| of(runs, |m| m.radius).mean).collect();
    let change = radii.iter().map(|r| (r / radii[0] - 1.0).abs()).fold(0.0, f64::max);
    check("relative change of the radius while the links grow from 0 to 6", change, (Side::AtMost, 1e-3, 0.0));
    check(
        "radius over the one of a region alone (largest of four, edge excess of small regions)",
        radii[0] / 0.8,
        (Side::Near, 1.07, 0.06),
    );
    let departure = |(g, runs): (usize, &&[Measured])| (of(runs, |m| m.henrici).mean - theory(gains[g])).abs();
    let largest = measured.iter().enumerate().map(departure).fold(0.0, f64::max);
    check("largest departure of the non-normality from theory", largest, (Side::AtMost, 0.02, 0.0));
    let gain = |runs: &[Measured]| of(runs, |m| m.amplification).mean;
    let growth = gain(measured[measured.len() - 1]) / gain(measured[0]);
    check("amplification with links of 6 over that without links", growth, (Side::AtLeast, 50.0, 0.0));
}

fn figure(gains: &[f64], measured: &[&[Measured]], neurons: usize) -> Figure {
    let points = |pick: fn(&Measured) -> f64, colour| {
        let summaries: Vec<Summary> = measured.iter().map(|runs| of(runs, pick)).collect();
        let (y, sd) = summaries.iter().map(|s| (s.mean, if s.sd.is_finite() { s.sd } else { 0.0 })).unzip();
        Points { x: gains.to_vec(), y, whiskers: Whiskers::Symmetric(sd), colour, label: "found".into(), ..Points::default() }
    };
    let fine: Vec<f64> = (0..=60).map(|k| 0.1 * f64::from(k)).collect();
    let line = |f: fn(f64) -> f64| {
        let y = fine.iter().map(|&gain| f(gain)).collect();
        Line { x: fine.clone(), y, colour: Colour::BLACK, label: "theory".into(), ..Line::default() }
    };
    let panel = |title: &str, y: Axis, marks| Panel {
        title: title.into(),
        x: Axis::new("gain from each region to the next"),
        y,
        marks,
        legend: Legend::Above,
        ..Panel::default()
    };
    let range = |low, high, label: &str| Axis { range: Some((low, high)), ..Axis::new(label) };
    let radius = vec![line(|_| 0.8).into(), points(|m| m.radius, Colour::BLUE).into()];
    let henrici = vec![line(theory).into(), points(|m| m.henrici, Colour::BLUE).into()];
    let log = Axis { scale: Scale::Log, ..Axis::new("largest ‖exp((J − 1) t / τ)‖") };
    let panels = vec![
        panel("Eigenvalues do not see the links", range(0.0, 1.2, "spectral radius"), radius),
        panel("Non-normality does", range(0.5, 1.02, "Henrici index"), henrici),
        panel("So does the response", log, vec![points(|m| m.amplification, Colour::VERMILION).into()]),
    ];
    let title = format!("A feed-forward chain of {LINKS} regions, {neurons} neurons");
    Figure { title, panels, columns: 3, panel_size: (340, 330), ..Figure::default() }
}
