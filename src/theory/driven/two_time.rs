//! The two-time equations: the mean field of a network under any input that varies in time.

use super::course::{Course, Response};
use super::hermite::Hermite;
use crate::error::{Error, Result, in_range};
use nalgebra::DMatrix;

/// Mean field of the network dx_i/dt = -x_i + sum_k J_ik phi(x_k) + u_i(t), tau = 1, in the Euler steps that a simulation takes.
///
/// x = h + eta: h the filtered input of the unit's class, eta Gaussian. With zeta the current from the network,
///
/// ```text
/// c(t, s) = <eta eta>     r(t, s) = <eta(t) zeta(s)>     q(t, s) = g² <phi(h_t + eta_t) phi(h_s + eta_s)> over classes and eta
/// r(t + dt, s) = (1 - dt) r(t, s) + dt q(t, s)           c(t, s + dt) = (1 - dt) c(t, s) + dt r(t, s)
/// ```
///
/// marched in t for all s <= t. As the equations are those of the Euler steps, a simulation with the same dt approaches them for
/// large N at every step. Both memory and time grow as the square of the number of steps.
///
/// ```
/// use crosscurrent::theory::driven::TwoTime;
/// let theory = TwoTime { gain: 0.5, steps: 200, ..TwoTime::default() }.solve(f64::tanh)?;
/// assert!(theory.activation[(199, 199)] < 1e-6, "without chaos the network falls silent");
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TwoTime {
    /// Gain g; default 1.5.
    pub gain: f64,
    /// Step in units of tau; default 0.1.
    pub dt: f64,
    /// Number of times; default 1000.
    pub steps: usize,
    /// Terms of the Hermite expansion; default 40.
    pub order: usize,
    /// Variance of x at time 0; default 1.
    pub initial_variance: f64,
    /// Input; default none.
    pub course: Course,
}

impl Default for TwoTime {
    fn default() -> Self {
        TwoTime { gain: 1.5, dt: 0.1, steps: 1000, order: 40, initial_variance: 1.0, course: Course::None }
    }
}

/// Covariances at all pairs of times (rows and columns are steps; symmetric).
#[derive(Clone, Debug, PartialEq)]
pub struct TwoTimeCovariance {
    /// c: covariance of eta, steps × steps.
    pub activation: DMatrix<f64>,
    /// <phi(x) phi(y)> over eta and the classes, steps × steps.
    pub rate: DMatrix<f64>,
    /// Mean rate over eta and the classes, at each step.
    pub mean_rate: Vec<f64>,
}

impl TwoTime {
    /// Marches the equations for the nonlinearity `phi`.
    ///
    /// # Errors
    /// A parameter out of range, or an input that does not cover all steps.
    pub fn solve(&self, phi: impl Fn(f64) -> f64) -> Result<TwoTimeCovariance> {
        self.check()?;
        let response = self.course.response(self.dt, self.steps)?;
        let hermite = Hermite::new(self.order);
        let mut march = March::new(self);
        for step in 0..self.steps {
            march.expand(step, &response, &hermite, &phi);
            march.correlate(step, &response.shares);
            march.advance(step);
        }
        Ok(march.finish())
    }

    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        in_range("initial variance", self.initial_variance, 0.0.., "at least 0")?;
        if !(self.dt > 0.0 && self.dt < 1.0) {
            return Err(Error::parameter("dt", self.dt, "between 0 and 1, in units of tau"));
        }
        if !(1..=20_000).contains(&self.steps) {
            return Err(Error::parameter("steps", self.steps, "between 1 and 20 000: memory grows as their square"));
        }
        if !(2..=400).contains(&self.order) {
            return Err(Error::parameter("order", self.order, "between 2 and 400"));
        }
        Ok(())
    }
}

/// Everything that is known up to the present step.
struct March<'a> {
    theory: &'a TwoTime,
    /// c, columns filled up to the present.
    covariance: DMatrix<f64>,
    /// q / g², likewise.
    rate: DMatrix<f64>,
    mean_rate: Vec<f64>,
    /// r(t, s) for the present t and s < t.
    response: Vec<f64>,
    /// Expansion of phi at each step: order × classes, the classes of one order together.
    expansions: Vec<Vec<f64>>,
}

impl<'a> March<'a> {
    fn new(theory: &'a TwoTime) -> Self {
        let mut covariance = DMatrix::zeros(theory.steps, theory.steps);
        covariance[(0, 0)] = theory.initial_variance;
        let rate = DMatrix::zeros(theory.steps, theory.steps);
        March { theory, covariance, rate, mean_rate: Vec::new(), response: Vec::new(), expansions: Vec::new() }
    }

    /// Expands phi(h + sqrt(c) z) of every class at the present step.
    fn expand(&mut self, step: usize, input: &Response, hermite: &Hermite, phi: &dyn Fn(f64) -> f64) {
        let (order, classes) = (self.theory.order, input.shares.len());
        let deviation = self.covariance[(step, step)].max(0.0).sqrt();
        let mut coefficients = vec![0.0; order];
        let mut expansion = vec![0.0; order * classes];
        for class in 0..classes {
            let mean = input.activation[(class, step)];
            hermite.expand(|z| phi(mean + deviation * z), &mut coefficients);
            coefficients.iter().enumerate().for_each(|(n, c)| expansion[n * classes + class] = *c);
        }
        self.mean_rate.push(expansion.iter().zip(&input.shares).map(|(c, share)| c * share).sum());
        self.expansions.push(expansion);
    }

    /// <phi phi> of the present step and all before it.
    fn correlate(&mut self, step: usize, shares: &[f64]) {
        let classes = shares.len();
        let variance = self.covariance[(step, step)];
        let here = &self.expansions[step];
        let mut sums = vec![0.0; classes];
        for past in 0..=step {
            let scale = (variance * self.covariance[(past, past)]).sqrt();
            let correlation = if scale > 0.0 { (self.covariance[(past, step)] / scale).clamp(-1.0, 1.0) } else { 0.0 };
            sums.fill(0.0);
            // Horner's rule for all classes at once.
            for (a, b) in here.chunks_exact(classes).zip(self.expansions[past].chunks_exact(classes)).rev() {
                sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum = *sum * correlation + a * b);
            }
            let rate: f64 = sums.iter().zip(shares).map(|(sum, share)| sum * share).sum();
            self.rate[(past, step)] = rate;
            self.rate[(step, past)] = rate;
        }
    }

    /// r and c of the next step with all steps up to it.
    fn advance(&mut self, step: usize) {
        let (keep, take) = (1.0 - self.theory.dt, self.theory.dt);
        let current = take * self.theory.gain.powi(2);
        for (past, r) in self.response.iter_mut().enumerate() {
            *r = keep * *r + current * self.rate[(past, step)];
        }
        // eta at time 0 is independent of the network's current, so r(0, s) = 0.
        let newest = (0..=step).fold(0.0, |r, past| keep * r + current * self.rate[(past, step)]);
        self.response.push(newest);
        if step + 1 == self.theory.steps {
            return;
        }
        let mut next = keep * self.covariance[(0, step)];
        for past in 0..=step + 1 {
            self.covariance[(past, step + 1)] = next;
            self.covariance[(step + 1, past)] = next;
            if past <= step {
                next = keep * next + take * self.response[past];
            }
        }
    }

    fn finish(self) -> TwoTimeCovariance {
        TwoTimeCovariance { activation: self.covariance, rate: self.rate, mean_rate: self.mean_rate }
    }
}
