//! Perich et al. 2020: the published three-region demonstration, and what it recovered (panels 7A, 7B, 7E).

mod initial_j;
mod learning;
mod maps;
mod recovery;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;
use crosscurrent::fit::{Normalisation, Pinning, pinning::Mode};
use crosscurrent::identify::{ThreeRegion, Variant};

/// The experiment.
pub struct Perich2020;

/// Where the expected numbers come from: runs of the authors' code, or of a faithful equivalent, with the shipped settings.
const MEASURED: &str = "authors' Python program, measured";

impl Experiment for Perich2020 {
    fn name(&self) -> &'static str {
        "perich_2020"
    }

    fn source(&self) -> &'static str {
        "Perich et al. 2020, bioRxiv 2020.12.18.423348: inferring brain-wide interactions with data-constrained networks (CURBD)"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        learning::curves(context, &mut findings)?;
        maps::currents(context, &mut findings)?;
        initial_j::agreement(context, &mut findings)?;
        recovery::scores(context, &mut findings)?;
        Ok(findings)
    }
}

/// The published generator with the amplitude of one of its two programs.
fn generator(context: &Context, amplitude: f64) -> ThreeRegion {
    ThreeRegion { variant: Variant::Python, units: context.pick(12, 100, 100), amplitude: Some(amplitude), ..Default::default() }
}

/// The published fit: five steps per sample, every region divided by its largest rate.
fn published(tau: f64, passes: usize) -> Pinning {
    Pinning {
        mode: Mode::CurbdPython,
        normalisation: Normalisation::PerRegion,
        steps_per_sample: 5,
        tau: vec![tau],
        learning_passes: passes,
        ..Default::default()
    }
}
