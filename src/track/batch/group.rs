//! Group: series that go through the network side by side, one in each lane.

use super::Series;
use crate::kernels::{Buffer, Real};
use std::ops::Range;

/// As many series as there are lanes, or fewer, with their samples interleaved.
pub(super) struct Group<T: Real> {
    /// Number of each series in its list.
    pub members: Vec<usize>,
    /// Samples of each member.
    pub samples: Vec<usize>,
    /// Samples of the longest member.
    pub steps: usize,
    /// Samples of the shortest member.
    pub shortest: usize,
    /// For each sample, a vector for each input.
    inputs: Buffer<T>,
    /// The same for each output; empty where the inputs are the targets.
    targets: Buffer<T>,
    lanes: usize,
    /// Channels of the input and of the target.
    channels: (usize, usize),
}

impl<T: Real> Group<T> {
    /// All series in groups of `lanes`, alike in length as far as possible; a short series is followed by zeros.
    pub fn split(series: &[Series], lanes: usize) -> Vec<Group<T>> {
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by_key(|&which| series[which].samples());
        order.chunks(lanes).map(|members| Group::new(series, members, lanes)).collect()
    }

    fn new(series: &[Series], members: &[usize], lanes: usize) -> Self {
        let samples: Vec<usize> = members.iter().map(|&which| series[which].samples()).collect();
        let steps = samples.iter().copied().max().unwrap_or(0);
        let one = &series[members[0]];
        let channels = (one.input.nrows(), one.target().nrows());
        let own_target = members.iter().any(|&which| series[which].target.is_some());
        let mut group = Group {
            members: members.to_vec(),
            shortest: samples.iter().copied().min().unwrap_or(0),
            samples,
            steps,
            inputs: Buffer::zeros(steps * channels.0 * lanes),
            targets: Buffer::zeros(if own_target { steps * channels.1 * lanes } else { 0 }),
            lanes,
            channels,
        };
        for (lane, &which) in members.iter().enumerate() {
            // A column of the matrix is a sample, so the values come in the order of the group.
            for (at, value) in series[which].input.iter().enumerate() {
                group.inputs[at * lanes + lane] = T::from_f64(*value);
            }
            if own_target {
                for (at, value) in series[which].target().iter().enumerate() {
                    group.targets[at * lanes + lane] = T::from_f64(*value);
                }
            }
        }
        group
    }

    /// A vector for each input.
    pub fn input(&self, sample: usize) -> &[T] {
        let size = self.channels.0 * self.lanes;
        &self.inputs[sample * size..(sample + 1) * size]
    }

    /// For each of these samples, a vector for each output.
    pub fn targets(&self, samples: Range<usize>) -> &[T] {
        let (of, channels) = if self.targets.is_empty() { (&self.inputs, self.channels.0) } else { (&self.targets, self.channels.1) };
        let size = channels * self.lanes;
        &of[samples.start * size..samples.end * size]
    }
}
