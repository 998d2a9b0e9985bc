//! Metric: one number, one function, one file. Scores of an estimate are functions of two matrices of equal shape.

mod best_lag;
mod correlation;
mod kolmogorov_smirnov;
mod non_normality;
mod rms_ratio;
mod sign_agreement;
mod slope;
mod variance_explained;

pub use best_lag::best_lag;
pub use correlation::correlation;
pub use kolmogorov_smirnov::kolmogorov_smirnov;
pub use non_normality::non_normality;
pub use rms_ratio::rms_ratio;
pub use sign_agreement::sign_agreement;
pub use slope::slope;
pub use variance_explained::{published_variance_explained, variance_explained};

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, dmatrix};

    #[test]
    fn a_perfect_estimate_has_perfect_scores() {
        let truth = dmatrix![1.0, -2.0, 0.5, 0.3; 0.2, 1.5, -0.7, -1.1];
        assert!((correlation(&truth, &truth) - 1.0).abs() < 1e-15);
        assert!((slope(&truth, &truth) - 1.0).abs() < 1e-15);
        assert!((rms_ratio(&truth, &truth) - 1.0).abs() < 1e-15);
        assert_eq!(sign_agreement(&truth, &truth), 1.0);
        assert_eq!(variance_explained(&truth, &truth), 1.0);
        assert_eq!(best_lag(&truth, &truth, 2), Some(0));
    }

    #[test]
    fn scale_moves_slope_and_ratio_but_not_correlation() {
        let truth = dmatrix![1.0, -2.0, 0.5; 0.2, 1.5, -0.7];
        let half = &truth * 0.5;
        assert!((correlation(&truth, &half) - 1.0).abs() < 1e-15);
        assert!((slope(&truth, &half) - 0.5).abs() < 1e-15);
        assert!((rms_ratio(&truth, &half) - 0.5).abs() < 1e-15);
        assert!((correlation(&truth, &-&truth) + 1.0).abs() < 1e-15);
    }

    #[test]
    fn scores_without_information_are_not_numbers() {
        let truth = dmatrix![1.0, -2.0; 0.2, 1.5];
        let nothing = DMatrix::zeros(2, 2);
        assert!(correlation(&truth, &nothing).is_nan());
        assert!(slope(&nothing, &truth).is_nan());
        assert!(rms_ratio(&nothing, &truth).is_nan());
        assert!(variance_explained(&nothing, &truth).is_nan());
    }
}
