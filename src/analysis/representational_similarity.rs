//! Representational similarity: whether two regions tell the same conditions apart.

use crate::error::{Error, Result};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// How different two patterns are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dissimilarity {
    /// 1 minus the correlation over neurons; 0 to 2. Neither the mean nor the size of a pattern counts.
    #[default]
    Correlation,
    /// The distance over the root of the number of neurons, in units of the rate.
    Euclidean,
}

impl Dissimilarity {
    /// The dissimilarity of every pair of columns of `patterns` (neurons × conditions): conditions × conditions, symmetric, zero on the
    /// diagonal (Kriegeskorte, Mur & Bandettini 2008).
    ///
    /// ```
    /// use crosscurrent::analysis::Dissimilarity;
    /// use nalgebra::dmatrix;
    /// let found = Dissimilarity::Correlation.matrix(&dmatrix![1.0, 2.0, -1.0; -1.0, -2.0, 1.0; 0.0, 0.0, 0.0])?;
    /// assert!((found - dmatrix![0.0, 0.0, 2.0; 0.0, 0.0, 2.0; 2.0, 2.0, 0.0]).amax() < 1e-12);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// Fewer than two conditions, values that are not finite; for correlations fewer than two neurons or a pattern that is the same in all.
    pub fn matrix(self, patterns: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        let (neurons, conditions) = patterns.shape();
        let fewest = if self == Dissimilarity::Correlation { 2 } else { 1 };
        if neurons < fewest || conditions < 2 {
            let wanted = format!("at least {fewest} neurons × 2 conditions");
            return Err(Error::shape("patterns", wanted, format!("{neurons} × {conditions}")));
        }
        if patterns.iter().any(|value| !value.is_finite()) {
            return Err(Error::data("patterns", "a value is not finite", "drop such conditions or neurons"));
        }
        let mut columns = patterns.clone();
        if self == Dissimilarity::Correlation {
            for (condition, mut column) in columns.column_iter_mut().enumerate() {
                let size = column.norm();
                column.add_scalar_mut(-column.mean());
                let length = column.norm();
                if length <= 1e-12 * size || length == 0.0 {
                    let problem = format!("in condition {condition} all neurons do the same");
                    return Err(Error::data("patterns", problem, "use Euclidean distances, or drop the condition"));
                }
                column /= length;
            }
        }
        let between = |a: usize, b: usize| match self {
            Dissimilarity::Correlation => 1.0 - columns.column(a).dot(&columns.column(b)),
            Dissimilarity::Euclidean => (columns.column(a) - columns.column(b)).norm() / (neurons as f64).sqrt(),
        };
        let mut matrix = DMatrix::zeros(conditions, conditions);
        for a in 0..conditions {
            for b in 0..a {
                matrix[(a, b)] = between(a, b);
                matrix[(b, a)] = matrix[(a, b)];
            }
        }
        Ok(matrix)
    }
}

