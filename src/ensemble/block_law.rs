//! The radial law of a matrix of independent blocks (Aljadeff, Stern & Sharpee 2015).
//!
//! With V_ab = α_b g_ab² (rows are targets), the fraction within r is F = 1 − Σ_a α_a q_a v_a, where q_a, p_a > 0 solve
//!
//! ```text
//! q_a = s_a / (r² + s_a v_a)    p_a = v_a / (r² + s_a v_a)    v_a = Σ_b α_b g_ab² p_b    s_a = Σ_b α_b g_ba² q_b
//! ```

use nalgebra::{Complex, DMatrix, DVector};
use std::f64::consts::PI;

/// Iterations at most; the last ones are needed next to the edge only.
const ITERATIONS: usize = 200_000;

/// √ of the largest eigenvalue of Q_ab = α_b g_ab².
pub(super) fn radius(fractions: &[f64], gains: &DMatrix<f64>) -> f64 {
    let q = DMatrix::from_fn(gains.nrows(), gains.ncols(), |a, b| fractions[b] * gains[(a, b)].powi(2));
    q.complex_eigenvalues().iter().map(|z: &Complex<f64>| z.norm()).fold(0.0, f64::max).sqrt()
}

/// F(r) for 0 ≤ r < R.
pub(super) fn fraction(fractions: &[f64], gains: &DMatrix<f64>, r: f64) -> f64 {
    let size = gains.nrows();
    let together = loops(gains);
    // variance[(a, b)]: what source b adds to target a. Weights outside of all loops move no eigenvalue.
    let kept = |a: usize, b: usize| if together[(a, b)] { gains[(a, b)].powi(2) } else { 0.0 };
    let into = DMatrix::from_fn(size, size, |a, b| kept(a, b) * fractions[b]);
    let out_of = DMatrix::from_fn(size, size, |a, b| kept(b, a) * fractions[b]);
    let scale = into.max();
    if scale == 0.0 {
        return 1.0;
    }
    // In units of the largest variance; r = 0 is reached as a limit.
    let square = (r * r / scale).max(1e-14);
    let (into, out_of) = (into / scale, out_of / scale);
    let (mut q, mut p) = (DVector::repeat(size, 1.0), DVector::repeat(size, 1.0));
    let mut last = f64::NAN;
    for _ in 0..ITERATIONS {
        let (v, s) = (&into * &p, &out_of * &q);
        let outside: f64 = (0..size).map(|a| fractions[a] * q[a] * v[a]).sum();
        if (outside - last).abs() < 1e-15 {
            break;
        }
        last = outside;
        for a in 0..size {
            let common = square + s[a] * v[a];
            q[a] = 0.5 * (q[a] + s[a] / common);
            p[a] = 0.5 * (p[a] + v[a] / common);
        }
    }
    (1.0 - last).clamp(0.0, 1.0)
}

/// F'(r) / (2π r) = (dF / dr²) / π, by central differences in r².
pub(super) fn density(fractions: &[f64], gains: &DMatrix<f64>, r: f64) -> f64 {
    let edge = radius(fractions, gains).powi(2);
    let step = 1e-4 * edge;
    let (low, high) = ((r * r - step).max(0.0), (r * r + step).min(edge));
    let at = |square: f64| if square >= edge { 1.0 } else { fraction(fractions, gains, square.sqrt()) };
    (at(high) - at(low)) / (high - low) / PI
}

/// Which pairs of regions lie on a common loop of non-zero gains; the spectrum is the union over such sets of regions.
fn loops(gains: &DMatrix<f64>) -> DMatrix<bool> {
    let size = gains.nrows();
    let mut reaches = gains.map(|gain| gain != 0.0);
    for via in 0..size {
        for to in 0..size {
            for from in 0..size {
                reaches[(to, from)] |= reaches[(to, via)] && reaches[(via, from)];
            }
        }
    }
    DMatrix::from_fn(size, size, |a, b| reaches[(a, b)] && reaches[(b, a)])
}
