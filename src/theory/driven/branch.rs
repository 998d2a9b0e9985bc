//! The equations of the entrained branch at one gain and frequency, as an iteration and as Newton steps.

use super::Resolution;
use super::hermite::Hermite;
use crate::error::{Error, Result, in_range, positive};
use nalgebra::{DMatrix, DVector};
use std::f64::consts::TAU;

/// Largest residual of a solution.
const TOLERANCE: f64 = 1e-12;

/// Gain, frequency and everything that does not change with the amplitude of the drive.
///
/// Lags are the phases psi_k = 2 pi k / M of the drive, k = 0 … L with L = M / 4; the rest of the period follows from
/// Delta(-psi) = Delta(psi) and Delta(psi + pi) = -Delta(psi) (tanh is odd).
#[derive(Debug)]
pub(super) struct Branch {
    pub gain: f64,
    pub omega: f64,
    pub resolution: Resolution,
    hermite: Hermite,
    /// Inverse of 1 - d²/dtau² on functions with odd harmonics only, L × L, on the lags 0 … L - 1.
    filter: DMatrix<f64>,
}

/// Averages over the phases and the Gaussian part, at the lags 0 … L.
pub(super) struct Moments {
    /// C = <phi(x) phi(y)>.
    pub rate: Vec<f64>,
    /// <phi'(x) phi'(y)>: dC / dDelta(tau).
    pub slope: Vec<f64>,
    /// <phi''(x) phi(y)>: dC / dDelta(0).
    pub curvature: Vec<f64>,
}

impl Branch {
    pub fn new(gain: f64, omega: f64, resolution: Resolution) -> Result<Self> {
        in_range("gain", gain, 1.0.., "greater than 1: without chaos there is nothing to suppress")?;
        if gain == 1.0 {
            return Err(Error::parameter("gain", gain, "greater than 1: without chaos there is nothing to suppress"));
        }
        positive("omega", omega)?;
        resolution.check()?;
        let quarter = resolution.points / 4;
        let cosine = |lag: usize, m: usize| (TAU * ((lag * (2 * m + 1)) % resolution.points) as f64 / resolution.points as f64).cos();
        let series = DMatrix::from_fn(quarter, quarter, cosine);
        let filtered = DMatrix::from_fn(quarter, quarter, |m, lag| {
            let share = if lag == 0 { 1.0 } else { 2.0 } / quarter as f64;
            share * cosine(lag, m) / (1.0 + ((2 * m + 1) as f64 * omega).powi(2))
        });
        Ok(Branch { gain, omega, resolution, hermite: Hermite::new(resolution.order), filter: series * filtered })
    }

    /// Number of unknowns L.
    pub fn quarter(&self) -> usize {
        self.resolution.points / 4
    }

    /// c_n at every phase of the drive: phases × order. A quarter is computed, the rest mirrored.
    fn coefficients(&self, amplitude: f64, variance: f64) -> DMatrix<f64> {
        let (points, order) = (self.resolution.points, self.resolution.order);
        let (response, deviation) = (amplitude / (1.0 + self.omega * self.omega).sqrt(), variance.max(0.0).sqrt());
        // Stored transposed, so that the coefficients of a phase are contiguous.
        let mut c = DMatrix::zeros(order, points);
        for k in 0..=points / 4 {
            let mean = response * (TAU * k as f64 / points as f64).cos();
            self.hermite.expand(|z| (mean + deviation * z).tanh(), c.column_mut(k).as_mut_slice());
        }
        for k in points / 4 + 1..points {
            let opposite = (points / 4 + 1..=3 * points / 4).contains(&k);
            let source = if k <= points / 2 {
                points / 2 - k
            } else if opposite {
                k - points / 2
            } else {
                points - k
            };
            for n in 0..order {
                // phi(-a - b z) = -phi(a + b z): the opposite phase changes the sign of even orders.
                c[(n, k)] = if opposite && n % 2 == 0 { -c[(n, source)] } else { c[(n, source)] };
            }
        }
        c
    }

