//! Principal components: the directions of state space along which activity varies most.

use super::estimate::{Estimate, time_blocks};
use super::participation_ratio::{components_for, participation_ratio};
use crate::error::{Error, Result};
use crate::linalg::{product, svd};
use crate::recording::Recording;
use nalgebra::{DMatrix, DVector};

/// The principal components of activity, in decreasing order of variance (Pearson 1901).
///
/// ```
/// use crosscurrent::analysis::PrincipalComponents;
/// use nalgebra::dmatrix;
/// // Neuron 1 does twice what neuron 0 does; neuron 2 is silent.
/// let found = PrincipalComponents::of(&dmatrix![1.0, -1.0, 0.0; 2.0, -2.0, 0.0; 0.0, 0.0, 0.0])?;
/// assert!((found.components[(1, 0)] - 2.0 / 5.0_f64.sqrt()).abs() < 1e-12);
/// assert!((found.shares()?[0] - 1.0).abs() < 1e-12);
/// assert_eq!(found.count_for(0.95)?, 1);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "PCA")]
#[derive(Clone, Debug)]
pub struct PrincipalComponents {
    /// Mean over samples of every neuron.
    pub mean: DVector<f64>,
    /// Orthonormal directions, neurons × components (the smaller side of the activity). The largest entry of each is positive.
    pub components: DMatrix<f64>,
    /// Variance along each component, over all samples (divided by their number).
    pub variances: Vec<f64>,
}

impl PrincipalComponents {
    /// The components of `activity`, neurons × samples.
    ///
    /// # Errors
    /// Fewer than two samples, no neurons, or values that are not finite.
    pub fn of(activity: &DMatrix<f64>) -> Result<Self> {
        let (neurons, samples) = activity.shape();
        if samples < 2 || neurons == 0 {
            return Err(Error::shape("activity", "at least 1 neuron and 2 samples", format!("{neurons} × {samples}")));
        }
        let mean = activity.column_mean();
        let factors = svd(&centred(activity, &mean))?;
        // Neurons that do not vary leave what rounding made of their means.
        let rounding = 1e-24 * activity.norm_squared();
        let variances = factors.s.iter().map(|s| if s * s > rounding { s * s / samples as f64 } else { 0.0 }).collect();
        let mut components = factors.u;
        components.column_iter_mut().for_each(|mut column| {
            if column[column.icamax()] < 0.0 {
                column.neg_mut();
            }
        });
        Ok(PrincipalComponents { mean, components, variances })
    }

    /// Share of the variance that each component carries; they add up to 1.
    ///
    /// # Errors
    /// Activity that does not vary.
    pub fn shares(&self) -> Result<Vec<f64>> {
        let total: f64 = self.variances.iter().sum();
        if total > 0.0 {
            Ok(self.variances.iter().map(|variance| variance / total).collect())
        } else {
            Err(Error::data("activity", "it does not vary", "use activity that varies"))
        }
    }

    /// Number of components that together carry at least `share` (0 to 1) of the variance.
    ///
    /// # Errors
    /// As [`components_for`].
    pub fn count_for(&self, share: f64) -> Result<usize> {
        components_for(&self.variances, share)
    }

    /// The first `count` components, neurons × count.
    ///
    /// # Errors
    /// More components than there are.
    pub fn leading(&self, count: usize) -> Result<DMatrix<f64>> {
        if count == 0 || count > self.variances.len() {
            return Err(Error::parameter("components", count, format!("1 to {}", self.variances.len())));
        }
        Ok(self.components.columns(0, count).into_owned())
    }

    /// Time courses of the first `count` components in `activity` (neurons × samples), count × samples.
    ///
    /// # Errors
    /// More components than there are, or other neurons.
    pub fn scores(&self, activity: &DMatrix<f64>, count: usize) -> Result<DMatrix<f64>> {
        if activity.nrows() != self.mean.len() {
            return Err(Error::shape("activity", format!("{} neurons", self.mean.len()), activity.nrows()));
        }
        Ok(product(&self.leading(count)?.transpose(), &centred(activity, &self.mean)))
    }
}

