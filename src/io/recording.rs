//! Recordings in files: rates with everything that is known about them.

use super::array::Array;
use super::arrays::Arrays;
use super::fields::Fields;
use super::network;
use super::npz::Packing;
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::path::Path;

const FORMAT: &str = "recording";

/// A recording, where its neurons stood before they were sorted by region, and the network that made it where that is known.
///
/// ```
/// use crosscurrent::{Recording, Regions, io::Recorded};
/// use nalgebra::dmatrix;
/// let recording = Recording::new(dmatrix![1.0, 2.0; 3.0, 4.0; 5.0, 6.0], 0.1, Regions::single("all", 3)?)?;
/// let sorted = Recorded::from(recording).select(&[2, 0], Regions::new([("A", 1), ("B", 1)])?)?;
/// assert_eq!(sorted.neuron_index, [2, 0]);
/// assert_eq!(sorted.recording.rates, dmatrix![5.0, 6.0; 1.0, 2.0]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The activity.
    pub recording: Recording,
    /// Row of each neuron in the file that it was first read from, counted from 0.
    pub neuron_index: Vec<usize>,
    /// The network that made the recording.
    pub truth: Option<Network>,
}

impl From<Recording> for Recorded {
    fn from(recording: Recording) -> Self {
        Recorded { neuron_index: (0..recording.neurons()).collect(), recording, truth: None }
    }
}

impl Recorded {
    /// The neurons in `rows`, in that order, as `regions`. The truth stays where all neurons do: a part of a network is no network.
    ///
    /// # Errors
    /// A row beyond the neurons or twice; regions that do not cover the rows.
    pub fn select(&self, rows: &[usize], regions: Regions) -> Result<Recorded> {
        let neurons = self.recording.neurons();
        if let Some((_, row)) = rows.iter().enumerate().find(|&(at, row)| *row >= neurons || rows[..at].contains(row)) {
            return Err(Error::parameter("neuron", row, format!("a number below {neurons}, once")));
        }
        let recording = Recording {
            rates: self.recording.rates.select_rows(rows),
            inputs: self.recording.inputs.as_ref().map(|inputs| inputs.select_rows(rows)),
            anatomy: self.recording.anatomy.as_ref().map(|anatomy| anatomy.select_rows(rows).select_columns(rows)),
            regions: regions.clone(),
            ..self.recording.clone()
        };
        recording.check()?;
        let truth = self.truth.as_ref().filter(|_| rows.len() == neurons).map(|truth| {
            let j = truth.connectivity.to_dense();
            let permuted = DMatrix::from_fn(neurons, neurons, |i, k| j[(rows[i], rows[k])]);
            let tau: Vec<f64> = rows.iter().map(|&row| truth.tau[row]).collect();
            Network::from_parts(regions, Connectivity::Dense(permuted), truth.nonlinearity.clone(), &tau)
        });
        Ok(Recorded { recording, neuron_index: rows.iter().map(|&row| self.neuron_index[row]).collect(), truth: truth.transpose()? })
    }
}

/// Writes a recording as `.npz`: `rates`, `dt_s`, `region_names`, `region_sizes`, `trial_starts`, `neuron_index`, `inputs` and
/// `anatomy` where they are known, and `connectivity`, `tau` and `nonlinearity` (TOML) where the truth is. The same content gives the same bytes.
///
/// ```
/// use crosscurrent::{Recording, Regions, io};
/// use nalgebra::dmatrix;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("recording.npz");
/// let recording = Recording::new(dmatrix![0.1, 0.2; 0.3, 0.4], 0.05, Regions::new([("A", 1), ("B", 1)])?)?;
/// io::write_recording(&path, &recording.clone().into())?;
/// assert_eq!(io::read_recording(&path)?.recording, recording);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be written, [`Error::Parameter`] for a nonlinearity that files cannot name.
pub fn write_recording(path: &Path, recorded: &Recorded) -> Result<()> {
    let Recorded { recording, neuron_index, truth } = recorded;
    let mut fields = Fields::new(FORMAT);
    put(&mut fields, recording, "");
    fields.put_regions(&recording.regions);
    fields.put_counts("neuron_index", neuron_index);
    if let Some(truth) = truth {
        network::put(&mut fields, truth)?;
    }
    fields.arrays.write_npz(path, Packing::default())
}

/// Reads what [`write_recording`] wrote. Files of others are read by [`super::Source`].
///
/// # Errors
/// [`Error::File`] that names what is missing or does not fit.
pub fn read_recording(path: &Path) -> Result<Recorded> {
    recorded(&Fields::read(path, FORMAT)?)
}

/// The recording in `arrays` of the file at `path`, if they are of our format.
pub(super) fn from_arrays(arrays: &Arrays, path: &Path) -> Result<Option<Recorded>> {
    Fields::is(arrays, FORMAT).then(|| recorded(&Fields::of(arrays.clone(), path))).transpose()
}

