//! Lower bounds of the distance of dynamic time warping.

use super::window::reach;
use nalgebra::DMatrix;

/// A series with what its bounds need.
pub(super) struct Bounds<'a> {
    series: &'a DMatrix<f64>,
    /// Smallest and largest value of each channel within reach of each sample, channels × time.
    lower: DMatrix<f64>,
    upper: DMatrix<f64>,
}

impl<'a> Bounds<'a> {
    /// Prepares `series` for a window of `share`.
    pub(super) fn new(series: &'a DMatrix<f64>, share: f64) -> Self {
        let reach = reach(share, series.ncols(), series.ncols());
        Bounds { series, lower: extreme(series, reach, |a, b| a <= b), upper: extreme(series, reach, |a, b| a >= b) }
    }

    /// A number that no squared distance to `other` falls below, whether channels are warped together or apart.
    ///
    /// The larger of two bounds: that of the first and last samples, which every alignment pairs (Kim, Park & Chu 2001), and, for equal
    /// lengths, what leaves the envelope of the other series, in both directions (Keogh & Ratanamahatana 2005).
    pub(super) fn lower(&self, other: &Bounds) -> f64 {
        let ends = self.ends(other);
        if self.series.ncols() != other.series.ncols() {
            return ends;
        }
        ends.max(self.outside(other)).max(other.outside(self))
    }

    fn ends(&self, other: &Bounds) -> f64 {
        let (n, m) = (self.series.ncols(), other.series.ncols());
        let first = (self.series.column(0) - other.series.column(0)).norm_squared();
        let last = (self.series.column(n - 1) - other.series.column(m - 1)).norm_squared();
        if n == 1 && m == 1 { first } else { first + last }
    }

    /// Squared distance of this series to the envelope of `other`.
    fn outside(&self, other: &Bounds) -> f64 {
        let envelope = other.lower.iter().zip(other.upper.iter());
        let excess = self.series.iter().zip(envelope).map(|(v, (low, high))| (v - high).max(low - v).max(0.0));
        excess.map(|e| e * e).sum()
    }
}

/// The first value by `before` within `reach` samples of each sample, for every channel; linear in the length (Lemire 2009).
fn extreme(series: &DMatrix<f64>, reach: usize, before: impl Fn(f64, f64) -> bool) -> DMatrix<f64> {
    let samples = series.ncols();
    let mut found = series.clone();
    let mut queue = std::collections::VecDeque::new();
    for channel in 0..series.nrows() {
        queue.clear();
        for t in 0..samples + reach {
            if t < samples {
                while queue.back().is_some_and(|&last| before(series[(channel, t)], series[(channel, last)])) {
                    queue.pop_back();
                }
                queue.push_back(t);
            }
            if t >= reach {
                let centre = t - reach;
                while queue.front().is_some_and(|&first| first + reach < centre) {
                    queue.pop_front();
                }
                let first = *queue.front().expect("the sample itself is within reach");
                found[(channel, centre)] = series[(channel, first)];
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_running_extremes() {
        let series = DMatrix::from_fn(2, 40, |c, t| ((t * (c + 2)) as f64 * 1.7).sin());
        for reach in [0, 1, 5, 40] {
            let low = extreme(&series, reach, |a, b| a <= b);
            for t in 0..40 {
                let near = (t - t.min(reach)..=(t + reach).min(39)).map(|s| series[(1, s)]).fold(f64::INFINITY, f64::min);
                assert_eq!(low[(1, t)], near, "{reach} {t}");
            }
        }
    }
}
