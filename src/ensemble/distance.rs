//! Weights that decay with the distance between two units.

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::{Connectivity, SparseRows};
use crate::error::{Error, Result, in_range, positive};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// Gaussian weights between units in space: near ones are strong, or frequent.
///
/// With k(d) the decay and d the distance from source j to target i, J_ij ~ N(0, gain² k(d_ij) / Σ_l k(d_il)). With `inputs` K, a weight
/// exists with probability p_ij = K k(d_ij) / Σ_l k(d_il), at most 1, and is then N(0, gain² / Σ_l p_il). No unit drives itself.
///
/// The variances of a row add up to gain² either way, so the radius is `gain` as long as many units lie within `length` (and K is large).
/// On a ring all columns are alike and the disc is uniform; in a plane units in crowded places send more, which makes the centre denser.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Distance {
    /// Where the units are; default a ring.
    pub space: Space,
    /// k(d); default exponential.
    pub decay: Decay,
    /// Length of the decay as a share of the circumference or of the side; greater than 0, default 0.1.
    pub length: f64,
    /// K, mean number of inputs at most; at least 1. Without it (the default) every weight exists.
    pub inputs: Option<usize>,
    /// At least 0; default 1.5.
    pub gain: f64,
}

/// Where the units of a [`Distance`] network are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Space {
    /// In order and evenly on a ring of circumference 1.
    #[default]
    Ring,
    /// At random places of a square of side 1 whose opposite sides are joined.
    Plane,
}

/// How weights decay with the distance d.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// exp(−d / length)
    #[default]
    Exponential,
    /// exp(−d² / (2 length²))
    Gaussian,
}

impl Default for Distance {
    fn default() -> Self {
        Distance { space: Space::Ring, decay: Decay::Exponential, length: 0.1, inputs: None, gain: 1.5 }
    }
}

impl Distance {
    fn check(&self, neurons: usize) -> Result<()> {
        positive("length", self.length)?;
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        match self.inputs {
            Some(inputs) if inputs == 0 || inputs >= neurons => {
                Err(Error::parameter("inputs", inputs, format!("1 to less than {neurons}, the neurons")))
            }
            _ if neurons < 2 => Err(Error::parameter("neurons", neurons, "at least 2, as no unit drives itself")),
            _ => Ok(()),
        }
    }

    /// A place for every unit; on a ring the second coordinate is 0.
    fn places(&self, neurons: usize, seed: Seed) -> Vec<(f64, f64)> {
        let mut rng = seed.rng();
        match self.space {
            Space::Ring => (0..neurons).map(|unit| (unit as f64 / neurons as f64, 0.0)).collect(),
            Space::Plane => (0..neurons).map(|_| (rng.random(), rng.random())).collect(),
        }
    }

    /// k(d) / Σ k(d) from every source to `target`.
    fn profile(&self, places: &[(f64, f64)], target: usize) -> Vec<f64> {
        let around = |gap: f64| gap.abs().min(1.0 - gap.abs());
        let (x, y) = places[target];
        let distance = |&(a, b): &(f64, f64)| around(a - x).hypot(around(b - y));
        // Measured from the nearest neighbour, so that the largest value is 1 however short the length is.
        let others = || places.iter().enumerate().filter(|(source, _)| *source != target);
        let nearest = others().map(|(_, place)| distance(place)).fold(f64::INFINITY, f64::min);
        let decay = |d: f64| match self.decay {
            Decay::Exponential => (-(d - nearest) / self.length).exp(),
            Decay::Gaussian => (-(d.powi(2) - nearest.powi(2)) / (2.0 * self.length.powi(2))).exp(),
        };
        let mut profile: Vec<f64> = places.iter().map(|place| decay(distance(place))).collect();
        profile[target] = 0.0;
        let total: f64 = profile.iter().sum();
        profile.iter_mut().for_each(|k| *k /= total);
        profile
    }

