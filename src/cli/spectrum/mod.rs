//! `crosscurrent spectrum`: the eigenvalues of a law of J, of a matrix or of a network, beside what theory predicts.

mod figure;
mod measures;
mod origin;
mod results;

pub(super) use origin::read_network;

use super::Session;
use super::law::LawOptions;
use crate::error::{Error, Result};
use crate::seed::Seed;
use clap::Args;
use measures::Spectrum;
use origin::Origin;
use rayon::prelude::*;
use results::Results;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compute the eigenvalues of a law of J, of a matrix or of a network, and draw them with the predicted support
///
/// A law has a name and parameters: --ensemble sparse --set links.probability=0.1. A network is linearised at rest, or at the state that --at names.
#[derive(Debug, Args)]
pub struct SpectrumCommand {
    /// A network: fitted.npz of `fit` or `curbd`, or recording.npz of `simulate`
    #[arg(value_name = "FILE", conflicts_with_all = ["ensemble", "config", "matrix"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    law: LawOptions,
    /// The law with all its parameters, as TOML (kind = "sparse", …)
    #[arg(long, value_name = "LAW.toml", conflicts_with_all = ["ensemble", "matrix"])]
    config: Option<PathBuf>,
    /// A square matrix, J[target, source], in a .npy, .npz, .mat or text file
    #[arg(long, value_name = "FILE", conflicts_with = "ensemble")]
    matrix: Option<PathBuf>,
    /// Name of the matrix, where the file holds several
    #[arg(long, value_name = "NAME", requires = "matrix")]
    array: Option<String>,
    /// Linearise the network at a state in this file instead of at rest: activations, one number per neuron, or `fixed_point_states` of `analyse`
    #[arg(long, value_name = "FILE", requires = "file")]
    at: Option<PathBuf>,
    /// Which of the states, from 0, where the file holds several (states × neurons)
    #[arg(long, value_name = "K", requires = "at", default_value_t = 0)]
    state: usize,
    /// Matrices to draw from the law
    #[arg(long, default_value_t = 1, value_name = "K")]
    samples: usize,
}

impl SpectrumCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A law, a parameter or a file that cannot be read, an iteration that fails, a folder that cannot be written, or Ctrl-C.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        if self.samples == 0 {
            return Err(Error::parameter("samples", 0, "at least 1"));
        }
        let origin = Origin::of(self)?;
        if self.samples > 1 && !origin.is_random() {
            return Err(Error::parameter("samples", self.samples, "1 for a matrix that is given"));
        }
        let folder = session.folder("spectrum")?;
        let bar = session.progress(self.samples as u64, "eigenvalues");
        let spectra: Result<Vec<Spectrum>> = (0..self.samples)
            .into_par_iter()
            .with_max_len(1)
            .map(|sample| {
                let spectrum = (!session.stopped()).then(|| Spectrum::of(&origin, sample_seed(session, sample as u64)));
                bar.inc(1);
                spectrum.unwrap_or(Err(Error::Cancelled))
            })
            .collect();
        bar.finish_and_clear();
        let results = Results { origin: &origin, spectra: spectra? };
        results.write(&folder)?;
        session.provenance(&folder, &origin.files(), &origin.settings())?;
        session.report(&results.text(&folder), &results.document(&folder))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The first matrix is the one that `simulate` draws with the same seed.
fn sample_seed(session: &Session, sample: u64) -> Seed {
    if sample == 0 { session.seed() } else { session.seed().child("sample").trial(sample) }
}
