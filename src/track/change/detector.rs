//! Detector: a trained tracker that is given one sample at a time and says when the signal departs and when it returns.

use super::blocks::{FEWEST, block_length, means};
use super::norm::{Norm, normalise, norms};
use super::scale::median;
use super::{Alarm, Block, Change, Detection, Kind, Reading, RobustScale};
use crate::error::{Error, Result};
use crate::track::{Series, Tracker};
use nalgebra::DMatrix;

/// Beyond this many widths a sample counts no more in the search for the moment of a change.
const CLIP: f64 = 10.0;
/// Blocks around a possible onset whose samples are kept.
const CONTEXT: usize = 8;

/// A tracker that has learned a signal and judges what follows.
///
/// The readout learns on the training stretch; then W and (by default) P stay. Every channel is z-scored with the mean and deviation that it
/// has there. Another stretch, the calibration, says what the learning errors E(t) of the signal look like when nothing changes: it is
/// not the training stretch, whose errors are smaller. The learning errors of the outputs, each divided by its median there, are averaged;
/// the means of this over blocks of time are the scores that an [`Alarm`] judges.
///
/// ```
/// use crosscurrent::track::{Detection, Detector, Kind, Series, Tracker, Tracking, Wiring};
/// use crosscurrent::{Ensemble, Network, Regions, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("reservoir", 30)?;
/// let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[1.0])?;
/// let tracker = Tracker::new(&network, Tracking::default(), &Wiring::sample(30, 1, 1, Seed(2)))?;
/// // Slow until sample 6000, then fast; a sample every 0.1 s.
/// let signal = |k: usize| (if k < 6000 { 0.1 } else { 0.3 } * k as f64).sin() + 0.05 * ((k * k) as f64).sin();
/// let stretch = |from: usize, to: usize| Series::from_values(&(from..to).map(signal).collect::<Vec<_>>());
/// let detection = Detection { horizon: 500.0, ..Default::default() };
/// let mut detector = Detector::new(tracker, &stretch(0, 2000), &stretch(2000, 4000), detection)?;
/// let mut changes = Vec::new();
/// for k in 4000..8000 {
///     changes.extend(detector.push(&[signal(k)], &[signal(k)])?.change);
/// }
/// assert_eq!(changes.len(), 1);
/// assert!(changes[0].kind == Kind::Departure && changes[0].sample.abs_diff(2000) < 50);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Detector {
    tracker: Tracker,
    detection: Detection,
    inputs: Vec<Norm>,
    targets: Vec<Norm>,
    /// Median learning error of each output in the calibration stretch.
    medians: Vec<f64>,
    /// Of the averaged learning error, sample by sample.
    scale: RobustScale,
    block: usize,
    alarm: Alarm,
    /// Samples taken since the calibration.
    samples: usize,
    /// Samples of each block that was judged so far: where it began.
    starts: Vec<usize>,
    current: Vec<f64>,
    /// Samples of the blocks around a possible onset, and the first of them.
    context: (usize, Vec<f64>),
    /// Where the last judged block ended.
    end: usize,
    scratch: (Vec<f64>, Vec<f64>),
    learning_error: Vec<f64>,
    output: Vec<f64>,
}

