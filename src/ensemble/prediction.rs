//! Prediction: what theory says of the eigenvalues of one law of J.

use super::Bulk;
use nalgebra::Complex;

/// Predicted eigenvalues of a random matrix with many neurons.
///
/// ```
/// use crosscurrent::{Ensemble, Regions, ensemble::Gaussian};
/// let prediction = Gaussian { gain: 0.8, ..Default::default() }.prediction(&Regions::single("all", 400)?).unwrap();
/// assert_eq!(prediction.radius(), 0.8);
/// assert_eq!(prediction.bulk.radial_fraction(0.4), Some(0.25));
/// assert!((prediction.real_eigenvalues.unwrap() - 16.46).abs() < 0.01);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Where all eigenvalues but the outliers lie, and how densely, as N grows.
    pub bulk: Bulk,
    /// Eigenvalues that stand apart from the bulk.
    pub outliers: Vec<Outlier>,
    /// Mean number of eigenvalues that are exactly real, at this N; `None` where no law is built in.
    pub real_eigenvalues: Option<f64>,
}

/// An eigenvalue that stands apart from the bulk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlier {
    /// Mean over matrices.
    pub value: Complex<f64>,
    /// Standard deviation over matrices of this N; 0 where the value is exact for every matrix.
    pub deviation: f64,
}

impl Prediction {
    /// Radius of the smallest disc around 0 that holds the bulk.
    pub fn radius(&self) -> f64 {
        self.bulk.radius()
    }

    /// Largest modulus of all eigenvalues, outliers included.
    pub fn spectral_radius(&self) -> f64 {
        self.outliers.iter().map(|outlier| outlier.value.norm()).fold(self.radius(), f64::max)
    }
}

/// A spectrum without outliers.
impl From<Bulk> for Prediction {
    fn from(bulk: Bulk) -> Self {
        Prediction { bulk, outliers: Vec::new(), real_eigenvalues: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_modulus_is_that_of_an_outlier_or_of_the_bulk() {
        let mut prediction = Prediction::from(Bulk::Disc { radius: 1.0 });
        assert_eq!(prediction.spectral_radius(), 1.0);
        prediction.outliers.push(Outlier { value: Complex::new(0.0, -2.0), deviation: 0.1 });
        assert_eq!((prediction.radius(), prediction.spectral_radius()), (1.0, 2.0));
    }
}
