//! Records of TRAKR's dynamics (Afzal et al. 2021): a training phase, plastic throughout, and a frozen test from where it ended.

use super::comparison::Comparison;
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::io::Arrays;
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::track::{Rule, Track, Tracker, Tracking, Wiring, track};
use nalgebra::DMatrix;

pub(super) const KEYS: &[&str] = &["J", "x0", "w_in", "w_out", "train_signal", "test_signal", "tau", "dt", "alpha"];

/// The states depend on each other over hundreds of steps, and P on all of them.
const TOLERANCE: f64 = 1e-8;

pub(super) fn run(arrays: &Arrays, comparison: &mut Comparison) -> Result<()> {
    let mut tracker = tracker(arrays)?;
    let train = phase(arrays, &mut tracker, "train", true)?;
    compare_phase("train", &train, comparison)?;
    comparison.matrix("w_trained", &tracker.readout(), TOLERANCE)?;
    comparison.vector("x_after_train", tracker.state(), TOLERANCE)?;
    comparison.matrix("P_after_train", &tracker.inverse_correlation(), TOLERANCE)?;
    let test = phase(arrays, &mut tracker, "test", false)?;
    compare_phase("test", &test, comparison)?;
    comparison.matrix("P_after_test", &tracker.inverse_correlation(), TOLERANCE)
}

fn tracker(arrays: &Arrays) -> Result<Tracker> {
    let values = |name: &str| arrays.get(name).map(|array| array.values().to_vec());
    let state = values("x0")?;
    let (input, readout, neurons) = (values("w_in")?, values("w_out")?, state.len());
    for (name, found) in [("w_in", input.len()), ("w_out", readout.len())] {
        if found != neurons {
            return Err(Error::shape(format!("recorded array '{name}'"), format!("{neurons} values, as x0"), found));
        }
    }
    let connectivity = Connectivity::dense(arrays.get("J")?.to_matrix()?)?;
    let network = Network::new(Regions::single("reservoir", neurons)?, connectivity, Tanh, &[arrays.get("tau")?.scalar()?])?;
    let tracking = Tracking { rule: Rule::Published, dt: arrays.get("dt")?.scalar()?, learning_rate: arrays.get("alpha")?.scalar()? };
    let wiring =
        Wiring { input: DMatrix::from_vec(neurons, 1, input), readout: DMatrix::from_vec(1, neurons, readout), feedback: None, state };
    Tracker::new(&network, tracking, &wiring)
}

fn phase(arrays: &Arrays, tracker: &mut Tracker, name: &str, plastic: bool) -> Result<Track> {
    let signal = arrays.get(&format!("{name}_signal"))?.values();
    let signal = DMatrix::from_row_slice(1, signal.len(), signal);
    track(tracker, &signal, &signal, 0..if plastic { signal.ncols() } else { 0 })
}

fn compare_phase(name: &str, track: &Track, comparison: &mut Comparison) -> Result<()> {
    comparison.matrix(&format!("{name}_error"), &track.error, TOLERANCE)?;
    comparison.matrix(&format!("{name}_learning_error"), &track.learning_error, TOLERANCE)?;
    comparison.matrix(&format!("{name}_output"), &track.output, TOLERANCE)
}
