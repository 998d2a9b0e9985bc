//! Two classes of neurons with the same weights and different time constants.

use super::activity::{Activity, Size, points, simulate, summary};
use super::row;
use crate::experiment::{Context, Findings, Side, median};
use crosscurrent::plot::{Axis, Dash, Legend, Line, Mark, Panel, Scale};
use crosscurrent::theory::{BlockChaos, Blocks};
use crosscurrent::{Error, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Ratios of the time constants that are simulated; the autocovariance is shown at the second.
const RATIOS: [f64; 3] = [2.0, 5.0, 10.0];
const SHOWN: usize = 1;
const NAMES: [&str; 2] = ["fast", "slow"];

/// Half of the units are `ratio` times slower than the other half; gain 2.
fn mixed(ratio: f64) -> Blocks {
    Blocks { fractions: vec![0.5, 0.5], gains: DMatrix::from_element(2, 2, 2.0), tau: vec![1.0, ratio] }
}

struct Results {
    neurons: usize,
    theory: Vec<(f64, BlockChaos)>,
    at: Vec<BlockChaos>,
    runs: Vec<Vec<Activity>>,
}

/// Time between samples: the slow class decides.
fn sample(ratio: f64) -> f64 {
    0.5 * ratio
}

pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let (neurons, seeds) = (context.pick(60, 1000, 4000), context.pick(1, 16, 16));
    let (transient, duration) = context.pick((5.0, 20.0), (20.0, 60.0), (40.0, 400.0));
    // At least the time of a fast network, in units of the slow class beyond.
    let size = |ratio: f64| {
        let unit = ratio.max(4.0);
        Size { neurons, transient: transient * unit, duration: duration * unit, sample: sample(ratio) }
    };
    let jobs: Vec<(Blocks, Size)> = RATIOS.iter().map(|&ratio| (mixed(ratio), size(ratio))).collect();
    let runs = simulate(context, &jobs, seeds, context.seed.child("classes"))?;
    let solve =
        |ratio: f64| -> Result<BlockChaos> { mixed(ratio).chaotic()?.ok_or_else(|| Error::parameter("gain", 2.0, "above the transition")) };
    let count = context.pick(2, 12, 40);
    let theory: Result<Vec<(f64, BlockChaos)>> = (0..=count)
        .into_par_iter()
        .map(|k| 100.0_f64.powf(f64::from(k) / f64::from(count)))
        .map(|ratio| Ok((ratio, solve(ratio)?)))
        .collect();
    let at: Result<Vec<BlockChaos>> = RATIOS.par_iter().map(|&ratio| solve(ratio)).collect();
    let results = Results { neurons, theory: theory?, at: at?, runs };
    check(context, findings, &results)?;
    report(findings, &results)?;
    Ok(vec![variance_panel(&results), width_panel(&results)?, autocovariance_panel(&results)])
}

fn check(context: &Context, findings: &mut Findings, results: &Results) -> Result<()> {
    let neurons = results.neurons;
    let source = "mean-field theory; tolerance: Delta0 within 5 % at N = 1000";
    for (k, ratio) in RATIOS.iter().enumerate() {
        for (block, name) in NAMES.iter().enumerate() {
            let found = summary(&results.runs[k], |run| run.variances[block]).mean;
            let claim = format!("variance of the {name} class, time constants 1 : {ratio}, N = {neurons}, over theory");
            let ratio = found / results.at[k].variances[block];
            findings.checks.push(context.check(("classes", source), claim, ratio, (Side::Near, 1.0, 0.05)));
        }
    }
    let source = "mean-field theory; tolerance: half width within 8 % at N = 1000";
    for (block, name) in NAMES.iter().enumerate() {
        // Single networks of this size differ by a quarter: the median of many is judged.
        let found = median(results.runs[SHOWN].iter().map(|run| half_width(run, block, sample(RATIOS[SHOWN]))));
        let claim = format!("median half width of the {name} class, time constants 1 : {}, N = {neurons}, over theory", RATIOS[SHOWN]);
        let ratio = found / results.at[SHOWN].half_width(block)?;
        findings.checks.push(context.check(("classes", source), claim, ratio, (Side::Near, 1.0, 0.08)));
    }
    Ok(())
}

/// Lag at which a sampled autocovariance is half of its start, by linear interpolation.
fn half_width(run: &Activity, block: usize, sample: f64) -> f64 {
    let values = &run.autocovariances[block];
    let half = 0.5 * values[0];
    match values.iter().position(|&value| value < half) {
        Some(k) => sample * (k as f64 - (half - values[k]) / (values[k - 1] - values[k])),
        None => f64::NAN,
    }
}

