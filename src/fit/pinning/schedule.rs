//! Schedule: at which integration step a fit resets, learns, and is compared.

use super::{Mode, Pinning, published};
use crate::error::Result;
use crate::recording::Recording;

/// The events of one pass.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    /// Integration points of a pass.
    pub steps: usize,
    /// First point that is computed from J (the points before repeat the initial state).
    pub first: usize,
    /// Sample whose rates are the target at each point.
    pub learn: Vec<Option<usize>>,
    /// Sample that the state is set to before each point.
    pub reset: Vec<Option<usize>>,
    /// Point that is compared with each sample.
    pub sample_columns: Vec<usize>,
}

impl Schedule {
    pub(super) fn new(config: &Pinning, recording: &Recording) -> Result<Self> {
        match config.mode {
            Mode::Corrected => Ok(Self::corrected(config.steps_per_sample, recording)),
            Mode::CurbdPython | Mode::CurbdMatlab => published::schedule(config, recording),
        }
    }

    /// Point k · F stands for sample k: there it learns and is compared, and a trial's first sample is set, not learned.
    fn corrected(factor: usize, recording: &Recording) -> Self {
        let samples = recording.samples();
        let steps = (samples - 1) * factor + 1;
        let mut schedule = Schedule {
            steps,
            first: 0,
            learn: vec![None; steps],
            reset: vec![None; steps],
            sample_columns: (0..samples).map(|sample| sample * factor).collect(),
        };
        for sample in 0..samples {
            schedule.learn[sample * factor] = Some(sample);
        }
        for &start in &recording.trial_starts {
            schedule.learn[start * factor] = None;
            schedule.reset[start * factor] = Some(start);
        }
        schedule
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::DMatrix;

    fn recording(dt: f64, samples: usize) -> Recording {
        Recording::new(DMatrix::from_element(1, samples, 0.1), dt, Regions::single("all", 1).unwrap()).unwrap()
    }

    #[test]
    fn the_corrected_clock_never_slips() {
        // T32, over 340 pairs: exactly T - 1 updates, each at a multiple of F.
        let steps_s = [0.001, 0.002, 0.005, 0.01, 0.02, 0.025, 0.033, 0.04, 0.05, 0.0641, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0, 1.89];
        let mut pairs = 0;
        for dt in steps_s {
            for factor in 1..=20 {
                let config = Pinning { steps_per_sample: factor, ..Default::default() };
                let schedule = Schedule::new(&config, &recording(dt, 160)).unwrap();
                let learned: Vec<(usize, usize)> = schedule.learn.iter().enumerate().filter_map(|(t, s)| s.map(|s| (t, s))).collect();
                assert_eq!(learned, (1..160).map(|k| (k * factor, k)).collect::<Vec<_>>());
                assert_eq!(schedule.steps, 159 * factor + 1);
                pairs += 1;
            }
        }
        assert_eq!(pairs, 340);
    }

    #[test]
    fn the_published_clock_slips_where_it_was_seen_to() {
        // Science specification, 7.3 (i).
        let slips = |dt: f64, factor: usize| {
            let config = Pinning { mode: Mode::CurbdPython, steps_per_sample: factor, ..Default::default() };
            let schedule = Schedule::new(&config, &recording(dt, 40)).unwrap();
            schedule.learn.iter().position(|learn| learn.is_some()).unwrap() != factor
        };
        let slipping = |dt: f64| (2..=20).filter(|&factor| slips(dt, factor)).collect::<Vec<_>>();
        assert_eq!(slipping(0.01), vec![17, 19]);
        assert_eq!(slipping(0.05), vec![6, 8, 10, 12, 18]);
        assert_eq!(slipping(0.1), vec![6, 8, 10, 12, 18]);
        assert_eq!(slipping(1.0), vec![6, 7, 10, 13, 14, 15, 19]);
        assert_eq!(slipping(0.033), vec![7, 9, 11, 12, 14, 17, 18, 19, 20]);
    }

    #[test]
    fn trials_start_from_their_own_sample_without_learning_across() {
        let mut recording = recording(0.1, 10);
        recording.trial_starts = vec![0, 4];
        let config = Pinning { steps_per_sample: 3, ..Default::default() };
        let schedule = Schedule::new(&config, &recording).unwrap();
        assert_eq!((schedule.reset[0], schedule.reset[12]), (Some(0), Some(4)));
        assert_eq!(schedule.learn.iter().flatten().copied().collect::<Vec<_>>(), vec![1, 2, 3, 5, 6, 7, 8, 9]);
    }
}
