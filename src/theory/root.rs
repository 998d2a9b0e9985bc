//! Roots of functions of one variable.

use crate::error::{Error, Result};

/// The root of `f` between `low` and `high`, where f has opposite signs: Brent's method, to `tolerance` in x (absolute).
///
/// ```
/// use crosscurrent::theory::root;
/// let x = root("cube root of 2", (1.0, 2.0), 1e-14, |x| x * x * x - 2.0)?;
/// assert!((x - 2.0_f64.cbrt()).abs() < 1e-13);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotConverged`] when f has the same sign at both ends, or is not a number somewhere.
pub fn root(what: &str, bracket: (f64, f64), tolerance: f64, f: impl Fn(f64) -> f64) -> Result<f64> {
    let (mut a, mut b) = bracket;
    let (mut fa, mut fb) = (f(a), f(b));
    let failed = |residual, iterations| Error::NotConverged { what: what.into(), residual, iterations, tolerance };
    if fa == 0.0 || fb == 0.0 {
        return Ok(if fa == 0.0 { a } else { b });
    }
    if (fa * fb).is_nan() || fa * fb > 0.0 {
        return Err(failed(fb, 0));
    }
    // b is the best estimate, [b, c] holds the root, a is the estimate before b.
    let (mut c, mut fc) = (a, fa);
    let (mut step, mut before) = (b - a, b - a);
    for iteration in 0..200 {
        if fc.abs() < fb.abs() {
            (a, fa, b, fb, c, fc) = (b, fb, c, fc, b, fb);
        }
        let slack = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let half = 0.5 * (c - b);
        if half.abs() <= slack || fb == 0.0 {
            return Ok(b);
        }
        match interpolated([a, b, c], [fa, fb, fc]) {
            Some(trial) if before.abs() >= slack && fa.abs() > fb.abs() && accepted(trial, half, before, slack) => {
                (before, step) = (step, trial);
            }
            _ => (before, step) = (half, half),
        }
        (a, fa) = (b, fb);
        b += if step.abs() > slack { step } else { slack.copysign(half) };
        fb = f(b);
        if fb.is_nan() {
            return Err(failed(fb, iteration));
        }
        if fb * fc > 0.0 {
            (c, fc) = (a, fa);
            (step, before) = (b - a, b - a);
        }
    }
    Err(failed(fb, 200))
}

/// Step from b to where the inverse parabola (or the secant, of two points) through the three points crosses zero.
fn interpolated([a, b, c]: [f64; 3], [fa, fb, fc]: [f64; 3]) -> Option<f64> {
    let step = if a == c {
        (a - b) * fb / (fb - fa)
    } else {
        let (q, r, s) = (fa / fc, fb / fc, fb / fa);
        let above = s * ((c - b) * q * (q - r) - (b - a) * (r - 1.0));
        above / ((q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    step.is_finite().then_some(step)
}

/// Brent's conditions: the step stays within three quarters of the bracket and at least halves the one before the last.
fn accepted(step: f64, half: f64, before: f64, slack: f64) -> bool {
    step * half > 0.0 && step.abs() < 1.5 * half.abs() - 0.5 * slack && step.abs() < 0.5 * before.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn roots_are_found_quickly_and_precisely() {
        type Case = (fn(f64) -> f64, (f64, f64), f64);
        let cases: [Case; 4] = [
            (|x| x.cos() - x, (0.0, 1.0), 0.739_085_133_215_160_7),
            (|x| x.exp() - 10.0, (-5.0, 8.0), 10.0_f64.ln()),
            (|x| (x - 1.0).powi(3), (-3.0, 2.5), 1.0),
            (|x| x.tanh() - 0.5 * x, (0.5, 5.0), 1.915_008_048_155_457),
        ];
        for (f, bracket, expected) in cases {
            let calls = Cell::new(0);
            let found = root("test", bracket, 1e-13, |x| {
                calls.set(calls.get() + 1);
                f(x)
            });
            let slack = if expected == 1.0 { 1e-4 } else { 1e-12 };
            assert!((found.unwrap() - expected).abs() < slack);
            assert!(calls.get() < 160, "{}", calls.get());
        }
    }

    #[test]
    fn no_change_of_sign_is_an_error() {
        assert!(root("test", (1.0, 2.0), 1e-9, |x| x).is_err());
        assert!(root("test", (-1.0, 2.0), 1e-9, |x| (x - 1.0).sqrt()).is_err());
    }
}
