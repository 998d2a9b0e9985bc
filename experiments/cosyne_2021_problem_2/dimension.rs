//! How many dimensions the activity fills.

use super::{network, over_seeds, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{components_for, participation_ratio, principal_variances};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Legend, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Clock, Precision, Result, Simulation};

/// Gain and size: gains at one size, and one gain at half of it.
const RUNS: [(f64, usize); 7] = [(1.3, 400), (1.5, 400), (2.0, 400), (3.0, 400), (5.0, 400), (2.0, 200), (3.0, 200)];

/// Participation ratio and number of components for 95 % of the variance, per neuron, against the gain.
pub fn panel(context: &Context, findings: &mut Findings) -> Result<Panel> {
    let seeds = context.pick(1, 6, 12);
    let jobs = &RUNS[..context.pick(2, 7, 7)];
    let dimensions = over_seeds(context, (jobs, seeds), "dimension", |&(gain, neurons), seed| {
        let neurons = context.pick(40, neurons, neurons);
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
        // A network this small may have settled on a fixed point: one without variance has no dimension.
        if variances[0] < 1e-10 {
            return Ok((f64::NAN, f64::NAN));
        }
        let n = neurons as f64;
        Ok((participation_ratio(&variances)? / n, components_for(&variances, 0.95)? as f64 / n))
    })?;
    for (&(gain, neurons), found) in jobs.iter().zip(&dimensions) {
        for (seed, (ratio, components)) in found.iter().enumerate() {
            let seed = Some(seed as u64);
            row(findings, "dimension", &format!("participation ratio / N, N = {neurons}"), seed, (gain, *ratio));
            row(findings, "dimension", &format!("components for 95 % / N, N = {neurons}"), seed, (gain, *components));
        }
    }
    let summary = |job: usize, pick: fn(&(f64, f64)) -> f64| -> Summary {
        dimensions.get(job).map_or(Summary::of(&[]), |found| Summary::of(&found.iter().map(pick).collect::<Vec<_>>()))
    };
    check(context, findings, &|job| summary(job, |found| found.0).mean);
    let series = |jobs: std::ops::Range<usize>, pick: fn(&(f64, f64)) -> f64, index: usize, label: &str| -> Mark {
        let summaries: Vec<Summary> = jobs.clone().map(|job| summary(job, pick)).collect();
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
    };
    let marks = vec![
        series(0..5, |found| found.1, 1, "95 % of the variance, N = 400"),
        series(0..5, |found| found.0, 0, "participation ratio, N = 400"),
        series(5..7, |found| found.0, 2, "participation ratio, N = 200"),
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

fn check(context: &Context, findings: &mut Findings, ratio: &dyn Fn(usize) -> f64) {
    let source = "attractor dimension D / N = 0.065 of Lyapunov spectra (N = 400); the participation ratio is larger";
    let claim = "participation ratio / N at g = 3, N = 400";
    findings.checks.push(context.check(("dimension", source), claim, ratio(3), (Side::AtLeast, 0.065, 0.0)));
    let claim = "participation ratio at g = 3 over that at g = 1.5, N = 400";
    findings.checks.push(context.check(("dimension", "dimension grows with gain"), claim, ratio(3) / ratio(1), (Side::AtLeast, 1.2, 0.0)));
    let claim = "participation ratio / N at g = 3: N = 200 over N = 400";
    findings.checks.push(context.check(("dimension", "extensive dimension"), claim, ratio(6) / ratio(3), (Side::Near, 1.0, 0.15)));
}
