//! Schuecker, Goedeke & Helias 2018: noise that ends chaos, and memory (panel 3F; autocovariance; memory curve).

mod kink;
mod memory;
mod networks;
mod plane;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Network, Noise, Regions, Result, Seed, Simulation};

/// The experiment.
pub struct Schuecker2018;

impl Experiment for Schuecker2018 {
    fn name(&self) -> &'static str {
        "schuecker_2018"
    }

    fn source(&self) -> &'static str {
        "Schuecker, Goedeke & Helias 2018, Physical Review X 8:041029: optimal sequence memory in driven random networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "gain", "sigma", "x", "y", "error"];
        plane::exponents(context, &mut findings)?;
        kink::autocovariances(context, &mut findings)?;
        memory::curves(context, &mut findings)?;
        Ok(findings)
    }
}

/// A network without autapses, tau = 1.
fn network(neurons: usize, gain: f64, seed: Seed) -> Result<Network> {
    let regions = Regions::single("all", neurons)?;
    let j = Gaussian { gain, autapses: false }.sample(&regions, seed)?;
    Network::new(regions, j, Tanh, &[1.0])
}

/// A run of (time step, duration) with white noise, after a transient of 50 tau.
fn simulation((dt, time): (f64, f64), sigma: f64, seed: Seed) -> Result<Simulation> {
    let noise = Noise::White { strength: std::f64::consts::SQRT_2 * sigma };
    Ok(Simulation { clock: Clock::new(dt, time)?, transient: 50.0, noise, seed, ..Default::default() })
}

/// A row of data.csv; an error that is not finite is left empty.
fn row(panel: &str, curve: &str, (gain, sigma): (f64, f64), (x, y, error): (f64, f64, f64)) -> Vec<String> {
    let error = if error.is_finite() { error.to_string() } else { String::new() };
    vec![panel.into(), curve.into(), gain.to_string(), sigma.to_string(), x.to_string(), y.to_string(), error]
}
