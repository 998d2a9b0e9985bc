//! Every kernel again as the plainest loop, in double precision: the oracle of the tests, and test data.

use super::real::Real;

/// `matrix * r` for columns one after the other, and the sum of the absolute values of the terms of each row.
pub fn product<T: Real>(rows: usize, values: &[f64], r: &[T]) -> (Vec<f64>, Vec<f64>) {
    let (mut sums, mut sizes) = (vec![0.0; rows], vec![0.0; rows]);
    for j in 0..r.len() {
        for i in 0..rows {
            let term = values[j * rows + i] * r[j].to_f64();
            sums[i] += term;
            sizes[i] += term.abs();
        }
    }
    (sums, sizes)
}

/// `matrix += scale * u * v^T`.
pub fn rank_one<T: Real>(values: &mut [f64], scale: f64, u: &[T], v: &[T]) {
    for j in 0..v.len() {
        for i in 0..u.len() {
            values[j * u.len() + i] += scale * u[i].to_f64() * v[j].to_f64();
        }
    }
}

/// One observation of recursive least squares: returns `k = P r` and `c`, and changes `p`.
pub fn observe<T: Real>(p: &mut [f64], r: &[T]) -> (Vec<f64>, f64) {
    let k = product(r.len(), p, r).0;
    let c = 1.0 / (1.0 + r.iter().zip(&k).map(|(r, k)| r.to_f64() * k).sum::<f64>());
    rank_one(p, -c, &k, &k);
    (k, c)
}

/// A number as the unevaluated sum of two doubles, good to about 31 digits.
#[derive(Clone, Copy)]
pub struct Twofold(pub f64, pub f64);

impl Twofold {
    /// `high + low`, with the rounding error of their sum kept.
    fn sum(high: f64, low: f64) -> Twofold {
        let sum = high + low;
        let part = sum - high;
        Twofold(sum, (high - (sum - part)) + (low - part))
    }

    fn plus(self, other: Twofold) -> Twofold {
        let Twofold(sum, error) = Twofold::sum(self.0, other.0);
        Twofold::sum(sum, error + self.1 + other.1)
    }

    fn times(self, other: Twofold) -> Twofold {
        let product = self.0 * other.0;
        let error = self.0.mul_add(other.0, -product);
        Twofold::sum(product, error + self.0 * other.1 + self.1 * other.0)
    }

    fn over(self, other: Twofold) -> Twofold {
        let first = self.0 / other.0;
        let rest = self.plus(other.times(Twofold(-first, 0.0)));
        let second = rest.0 / other.0;
        let rest = rest.plus(other.times(Twofold(-second, 0.0)));
        Twofold::sum(first, second).plus(Twofold(rest.0 / other.0, 0.0))
    }
}

/// Hyperbolic tangent with twice the digits of a double.
pub fn tanh(x: f64) -> Twofold {
    let size = x.abs().min(60.0);
    if size < 1e-4 {
        // x - x^3/3 + 2 x^5/15 - 17 x^7/315: the next term is below 1e-33 of x.
        let square = Twofold(x, 0.0).times(Twofold(x, 0.0));
        let coefficient = |a: f64, b: f64| Twofold(a, 0.0).over(Twofold(b, 0.0));
        let series = coefficient(2.0, 15.0).plus(square.times(coefficient(-17.0, 315.0)));
        let series = coefficient(-1.0, 3.0).plus(square.times(series));
        return Twofold(x, 0.0).plus(Twofold(x, 0.0).times(square.times(series)));
    }
    // exp(2|x|) by its series at a 2^-9th of the argument, then squared nine times.
    let argument = Twofold(size / 256.0, 0.0);
    let mut exponential = Twofold(1.0, 0.0);
    for n in (1..=16).rev() {
        exponential = Twofold(1.0, 0.0).plus(argument.over(Twofold(f64::from(n), 0.0)).times(exponential));
    }
    for _ in 0..9 {
        exponential = exponential.times(exponential);
    }
    let one = Twofold(1.0, 0.0);
    let result = exponential.plus(Twofold(-1.0, 0.0)).over(exponential.plus(one));
    if x < 0.0 { Twofold(-result.0, -result.1) } else { result }
}

/// Distance of `value` from `exact` in units in the last place of `exact` at the precision of `T`.
pub fn ulps<T: Real>(value: T, exact: Twofold) -> f64 {
    let exponent = exact.0.abs().max(f64::MIN_POSITIVE).log2().floor() as i32;
    let ulp = T::UNIT_ROUNDOFF * 2.0 * 2.0_f64.powi(exponent);
    ((value.to_f64() - exact.0) - exact.1).abs() / ulp
}

/// Numbers in (-1, 1) that depend on nothing but `seed`.
pub fn noise<T: Real>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0)
    };
    (0..len).map(|_| draw()).collect()
}

/// Small integers, on which sums of products are exact at any precision and in any order.
pub fn integers<T: Real>(len: usize, seed: u64) -> Vec<T> {
    noise::<f64>(len, seed).into_iter().map(|value| T::from_f64((value * 4.0).round())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_of_tanh_knows_its_digits() {
        // From a 50-digit evaluation.
        let known = [
            (0.5, 0.46211715726000974, 2.1916603238260928e-17),
            (1.0, 0.7615941559557649, 3.7090214482164924e-17),
            (5e-5, 4.9999999958333334e-5, 2.1339294033228385e-21),
            (3.25, 0.996997635486526, 3.760085786946725e-17),
        ];
        for (x, high, low) in known {
            let Twofold(a, b) = tanh(x);
            assert_eq!(a, high, "tanh({x})");
            assert!((b - low).abs() < 1e-28, "tanh({x}) = {a} + {b}");
        }
        assert_eq!(tanh(-50.0).0, -1.0);
    }
}
