//! Nearest neighbour by dynamic time warping.

mod bounds;
mod distance;
mod window;

pub use distance::dtw;
pub use window::Window;

use self::bounds::Bounds;
use self::distance::Warp;
use super::decision::nearest_scores;
use super::{Classifier, Labelled};
use crate::error::Result;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One nearest neighbour by dynamic time warping: the smallest sum of squared differences over all monotone alignments of two series.
///
/// Lower bounds and early abandoning leave most alignments out without changing any result: every score is the one of the plain
/// computation. Series may have any lengths.
#[doc(alias = "DTW")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicTimeWarping {
    /// How far the alignment may stray from the diagonal; default: without limit.
    pub window: Window,
    /// Every channel is warped by itself and the distances are added; by default all channels are warped together.
    pub independent: bool,
}

impl Classifier for DynamicTimeWarping {
    fn name(&self) -> String {
        let channels = if self.independent { ", channels apart" } else { "" };
        format!("DTW, {}{channels}", self.window)
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], _seed: Seed) -> Result<DMatrix<f64>> {
        let share = self.window.share(train, self.independent)?;
        Ok(nearest_scores(&self.distances(train, test, share).map(f64::sqrt), train.labels(), train.classes().len()))
    }
}

impl DynamicTimeWarping {
    /// For every test series the squared distance to the nearest training series of each class; infinite for the others (train × test).
    fn distances(&self, train: &Labelled, test: &[DMatrix<f64>], share: f64) -> DMatrix<f64> {
        let search = Search::new(train, share, self.independent);
        let columns: Vec<Vec<f64>> = test.par_iter().map(|series| search.nearest_of_each(series, None)).collect();
        DMatrix::from_iterator(train.len(), test.len(), columns.into_iter().flatten())
    }
}

/// Training series made ready to be searched.
struct Search<'a> {
    train: &'a Labelled,
    prepared: Vec<Bounds<'a>>,
    share: f64,
    independent: bool,
}

impl<'a> Search<'a> {
    fn new(train: &'a Labelled, share: f64, independent: bool) -> Self {
        Search { train, prepared: train.series().par_iter().map(|series| Bounds::new(series, share)).collect(), share, independent }
    }

    /// Squared distance of `series` to the nearest member of each class; the other members, and the one to `skip`, may stay infinite.
    fn nearest_of_each(&self, series: &DMatrix<f64>, skip: Option<usize>) -> Vec<f64> {
        let own = Bounds::new(series, self.share);
        let mut order: Vec<(f64, usize)> = self.prepared.iter().enumerate().map(|(k, other)| (own.lower(other), k)).collect();
        // The most promising first: the smaller the best so far, the more can be left out.
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut best = vec![f64::INFINITY; self.train.classes().len()];
        let mut distances = vec![f64::INFINITY; self.train.len()];
        let mut warp = Warp::new(self.share, self.independent);
        for (bound, k) in order.into_iter().filter(|(_, k)| Some(*k) != skip) {
            let label = self.train.labels()[k];
            if bound < best[label] {
                distances[k] = warp.distance(series, &self.train.series()[k], best[label]);
                best[label] = best[label].min(distances[k]);
            }
        }
        distances
    }

