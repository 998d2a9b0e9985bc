//! InverseCorrelation: the symmetric matrix P of recursive least squares, half of it stored.

use super::buffer::Buffer;
use super::elementwise::scale;
use super::level::Level;
use super::real::Real;
use super::reduce::dot;
use super::symmetric::Symmetric;

/// The inverse of the correlation matrix of all inputs seen so far, under the updates of recursive least squares.
///
/// One update is one sweep over half of P: the change that the update before it made is added while P is read for the next
/// product.
#[derive(Clone, Debug)]
pub struct InverseCorrelation<T: Real> {
    /// Storage and sweep, without the pending change.
    matrix: Symmetric<T>,
    /// Sign of the pending change `sign * w w^T`, or 0 if none waits.
    sign: f64,
    /// `sqrt(c) k` of the pending change, padded. One vector instead of `c k` and `k`, so that rounding leaves P symmetric.
    w: Buffer<T>,
    /// The input, padded.
    r: Buffer<T>,
}

impl<T: Real> InverseCorrelation<T> {
    /// `p0` times the `n` × `n` identity.
    pub fn new(n: usize, p0: f64, level: Level) -> Self {
        let matrix = Symmetric::identity(n, p0, level);
        let padded = matrix.padded();
        InverseCorrelation { matrix, sign: 0.0, w: Buffer::zeros(padded), r: Buffer::zeros(padded) }
    }

    /// Number of inputs.
    pub fn size(&self) -> usize {
        self.matrix.size()
    }

    /// One observation of `r`: `k = P r`, then `P -= c k k^T` with `c = 1 / (1 + r . k)`, which is returned.
    ///
    /// `c` comes from a sum in double precision.
    pub fn update(&mut self, r: &[T], k: &mut [T]) -> f64 {
        let n = self.size();
        assert_eq!(k.len(), n, "update: one gain for each input is needed");
        self.product(r, k);
        let c = 1.0 / (1.0 + dot(self.matrix.level(), r, k));
        // Where rounding has made `1 + r . k` negative, the change has the other sign.
        let root = T::from_f64(c.abs().sqrt());
        self.w[..n].copy_from_slice(k);
        scale(self.matrix.level(), &mut self.w[..n], root);
        self.sign = if c < 0.0 { 1.0 } else { -1.0 };
        c
    }

    /// `out = P r` without an observation.
    pub fn product(&mut self, r: &[T], out: &mut [T]) {
        let n = self.size();
        assert_eq!(r.len(), n, "product: one value for each input is needed");
        assert_eq!(out.len(), n, "product: one output for each input is needed");
        self.r[..n].copy_from_slice(r);
        let term = (self.sign != 0.0).then_some((self.sign, &self.w[..]));
        self.matrix.apply(term, &self.r, out);
        self.sign = 0.0;
    }

    /// The columns one after the other, with the change that waits.
    pub fn to_column_major(&self) -> Vec<f64> {
        let (n, fused) = (self.size(), self.matrix.level().fuses());
        let sign = T::from_f64(self.sign);
        let element = |at: usize| {
            let (i, j) = (at % n, at / n);
            let value = self.matrix.get(i, j);
            if self.sign == 0.0 { value } else { sign.mul(self.w[i]).mul_add(self.w[j], value, fused) }.to_f64()
        };
        (0..n * n).map(element).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    /// Follows many observations beside the plain algorithm; returns the greatest relative difference of P.
    fn follow<T: Real>(level: Level, n: usize, observations: u64) -> f64 {
        let mut p = InverseCorrelation::<T>::new(n, 1.5, level);
        let mut plain = vec![0.0; n * n];
        for i in 0..n {
            plain[i * n + i] = 1.5;
        }
        let mut k = vec![T::ZERO; n];
        for t in 0..observations {
            let r: Vec<T> = reference::noise(n, 1000 + t);
            let c = p.update(&r, &mut k);
            let (expected, expected_c) = reference::observe(&mut plain, &r);
            // Longer sums have more roundings; P itself carries those of earlier observations.
            let bound = (n + 20) as f64 * 8.0 * T::UNIT_ROUNDOFF;
            assert!((c - expected_c).abs() <= bound, "{level:?}: n {n}, observation {t}: c = {c}, not {expected_c}");
            for i in 0..n {
                assert!((k[i].to_f64() - expected[i]).abs() <= bound, "{level:?}: n {n}, observation {t}, gain {i}");
            }
        }
        let difference = p.to_column_major().iter().zip(&plain).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let values = p.to_column_major();
        assert!((0..n * n).all(|at| values[at] == values[(at % n) * n + at / n]), "{level:?}: n {n}: symmetric to the bit");
        difference
    }

    #[test]
    fn updates_follow_the_plain_algorithm() {
        for level in Level::available() {
            for n in (0..=67).chain([130]) {
                assert!(follow::<f32>(level, n, 5) <= 4e-5, "{level:?}: n {n}");
                assert!(follow::<f64>(level, n, 5) <= 1e-13, "{level:?}: n {n}");
            }
            assert!(follow::<f64>(level, 40, 200) <= 1e-12, "{level:?}: many observations");
        }
    }

    #[test]
    fn p_is_the_inverse_of_the_regularised_correlation() {
        // P^-1 = I / p0 + sum of r r^T; so P times that sum is the identity.
        let (n, p0) = (12, 0.5);
        let mut p = InverseCorrelation::<f64>::new(n, p0, Level::detect());
        let mut inverse = vec![0.0; n * n];
        for i in 0..n {
            inverse[i * n + i] = 1.0 / p0;
        }
        for t in 0..30 {
            let r: Vec<f64> = reference::noise(n, t);
            p.update(&r, &mut vec![0.0; n]);
            reference::rank_one(&mut inverse, 1.0, &r, &r);
        }
        let p = p.to_column_major();
        for j in 0..n {
            let column = reference::product(n, &p, &inverse[j * n..(j + 1) * n]).0;
            for i in 0..n {
                assert!((column[i] - if i == j { 1.0 } else { 0.0 }).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_product_observes_nothing() {
        for level in Level::available() {
            let mut p = InverseCorrelation::<f64>::new(20, 1.0, level);
            let r: Vec<f64> = reference::noise(20, 1);
            let (mut k, mut out) = (vec![0.0; 20], vec![0.0; 20]);
            let c = p.update(&r, &mut k);
            let waiting = p.to_column_major();
            p.product(&r, &mut out);
            assert_eq!(p.to_column_major(), waiting, "{level:?}");
            // After the update, P r = c k.
            assert!(out.iter().zip(&k).all(|(out, k)| (out - c * k).abs() < 1e-14), "{level:?}");
        }
    }
}
