//! Packed: many small sets of sources side by side, one in each lane of a vector.

use super::wired::{Set, Source};
use crate::kernels::{Buffer, Correlations, Level, Readouts, Real, Trace, patterns};

/// Some sets that learn together: P, weights and rates of each stand in a lane of their own. A set with fewer sources or targets than the
/// largest is filled up with silent ones.
pub(super) struct Pack<U: Real> {
    lanes: usize,
    correlations: Correlations<U>,
    learning: Sources<U>,
    /// Sources whose weights do not learn.
    fixed: Option<Sources<U>>,
    /// Target behind each lane of each row of weights.
    targets: Vec<Option<usize>>,
    /// Drive, then error: a value for each of `targets`.
    values: Buffer<U>,
    /// As many zeros.
    zeros: Buffer<U>,
    scratch: Buffer<U>,
}

/// The sources of every lane. Rates are times the root of the prior variance and weights over it, so that P needs no root.
struct Sources<U: Real> {
    /// Neuron behind each lane of each source, or a number past all neurons.
    neurons: Vec<u32>,
    /// Square root of each prior variance; empty where all are 1.
    roots: Vec<U>,
    /// What each weight may be: 1, -1, or 0 for either; empty where that holds for all.
    signs: Vec<U>,
    /// A vector for each source.
    rates: Buffer<U>,
    weights: Readouts<U>,
}

/// `sets` in packs, and those that are better left alone: a pack is made where at least half of its arithmetic is of use.
pub(super) fn packs<U: Real>(sets: Vec<Set>, p0: f64, level: Level) -> (Vec<Pack<U>>, Vec<Set>) {
    let lanes = patterns::<U>(level);
    let (mut rest, mut alone): (Vec<Set>, Vec<Set>) = sets.into_iter().partition(|set| !set.learning.is_empty());
    // Stable: sets of equal size stay in order.
    rest.sort_by_key(|set| set.learning.len());
    let triangle = |set: &Set| set.learning.len() * (set.learning.len() + 1) / 2;
    let mut packs = Vec::new();
    while !rest.is_empty() {
        let chosen: Vec<Set> = rest.drain(..lanes.min(rest.len())).collect();
        let (largest, all) = (triangle(&chosen[chosen.len() - 1]), chosen.iter().map(triangle).sum::<usize>());
        if lanes > 1 && 2 * all >= lanes * largest { packs.push(Pack::new(&chosen, p0, level)) } else { alone.extend(chosen) }
    }
    (packs, alone)
}

impl<U: Real> Pack<U> {
    fn new(sets: &[Set], p0: f64, level: Level) -> Self {
        let lanes = patterns::<U>(level);
        let rows = sets.iter().map(|set| set.targets.len()).max().unwrap_or(0);
        let learning = Sources::new(sets, |set| &set.learning, rows, level);
        let fixed = sets.iter().any(|set| !set.fixed.is_empty()).then(|| Sources::new(sets, |set| &set.fixed, rows, level));
        let target = |at: usize| sets.get(at % lanes).and_then(|set| set.targets.get(at / lanes)).copied();
        Pack {
            lanes,
            correlations: Correlations::new(learning.neurons.len() / lanes, p0, 1, level),
            learning,
            fixed,
            targets: (0..rows * lanes).map(target).collect(),
            values: Buffer::zeros(rows * lanes),
            zeros: Buffer::zeros(rows * lanes),
            scratch: Buffer::zeros(rows * lanes),
        }
    }