    /// The averages for the covariance `delta` (lags 0 … L - 1).
    pub fn moments(&self, amplitude: f64, delta: &[f64]) -> Moments {
        let (quarter, order) = (self.quarter(), self.resolution.order);
        let c = self.coefficients(amplitude, delta[0]);
        let share = 1.0 / (2 * quarter) as f64;
        let mut moments = Moments { rate: Vec::new(), slope: Vec::new(), curvature: Vec::new() };
        let (mut same, mut raised) = (vec![0.0; order], vec![0.0; order]);
        for lag in 0..=quarter {
            same.fill(0.0);
            raised.fill(0.0);
            // Half of the circle is enough: the other half repeats every product.
            for phase in 0..2 * quarter {
                let (here, there) = (c.column(phase), c.column(phase + lag));
                let (here, there) = (here.as_slice(), there.as_slice());
                same.iter_mut().zip(here.iter().zip(there)).for_each(|(sum, (a, b))| *sum += a * b);
                raised.iter_mut().zip(here[2..].iter().zip(there)).for_each(|(sum, (a, b))| *sum += a * b);
            }
            let correlation = if lag < quarter { delta[lag] / delta[0] } else { 0.0 };
            let series = |term: &dyn Fn(usize) -> f64, top: usize| share * (0..top).rev().fold(0.0, |sum, n| sum * correlation + term(n));
            moments.rate.push(series(&|n| same[n], order));
            moments.slope.push(series(&|n| (n + 1) as f64 * same[n + 1], order - 1) / delta[0]);
            moments.curvature.push(series(&|n| (((n + 1) * (n + 2)) as f64).sqrt() * raised[n], order - 2) / delta[0]);
        }
        moments
    }

    /// One plain iteration: Delta_k <- g² C_k / (1 + (k omega)²) for every harmonic k.
    fn iterated(&self, amplitude: f64, delta: &[f64]) -> Vec<f64> {
        let rate = DVector::from_column_slice(&self.moments(amplitude, delta).rate[..self.quarter()]);
        (&self.filter * rate * self.gain.powi(2)).as_slice().to_vec()
    }

    /// A first solution at an amplitude so large that the plain iteration converges.
    pub fn start(&self, amplitude: f64) -> Result<Vec<f64>> {
        let phase = |k: usize| TAU * k as f64 / self.resolution.points as f64;
        let small = 0.25 * self.gain.powi(2) / (1.0 + self.omega * self.omega);
        let mut delta: Vec<f64> = (0..self.quarter()).map(|k| small * phase(k).cos()).collect();
        for _ in 0..30 {
            delta = self.iterated(amplitude, &delta);
        }
        self.solve(amplitude, delta)
    }

    /// Newton's method from `delta`, a solution at a neighbouring amplitude.
    pub fn solve(&self, amplitude: f64, delta: Vec<f64>) -> Result<Vec<f64>> {
        let quarter = self.quarter();
        let mut delta = DVector::from_vec(delta);
        let mut residual = f64::INFINITY;
        for _ in 0..25 {
            let moments = self.moments(amplitude, delta.as_slice());
            let step = &delta - &self.filter * DVector::from_column_slice(&moments.rate[..quarter]) * self.gain.powi(2);
            residual = step.amax();
            if residual < TOLERANCE * (1.0 + delta[0].abs()) {
                return Ok(delta.as_slice().to_vec());
            }
            let mut jacobian = -self.gain.powi(2) * &self.filter;
            let down = &jacobian * DVector::from_column_slice(&moments.curvature[..quarter]);
            jacobian.column_iter_mut().zip(&moments.slope).for_each(|(mut column, slope)| column *= *slope);
            jacobian.column_mut(0).axpy(1.0, &down, 1.0);
            (0..quarter).for_each(|k| jacobian[(k, k)] += 1.0);
            match jacobian.lu().solve(&step) {
                Some(change) if (delta[0] - change[0]).is_finite() && delta[0] > change[0] => delta -= change,
                _ => break,
            }
        }
        let what = format!("entrained branch at gain {}, omega {}, amplitude {amplitude}", self.gain, self.omega);
        Err(Error::NotConverged { what, residual, iterations: 25, tolerance: TOLERANCE })
    }

    /// E_0: the lowest level of -d²/dtau² + 1 - g² <phi'(x) phi'(y)> with the period of the drive.
    ///
    /// The potential has half the period of the drive and is even, and so is its lowest state: cosines of even multiples of omega.
    pub fn ground_level(&self, slope: &[f64]) -> f64 {
        let (quarter, half) = (self.quarter(), 2 * self.quarter());
        let depth: Vec<f64> = (0..half).map(|k| self.gain.powi(2) * slope[k.min(half - k)]).collect();
        let cosine: Vec<f64> = (0..half).map(|k| (TAU * k as f64 / half as f64).cos()).collect();
        let transform: Vec<f64> =
            (0..half).map(|m| depth.iter().enumerate().map(|(k, w)| w * cosine[k * m % half]).sum::<f64>() / half as f64).collect();
        let energy = DMatrix::from_fn(quarter, quarter, |m, n| {
            let kinetic = if m == n { 1.0 + (2.0 * m as f64 * self.omega).powi(2) } else { 0.0 };
            let norm = (if m == 0 { 0.5_f64.sqrt() } else { 1.0 }) * if n == 0 { 0.5_f64.sqrt() } else { 1.0 };
            kinetic - norm * (transform[m.abs_diff(n)] + transform[(m + n) % half])
        });
        energy.symmetric_eigenvalues().min()
    }
}
