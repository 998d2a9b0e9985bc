//! Simulated activity of a network of blocks.

use crate::experiment::Context;
use crosscurrent::ensemble::Gaussian;
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Colour, Mark, Marker, Points, Whiskers};
use crosscurrent::theory::Blocks;
use crosscurrent::{Clock, Connectivity, Ensemble, Error, Network, Precision, Regions, Result, Seed, Simulation, nonlinearity::Tanh};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Size of a run: units, transient, recorded time and time between samples (tau = 1 for the fastest block).
#[derive(Clone, Copy)]
pub struct Size {
    pub neurons: usize,
    pub transient: f64,
    pub duration: f64,
    pub sample: f64,
}

/// What one network did, block by block.
pub struct Activity {
    /// <x²>
    pub variances: Vec<f64>,
    /// <x(t) x(t + lag)> at lags 0, 1, 2 … samples.
    pub autocovariances: Vec<Vec<f64>>,
}

/// Independent networks of the same law, one per seed, for each of several laws.
pub fn simulate(context: &Context, jobs: &[(Blocks, Size)], seeds: u64, seed: Seed) -> Result<Vec<Vec<Activity>>> {
    let bar = context.progress(jobs.len() * seeds as usize, "networks of blocks");
    let single: Vec<(usize, u64)> = (0..jobs.len()).flat_map(|job| (0..seeds).map(move |k| (job, k))).collect();
    let runs: Result<Vec<Activity>> = single
        .par_iter()
        .with_max_len(1)
        .map(|&(job, k)| {
            if context.go_on().is_break() {
                return Err(Error::Cancelled);
            }
            let activity = one(&jobs[job].0, jobs[job].1, seed.trial(k));
            bar.inc(1);
            activity
        })
        .collect();
    bar.finish_and_clear();
    let mut runs = runs?.into_iter();
    Ok((0..jobs.len()).map(|_| runs.by_ref().take(seeds as usize).collect()).collect())
}

fn one(blocks: &Blocks, size: Size, seed: Seed) -> Result<Activity> {
    let network = network(blocks, size.neurons, seed)?;
    let dt = 0.1;
    let simulation = Simulation {
        clock: Clock::new(dt, size.duration)?,
        transient: size.transient,
        steps_per_sample: (size.sample / dt).round() as usize,
        precision: Precision::Half,
        seed,
        ..Simulation::default()
    };
    let x = simulation.run(&network)?.rates.map(f64::atanh);
    let mut activity = Activity { variances: Vec::new(), autocovariances: Vec::new() };
    for (_, range) in network.regions.iter() {
        let part = x.rows_range(range).into_owned();
        let lags = (part.ncols() / 4).min(80);
        let autocovariance: Vec<f64> = (0..lags).map(|lag| lagged(&part, lag)).collect();
        activity.variances.push(autocovariance[0]);
        activity.autocovariances.push(autocovariance);
    }
    Ok(activity)
}

/// <x(t) x(t + lag)> over units and time. The mean is zero by symmetry; taking off a mean over time would take off slow fluctuations too.
fn lagged(x: &DMatrix<f64>, lag: usize) -> f64 {
    let kept = (x.ncols() - lag) * x.nrows();
    let (early, late) = (&x.as_slice()[..kept], &x.as_slice()[lag * x.nrows()..]);
    early.iter().zip(late).map(|(a, b)| a * b).sum::<f64>() / kept as f64
}

/// J_ij ~ N(0, g_ab² / N).
fn network(blocks: &Blocks, neurons: usize, seed: Seed) -> Result<Network> {
    let sizes = blocks.fractions.iter().map(|share| (share * neurons as f64).round() as usize);
    let regions = Regions::new(["A", "B", "C", "D"].into_iter().zip(sizes))?;
    let unit = Gaussian { gain: 1.0, ..Gaussian::default() };
    let mut weights = unit.sample(&regions, seed)?.to_dense();
    for (b, (_, sources)) in regions.iter().enumerate() {
        for (a, (_, targets)) in regions.iter().enumerate() {
            weights.view_range_mut(targets, sources.clone()).scale_mut(blocks.gains[(a, b)]);
        }
    }
    Network::new(regions, Connectivity::dense(weights)?, Tanh, &blocks.tau)
}

/// Mean and deviation over the seeds of one law.
pub fn summary(runs: &[Activity], pick: impl Fn(&Activity) -> f64) -> Summary {
    Summary::of(&runs.iter().map(pick).collect::<Vec<_>>())
}

/// Points with error bars at `x`; the `index`-th colour and shape.
pub fn points(x: Vec<f64>, summaries: &[Summary], index: usize, label: &str) -> Mark {
    let bars = summaries.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect();
    Points {
        x,
        y: summaries.iter().map(|s| s.mean).collect(),
        whiskers: Whiskers::Symmetric(bars),
        colour: Colour::cycle(index),
        marker: Marker::cycle(index),
        label: label.into(),
        ..Points::default()
    }
    .into()
}
