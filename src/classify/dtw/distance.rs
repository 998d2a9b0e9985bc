//! The distance of dynamic time warping, one antidiagonal after the other.

use super::window::reach;
use nalgebra::DMatrix;

/// Distance of two series (channels × time, as many channels): the square root of the smallest sum of squared differences over all monotone
/// alignments that stray at most `share` of the longer series from the diagonal.
///
/// With series of different lengths the window is at least as wide as their difference. All channels are warped together.
///
/// ```
/// use crosscurrent::classify::dtw;
/// use nalgebra::dmatrix;
/// // The same shape a sample later.
/// assert_eq!(dtw(&dmatrix![0.0, 0.0, 1.0, 0.0], &dmatrix![0.0, 1.0, 0.0, 0.0], 1.0), 0.0);
/// assert_eq!(dtw(&dmatrix![0.0, 0.0, 1.0, 0.0], &dmatrix![0.0, 1.0, 0.0, 0.0], 0.0), 2.0_f64.sqrt());
/// ```
///
/// # Panics
/// When the series have different numbers of channels.
pub fn dtw(a: &DMatrix<f64>, b: &DMatrix<f64>, share: f64) -> f64 {
    assert_eq!(a.nrows(), b.nrows(), "channels of series to warp");
    Warp::new(share, false).distance(a, b, f64::INFINITY).sqrt()
}

/// Working space of many distances.
///
/// Cells of an antidiagonal i + j = d depend on the two antidiagonals before and not on each other, so a plain loop over them becomes
/// vector instructions. Rows i are cells of the arrays; the second series is stored backwards so that j = d − i runs along.
pub(super) struct Warp {
    share: f64,
    independent: bool,
    first: Vec<f64>,
    backwards: Vec<f64>,
    /// Costs of the current antidiagonal and the two before; cell i + 1 is row i, with a border of infinity.
    costs: [Vec<f64>; 3],
}

impl Warp {
    pub(super) fn new(share: f64, independent: bool) -> Self {
        Warp { share, independent, first: Vec::new(), backwards: Vec::new(), costs: Default::default() }
    }

    /// Squared distance; infinity as soon as it cannot be less than `best`.
    pub(super) fn distance(&mut self, a: &DMatrix<f64>, b: &DMatrix<f64>, best: f64) -> f64 {
        if !self.independent {
            return self.channels(a, b, 0..a.nrows(), best);
        }
        let mut sum = 0.0;
        for channel in 0..a.nrows() {
            sum += self.channels(a, b, channel..channel + 1, best - sum);
            if sum >= best {
                return f64::INFINITY;
            }
        }
        sum
    }

    fn channels(&mut self, a: &DMatrix<f64>, b: &DMatrix<f64>, channels: std::ops::Range<usize>, best: f64) -> f64 {
        let (n, m, count) = (a.ncols(), b.ncols(), channels.len());
        self.first.clear();
        self.backwards.clear();
        for channel in channels {
            self.first.extend(a.row(channel).iter());
            self.backwards.extend((0..m).rev().map(|t| b[(channel, t)]));
        }
        self.costs.iter_mut().for_each(|cost| {
            cost.clear();
            cost.resize(n + 1, f64::INFINITY);
        });
        let reach = reach(self.share, n, m);
        let mut before = f64::INFINITY;
        for d in 0..n + m - 1 {
            // Rows on this antidiagonal: inside both series, and |i − j| = |2 i − d| within reach.
            let from = (d + 1).saturating_sub(m).max((d.saturating_sub(reach)).div_ceil(2));
            let to = (n - 1).min(d).min((d + reach) / 2);
            let least = self.antidiagonal(d, from..to + 1, (n, m, count));
            // Every alignment meets one of two successive antidiagonals.
            if least.min(before) >= best {
                return f64::INFINITY;
            }
            before = least;
        }
        self.costs[2][n]
    }

    /// Fills antidiagonal `d` and rotates; gives its smallest cost.
    fn antidiagonal(&mut self, d: usize, rows: std::ops::Range<usize>, (n, m, count): (usize, usize, usize)) -> f64 {
        self.costs.rotate_left(1);
        let [two, one, current] = &mut self.costs;
        current.fill(f64::INFINITY);
        if rows.is_empty() {
            return f64::INFINITY;
        }
        let length = rows.len();
        let out = &mut current[rows.start + 1..rows.start + 1 + length];
        out.fill(0.0);
        for channel in 0..count {
            let a = &self.first[channel * n + rows.start..][..length];
            // Sample j = d − i stands at m − 1 − j.
            let b = &self.backwards[channel * m + (m - 1 + rows.start) - d..][..length];
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                let difference = a - b;
                *out += difference * difference;
            }
        }
        if d > 0 {
            let diagonal = &two[rows.start..][..length];
            let (above, left) = (&one[rows.start..][..length], &one[rows.start + 1..][..length]);
            for (((out, diagonal), above), left) in out.iter_mut().zip(diagonal).zip(above).zip(left) {
                *out += smaller(smaller(*diagonal, *above), *left);
            }
        }
        least(out)
    }
}

/// Without the care for NaN of `f64::min`, which would cost the vector instruction.
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The smallest value, in four lanes.
fn least(values: &[f64]) -> f64 {
    let mut lanes = [f64::INFINITY; 4];
    let chunks = values.chunks_exact(4);
    let rest = chunks.remainder().iter().fold(f64::INFINITY, |a, &b| smaller(a, b));
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &value)| *lane = smaller(*lane, value));
    }
    lanes.iter().fold(rest, |a, &b| smaller(a, b))
}
