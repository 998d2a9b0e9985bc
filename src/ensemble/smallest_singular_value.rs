//! The law of the smallest singular value (Edelman 1988; Tao & Vu 2010).

/// Smallest singular value s of an n × n matrix of independent entries of mean 0 and variance 1: the law of t = n s².
///
/// ```text
/// real     P(n s² ≤ t) → 1 − exp(−t / 2 − √t)
/// complex  P(n s² ≤ t) = 1 − exp(−t)           exact for Gaussian entries of every n
/// ```
///
/// The law is the same for every distribution of the entries (Tao & Vu 2010). For a J of N neurons and gain g, t = (N s / g)²: half of
/// all matrices have s below 0.545 g / N.
///
/// ```
/// use crosscurrent::ensemble::SmallestSingularValue;
/// assert!((SmallestSingularValue::Real.cumulative(1.0) - 0.7769).abs() < 1e-4);
/// assert!((SmallestSingularValue::Real.quantile(0.5) - 0.2968).abs() < 1e-4);
/// assert!((SmallestSingularValue::Complex.quantile(0.5) - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmallestSingularValue {
    /// Real entries, in the limit of large n.
    Real,
    /// Complex entries, real and imaginary part independent and alike.
    Complex,
}

impl SmallestSingularValue {
    /// P(n s² ≤ t), without units; 0 for t below 0.
    pub fn cumulative(self, t: f64) -> f64 {
        -(-self.exponent(t.max(0.0))).exp_m1()
    }

    /// Density of t > 0; infinite at 0 for real entries.
    pub fn density(self, t: f64) -> f64 {
        if t < 0.0 {
            return 0.0;
        }
        let slope = match self {
            SmallestSingularValue::Real => (1.0 + t.sqrt()) / (2.0 * t.sqrt()),
            SmallestSingularValue::Complex => 1.0,
        };
        slope * (-self.exponent(t)).exp()
    }

    /// The t that a share `p` (0 to 1) of all matrices stay below.
    pub fn quantile(self, p: f64) -> f64 {
        let exponent = -(-p.clamp(0.0, 1.0)).ln_1p();
        match self {
            // t / 2 + √t = exponent, a quadratic equation in √t.
            SmallestSingularValue::Real => ((1.0 + 2.0 * exponent).sqrt() - 1.0).powi(2),
            SmallestSingularValue::Complex => exponent,
        }
    }

    fn exponent(self, t: f64) -> f64 {
        match self {
            SmallestSingularValue::Real => 0.5 * t + t.sqrt(),
            SmallestSingularValue::Complex => t,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_law_has_the_published_values() {
        for (t, expected) in [(0.01, 0.0997), (0.1, 0.3067), (0.25, 0.4647), (0.5, 0.6160), (1.0, 0.7769), (2.0, 0.9106), (4.0, 0.9817)] {
            assert!((SmallestSingularValue::Real.cumulative(t) - expected).abs() < 6e-5, "{t}");
        }
    }

    #[test]
    fn quantiles_invert_the_law_and_the_density_is_its_slope() {
        for law in [SmallestSingularValue::Real, SmallestSingularValue::Complex] {
            for t in [0.003, 0.2, 1.7, 9.0] {
                assert!((law.quantile(law.cumulative(t)) / t - 1.0).abs() < 1e-9);
                let slope = (law.cumulative(t * 1.0001) - law.cumulative(t * 0.9999)) / (0.0002 * t);
                assert!((law.density(t) / slope - 1.0).abs() < 1e-6, "{law:?} {t}");
            }
            assert_eq!((law.cumulative(-1.0), law.quantile(0.0), law.density(-1.0)), (0.0, 0.0, 0.0));
        }
    }
}
