//! Records of CURBD's training (Perich et al. 2020).

use super::comparison::Comparison;
use crate::currents::Currents;
use crate::error::{Error, Result};
use crate::fit::pinning::{InitialState, Mode, Start};
use crate::fit::{Fitted, Normalisation, Pinning};
use crate::io::Arrays;
use crate::precision::Precision;
use crate::recording::Recording;
use crate::regions::{Projection, Regions};
use nalgebra::DMatrix;
use std::ops::ControlFlow;

/// The inputs of a run. `target_order`, the order of the units inside P, may stand beside them: P is symmetric under it.
pub(super) const KEYS: &[&str] = &["activity", "J0", "noise", "dt_data", "dt_factor", "tau", "p0", "n_train", "n_free"];

/// Roundings differ by the order of sums; two faithful implementations stay within 2e-11 of each other.
const TOLERANCE: f64 = 1e-9;

pub(super) fn run(arrays: &Arrays, comparison: &mut Comparison) -> Result<()> {
    let recording = recording(arrays)?;
    let config = config(arrays)?;
    let start = Start {
        connectivity: arrays.get("J0")?.to_matrix()?,
        noise: arrays.get("noise")?.to_matrix()?,
        plastic: (0..recording.neurons()).collect(),
    };
    let fitted = config.fit_from(&recording, &start, &mut |_| ControlFlow::Continue(()))?;
    compare_data(&recording, &fitted, config.mode, comparison)?;
    let chi2: Vec<f64> = fitted.history.iter().map(|pass| pass.chi2).collect();
    let explained: Vec<f64> = fitted.history.iter().map(|pass| pass.variance_explained).collect();
    comparison.vector("chi2", &chi2, TOLERANCE)?;
    comparison.vector("pvar", &explained, TOLERANCE)?;
    comparison.matrix("J", &fitted.network.connectivity.to_dense(), TOLERANCE)?;
    comparison.matrix("rates_last_run", &fitted.model.rates, TOLERANCE)?;
    compare_currents(arrays, &fitted, comparison)
}

/// The record names no regions; where it holds currents, A, B and C are thirds of the units.
fn recording(arrays: &Arrays) -> Result<Recording> {
    let activity = arrays.get("activity")?.to_matrix()?;
    let neurons = activity.nrows();
    let regions = match neurons % 3 {
        0 if neurons > 0 => Regions::new(["A", "B", "C"].map(|name| (name, neurons / 3)))?,
        _ => Regions::single("all", neurons)?,
    };
    Recording::new(activity, arrays.get("dt_data")?.scalar()?, regions)
}

fn config(arrays: &Arrays) -> Result<Pinning> {
    let mode = match arrays.text("mode").ok().and_then(|texts| texts.first()).map(String::as_str) {
        None | Some("python") | Some("curbd-python") => Mode::CurbdPython,
        Some("matlab") | Some("curbd-matlab") => Mode::CurbdMatlab,
        Some(other) => return Err(Error::parameter("mode", other, "python or matlab")),
    };
    Ok(Pinning {
        mode,
        steps_per_sample: count(arrays, "dt_factor")?,
        tau: vec![arrays.get("tau")?.scalar()?],
        learning_rate: arrays.get("p0")?.scalar()?,
        learning_passes: count(arrays, "n_train")?,
        free_passes: count(arrays, "n_free")?,
        normalisation: Normalisation::Global,
        initial_state: InitialState::Rates,
        precision: Precision::Double,
        ..Default::default()
    })
}

fn count(arrays: &Arrays, name: &str) -> Result<usize> {
    let value = arrays.get(name)?.scalar()?;
    if value >= 0.0 && value.fract() == 0.0 { Ok(value as usize) } else { Err(Error::parameter(name, value, "a whole number")) }
}

/// The data as the program trains on them, their standard deviation, and the times of the integration points.
fn compare_data(recording: &Recording, fitted: &Fitted, mode: Mode, comparison: &mut Comparison) -> Result<()> {
    let data =
        DMatrix::from_fn(recording.neurons(), recording.samples(), |i, k| (recording.rates[(i, k)] / fitted.scale[i]).clamp(-0.999, 0.999));
    let entries = data.len() as f64 - if mode == Mode::CurbdMatlab { 1.0 } else { 0.0 };
    let mean = data.mean();
    let deviation = (data.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / entries).sqrt();
    let times: Vec<f64> = (0..fitted.model.samples()).map(|step| fitted.model.clock.time(step)).collect();
    comparison.matrix("adata", &data, TOLERANCE)?;
    comparison.vector("std_data", &[deviation], TOLERANCE)?;
    comparison.vector("t_rnn", &times, TOLERANCE)
}

/// Every `current_<target>_from_<source>` of the file.
fn compare_currents(arrays: &Arrays, fitted: &Fitted, comparison: &mut Comparison) -> Result<()> {
    let currents = Currents::decompose(&fitted.network, &fitted.model)?;
    for (name, _) in arrays.numbers() {
        let Some((target, source)) = name.strip_prefix("current_").and_then(|rest| rest.split_once("_from_")) else { continue };
        comparison.matrix(name, currents.get(&Projection::new(source, target))?, TOLERANCE)?;
    }
    Ok(())
}
