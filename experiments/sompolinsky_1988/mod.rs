//! Sompolinsky, Crisanti & Sommers 1988: the chaotic network against its mean field (panels 2A–2C).

mod autocovariance;
mod gains;
mod theory;
mod traces;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::identify::Summary;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Network, Precision, Regions, Result, Seed, Simulation};
use nalgebra::DMatrix;

/// The experiment.
pub struct Sompolinsky1988;

/// Integration step in units of tau.
const DT: f64 = 0.1;

impl Experiment for Sompolinsky1988 {
    fn name(&self) -> &'static str {
        "sompolinsky_1988"
    }

    fn source(&self) -> &'static str {
        "Sompolinsky, Crisanti & Sommers 1988, Physical Review Letters 61:259: chaos in random neural networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "gain", "x", "y", "error"];
        theory::checks(context, &mut findings)?;
        traces::traces(context, &mut findings)?;
        autocovariance::curves(context, &mut findings)?;
        gains::statistics(context, &mut findings)?;
        Ok(findings)
    }
}

/// What is run: gain, number of units, recorded time, integration steps per sample.
#[derive(Clone, Copy)]
struct Run {
    gain: f64,
    neurons: usize,
    time: f64,
    steps_per_sample: usize,
    precision: Precision,
}

impl Run {
    /// Activations, units × samples, after a transient that is long near the transition.
    fn activations(&self, seed: Seed) -> Result<DMatrix<f64>> {
        let regions = Regions::single("all", self.neurons)?;
        let j = Gaussian { gain: self.gain, autapses: false }.sample(&regions, seed)?;
        let network = Network::new(regions, j, Tanh, &[1.0])?;
        let simulation = Simulation {
            clock: Clock::new(DT, self.time)?,
            transient: if self.gain < 1.3 { 300.0 } else { 100.0 },
            steps_per_sample: self.steps_per_sample,
            seed,
            precision: self.precision,
            ..Default::default()
        };
        let samples = simulation.clock.steps() / self.steps_per_sample;
        let mut activations = DMatrix::zeros(self.neurons, samples);
        simulation.observe(&network, |_, sample, x| {
            if sample < samples {
                activations.column_mut(sample).copy_from_slice(x);
            }
        })?;
        Ok(activations)
    }
}

/// Mean of the squares of all entries.
fn power(matrix: &DMatrix<f64>) -> f64 {
    matrix.norm_squared() / matrix.len() as f64
}

/// Mean over seeds and its standard error.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let summary = Summary::of(values);
    (summary.mean, summary.sd / (summary.count as f64).sqrt())
}

/// A row of data.csv.
fn row(panel: &str, curve: &str, gain: f64, (x, y, error): (f64, f64, f64)) -> Vec<String> {
    let error = if error.is_finite() { error.to_string() } else { String::new() };
    vec![panel.into(), curve.into(), gain.to_string(), x.to_string(), y.to_string(), error]
}
