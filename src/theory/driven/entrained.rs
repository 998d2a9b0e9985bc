//! The entrained branch: the periodic response of a network to a drive with random phases.

use super::Resolution;
use super::branch::Branch;
use super::limits::high_frequency_amplitude;
use crate::error::{Result, positive};
use std::f64::consts::TAU;

/// The periodic state of the network dx_i/dt = -x_i + sum_k J_ik tanh(x_k) + I cos(omega t + theta_i), theta_i uniform (tau = 1).
///
/// x = h + eta with h = A cos(omega t + theta), A = I / sqrt(1 + omega²), and eta Gaussian with the covariance Delta(tau), period
/// 2 pi / omega, that solves
///
/// ```text
/// Delta'' = Delta - g² C(tau),      C(tau) = < tanh(x(t)) tanh(x(t + tau)) > over theta and eta
/// ```
///
/// The state exists below the critical amplitude too, but there it is unstable: the network is chaotic. Source: Rajan, Abbott &
/// Sompolinsky 2010.
///
/// ```
/// use crosscurrent::theory::driven::{Entrained, Resolution};
/// let strong = Entrained::solve((1.5, 1.0, 1.5), Resolution::default())?;
/// assert!(strong.exponent() < 0.0);
/// // The drive alone would give the units a variance of A² / 2.
/// assert!(strong.variance() > 0.1 && strong.total_variance() > 0.75 * 0.75);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Entrained {
    gain: f64,
    omega: f64,
    amplitude: f64,
    points: usize,
    /// Delta at the lags of a quarter of a period.
    delta: Vec<f64>,
    /// C at the same lags.
    rate: Vec<f64>,
    ground_level: f64,
}

impl Entrained {
    /// The state at (gain g, angular frequency omega in 1/tau, amplitude I of the drive).
    ///
    /// # Errors
    /// A gain of at most 1, a frequency or an amplitude that is not positive, a resolution that makes no sense, or no convergence
    /// (far below the critical amplitude the branch may end).
    pub fn solve((gain, omega, amplitude): (f64, f64, f64), resolution: Resolution) -> Result<Self> {
        positive("amplitude", amplitude)?;
        let branch = Branch::new(gain, omega, resolution)?;
        Descent::new(&branch)?.reach(amplitude)
    }

    pub(super) fn from_branch(branch: &Branch, amplitude: f64, delta: Vec<f64>) -> Self {
        let moments = branch.moments(amplitude, &delta);
        let ground_level = branch.ground_level(&moments.slope);
        let rate = moments.rate[..branch.quarter()].to_vec();
        Entrained { gain: branch.gain, omega: branch.omega, amplitude, points: branch.resolution.points, delta, rate, ground_level }
    }

    /// Gain g.
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// Angular frequency omega of the drive, in 1/tau.
    pub fn omega(&self) -> f64 {
        self.omega
    }

    /// Amplitude I of the drive.
    pub fn amplitude(&self) -> f64 {
        self.amplitude
    }

    /// Delta(0): variance of what the network adds to the filtered drive.
    pub fn variance(&self) -> f64 {
        self.delta[0]
    }

    /// Variance of x: A² / 2 + Delta(0).
    pub fn total_variance(&self) -> f64 {
        0.5 * self.amplitude.powi(2) / (1.0 + self.omega.powi(2)) + self.delta[0]
    }

    /// C(0): variance of the rates, all of it locked to the drive.
    pub fn rate_variance(&self) -> f64 {
        self.rate[0]
    }

    /// Delta at a lag (in tau).
    pub fn covariance(&self, lag: f64) -> f64 {
        self.harmonics(&self.delta).map(|(m, power)| power * (m * self.omega * lag).cos()).sum()
    }

    /// Variance of the rates at each odd multiple of the frequency of the drive: (angular frequency, variance).
    pub fn rate_lines(&self) -> Vec<(f64, f64)> {
        self.harmonics(&self.rate).map(|(m, power)| (m * self.omega, power)).collect()
    }

    /// E_0, the lowest level of the problem of stability.
    pub fn ground_level(&self) -> f64 {
        self.ground_level
    }

    /// Largest Lyapunov exponent lambda = -1 + sqrt(1 - E_0), in 1/tau: negative where the periodic state is stable.
    pub fn exponent(&self) -> f64 {
        // The potential is nowhere above 1, so E_0 is not either.
        -1.0 + (1.0 - self.ground_level).max(0.0).sqrt()
    }

    /// Cosine series of a function with odd harmonics, given on a quarter of its period: (harmonic, coefficient).
    fn harmonics<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
        let (points, quarter) = (self.points, values.len());
        (0..quarter).map(move |m| {
            let m = 2 * m + 1;
            let cosine = |k: usize| (TAU * (m * k % points) as f64 / points as f64).cos();
            let rest: f64 = values.iter().enumerate().skip(1).map(|(k, value)| 2.0 * value * cosine(k)).sum();
            (m as f64, (values[0] + rest) / quarter as f64)
        })
    }
}

/// Walks down the branch from a large amplitude in small factors.
pub(super) struct Descent<'a> {
    branch: &'a Branch,
    amplitude: f64,
    delta: Vec<f64>,
}

/// Ratio of two amplitudes on the way down.
const FACTOR: f64 = 0.87;

impl<'a> Descent<'a> {
    /// Starts above every critical amplitude.
    pub fn new(branch: &'a Branch) -> Result<Self> {
        let fast = high_frequency_amplitude(branch.gain)? * (1.0 + branch.omega.powi(2)).sqrt();
        // A constant drive is critical below g² / 2.
        let amplitude = (1.1 * fast).max(0.6 * branch.gain.powi(2));
        Ok(Descent { branch, amplitude, delta: branch.start(amplitude)? })
    }

    /// The state where the walk stands.
    pub fn state(&self) -> Entrained {
        Entrained::from_branch(self.branch, self.amplitude, self.delta.clone())
    }

    /// One factor down (to `amplitude` where that is nearer).
    pub fn step_down(&mut self, amplitude: f64) -> Result<()> {
        self.amplitude = (FACTOR * self.amplitude).max(amplitude);
        self.delta = self.branch.solve(self.amplitude, std::mem::take(&mut self.delta))?;
        Ok(())
    }

    /// The state at `amplitude`, from here down or directly from a larger start.
    fn reach(mut self, amplitude: f64) -> Result<Entrained> {
        if amplitude > self.amplitude {
            self.delta = self.branch.start(amplitude)?;
            self.amplitude = amplitude;
        }
        while self.amplitude > amplitude {
            self.step_down(amplitude)?;
        }
        Ok(self.state())
    }

    /// The state at an amplitude a few per cent away from here.
    pub fn near(&self, amplitude: f64) -> Result<Entrained> {
        let delta = self.branch.solve(amplitude, self.delta.clone())?;
        Ok(Entrained::from_branch(self.branch, amplitude, delta))
    }
}
