//! What the two-time equations say of a run.

use super::run::Run;
use crosscurrent::Result;
use crosscurrent::nonlinearity::{AnyNonlinearity, Nonlinearity};
use crosscurrent::theory::driven::{Course, TwoTime};
use std::f64::consts::{PI, TAU};

/// Autocovariance of the rates, long after the start, at lags of whole integration steps.
pub struct Autocovariance {
    /// In τ.
    pub dt: f64,
    /// Covariance at each lag.
    pub values: Vec<f64>,
    /// Steps of one cycle.
    cycle: usize,
}

impl Autocovariance {
    /// For the network of `run` with infinitely many units, `duration` (τ) after the start.
    pub fn of(run: &Run, duration: f64) -> Result<Self> {
        let dt = run.dt();
        let cycle = (run.length() / dt).round() as usize;
        let steps = (duration / dt).round() as usize;
        let symmetric = matches!(run.nonlinearity, AnyNonlinearity::Tanh(_));
        let course = match run.amplitude {
            0.0 => Course::None,
            amplitude => Course::RandomPhases { amplitude, omega: run.omega, phases: if symmetric { 9 } else { 24 } },
        };
        let background = run.nonlinearity.rate(0.0);
        let order = if symmetric { 20 } else { 30 };
        let solved =
            TwoTime { gain: run.gain, dt, steps, order, course, ..TwoTime::default() }.solve(|x| run.nonlinearity.rate(x) - background)?;
        let last = steps - 1;
        let mean = solved.mean_rate[last];
        let values = (0..steps).map(|lag| solved.rate[(last - lag, last)] - mean * solved.mean_rate[last - lag]).collect();
        Ok(Autocovariance { dt, values, cycle })
    }

    /// What does not decay, for lags of one cycle: the covariance whole cycles later. Without drive it is a constant.
    pub fn lasting(&self, driven: bool) -> Vec<f64> {
        let cycles = (60.0 / (self.cycle as f64 * self.dt)).ceil() as usize;
        let later = |lag: usize| self.values[(lag + cycles * self.cycle).min(self.values.len() - 1)];
        let lasting: Vec<f64> = (0..self.cycle).map(later).collect();
        if driven { lasting } else { vec![mean(&lasting); self.cycle] }
    }

    /// (sigma_osc², sigma_chaos²) of the rates, each neuron about its own mean over time.
    pub fn split(&self, driven: bool) -> (f64, f64) {
        let lasting = self.lasting(driven);
        (lasting[0] - mean(&lasting), self.values[0] - lasting[0])
    }

    /// Variance of the rates in the line at multiples 1, 2, … of the frequency of the drive.
    pub fn lines(&self, count: usize) -> Vec<f64> {
        let periodic = self.lasting(true);
        let cosine = |m: usize, lag: usize| (TAU * (m * lag % self.cycle) as f64 / self.cycle as f64).cos();
        let line = |m| 2.0 / self.cycle as f64 * periodic.iter().enumerate().map(|(lag, c)| c * cosine(m, lag)).sum::<f64>();
        (1..=count).map(line).collect()
    }

    /// One-sided density of what is not locked to the drive, at a frequency in 1/τ; lags fade out (Hann) over 120 τ.
    pub fn background(&self, frequency: f64, lasting: &[f64]) -> f64 {
        let lags = ((120.0 / self.dt) as usize).min(self.values.len());
        let term = |lag: usize| {
            let fade = 0.5 * (1.0 + (PI * lag as f64 / lags as f64).cos());
            let weight = if lag == 0 { 0.5 } else { fade };
            weight * (self.values[lag] - lasting[lag % self.cycle]) * (TAU * frequency * lag as f64 * self.dt).cos()
        };
        4.0 * self.dt * (0..lags).map(term).sum::<f64>()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
