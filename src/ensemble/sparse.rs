//! Sparse weights, with one or several classes of sources: masked Gaussian, constant weights, sparse and Dale's law.

use super::{Bulk, Ensemble, Outlier, Prediction};
use crate::connectivity::{Connectivity, SparseRows};
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::Complex;
use rand::seq::index;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// Weights of which only some exist: J_ij = (mean_k + deviation_k z) / √K, z standard normal, for a source j of class k.
///
/// K is the mean number of inputs of a unit, p = K / N. In these units the law of the eigenvalues depends on p alone:
///
/// - One class of mean 0 (masked Gaussian): a disc of radius `deviation`.
/// - One class of deviation 0 (constant weights): a disc of radius mean √(1 − p), and one outlier at mean √K.
/// - Several classes (sparse and Dale's law; Harris et al. 2023): N × variance of a column of class k is
///   s_k = deviation_k² + (1 − p) mean_k², so R² = Σ f_k s_k and the radial law is the one of columns; an outlier stands at
///   λ = √K Σ f_k mean_k when that is larger than R in modulus.
///
/// Over matrices the outlier has the standard deviation √(p ⟨mean²⟩ b / (λ² − R²)), where b is the variance of the sum of a row: R²
/// with links of a given probability, ⟨deviation²⟩ + (1 − p) Var(mean) with a given in-degree, 0 with balanced rows. Means of several
/// classes that cancel without balanced rows push a few more eigenvalues out of the disc, at places that no law tells (Rajan & Abbott
/// 2006). All this is for many inputs; below about ten, eigenvalues that belong to single units stray out of the disc.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sparse {
    /// Which weights exist; default each with probability 0.1.
    pub links: Links,
    /// Classes of sources, in this order within every region; default one of mean 0 and deviation 1.5.
    pub classes: Vec<Class>,
    /// Whether the weights of each row are shifted by one number so that every row has the sum that it has on average; default false.
    pub balanced_rows: bool,
}

/// Which weights exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Links {
    /// Each with this probability, in (0, 1].
    Probability(f64),
    /// Every unit has exactly so many inputs, 1 to N, from sources drawn at random.
    InDegree(usize),
}

/// Sources of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Class {
    /// Share of the units of every region; the shares of all classes add up to 1. Default 1.
    pub fraction: f64,
    /// Mean of a weight that exists, in units of 1 / √K; default 0.
    pub mean: f64,
    /// Standard deviation of a weight that exists, in units of 1 / √K; at least 0, default 0.
    pub deviation: f64,
}

impl Default for Class {
    fn default() -> Self {
        Class { fraction: 1.0, mean: 0.0, deviation: 0.0 }
    }
}

impl Default for Sparse {
    fn default() -> Self {
        let classes = vec![Class { deviation: 1.5, ..Default::default() }];
        Sparse { links: Links::Probability(0.1), classes, balanced_rows: false }
    }
}

/// Above this share of existing weights a dense matrix is the smaller and faster one.
const DENSE_FROM: f64 = 0.25;

impl Links {
    /// K, the mean number of inputs of a unit.
    fn inputs(self, neurons: usize) -> f64 {
        match self {
            Links::Probability(p) => p * neurons as f64,
            Links::InDegree(inputs) => inputs as f64,
        }
    }

    fn check(self, neurons: usize) -> Result<()> {
        match self {
            Links::Probability(p) if !(p > 0.0 && p <= 1.0) => Err(Error::parameter("probability of a link", p, "in (0, 1]")),
            Links::InDegree(k) if k == 0 || k > neurons => Err(Error::parameter("in-degree", k, format!("1 to {neurons}, the neurons"))),
            _ => Ok(()),
        }
    }

