//! Mastrogiuseppe & Ostojic 2018: random networks with one dimension of structure (panels 4A–4C, spectra, phases, one trial).

mod boundaries;
mod branches;
mod overlap;
mod spectrum;
mod trial;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::ensemble::{self, Structure};
use crosscurrent::plot::Figure;
use crosscurrent::{Ensemble, Network, Regions, Result, Seed, nonlinearity::Tanh, theory};
use nalgebra::{DMatrix, DVector};

/// The experiment.
pub struct MastrogiuseppeOstojic2018;

/// Where the expected numbers of theory come from.
const THEORY: &str = "mean-field theory";

impl Experiment for MastrogiuseppeOstojic2018 {
    fn name(&self) -> &'static str {
        "mastrogiuseppe_ostojic_2018"
    }

    fn source(&self) -> &'static str {
        "Mastrogiuseppe & Ostojic 2018, Neuron 99:609: linking connectivity, dynamics and computations in low-rank networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        let branches = branches::Branches::solve(context)?;
        let measured = overlap::measure(context)?;
        overlap::report(context, &mut findings, &measured)?;
        let mut panels = vec![overlap::overlap_panel(&branches, &measured), branches::variance_panel(&branches, &measured)];
        panels.extend(boundaries::panels(context, &mut findings)?);
        branches.report(&mut findings);
        let title = "Low-rank plus random networks: structure, chaos, and both (⟨m⟩ = 1.1, ⟨n⟩ = 2, S = 1 in A and B)".into();
        let figure = Figure { title, panels, columns: 2, panel_size: (520, 380), ..Figure::default() };
        findings.figures.push(("4ABC_phases".into(), figure));
        let mut panels = spectrum::panels(context, &mut findings)?;
        panels.extend(trial::panels(context, &mut findings)?);
        let title = "Eigenvalues with an outlier, and the published single trial at g = 1".into();
        let figure = Figure { title, panels, columns: 2, panel_size: (520, 400), ..Figure::default() };
        findings.figures.push(("4_spectrum_and_trial".into(), figure));
        Ok(findings)
    }
}

/// Theory of the published vectors at this gain.
fn published(gain: f64) -> theory::LowRank {
    theory::LowRank { gain, ..theory::LowRank::default() }
}

/// A network of a law: its m and n (N elements each) beside it.
struct Sample {
    network: Network,
    m: DVector<f64>,
    n: DVector<f64>,
}

impl Sample {
    /// `standardised`: the vectors have exactly the moments of their law.
    fn draw(law: theory::LowRank, neurons: usize, standardised: bool, seed: Seed) -> Result<Self> {
        let structure =
            Structure::Means { m_mean: law.mean_m, n_mean: law.mean_n, m_deviation: law.deviation_m, n_deviation: law.deviation_n };
        let ensemble = ensemble::LowRank { gain: law.gain, structure, standardised };
        let regions = Regions::single("all", neurons)?;
        let (m, n) = ensemble.vectors(neurons, seed)?;
        let network = Network::new(regions.clone(), ensemble.sample(&regions, seed)?, Tanh, &[1.0])?;
        Ok(Sample { network, m: m.column(0).into(), n: n.column(0).into() })
    }

    /// kappa = n · r / N of every sample.
    fn overlaps(&self, rates: &DMatrix<f64>) -> Vec<f64> {
        (rates.tr_mul(&self.n) / self.n.len() as f64).as_slice().to_vec()
    }
}

/// One row of the data.
fn row(findings: &mut Findings, panel: &str, curve: &str, seed: Option<u64>, point: (f64, f64)) {
    let seed = seed.map_or(String::new(), |seed| seed.to_string());
    findings.data.1.push(vec![panel.into(), curve.into(), seed, point.0.to_string(), point.1.to_string()]);
}
