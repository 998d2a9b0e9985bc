//! The second tutorial problem: a random network of tanh units, from silence to chaos.

mod dimension;
mod divergence;
mod entrainment;
mod onset;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::plot::Figure;
use crosscurrent::{Ensemble, Error, Network, Regions, Result, Seed, nonlinearity::Tanh};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The experiment.
pub struct Cosyne2021Problem2;

impl Experiment for Cosyne2021Problem2 {
    fn name(&self) -> &'static str {
        "cosyne_2021_problem_2"
    }

    fn source(&self) -> &'static str {
        "COSYNE 2021 tutorial (recurrent networks, K. Rajan), problem 2 in our reading: random tanh networks; theory of Sompolinsky et al. 1988"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        let mut panels = onset::panels(context, &mut findings)?;
        panels.extend(divergence::panels(context, &mut findings)?);
        panels.push(dimension::panel(context, &mut findings)?);
        panels.push(entrainment::panel(context, &mut findings)?);
        let title = "Random tanh networks: silence, chaos, and chaos suppressed".into();
        findings.figures.push(("problem_2".into(), Figure { title, panels, columns: 3, panel_size: (430, 350), ..Figure::default() }));
        Ok(findings)
    }
}

/// A network of gain g with tau = 1 and no autapses.
fn network(gain: f64, neurons: usize, seed: Seed) -> Result<Network> {
    let regions = Regions::single("all", neurons)?;
    let j = Gaussian { gain, autapses: false }.sample(&regions, seed)?;
    Network::new(regions, j, Tanh, &[1.0])
}

/// `work` on every job and every seed, in order: one vector of results per job.
fn over_seeds<J: Sync, R: Send>(
    context: &Context,
    (jobs, seeds): (&[J], u64),
    message: &str,
    work: impl Fn(&J, u64) -> Result<R> + Sync,
) -> Result<Vec<Vec<R>>> {
    let bar = context.progress(jobs.len() * seeds as usize, message);
    let all: Vec<(usize, u64)> = (0..jobs.len()).flat_map(|job| (0..seeds).map(move |seed| (job, seed))).collect();
    let done = |&(job, seed): &(usize, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let result = work(&jobs[job], seed);
        bar.inc(1);
        result
    };
    let results: Result<Vec<R>> = all.par_iter().with_max_len(1).map(done).collect();
    bar.finish_and_clear();
    let mut results = results?.into_iter();
    Ok((0..jobs.len()).map(|_| results.by_ref().take(seeds as usize).collect()).collect())
}

/// Root mean square over units of every column.
fn sizes(x: &DMatrix<f64>) -> Vec<f64> {
    x.column_iter().map(|column| (column.norm_squared() / column.len() as f64).sqrt()).collect()
}

/// One row of the data.
fn row(findings: &mut Findings, panel: &str, curve: &str, seed: Option<u64>, point: (f64, f64)) {
    let seed = seed.map_or(String::new(), |seed| seed.to_string());
    findings.data.1.push(vec![panel.into(), curve.into(), seed, point.0.to_string(), point.1.to_string()]);
}
