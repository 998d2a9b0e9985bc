//! 1G: the spectral radius against the scale of the gains.

use super::{SOURCE, example, record, regions, spectrum};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::ensemble::Blocks;
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Ensemble, Regions, Result};
use rayon::prelude::*;

/// Which gains are scaled, and the marker.
const CURVES: [(&str, Marker); 2] = [("all gains", Marker::Disc), ("gains between regions", Marker::Square)];

/// The example with all gains scaled (curve 0), or only those between regions (curve 1).
fn law(curve: usize, scale: f64) -> Blocks {
    example(if curve == 0 { scale } else { 1.0 }, scale)
}

fn theory(curve: usize, scale: f64, regions: &Regions) -> f64 {
    law(curve, scale).prediction(regions).expect("blocks have a law").radius()
}

/// 1G: radius of networks whose gains are all scaled, or only those between regions.
pub fn against_gain(context: &Context, findings: &mut Findings) -> Result<()> {
    let regions = regions(context.pick(60, 600, 600))?;
    let steps = context.pick(2, 6, 12);
    let scales: Vec<f64> = (0..=steps).map(|k| 0.5 + 1.5 * f64::from(k) / f64::from(steps)).collect();
    let radii = radii(context, &regions, &scales)?;
    let mut ratios = Vec::new();
    let mut summaries = Vec::new();
    for (curve, (name, _)) in CURVES.into_iter().enumerate() {
        for (&scale, found) in scales.iter().zip(&radii[curve]) {
            found.iter().enumerate().for_each(|(seed, &r)| record(findings, "1G", name, (seed as u64, scale, r)));
            let summary = Summary::of(found);
            ratios.push(summary.mean / theory(curve, scale, &regions));
            summaries.push(summary);
        }
    }
    let one = theory(0, 1.0, &regions);
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("1G", SOURCE), claim, measured, wanted));
    check("T7: radius of the example by theory", one, (Side::Near, 0.88025, 1e-5));
    check("T7: radius over theory, mean over all scales", Summary::of(&ratios).mean, (Side::Near, 1.023, 0.02));
    let furthest = ratios.iter().map(|r| (r - 1.023).abs()).fold(0.0, f64::max);
    check("T7: largest departure of the ratio from 1.023 at any scale", furthest, (Side::AtMost, 0.05, 0.0));
    findings.figures.push(("1G_radius".into(), figure(&regions, &scales, &summaries)));
    Ok(())
}

/// Radius by curve, scale and seed.
fn radii(context: &Context, regions: &Regions, scales: &[f64]) -> Result<Vec<Vec<Vec<f64>>>> {
    let seeds = context.pick(1_u64, 5, 20);
    let jobs: Vec<(usize, usize, u64)> =
        (0..2).flat_map(|c| (0..scales.len()).flat_map(move |s| (0..seeds).map(move |seed| (c, s, seed)))).collect();
    let bar = context.progress(jobs.len(), "1G radius");
    let one = |&(curve, s, seed): &(usize, usize, u64)| {
        let seed = context.seed.child("1G").child(CURVES[curve].0).trial(s as u64).trial(seed);
        let found = spectrum(context, &law(curve, scales[s]), regions, seed);
        bar.inc(1);
        Ok(found?[0].norm())
    };
    let found = jobs.par_iter().map(one).collect::<Result<Vec<f64>>>()?;
    bar.finish_and_clear();
    let of_scale: Vec<Vec<f64>> = found.chunks(seeds as usize).map(<[f64]>::to_vec).collect();
    Ok(of_scale.chunks(scales.len()).map(<[Vec<f64>]>::to_vec).collect())
}

fn figure(regions: &Regions, scales: &[f64], summaries: &[Summary]) -> Figure {
    let mut marks: Vec<Mark> = Vec::new();
    let fine: Vec<f64> = (0..=60).map(|k| 0.5 + 1.5 * f64::from(k) / 60.0).collect();
    for (curve, (name, marker)) in CURVES.into_iter().enumerate() {
        let y = fine.iter().map(|&scale| theory(curve, scale, regions)).collect();
        let label = if curve == 0 { "theory: √Λ₁(Q)".to_string() } else { String::new() };
        marks.push(Line { x: fine.clone(), y, colour: Colour::BLACK, label, ..Line::default() }.into());
        let found = &summaries[curve * scales.len()..(curve + 1) * scales.len()];
        let (y, deviation) = found.iter().map(|s| (s.mean, if s.sd.is_finite() { s.sd } else { 0.0 })).unzip();
        let whiskers = Whiskers::Symmetric(deviation);
        let label = format!("{name} scaled");
        marks.push(Points { x: scales.to_vec(), y, whiskers, marker, colour: Colour::cycle(curve), label, ..Points::default() }.into());
    }
    marks.push(Mark::hline(1.0, "onset of chaos"));
    let panel = Panel {
        title: format!("Spectral radius, N = {}", regions.neurons()),
        x: Axis::new("scale of the gains"),
        y: Axis::new("spectral radius"),
        marks,
        legend: Legend::TopLeft,
        ..Panel::default()
    };
    Figure { panels: vec![panel], panel_size: (520, 400), ..Figure::default() }
}
