//! Excitatory and inhibitory neurons: the mean and the variance of a weight depend on its source (Rajan & Abbott 2006).

use super::{Bulk, Ensemble, Outlier, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::{Complex, DMatrix};
use rand_distr::{Distribution, Gamma, StandardNormal};
use serde::{Deserialize, Serialize};

/// Columns of two kinds: excitatory weights have mean µ_E / √N and standard deviation σ_E / √N, inhibitory ones −µ_I / √N and σ_I / √N.
///
/// The first round(fraction × n) neurons of every region of n neurons are excitatory. With zero means only the variances differ
/// between columns. The eigenvalues fill a disc of radius √(f σ_E² + (1 − f) σ_I²), denser in the middle where σ_E ≠ σ_I.
///
/// The means add one eigenvalue λ = √N (f µ_E − (1 − f) µ_I). With balanced rows it stands there exactly, for every matrix, and
/// the rest of the spectrum is as without means. Without, λ scatters, and where excitation and inhibition cancel (λ near or inside the
/// disc) several eigenvalues stray beyond the disc, at random places for which nothing is predicted.
///
/// ```
/// use crosscurrent::{Ensemble, Regions, ensemble::Dale};
/// let law = Dale { mean_inhibitory: 3.6, ..Default::default() };
/// let prediction = law.prediction(&Regions::single("all", 1000)?).unwrap();
/// assert!((prediction.outliers[0].value.re - 2.5298).abs() < 1e-4);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dale {
    /// Fraction f of excitatory neurons; 0 to 1, default 0.8.
    pub fraction: f64,
    /// µ_E, at least 0, default 1.
    pub mean_excitatory: f64,
    /// µ_I, a size without its sign; at least 0, default 4.
    pub mean_inhibitory: f64,
    /// σ_E, at least 0, default 1.
    pub deviation_excitatory: f64,
    /// σ_I, at least 0, default 1.
    pub deviation_inhibitory: f64,
    /// Whether rows are balanced; they are by default.
    pub balance: RowBalance,
    /// The distribution of the weights; Gaussian by default.
    pub weights: DaleWeights,
}

/// What is done so that excitation and inhibition cancel at every neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowBalance {
    /// Nothing.
    None,
    /// Every row adds up to λ. Gaussian weights: the mean of the row's random parts is subtracted. Strict ones: excitatory weights of a row are
    /// multiplied by 1 + c, inhibitory ones by 1 − c, which keeps their signs.
    Rows,
}

/// The distribution of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DaleWeights {
    /// Normal: some weights have the wrong sign (16 % where mean and deviation are equal).
    Gaussian,
    /// Gamma distributed sizes with the same mean and variance: no weight has the wrong sign.
    Strict,
}

impl Default for Dale {
    fn default() -> Self {
        Dale {
            fraction: 0.8,
            mean_excitatory: 1.0,
            mean_inhibitory: 4.0,
            deviation_excitatory: 1.0,
            deviation_inhibitory: 1.0,
            balance: RowBalance::Rows,
            weights: DaleWeights::Gaussian,
        }
    }
}

impl Dale {
    fn check(&self) -> Result<()> {
        in_range("fraction of excitatory neurons", self.fraction, 0.0..=1.0, "0 to 1")?;
        for (name, mean, deviation) in [
            ("excitatory", self.mean_excitatory, self.deviation_excitatory),
            ("inhibitory", self.mean_inhibitory, self.deviation_inhibitory),
        ] {
            in_range(&format!("mean_{name}"), mean, 0.0.., "a size of at least 0")?;
            in_range(&format!("deviation_{name}"), deviation, 0.0.., "at least 0")?;
            if self.weights == DaleWeights::Strict && mean == 0.0 && deviation > 0.0 {
                let needed = "greater than 0 where strict weights vary: weights of one sign and mean 0 are all 0";
                return Err(Error::parameter(format!("mean_{name}"), mean, needed));
            }
        }
        Ok(())
    }

