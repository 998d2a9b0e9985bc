//! Denoise: the part of low rank of a matrix that is otherwise white.

use crate::error::Result;
use crate::linalg::svd;
use nalgebra::{DMatrix, DVector};

/// Quantile of the Tracy-Widom law of order one that the largest eigenvalue of pure noise exceeds once in a hundred times.
const TRACY_WIDOM: f64 = 2.0234;

/// One singular triplet of the signal: weight × trace^T.
#[derive(Clone, Debug)]
pub(super) struct Component {
    /// Left singular vector, norm 1.
    pub weights: DVector<f64>,
    /// The singular value that is left after the noise, which inflates it, is taken off.
    pub signal: f64,
    /// Variance of the noise in each entry of weights^T x.
    pub noise: f64,
}

/// The components of `x` (rows × columns, signal of low rank + noise of variance 1) that rise above the noise; with `count`, so many at most
/// and without a test.
///
/// A singular value counts if its square exceeds what the largest of pure noise exceeds once in a hundred times (Johnstone 2001). It is shrunk
/// to sqrt((y² - b - 1)² - 4 b) / y with y² = s² / rows and b = columns / rows, which loses least in squared error (Gavish & Donoho 2017).
pub(super) fn components(x: &DMatrix<f64>, count: Option<usize>) -> Result<Vec<Component>> {
    let (rows, columns) = (x.nrows() as f64, x.ncols() as f64);
    if rows < 2.0 || columns < 1.0 {
        return Ok(Vec::new());
    }
    let edge = match count {
        None => largest_of_noise(rows, columns),
        Some(_) => 0.0,
    };
    let decomposition = svd(x)?;
    let ratio = columns / rows;
    let mut found = Vec::new();
    for (at, &value) in decomposition.s.iter().enumerate().take(count.unwrap_or(usize::MAX)) {
        let square = value * value / rows;
        let inside = (square - ratio - 1.0).powi(2) - 4.0 * ratio;
        // Below the edge of the bulk nothing is left of a component.
        if value * value <= edge || square <= (1.0 + ratio.sqrt()).powi(2) {
            break;
        }
        let signal = (rows * inside / square).sqrt();
        found.push(Component {
            weights: decomposition.u.column(at).into_owned(),
            signal,
            noise: (value * value - signal * signal) / columns,
        });
    }
    Ok(found)
}

/// What the largest squared singular value of `rows` × `columns` standard normal numbers exceeds once in a hundred times.
fn largest_of_noise(rows: f64, columns: f64) -> f64 {
    let (a, b) = ((rows - 1.0).sqrt(), columns.sqrt());
    (a + b).powi(2) + TRACY_WIDOM * (a + b) * (1.0 / a + 1.0 / b).cbrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;
    use crate::seed::Seed;

    #[test]
    fn noise_alone_has_a_component_about_once_in_a_hundred_times() {
        let found = |k| components(&normal_matrix(40, 25, 1.0, Seed(k)), None).unwrap().len();
        let count: usize = (0..400).map(found).sum();
        assert!((1..=12).contains(&count), "{count} in 400");
    }

    #[test]
    fn a_component_above_the_noise_is_found_at_its_size() {
        let (u, v) =
            (DVector::from_fn(60, |i, _| (i as f64).sin()).normalize(), DVector::from_fn(30, |i, _| (0.3 * i as f64).cos()).normalize());
        let x = &u * v.transpose() * 20.0 + normal_matrix(60, 30, 1.0, Seed(3));
        let found = components(&x, None).unwrap();
        assert_eq!(found.len(), 1);
        // Both singular vectors are turned by the noise, so that less than all of it is worth keeping.
        assert!(found[0].signal < 20.0 && found[0].signal > 15.0, "{}", found[0].signal);
        assert!(found[0].weights.dot(&u).abs() > 0.85 && found[0].noise >= 1.0);
        assert!(components(&x, Some(0)).unwrap().is_empty());
    }
}
