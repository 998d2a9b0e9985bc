//! Row: the posterior of one row of J under the sparse prior, and of the currents that it makes.

use super::gibbs::State;
use super::mixture::{Mixture, Part};
use crate::kernels::{Level, accumulate};
use crate::linalg::product;
use nalgebra::{DMatrix, DVector};
use std::ops::Range;

/// Places (samples) that are worked on at once: few enough that their components stay in the cache.
const CHUNK: usize = 256;

/// A mixture over the states of a chain: in each, the weights between regions that exist are normal, and the weights within the region are
/// normal around a linear function of those. All in units of the root of the neuron's scale.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Sources within the region that have a synapse, and sources between regions: the candidates.
    pub own: Vec<usize>,
    pub between: Vec<usize>,
    /// Mean of the own weights where none exists between regions.
    pub alone: DVector<f64>,
    /// A root of the covariance of the own weights given those between, own × directions.
    pub half: DMatrix<f64>,
    /// What the own weights' mean gains for one unit of every candidate, own × candidates.
    pub follow: DMatrix<f64>,
    pub states: Vec<State>,
    /// The neuron's scale.
    pub scale: f64,
}

/// A current of one neuron in time.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub deviation: Vec<f64>,
    /// The interval that holds 90 %: 5 % below, 5 % above.
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// Sum over the samples of the probability of that interval.
    pub inside: f64,
}

/// A linear function of the row at many places: its mean and variance without any candidate, and what one unit of each candidate adds.
struct Places {
    base: DVector<f64>,
    variance: DVector<f64>,
    /// Places × candidates that ever exist; empty where the candidate adds nothing anywhere.
    reach: Vec<Option<DVector<f64>>>,
}

/// One state at a chunk of places.
#[derive(Clone)]
struct Component {
    means: [f64; CHUNK],
    deviations: [f64; CHUNK],
    inverses: [f64; CHUNK],
}

impl Component {
    fn part(&self, k: usize, weight: f64) -> Part {
        Part { weight, mean: self.means[k], deviation: self.deviations[k], inverse: self.inverses[k] }
    }
}

impl Row {
    /// The current from the sources in `range`, whose `rates` are sources × samples; `open` is a variance to be added, or nothing.
    pub(super) fn course(&self, range: &Range<usize>, rates: &DMatrix<f64>, open: &[f64]) -> Course {
        let places = self.places(range, rates, open);
        let mut course = Course::default();
        self.each(&places, |mixture| {
            let [low, high] = mixture.interval();
            course.inside += mixture.inside([low, high]);
            course.deviation.push(mixture.deviation());
            course.low.push(low);
            course.high.push(high);
        });
        course
    }

    /// Standard deviations of the same.
    pub(super) fn deviations(&self, range: &Range<usize>, rates: &DMatrix<f64>) -> Vec<f64> {
        let mut found = Vec::new();
        self.each(&self.places(range, rates, &[]), |mixture| found.push(mixture.deviation()));
        found
    }

    fn places(&self, range: &Range<usize>, rates: &DMatrix<f64>, open: &[f64]) -> Places {
        let count = rates.ncols();
        let mut exists = vec![false; self.between.len()];
        self.states.iter().flat_map(|state| &state.on).for_each(|&j| exists[j] = true);
        let kept: Vec<usize> = (0..exists.len()).filter(|&j| exists[j]).collect();
        let added = if open.is_empty() { DVector::zeros(count) } else { DVector::from_column_slice(open) / self.scale };
        let mut reach = vec![None; self.between.len()];
        let own: Vec<usize> = (0..self.own.len()).filter(|&i| range.contains(&self.own[i])).collect();
        if own.is_empty() {
            for j in kept.into_iter().filter(|&j| range.contains(&self.between[j])) {
                reach[j] = Some(rates.row(self.between[j] - range.start).transpose());
            }
            return Places { base: DVector::zeros(count), variance: added, reach };
        }
        let rows: Vec<usize> = own.iter().map(|&i| self.own[i] - range.start).collect();
        let rates = rates.select_rows(&rows);
        let along = product(&rates.transpose(), &self.follow.select_columns(&kept));
        kept.into_iter().enumerate().for_each(|(index, j)| reach[j] = Some(along.column(index).into_owned()));
        let spread = product(&self.half.transpose(), &rates);
        let variance = added + DVector::from_iterator(count, spread.column_iter().map(|column| column.norm_squared()));
        Places { base: rates.tr_mul(&self.alone), variance, reach }
    }

    /// The mixture over the states, place by place in order.
    fn each(&self, places: &Places, mut tell: impl FnMut(&mut Mixture)) {
        let mut mixture = Mixture::new();
        let level = Level::detect();
        let count = places.base.len();
        let mut components = vec![Component { means: [0.0; CHUNK], deviations: [0.0; CHUNK], inverses: [0.0; CHUNK] }; self.states.len()];
        let root = self.scale.sqrt();
        for start in (0..count).step_by(CHUNK) {
            let at = start..(start + CHUNK).min(count);
            for (state, component) in self.states.iter().zip(&mut components) {
                let Component { means, deviations, inverses } = component;
                places.given(level, state, &at, (&mut means[..at.len()], &mut deviations[..at.len()]));
                means.iter_mut().for_each(|mean| *mean *= root);
                deviations.iter_mut().for_each(|value| *value = root * value.max(0.0).sqrt());
                inverses.iter_mut().zip(deviations).for_each(|(inverse, deviation)| *inverse = 1.0 / *deviation);
            }
            for k in 0..at.len() {
                mixture.load(components.iter().zip(&self.states).map(|(one, state)| one.part(k, state.weight)));
                tell(&mut mixture);
            }
        }
    }
}

impl Places {
    /// Means and variances at the places `at` given one state: base + R m, and the diagonal of R C R^T on top of the variance, R the reach of
    /// the weights that exist (places × weights), m their mean and C their covariance.
    fn given(&self, level: Level, state: &State, at: &Range<usize>, (means, variances): (&mut [f64], &mut [f64])) {
        means.copy_from_slice(&self.base.as_slice()[at.clone()]);
        variances.copy_from_slice(&self.variance.as_slice()[at.clone()]);
        let reach = |a: usize| self.reach[state.on[a]].as_ref().map(|reach| (a, &reach.as_slice()[at.clone()]));
        let kept: Vec<(usize, &[f64])> = (0..state.on.len()).filter_map(reach).collect();
        let values = kept.iter().flat_map(|(_, reach)| reach.iter().copied());
        let reach = DMatrix::from_iterator(at.len(), kept.len(), values);
        let along = product(&reach, &DMatrix::from_fn(kept.len(), kept.len(), |a, b| state.covariance[(kept[a].0, kept[b].0)]));
        for (&(a, own), along) in kept.iter().zip(along.column_iter()) {
            accumulate(level, means, state.mean[a], own);
            variances.iter_mut().zip(along.iter()).zip(own).for_each(|((variance, along), own)| *variance += along * own);
        }
    }
}
