//! Activity of networks of blocks: regions with gains of their own, classes of neurons with time constants of their own.

mod activity;
mod classes;
mod regions;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;
use crosscurrent::plot::Figure;

/// The experiment.
pub struct BlockMeanField;

impl Experiment for BlockMeanField {
    fn name(&self) -> &'static str {
        "block_mean_field"
    }

    fn source(&self) -> &'static str {
        "Aljadeff, Stern & Sharpee 2015, PRL 114:088101: transition to chaos in networks with cell-type-specific connectivity (mean-field equations)"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        let mut panels = regions::panels(context, &mut findings)?;
        panels.extend(classes::panels(context, &mut findings)?);
        let title = "Chaos of blocks: mean-field theory (lines) and networks (points: mean and standard deviation over seeds)".into();
        let figure = Figure { title, panels, columns: 3, panel_size: (430, 350), ..Figure::default() };
        findings.figures.push(("blocks".into(), figure));
        Ok(findings)
    }
}

/// One row of the data.
fn row(findings: &mut Findings, panel: &str, curve: &str, seed: Option<u64>, point: (f64, f64)) {
    let seed = seed.map_or(String::new(), |seed| seed.to_string());
    findings.data.1.push(vec![panel.into(), curve.into(), seed, point.0.to_string(), point.1.to_string()]);
}
