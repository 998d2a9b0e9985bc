//! Analyses of time courses: timescales and power spectrum.

use super::activity::BLOCKS;
use super::context::{Context, parts};
use super::figure::{colour_of, shown, zero};
use super::outcome::{Outcome, Row};
use crate::analysis::{Autocorrelation, PowerSpectrum, Spectrum};
use crate::error::{Error, Result};
use crate::io::Array;
use crate::plot::{Axis, Band, Legend, Line, Mark, Panel, Scale};

/// A peak has to rise this many standard errors out of its valleys: a spectrum has hundreds of bins.
const RISE: f64 = 4.0;

/// A correlation above this at the longest lag has not died away: its integral is too small, and the bias of the mean remains.
const REMAINS: f64 = 0.2;

/// Largest block that is chosen without being asked for.
const LARGEST_BLOCK: usize = 4096;

/// Half-width and integral of the autocorrelation, of all neurons and of each region.
pub fn timescales(context: &Context) -> Result<Outcome> {
    let recording = context.recording()?;
    let method = Autocorrelation { longest: context.longest(), blocks: BLOCKS.min(recording.samples()), ..Default::default() };
    let mut outcome = Outcome::default();
    let mut marks = vec![zero()];
    for (place, (name, part)) in parts(recording)?.into_iter().enumerate() {
        let found = method.of(&part)?;
        outcome.rows.push(Row::estimate("timescales", &name, "half-width of the autocorrelation", found.half_width).unit("s"));
        outcome.rows.push(Row::estimate("timescales", &name, "integral of the autocorrelation", found.integral).unit("s"));
        let (x, curve) = (found.correlation.lags(), found.correlation);
        if let (Some(lag), Some(left)) = (x.last(), curve.values.last().filter(|left| **left > REMAINS)) {
            outcome
                .remarks
                .push(format!("timescales of {name}: the correlation is still {left:.2} at {lag:.3} s (--longest asks for longer lags)"));
        }
        if place == 0 {
            let shifted = |sign: f64| curve.values.iter().zip(&curve.errors).map(|(value, error)| value + sign * error).collect();
            marks.push(
                Band { x: x.clone(), low: shifted(-1.0), high: shifted(1.0), label: "± 1 standard error".into(), ..Band::default() }.into(),
            );
            outcome.keep("lags_s", Array::vector(x.clone()));
        }
        outcome.keep(&format!("autocorrelation_{name}"), Array::vector(curve.values.clone()));
        outcome.keep(&format!("autocorrelation_error_{name}"), Array::vector(curve.errors.clone()));
        if shown(recording, place) {
            let (colour, width) = (colour_of(place), if place == 0 { 2.0 } else { 1.2 });
            marks.push(Line { x, y: curve.values, colour, width, label: name, ..Line::default() }.into());
        }
    }
    let (x, y) = (Axis::new("lag (s)"), Axis::new("autocorrelation"));
    outcome.panels.push(Panel { title: "Memory".into(), x, y, marks, legend: Legend::TopRight, ..Panel::default() });
    Ok(outcome)
}

/// Peak and middle of the power spectrum, of all neurons and of each region.
pub fn spectrum(context: &Context) -> Result<Outcome> {
    let recording = context.recording()?;
    let longest = recording.trials().map(|trial| trial.len()).max().unwrap_or(0);
    // At most a quarter of a trial: with overlap at least seven blocks.
    let block = context.block().unwrap_or(1 << (longest / 4).clamp(1, LARGEST_BLOCK).ilog2());
    if context.block().is_none() && block < 16 {
        let problem = format!("the longest trial has {longest} samples, 64 are needed");
        return Err(Error::data("the recording", problem, "give a longer one, or say --block"));
    }
    let mut outcome = Outcome::default();
    let mut marks: Vec<Mark> = Vec::new();
    for (place, (name, part)) in parts(recording)?.into_iter().enumerate() {
        let found = PowerSpectrum { block, ..Default::default() }.of(&part)?;
        rows(&mut outcome, &name, &found);
        if place == 0 {
            let shifted = |sign: f64| found.density[1..].iter().zip(&found.error[1..]).map(|(d, e)| (d + sign * e).max(0.2 * d)).collect();
            let (x, low, high) = (found.frequency[1..].to_vec(), shifted(-1.0), shifted(1.0));
            marks.push(Band { x, low, high, label: "± 1 standard error".into(), ..Band::default() }.into());
            outcome.keep("frequency_hz", Array::vector(found.frequency.clone()));
            if let Some(peak) = found.peak(RISE) {
                marks.push(Mark::vline(peak.frequency, "peak"));
            }
        }
        outcome.keep(&format!("power_{name}"), Array::vector(found.density.clone()));
        outcome.keep(&format!("power_error_{name}"), Array::vector(found.error.clone()));
        if shown(recording, place) {
            let (x, y) = (found.frequency[1..].to_vec(), found.density[1..].to_vec());
            let (colour, width) = (colour_of(place), if place == 0 { 2.0 } else { 1.2 });
            marks.push(Line { x, y, colour, width, label: name, ..Line::default() }.into());
        }
    }
    let log = |label: &str| Axis { scale: Scale::Log, ..Axis::new(label) };
    let (x, y) = (log("frequency (Hz)"), log("power density (rate²/Hz)"));
    outcome.panels.push(Panel { title: "Power spectrum".into(), x, y, marks, legend: Legend::BottomLeft, ..Panel::default() });
    Ok(outcome)
}

fn rows(outcome: &mut Outcome, name: &str, found: &Spectrum) {
    let peak = found.peak(RISE);
    let frequency = Row::new("spectrum", name, "peak frequency", peak.map_or(f64::NAN, |peak| peak.frequency)).unit("Hz");
    // A frequency is known to half of the distance between bins.
    outcome.rows.push(Row { standard_error: peak.map(|peak| 0.5 * peak.resolution), ..frequency });
    if let Some(peak) = peak {
        outcome.rows.push(Row::new("spectrum", name, "peak over the valley beside it", peak.prominence));
    }
    let (mut sum, half) = (0.0, 0.5 * found.density.iter().sum::<f64>());
    let middle = found.density.iter().position(|density| {
        sum += density;
        sum >= half
    });
    let middle = middle.map_or(f64::NAN, |bin| found.frequency[bin]);
    let row = Row::new("spectrum", name, "half of the power is below", middle).unit("Hz");
    outcome.rows.push(Row { standard_error: Some(0.5 * found.resolution()), ..row });
}
