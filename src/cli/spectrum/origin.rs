//! Where J comes from: a law, a file with a matrix, or a file with a network.

use super::super::session::erased::Settings;
use super::SpectrumCommand;
use crate::connectivity::Connectivity;
use crate::ensemble::{AnyEnsemble, Ensemble, Given, Prediction};
use crate::error::{Error, Result};
use crate::io::{self, Source};
use crate::network::Network;
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::path::{Path, PathBuf};

/// Something that matrices can be drawn from.
pub struct Origin {
    /// What it is, in a few words.
    pub name: String,
    pub regions: Regions,
    law: Law,
    file: Option<PathBuf>,
}

enum Law {
    Random(AnyEnsemble),
    Given(Given),
}

impl Origin {
    /// What the options ask for.
    pub fn of(command: &SpectrumCommand) -> Result<Self> {
        if let Some(path) = &command.file {
            return Self::network(path);
        }
        if let Some(path) = &command.matrix {
            return Self::matrix(path, command.array.as_deref());
        }
        let law: AnyEnsemble = match (&command.config, &command.law.ensemble) {
            (Some(path), _) => io::read_toml(path)?,
            (None, Some(name)) => command.law.law(name)?,
            (None, None) => {
                let choices = "--ensemble LAW, --config LAW.toml, --matrix FILE, or the FILE of a network";
                return Err(Error::parameter("spectrum", "nothing to take eigenvalues of", choices));
            }
        };
        let file = command.config.clone();
        Ok(Origin { name: law_name(&law), regions: command.law.regions((400, 1))?, law: Law::Random(law), file })
    }

    /// J of a network times the slopes of phi at rest: x = 0 is stable where all real parts are below 1.
    fn network(path: &Path) -> Result<Self> {
        let network = read_network(path)?;
        let at_rest = network.connectivity.to_dense() * network.nonlinearity.slope(0.0);
        let given = Given { connectivity: Connectivity::dense(at_rest)? };
        let name = format!("{}, linearised at rest", path.display());
        Ok(Origin { name, regions: network.regions, law: Law::Given(given), file: Some(path.to_path_buf()) })
    }

    fn matrix(path: &Path, array: Option<&str>) -> Result<Self> {
        let arrays = io::read_arrays(path)?;
        let (name, array) = arrays.choose(array)?;
        let wrong = |error: Error| Error::file(path, format!("'{name}': {error}"), "give a square matrix of finite weights");
        let matrix: DMatrix<f64> = array.to_matrix().map_err(wrong)?;
        let regions = Regions::single("all", matrix.nrows().max(1))?;
        let given = Given { connectivity: Connectivity::dense(matrix).map_err(wrong)? };
        let name = format!("'{name}' of {}", path.display());
        Ok(Origin { name, regions, law: Law::Given(given), file: Some(path.to_path_buf()) })
    }

    pub fn law(&self) -> &dyn Ensemble {
        match &self.law {
            Law::Random(law) => law,
            Law::Given(law) => law,
        }
    }

    pub fn is_random(&self) -> bool {
        matches!(self.law, Law::Random(_))
    }

    pub fn prediction(&self) -> Option<Prediction> {
        self.law().prediction(&self.regions)
    }

    /// Gain of a matrix with independent entries of equal variance, whose smallest singular value has a law.
    pub fn plain_gain(&self) -> Option<f64> {
        match &self.law {
            Law::Random(AnyEnsemble::Gaussian(law)) => Some(law.gain),
            _ => None,
        }
    }

    /// Files that were read.
    pub fn files(&self) -> Vec<&Path> {
        self.file.iter().map(PathBuf::as_path).collect()
    }

    /// What the provenance tells.
    pub fn settings(&self) -> Vec<(&'static str, &dyn Settings)> {
        match &self.law {
            Law::Random(law) => vec![("regions", &self.regions as &dyn Settings), ("ensemble", law)],
            Law::Given(_) => vec![("regions", &self.regions)],
        }
    }
}

/// The name that a file gives to a law.
fn law_name(law: &AnyEnsemble) -> String {
    let table = toml::Table::try_from(law).expect("laws are plain tables");
    table.get("kind").and_then(toml::Value::as_str).unwrap_or("law").to_string()
}

/// The network of whichever kind of file this is.
fn read_network(path: &Path) -> Result<Network> {
    if io::is_fitted(path)? {
        return Ok(io::read_fitted(path)?.network);
    }
    if let Ok(network) = io::read_network(path) {
        return Ok(network);
    }
    let truth = Source::of(path).read().ok().and_then(|loaded| loaded.recorded.truth);
    let remedy = "give fitted.npz, network.npz, or the recording.npz of `simulate`; a bare matrix comes with --matrix";
    truth.ok_or_else(|| Error::file(path, "it holds no network", remedy))
}
