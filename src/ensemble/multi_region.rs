//! Regions with gains of their own and a choice of structure between them.

use super::gaussian::normal_matrix;
use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;
use rand::seq::index;
use serde::{Deserialize, Serialize};

/// Gaussian regions: J_ij ~ N(0, g_a² / n_a) inside region a with n_a neurons, and one structure for every ordered pair of regions.
///
/// The spectral radius is the root of the Perron eigenvalue of Q_ab = (variance of a weight from b to a) × n_b
/// (Aljadeff, Stern & Sharpee 2015) where all blocks are independent and dense or random sparse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MultiRegion {
    /// Gain inside each region: one number for all, or one per region; at least 0, default 1.5.
    pub within: Vec<f64>,
    /// Structure between regions; default dense with gain 0.5.
    pub between: Between,
}

/// How the weights from one region to another are drawn. `n` is the number of neurons of the source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Between {
    /// No weights.
    None,
    /// Every weight N(0, gain² / n).
    Dense {
        /// At least 0.
        gain: f64,
    },
    /// Each weight exists with `probability`, then N(0, gain² / (probability n)): the current is as large as that of dense weights.
    Sparse {
        /// At least 0.
        gain: f64,
        /// In (0, 1].
        probability: f64,
    },
    /// Unit i of the source drives unit i of the target with `weight`, for a random `fraction` of the units (Perich et al. 2020).
    OneToOne {
        /// Weight of every link.
        weight: f64,
        /// In (0, 1].
        fraction: f64,
    },
    /// A "communication subspace": rank-`rank` block gain / sqrt(rank n) U V^T, entries of U and V standard normal (Semedo et al. 2019).
    LowRank {
        /// At least 0.
        gain: f64,
        /// At least 1 and at most the smaller region.
        rank: usize,
    },
}

impl Default for MultiRegion {
    fn default() -> Self {
        MultiRegion { within: vec![1.5], between: Between::Dense { gain: 0.5 } }
    }
}

impl MultiRegion {
    /// Gain inside the region at position `index`.
    fn gain(&self, index: usize) -> f64 {
        if self.within.len() == 1 { self.within[0] } else { self.within[index] }
    }

    fn check(&self, regions: &Regions) -> Result<()> {
        if self.within.len() != 1 && self.within.len() != regions.count() {
            return Err(Error::shape("gains within regions", format!("1 or {} numbers", regions.count()), self.within.len()));
        }
        self.within.iter().try_for_each(|&gain| in_range("gain within a region", gain, 0.0.., "at least 0").map(|_| ()))?;
        self.between.check(regions)
    }
}

impl Between {
    fn check(&self, regions: &Regions) -> Result<()> {
        let at_least_0 = |gain| in_range("gain between regions", gain, 0.0.., "at least 0").map(|_| ());
        let fraction = |name: &str, value: f64| match value > 0.0 && value <= 1.0 {
            true => Ok(()),
            false => Err(Error::parameter(name, value, "in (0, 1]")),
        };
        match *self {
            Between::None => Ok(()),
            Between::Dense { gain } => at_least_0(gain),
            Between::Sparse { gain, probability } => at_least_0(gain).and(fraction("probability of a weight", probability)),
            Between::OneToOne { weight, fraction: share } => {
                in_range("weight between regions", weight, .., "a finite number").and(fraction("fraction of projecting units", share))
            }
            Between::LowRank { gain, rank } => {
                let smallest = regions.sizes().iter().min().copied().unwrap_or(0);
                if rank == 0 || rank > smallest {
                    return Err(Error::parameter("rank between regions", rank, format!("1 to {smallest}, the smallest region")));
                }
                at_least_0(gain)
            }
        }
    }

    /// The block from `sources` to `targets` neurons.
    fn block(&self, targets: usize, sources: usize, seed: Seed) -> DMatrix<f64> {
        let mut rng = seed.child("mask").rng();
        let per_source = |gain: f64| gain / (sources as f64).sqrt();
        match *self {
            Between::None => DMatrix::zeros(targets, sources),
            Between::Dense { gain } => normal_matrix(targets, sources, per_source(gain), seed),
            Between::Sparse { gain, probability } => {
                let dense = normal_matrix(targets, sources, per_source(gain) / probability.sqrt(), seed);
                dense.map(|weight| if rng.random::<f64>() < probability { weight } else { 0.0 })
            }
            Between::OneToOne { weight, fraction } => {
                let units = targets.min(sources);
                let links = ((fraction * units as f64).round() as usize).max(1);
                let mut block = DMatrix::zeros(targets, sources);
                index::sample(&mut rng, units, links).iter().for_each(|unit| block[(unit, unit)] = weight);
                block
            }
            Between::LowRank { gain, rank } => {
                let left = normal_matrix(targets, rank, 1.0, seed.child("left"));
                let right = normal_matrix(sources, rank, per_source(gain) / (rank as f64).sqrt(), seed.child("right"));
                left * right.transpose()
            }
        }
    }

