//! Communication subspace: how many dimensions of one region predict another.

use crate::error::{Error, Result, in_range};
use crate::linalg::{product, svd};
use crate::recording::Recording;
use crate::regions::Projection;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Reduced-rank regression of a target region on a source region, its rank chosen by cross-validation (Semedo et al. 2019).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommunicationSubspace {
    /// Contiguous parts of the time, each held out once; default 10. In trials of equal length they are whole trials where folds divide them.
    pub folds: usize,
    /// Ridge penalties to choose from, relative to the largest eigenvalue of the covariance of the source; default 0 and 1e-8 … 1 in steps of 10.
    pub penalties: Vec<f64>,
    /// Samples by which the target follows the source; default 0.
    pub lag: usize,
}

/// What the source says about the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Communication {
    /// The fewest dimensions with an error within one standard error (over folds) of the smallest. 0: the source predicts nothing.
    pub dimension: usize,
    /// Squared error on held-out samples over that of the mean, for ranks 0, 1, …: mean over folds. Rank 0 is the mean itself.
    pub errors: Vec<f64>,
    /// Standard error of each over folds.
    pub deviations: Vec<f64>,
    /// The penalty that was chosen, as in [`CommunicationSubspace::penalties`].
    pub penalty: f64,
    /// Weights of the fit to all samples at that rank, target × source.
    pub weights: DMatrix<f64>,
}

impl Default for CommunicationSubspace {
    fn default() -> Self {
        let penalties = std::iter::once(0.0).chain((-8..=0).map(|power| 10.0_f64.powi(power))).collect();
        CommunicationSubspace { folds: 10, penalties, lag: 0 }
    }
}

impl Communication {
    /// Share of the held-out variance of the target that the source explains at the chosen rank.
    pub fn explained(&self) -> f64 {
        1.0 - self.errors[self.dimension]
    }

    /// Share that it explains with all dimensions.
    pub fn explained_by_all(&self) -> f64 {
        1.0 - self.errors[self.errors.len() - 1]
    }

    /// Orthonormal directions of the source (source neurons × dimension) that the target reads; the others are private.
    ///
    /// # Errors
    /// A decomposition that fails.
    pub fn predictive_dimensions(&self) -> Result<DMatrix<f64>> {
        Ok(svd(&self.weights)?.v.columns(0, self.dimension).into_owned())
    }
}

impl CommunicationSubspace {
    /// The communication of a projection of a recording.
    ///
    /// With X the source and Y the target (neurons × samples, about their means), B the ridge weights of Y = B X and V the eigenvectors of
    /// the covariance of B X, the weights of rank m are V_m V_m^T B. The penalty is the one with the smallest error of some rank; the error is
    /// a ratio of squares on held-out samples. The rank is the smallest within one standard error of the best.
    ///
    /// ```
    /// use crosscurrent::{Projection, Recording, Regions, analysis::CommunicationSubspace};
    /// use nalgebra::DMatrix;
    /// let noise = |i: usize, k: usize| ((i * 37 + 1) as f64 * 0.7 * (k * k + 3 * k) as f64).sin();
    /// // The two neurons of B follow the sum of those of A; each has noise of its own.
    /// let rates = DMatrix::from_fn(5, 2000, |i, k| match i {
    ///     0..3 => noise(i, k),
    ///     _ => (0..3).map(|j| noise(j, k)).sum::<f64>() + noise(i, k),
    /// });
    /// let recording = Recording::new(rates, 0.01, Regions::new([("A", 3), ("B", 2)])?)?;
    /// let found = CommunicationSubspace::default().of(&recording, &Projection::new("A", "B"))?;
    /// assert_eq!(found.dimension, 1);
    /// assert!((found.explained() - 0.75).abs() < 0.03);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// A region that is not there, a target that does not vary, fewer than two folds or fewer than two samples in each, a lag longer than a
    /// trial, no penalties or negative ones.
    pub fn of(&self, recording: &Recording, projection: &Projection) -> Result<Communication> {
        let pairs = self.pairs(recording)?;
        let rows = |name: &str| recording.regions.range(name).map(|range| recording.rates.rows(range.start, range.len()).into_owned());
        let (source, target) = (rows(&projection.source)?, rows(&projection.target)?);
        let columns = |matrix: &DMatrix<f64>, shift: usize| matrix.select_columns(&pairs.iter().map(|k| k + shift).collect::<Vec<_>>());
        let (source, target) = (columns(&source, 0), columns(&target, self.lag));
        for (name, matrix) in [(&projection.source, &source), (&projection.target, &target)] {
            if (matrix - matrix.column_mean() * DMatrix::from_element(1, matrix.ncols(), 1.0)).norm() <= 1e-12 * matrix.norm() {
                return Err(Error::data(format!("region '{name}'"), "it does not vary", "choose one that varies"));
            }
        }
        let folds: Vec<Fold> =
            self.parts(pairs.len())?.into_iter().map(|held_out| Fold::new(&source, &target, held_out)).collect::<Result<_>>()?;
        let curves: Vec<Curve> = self.penalties.iter().map(|&penalty| Curve::of(&folds, penalty)).collect::<Result<_>>()?;
        let best =
            (0..curves.len()).min_by(|&a, &b| curves[a].smallest().1.total_cmp(&curves[b].smallest().1)).expect("there are penalties");
        let Curve { errors, deviations } = &curves[best];
        let (at, smallest) = curves[best].smallest();
        let dimension = errors.iter().position(|error| *error <= smallest + deviations[at]).unwrap_or(at);
        let whole = Regression::of(&source, &target)?.reduced(self.penalties[best])?;
        let leading = whole.outputs.columns(0, dimension).into_owned();
        let weights = product(&leading, &product(&leading.transpose(), &whole.weights));
        Ok(Communication { dimension, errors: errors.clone(), deviations: deviations.clone(), penalty: self.penalties[best], weights })
    }

