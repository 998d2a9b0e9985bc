//! Rajan, Abbott & Sompolinsky 2010: input drives a chaotic network and suppresses its chaos (panels 3A–3E).

mod cycles;
mod exponents;
mod frequencies;
mod run;
mod spectra;
mod theory;
mod traces;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;
use crosscurrent::nonlinearity::{AnyNonlinearity, AsymmetricTanh, Tanh};
use crosscurrent::theory::driven::Resolution;

/// The experiment.
pub struct RajanAbbottSompolinsky2010;

/// Gain of panels 3A to 3C.
const GAIN: f64 = 1.5;

/// Angular frequency of panels 3A and 3B, in 1/τ: close to the best one.
const OMEGA: f64 = 0.15;

/// Of the theory at gain 1.5: critical amplitudes to 1e-6.
const RESOLUTION: Resolution = Resolution { points: 64, order: 60 };

/// Amplitudes of panels 3A and 3B; the critical one is 0.4326.
const AMPLITUDES: [f64; 4] = [0.0, 0.2, 0.43, 0.6];

/// Where expected numbers come from.
const TABLE: &str = "mean-field theory, solved independently in NumPy";
const THEORY: &str = "mean-field theory at the same step";

impl Experiment for RajanAbbottSompolinsky2010 {
    fn name(&self) -> &'static str {
        "rajan_abbott_sompolinsky_2010"
    }

    fn source(&self) -> &'static str {
        "Rajan, Abbott & Sompolinsky 2010, PRE 82:011903: stimulus-dependent suppression of chaos in recurrent networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y", "error"];
        traces::traces(context, &mut findings)?;
        spectra::spectra(context, &mut findings)?;
        cycles::against_amplitude(context, &mut findings)?;
        frequencies::against_frequency(context, &mut findings)?;
        let crossings = exponents::exponents(context, &mut findings)?;
        frequencies::phase_diagram(context, &mut findings, &crossings)?;
        Ok(findings)
    }
}

/// The two nonlinearities: ours and the published one.
fn nonlinearities() -> [(&'static str, AnyNonlinearity); 2] {
    [("tanh", Tanh.into()), ("asymmetric", AsymmetricTanh::default().into())]
}

/// One row of data.csv.
fn row(panel: &str, (curve, seed): (&str, u64), (x, y, error): (f64, f64, f64)) -> Vec<String> {
    let error = if error.is_finite() { error.to_string() } else { String::new() };
    vec![panel.into(), curve.into(), seed.to_string(), x.to_string(), y.to_string(), error]
}
