//! Wired: recursive least squares where the sources of neurons differ, or their signs are given.

use super::Start;
use super::packed::{Pack, packs};
use crate::fit::wiring::{Rows, groups};
use crate::kernels::{InverseCorrelation, Level, Real};
use nalgebra::DMatrix;

/// Partial sums of a product: enough to keep the adders busy.
const LANES: usize = 8;

/// J as rows of the weights that exist; memory is the sum over sets of (sources)², half of it stored, and of targets × sources.
///
/// Rates are times the root of the prior variance of their weights, and weights over it: so the prior of all is that of P.
pub(super) struct Wired<W: Real, U: Real> {
    neurons: usize,
    /// Small sets, side by side.
    packs: Vec<Pack<U>>,
    /// The others.
    alone: Vec<Alone<W, U>>,
    /// Whether the next step starts at the last pack: what a cache kept is used first.
    backward: bool,
}

/// Targets with equal sources: they share P.
pub(super) struct Set {
    pub targets: Vec<usize>,
    /// Sources whose weights learn.
    pub learning: Vec<Source>,
    /// Sources whose weights do not.
    pub fixed: Vec<Source>,
}

/// A source of a set.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub neuron: usize,
    /// Square root of the prior variance of its weights.
    pub root: f64,
    /// What its weights may be: 1, -1, or 0 for either.
    pub sign: f64,
}

impl Set {
    /// `signs` holds one value per neuron, or none.
    fn new(rows: Rows, plastic: &[usize], signs: &[i8]) -> Self {
        let sign = |neuron: usize| signs.get(neuron).map_or(0.0, |&sign| f64::from(sign));
        let sources = rows.sources.iter().zip(&rows.variances);
        let source = |(&neuron, variance): (&usize, &f64)| Source { neuron, root: variance.sqrt(), sign: sign(neuron) };
        let (learning, fixed) = sources.map(source).partition(|source| plastic.binary_search(&source.neuron).is_ok());
        Set { targets: rows.targets, learning, fixed }
    }
}

impl<W: Real, U: Real> Wired<W, U> {
    /// `anatomy` holds prior variances (target × source), `signs` one value per neuron, or none.
    pub(super) fn new(start: &Start, anatomy: &DMatrix<f64>, signs: &[i8], learning_rate: f64) -> Self {
        let level = Level::detect();
        let sets = groups(anatomy).into_iter().map(|rows| Set::new(rows, &start.plastic, signs)).collect();
        let (packs, alone) = packs(sets, learning_rate, level);
        let alone = alone.into_iter().map(|set| Alone::new(set, learning_rate, level)).collect();
        let mut wired = Wired { neurons: anatomy.nrows(), packs, alone, backward: false };
        wired.restore(start.connectivity.as_slice());
        wired
    }

    pub(super) fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        self.packs.iter_mut().for_each(|pack| pack.apply(rates, drive));
        self.alone.iter_mut().for_each(|set| set.apply(rates, drive));
    }

    pub(super) fn learn(&mut self, error: &[W]) {
        let count = self.packs.len();
        for index in 0..count {
            self.packs[if self.backward { count - 1 - index } else { index }].learn(error);
        }
        self.backward = !self.backward;
        self.alone.iter_mut().for_each(|set| set.learn(error));
    }

    pub(super) fn to_column_major(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.neurons * self.neurons];
        let mut see = |target: usize, source: usize, value: f64| values[source * self.neurons + target] = value;
        self.packs.iter().for_each(|pack| pack.read(&mut see));
        self.alone.iter().for_each(|set| set.read(&mut see));
        values
    }

    pub(super) fn restore(&mut self, weights: &[f64]) {
        let value = |target: usize, source: usize| weights[source * self.neurons + target];
        self.packs.iter_mut().for_each(|pack| pack.write(&value));
        self.alone.iter_mut().for_each(|set| set.write(&value));
    }
}

/// A set on its own.
struct Alone<W: Real, U: Real> {
    targets: Vec<usize>,
    /// Those that learn, then the others.
    sources: Vec<Source>,
    correlation: InverseCorrelation<U>,
    /// Targets × sources, rows one after the other.
    weights: Vec<W>,
    rates: Vec<W>,
    gain: Vec<W>,
    learning_rates: Vec<U>,
    learning_gain: Vec<U>,
}

impl<W: Real, U: Real> Alone<W, U> {
    fn new(set: Set, learning_rate: f64, level: Level) -> Self {
        let (learning, count) = (set.learning.len(), set.learning.len() + set.fixed.len());
        Alone {
            weights: vec![W::ZERO; count * set.targets.len()],
            rates: vec![W::ZERO; count],
            gain: vec![W::ZERO; learning],
            learning_rates: vec![U::ZERO; learning],
            learning_gain: vec![U::ZERO; learning],
            correlation: InverseCorrelation::new(learning, learning_rate, level),
            targets: set.targets,
            sources: set.learning.into_iter().chain(set.fixed).collect(),
        }
    }

    fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        for (k, source) in self.sources.iter().enumerate() {
            let rate = rates[source.neuron] * source.root;
            self.rates[k] = W::from_f64(rate);
            if let Some(to) = self.learning_rates.get_mut(k) {
                *to = U::from_f64(rate);
            }
        }
        let rows = self.weights.chunks_exact(self.sources.len().max(1));
        self.targets.iter().for_each(|&target| drive[target] = 0.0);
        self.targets.iter().zip(rows).for_each(|(&target, row)| drive[target] = dot(row, &self.rates));
    }

    /// k = P r, and J <- J - e (c k)^T, projected on the signs.
    fn learn(&mut self, error: &[W]) {
        let c = self.correlation.update(&self.learning_rates, &mut self.learning_gain);
        self.gain.iter_mut().zip(&self.learning_gain).for_each(|(to, k)| *to = W::from_f64(c * k.to_f64()));
        let signed = self.sources.iter().any(|source| source.sign != 0.0);
        for (row, &target) in self.weights.chunks_exact_mut(self.sources.len().max(1)).zip(&self.targets) {
            let step = W::from_f64(-error[target].to_f64());
            row.iter_mut().zip(&self.gain).for_each(|(w, &k)| *w = step.mul_add(k, *w, false));
            if signed {
                let learning = row.iter_mut().zip(&self.sources).take(self.gain.len());
                learning.filter(|(w, source)| w.to_f64() * source.sign < 0.0).for_each(|(w, _)| *w = W::ZERO);
            }
        }
    }

    /// See [`Pack::read`].
    fn read(&self, see: &mut impl FnMut(usize, usize, f64)) {
        for (row, &target) in self.weights.chunks_exact(self.sources.len().max(1)).zip(&self.targets) {
            row.iter().zip(&self.sources).for_each(|(w, source)| see(target, source.neuron, w.to_f64() * source.root));
        }
    }

    /// See [`Pack::write`].
    fn write(&mut self, value: &impl Fn(usize, usize) -> f64) {
        for (row, &target) in self.weights.chunks_exact_mut(self.sources.len().max(1)).zip(&self.targets) {
            row.iter_mut().zip(&self.sources).for_each(|(w, source)| *w = W::from_f64(value(target, source.neuron) / source.root));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;
    use crate::seed::Seed;

    /// Every third neuron's outgoing weights are given, and the signs of those of some others.
    fn plastic(source: usize) -> bool {
        source % 3 != 2
    }

    fn signs(neurons: usize) -> Vec<i8> {
        (0..neurons).map(|source| [1, 0, -1, 0][source % 4]).collect()
    }

    /// Recursive least squares of every row on its own, as plainly as it can be written; returns J r from before the step.
    fn plain(j: &mut DMatrix<f64>, p: &mut [DMatrix<f64>], anatomy: &DMatrix<f64>, rates: &[f64], error: &[f64]) -> Vec<f64> {
        let drive = (&*j * nalgebra::DVector::from_column_slice(rates)).as_slice().to_vec();
        let signs = signs(rates.len());
        for (i, p) in p.iter_mut().enumerate() {
            let sources: Vec<usize> = (0..rates.len()).filter(|&k| anatomy[(i, k)] > 0.0 && plastic(k)).collect();
            let root = |k: usize| anatomy[(i, sources[k])].sqrt();
            let r = nalgebra::DVector::from_fn(sources.len(), |k, _| rates[sources[k]] * root(k));
            let gain = &*p * &r;
            let c = 1.0 / (1.0 + r.dot(&gain));
            *p -= &gain * gain.transpose() * c;
            for (k, &source) in sources.iter().enumerate() {
                let weight = j[(i, source)] - error[i] * c * gain[k] * root(k);
                j[(i, source)] = if weight * f64::from(signs[source]) < 0.0 { 0.0 } else { weight };
            }
        }
        drive
    }

    /// Greatest difference of J and of the drives from the plain algorithm after some steps; rows differ in their sources and in how many
    /// they have.
    fn difference<W: Real, U: Real>(neurons: usize, steps: u64) -> (f64, usize) {
        let anatomy = DMatrix::from_fn(neurons, neurons, |i, k| {
            if (i * 7 + k * 13 + i * k) % (3 + i / 24) == 0 { 1.0 + (k % 3) as f64 + 1e-3 * i as f64 } else { 0.0 }
        });
        let mut j = normal_matrix(neurons, neurons, 0.2, Seed(1)).zip_map(&anatomy, |j, a| if a > 0.0 { j } else { 0.0 });
        let learning: Vec<usize> = (0..neurons).filter(|&source| plastic(source)).collect();
        let start = Start { connectivity: j.clone(), noise: DMatrix::zeros(neurons, 1), plastic: learning };
        let mut wired = Wired::<W, U>::new(&start, &anatomy, &signs(neurons), 1.5);
        let learns = |i: usize| (0..neurons).filter(|&k| anatomy[(i, k)] > 0.0 && plastic(k)).count();
        let mut p: Vec<DMatrix<f64>> = (0..neurons).map(learns).map(|count| DMatrix::identity(count, count) * 1.5).collect();
        let (mut drive, mut greatest) = (vec![0.0; neurons], 0.0_f64);
        for step in 0..steps {
            let draws = normal_matrix(neurons, 2, 0.5, Seed(step + 10));
            let (rates, error) = (draws.column(0), draws.column(1));
            let expected = plain(&mut j, &mut p, &anatomy, rates.as_slice(), error.as_slice());
            wired.apply(rates.as_slice(), &mut drive);
            greatest = expected.iter().zip(&drive).fold(greatest, |most, (a, b)| most.max((a - b).abs()));
            wired.learn(&error.iter().map(|&e| W::from_f64(e)).collect::<Vec<_>>());
        }
        (greatest.max((j - DMatrix::from_vec(neurons, neurons, wired.to_column_major())).amax()), wired.packs.len())
    }

    #[test]
    fn rows_with_sources_of_their_own_learn_as_the_plain_algorithm_says() {
        for neurons in [5, 31, 70] {
            let (double, packs) = difference::<f64, f64>(neurons, 30);
            assert!(double < 1e-11, "{neurons}: {double}");
            assert!(packs > 0 || neurons < 31, "{neurons}: side by side");
            assert!(difference::<f32, f64>(neurons, 30).0 < 1e-4, "{neurons}");
            assert!(difference::<f32, f32>(neurons, 30).0 < 1e-3, "{neurons}");
        }
    }
}