    /// Gain of the current from one region to another, where the weights are independent.
    fn independent_gain(&self) -> Option<f64> {
        match *self {
            Between::None => Some(0.0),
            Between::Dense { gain } | Between::Sparse { gain, .. } => Some(gain),
            Between::OneToOne { .. } | Between::LowRank { .. } => None,
        }
    }
}

impl Ensemble for MultiRegion {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        self.check(regions)?;
        let mut j = DMatrix::zeros(regions.neurons(), regions.neurons());
        let seed = seed.child("connectivity");
        for (t, target) in (0..regions.count()).map(|t| (t, regions.range_at(t))) {
            for (s, source) in (0..regions.count()).map(|s| (s, regions.range_at(s))) {
                // Named by the pair, so that another region does not change this block.
                let seed = seed.child(&regions.names()[t]).child(&regions.names()[s]);
                let block = if t == s {
                    normal_matrix(target.len(), target.len(), self.gain(t) / (target.len() as f64).sqrt(), seed)
                } else {
                    self.between.block(target.len(), source.len(), seed)
                };
                j.view_mut((target.start, source.start), (target.len(), source.len())).copy_from(&block);
            }
        }
        Connectivity::dense(j)
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        self.check(regions).ok()?;
        let between = self.between.independent_gain()?;
        let count = regions.count();
        let fractions: Vec<f64> = regions.sizes().iter().map(|&size| size as f64 / regions.neurons() as f64).collect();
        // Gains are per source region here and per all neurons in the law: g² / n_b = (g² / α_b) / N.
        let gain = |t: usize, s: usize| if t == s { self.gain(t) } else { between };
        let gains = DMatrix::from_fn(count, count, |t, s| gain(t, s) / fractions[s].sqrt());
        Some(Bulk::Blocks { fractions, gains }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Projection;

    fn regions() -> Regions {
        Regions::new([("A", 120), ("B", 80), ("C", 100)]).unwrap()
    }

    fn rms(block: &DMatrix<f64>) -> f64 {
        (block.norm_squared() / block.len() as f64).sqrt()
    }

    #[test]
    fn gains_are_those_asked_for_in_every_block() {
        for between in
            [Between::Dense { gain: 0.6 }, Between::Sparse { gain: 0.6, probability: 0.2 }, Between::LowRank { gain: 0.6, rank: 3 }]
        {
            let law = MultiRegion { within: vec![1.8, 1.5, 1.2], between };
            let j = law.sample(&regions(), Seed(2)).unwrap();
            for projection in regions().projections() {
                let block = j.block(&regions(), &projection).unwrap();
                let expected = if projection.is_within() { law.within[regions().index(&projection.source).unwrap()] } else { 0.6 };
                let found = rms(&block) * (block.ncols() as f64).sqrt();
                // Four standard deviations of the RMS over the independent numbers that a block is made of.
                let tolerance = match (projection.is_within(), between) {
                    (false, Between::LowRank { .. }) => 0.25,
                    (false, Between::Sparse { probability, .. }) => 4.0 * ((3.0 / probability - 1.0) / block.len() as f64).sqrt() / 2.0,
                    _ => 4.0 * (2.0 / block.len() as f64).sqrt() / 2.0,
                };
                assert!((found / expected - 1.0).abs() < tolerance, "{projection} {between:?}: {found}");
            }
        }
    }

    #[test]
    fn a_low_rank_block_has_its_rank() {
        let law = MultiRegion { between: Between::LowRank { gain: 0.5, rank: 4 }, ..Default::default() };
        let block = law.sample(&regions(), Seed(3)).unwrap().block(&regions(), &Projection::new("A", "C")).unwrap();
        assert_eq!(block.rank(1e-10), 4);
    }

    #[test]
    fn one_to_one_links_stand_on_the_diagonal() {
        let law = MultiRegion { between: Between::OneToOne { weight: 0.2, fraction: 0.05 }, ..Default::default() };
        let block = law.sample(&regions(), Seed(3)).unwrap().block(&regions(), &Projection::new("A", "C")).unwrap();
        assert_eq!(block.iter().filter(|&&w| w != 0.0).count(), 5);
        assert_eq!((0..100).filter(|&unit| block[(unit, unit)] == 0.2).count(), 5);
    }

    #[test]
    fn a_blocks_weights_do_not_depend_on_the_other_regions() {
        let law = MultiRegion::default();
        let two = Regions::new([("A", 20), ("B", 30)]).unwrap();
        let three = Regions::new([("A", 20), ("Z", 7), ("B", 30)]).unwrap();
        let block = |regions: &Regions| law.sample(regions, Seed(8)).unwrap().block(regions, &Projection::new("A", "B")).unwrap();
        assert_eq!(block(&two), block(&three));
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let bad = |law: MultiRegion| law.sample(&regions(), Seed(1)).unwrap_err().to_string();
        assert!(bad(MultiRegion { within: vec![1.0, 2.0], ..Default::default() }).contains("gains within"));
        assert!(
            bad(MultiRegion { between: Between::Sparse { gain: 1.0, probability: 0.0 }, ..Default::default() }).contains("probability")
        );
        assert!(bad(MultiRegion { between: Between::LowRank { gain: 1.0, rank: 81 }, ..Default::default() }).contains("80"));
    }
}
