//! The potential in which the autocovariance of a random network moves.

use super::chebyshev::{Series, nodes};
use super::gauss::{average, half_nodes, pair_average};
use super::root::root;
use crate::error::{Error, Result, in_range};
use crate::nonlinearity::Nonlinearity;

/// Half nodes and weights of the Gauss–Legendre rule with four points on [0, 1].
const LEGENDRE: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// An odd, bounded phi and a gain: everything that the mean field of x' = -x + J phi(x), J_ij ~ N(0, gain² / N), is made of.
pub(super) struct Potential<'a> {
    pub phi: &'a dyn Nonlinearity,
    pub gain: f64,
}

impl<'a> Potential<'a> {
    /// Refuses a negative gain, and a phi whose rates are unbounded or not odd.
    pub(super) fn new(phi: &'a dyn Nonlinearity, gain: f64) -> Result<Self> {
        in_range("gain", gain, 0.0.., "at least 0")?;
        phi.check()?;
        let (low, high) = phi.range();
        let odd = [0.0, 0.1, 0.7, 2.0, 5.0].iter().all(|&x: &f64| (phi.rate(x) + phi.rate(-x)).abs() < 1e-12);
        if !(odd && low.is_finite() && high.is_finite() && phi.slope(0.0) > 0.0) {
            return Err(Error::parameter("nonlinearity of a mean field", format!("{phi:?}"), "an odd, bounded function"));
        }
        Ok(Potential { phi, gain })
    }

    /// <phi²> at this variance.
    pub(super) fn power(&self, variance: f64) -> f64 {
        average(0.0, variance, |x| self.phi.rate(x).powi(2))
    }

    /// <phi'²> at this variance.
    pub(super) fn slope_power(&self, variance: f64) -> f64 {
        average(0.0, variance, |x| self.phi.slope(x).powi(2))
    }

    /// <Phi²> - <Phi>² at this variance, Phi' = phi: the integral of <phi(x) phi(y)> over their covariance from 0 to the variance.
    pub(super) fn primitive_variance(&self, variance: f64) -> f64 {
        let (step, weights) = half_nodes(variance.sqrt());
        let (mut primitive, mut first, mut second) = (0.0, 0.0, 0.0);
        for (k, weight) in weights.iter().enumerate().skip(1) {
            let rate = |t: f64| self.phi.rate(((k - 1) as f64 + t) * step);
            primitive += step * LEGENDRE.iter().map(|&(t, share)| share * rate(t)).sum::<f64>();
            first += 2.0 * weight * primitive;
            second += 2.0 * weight * primitive * primitive;
        }
        second - first * first
    }

    /// 2 (energy at Delta = variance and Delta' = -sigma²) / variance²; zero where the motion ends at rest at Delta = 0.
    fn energy(&self, variance: f64, sigma: f64) -> f64 {
        let lift = (sigma * sigma / variance).powi(2);
        2.0 * (0.5 - (self.gain / variance).powi(2) * self.primitive_variance(variance)) - lift
    }

    /// The largest variance at which the energy is zero, with noise of this sigma; zero when there is none.
    pub(super) fn variance(&self, sigma: f64) -> Result<f64> {
        let (low, high) = self.phi.range();
        let scale = (self.gain * low.abs().max(high)).powi(2);
        // Phi² <= (max phi)² x² bounds the root.
        let mut above = (scale + (scale * scale + sigma.powi(4)).sqrt()) * 1.01;
        while above > 1e-12 {
            let below = 0.75 * above;
            if self.energy(below, sigma) <= 0.0 {
                return root("variance of the mean field", (below, above), 1e-15 * above, |v| self.energy(v, sigma));
            }
            above = below;
        }
        Ok(0.0)
    }

    /// The motion at this variance.
    pub(super) fn motion(&self, variance: f64) -> Result<Motion> {
        let covariance = |w: f64| variance * w.sqrt();
        let transfer = |w: f64| pair_average(0.0, variance, covariance(w), |x| self.phi.rate(x)) / covariance(w);
        let slope = |w: f64| pair_average(0.0, variance, covariance(w), |x| self.phi.slope(x));
        let points = nodes(48 + (10.0 * variance.sqrt()) as usize);
        let over = |f: &dyn Fn(f64) -> f64| Series::through(&points.iter().map(|&w| f(w)).collect::<Vec<f64>>());
        let (transfer, slope) = (over(&transfer), over(&slope));
        let left_out = transfer.tail().max(slope.tail());
        if left_out.is_nan() || left_out > 1e-7 {
            let what = "the polynomial of the correlations".to_string();
            return Err(Error::NotConverged { what, residual: left_out, iterations: points.len(), tolerance: 1e-7 });
        }
        Ok(Motion { gain_squared: self.gain * self.gain, mean: transfer.mean_from_zero(), transfer, slope })
    }
}

/// Delta'' = Delta - g² <phi(x) phi(y)>, written for y = -ln(Delta / Delta0) and its speed v = -Delta' / Delta.
///
/// At zero energy v² = Q = 1 - 2 (g / Delta)² ∫_0^Delta <phi phi>, so y'' = Q'(y) / 2. Q rises from v² at Delta0 to a constant: unlike
/// the equation of Delta, whose way to zero is infinitely unstable, this one is harmless. All functions are even in Delta and held as
/// polynomials of w = (Delta / Delta0)².
pub(super) struct Motion {
    gain_squared: f64,
    /// <phi(x) phi(y)> / Delta.
    transfer: Series,
    /// 2 ∫_0^Delta <phi phi> / Delta².
    mean: Series,
    /// <phi'(x) phi'(y)>.
    slope: Series,
}

impl Motion {
    /// y'' at this y.
    pub(super) fn force(&self, y: f64) -> f64 {
        let w = (-2.0 * y).exp();
        self.gain_squared * (self.transfer.at(w) - self.mean.at(w))
    }

    /// 1 - g² <phi'(x) phi'(y)> at this y: the potential of the Schrödinger problem.
    pub(super) fn well(&self, y: f64) -> f64 {
        1.0 - self.gain_squared * self.slope.at((-2.0 * y).exp())
    }

    /// The well at Delta = 0: the square of the rate at which the autocovariance decays in the end.
    pub(super) fn edge(&self) -> f64 {
        1.0 - self.gain_squared * self.slope.at(0.0)
    }
}
