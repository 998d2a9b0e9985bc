//! Rajan & Abbott 2006: excitatory and inhibitory neurons (panels 1D and 1E; T4, T5, T6).

mod balance;
mod radial;

use crate::experiment::{Context, Experiment, Findings};
use crate::spectrum::COLUMNS;
use crosscurrent::Result;
use crosscurrent::plot::Figure;

/// The experiment.
pub struct RajanAbbott2006;

impl Experiment for RajanAbbott2006 {
    fn name(&self) -> &'static str {
        "rajan_abbott_2006"
    }

    fn source(&self) -> &'static str {
        "Rajan & Abbott 2006, Physical Review Letters 97:188104: eigenvalue spectra of random matrices for neural networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings { data: (COLUMNS.to_vec(), Vec::new()), ..Findings::default() };
        let panels = radial::panels(context, &mut findings)?;
        let title = "Variances that differ between columns make the disc denser in the middle".to_string();
        findings
            .figures
            .push(("1D_column_variances".into(), Figure { title, panels, columns: 2, panel_size: (430, 300), ..Figure::default() }));
        let panels = balance::panels(context, &mut findings)?;
        let title = "Balanced rows keep the eigenvalues of excitatory and inhibitory neurons in the disc".to_string();
        findings.figures.push(("1E_row_balance".into(), Figure { title, panels, columns: 3, panel_size: (340, 310), ..Figure::default() }));
        Ok(findings)
    }
}
