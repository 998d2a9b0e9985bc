//! Where J comes from: a law, a file with a matrix, or a file with a network.

use super::super::law::law_name;
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
    /// The state at which a network is linearised, in a few words.
    pub state: &'static str,
    files: Vec<PathBuf>,
}

enum Law {
    Random(AnyEnsemble),
    Given(Given),
}

impl Origin {
    /// What the options ask for.
    pub fn of(command: &SpectrumCommand) -> Result<Self> {
        if let Some(path) = &command.file {
            return Self::network(path, command);
        }
        if command.at.is_some() {
            return Err(Error::parameter("--at", "given", "the FILE of a network to linearise there"));
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
        let files = command.config.iter().cloned().collect();
        Ok(Origin { name: law_name(&law), regions: command.law.regions((400, 1))?, law: Law::Random(law), state: "rest", files })
    }

    /// J of a network times the slopes of phi at rest or at a state: it is stable (where it is a fixed point) if all real parts are below 1.
    fn network(path: &Path, command: &SpectrumCommand) -> Result<Self> {
        let network = read_network(path)?;
        let at = command.at.as_deref().map(|file| state_of(file, command.state, network.neurons())).transpose()?;
        let state = at.clone().unwrap_or_else(|| vec![0.0; network.neurons()]);
        let mut matrix = network.connectivity.to_dense();
        for (mut column, x) in matrix.column_iter_mut().zip(&state) {
            column *= network.nonlinearity.slope(*x);
        }
        let given = Given { connectivity: Connectivity::dense(matrix)? };
        let (state, place) = match &command.at {
            Some(file) => ("the state", format!("state {} of {}", command.state, file.display())),
            None => ("rest", "rest".to_string()),
        };
        let name = format!("{}, linearised at {place}", path.display());
        let files = [Some(path), command.at.as_deref()].into_iter().flatten().map(Path::to_path_buf).collect();
        Ok(Origin { name, regions: network.regions, law: Law::Given(given), state, files })
    }

    fn matrix(path: &Path, array: Option<&str>) -> Result<Self> {
        let arrays = io::read_arrays(path)?;
        let (name, array) = arrays.choose(array)?;
        let wrong = |error: Error| Error::file(path, format!("'{name}': {error}"), "give a square matrix of finite weights");
        let matrix: DMatrix<f64> = array.to_matrix().map_err(wrong)?;
        let regions = Regions::single("all", matrix.nrows().max(1))?;
        let given = Given { connectivity: Connectivity::dense(matrix).map_err(wrong)? };
        let name = format!("'{name}' of {}", path.display());
        Ok(Origin { name, regions, law: Law::Given(given), state: "rest", files: vec![path.to_path_buf()] })
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
        self.files.iter().map(PathBuf::as_path).collect()
    }

    /// What the provenance tells.
    pub fn settings(&self) -> Vec<(&'static str, &dyn Settings)> {
        match &self.law {
            Law::Random(law) => vec![("regions", &self.regions as &dyn Settings), ("ensemble", law)],
            Law::Given(_) => vec![("regions", &self.regions)],
        }
    }
}

/// Activations (N values): row `state` of a matrix, or the only array with one number per neuron.
fn state_of(path: &Path, state: usize, neurons: usize) -> Result<Vec<f64>> {
    let arrays = io::read_arrays(path)?;
    let named = arrays.find("fixed_point_states").map(|array| ("fixed_point_states", array));
    let only = || arrays.numbers().first().filter(|_| arrays.numbers().len() == 1).map(|(name, array)| (name.as_str(), array));
    let (name, array) = named.or_else(only).map_or_else(|| arrays.choose(None), Ok)?;
    let values = array.values();
    let count = values.len() / neurons;
    let wide = matches!(array.shape(), [_, columns] if *columns == neurons) || values.len() == neurons;
    if !wide || state >= count || values.iter().any(|x| !x.is_finite()) {
        let problem = format!("'{name}' {} holds no finite state {state} of {neurons} neurons", array.describe());
        return Err(Error::file(path, problem, "give states × neurons, and one of them with --state 0, 1, …"));
    }
    Ok(values[state * neurons..(state + 1) * neurons].to_vec())
}

/// The network of whichever kind of file this is.
pub fn read_network(path: &Path) -> Result<Network> {
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
