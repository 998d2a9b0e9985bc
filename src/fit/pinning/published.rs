//! The schedules of the published CURBD programs, quirks included (Perich et al. 2020; docs/decisions.md lists the quirks).

use super::schedule::Schedule;
use super::{ErrorOn, Mode, Pinning};
use crate::error::{Error, Result};
use crate::recording::Recording;

/// What the published programs cannot do.
pub(super) fn check(config: &Pinning, recording: &Recording) -> Result<()> {
    if recording.anatomy.is_some() || !config.signs.is_empty() {
        return Err(Error::parameter(
            "mode",
            "a compatibility mode with an anatomy or signs",
            "corrected: the published programs know neither",
        ));
    }
    if config.error != ErrorOn::Rates {
        return Err(Error::parameter("error", "currents", "rates: the published programs know no other"));
    }
    if config.mode == Mode::CurbdPython && recording.trial_starts.len() > 1 {
        let found = format!("{} trials", recording.trial_starts.len());
        return Err(Error::parameter(
            "mode",
            format!("curbd-python with {found}"),
            "one trial: the published Python program fails at every reset; use corrected",
        ));
    }
    if config.held_out > 0.0 || config.patience.is_some() {
        return Err(Error::parameter(
            "held-out fraction",
            config.held_out,
            "0 in the compatibility modes: cut the recording before the fit",
        ));
    }
    Ok(())
}

/// A target is read one sample late (the first update, near sample 1, has sample 0 as its target), the time since the last update is a
/// sum of floating-point steps, and samples are compared at the nearest point in time.
pub(super) fn schedule(config: &Pinning, recording: &Recording) -> Result<Schedule> {
    let (samples, factor, dt_data) = (recording.samples(), config.steps_per_sample, recording.clock.dt());
    let dt = dt_data / factor as f64;
    let end = dt_data * (samples - 1) as f64;
    let steps = match config.mode {
        // arange(0, end + dt, dt) has ceil((end + dt) / dt) points: one more than it should where the ratio rounds up.
        Mode::CurbdPython => ((end + dt) / dt).ceil() as usize,
        // The colon operator forgives rounding: 0:dt:end has the last point.
        _ => (samples - 1) * factor + 1,
    };
    let mut schedule = Schedule { steps, first: 1, learn: vec![None; steps], reset: vec![None; steps], sample_columns: Vec::new() };
    let (mut since, mut target) = (0.0, 0);
    for t in 1..steps {
        since += dt;
        if since >= dt_data {
            since = 0.0;
            schedule.learn[t] = Some(target);
            target += 1;
        }
    }
    schedule.sample_columns = (0..samples).map(|sample| nearest(dt_data * sample as f64, dt, steps)).collect();
    if config.mode == Mode::CurbdMatlab {
        matlab_resets(&mut schedule, recording, factor)?;
    }
    Ok(schedule)
}

/// First of the points t · dt that are nearest to `time`.
fn nearest(time: f64, dt: f64, steps: usize) -> usize {
    let guess = (time / dt).round() as usize;
    let candidates = guess.saturating_sub(2)..(guess + 3).min(steps);
    let distance = |t: &usize| (t.to_owned() as f64 * dt - time).abs();
    candidates.min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("the points cover the samples")
}

/// A reset point is documented as a sample but used as an integration point, one-based; the sample it reads is floor(point / factor) + 1,
/// one-based, and the first point never resets.
fn matlab_resets(schedule: &mut Schedule, recording: &Recording, factor: usize) -> Result<()> {
    for &start in recording.trial_starts.iter().filter(|&&start| start > 0 && start < schedule.steps) {
        let sample = (start + 1) / factor;
        if sample >= recording.samples() {
            return Err(Error::parameter("trial starts", start, "an earlier sample: the published MATLAB program reads past the end here"));
        }
        schedule.reset[start] = Some(sample);
    }
    Ok(())
}