fn report(findings: &mut Findings, results: &Results) -> Result<()> {
    for (block, name) in NAMES.iter().enumerate() {
        for (ratio, chaos) in &results.theory {
            row(findings, "classes", &format!("variance, {name}, theory"), None, (*ratio, chaos.variances[block]));
            row(findings, "classes", &format!("half width, {name}, theory"), None, (*ratio, chaos.half_width(block)?));
        }
        for (k, ratio) in RATIOS.iter().enumerate() {
            for (seed, run) in results.runs[k].iter().enumerate() {
                let seed = Some(seed as u64);
                row(findings, "classes", &format!("variance, {name}, network"), seed, (*ratio, run.variances[block]));
                let width = half_width(run, block, sample(*ratio));
                row(findings, "classes", &format!("half width, {name}, network"), seed, (*ratio, width));
            }
        }
    }
    Ok(())
}

fn lines(results: &Results, block: usize, pick: impl Fn(&BlockChaos) -> Result<f64>) -> Result<Mark> {
    let x = results.theory.iter().map(|(ratio, _)| *ratio).collect();
    let y = results.theory.iter().map(|(_, chaos)| pick(chaos)).collect::<Result<_>>()?;
    let dash = if block == 0 { Dash::Solid } else { Dash::Dashed };
    Ok(Line { x, y, dash, label: format!("{}, theory", NAMES[block]), ..Line::default() }.into())
}

fn ratio_axis() -> Axis {
    Axis { scale: Scale::Log, ..Axis::new("slow / fast time constant") }
}

fn variance_panel(results: &Results) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (block, name) in NAMES.iter().enumerate() {
        marks.extend(lines(results, block, |chaos| Ok(chaos.variances[block])));
        let summaries: Vec<_> = results.runs.iter().map(|runs| summary(runs, |run| run.variances[block])).collect();
        marks.push(points(RATIOS.to_vec(), &summaries, block, &format!("{name}, network")));
    }
    let title = "Two classes, gain 2: fast units vary more".into();
    Panel { title, x: ratio_axis(), y: Axis::new("variance ⟨x²⟩"), marks, legend: Legend::Above, ..Panel::default() }
}

fn width_panel(results: &Results) -> Result<Panel> {
    let mut marks: Vec<Mark> = Vec::new();
    for (block, name) in NAMES.iter().enumerate() {
        marks.push(lines(results, block, |chaos| chaos.half_width(block))?);
        let at = |k: usize| summary(&results.runs[k], |run| half_width(run, block, sample(RATIOS[k])));
        let summaries: Vec<_> = (0..RATIOS.len()).map(at).collect();
        marks.push(points(RATIOS.to_vec(), &summaries, block, &format!("{name}, network")));
    }
    let y = Axis { scale: Scale::Log, ..Axis::new("half width (fast τ)") };
    let title = "Fast units inherit slow fluctuations".into();
    Ok(Panel { title, x: ratio_axis(), y, marks, legend: Legend::Above, ..Panel::default() })
}

fn autocovariance_panel(results: &Results) -> Panel {
    let ratio = RATIOS[SHOWN];
    let mut marks: Vec<Mark> = Vec::new();
    let lags: Vec<f64> = (0..=300).map(|k| 60.0 * f64::from(k) / 300.0).collect();
    for (block, name) in NAMES.iter().enumerate() {
        let y = lags.iter().map(|&lag| results.at[SHOWN].autocovariance(block, lag)).collect();
        let dash = if block == 0 { Dash::Solid } else { Dash::Dashed };
        marks.push(Line { x: lags.clone(), y, dash, label: format!("{name}, theory"), ..Line::default() }.into());
        let runs = &results.runs[SHOWN];
        let shown: Vec<usize> = (0..runs[0].autocovariances[block].len().min(25)).collect();
        let summaries: Vec<_> = shown.iter().map(|&lag| summary(runs, |run| run.autocovariances[block][lag])).collect();
        let x = shown.iter().map(|&lag| lag as f64 * sample(ratio)).collect();
        marks.push(points(x, &summaries, block, &format!("{name}, network")));
    }
    Panel {
        title: format!("Autocovariance, time constants 1 : {ratio}"),
        x: Axis::new("lag (fast τ)"),
        y: Axis::new("⟨x(t) x(t + lag)⟩"),
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}