impl Detector {
    /// Trains `tracker` on one stretch and calibrates on another; both should be what counts as unchanged.
    ///
    /// # Errors
    /// Settings out of range, stretches that do not fit the tracker, [`Error::Data`] for channels that never change in the training stretch
    /// and for a calibration stretch of fewer than 20 independent blocks.
    pub fn new(mut tracker: Tracker, training: &Series, calibration: &Series, detection: Detection) -> Result<Self> {
        detection.check()?;
        let (inputs, outputs) = tracker.channels();
        training.check(0, inputs, outputs)?;
        calibration.check(1, inputs, outputs)?;
        let inputs = norms("input", &training.input)?;
        let targets = norms("target", training.target())?;
        let mut scratch = (Vec::new(), Vec::new());
        for sample in 0..training.samples() {
            load(&mut scratch, training, sample, (&inputs, &targets));
            tracker.step(&scratch.0, &scratch.1, true)?;
        }
        let errors = calibrate(&mut tracker, calibration, &detection, (&inputs, &targets))?;
        let medians: Vec<f64> = (0..outputs).map(|output| median(errors.row(output).iter().copied().collect())).collect();
        let averaged: Vec<f64> = errors.column_iter().map(|column| average(column.as_slice(), &medians)).collect();
        let (block, scores) = blocks(&averaged, &tracker, &detection)?;
        let horizon = (detection.horizon / (block as f64 * tracker.dt())).max(1.0);
        Ok(Detector {
            alarm: Alarm::new(scores, horizon, detection.false_alarm),
            scale: RobustScale::of(&averaged),
            tracker,
            detection,
            inputs,
            targets,
            medians,
            block,
            samples: 0,
            starts: Vec::new(),
            current: Vec::with_capacity(block),
            context: (0, Vec::new()),
            end: 0,
            scratch,
            learning_error: Vec::new(),
            output: Vec::new(),
        })
    }

    /// Takes one sample of every input and target, and judges it.
    ///
    /// # Errors
    /// As [`Tracker::step`].
    pub fn push(&mut self, input: &[f64], target: &[f64]) -> Result<Reading<'_>> {
        let averaged = self.take(input, target)?;
        self.current.push(averaged);
        let (mut block, mut change) = (None, None);
        if self.current.len() == self.block {
            (block, change) = self.judge();
        }
        Ok(Reading { output: &self.output, learning_error: &self.learning_error, z: self.scale.z(averaged), block, change })
    }

    /// Takes one sample without judging it: a stretch that was learned, or one in which the network still remembers another. The block
    /// before it ends unjudged.
    ///
    /// # Errors
    /// As [`Tracker::step`].
    pub fn pass_over(&mut self, input: &[f64], target: &[f64]) -> Result<Reading<'_>> {
        let averaged = self.take(input, target)?;
        self.current.clear();
        Ok(Reading { output: &self.output, learning_error: &self.learning_error, z: self.scale.z(averaged), block: None, change: None })
    }

    /// One step of the tracker; returns the averaged learning error.
    fn take(&mut self, input: &[f64], target: &[f64]) -> Result<f64> {
        normalise(&mut self.scratch.0, input, &self.inputs);
        normalise(&mut self.scratch.1, target, &self.targets);
        let step = step(&mut self.tracker, &self.scratch, &self.detection)?;
        self.learning_error.clear();
        self.learning_error.extend_from_slice(step.learning_error);
        self.output.clear();
        self.output.extend(step.output.iter().zip(&self.targets).map(|(z, norm)| norm.mean + norm.deviation * z));
        self.samples += 1;
        Ok(average(&self.learning_error, &self.medians))
    }

    /// Judges a whole block.
    fn judge(&mut self) -> (Option<Block>, Option<Change>) {
        let start = self.samples - self.block;
        self.starts.push(start);
        let score = self.current.iter().sum::<f64>() / self.block as f64;
        let judged = self.alarm.push(score);
        self.keep(start, judged.suspicious || judged.raised.is_some());
        let known = self.samples - 1;
        let departure = judged.raised.map(|_| Change { kind: Kind::Departure, sample: self.moment(), known });
        let back = judged.ended.map(|first| Change { kind: Kind::Return, sample: self.starts[first], known });
        self.current.clear();
        let block = Block { start, score, share: judged.share, statistic: judged.statistic, departed: judged.departed };
        (Some(block), departure.or(back))
    }

    /// Keeps the samples of the last calm block and of the first of a run.
    fn keep(&mut self, start: usize, suspicious: bool) {
        let continuous = self.end == start;
        self.end = self.samples;
        let (first, samples) = &mut self.context;
        if !suspicious || !continuous || samples.is_empty() {
            (*first, *samples) = (start, self.current.clone());
        } else if samples.len() < CONTEXT * self.block {
            samples.extend_from_slice(&self.current);
        }
    }

    /// Where the samples around the onset fall apart best into a lower and a higher part.
    fn moment(&self) -> usize {
        let (first, samples) = &self.context;
        let clipped: Vec<f64> = samples.iter().map(|&error| self.scale.z(error).min(CLIP)).collect();
        let (n, total): (usize, f64) = (clipped.len(), clipped.iter().sum());
        let (mut below, mut best) = (0.0, (0.0, 0));
        for at in 1..n {
            below += clipped[at - 1];
            let rise = (total - below) / (n - at) as f64 - below / at as f64;
            let gain = rise.max(0.0).powi(2) * (at * (n - at)) as f64;
            if gain > best.0 {
                best = (gain, at);
            }
        }
        first + best.1
    }

    /// Samples of a block.
    pub fn block(&self) -> usize {
        self.block
    }

    /// Seconds per sample.
    pub fn dt(&self) -> f64 {
        self.tracker.dt()
    }

    /// Samples after which the network has forgotten where it came from.
    pub fn settling(&self) -> usize {
        self.tracker.settling()
    }

    /// The alarm, with its threshold.
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }
}