    /// (source, weight) of one row, where `inputs` weights exist on average.
    fn links(&self, profile: &[f64], inputs: usize, rng: &mut impl rand::Rng) -> Vec<(usize, f64)> {
        let probability = |k: f64| (inputs as f64 * k).min(1.0);
        let scale = self.gain / profile.iter().map(|&k| probability(k)).sum::<f64>().sqrt();
        let mut row = Vec::with_capacity(2 * inputs);
        for (source, &k) in profile.iter().enumerate() {
            if rng.random::<f64>() < probability(k) {
                let z: f64 = StandardNormal.sample(rng);
                row.push((source, scale * z));
            }
        }
        row
    }
}

impl Ensemble for Distance {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        let neurons = regions.neurons();
        self.check(neurons)?;
        let seed = seed.child("connectivity");
        let places = self.places(neurons, seed.child("places"));
        let mut rng = seed.child("weights").rng();
        if let Some(inputs) = self.inputs {
            let rows: Vec<_> = (0..neurons).map(|target| self.links(&self.profile(&places, target), inputs, &mut rng)).collect();
            return Ok(Connectivity::Sparse(SparseRows::new(&rows)?));
        }
        let mut j = DMatrix::zeros(neurons, neurons);
        for target in 0..neurons {
            for (source, k) in self.profile(&places, target).into_iter().enumerate() {
                let z: f64 = StandardNormal.sample(&mut rng);
                j[(target, source)] = self.gain * k.sqrt() * z;
            }
        }
        Connectivity::dense(j)
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

    fn all(neurons: usize) -> Regions {
        Regions::single("all", neurons).unwrap()
    }

    #[test]
    fn near_weights_are_larger_and_rows_keep_their_variance() {
        let law = Distance { gain: 1.0, ..Default::default() };
        let j = law.sample(&all(400), Seed(5)).unwrap().to_dense();
        let mean_square = |steps: std::ops::Range<usize>| {
            let pairs: Vec<f64> = (0..400).flat_map(|i| steps.clone().map(move |s| (i, (i + s) % 400))).map(|p| j[p].powi(2)).collect();
            pairs.iter().sum::<f64>() / pairs.len() as f64
        };
        // One length of 40 units apart: a factor of e, within four standard errors of 8000 squares each.
        let ratio = mean_square(1..21) / mean_square(41..61);
        assert!((ratio / 1.0_f64.exp() - 1.0).abs() < 4.0 * (4.0_f64 / 8000.0).sqrt(), "{ratio}");
        assert!(j.diagonal().iter().all(|&w| w == 0.0));
        assert!((j.norm_squared() / 400.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn the_radius_is_the_gain_in_every_space_and_with_sparse_weights() {
        for (space, decay) in [(Space::Ring, Decay::Gaussian), (Space::Plane, Decay::Exponential), (Space::Plane, Decay::Gaussian)] {
            for inputs in [None, Some(60)] {
                let law = Distance { space, decay, inputs, gain: 1.0, length: 0.15 };
                let values = eigenvalues(&law.sample(&all(500), Seed(6)).unwrap().to_dense()).unwrap();
                assert!((values[0].norm() - 1.03).abs() < 0.06, "{law:?}: {}", values[0].norm());
            }
        }
    }

    #[test]
    fn sparse_rows_have_as_many_inputs_as_asked_for() {
        let law = Distance { inputs: Some(30), length: 0.2, ..Default::default() };
        let Connectivity::Sparse(j) = law.sample(&all(400), Seed(1)).unwrap() else { panic!("dense") };
        let mean = (0..400).map(|target| j.row(target).count()).sum::<usize>() as f64 / 400.0;
        assert!((mean - 30.0).abs() < 4.0 * (30.0_f64 / 400.0).sqrt(), "{mean}");
    }

    #[test]
    fn bad_parameters_are_named_and_short_lengths_stay_finite() {
        let refused = |law: Distance| law.sample(&all(30), Seed(1)).unwrap_err().to_string();
        assert!(refused(Distance { length: 0.0, ..Default::default() }).contains("length"));
        assert!(refused(Distance { inputs: Some(30), ..Default::default() }).contains("30"));
        assert!(Distance { length: 1e-9, ..Default::default() }.sample(&all(30), Seed(1)).is_ok());
        assert!(Distance::default().sample(&all(1), Seed(1)).is_err());
    }
}