/// Rank correlation (Spearman) of the entries below the diagonals of two dissimilarity matrices: 1 where both find the same pairs of conditions
/// alike, 0 where they have nothing in common. Entries share conditions, so a null has to permute conditions and not entries.
///
/// ```
/// use crosscurrent::analysis::{Dissimilarity, representational_similarity};
/// use nalgebra::dmatrix;
/// let line = Dissimilarity::Euclidean.matrix(&dmatrix![0.0, 1.0, 3.0])?;
/// let stretched = Dissimilarity::Euclidean.matrix(&dmatrix![0.0, 5.0, 40.0; 1.0, 1.0, 1.0])?;
/// assert!((representational_similarity(&line, &stretched)? - 1.0).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// Matrices that are not square and alike in size, fewer than three conditions, values that are not finite, or all pairs equally dissimilar.
#[doc(alias = "RSA")]
pub fn representational_similarity(first: &DMatrix<f64>, second: &DMatrix<f64>) -> Result<f64> {
    if !first.is_square() || first.shape() != second.shape() || first.nrows() < 3 {
        let found = format!("{} × {} and {} × {}", first.nrows(), first.ncols(), second.nrows(), second.ncols());
        return Err(Error::shape("dissimilarity matrices", "two square ones of the same 3 or more conditions", found));
    }
    let below = |matrix: &DMatrix<f64>| -> Vec<f64> {
        (0..matrix.nrows()).flat_map(|a| (0..a).map(move |b| (a, b))).map(|at| matrix[at]).collect()
    };
    let (a, b) = (below(first), below(second));
    if a.iter().chain(&b).any(|value| !value.is_finite()) {
        return Err(Error::data("dissimilarity matrices", "a value is not finite", "drop such conditions"));
    }
    let (a, b) = (ranks(&a), ranks(&b));
    let mean = 0.5 * (a.len() as f64 + 1.0);
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    let (within_a, within_b) = (sum(&a, &a), sum(&b, &b));
    if within_a == 0.0 || within_b == 0.0 {
        return Err(Error::data("dissimilarity matrices", "all pairs are equally dissimilar", "use conditions that differ"));
    }
    Ok(sum(&a, &b) / (within_a * within_b).sqrt())
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|&&k| values[k] == values[order[start]]).count();
        order[start..end].iter().for_each(|&k| ranks[k] = 0.5 * (start + end + 1) as f64);
        start = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use nalgebra::dmatrix;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn dissimilarities_and_ranks_are_those_by_hand() {
        let patterns = dmatrix![0.0, 3.0, 0.0; 0.0, 4.0, 2.0];
        let found = Dissimilarity::Euclidean.matrix(&patterns).unwrap() * 2.0_f64.sqrt();
        assert!((found - dmatrix![0.0, 5.0, 2.0; 5.0, 0.0, 13.0_f64.sqrt(); 2.0, 13.0_f64.sqrt(), 0.0]).amax() < 1e-12);
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        // Entries (1, 2, 3) against (2, 1, 3): 1 - 6 (1 + 1) / (3 · 8).
        let matrix = |[a, b, c]: [f64; 3]| dmatrix![0.0, a, b; a, 0.0, c; b, c, 0.0];
        let found = representational_similarity(&matrix([1.0, 2.0, 3.0]), &matrix([2.0, 1.0, 3.0])).unwrap();
        assert!((found - 0.5).abs() < 1e-12);
        assert!((representational_similarity(&matrix([1.0, 2.0, 3.0]), &matrix([3.0, 2.0, 1.0])).unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn rotated_representations_are_the_same_and_unrelated_ones_are_not() {
        let normal = |rows: usize, columns: usize, seed: u64| {
            let mut rng = Seed(seed).rng();
            DMatrix::from_fn(rows, columns, |_, _| -> f64 { StandardNormal.sample(&mut rng) })
        };
        let patterns = normal(10, 200, 1);
        let rotation = normal(10, 10, 2).qr().q();
        let of = |patterns: &DMatrix<f64>| Dissimilarity::Euclidean.matrix(patterns).unwrap();
        let similarity = |a: &DMatrix<f64>, b: &DMatrix<f64>| representational_similarity(a, b).unwrap();
        assert!((similarity(&of(&patterns), &of(&(rotation * &patterns))) - 1.0).abs() < 1e-9);
        assert!(similarity(&of(&patterns), &of(&normal(10, 200, 3))).abs() < 0.15);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(Dissimilarity::Correlation.matrix(&dmatrix![1.0, 2.0; 1.0, 3.0]).unwrap_err().to_string().contains("condition 0"));
        assert!(Dissimilarity::Correlation.matrix(&dmatrix![1.0, 2.0]).is_err());
        assert!(Dissimilarity::Euclidean.matrix(&dmatrix![1.0; 2.0]).is_err());
        assert!(Dissimilarity::Euclidean.matrix(&dmatrix![1.0, f64::NAN]).is_err());
        let three = DMatrix::identity(3, 3);
        assert!(representational_similarity(&three, &DMatrix::identity(4, 4)).is_err());
        assert!(representational_similarity(&three, &three).is_err(), "all pairs equally dissimilar");
    }
}