    /// Which neurons are excitatory: the first round(fraction × n) of every region of n neurons.
    pub fn excitatory(&self, regions: &Regions) -> Vec<bool> {
        let of_region = |&size: &usize| {
            let count = (self.fraction * size as f64).round() as usize;
            (0..size).map(move |neuron| neuron < count)
        };
        regions.sizes().iter().flat_map(of_region).collect()
    }

    /// The fraction of excitatory neurons that the sizes of the regions allow.
    fn actual_fraction(&self, regions: &Regions) -> f64 {
        self.excitatory(regions).iter().filter(|&&yes| yes).count() as f64 / regions.neurons() as f64
    }

    /// λ = √N (f µ_E − (1 − f) µ_I): what every row adds up to on average.
    fn row_sum(&self, regions: &Regions) -> f64 {
        let f = self.actual_fraction(regions);
        (regions.neurons() as f64).sqrt() * (f * self.mean_excitatory - (1.0 - f) * self.mean_inhibitory)
    }

    /// Signed mean and standard deviation of a column, × √N.
    fn column(&self, excitatory: bool) -> (f64, f64) {
        if excitatory { (self.mean_excitatory, self.deviation_excitatory) } else { (-self.mean_inhibitory, self.deviation_inhibitory) }
    }

    /// The weights without balance.
    fn draw(&self, excitatory: &[bool], seed: Seed) -> DMatrix<f64> {
        let neurons = excitatory.len();
        let unit = 1.0 / (neurons as f64).sqrt();
        let mut rng = seed.rng();
        let mut j = DMatrix::zeros(neurons, neurons);
        for (mut column, &excitatory) in j.column_iter_mut().zip(excitatory) {
            let (mean, deviation) = self.column(excitatory);
            if self.weights == DaleWeights::Strict && deviation > 0.0 {
                let size = mean.abs();
                let gamma = Gamma::new((size / deviation).powi(2), deviation.powi(2) / size).expect("mean and deviation are positive");
                column.apply(|weight| *weight = unit * gamma.sample(&mut rng).copysign(mean));
            } else {
                column.apply(|weight| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    *weight = unit * (mean + deviation * z);
                });
            }
        }
        j
    }

    /// Makes every row add up to `sum`.
    fn balance(&self, j: &mut DMatrix<f64>, sum: f64) -> Result<()> {
        for (i, mut row) in j.row_iter_mut().enumerate() {
            let excess = row.sum() - sum;
            if self.weights == DaleWeights::Gaussian {
                row.add_scalar_mut(-excess / row.len() as f64);
                continue;
            }
            let size = row.lp_norm(1);
            if excess.abs() >= size && size > 0.0 {
                let problem = format!("row {i} cannot add up to {sum} without a change of sign");
                return Err(Error::data("balance of strict weights", problem, "take more neurons or smaller deviations"));
            }
            let c = if size > 0.0 { -excess / size } else { 0.0 };
            row.apply(|weight| *weight += c * weight.abs());
        }
        Ok(())
    }
}

