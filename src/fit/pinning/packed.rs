//! Packed: the P of many small sets of sources side by side, one in each lane of a vector.

use crate::kernels::{Buffer, Correlations, Level, Real, patterns};

/// Some sets of sources that learn together. A set with fewer sources than the largest is filled up with silent ones.
pub(super) struct Pack<U: Real> {
    correlations: Correlations<U>,
    /// Index of the set in each lane; the last lanes may be empty.
    groups: Vec<usize>,
    lanes: usize,
    /// Neuron behind each lane of each source, and the square root of its prior variance: 0 where there is none.
    sources: Vec<(usize, f64)>,
    /// One vector per source.
    rates: Buffer<U>,
}

/// The sets (sources that learn, and roots of their prior variances) in packs, and those that are better left alone: a pack is made where
/// at least half of its arithmetic is of use.
pub(super) fn packs<U: Real>(sets: &[(Vec<usize>, &[f64])], p0: f64, level: Level) -> (Vec<Pack<U>>, Vec<usize>) {
    let lanes = patterns::<U>(level);
    let mut order: Vec<usize> = (0..sets.len()).filter(|&index| !sets[index].0.is_empty()).collect();
    // Stable: sets of equal size stay in order.
    order.sort_by_key(|&index| sets[index].0.len());
    let triangle = |index: usize| sets[index].0.len() * (sets[index].0.len() + 1) / 2;
    let (mut packs, mut alone) = (Vec::new(), Vec::new());
    for groups in order.chunks(lanes) {
        let (largest, all) = (triangle(groups[groups.len() - 1]), groups.iter().map(|&index| triangle(index)).sum::<usize>());
        if lanes > 1 && 2 * all >= lanes * largest {
            packs.push(Pack::new(groups, sets, p0, level));
        } else {
            alone.extend_from_slice(groups);
        }
    }
    (packs, alone)
}

impl<U: Real> Pack<U> {
    fn new(groups: &[usize], sets: &[(Vec<usize>, &[f64])], p0: f64, level: Level) -> Self {
        let lanes = patterns::<U>(level);
        let most = groups.iter().map(|&index| sets[index].0.len()).max().unwrap_or(0);
        let mut sources = vec![(0, 0.0); most * lanes];
        for (lane, &index) in groups.iter().enumerate() {
            let (set, roots) = &sets[index];
            set.iter().zip(*roots).enumerate().for_each(|(k, (&source, &root))| sources[k * lanes + lane] = (source, root));
        }
        let rates = Buffer::zeros(most * lanes);
        Pack { correlations: Correlations::new(most, p0, 1, level), groups: groups.to_vec(), lanes, sources, rates }
    }

    /// k = P r and P <- P - c k k^T in every lane.
    pub(super) fn observe(&mut self, rates: &[f64]) {
        self.rates.iter_mut().zip(&self.sources).for_each(|(r, &(source, root))| *r = U::from_f64(rates[source] * root));
        self.correlations.observe(&[&self.rates[..]]);
    }

    /// The sets, lane by lane.
    pub(super) fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// c of the set in `lane`.
    pub(super) fn factor(&self, lane: usize) -> f64 {
        self.correlations.factor(0)[lane].to_f64()
    }

    /// k of the set in `lane`, silent sources at the end.
    pub(super) fn gain(&self, lane: usize) -> impl Iterator<Item = f64> + '_ {
        self.correlations.gain(0)[lane..].iter().step_by(self.lanes).map(|k| k.to_f64())
    }
}