    /// The sources of one unit, in increasing order.
    fn sources(self, neurons: usize, rng: &mut impl Rng) -> Vec<usize> {
        match self {
            Links::Probability(p) if p >= 1.0 => (0..neurons).collect(),
            Links::Probability(p) => {
                // The gap to the next link is geometric: as many draws as links, not as many as pairs.
                let mut gap = || (1.0 - rng.random::<f64>()).ln() / (-p).ln_1p();
                let mut sources = Vec::new();
                let mut next = gap();
                while next < neurons as f64 {
                    sources.push(next as usize);
                    next = next.floor() + 1.0 + gap();
                }
                sources
            }
            Links::InDegree(inputs) => {
                let mut sources = index::sample(rng, neurons, inputs).into_vec();
                sources.sort_unstable();
                sources
            }
        }
    }
}

impl Sparse {
    fn check(&self, neurons: usize) -> Result<()> {
        self.links.check(neurons)?;
        for class in &self.classes {
            in_range("fraction of a class", class.fraction, 0.0..=1.0, "0 to 1")?;
            in_range("mean of a class", class.mean, .., "a finite number")?;
            in_range("deviation of a class", class.deviation, 0.0.., "at least 0")?;
        }
        let total: f64 = self.classes.iter().map(|class| class.fraction).sum();
        if (total - 1.0).abs() > 1e-9 {
            return Err(Error::parameter("sum of the fractions of all classes", total, "1"));
        }
        Ok(())
    }

    /// Class of every source: within each region one class after the other.
    fn class_of(&self, regions: &Regions) -> Vec<Class> {
        let mut classes = Vec::with_capacity(regions.neurons());
        for &size in regions.sizes() {
            let (mut share, mut done) = (0.0, 0);
            for class in &self.classes {
                share += class.fraction;
                let end = ((share * size as f64).round() as usize).min(size);
                classes.extend(std::iter::repeat_n(*class, end - done));
                done = end;
            }
        }
        classes
    }

    /// (source, weight) of one row.
    fn row(&self, classes: &[Class], scale: f64, rng: &mut impl Rng) -> Vec<(usize, f64)> {
        let sources = self.links.sources(classes.len(), rng);
        let mut weight = |source: usize| {
            let z: f64 = StandardNormal.sample(rng);
            scale * (classes[source].mean + classes[source].deviation * z)
        };
        sources.into_iter().map(|source| (source, weight(source))).collect()
    }
}