fn load(scratch: &mut (Vec<f64>, Vec<f64>), series: &Series, sample: usize, (inputs, targets): (&[Norm], &[Norm])) {
    normalise(&mut scratch.0, series.input.column(sample).as_slice(), inputs);
    normalise(&mut scratch.1, series.target().column(sample).as_slice(), targets);
}

fn step<'a>(tracker: &'a mut Tracker, scratch: &(Vec<f64>, Vec<f64>), detection: &Detection) -> Result<crate::track::Step<'a>> {
    if detection.frozen_correlation { tracker.watch(&scratch.0, &scratch.1) } else { tracker.step(&scratch.0, &scratch.1, false) }
}

/// Learning errors, outputs × time, of the calibration, without the samples in which the network still remembers the training.
fn calibrate(tracker: &mut Tracker, calibration: &Series, detection: &Detection, norms: (&[Norm], &[Norm])) -> Result<DMatrix<f64>> {
    let skipped = tracker.settling().min(calibration.samples() / 10);
    let mut errors = Vec::new();
    let mut scratch = (Vec::new(), Vec::new());
    for sample in 0..calibration.samples() {
        load(&mut scratch, calibration, sample, norms);
        let step = step(tracker, &scratch, detection)?;
        if sample >= skipped {
            errors.extend_from_slice(step.learning_error);
        }
    }
    let outputs = tracker.channels().1;
    Ok(DMatrix::from_vec(outputs, errors.len() / outputs, errors))
}

/// Samples of a block, and the scores of the calibration.
fn blocks(averaged: &[f64], tracker: &Tracker, detection: &Detection) -> Result<(usize, Vec<f64>)> {
    let block = match detection.block {
        Some(seconds) => ((seconds / tracker.dt()).round() as usize).max(1),
        None => block_length(averaged, (tracker.settling() / 10).max(1))?,
    };
    let scores = means(averaged, block);
    if scores.len() < FEWEST {
        let problem = format!("{} samples make {} blocks of {block}, fewer than {FEWEST}", averaged.len(), scores.len());
        return Err(Error::data("the calibration stretch", problem, "calibrate on a longer stretch, or take shorter blocks"));
    }
    Ok((block, scores))
}

/// Mean over the outputs of E over its median.
fn average(learning_error: &[f64], medians: &[f64]) -> f64 {
    let sum: f64 = learning_error.iter().zip(medians).map(|(error, median)| error / median.max(f64::MIN_POSITIVE)).sum();
    sum / medians.len() as f64
}
