//! A whole series, sample by sample.

use super::Tracker;
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use std::ops::Range;

/// What a tracker gave over a series; every matrix is outputs × time.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// z.
    pub output: DMatrix<f64>,
    /// z minus the target.
    pub error: DMatrix<f64>,
    /// Sum over the neurons of |weight change that the error asks for|: the error trace E(t).
    pub learning_error: DMatrix<f64>,
}

/// Runs `tracker` over a series: `input` is inputs × time, `target` outputs × time (in TRAKR, both are the signal); the readout learns at
/// the samples in `plastic`.
///
/// ```
/// use crosscurrent::track::{Tracker, Tracking, Wiring, track};
/// use crosscurrent::{Ensemble, Network, Regions, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// use nalgebra::DMatrix;
/// let regions = Regions::single("reservoir", 30)?;
/// let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[1.0])?;
/// let mut trained = Tracker::new(&network, Tracking::default(), &Wiring::sample(30, 1, 1, Seed(2)))?;
/// let sine = |rate: f64| DMatrix::from_fn(1, 2000, |_, k| (rate * k as f64).sin());
/// track(&mut trained, &sine(0.1), &sine(0.1), 0..2000)?;
/// let deviation = |signal: &DMatrix<f64>| Ok::<f64, crosscurrent::Error>(track(&mut trained.clone(), signal, signal, 0..0)?.learning_error.sum());
/// assert!(deviation(&sine(0.03))? > 2.0 * deviation(&sine(0.1))?);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when input and target differ in length or do not fit the tracker, [`Error::Parameter`] when `plastic` reaches past the
/// end, and as [`Tracker::step`].
pub fn track(tracker: &mut Tracker, input: &DMatrix<f64>, target: &DMatrix<f64>, plastic: Range<usize>) -> Result<Track> {
    let samples = input.ncols();
    if target.ncols() != samples {
        return Err(Error::shape("target of a series", format!("{samples} samples, as the input"), target.ncols()));
    }
    if plastic.end > samples {
        return Err(Error::parameter("plastic samples", format!("{plastic:?}"), format!("within the {samples} samples")));
    }
    let empty = DMatrix::zeros(target.nrows(), samples);
    let mut result = Track { output: empty.clone(), error: empty.clone(), learning_error: empty };
    for sample in 0..samples {
        let (f, d) = (input.column(sample), target.column(sample));
        let step = tracker.step(f.as_slice(), d.as_slice(), plastic.contains(&sample))?;
        result.output.column_mut(sample).copy_from_slice(step.output);
        result.error.column_mut(sample).copy_from_slice(step.error);
        result.learning_error.column_mut(sample).copy_from_slice(step.learning_error);
    }
    Ok(result)
}