    /// How many training series have their own class when the others classify them.
    fn hits(&self) -> usize {
        let labels = self.train.labels();
        let hit = |k: &usize| {
            let distances = self.nearest_of_each(&self.train.series()[*k], Some(*k));
            let nearest = (0..labels.len()).fold(0, |best, other| if distances[other] < distances[best] { other } else { best });
            labels[nearest] == labels[*k]
        };
        (0..labels.len()).into_par_iter().filter(hit).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::normal_matrix;

    /// Random walks of 20 to 29 samples, with the plain distance of every pair.
    fn walks(count: usize, channels: usize, equal: bool) -> Labelled {
        let walk = |k: usize| {
            let steps = normal_matrix(channels, if equal { 24 } else { 20 + k % 10 }, 1.0, Seed(7).trial(k as u64));
            let mut walk = steps.clone();
            (1..walk.ncols()).for_each(|t| (0..channels).for_each(|c| walk[(c, t)] += walk[(c, t - 1)]));
            walk
        };
        let names: Vec<String> = (0..count).map(|k| format!("class {}", k % 3)).collect();
        Labelled::new((0..count).map(walk).collect(), &names).unwrap()
    }

    /// The textbook recursion.
    fn plain(a: &DMatrix<f64>, b: &DMatrix<f64>, share: f64) -> f64 {
        let (n, m) = (a.ncols(), b.ncols());
        let reach = window::reach(share, n, m) as isize;
        let mut cost = DMatrix::from_element(n + 1, m + 1, f64::INFINITY);
        cost[(0, 0)] = 0.0;
        for i in 1..=n {
            for j in 1..=m {
                if (i as isize - j as isize).abs() <= reach {
                    let step = cost[(i - 1, j)].min(cost[(i, j - 1)]).min(cost[(i - 1, j - 1)]);
                    cost[(i, j)] = step + (a.column(i - 1) - b.column(j - 1)).norm_squared();
                }
            }
        }
        cost[(n, m)]
    }

    #[test]
    fn distances_are_those_of_the_textbook_recursion() {
        for (channels, equal) in [(1, true), (1, false), (3, false)] {
            let data = walks(12, channels, equal);
            for share in [0.0, 0.07, 0.3, 1.0] {
                for (a, b) in data.series().iter().zip(data.series().iter().rev()) {
                    let (found, expected) = (dtw(a, b, share), plain(a, b, share).sqrt());
                    assert!((found - expected).abs() < 1e-12 * (1.0 + expected), "{channels} {share}: {found} {expected}");
                }
            }
        }
        let two = walks(2, 3, false);
        let (a, b) = (&two.series()[0], &two.series()[1]);
        let apart: f64 = (0..3).map(|c| plain(&a.rows(c, 1).into_owned(), &b.rows(c, 1).into_owned(), 0.2)).sum();
        assert!((Warp::new(0.2, true).distance(a, b, f64::INFINITY) - apart).abs() < 1e-10);
    }

    #[test]
    fn bounds_never_exceed_the_distance() {
        for (channels, equal) in [(1, true), (1, false), (3, true)] {
            let data = walks(30, channels, equal);
            for share in [0.0, 0.1, 0.5, 1.0] {
                for (a, b) in data.series().iter().zip(data.series().iter().rev()) {
                    let bound = Bounds::new(a, share).lower(&Bounds::new(b, share));
                    assert!(bound <= plain(a, b, share) + 1e-12);
                    let apart: f64 = (0..channels).map(|c| plain(&a.rows(c, 1).into_owned(), &b.rows(c, 1).into_owned(), share)).sum();
                    assert!(bound <= apart + 1e-12);
                }
            }
        }
    }

    #[test]
    fn bounds_and_abandoning_change_no_score() {
        for (equal, share) in [(true, 0.1), (true, 1.0), (false, 0.2)] {
            let (train, test) = (walks(40, 2, equal), walks(15, 2, equal));
            let classifier = DynamicTimeWarping { window: Window::Share { share }, independent: false };
            let found = classifier.scores(&train, test.series(), Seed(1)).unwrap();
            let all = DMatrix::from_fn(40, 15, |i, j| plain(&train.series()[i], &test.series()[j], share).sqrt());
            let expected = nearest_scores(&all, train.labels(), 3);
            assert!((found - expected).amax() < 1e-12, "{equal} {share}");
        }
    }

    #[test]
    fn a_window_of_zero_is_the_euclidean_distance() {
        let data = walks(2, 2, true);
        let (a, b) = (&data.series()[0], &data.series()[1]);
        assert!((dtw(a, b, 0.0) - (a - b).norm()).abs() < 1e-12);
    }
}
