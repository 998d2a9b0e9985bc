//! The gain at which a linear network becomes unstable, and how symmetry shifts it.

use super::{SOURCE, correlated, record};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::linalg::{eigenvalues, symmetric_eigenvalues};
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Panel, Points, Whiskers};
use crosscurrent::{Error, Result};
use rayon::prelude::*;

/// The critical gain is 1 / (largest real part at gain 1), because eigenvalues scale with the gain. Theory: 1 / (1 + correlation).
pub fn stability(context: &Context, findings: &mut Findings) -> Result<()> {
    let (neurons, seeds) = (context.pick(60, 1000, 1000), context.pick(1_u64, 2, 10));
    let correlations = context.pick(vec![0.0, 1.0], vec![-0.5, 0.0, 0.5, 1.0], vec![-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0]);
    let critical = critical_gains(context, (neurons, seeds), &correlations)?;
    let (mut mean, mut deviation) = (Vec::new(), Vec::new());
    for (&correlation, found) in correlations.iter().zip(critical.chunks(seeds as usize)) {
        found.iter().enumerate().for_each(|(k, &g)| record(findings, ("boundary", "critical gain"), k as u64, (correlation, g)));
        let summary = Summary::of(found);
        let expected = 1.0 / (1.0 + correlation);
        // Elliptic law, science.md 1.2: 1.5 % on the long axis at N = 1000. The tutorial: 3 % at gain 1. The short axis is less sharp.
        let share = if correlation < 0.0 { 0.05 } else { 0.03 };
        let claim = format!("critical gain at correlation {correlation}, N = {neurons}");
        findings.checks.push(context.check(("boundary", SOURCE), claim, summary.mean, (Side::Near, expected, share * expected)));
        mean.push(summary.mean);
        deviation.push(if summary.sd.is_finite() { summary.sd } else { 0.0 });
    }
    let found = (mean, deviation, format!("N = {neurons}"));
    let figure = Figure { panels: vec![panel(correlations, found)], panel_size: (480, 380), ..Figure::default() };
    findings.figures.push(("2_stability_boundary".into(), figure));
    Ok(())
}

/// One critical gain per correlation and seed, seed fastest.
fn critical_gains(context: &Context, (neurons, seeds): (usize, u64), correlations: &[f64]) -> Result<Vec<f64>> {
    let jobs: Vec<(f64, u64)> = correlations.iter().flat_map(|&c| (0..seeds).map(move |seed| (c, seed))).collect();
    let bar = context.progress(jobs.len(), "stability boundary");
    let one = |&(correlation, seed): &(f64, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let w = correlated(neurons, correlation, context.seed.child("boundary").trial(seed))?;
        let largest = match correlation {
            1.0 => symmetric_eigenvalues(&w)?[0],
            _ => eigenvalues(&w)?.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max),
        };
        bar.inc(1);
        Ok(1.0 / largest)
    };
    let critical = jobs.par_iter().with_max_len(1).map(one).collect();
    bar.finish_and_clear();
    critical
}

fn panel(correlations: Vec<f64>, (mean, deviation, label): (Vec<f64>, Vec<f64>, String)) -> Panel {
    let fine: Vec<f64> = (0..=100).map(|k| -0.8 + 1.8 * f64::from(k) / 100.0).collect();
    let y = fine.iter().map(|c| 1.0 / (1.0 + c)).collect();
    let theory = Line { x: fine, y, colour: Colour::BLACK, label: "1 / (1 + correlation)".into(), ..Line::default() };
    let whiskers = Whiskers::Symmetric(deviation);
    let points = Points { x: correlations, y: mean, whiskers, size: 7.0, label, ..Points::default() };
    Panel {
        title: "Symmetry makes a network less stable".into(),
        x: Axis::new("correlation of W_ij and W_ji"),
        y: Axis { range: Some((0.0, 5.2)), ..Axis::new("critical gain") },
        marks: vec![theory.into(), points.into()],
        legend: Legend::TopRight,
        ..Panel::default()
    }
}
