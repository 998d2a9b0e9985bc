//! Weights with heavy tails: few strong ones among many weak ones.

use super::{Bulk, Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Result, in_range, positive};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{ChiSquared, Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// Independent weights of Student's t distribution: the density falls like |J_ij|^(−1 − exponent).
///
/// Above an exponent of 2 the variance is gain² / N and the circular law holds, as for any independent weights of finite variance (Tao &
/// Vu 2010); the lower the exponent, the larger the N that it takes (at 3
/// and N = 400, 53 to 57 % of the eigenvalues lie within the median radius of the law, and the largest reaches 1.4 g). At 2 and below the variance is infinite: the weights are gain t / N^(1 /
/// exponent), the eigenvalues fill the whole plane with a density that has no closed form (Bordenave, Caputo & Chafaï 2011), and
/// `prediction` is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeavyTailed {
    /// Gain g; at least 0, default 1.
    pub gain: f64,
    /// Degrees of freedom of Student's distribution; greater than 0, default 5.
    pub exponent: f64,
}

impl Default for HeavyTailed {
    fn default() -> Self {
        HeavyTailed { gain: 1.0, exponent: 5.0 }
    }
}

impl HeavyTailed {
    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        positive("exponent", self.exponent).map(|_| ())
    }

    /// Factor of Student's t.
    fn scale(&self, neurons: f64) -> f64 {
        let nu = self.exponent;
        self.gain * if nu > 2.0 { ((nu - 2.0) / (nu * neurons)).sqrt() } else { neurons.powf(-1.0 / nu) }
    }
}

impl Ensemble for HeavyTailed {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        self.check()?;
        let neurons = regions.neurons();
        let chi = ChiSquared::new(self.exponent).expect("the exponent is greater than 0");
        let scale = self.scale(neurons as f64);
        let mut rng = seed.child("connectivity").rng();
        let mut t = || {
            let normal: f64 = StandardNormal.sample(&mut rng);
            normal / (chi.sample(&mut rng) / self.exponent).sqrt()
        };
        Connectivity::dense(DMatrix::from_fn(neurons, neurons, |_, _| scale * t()))
    }

    fn prediction(&self, _regions: &Regions) -> Option<Prediction> {
        self.check().ok()?;
        (self.exponent > 2.0).then(|| Bulk::Disc { radius: self.gain }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(exponent: f64) -> Vec<f64> {
        let law = HeavyTailed { gain: 1.0, exponent };
        law.sample(&Regions::single("all", 300).unwrap(), Seed(4)).unwrap().to_dense().iter().copied().collect()
    }

    #[test]
    fn the_variance_is_that_of_the_gain_where_it_exists() {
        // At exponent 6 the relative variance of a square is 2 (ν − 1) / (ν − 4) = 5, over 90 000 of them.
        let square: f64 = weights(6.0).iter().map(|w| w * w).sum::<f64>() / 300.0;
        assert!((square - 1.0).abs() < 4.0 * (5.0_f64 / 90_000.0).sqrt(), "{square}");
    }

    #[test]
    fn tails_fall_with_the_exponent() {
        for exponent in [1.0, 3.0] {
            let mut sizes: Vec<f64> = weights(exponent).iter().map(|w| w.abs()).collect();
            sizes.sort_by(|a, b| b.total_cmp(a));
            // Hill's estimate from the 500 largest of 90 000: relative standard deviation 1 / √500, and a bias of a few per cent.
            let hill = 500.0 / sizes[..500].iter().map(|w| (w / sizes[500]).ln()).sum::<f64>();
            assert!((hill / exponent - 1.0).abs() < 0.2, "{exponent}: {hill}");
        }
    }

    #[test]
    fn nothing_is_predicted_without_a_variance() {
        let regions = Regions::single("all", 10).unwrap();
        assert_eq!(HeavyTailed { exponent: 2.0, ..Default::default() }.prediction(&regions), None);
        assert!(HeavyTailed { exponent: 0.0, ..Default::default() }.sample(&regions, Seed(1)).is_err());
    }
}
