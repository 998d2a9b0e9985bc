//! Wired: recursive least squares where the sources of neurons differ, or their signs are given.

use super::Start;
use crate::fit::wiring::groups;
use crate::kernels::{InverseCorrelation, Level, Real};
use nalgebra::DMatrix;

/// Partial sums of a product: enough to keep the adders busy.
const LANES: usize = 8;

/// J as rows of the weights that exist; memory is the sum over groups of (sources)², half of it stored, and of targets × sources.
pub(super) struct Wired<W: Real, U: Real> {
    neurons: usize,
    groups: Vec<Group<W, U>>,
}

/// Targets with equal sources: they share P.
struct Group<W: Real, U: Real> {
    targets: Vec<usize>,
    sources: Vec<usize>,
    /// Square root of the prior variance of each learning source; P is that of the rates times it.
    roots: Vec<f64>,
    /// Positions in `sources` of those that learn.
    learning: Vec<usize>,
    /// What the outgoing weights of each source may be: 1, -1, or 0 for either.
    signs: Vec<f64>,
    correlation: InverseCorrelation<U>,
    /// Targets × sources, rows one after the other.
    weights: Vec<W>,
    rates: Vec<W>,
    gain: Vec<W>,
    learning_rates: Vec<U>,
    learning_gain: Vec<U>,
}

impl<W: Real, U: Real> Wired<W, U> {
    /// `anatomy` holds prior variances (target × source), `signs` one value per neuron, or none.
    pub(super) fn new(start: &Start, anatomy: &DMatrix<f64>, signs: &[i8], learning_rate: f64) -> Self {
        let plastic = |source: &usize| start.plastic.binary_search(source).is_ok();
        let level = Level::detect();
        let group = |rows: crate::fit::wiring::Rows| {
            let learning: Vec<usize> = (0..rows.sources.len()).filter(|&k| plastic(&rows.sources[k])).collect();
            let (count, zero) = (rows.sources.len(), W::ZERO);
            Group {
                roots: learning.iter().map(|&k| rows.variances[k].sqrt()).collect(),
                signs: rows.sources.iter().map(|&source| signs.get(source).map_or(0.0, |&sign| f64::from(sign))).collect(),
                correlation: InverseCorrelation::new(learning.len(), learning_rate, level),
                weights: vec![zero; count * rows.targets.len()],
                rates: vec![zero; count],
                gain: vec![zero; count],
                learning_rates: vec![U::ZERO; learning.len()],
                learning_gain: vec![U::ZERO; learning.len()],
                learning,
                targets: rows.targets,
                sources: rows.sources,
            }
        };
        let mut wired = Wired { neurons: anatomy.nrows(), groups: groups(anatomy).into_iter().map(group).collect() };
        wired.restore(start.connectivity.as_slice());
        wired
    }

    pub(super) fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        for group in &mut self.groups {
            group.rates.iter_mut().zip(&group.sources).for_each(|(r, &source)| *r = W::from_f64(rates[source]));
            let rows = group.weights.chunks_exact(group.sources.len().max(1));
            group.targets.iter().for_each(|&target| drive[target] = 0.0);
            group.targets.iter().zip(rows).for_each(|(&target, row)| drive[target] = dot(row, &group.rates));
        }
    }

    pub(super) fn learn(&mut self, rates: &[f64], error: &[W]) {
        self.groups.iter_mut().filter(|group| !group.learning.is_empty()).for_each(|group| group.learn(rates, error));
    }

    pub(super) fn to_column_major(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.neurons * self.neurons];
        for group in &self.groups {
            for (row, &target) in group.weights.chunks_exact(group.sources.len().max(1)).zip(&group.targets) {
                row.iter().zip(&group.sources).for_each(|(w, &source)| values[source * self.neurons + target] = w.to_f64());
            }
        }
        values
    }

    pub(super) fn restore(&mut self, weights: &[f64]) {
        for group in &mut self.groups {
            for (row, &target) in group.weights.chunks_exact_mut(group.sources.len().max(1)).zip(&group.targets) {
                row.iter_mut().zip(&group.sources).for_each(|(w, &source)| *w = W::from_f64(weights[source * self.neurons + target]));
            }
        }
    }
}

impl<W: Real, U: Real> Group<W, U> {
    /// k = P r over the learning sources, J <- J - c e k^T on their weights, projected on the signs.
    fn learn(&mut self, rates: &[f64], error: &[W]) {
        for (at, &k) in self.learning.iter().enumerate() {
            self.learning_rates[at] = U::from_f64(rates[self.sources[k]] * self.roots[at]);
        }
        let c = self.correlation.update(&self.learning_rates, &mut self.learning_gain);
        for (at, &k) in self.learning.iter().enumerate() {
            self.gain[k] = W::from_f64(c * self.learning_gain[at].to_f64() * self.roots[at]);
        }
        let signed = self.signs.iter().any(|&sign| sign != 0.0);
        for (row, &target) in self.weights.chunks_exact_mut(self.sources.len()).zip(&self.targets) {
            let step = W::from_f64(-error[target].to_f64());
            row.iter_mut().zip(&self.gain).for_each(|(w, &k)| *w = step.mul_add(k, *w, false));
            if signed {
                row.iter_mut().zip(&self.signs).filter(|(w, sign)| w.to_f64() * **sign < 0.0).for_each(|(w, _)| *w = W::ZERO);
            }
        }
    }
}

/// The sum of products, in a fixed order.
fn dot<W: Real>(a: &[W], b: &[W]) -> f64 {
    let mut sums = [W::ZERO; LANES];
    let (a_parts, b_parts) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a.to_f64() * b.to_f64()).sum();
    for (a, b) in a_parts.zip(b_parts) {
        (0..LANES).for_each(|lane| sums[lane] = a[lane].mul_add(b[lane], sums[lane], false));
    }
    sums.iter().map(|sum| sum.to_f64()).sum::<f64>() + rest
}