    /// The drive of every target of the pack.
    pub(super) fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        self.learning.drive(rates, &mut self.values);
        if let Some(fixed) = &mut self.fixed {
            fixed.drive(rates, &mut self.scratch);
            self.values.iter_mut().zip(&self.scratch[..]).for_each(|(sum, more)| *sum = sum.plus(*more));
        }
        for (target, value) in self.targets.iter().zip(&self.values[..]) {
            target.iter().for_each(|&target| drive[target] = value.to_f64());
        }
    }

    /// One step of recursive least squares in every lane, on the rates that [`Pack::apply`] saw last.
    pub(super) fn learn<W: Real>(&mut self, error: &[W]) {
        for (target, value) in self.targets.iter().zip(&mut self.values[..]) {
            *value = target.map_or(U::ZERO, |target| U::from_f64(error[target].to_f64()));
        }
        self.correlations.observe(&[&self.learning.rates[..]]);
        let trace = Trace {
            output: &self.values,
            target: &self.zeros,
            gain: self.correlations.gain(0),
            factor: self.correlations.factor(0),
            size_of_gain: self.correlations.size_of_gain(0),
            squared: false,
            learning_error: &mut self.scratch,
        };
        self.learning.weights.learn(trace, true);
        self.learning.project();
    }

    /// Gives `see` the target, the source and the value of every weight.
    pub(super) fn read(&self, see: &mut impl FnMut(usize, usize, f64)) {
        for part in std::iter::once(&self.learning).chain(&self.fixed) {
            let weights = part.weights.weights();
            places(&part.neurons, &self.targets, self.lanes)
                .for_each(|(at, of, target, source)| see(target, source, weights[at].to_f64() * root(&part.roots, of)));
        }
    }

    /// Sets every weight to what `value` says of its target and its source.
    pub(super) fn write(&mut self, value: &impl Fn(usize, usize) -> f64) {
        for part in std::iter::once(&mut self.learning).chain(&mut self.fixed) {
            let Sources { neurons, roots, weights, .. } = part;
            for (at, of, target, source) in places(neurons, &self.targets, self.lanes) {
                weights.weights_mut()[at] = U::from_f64(value(target, source) / root(roots, of));
            }
        }
    }
}

/// Of every weight that exists: its place, the place of its source, its target and its source.
fn places<'a>(neurons: &'a [u32], targets: &'a [Option<usize>], lanes: usize) -> impl Iterator<Item = (usize, usize, usize, usize)> + 'a {
    (0..neurons.len() * (targets.len() / lanes)).filter_map(move |at| {
        let (row, of) = (at / neurons.len(), at % neurons.len());
        let target = targets[row * lanes + of % lanes]?;
        (neurons[of] != SILENT).then(|| (at, of, target, neurons[of] as usize))
    })
}

/// Square root of the prior variance of a source.
fn root<U: Real>(roots: &[U], of: usize) -> f64 {
    roots.get(of).map_or(1.0, |root| root.to_f64())
}

/// Stands for no neuron.
const SILENT: u32 = u32::MAX;

impl<U: Real> Sources<U> {
    fn new(sets: &[Set], part: impl Fn(&Set) -> &[Source], rows: usize, level: Level) -> Self {
        let lanes = patterns::<U>(level);
        let most = sets.iter().map(|set| part(set).len()).max().unwrap_or(0);
        let source = |at: usize| sets.get(at % lanes).and_then(|set| part(set).get(at / lanes));
        let all = || (0..most * lanes).map(source);
        let unless = |usual: f64, values: Vec<f64>| -> Vec<U> {
            let plain = values.iter().all(|&value| value == usual);
            if plain { Vec::new() } else { values.into_iter().map(U::from_f64).collect() }
        };
        Sources {
            neurons: all().map(|source| source.map_or(SILENT, |source| u32::try_from(source.neuron).unwrap_or(SILENT))).collect(),
            roots: unless(1.0, all().map(|source| source.map_or(1.0, |source| source.root)).collect()),
            signs: unless(0.0, all().map(|source| source.map_or(0.0, |source| source.sign)).collect()),
            rates: Buffer::zeros(most * lanes),
            weights: Readouts::new(most, rows, level),
        }
    }

    /// Gathers the rates, and `drive` = weights times rates in every lane.
    fn drive(&mut self, rates: &[f64], drive: &mut [U]) {
        for (to, &neuron) in self.rates.iter_mut().zip(&self.neurons) {
            *to = U::from_f64(rates.get(neuron as usize).copied().unwrap_or(0.0));
        }
        self.rates.iter_mut().zip(&self.roots).for_each(|(rate, root)| *rate = rate.mul(*root));
        self.weights.output(&self.rates, drive);
    }

    /// Sets every weight of the wrong sign to zero.
    fn project(&mut self) {
        let signs = self.signs.iter().cycle().map(|sign| sign.to_f64());
        self.weights.weights_mut().iter_mut().zip(signs).filter(|(w, sign)| w.to_f64() * sign < 0.0).for_each(|(w, _)| *w = U::ZERO);
    }
}