    /// Samples of the source whose target sample is in the same trial.
    fn pairs(&self, recording: &Recording) -> Result<Vec<usize>> {
        if self.penalties.is_empty() {
            return Err(Error::parameter("penalties", "[]", "at least one"));
        }
        self.penalties.iter().try_for_each(|&penalty| in_range("penalty", penalty, 0.0.., "at least 0").map(|_| ()))?;
        let pairs: Vec<usize> = recording.trials().flat_map(|trial| trial.start..trial.end.saturating_sub(self.lag)).collect();
        if pairs.is_empty() {
            return Err(Error::parameter("lag", self.lag, "fewer samples than the longest trial has"));
        }
        Ok(pairs)
    }

    fn parts(&self, pairs: usize) -> Result<Vec<Range<usize>>> {
        if self.folds < 2 || pairs < 2 * self.folds {
            return Err(Error::parameter("folds", self.folds, format!("2 to {} (two of the {pairs} samples in each)", pairs / 2)));
        }
        Ok((0..self.folds).map(|k| k * pairs / self.folds..(k + 1) * pairs / self.folds).collect())
    }
}

/// A least-squares problem in the form in which every penalty is cheap: X = U diag(s) W^T.
struct Regression {
    source_mean: DVector<f64>,
    target_mean: DVector<f64>,
    /// Directions of the source, source × directions.
    directions: DMatrix<f64>,
    s: DVector<f64>,
    /// Y W, target × directions.
    products: DMatrix<f64>,
}

/// Weights at one penalty, and the directions of the target that they reach, in order of what they explain.
struct Reduced {
    weights: DMatrix<f64>,
    outputs: DMatrix<f64>,
}

impl Regression {
    fn of(source: &DMatrix<f64>, target: &DMatrix<f64>) -> Result<Self> {
        let (source_mean, target_mean) = (source.column_mean(), target.column_mean());
        let x = super::principal_components::centred(source, &source_mean);
        let factors = svd(&x)?;
        // Directions at the size of rounding carry nothing but rounding.
        let kept = factors.s.iter().filter(|s| **s > 1e-10 * factors.s[0]).count();
        let products = product(&super::principal_components::centred(target, &target_mean), &factors.v.columns(0, kept).into_owned());
        Ok(Regression {
            source_mean,
            target_mean,
            directions: factors.u.columns(0, kept).into_owned(),
            s: factors.s.rows(0, kept).into_owned(),
            products,
        })
    }

    fn reduced(&self, penalty: f64) -> Result<Reduced> {
        let added = penalty * self.s.iter().map(|s| s * s).fold(0.0, f64::max);
        let mut in_directions = self.products.clone();
        let mut predicted = self.products.clone();
        for (k, s) in self.s.iter().enumerate() {
            in_directions.column_mut(k).scale_mut(s / (s * s + added));
            predicted.column_mut(k).scale_mut(s * s / (s * s + added));
        }
        // B X = (Y W diag(s² / (s² + added))) W^T with orthonormal W, so its left singular vectors are those of the bracket.
        Ok(Reduced { weights: product(&in_directions, &self.directions.transpose()), outputs: svd(&predicted)?.u })
    }
}

