//! Tao 2013: outliers of a structure of low rank plus a random part (panel 1F).

mod overlap;
mod scatter;

use crate::experiment::{Context, Experiment, Findings};
use crate::spectrum::COLUMNS;
use crosscurrent::Result;
use crosscurrent::ensemble::{LowRank, Structure};
use crosscurrent::plot::Figure;

/// The experiment.
pub struct Tao2013;

/// Gain of the random part.
const GAIN: f64 = 0.8;

impl Experiment for Tao2013 {
    fn name(&self) -> &'static str {
        "tao_2013"
    }

    fn source(&self) -> &'static str {
        "Tao 2013, Probability Theory and Related Fields 155:231: outliers of random matrices with a part of low rank"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings { data: (COLUMNS.to_vec(), Vec::new()), ..Findings::default() };
        let panels = vec![
            overlap::top(context, &mut findings)?,
            scatter::deviations(context, &mut findings)?,
            scatter::rank_two(context, &mut findings)?,
        ];
        let title = "A structure of low rank has outliers where its overlaps exceed the gain".to_string();
        findings.figures.push(("1F_outliers".into(), Figure { title, panels, columns: 3, panel_size: (350, 310), ..Figure::default() }));
        Ok(findings)
    }
}

/// One pair of vectors with overlap `theta`, |m|² = N, and n = theta m + a private part of the same size.
fn law(theta: f64, standardised: bool) -> LowRank {
    LowRank { gain: GAIN, structure: Structure::Overlaps { matrix: vec![vec![theta]], private: 1.0 }, standardised }
}
