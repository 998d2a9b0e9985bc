//! COSYNE 2021 tutorial, problem 1: the linear network τ dx/dt = −x + W x (section 5, P1).

mod boundary;
mod growth;
mod modes;
mod pair;
mod structure;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::{Connectivity, Ensemble, Regions, Result, Seed};
use nalgebra::DMatrix;

/// The experiment.
pub struct Cosyne2021Problem1;

const SOURCE: &str = "COSYNE 2021 tutorial, problem 1";

impl Experiment for Cosyne2021Problem1 {
    fn name(&self) -> &'static str {
        "cosyne_2021_problem_1"
    }

    fn source(&self) -> &'static str {
        "COSYNE 2021 tutorial, problem 1: linear recurrent networks, their eigenvalues, response modes and transients"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        modes::responses(context, &mut findings)?;
        boundary::stability(context, &mut findings)?;
        structure::spectra(context, &mut findings)?;
        pair::transients(context, &mut findings)?;
        growth::rates(context, &mut findings)?;
        Ok(findings)
    }
}

/// A row of data.csv.
fn record(findings: &mut Findings, (panel, curve): (&str, &str), seed: u64, (x, y): (f64, f64)) {
    findings.data.1.push(vec![panel.into(), curve.into(), seed.to_string(), x.to_string(), y.to_string()]);
}

/// Independent Gaussian weights of gain g.
fn gaussian(neurons: usize, gain: f64, seed: Seed) -> Result<Connectivity> {
    Gaussian { gain, autapses: true }.sample(&Regions::single("all", neurons)?, seed)
}

/// The correlated weights of Sommers et al. (1988) with gain 1: E[W_ij W_ji] = correlation / N. 1 is symmetric, −1 antisymmetric.
fn correlated(neurons: usize, correlation: f64, seed: Seed) -> Result<DMatrix<f64>> {
    let a = gaussian(neurons, 1.0, seed.child("symmetric part"))?.to_dense();
    let b = gaussian(neurons, 1.0, seed.child("antisymmetric part"))?.to_dense();
    let part = |share: f64, matrix: DMatrix<f64>| matrix * (share / 2.0).sqrt() / 2.0_f64.sqrt();
    Ok(part(1.0 + correlation, &a + a.transpose()) + part(1.0 - correlation, &b - b.transpose()))
}
