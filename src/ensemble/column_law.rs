//! The radial law of a matrix whose columns have classes of variances (Rajan & Abbott 2006).
//!
//! r²(u) = Σ p_k s_k / (1 + s_k u), F = 1 − u r², u ≥ 0: the edge is at u = 0, the centre at u → ∞.

use super::bulk::bisect;
use std::f64::consts::PI;

/// Classes (fraction, N × variance).
type Classes = [(f64, f64)];

/// r² at u.
pub(super) fn squared_radius(classes: &Classes, u: f64) -> f64 {
    classes.iter().map(|&(p, s)| p * s / (1.0 + s * u)).sum()
}

/// F at u. Written as Σ p_k / (1 + s_k u), which loses no digits near the centre.
fn fraction_at(classes: &Classes, u: f64) -> f64 {
    classes.iter().map(|&(p, s)| p / (1.0 + s * u)).sum()
}

/// u at r, 0 < r < R. As r² ≤ 1 / u, it lies between 0 and 1 / r².
fn parameter(classes: &Classes, r: f64) -> f64 {
    bisect(0.0, 1.0 / r.powi(2), |u| squared_radius(classes, u) > r.powi(2))
}

/// Fraction of the columns that are 0: eigenvalues that are exactly 0.
fn zeros(classes: &Classes) -> f64 {
    classes.iter().filter(|(_, s)| *s == 0.0).map(|(p, _)| p).sum()
}

/// F(r) for 0 ≤ r < R.
pub(super) fn fraction(classes: &Classes, r: f64) -> f64 {
    if r.powi(2) < f64::MIN_POSITIVE { zeros(classes) } else { fraction_at(classes, parameter(classes, r)) }
}

/// The radius that holds a fraction `p`.
pub(super) fn quantile(classes: &Classes, p: f64) -> f64 {
    if p <= zeros(classes) {
        return 0.0;
    }
    // Bisection in t = 1 / (1 + u) in (0, 1], as u has no upper end.
    let u = |t: f64| 1.0 / t - 1.0;
    let t = bisect(0.0, 1.0, |t| fraction_at(classes, u(t)) < p);
    squared_radius(classes, u(t)).sqrt()
}

/// F'(r) / (2π r) = (dF / dr²) / π. By u, dF / dr² = −(r² + u dr²/du) / (dr²/du) = Σ p_k s_k / (1 + s_k u)² / Σ p_k s_k² / (1 + s_k u)².
pub(super) fn density(classes: &Classes, r: f64) -> f64 {
    let edge = squared_radius(classes, 0.0);
    // u is infinite at the centre; this far inside the density is that of the centre to the last digit.
    let square = r.powi(2).max(1e-16 * edge);
    let u = if square >= edge { 0.0 } else { parameter(classes, square.sqrt()) };
    let moment = |power: i32| classes.iter().map(|&(p, s)| p * s.powi(power) / (1.0 + s * u).powi(2)).sum::<f64>();
    moment(1) / moment(2) / PI
}
