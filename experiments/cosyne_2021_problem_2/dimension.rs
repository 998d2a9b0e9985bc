//! How many dimensions the activity fills.

use super::{network, over_seeds, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{components_for, participation_ratio, principal_variances};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Legend, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Clock, Precision, Result, Simulation};
use std::ops::Range;

/// Gain and size: gains at one size, and one gain at half of it.
const RUNS: [(f64, usize); 7] = [(1.3, 400), (1.5, 400), (2.0, 400), (3.0, 400), (5.0, 400), (2.0, 200), (3.0, 200)];

/// Over N: participation ratio, and number of components for 95 % of the variance.
type Dimensions = (f64, f64);

/// Both against the gain.
pub fn panel(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let seeds = context.pick(1, 6, 12);
    let jobs = &RUNS[..context.pick(2, 7, 7)];
    let found = over_seeds(context, (jobs, seeds), "dimension", |&(gain, neurons), seed| {
        dimensions(context, gain, context.pick(40, neurons, neurons), seed)
    })?;
    for (&(gain, neurons), found) in jobs.iter().zip(&found) {
        for (seed, (ratio, components)) in found.iter().enumerate() {
            let seed = Some(seed as u64);
            row(findings, "dimension", &format!("participation ratio / N, N = {neurons}"), seed, (gain, *ratio));
            row(findings, "dimension", &format!("components for 95 % / N, N = {neurons}"), seed, (gain, *components));
        }
    }
    check(context, findings, &|job| summary(&found, job, |d| d.0).mean);
    let marks = vec![
        series(&found, 0..5, (|d| d.1, 1), "95 % of the variance, N = 400"),
        series(&found, 0..5, (|d| d.0, 0), "participation ratio, N = 400"),
        series(&found, 5..7, (|d| d.0, 2), "participation ratio, N = 200"),
    ];
    Ok(Panel {
        title: "Dimension grows with gain and size".into(),
        x: Axis::new("gain g"),
        y: Axis::new("dimension / N"),
        marks,
        legend: Legend::Above,
        ..Panel::default()
    })
}

/// Of the rates of one network.
fn dimensions(context: &Context, gain: f64, neurons: usize, seed: u64) -> Result<Dimensions> {
    let seed = context.seed.child("dimension").trial(seed);
    let simulation = Simulation {
        clock: Clock::new(0.1, context.pick(40.0, 2000.0, 10_000.0))?,
        transient: context.pick(10.0, 200.0, 300.0),
        steps_per_sample: 20,
        precision: Precision::Single,
        seed,
        ..Simulation::default()
    };
    let variances = principal_variances(&simulation.run(&network(gain, neurons, seed)?)?.rates)?;
    // A network this small may have settled on a fixed point: activity without variance has no dimension.
    if variances[0] < 1e-10 {
        return Ok((f64::NAN, f64::NAN));
    }
    let n = neurons as f64;
    Ok((participation_ratio(&variances)? / n, components_for(&variances, 0.95)? as f64 / n))
}

/// Over the seeds of one entry of RUNS; without numbers where it was not run.
fn summary(found: &[Vec<Dimensions>], job: usize, pick: fn(&Dimensions) -> f64) -> Summary {
    let runs = found.get(job).map_or(&[][..], |runs| runs);
    Summary::of(&runs.iter().map(pick).collect::<Vec<_>>())
}

/// Points of some entries of RUNS: which number, and which colour and shape.
fn series(found: &[Vec<Dimensions>], jobs: Range<usize>, (pick, index): (fn(&Dimensions) -> f64, usize), label: &str) -> Mark {
    let summaries: Vec<Summary> = jobs.clone().map(|job| summary(found, job, pick)).collect();
    Points {
        x: jobs.map(|job| RUNS[job].0).collect(),
        y: summaries.iter().map(|s| s.mean).collect(),
        whiskers: Whiskers::Symmetric(summaries.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect()),
        colour: Colour::cycle(index),
        marker: Marker::cycle(index),
        hollow: index == 2,
        label: label.into(),
        ..Points::default()
    }
    .into()
}

fn check(context: &Context, findings: &mut Findings, ratio: &dyn Fn(usize) -> f64) {
    let claim = "participation ratio at g = 3 over that at g = 1.5, N = 400";
    findings.checks.push(context.check(("dimension", "dimension grows with gain"), claim, ratio(3) / ratio(1), (Side::AtLeast, 1.2, 0.0)));
    let claim = "participation ratio / N at g = 3: N = 200 over N = 400";
    findings.checks.push(context.check(("dimension", "extensive dimension"), claim, ratio(6) / ratio(3), (Side::Near, 1.0, 0.15)));
}
