//! Aljadeff, Stern & Sharpee 2015: eigenvalues of a network of regions (panel 1G, tests T7 and T8, and a feed-forward chain).

mod chain;
mod radial;
mod radius;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::Blocks;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::{Ensemble, Error, Regions, Result, Seed};
use nalgebra::Complex;

/// The experiment.
pub struct Aljadeff2015;

const SOURCE: &str = "Aljadeff, Stern & Sharpee 2015";

impl Experiment for Aljadeff2015 {
    fn name(&self) -> &'static str {
        "aljadeff_2015"
    }

    fn source(&self) -> &'static str {
        "Aljadeff, Stern & Sharpee 2015, Physical Review Letters 114:088101: transition to chaos in networks with regions"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        radius::against_gain(context, &mut findings)?;
        radial::law(context, &mut findings)?;
        chain::feed_forward(context, &mut findings)?;
        Ok(findings)
    }
}

/// The example: regions with half, 0.3 and 0.2 of the neurons; gains within regions times `within`, between them times `between`.
fn example(within: f64, between: f64) -> Blocks {
    let gains = [[1.2, 0.5, 0.0], [0.8, 0.6, 1.0], [0.2, 1.5, 0.9]];
    let scaled = |a: usize, b: usize| gains[a][b] * if a == b { within } else { between };
    Blocks { gains: (0..3).map(|a| (0..3).map(|b| scaled(a, b)).collect()).collect() }
}

/// The regions of the example, of `neurons` in all.
fn regions(neurons: usize) -> Result<Regions> {
    let (a, b) = (neurons / 2, 3 * neurons / 10);
    Regions::new([("A", a), ("B", b), ("C", neurons - a - b)])
}

/// The eigenvalues of one draw, unless the user asked to stop.
fn spectrum(context: &Context, law: &Blocks, regions: &Regions, seed: Seed) -> Result<Vec<Complex<f64>>> {
    if context.go_on().is_break() {
        return Err(Error::Cancelled);
    }
    eigenvalues(&law.sample(regions, seed)?.to_dense())
}

/// A row of data.csv.
fn record(findings: &mut Findings, panel: &str, curve: &str, (seed, x, y): (u64, f64, f64)) {
    findings.data.1.push(vec![panel.into(), curve.into(), seed.to_string(), x.to_string(), y.to_string()]);
}
