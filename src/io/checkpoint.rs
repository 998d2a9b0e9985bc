//! Measurements of exponents under way, kept on disk.

use super::fields::Fields;
use super::npz::Packing;
use crate::analysis::{LyapunovRun, LyapunovSpectrum};
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use std::path::Path;

const FORMAT: &str = "checkpoint of exponents";

/// Writes a measurement under way as `.npz`; the file is whole and on disk when this returns. `job` says what is measured.
///
/// ```
/// use crosscurrent::analysis::{Lyapunov, LyapunovRun, Map};
/// use crosscurrent::io::{read_checkpoint, write_checkpoint};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("checkpoint.npz");
/// let mut doubling = Map::new(vec![0.1], |x, next| next[0] = (2.0 * x[0]).fract(), |_| nalgebra::dmatrix![2.0]);
/// let beginning = LyapunovRun::new(&Lyapunov::default(), &doubling)?;
/// let mut run = beginning.clone();
/// run.advance(&mut doubling)?;
/// write_checkpoint(&path, "doubling", &run)?;
/// assert_eq!(read_checkpoint(&path, "doubling", beginning.clone())?, run);
/// assert!(read_checkpoint(&path, "tripling", beginning).is_err());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be written.
pub fn write_checkpoint(path: &Path, job: &str, run: &LyapunovRun) -> Result<()> {
    let mut fields = Fields::new(FORMAT);
    // Texts of a file have a width; their lines are kept one by one.
    fields.arrays.push_text("job", job.lines().map(str::to_string).collect());
    fields.put_counts("progress", &[run.steps, run.interval]);
    fields.arrays.push_text("precision", vec![format!("{:?}", run.precision).to_lowercase()]);
    fields.put_number("expansion", run.expansion);
    fields.put_numbers("state", &run.state);
    fields.put_matrix("vectors", &run.vectors);
    let spectrum = &run.spectrum;
    let growth = DMatrix::from_fn(spectrum.growth.len(), spectrum.exponents.len(), |interval, k| spectrum.growth[interval][k]);
    fields.put_matrix("growth", &growth);
    fields.put_numbers("lengths", &spectrum.lengths);
    fields.arrays.write_npz(path, Packing::default())
}

/// What [`write_checkpoint`] wrote, as the continuation of `beginning`, the same measurement before its first step.
///
/// # Errors
/// [`Error::File`] when the file cannot be read, or belongs to another job.
pub fn read_checkpoint(path: &Path, job: &str, beginning: LyapunovRun) -> Result<LyapunovRun> {
    let fields = Fields::read(path, FORMAT)?;
    if !fields.arrays.text("job")?.iter().map(String::as_str).eq(job.lines()) {
        let remedy = "choose another output folder, or remove it to start anew";
        return Err(Error::file(path, "expected a checkpoint of this job, found one of another", remedy));
    }
    let [steps, interval] = fields.counts("progress")?[..] else {
        return Err(fields.wrong("progress", "expected two numbers"));
    };
    if fields.arrays.text("precision")? != [format!("{:?}", beginning.precision).to_lowercase()] {
        return Err(fields.wrong("precision", "vectors of another precision"));
    }
    let (state, vectors) = (fields.numbers("state")?.to_vec(), fields.matrix("vectors")?);
    if state.len() != beginning.state.len() || vectors.shape() != beginning.vectors.shape() {
        return Err(fields.wrong("vectors", "another number of dimensions or exponents"));
    }
    let (growth, lengths) = (fields.matrix("growth")?, fields.numbers("lengths")?);
    if growth.shape() != (lengths.len(), vectors.ncols()) {
        return Err(fields.wrong("growth", "another number of intervals or exponents"));
    }
    let mut spectrum = LyapunovSpectrum::new(vectors.ncols());
    // In the same order as they came, so that sums have the same bits.
    for (row, &length) in growth.row_iter().zip(lengths) {
        spectrum.push(&row.iter().copied().collect::<Vec<f64>>(), length);
    }
    Ok(LyapunovRun { steps, interval, state, vectors, expansion: fields.number("expansion")?, spectrum, ..beginning })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Lyapunov, NetworkTangent};
    use crate::clock::Clock;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::input::{Drive, Sine};
    use crate::integrator::Heun;
    use crate::network::Network;
    use crate::noise::Noise;
    use crate::nonlinearity::Tanh;
    use crate::precision::Precision;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use crate::simulation::Simulation;

    #[test]
    fn a_resumed_measurement_gives_the_same_bits_wherever_it_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.npz");
        let regions = Regions::single("all", 20).unwrap();
        let network =
            Network::new(regions.clone(), Gaussian { gain: 3.0, autapses: true }.sample(&regions, Seed(3)).unwrap(), Tanh, &[1.0]).unwrap();
        let white = Noise::White { strength: 0.2 };
        let filtered = Noise::Filtered { deviation: 0.3, tau: 2.0 };
        for (noise, precision) in [(white, Precision::Double), (filtered, Precision::Double), (white, Precision::Single)] {
            let simulation = Simulation {
                clock: Clock::with_steps(0.1, 1).unwrap(),
                transient: 5.0,
                integrator: Heun.into(),
                inputs: vec![Drive::all(Sine::default(), 20)],
                noise,
                ..Default::default()
            };
            let settings = Lyapunov { exponents: 4, duration: 20.0, transient: 5.0, alignment: 3.0, precision, ..Default::default() };
            let system = || NetworkTangent::new(&network, &simulation).unwrap();
            let beginning = LyapunovRun::new(&settings, &system()).unwrap();
            let mut whole = (beginning.clone(), system());
            while !whole.0.is_done() {
                whole.0.advance(&mut whole.1).unwrap();
            }
            // Stops in the transient, in the alignment and in the measurement, again and again.
            let mut run = beginning.clone();
            while !run.is_done() {
                let mut fresh = system();
                run.place(&mut fresh).unwrap();
                run.advance(&mut fresh).unwrap();
                write_checkpoint(&path, "a job\nof two lines", &run).unwrap();
                run = read_checkpoint(&path, "a job\nof two lines", beginning.clone()).unwrap();
            }
            let other = Lyapunov { precision: Precision::Mixed, ..settings };
            let refused = read_checkpoint(&path, "a job\nof two lines", LyapunovRun::new(&other, &system()).unwrap());
            assert!(refused.unwrap_err().to_string().contains("precision"), "vectors of another precision are not taken up");
            assert_eq!(run, whole.0);
            assert_eq!(run.spectrum().time(), whole.0.spectrum().time());
        }
    }
}
