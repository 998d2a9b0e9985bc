//! Variance of a recording that a model explains.

use nalgebra::DMatrix;

/// 1 - sum (data - model)² / sum (data - mean of its neuron)², neurons × time; 0 for a model that knows only each neuron's mean,
/// negative for a worse one, NaN when no neuron varies.
///
/// ```
/// use crosscurrent::metric::variance_explained;
/// use nalgebra::dmatrix;
/// let data = dmatrix![1.0, 3.0; 10.0, 14.0];
/// assert_eq!(variance_explained(&data, &dmatrix![2.0, 2.0; 12.0, 12.0]), 0.0);
/// ```
pub fn variance_explained(data: &DMatrix<f64>, model: &DMatrix<f64>) -> f64 {
    let means = data.column_mean();
    let total: f64 = data.column_iter().map(|column| column.zip_fold(&means, 0.0, |sum, value, mean| sum + (value - mean).powi(2))).sum();
    if total == 0.0 { f64::NAN } else { 1.0 - (data - model).norm_squared() / total }
}

/// The `pVar` of the published CURBD programs: the variance is taken over all entries together, so that differences between the means of
/// neurons count as explained. `sample` divides by one entry fewer, as the MATLAB program does.
pub fn published_variance_explained(data: &DMatrix<f64>, model: &DMatrix<f64>, sample: bool) -> f64 {
    let entries = data.len() as f64;
    let mean = data.mean();
    let spread: f64 = data.iter().map(|v| (v - mean).powi(2)).sum();
    let variance = spread / if sample { entries - 1.0 } else { entries };
    1.0 - (data - model).norm_squared() / (entries * variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn the_published_form_counts_differences_of_means_as_explained() {
        let data = dmatrix![1.0, 3.0; 10.0, 14.0];
        let means = dmatrix![2.0, 2.0; 12.0, 12.0];
        assert_eq!(variance_explained(&data, &means), 0.0);
        // Spread about the grand mean 7: 36 + 16 + 9 + 49 = 110; residual 10.
        assert!((published_variance_explained(&data, &means, false) - (1.0 - 10.0 / 110.0)).abs() < 1e-15);
        assert!((published_variance_explained(&data, &means, true) - (1.0 - 10.0 / (4.0 * 110.0 / 3.0))).abs() < 1e-15);
    }
}
