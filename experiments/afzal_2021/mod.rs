//! Afzal et al. 2021: a reservoir learns one pattern and its learning error E(t) tells another (panel 8A and its robustness), and how often
//! the change detector that is built on E(t) is wrong.

mod alarms;
mod patterns;
mod robustness;
mod tracking;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;

/// The experiment.
pub struct Afzal2021;

/// Where the expected ratio comes from: the published formulas in NumPy, 400 reservoirs.
const MEASURED: &str = "the published formulas in NumPy, 400 reservoirs, measured";
/// What the theory of the alarm promises.
const BOUND: &str = "bound of the sequential rank test";

impl Experiment for Afzal2021 {
    fn name(&self) -> &'static str {
        "afzal_2021"
    }

    fn source(&self) -> &'static str {
        "Afzal et al. 2021, bioRxiv 2021.10.13.464288: reservoir-based tracking (TRAKR)"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        tracking::traces(context, &mut findings)?;
        tracking::ratios(context, &mut findings)?;
        robustness::curves(context, &mut findings)?;
        alarms::rates(context, &mut findings)?;
        Ok(findings)
    }
}

/// A row of data.csv.
fn row(panel: &str, curve: &str, seed: usize, x: f64, y: f64) -> Vec<String> {
    vec![panel.into(), curve.into(), seed.to_string(), x.to_string(), y.to_string()]
}

/// The value below which `share` of the values lie.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