fn recorded(fields: &Fields) -> Result<Recorded> {
    let recording = get(fields, "", fields.regions()?)?;
    let neuron_index = fields.counts("neuron_index")?;
    if neuron_index.len() != recording.neurons() {
        let problem = format!("expected {} numbers, one per neuron, found {}", recording.neurons(), neuron_index.len());
        return Err(fields.wrong("neuron_index", problem));
    }
    let truth = fields.has("connectivity").then(|| network::get(fields)).transpose()?;
    Ok(Recorded { recording, neuron_index, truth })
}

/// Adds a recording without its regions; `prefix` stands before every name.
pub(super) fn put(fields: &mut Fields, recording: &Recording, prefix: &str) {
    fields.put_matrix(&format!("{prefix}rates"), &recording.rates);
    fields.arrays.push(format!("{prefix}dt_s"), Array::of(recording.clock.dt()));
    fields.put_counts(&format!("{prefix}trial_starts"), &recording.trial_starts);
    if let Some(inputs) = &recording.inputs {
        fields.put_matrix(&format!("{prefix}inputs"), inputs);
    }
    if let Some(anatomy) = &recording.anatomy {
        fields.put_matrix(&format!("{prefix}anatomy"), anatomy);
    }
}

/// The recording that [`put`] added.
pub(super) fn get(fields: &Fields, prefix: &str, regions: Regions) -> Result<Recording> {
    let name = |field: &str| format!("{prefix}{field}");
    let wrong = |error: Error| fields.wrong(&name("rates"), error);
    let mut recording = Recording::new(fields.matrix(&name("rates"))?, fields.number(&name("dt_s"))?, regions).map_err(wrong)?;
    recording.trial_starts = fields.counts(&name("trial_starts"))?;
    recording.inputs = fields.matrix_if(&name("inputs"))?;
    recording.anatomy = fields.matrix_if(&name("anatomy"))?;
    recording.check().map_err(wrong)?;
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::nonlinearity::Tanh;
    use crate::seed::Seed;

    fn full() -> Recorded {
        let regions = Regions::new([("A", 2), ("B", 3)]).unwrap();
        let mut recording =
            Recording::new(DMatrix::from_fn(5, 8, |i, k| 0.1 * i as f64 + 1e-17 * k as f64), 1.89, regions.clone()).unwrap();
        recording.trial_starts = vec![0, 3];
        recording.inputs = Some(DMatrix::from_fn(5, 8, |i, k| (i * k) as f64));
        recording.anatomy = Some(DMatrix::from_fn(5, 5, |i, k| (i * k) as f64));
        let j = Gaussian::default().sample(&regions, Seed(1)).unwrap();
        let truth = Network::new(regions, j, Tanh, &[0.1, 0.2]).unwrap();
        Recorded { recording, neuron_index: vec![4, 2, 0, 1, 3], truth: Some(truth) }
    }

    #[test]
    fn everything_comes_back_and_the_same_content_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a.npz"), folder.path().join("b.npz"));
        write_recording(&first, &full()).unwrap();
        let back = read_recording(&first).unwrap();
        assert_eq!(back.recording, full().recording);
        assert_eq!(back.neuron_index, full().neuron_index);
        let (truth, expected) = (back.truth.clone().unwrap(), full().truth.unwrap());
        assert_eq!((truth.connectivity, truth.tau, truth.regions), (expected.connectivity, expected.tau, expected.regions));
        write_recording(&second, &back).unwrap();
        assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    }

    #[test]
    fn sorting_neurons_sorts_the_truth_and_dropping_some_forgets_it() {
        let full = full();
        let rows = [3, 0, 4, 2, 1];
        let sorted = full.select(&rows, Regions::new([("X", 1), ("Y", 4)]).unwrap()).unwrap();
        assert_eq!(sorted.neuron_index, [1, 4, 3, 0, 2]);
        let (before, after) = (full.truth.as_ref().unwrap(), sorted.truth.as_ref().unwrap());
        assert_eq!(after.connectivity.to_dense()[(0, 2)], before.connectivity.to_dense()[(3, 4)]);
        assert_eq!(after.tau[1], before.tau[0]);
        assert_eq!(sorted.recording.anatomy.as_ref().unwrap()[(0, 2)], 12.0);
        assert_eq!(sorted.recording.inputs.as_ref().unwrap()[(0, 2)], 6.0);
        assert!(full.select(&[0, 1], Regions::single("all", 2).unwrap()).unwrap().truth.is_none());
        assert!(full.select(&[0, 0], Regions::single("all", 2).unwrap()).is_err());
        assert!(full.select(&[5], Regions::single("all", 1).unwrap()).is_err());
    }

    #[test]
    fn fields_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let mut fields = Fields::new(FORMAT);
        put(&mut fields, &full().recording, "");
        fields.put_regions(&Regions::single("all", 4).unwrap());
        fields.put_counts("neuron_index", &[0]);
        fields.arrays.write_npz(&path, Packing::default()).unwrap();
        let message = read_recording(&path).unwrap_err().to_string();
        assert!(message.contains("a.npz") && message.contains("'rates'") && message.contains("5 neurons"), "{message}");
    }
}
