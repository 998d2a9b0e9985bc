//! Dimension of activity: how many principal components carry its variance.

use crate::error::{Error, Result, in_range};
use crate::linalg::svd;
use nalgebra::DMatrix;

/// Variances along the principal components of `activity` (neurons × samples), in decreasing order: the eigenvalues p of its covariance.
///
/// The mean over samples of every neuron is taken off. There are as many as the smaller side of the matrix; the others are zero.
///
/// ```
/// use crosscurrent::analysis::{participation_ratio, principal_variances};
/// use nalgebra::dmatrix;
/// // Two neurons that always move together.
/// let variances = principal_variances(&dmatrix![1.0, -1.0, 0.0; 1.0, -1.0, 0.0])?;
/// assert!((variances[0] - 4.0 / 3.0).abs() < 1e-12);
/// assert!((participation_ratio(&variances)? - 1.0).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// Fewer than two samples, or values that are not finite.
#[doc(alias = "PCA")]
pub fn principal_variances(activity: &DMatrix<f64>) -> Result<Vec<f64>> {
    let samples = activity.ncols();
    if samples < 2 || activity.nrows() == 0 {
        return Err(Error::shape("activity", "at least 1 neuron and 2 samples", format!("{} × {samples}", activity.nrows())));
    }
    let mean = activity.column_mean();
    let mut centred = activity.clone();
    centred.column_iter_mut().for_each(|mut column| column -= &mean);
    Ok(svd(&centred)?.s.iter().map(|s| s * s / samples as f64).collect())
}

/// (sum p)² / sum p²: the number of components over which the variance is spread; 1 for one component, n for n equal ones.
///
/// # Errors
/// Negative variances, or none that is above zero.
#[doc(alias = "PR")]
pub fn participation_ratio(variances: &[f64]) -> Result<f64> {
    let total = total(variances)?;
    Ok(1.0 / variances.iter().map(|p| (p / total).powi(2)).sum::<f64>())
}

/// Number of leading components that together carry at least `share` (0 to 1) of the variance; variances in any order.
///
/// # Errors
/// As [`participation_ratio`]; a share outside 0 to 1.
pub fn components_for(variances: &[f64], share: f64) -> Result<usize> {
    in_range("share", share, 0.0..=1.0, "0 to 1")?;
    let total = total(variances)?;
    let mut sorted = variances.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    let reached = sorted.iter().position(|p| {
        sum += p;
        // Rounding of the sum must not ask for components that carry nothing.
        sum >= share * total * (1.0 - 1e-12)
    });
    Ok(reached.map_or(variances.len(), |index| index + 1))
}

fn total(variances: &[f64]) -> Result<f64> {
    variances.iter().try_for_each(|&p| in_range("variance", p, 0.0.., "at least 0").map(|_| ()))?;
    let total: f64 = variances.iter().sum();
    if total > 0.0 { Ok(total) } else { Err(Error::data("variances", "all are zero", "use activity that varies")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_ratio_counts_equal_components_and_ignores_silent_ones() {
        assert!((participation_ratio(&[2.0, 2.0, 2.0, 0.0]).unwrap() - 3.0).abs() < 1e-12);
        assert!((participation_ratio(&[3.0, 1.0]).unwrap() - 1.6).abs() < 1e-12);
        assert!(participation_ratio(&[0.0, 0.0]).is_err());
        assert!(participation_ratio(&[1.0, -0.1]).is_err());
    }

    #[test]
    fn components_are_counted_up_to_the_share() {
        let variances = [1.0, 6.0, 3.0, 0.0];
        for (share, count) in [(0.6, 1), (0.61, 2), (0.9, 2), (0.95, 3), (1.0, 3)] {
            assert_eq!(components_for(&variances, share).unwrap(), count, "{share}");
        }
        assert!(components_for(&variances, 1.1).is_err());
    }

    #[test]
    fn variances_are_those_of_uncorrelated_neurons_and_do_not_see_their_means() {
        let activity = dmatrix![7.0, 3.0, 7.0, 3.0; 1.0, 1.0, -1.0, -1.0];
        let variances = principal_variances(&activity).unwrap();
        assert!((variances[0] - 4.0).abs() < 1e-12 && (variances[1] - 1.0).abs() < 1e-12);
        assert!(principal_variances(&dmatrix![1.0; 2.0]).is_err());
    }
}
