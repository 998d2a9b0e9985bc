//! Wired: recursive least squares where the sources of neurons differ, or their signs are given.

use super::Start;
use super::packed::{Pack, packs};
use crate::fit::wiring::groups;
use crate::kernels::{InverseCorrelation, Level, Real};
use nalgebra::DMatrix;

/// Partial sums of a product: enough to keep the adders busy.
const LANES: usize = 8;

/// J as rows of the weights that exist; memory is the sum over groups of (sources)², half of it stored, and of targets × sources.
pub(super) struct Wired<W: Real, U: Real> {
    neurons: usize,
    groups: Vec<Group<W, U>>,
    /// The groups whose P stand side by side, one in each lane of a vector.
    packs: Vec<Pack<U>>,
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
    /// P, unless a pack holds it.
    correlation: Option<InverseCorrelation<U>>,
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
                correlation: None,
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
        let mut groups: Vec<Group<W, U>> = groups(anatomy).into_iter().map(group).collect();
        let learning: Vec<(Vec<usize>, &[f64])> =
            groups.iter().map(|group| (group.learning.iter().map(|&k| group.sources[k]).collect(), &group.roots[..])).collect();
        let (packs, alone) = packs(&learning, learning_rate, level);
        drop(learning);
        for index in alone {
            groups[index].correlation = Some(InverseCorrelation::new(groups[index].learning.len(), learning_rate, level));
        }
        let mut wired = Wired { neurons: anatomy.nrows(), groups, packs };
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
        for pack in &mut self.packs {
            pack.observe(rates);
            for (lane, &index) in pack.groups().iter().enumerate() {
                let group = &mut self.groups[index];
                let c = pack.factor(lane);
                group.learning.iter().zip(&group.roots).zip(pack.gain(lane)).for_each(|((&k, root), gain)| {
                    group.gain[k] = W::from_f64(c * gain * root);
                });
                group.step(error);
            }
        }
        self.groups.iter_mut().for_each(|group| group.learn(rates, error));
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
    /// k = P r over the learning sources, where P stands alone, and the step that follows.
    fn learn(&mut self, rates: &[f64], error: &[W]) {
        let Some(correlation) = &mut self.correlation else { return };
        for (at, &k) in self.learning.iter().enumerate() {
            self.learning_rates[at] = U::from_f64(rates[self.sources[k]] * self.roots[at]);
        }
        let c = correlation.update(&self.learning_rates, &mut self.learning_gain);
        for (at, &k) in self.learning.iter().enumerate() {
            self.gain[k] = W::from_f64(c * self.learning_gain[at].to_f64() * self.roots[at]);
        }
        self.step(error);
    }

    /// J <- J - e (c k)^T, projected on the signs.
    fn step(&mut self, error: &[W]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;
    use crate::seed::Seed;

    /// Recursive least squares of every row on its own, as plainly as it can be written.
    fn plain(j: &mut DMatrix<f64>, p: &mut [DMatrix<f64>], anatomy: &DMatrix<f64>, rates: &[f64], error: &[f64]) {
        for (i, p) in p.iter_mut().enumerate() {
            let sources: Vec<usize> = (0..rates.len()).filter(|&k| anatomy[(i, k)] > 0.0).collect();
            let root = |k: usize| anatomy[(i, sources[k])].sqrt();
            let r = nalgebra::DVector::from_fn(sources.len(), |k, _| rates[sources[k]] * root(k));
            let gain = &*p * &r;
            let c = 1.0 / (1.0 + r.dot(&gain));
            *p -= &gain * gain.transpose() * c;
            (0..sources.len()).for_each(|k| j[(i, sources[k])] -= error[i] * c * gain[k] * root(k));
        }
    }

    /// Greatest difference of J from the plain algorithm after some steps; rows differ in their sources and in how many they have.
    fn difference<W: Real, U: Real>(neurons: usize, steps: u64) -> (f64, usize) {
        let anatomy = DMatrix::from_fn(neurons, neurons, |i, k| {
            if (i * 7 + k * 13 + i * k) % (3 + i / 24) == 0 { 1.0 + (k % 3) as f64 + 1e-3 * i as f64 } else { 0.0 }
        });
        let mut j = normal_matrix(neurons, neurons, 0.2, Seed(1)).zip_map(&anatomy, |j, a| if a > 0.0 { j } else { 0.0 });
        let start = Start { connectivity: j.clone(), noise: DMatrix::zeros(neurons, 1), plastic: (0..neurons).collect() };
        let mut wired = Wired::<W, U>::new(&start, &anatomy, &[], 1.5);
        let mut p: Vec<DMatrix<f64>> = (0..neurons)
            .map(|i| anatomy.row(i).iter().filter(|&&a| a > 0.0).count())
            .map(|count| DMatrix::identity(count, count) * 1.5)
            .collect();
        for step in 0..steps {
            let draws = normal_matrix(neurons, 2, 0.5, Seed(step + 10));
            let (rates, error) = (draws.column(0), draws.column(1));
            plain(&mut j, &mut p, &anatomy, rates.as_slice(), error.as_slice());
            wired.learn(rates.as_slice(), &error.iter().map(|&e| W::from_f64(e)).collect::<Vec<_>>());
        }
        ((j - DMatrix::from_vec(neurons, neurons, wired.to_column_major())).amax(), wired.packs.len())
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
