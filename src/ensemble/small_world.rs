//! Small worlds: a ring of neighbours in which some links are rewired (Watts & Strogatz 1998), directed and with Gaussian weights.

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::{Connectivity, SparseRows};
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// Every unit of a ring has K inputs: from its K / 2 nearest neighbours on either side, each link moved to a random other source with
/// probability `rewiring`. A weight that exists is N(0, gain² / K).
///
/// The variances of a row add up to gain², so with many inputs the radius is `gain`, whatever the rewiring. Without rewiring the columns
/// add up to gain² as well and the disc is uniform; with it the number of outputs varies from unit to unit by about √(K rewiring), and
/// the centre is a little denser. The edge is blurred as in a network of not many more than K neurons, whatever N: on a ring of 1000 the
/// largest modulus is 6 to 11 % beyond the gain with K = 100, 8 to 14 % with K = 40.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmallWorld {
    /// K: an even number, at least 2 and less than N; default 40.
    pub inputs: usize,
    /// Probability that a link is moved, 0 (a ring) to 1 (random); default 0.1.
    pub rewiring: f64,
    /// At least 0; default 1.5.
    pub gain: f64,
}

impl Default for SmallWorld {
    fn default() -> Self {
        SmallWorld { inputs: 40, rewiring: 0.1, gain: 1.5 }
    }
}

impl SmallWorld {
    fn check(&self, neurons: usize) -> Result<()> {
        if self.inputs < 2 || self.inputs % 2 == 1 || self.inputs >= neurons {
            return Err(Error::parameter("inputs", self.inputs, format!("an even number from 2 to less than {neurons}, the neurons")));
        }
        in_range("rewiring", self.rewiring, 0.0..=1.0, "0 to 1")?;
        in_range("gain", self.gain, 0.0.., "at least 0").map(|_| ())
    }

    /// The sources of unit `target`, in increasing order.
    fn sources(&self, target: usize, neurons: usize, rng: &mut impl rand::Rng) -> Vec<usize> {
        let half = self.inputs / 2;
        let near = (1..=half).flat_map(|step| [(target + step) % neurons, (target + neurons - step) % neurons]);
        let (moved, mut sources): (Vec<usize>, Vec<usize>) = near.partition(|_| rng.random::<f64>() < self.rewiring);
        for _ in moved {
            // A link that is moved may come to stand where another one was taken away, but not on the unit itself or on a link.
            let source = loop {
                let source = rng.random_range(0..neurons);
                if source != target && !sources.contains(&source) {
                    break source;
                }
            };
            sources.push(source);
        }
        sources.sort_unstable();
        sources
    }
}

impl Ensemble for SmallWorld {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        let neurons = regions.neurons();
        self.check(neurons)?;
        let mut rng = seed.child("connectivity").rng();
        let scale = self.gain / (self.inputs as f64).sqrt();
        let rows: Vec<Vec<(usize, f64)>> = (0..neurons)
            .map(|target| {
                let sources = self.sources(target, neurons, &mut rng);
                let mut weight = || {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    scale * z
                };
                sources.into_iter().map(|source| (source, weight())).collect()
            })
            .collect();
        Ok(Connectivity::Sparse(SparseRows::new(&rows)?))
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        self.check(regions.neurons()).ok()?;
        Some(Bulk::Disc { radius: self.gain }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    fn rows(law: SmallWorld, neurons: usize) -> Vec<Vec<usize>> {
        let regions = Regions::single("all", neurons).unwrap();
        let Connectivity::Sparse(j) = law.sample(&regions, Seed(2)).unwrap() else { panic!("dense") };
        (0..neurons).map(|target| j.row(target).map(|(source, _)| source).collect()).collect()
    }

    #[test]
    fn rewiring_moves_its_share_of_the_links_and_keeps_the_number_of_inputs() {
        let distance = |a: usize, b: usize| (a + 300 - b).rem_euclid(300).min((b + 300 - a).rem_euclid(300));
        for (rewiring, slack) in [(0.0, 0.0), (0.3, 0.03), (1.0, 0.0)] {
            let rows = rows(SmallWorld { inputs: 20, rewiring, gain: 1.0 }, 300);
            let mut far = 0;
            for (target, sources) in rows.iter().enumerate() {
                assert!(sources.len() == 20 && sources.windows(2).all(|w| w[0] < w[1]) && !sources.contains(&target));
                far += sources.iter().filter(|&&source| distance(source, target) > 10).count();
            }
            // Of the links that are moved, some land near by: with m of 20 moved, m (10 to 20 places of 279 to 299).
            let share = far as f64 / 6000.0;
            let expected = rewiring * (1.0 - 20.0 * rewiring / 290.0);
            assert!((share - expected).abs() <= slack + 0.01 * rewiring, "{rewiring}: {share} {expected}");
        }
    }

    #[test]
    fn the_radius_does_not_depend_on_the_rewiring() {
        let regions = Regions::single("all", 500).unwrap();
        for rewiring in [0.0, 0.1, 1.0] {
            let law = SmallWorld { inputs: 100, rewiring, gain: 1.0 };
            let values = eigenvalues(&law.sample(&regions, Seed(3)).unwrap().to_dense()).unwrap();
            // Measured on rings of 400 to 1000 with K = 100: 1.04 to 1.11; with random links 1.00 to 1.04.
            assert!((1.0..1.13).contains(&values[0].norm()), "{rewiring}: {}", values[0].norm());
            let inside = values.iter().filter(|z| z.norm() <= 0.5).count() as f64 / 500.0;
            assert!((inside - 0.25).abs() < 0.03, "{rewiring}: {inside}");
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        let regions = Regions::single("all", 30).unwrap();
        let refused = |law: SmallWorld| law.sample(&regions, Seed(1)).unwrap_err().to_string();
        assert!(refused(SmallWorld { inputs: 30, ..Default::default() }).contains("inputs = 30"));
        assert!(refused(SmallWorld { inputs: 5, ..Default::default() }).contains("even"));
        assert!(refused(SmallWorld { inputs: 4, rewiring: 1.5, ..Default::default() }).contains("rewiring"));
    }
}
