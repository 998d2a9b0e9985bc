//! Engelken, Wolf & Abbott 2023: Lyapunov spectra of chaotic networks (panels 2D–2G).

mod dimension;
mod extensivity;
mod largest;
mod shape;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::analysis::{Lyapunov, LyapunovSpectrum, NetworkTangent};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::identify::Summary;
use crosscurrent::integrator::AnyIntegrator;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Error, Network, Precision, Regions, Result, Seed, Simulation};
use rayon::prelude::*;

/// The experiment.
pub struct Engelken2023;

/// Where expected numbers come from.
const TABLE: &str = "independent simulations in NumPy, few seeds";

impl Experiment for Engelken2023 {
    fn name(&self) -> &'static str {
        "engelken_2023"
    }

    fn source(&self) -> &'static str {
        "Engelken, Wolf & Abbott 2023, Physical Review Research 5:043044: Lyapunov spectra of chaotic recurrent neural networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y", "error"];
        largest::largest(context, &mut findings)?;
        shape::shape(context, &mut findings)?;
        extensivity::extensivity(context, &mut findings)?;
        dimension::dimension(context, &mut findings)?;
        Ok(findings)
    }
}

/// What is measured: all times in units of tau.
#[derive(Clone, Debug)]
struct Run {
    gain: f64,
    neurons: usize,
    integrator: AnyIntegrator,
    dt: f64,
    /// Leading exponents; 0 for all.
    exponents: usize,
    duration: f64,
    transient: f64,
    alignment: f64,
    /// Of the vectors; the networks run in 64 bits.
    precision: Precision,
}

impl Run {
    fn measure(&self, context: &Context, seed: Seed) -> Result<LyapunovSpectrum> {
        let regions = Regions::single("all", self.neurons)?;
        let j = Gaussian { gain: self.gain, autapses: false }.sample(&regions, seed)?;
        let network = Network::new(regions, j, Tanh, &[1.0])?;
        let integrator = self.integrator.clone();
        let simulation = Simulation { clock: Clock::with_steps(self.dt, 1)?, integrator, seed, ..Simulation::default() };
        let Run { exponents, duration, transient, alignment, precision, .. } = *self;
        let lyapunov = Lyapunov { exponents, duration, transient, alignment, interval: 0, precision, seed };
        lyapunov.measure_watched(&mut NetworkTangent::new(&network, &simulation)?, &mut |_| context.go_on())
    }
}

/// The spectra of every run at each of its seeds, in order: one vector per run.
fn all(context: &Context, message: &str, runs: &[(Run, u64)]) -> Result<Vec<Vec<LyapunovSpectrum>>> {
    let jobs: Vec<(&Run, u64)> = runs.iter().flat_map(|(run, seeds)| (0..*seeds).map(move |seed| (run, seed))).collect();
    let bar = context.progress(jobs.len(), message);
    let measure = |&(run, seed): &(&Run, u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let spectrum = run.measure(context, context.seed.child(message).trial(seed));
        bar.inc(1);
        spectrum
    };
    let spectra: Result<Vec<LyapunovSpectrum>> = jobs.par_iter().with_max_len(1).map(measure).collect();
    bar.finish_and_clear();
    let mut spectra = spectra?.into_iter();
    Ok(runs.iter().map(|(_, seeds)| spectra.by_ref().take(*seeds as usize).collect()).collect())
}

/// Mean over seeds and its standard error.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let summary = Summary::of(values);
    (summary.mean, summary.sd / (summary.count as f64).sqrt())
}

/// Error bars that can be drawn: nothing where there is one seed.
fn drawn(errors: impl Iterator<Item = f64>) -> Vec<f64> {
    errors.map(|error| if error.is_finite() { error } else { 0.0 }).collect()
}

/// A row of data.csv.
fn row(panel: &str, (curve, seed): (&str, usize), (x, y, error): (f64, f64, f64)) -> Vec<String> {
    let error = if error.is_finite() { error.to_string() } else { String::new() };
    vec![panel.into(), curve.into(), seed.to_string(), x.to_string(), y.to_string(), error]
}
