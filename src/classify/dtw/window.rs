//! How far an alignment may stray from the diagonal.

use super::Search;
use crate::classify::Labelled;
use crate::error::{Result, in_range};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The band around the diagonal in which two series may be aligned (Sakoe & Chiba 1978).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Window {
    /// Everywhere.
    #[default]
    Full,
    /// Up to this share of the longer series, 0 to 1.
    Share {
        /// 0 is the Euclidean distance, 1 no limit.
        share: f64,
    },
    /// The share from 0 to 0.2 in steps of 0.01 with most hits when each training series is classified by the others; the smallest of equals.
    Learned,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Full => f.write_str("full"),
            Window::Share { share } => write!(f, "window {:.0} %", 100.0 * share),
            Window::Learned => f.write_str("learned window"),
        }
    }
}

/// Widest learned window, in hundredths.
const WIDEST: usize = 20;

impl Window {
    /// The share for these training series.
    pub(super) fn share(&self, train: &Labelled, independent: bool) -> Result<f64> {
        match self {
            Window::Full => Ok(1.0),
            Window::Share { share } => in_range("share of a window", *share, 0.0..=1.0, "0 to 1"),
            Window::Learned => Ok(learned(train, independent)),
        }
    }
}

/// The best window of the training series alone.
fn learned(train: &Labelled, independent: bool) -> f64 {
    let mut best = (0, 0.0);
    for share in (0..=WIDEST).map(|hundredths| hundredths as f64 / 100.0) {
        let hits = Search::new(train, share, independent).hits();
        if hits > best.0 {
            best = (hits, share);
        }
    }
    best.1
}

/// Most samples between i and j: the share of the longer length, and at least the difference of the lengths.
pub(super) fn reach(share: f64, n: usize, m: usize) -> usize {
    // A share such as 0.07 of 100 must not lose its last sample to rounding.
    let window = (share * n.max(m) as f64 + 1e-9).floor() as usize;
    window.max(n.abs_diff(m))
}
