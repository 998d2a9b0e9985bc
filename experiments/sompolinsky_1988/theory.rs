//! T10 to T13: the mean field against the table of an independent solution.

use crate::experiment::{Context, Findings, Side};
use crosscurrent::Result;
use crosscurrent::theory::{NearCritical, autonomous};

const TABLE: &str = "independent solution of the mean field";

/// Gain, Delta0, lambda.
const VALUES: [[f64; 3]; 3] = [[1.5, 0.74769, 0.04675], [2.0, 1.92481, 0.11246], [3.0, 5.44633, 0.23546]];

/// Judges Delta0, lambda, the level that has to be zero, and the forms near the transition.
pub fn checks(context: &Context, findings: &mut Findings) -> Result<()> {
    let mut check =
        |source, claim: String, measured, wanted| findings.checks.push(context.check(("theory", source), claim, measured, wanted));
    for [gain, variance, exponent] in VALUES {
        let state = autonomous(gain)?;
        check(TABLE, format!("Δ₀ at g = {gain}"), state.variance, (Side::Near, variance, 1e-4 * variance));
        check(TABLE, format!("λ at g = {gain}"), state.exponent, (Side::Near, exponent, 1e-3 * exponent));
        check("exact", format!("|E₁| at g = {gain}"), state.neutral_level.abs(), (Side::AtMost, 1e-6, 0.0));
    }
    let delta = autonomous(1.05)?.autocovariance;
    let (half, tail) = (delta.half_width().unwrap_or(f64::NAN), delta.tail_time().unwrap_or(f64::NAN));
    check(TABLE, "half width at g = 1.05".into(), half, (Side::Near, 49.58, 0.005 * 49.58));
    check(TABLE, "time constant of the tail at g = 1.05".into(), tail, (Side::Near, 37.70, 0.005 * 37.70));
    let limit = NearCritical::new(1.05);
    check("2.281 / (g − 1)", "asymptotic half width at g = 1.05".into(), limit.half_width(), (Side::Near, 45.6, 0.05));
    check("√3 / (g − 1)", "asymptotic tail at g = 1.05".into(), limit.tail_time(), (Side::Near, 34.6, 0.05));
    Ok(())
}
