//! One pass over the whole recording, in as little memory as the results need.

use super::setup::Setup;
use crate::cli::Session;
use crate::error::{Error, Result};
use crate::track::{Block, Change, Course, Kind, Reading};
use std::collections::VecDeque;

/// Columns of the overview in the figure.
const COLUMNS: usize = 1200;
/// Channels that the figure shows.
pub const SHOWN: usize = 3;
/// Values of E(t) that are kept whole.
const WHOLE: usize = 4_000_000;
/// Samples of the close view, on each side of the change.
const NEAR: usize = 150;
/// Cells of the course in a block.
const CELLS: usize = 5;
/// Beyond this many widths a sample counts no more in the course.
const CLIP: f64 = 20.0;

/// What a pass leaves.
pub struct Pass {
    /// Judged blocks, with their first sample in the recording.
    pub blocks: Vec<(usize, Block)>,
    /// Changes, at samples of the recording.
    pub changes: Vec<Change>,
    /// Robust z-scores in cells, for events and for the figure.
    pub course: Course,
    /// Least and greatest value of each shown target in each column of the overview.
    pub overview: Vec<Vec<(f64, f64)>>,
    /// Samples of a column.
    pub column: usize,
    /// E of every output at every sample, where they fit: outputs × time.
    pub learning_error: Option<Vec<f64>>,
    /// Sample, first target and its output around the first departure, else at the end.
    pub near: Vec<(usize, f64, f64)>,
    /// Samples that were judged.
    pub judged: usize,
}

/// A pass while it goes on.
struct Running {
    pass: Pass,
    near: VecDeque<(usize, f64, f64)>,
    /// Sample after which the close view is complete.
    near_until: Option<usize>,
    cell: (f64, usize, bool),
    cell_samples: usize,
}

impl Pass {
    /// Runs the detector over all samples; those that were learned, those that calibrated, and those in which the network still remembers
    /// another place are passed over.
    pub fn run(setup: &mut Setup, session: &Session) -> Result<Pass> {
        let Setup { samples, inputs, targets, train, calibrate, detector, .. } = setup;
        let count = samples.count();
        let mut running = Running::new(count, targets.len(), detector.block(), samples.dt());
        let bar = session.progress(count as u64, "tracking");
        let settling = detector.settling();
        let (mut input, mut target) = (Vec::new(), Vec::new());
        samples.read(0..count, |sample, values| {
            if sample % 4096 == 0 {
                bar.set_position(sample as u64);
                if session.stopped() {
                    return Err(Error::Cancelled);
                }
            }
            input.clear();
            input.extend(inputs.iter().map(|&channel| values[channel]));
            target.clear();
            target.extend(targets.iter().map(|&channel| values[channel]));
            let passed_over = sample < settling || train.contains(&sample) || calibrate.contains(&sample);
            let reading = if passed_over { detector.pass_over(&input, &target)? } else { detector.push(&input, &target)? };
            running.take(sample, &target, &reading, !passed_over);
            Ok(())
        })?;
        bar.finish_and_clear();
        Ok(running.finish())
    }

    /// Samples at which the signal departs.
    pub fn departures(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.kind == Kind::Departure)
    }
}

impl Running {
    fn new(count: usize, outputs: usize, block: usize, dt: f64) -> Self {
        let column = count.div_ceil(COLUMNS).max(1);
        let shown = vec![vec![(f64::INFINITY, f64::NEG_INFINITY); count.div_ceil(column)]; outputs.min(SHOWN)];
        let cell_samples = (block / CELLS).max(1);
        Running {
            pass: Pass {
                blocks: Vec::new(),
                changes: Vec::new(),
                course: Course { cell: cell_samples as f64 * dt, ..Course::default() },
                overview: shown,
                column,
                learning_error: (count * outputs <= WHOLE).then(Vec::new),
                near: Vec::new(),
                judged: 0,
            },
            near: VecDeque::new(),
            near_until: None,
            cell: (0.0, 0, true),
            cell_samples,
        }
    }

    fn take(&mut self, sample: usize, target: &[f64], reading: &Reading, judged: bool) {
        for (columns, value) in self.pass.overview.iter_mut().zip(target) {
            let (low, high) = &mut columns[sample / self.pass.column];
            (*low, *high) = (low.min(*value), high.max(*value));
        }
        if let Some(errors) = &mut self.pass.learning_error {
            errors.extend_from_slice(reading.learning_error);
        }
        self.pass.judged += usize::from(judged);
        self.course(reading.z, judged);
        if let Some(block) = reading.block {
            self.pass.blocks.push((block.start, block));
        }
        if let Some(change) = reading.change {
            if change.kind == Kind::Departure && self.near_until.is_none() {
                self.near_until = Some((change.sample + NEAR).max(sample));
            }
            if change.kind == Kind::Departure {
                self.pass.course.departures.push(change.sample as f64 * self.pass.course.cell / self.cell_samples as f64);
            }
            self.pass.changes.push(change);
        }
        self.close_view(sample, target[0], reading.output[0]);
    }

    /// Adds a sample to its cell.
    fn course(&mut self, z: f64, judged: bool) {
        let (sum, count, whole) = &mut self.cell;
        *sum += z.min(CLIP);
        *count += 1;
        *whole &= judged;
        if *count == self.cell_samples {
            self.pass.course.values.push(if *whole { *sum / *count as f64 } else { f64::NAN });
            self.cell = (0.0, 0, true);
        }
    }

    fn close_view(&mut self, sample: usize, target: f64, output: f64) {
        match self.near_until {
            Some(until) if sample > until => {}
            _ => {
                self.near.push_back((sample, target, output));
                // A departure is known some blocks after it; what lies before it is still wanted then.
                if self.near.len() > 2 * NEAR + 60 * CELLS * self.cell_samples {
                    self.near.pop_front();
                }
            }
        }
    }

    fn finish(mut self) -> Pass {
        let centre = self.pass.departures().next().map_or(usize::MAX, |change| change.sample);
        let last = self.near.back().map_or(0, |(sample, ..)| *sample);
        let centre = centre.min(last.saturating_sub(NEAR));
        let near = self.near.iter().filter(|(sample, ..)| sample.abs_diff(centre) <= NEAR);
        self.pass.near = near.copied().collect();
        self.pass
    }
}