/// One part of the time held out.
struct Fold {
    regression: Regression,
    /// About the means of what was fitted.
    source: DMatrix<f64>,
    target: DMatrix<f64>,
}

impl Fold {
    fn new(source: &DMatrix<f64>, target: &DMatrix<f64>, held_out: Range<usize>) -> Result<Self> {
        let kept: Vec<usize> = (0..source.ncols()).filter(|k| !held_out.contains(k)).collect();
        let regression = Regression::of(&source.select_columns(&kept), &target.select_columns(&kept))?;
        let part = |matrix: &DMatrix<f64>, mean: &DVector<f64>| {
            super::principal_components::centred(&matrix.columns(held_out.start, held_out.len()).into_owned(), mean)
        };
        Ok(Fold { source: part(source, &regression.source_mean), target: part(target, &regression.target_mean), regression })
    }

    /// Error on what was held out over that of the mean, for every rank from 0.
    fn errors(&self, penalty: f64) -> Result<Vec<f64>> {
        let Reduced { weights, outputs } = self.regression.reduced(penalty)?;
        let predicted = product(&outputs.transpose(), &product(&weights, &self.source));
        let found = product(&outputs.transpose(), &self.target);
        let total = self.target.norm_squared();
        let mut errors = vec![1.0];
        let mut left = total;
        for (row, prediction) in found.row_iter().zip(predicted.row_iter()) {
            left -= 2.0 * row.dot(&prediction) - prediction.norm_squared();
            errors.push(left / total);
        }
        Ok(errors)
    }
}

/// Errors over ranks at one penalty.
struct Curve {
    errors: Vec<f64>,
    deviations: Vec<f64>,
}

impl Curve {
    fn of(folds: &[Fold], penalty: f64) -> Result<Self> {
        let each: Vec<Vec<f64>> = folds.iter().map(|fold| fold.errors(penalty)).collect::<Result<_>>()?;
        let ranks = each.iter().map(Vec::len).min().unwrap_or(0);
        let count = each.len() as f64;
        let errors: Vec<f64> = (0..ranks).map(|rank| each.iter().map(|errors| errors[rank]).sum::<f64>() / count).collect();
        let spread = |rank: usize| each.iter().map(|own| (own[rank] - errors[rank]).powi(2)).sum::<f64>();
        let deviations = (0..ranks).map(|rank| (spread(rank) / (count * (count - 1.0))).sqrt()).collect();
        Ok(Curve { errors, deviations })
    }