impl Ensemble for Sparse {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        let neurons = regions.neurons();
        self.check(neurons)?;
        let classes = self.class_of(regions);
        let inputs = self.links.inputs(neurons);
        let wanted = inputs.sqrt() * classes.iter().map(|class| class.mean).sum::<f64>() / neurons as f64;
        let mut rng = seed.child("connectivity").rng();
        let mut rows: Vec<Vec<(usize, f64)>> = (0..neurons).map(|_| self.row(&classes, 1.0 / inputs.sqrt(), &mut rng)).collect();
        if self.balanced_rows {
            for row in &mut rows {
                let excess = (row.iter().map(|(_, weight)| weight).sum::<f64>() - wanted) / row.len() as f64;
                row.iter_mut().for_each(|(_, weight)| *weight -= excess);
            }
        }
        let sparse = Connectivity::Sparse(SparseRows::new(&rows)?);
        if inputs <= DENSE_FROM * neurons as f64 { Ok(sparse) } else { Connectivity::dense(sparse.to_dense()) }
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        let neurons = regions.neurons();
        self.check(neurons).ok()?;
        let n = neurons as f64;
        let classes = self.class_of(regions);
        let inputs = self.links.inputs(neurons);
        let p = inputs / n;
        let average = |f: &dyn Fn(&Class) -> f64| classes.iter().map(f).sum::<f64>() / n;
        let (mean, square) = (average(&|c| c.mean), average(&|c| c.mean.powi(2)));
        let variance = |c: &Class| c.deviation.powi(2) + (1.0 - p) * c.mean.powi(2);
        let of_row = match self.links {
            _ if self.balanced_rows => 0.0,
            Links::Probability(_) => average(&variance),
            Links::InDegree(_) => average(&|c| c.deviation.powi(2)) + (1.0 - p) * (square - mean.powi(2)).max(0.0),
        };
        let bulk = match self.classes.as_slice() {
            [one] => Bulk::Disc { radius: variance(one).sqrt() },
            _ => {
                let count = |class: &Class| classes.iter().filter(|c| *c == class).count() as f64 / n;
                Bulk::Columns { classes: self.classes.iter().map(|class| (count(class), variance(class))).collect() }
            }
        };
        let (value, radius) = (inputs.sqrt() * mean, bulk.radius());
        let mut prediction = Prediction::from(bulk);
        if value.abs() > radius {
            let deviation = (p * square * of_row / (value.powi(2) - radius.powi(2))).sqrt();
            prediction.outliers.push(Outlier { value: Complex::new(value, 0.0), deviation });
        }
        Some(prediction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    fn all(neurons: usize) -> Regions {
        Regions::single("all", neurons).unwrap()
    }

    fn dale(balanced_rows: bool, inhibition: f64) -> Sparse {
        let excitatory = Class { fraction: 0.8, mean: 1.0, deviation: 0.3 };
        let classes = vec![excitatory, Class { fraction: 0.2, mean: -inhibition, deviation: 1.2 }];
        Sparse { links: Links::Probability(0.2), classes, balanced_rows }
    }

    /// The eigenvalue next to the predicted outlier and the largest modulus of all others, per seed.
    fn spectra(law: &Sparse, neurons: usize, seeds: u64) -> Vec<(f64, f64)> {
        let outlier = law.prediction(&all(neurons)).unwrap().outliers[0].value;
        let one = |seed| {
            let mut values = eigenvalues(&law.sample(&all(neurons), Seed(seed)).unwrap().to_dense()).unwrap();
            let distance = |z: &Complex<f64>| (z - outlier).norm();
            let nearest = (0..neurons).min_by(|&a, &b| distance(&values[a]).total_cmp(&distance(&values[b]))).unwrap();
            let found = values.remove(nearest).re;
            (found, values[0].norm())
        };
        (0..seeds).map(one).collect()
    }

    #[test]
    fn links_have_the_probability_or_the_number_that_was_asked_for() {
        let count = |links| {
            let law = Sparse { links, ..Default::default() };
            let Connectivity::Sparse(j) = law.sample(&all(400), Seed(1)).unwrap() else { panic!("dense") };
            (0..400).map(|target| j.row(target).count()).collect::<Vec<_>>()
        };
        assert!(count(Links::InDegree(17)).iter().all(|&inputs| inputs == 17));
        let counts = count(Links::Probability(0.05));
        let mean = counts.iter().sum::<usize>() as f64 / 400.0;
        // Four standard errors of the mean and, for the variance 19 of a count, of the variance.
        assert!((mean - 20.0).abs() < 4.0 * (19.0_f64 / 400.0).sqrt(), "{mean}");
        let variance = counts.iter().map(|&c| (c as f64 - mean).powi(2)).sum::<f64>() / 399.0;
        assert!((variance / 19.0 - 1.0).abs() < 4.0 * (2.0_f64 / 400.0).sqrt(), "{variance}");
        let dense = Sparse { links: Links::Probability(1.0), ..Default::default() }.sample(&all(30), Seed(1)).unwrap();
        assert!(matches!(dense, Connectivity::Dense(j) if j.iter().all(|&w| w != 0.0)));
    }

    #[test]
    fn the_outlier_of_constant_weights_has_its_place_and_its_fluctuation() {
        let classes = vec![Class { mean: 1.0, ..Default::default() }];
        let law = Sparse { links: Links::Probability(0.1), classes: classes.clone(), balanced_rows: false };
        let prediction = law.prediction(&all(300)).unwrap();
        let expected = prediction.outliers[0];
        assert!((expected.value.re - 30.0_f64.sqrt()).abs() < 1e-12 && (prediction.radius() - 0.9_f64.sqrt()).abs() < 1e-12);
        let found: Vec<f64> = spectra(&law, 300, 60).iter().map(|(outlier, _)| *outlier).collect();
        let mean = found.iter().sum::<f64>() / 60.0;
        let deviation = (found.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 59.0).sqrt();
        // Four standard errors of 60 draws.
        assert!((mean - expected.value.re).abs() < 4.0 * expected.deviation / 60.0_f64.sqrt(), "{mean} {expected:?}");
        assert!((deviation / expected.deviation - 1.0).abs() < 4.0 / 118.0_f64.sqrt(), "{deviation} {expected:?}");
        // With a fixed in-degree every row has the same sum, which is then an eigenvalue exactly.
        let fixed = Sparse { links: Links::InDegree(30), classes, balanced_rows: false };
        assert_eq!(fixed.prediction(&all(300)).unwrap().outliers[0].deviation, 0.0);
        for (outlier, rest) in spectra(&fixed, 300, 3) {
            assert!((outlier - 30.0_f64.sqrt()).abs() < 1e-10 && rest < 1.12 * 0.9_f64.sqrt(), "{outlier} {rest}");
        }
    }

    #[test]
    fn sparse_dale_matrices_have_the_predicted_outlier_and_balanced_rows_nail_it_down() {
        for (links, seeds) in [(Links::Probability(0.2), 40), (Links::InDegree(60), 40)] {
            let law = Sparse { links, ..dale(false, 2.0) };
            let expected = law.prediction(&all(300)).unwrap().outliers[0];
            let found: Vec<f64> = spectra(&law, 300, seeds).iter().map(|(outlier, _)| *outlier).collect();
            let mean = found.iter().sum::<f64>() / seeds as f64;
            let deviation = (found.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (seeds - 1) as f64).sqrt();
            assert!((mean - expected.value.re).abs() < 4.0 * expected.deviation / (seeds as f64).sqrt(), "{links:?} {mean} {expected:?}");
            assert!((deviation / expected.deviation - 1.0).abs() < 4.0 / (2.0 * seeds as f64).sqrt(), "{links:?} {deviation} {expected:?}");
        }
        let law = dale(true, 2.0);
        let prediction = law.prediction(&all(300)).unwrap();
        let found = spectra(&law, 300, 6);
        assert!(found.iter().all(|(outlier, _)| (outlier - prediction.outliers[0].value.re).abs() < 1e-9));
        // The edge excess of six such matrices, measured elsewhere at N = 400: 1.045 ± 0.015.
        let rest = found.iter().map(|(_, rest)| rest / 6.0).sum::<f64>() / prediction.radius();
        assert!((rest - 1.045).abs() < 0.05, "{rest}");
    }

    #[test]
    fn balanced_means_and_rows_leave_no_outlier() {
        // T5: every weight exists, so that the mean part is as strong as it can be.
        let class = |fraction, mean| Class { fraction, mean, deviation: 1.0 };
        for (balanced_rows, least, most) in [(true, 1.0, 1.1), (false, 1.3, 2.0)] {
            let law = Sparse { links: Links::Probability(1.0), classes: vec![class(0.8, 1.0), class(0.2, -4.0)], balanced_rows };
            let prediction = law.prediction(&all(400)).unwrap();
            assert!(prediction.outliers.is_empty() && (prediction.radius() - 1.0).abs() < 1e-12);
            let values = eigenvalues(&law.sample(&all(400), Seed(3)).unwrap().to_dense()).unwrap();
            assert!((least..most).contains(&values[0].norm()), "{balanced_rows}: {}", values[0]);
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        let refused = |law: Sparse| law.sample(&all(50), Seed(1)).unwrap_err().to_string();
        assert!(refused(Sparse { links: Links::Probability(0.0), ..Default::default() }).contains("probability"));
        assert!(refused(Sparse { links: Links::InDegree(51), ..Default::default() }).contains("50"));
        assert!(refused(Sparse { classes: vec![], ..Default::default() }).contains("fractions"));
        let negative = vec![Class { deviation: -1.0, ..Default::default() }];
        assert!(refused(Sparse { classes: negative, ..Default::default() }).contains("deviation"));
    }
}
