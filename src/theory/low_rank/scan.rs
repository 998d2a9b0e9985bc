//! All roots of a function of the overlap.

use crate::error::Result;
use crate::theory::root;

/// Absolute precision of an overlap.
const TOLERANCE: f64 = 1e-11;

/// Roots of `f` at its changes of sign between neighbours of the ascending `grid`. Points where f is not a number are gaps.
pub(super) fn roots(what: &str, grid: &[f64], f: impl Fn(f64) -> Result<f64>) -> Result<Vec<f64>> {
    let values = grid.iter().map(|&x| f(x)).collect::<Result<Vec<f64>>>()?;
    let mut found = Vec::new();
    for k in 1..grid.len() {
        // A zero on a point of the grid belongs to the interval on its right, the last one to the left.
        let last_zero = k + 1 == grid.len() && values[k] == 0.0;
        if values[k - 1] == 0.0 {
            found.push(grid[k - 1]);
        } else if values[k - 1] * values[k] < 0.0 {
            found.push(root(what, (grid[k - 1], grid[k]), TOLERANCE, |x| f(x).unwrap_or(f64::NAN))?);
        }
        if last_zero {
            found.push(grid[k]);
        }
    }
    Ok(found)
}

/// `count` numbers from `low` (left out) to `high`, denser near low: overlaps near a transition are small.
pub(super) fn towards(low: f64, high: f64, count: usize) -> Vec<f64> {
    (1..=count).map(|k| low + (high - low) * (k as f64 / count as f64).powi(2)).collect()
}

/// `count` + 1 equal steps from `low` to `high`.
pub(super) fn evenly(low: f64, high: f64, count: usize) -> Vec<f64> {
    (0..=count).map(|k| low + (high - low) * k as f64 / count as f64).collect()
}