/// The participation ratio (sum p)² / sum p² of the variances p along the principal components, with a standard error from `blocks` parts of
/// the time, left out one after the other.
///
/// Its finite length makes the dimension of a recording too small: T independent samples of D equal directions give D / (1 + D / T).
///
/// ```
/// use crosscurrent::{Recording, Regions, analysis::dimension};
/// use nalgebra::DMatrix;
/// // A circle fills two dimensions evenly, wherever it is cut.
/// let circle = DMatrix::from_fn(2, 1000, |i, k| (std::f64::consts::TAU * (0.01 * k as f64 + 0.25 * i as f64)).sin());
/// let found = dimension(&Recording::new(circle, 0.01, Regions::single("all", 2)?)?, 10)?;
/// assert!((found.value - 2.0).abs() < 1e-9 && found.error < 1e-9);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// Fewer than two samples, activity that does not vary, or more blocks than samples.
pub fn dimension(recording: &Recording, blocks: usize) -> Result<Estimate> {
    let all = participation_ratio(&PrincipalComponents::of(&recording.rates)?.variances)?;
    let blocks = time_blocks(recording, blocks)?;
    let mean = recording.rates.column_mean();
    let moments: Vec<Moments> = blocks
        .iter()
        .map(|block| {
            let part = centred(&recording.rates.columns(block.start, block.len()).into_owned(), &mean);
            Moments { count: block.len() as f64, sum: part.column_sum(), products: product(&part, &part.transpose()) }
        })
        .collect();
    let total = moments.iter().skip(1).fold(moments[0].clone(), |sum, part| sum.plus(part, 1.0));
    let ratio = |left_out: Option<usize>| left_out.map_or(all, |block| total.plus(&moments[block], -1.0).participation_ratio());
    Ok(Estimate::jackknife(blocks.len(), ratio))
}

/// Sums from which a covariance is made.
#[derive(Clone)]
struct Moments {
    count: f64,
    sum: DVector<f64>,
    products: DMatrix<f64>,
}

impl Moments {
    fn plus(&self, other: &Moments, sign: f64) -> Moments {
        Moments {
            count: self.count + sign * other.count,
            sum: &self.sum + sign * &other.sum,
            products: &self.products + sign * &other.products,
        }
    }

    /// (tr C)² / tr C².
    fn participation_ratio(&self) -> f64 {
        let covariance = &self.products - &self.sum * self.sum.transpose() / self.count;
        covariance.trace().powi(2) / covariance.norm_squared()
    }
}

pub(super) fn centred(activity: &DMatrix<f64>, mean: &DVector<f64>) -> DMatrix<f64> {
    let mut centred = activity.clone();
    centred.column_iter_mut().for_each(|mut column| column -= mean);
    centred
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use nalgebra::dmatrix;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn two_orthogonal_patterns_come_back_with_their_variances() {
        // Pattern (3, 4)/5 with values ±2, pattern (-4, 3)/5 with values ±1, on top of means (7, 1).
        let (a, b) = ([2.0, 2.0, -2.0, -2.0], [1.0, -1.0, 1.0, -1.0]);
        let activity = DMatrix::from_fn(2, 4, |i, k| [7.0, 1.0][i] + [0.6, 0.8][i] * a[k] + [-0.8, 0.6][i] * b[k]);
        let found = PrincipalComponents::of(&activity).unwrap();
        assert!((found.variances[0] - 4.0).abs() < 1e-12 && (found.variances[1] - 1.0).abs() < 1e-12);
        assert!((found.components.column(0) - nalgebra::dvector![0.6, 0.8]).amax() < 1e-12);
        assert!((found.components.column(1) - nalgebra::dvector![0.8, -0.6]).amax() < 1e-12);
        assert!((found.scores(&activity, 1).unwrap() - DMatrix::from_row_slice(1, 4, &a)).amax() < 1e-12);
        assert_eq!((found.count_for(0.8).unwrap(), found.count_for(0.81).unwrap()), (1, 2));
        assert!(found.leading(3).is_err() && found.scores(&dmatrix![1.0], 1).is_err());
    }

    #[test]
    fn the_error_of_the_dimension_is_its_spread_over_recordings() {
        let mut rng = Seed(2).rng();
        let mut found = Vec::new();
        for _ in 0..60 {
            let scale = |neuron: usize| 1.0 / (1.0 + neuron as f64);
            let rates =
                DMatrix::from_fn(6, 400, |i, _| scale(i) * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng));
            let recording = Recording::new(rates, 0.1, Regions::single("all", 6).unwrap()).unwrap();
            found.push(dimension(&recording, 20).unwrap());
        }
        let mean = found.iter().map(|e| e.value).sum::<f64>() / 60.0;
        let spread = (found.iter().map(|e| (e.value - mean).powi(2)).sum::<f64>() / 59.0).sqrt();
        let told = found.iter().map(|e| e.error).sum::<f64>() / 60.0;
        assert!((told / spread - 1.0).abs() < 0.3, "{told} against {spread}");
    }

    #[test]
    fn activity_without_variance_has_no_dimension() {
        let flat = Recording::new(DMatrix::from_element(3, 20, 1.0), 0.1, Regions::single("all", 3).unwrap()).unwrap();
        assert!(dimension(&flat, 5).is_err());
        assert!(PrincipalComponents::of(&flat.rates).unwrap().shares().is_err());
        assert!(PrincipalComponents::of(&dmatrix![1.0; 2.0]).is_err());
        assert!(PrincipalComponents::of(&dmatrix![1.0, f64::NAN]).is_err());
    }
}