impl Ensemble for Dale {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        self.check()?;
        let mut j = self.draw(&self.excitatory(regions), seed.child("connectivity"));
        if self.balance == RowBalance::Rows {
            self.balance(&mut j, self.row_sum(regions))?;
        }
        Connectivity::dense(j)
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        self.check().ok()?;
        let f = self.actual_fraction(regions);
        let classes = vec![(f, self.deviation_excitatory.powi(2)), (1.0 - f, self.deviation_inhibitory.powi(2))];
        let bulk = Bulk::Columns { classes: classes.into_iter().filter(|class| class.0 > 0.0).collect() };
        let (radius, value) = (bulk.radius(), self.row_sum(regions));
        let deviation = match self.balance {
            RowBalance::Rows => 0.0,
            // First order in the random part, as for any structure of rank one (Tao 2013).
            RowBalance::None => {
                let means = f * self.mean_excitatory.powi(2) + (1.0 - f) * self.mean_inhibitory.powi(2);
                means.sqrt() * radius / (value.powi(2) - radius.powi(2)).max(0.0).sqrt()
            }
        };
        // An outlier that scatters into the disc is none, and first order no longer tells where it goes.
        let stands_apart = value.abs() > radius + 3.0 * deviation;
        let outliers = if stands_apart { vec![Outlier { value: Complex::new(value, 0.0), deviation }] } else { Vec::new() };
        Some(Prediction { outliers, ..bulk.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    fn regions(neurons: usize) -> Regions {
        Regions::single("all", neurons).unwrap()
    }

    fn moduli(law: Dale, neurons: usize) -> Vec<f64> {
        let j = law.sample(&regions(neurons), Seed(7)).unwrap().to_dense();
        eigenvalues(&j).unwrap().iter().map(|z| z.norm()).collect()
    }

    #[test]
    fn balanced_rows_keep_the_eigenvalues_in_the_disc() {
        // T5, and the same for weights that keep their sign.
        for weights in [DaleWeights::Gaussian, DaleWeights::Strict] {
            let balanced = moduli(Dale { weights, ..Default::default() }, 400);
            assert!(balanced[0] < 1.1, "{}", balanced[0]);
            let free = moduli(Dale { weights, balance: RowBalance::None, ..Default::default() }, 400);
            assert!(free[0] > 1.3, "{}", free[0]);
        }
    }

    #[test]
    fn balanced_rows_leave_one_outlier_without_fluctuation() {
        // T6: √N 0.08 at N = 400.
        for weights in [DaleWeights::Gaussian, DaleWeights::Strict] {
            let law = Dale { mean_inhibitory: 3.6, weights, ..Default::default() };
            let found = moduli(law, 400);
            assert!((found[0] - 1.6).abs() < 1e-10 && found[1] < 1.1, "{} {}", found[0], found[1]);
        }
    }

    #[test]
    fn strict_weights_never_change_sign() {
        for balance in [RowBalance::None, RowBalance::Rows] {
            let law = Dale { weights: DaleWeights::Strict, balance, ..Default::default() };
            let regions = Regions::new([("A", 50), ("B", 30)]).unwrap();
            let j = law.sample(&regions, Seed(2)).unwrap().to_dense();
            let excitatory = law.excitatory(&regions);
            assert_eq!(excitatory.iter().filter(|&&yes| yes).count(), 64);
            assert!(excitatory[39] && !excitatory[40] && excitatory[50] && !excitatory[79]);
            for (column, excitatory) in j.column_iter().zip(excitatory) {
                assert!(column.iter().all(|&weight| if excitatory { weight >= 0.0 } else { weight <= 0.0 }));
            }
        }
    }

    #[test]
    fn columns_have_their_mean_and_deviation() {
        let unit = 400.0_f64.sqrt();
        for weights in [DaleWeights::Gaussian, DaleWeights::Strict] {
            let law = Dale {
                deviation_excitatory: 0.5,
                deviation_inhibitory: 2.0,
                mean_inhibitory: 3.0,
                balance: RowBalance::None,
                weights,
                ..Default::default()
            };
            let j = law.sample(&regions(400), Seed(5)).unwrap().to_dense();
            for (columns, mean, deviation) in [(0..320, 1.0, 0.5), (320..400, -3.0, 2.0)] {
                let part = unit * j.columns(columns.start, columns.len());
                assert!((part.mean() - mean).abs() < 4.0 * deviation / (part.len() as f64).sqrt());
                // Kurtosis of these gamma laws is at most 3 + 6 (2/3)² = 5.7: relative standard deviation of a variance √(4.7 / n).
                let relative = (4.7 / part.len() as f64).sqrt();
                assert!((part.variance() / deviation.powi(2) - 1.0).abs() < 4.0 * relative);
            }
        }
    }

    #[test]
    fn impossible_laws_are_refused() {
        let refused = |law: Dale| law.sample(&regions(10), Seed(1)).unwrap_err().to_string();
        assert!(refused(Dale { fraction: 1.2, ..Default::default() }).contains("fraction"));
        assert!(refused(Dale { deviation_inhibitory: -1.0, ..Default::default() }).contains("deviation_inhibitory"));
        let silent = Dale { mean_excitatory: 0.0, weights: DaleWeights::Strict, ..Default::default() };
        assert!(refused(silent).contains("mean_excitatory"));
    }
}
