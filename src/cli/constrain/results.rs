//! What the command leaves behind.

use super::figure;
use crate::error::Result;
use crate::identify::{Constraint, CurrentConstraint, align};
use crate::io::write_rows;
use std::path::Path;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub report: &'a Constraint,
    pub folder: &'a Path,
}

impl Results<'_> {
    /// Writes every file; each appears whole or not at all.
    pub fn write(&self) -> Result<()> {
        let header = [
            "source",
            "target",
            "rms",
            "expected_correlation",
            "other_blocks",
            "other_seeds",
            "wrong_tau",
            "wrong_phi",
            "fewer_neurons",
            "correlation_with_truth",
            "verdict",
            "reason",
        ];
        write_rows(&self.folder.join("currents.csv"), &header, self.report.currents.iter().map(cells))?;
        let row = |(k, p): (usize, &f64)| vec![(k + 1).to_string(), p.to_string()];
        write_rows(
            &self.folder.join("spectrum.csv"),
            &["component", "variance"],
            self.report.geometry.variances.iter().enumerate().map(row),
        )?;
        figure::constraint(self.report).save(self.folder, "constrain")?;
        Ok(())
    }

    /// The result for people.
    pub fn text(&self) -> String {
        let (report, geometry) = (self.report, &self.report.geometry);
        let mut out = format!(
            "{} neurons × {} samples: participation ratio {:.1}, 95 % of the variance in {} components\n",
            geometry.neurons, geometry.samples, geometry.participation_ratio, geometry.components_95
        );
        out.push_str(&format!(
            "The data constrain {} of {} combinations of the weights of a neuron; noise floor {:.3} of the drive (RMS)\n",
            geometry.visited, geometry.neurons, report.noise_floor
        ));
        if let Some(error) = &report.subspace_error {
            out.push_str(&format!(
                "Squared error of J relative to the truth: {:.3} inside of them, {:.3} outside ({:.0} % of |J|² lies inside)\n",
                error.inside,
                error.outside,
                100.0 * error.share_inside
            ));
        }
        if let Some(misfit) = &report.misfit {
            out.push_str(&format!("Model check: {misfit}\n"));
        }
        out.push_str(&self.refits());
        let mut grid =
            vec![["current", "RMS", "expected", "blocks", "seeds", "tau", "phi", "fewer", "truth", "verdict"].map(String::from).to_vec()];
        grid.extend(report.currents.iter().map(line));
        out.push_str(&align(&grid));
        out.push_str(&self.suggestion());
        out.push_str(&format!("{EXPLANATION}Written to {}", self.folder.display()));
        out
    }

    fn refits(&self) -> String {
        let mut grid = vec![["fitted again with", "fits", "variance explained", "J correlation"].map(String::from).to_vec()];
        grid.extend(self.report.refits.iter().filter(|refits| refits.fits > 0).map(|refits| {
            let [low, high] = refits.variance_explained;
            vec![refits.check.name().into(), refits.fits.to_string(), format!("{low:.4} to {high:.4}"), format!("{:.3}", refits.weights)]
        }));
        align(&grid)
    }

    fn suggestion(&self) -> String {
        if self.report.stimulate.is_empty() {
            return "Every direction was visited: stimulation would open none.\n".into();
        }
        let name = |s: &crate::identify::Stimulus| format!("{} ({}, {:.2})", s.neuron, s.region, s.new);
        let names: Vec<String> = self.report.stimulate.iter().map(name).collect();
        format!("Stimulate, in this order (neuron, region, new direction): {}\n", names.join(", "))
    }
}

const EXPLANATION: &str = "\nNumbers are correlations of a current with that of the first fit (expected: with the truth, as the posterior has it). The rule:\n\
    not constrained where blocks, seeds or the posterior agree by less than 0.5; cannot tell where more than a quarter of the target's neurons\n\
    contradict the model, where blocks or seeds agree by less than 0.9 or the posterior expects less than 0.8, or where a wrong tau\n\
    (0.8, 1.25), a wrong phi (rates × 0.9) or a fifth fewer neurons would leave less than 0.5; else constrained by these data.\n";

fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}").replace('-', "−") } else { "–".into() }
}

fn line(current: &CurrentConstraint) -> Vec<String> {
    let c = current;
    let values = [Some(c.rms), c.expected, Some(c.bootstrap), Some(c.seeds), Some(c.tau), Some(c.phi), Some(c.unobserved), c.truth];
    let mut cells = vec![format!("{} → {}", c.source, c.target)];
    cells.extend(values.map(|value| number(value.unwrap_or(f64::NAN))));
    cells.push(format!("{}: {}", c.verdict.name(), c.reason));
    cells
}

fn cells(current: &CurrentConstraint) -> Vec<String> {
    let c = current;
    let values = [Some(c.rms), c.expected, Some(c.bootstrap), Some(c.seeds), Some(c.tau), Some(c.phi), Some(c.unobserved), c.truth];
    let mut cells = vec![c.source.clone(), c.target.clone()];
    cells.extend(values.map(|value| value.filter(|v| v.is_finite()).map_or(String::new(), |v| v.to_string())));
    cells.extend([c.verdict.name().to_string(), c.reason.clone()]);
    cells
}
