//! RobustScale: a centre and a width that few outliers do not move.

/// Median, and median distance from it times 1.4826 (the standard deviation of a Gaussian).
///
/// ```
/// use crosscurrent::track::RobustScale;
/// let scale = RobustScale::of(&[1.0, 2.0, 3.0, 4.0, 1000.0]);
/// assert_eq!(scale.centre, 3.0);
/// assert!((scale.z(4.4826) - 1.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustScale {
    /// Median.
    pub centre: f64,
    /// 1.4826 times the median absolute deviation.
    pub width: f64,
}

impl RobustScale {
    /// Of the values, which are finite; zero of none.
    pub fn of(values: &[f64]) -> Self {
        let centre = median(values.to_vec());
        let width = 1.4826 * median(values.iter().map(|value| (value - centre).abs()).collect());
        RobustScale { centre, width }
    }

    /// Distance from the centre in widths; where more than half of the values were alike, the width counts as the smallest number.
    pub fn z(&self, value: f64) -> f64 {
        (value - self.centre) / self.width.max(f64::MIN_POSITIVE)
    }
}

/// Median; of an even number of values, the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (low, &mut high, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if even { 0.5 * (low.iter().copied().fold(f64::NEG_INFINITY, f64::max) + high) } else { high }
}
