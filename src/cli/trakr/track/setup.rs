//! From options to a trained detector.

use super::TrackCommand;
use crate::ensemble::Ensemble;
use crate::error::{Error, Result, in_range, positive};
use crate::io::{Source, Spikes, Stream, read_event_times};
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::recording::Recording;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::track::{Alignment, Detection, Detector, Series, Tracker, Tracking, Wiring};
use nalgebra::DMatrix;
use std::ops::Range;

/// Samples per default time constant: the published step is a tenth of it.
const SAMPLES_PER_TAU: f64 = 10.0;

/// Everything that a pass over the recording needs.
pub struct Setup {
    pub samples: Samples,
    pub inputs: Vec<usize>,
    pub targets: Vec<usize>,
    pub train: Range<usize>,
    pub calibrate: Range<usize>,
    pub detector: Detector,
    pub tracking: Tracking,
    pub detection: Detection,
    pub tau: f64,
    pub units: usize,
    pub notices: Vec<String>,
}

/// Where the samples come from.
pub enum Samples {
    Stream(Stream),
    Rates(Recording),
}

impl Samples {
    pub fn channels(&self) -> usize {
        match self {
            Samples::Stream(stream) => stream.channels(),
            Samples::Rates(recording) => recording.neurons(),
        }
    }

    pub fn count(&self) -> usize {
        match self {
            Samples::Stream(stream) => stream.samples(),
            Samples::Rates(recording) => recording.samples(),
        }
    }

    pub fn dt(&self) -> f64 {
        match self {
            Samples::Stream(stream) => stream.dt(),
            Samples::Rates(recording) => recording.clock.dt(),
        }
    }

    /// Gives the samples in `range` to `each`, in order.
    pub fn read(&mut self, range: Range<usize>, mut each: impl FnMut(usize, &[f64]) -> Result<()>) -> Result<()> {
        match self {
            Samples::Stream(stream) => stream.read(range, each),
            Samples::Rates(recording) => range.into_iter().try_for_each(|k| each(k, recording.rates.column(k).as_slice())),
        }
    }
}

impl TrackCommand {
    /// Reads the stretches, trains and calibrates.
    pub fn setup(&self, seed: Seed) -> Result<Setup> {
        let mut notices = Vec::new();
        let mut samples = self.samples(&mut notices)?;
        let (dt, count) = (samples.dt(), samples.count());
        let all: Vec<usize> = (0..samples.channels()).collect();
        let inputs = self.channels.as_ref().map_or(Ok(all), |list| list.of("channels", samples.channels()))?;
        let targets = self.targets.as_ref().map_or(Ok(inputs.clone()), |list| list.of("targets", samples.channels()))?;
        let (train, calibrate) = self.stretches(dt, count)?;
        let tau = positive("tau", self.tau.unwrap_or(SAMPLES_PER_TAU * dt))?;
        if tau < 2.0 * dt {
            return Err(Error::parameter("tau", tau, format!("at least two samples, {} s", 2.0 * dt)));
        }
        let tracking = Tracking { rule: self.rule.into(), dt, learning_rate: self.alpha };
        let judged = (count - train.len() - calibrate.len()) as f64 * dt;
        let detection =
            Detection { false_alarm: self.false_alarm, horizon: judged.max(dt), block: self.block, frozen_correlation: !self.shrinking };
        let mut series = |range: &Range<usize>| series(&mut samples, range.clone(), (&inputs, &targets));
        let (training, calibration) = (series(&train)?, series(&calibrate)?);
        let tracker = self.tracker((inputs.len(), targets.len()), tau, tracking, seed)?;
        let detector = Detector::new(tracker, &training, &calibration, detection)?;
        Ok(Setup { samples, inputs, targets, train, calibrate, detector, tracking, detection, tau, units: self.units, notices })
    }

    fn samples(&self, notices: &mut Vec<String>) -> Result<Samples> {
        if self.spikes {
            let (recording, units) = Spikes { file: self.file.clone(), bin: self.bin, smooth: self.smooth }.read()?;
            notices.push(format!("spikes of {} units in bins of {} s", units.len(), self.bin));
            return Ok(Samples::Rates(recording));
        }
        let source = Source {
            array: self.array.clone(),
            slice: self.slice,
            transpose: self.transpose,
            dt: self.dt,
            ..Source::of(self.file.clone())
        };
        let stream = source.stream()?;
        notices.extend(stream.notices.iter().cloned());
        Ok(Samples::Stream(stream))
    }

    /// What is learned and what calibrates.
    fn stretches(&self, dt: f64, count: usize) -> Result<(Range<usize>, Range<usize>)> {
        let train = self.train.samples("train", dt, count)?;
        let Some(calibrate) = self.calibrate else {
            let middle = train.start + train.len() / 2;
            return Ok((train.start..middle, middle..train.end));
        };
        let calibrate = calibrate.samples("calibrate", dt, count)?;
        if calibrate.start < train.end && train.start < calibrate.end {
            let expected = "a stretch that does not overlap --train: the errors of what was learned are too small";
            return Err(Error::parameter("calibrate", format!("{}:{}", calibrate.start as f64 * dt, calibrate.end as f64 * dt), expected));
        }
        Ok((train, calibrate))
    }

    fn tracker(&self, (inputs, outputs): (usize, usize), tau: f64, tracking: Tracking, seed: Seed) -> Result<Tracker> {
        in_range("units", self.units as f64, 1.0..=10_000.0, "from 1 to 10000")?;
        let regions = Regions::single("reservoir", self.units)?;
        let j = self.reservoir.law()?.sample(&regions, seed.child("reservoir"))?;
        let network = Network::new(regions, j, Tanh, &[tau])?;
        let wiring = Wiring::sample(self.units, inputs, outputs, seed.child("wiring"));
        let wiring = match self.feedback {
            Some(amplitude) => wiring.with_feedback(positive("feedback", amplitude)?, seed.child("wiring")),
            None => wiring,
        };
        Tracker::new(&network, tracking, &wiring)
    }

    /// Events beside the course of the errors.
    pub fn align(&self, pass: &super::Pass, seed: Seed) -> Result<Option<Alignment>> {
        let Some(events) = &self.events else { return Ok(None) };
        pass.course.align(&read_event_times(events)?, self.window.0, seed).map(Some)
    }
}

/// The chosen channels in a range.
fn series(samples: &mut Samples, range: Range<usize>, (inputs, targets): (&[usize], &[usize])) -> Result<Series> {
    let (mut input, mut target) = (Vec::new(), Vec::new());
    samples.read(range.clone(), |_, values| {
        input.extend(inputs.iter().map(|&channel| values[channel]));
        target.extend(targets.iter().map(|&channel| values[channel]));
        Ok(())
    })?;
    let target = (inputs != targets).then(|| DMatrix::from_vec(targets.len(), range.len(), target));
    Ok(Series { input: DMatrix::from_vec(inputs.len(), range.len(), input), target })
}