    /// The rank with the smallest error, and that error.
    fn smallest(&self) -> (usize, f64) {
        let rank = (0..self.errors.len()).min_by(|&a, &b| self.errors[a].total_cmp(&self.errors[b])).expect("rank 0 is always there");
        (rank, self.errors[rank])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::principal_angles;
    use crate::regions::Regions;
    use crate::seed::Seed;
    use rand_distr::{Distribution, StandardNormal};

    fn normal(rows: usize, columns: usize, seed: Seed) -> DMatrix<f64> {
        let mut rng = seed.rng();
        DMatrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut rng))
    }

    /// 20 source and 12 target neurons; the target is a map of rank `rank` of the source plus noise of its own of the same variance.
    fn linked(rank: usize, samples: usize, seed: u64) -> (Recording, DMatrix<f64>) {
        let seed = Seed(seed);
        let source = normal(20, samples, seed.child("source"));
        let read = normal(20, rank, seed.child("read"));
        let signal = normal(12, rank, seed.child("write")) * read.transpose() * &source;
        let noise = normal(12, samples, seed.child("noise"));
        let target = match rank {
            0 => noise,
            _ => &signal / signal.norm() + &noise / noise.norm(),
        };
        let rates = DMatrix::from_fn(32, samples, |i, k| if i < 20 { source[(i, k)] } else { target[(i - 20, k)] });
        (Recording::new(rates, 0.01, Regions::new([("A", 20), ("B", 12)]).unwrap()).unwrap(), read)
    }

    #[test]
    fn the_rank_of_the_link_is_recovered() {
        for rank in 0..=4 {
            for seed in 0..3 {
                let (recording, read) = linked(rank, 4000, seed);
                let found = CommunicationSubspace::default().of(&recording, &Projection::new("A", "B")).unwrap();
                assert_eq!(found.dimension, rank, "{:?} ± {:?}", found.errors, found.deviations);
                assert_eq!(found.errors.len(), 13);
                if rank > 0 {
                    assert!((found.explained() - 0.5).abs() < 0.05, "{}", found.explained());
                    let angles = principal_angles(&found.predictive_dimensions().unwrap(), &read).unwrap();
                    assert!(angles[rank - 1] < 0.2, "{angles:?}");
                }
            }
        }
    }

    #[test]
    fn the_full_rank_error_is_that_of_plain_least_squares() {
        let (recording, _) = linked(2, 100, 1);
        let method = CommunicationSubspace { folds: 2, penalties: vec![0.0], lag: 0 };
        let found = method.of(&recording, &Projection::new("A", "B")).unwrap();
        let (x, y) = (recording.rates.rows(0, 20), recording.rates.rows(20, 12));
        let mut errors = Vec::new();
        for (train, test) in [(50, 0), (0, 50)] {
            let (fit_x, fit_y) = (x.columns(train, 50).into_owned(), y.columns(train, 50).into_owned());
            let centre = |m: DMatrix<f64>, mean: &DVector<f64>| super::super::principal_components::centred(&m, mean);
            let (mx, my) = (fit_x.column_mean(), fit_y.column_mean());
            let (fit_x, fit_y) = (centre(fit_x, &mx), centre(fit_y, &my));
            let weights = &fit_y * fit_x.transpose() * (&fit_x * fit_x.transpose()).try_inverse().unwrap();
            let (new_x, new_y) = (centre(x.columns(test, 50).into_owned(), &mx), centre(y.columns(test, 50).into_owned(), &my));
            errors.push((&new_y - weights * new_x).norm_squared() / new_y.norm_squared());
        }
        assert!((found.errors[12] - 0.5 * (errors[0] + errors[1])).abs() < 1e-10);
        assert!((found.deviations[12] - 0.5 * (errors[0] - errors[1]).abs()).abs() < 1e-10);
    }

    #[test]
    fn a_delay_is_seen_at_its_lag_only_and_not_across_trials() {
        let (mut recording, _) = linked(1, 1200, 5);
        let target = recording.rates.rows(20, 12).into_owned();
        for k in 0..1200 {
            // A circular shift within each of two trials.
            let from = if k < 600 { (k + 597) % 600 } else { 600 + (k - 600 + 597) % 600 };
            recording.rates.view_mut((20, k), (12, 1)).copy_from(&target.column(from));
        }
        recording.trial_starts = vec![0, 600];
        let at = |lag| CommunicationSubspace { lag, ..Default::default() }.of(&recording, &Projection::new("A", "B")).unwrap();
        assert_eq!((at(0).dimension, at(3).dimension), (0, 1));
        assert!(CommunicationSubspace { lag: 600, ..Default::default() }.of(&recording, &Projection::new("A", "B")).is_err());
    }

    #[test]
    fn dependent_source_neurons_do_no_harm() {
        let (recording, _) = linked(2, 1000, 2);
        let mut rates = recording.rates.clone();
        for k in 0..1000 {
            rates[(1, k)] = rates[(0, k)];
        }
        let twins = Recording { rates, ..recording };
        let found = CommunicationSubspace::default().of(&twins, &Projection::new("A", "B")).unwrap();
        assert!(found.errors.iter().all(|error| error.is_finite()) && found.explained() > 0.3);
    }

    #[test]
    fn bad_requests_are_refused() {
        let (recording, _) = linked(1, 30, 1);
        let to_b = Projection::new("A", "B");
        let refused = |method: CommunicationSubspace| method.of(&recording, &to_b).is_err();
        assert!(refused(CommunicationSubspace { folds: 1, ..Default::default() }));
        assert!(refused(CommunicationSubspace { folds: 16, ..Default::default() }));
        assert!(refused(CommunicationSubspace { penalties: vec![], ..Default::default() }));
        assert!(refused(CommunicationSubspace { penalties: vec![-1.0], ..Default::default() }));
        assert!(CommunicationSubspace::default().of(&recording, &Projection::new("A", "C")).is_err());
        let flat = Recording { rates: DMatrix::from_element(32, 30, 0.2), ..recording.clone() };
        assert!(CommunicationSubspace::default().of(&flat, &to_b).unwrap_err().to_string().contains("does not vary"));
    }
}
