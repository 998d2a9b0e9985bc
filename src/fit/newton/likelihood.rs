//! Likelihood: errors, weights and costs of samples, for one neuron at a time.

use crate::nonlinearity::{Nonlinearity, Tanh};
use serde::{Deserialize, Serialize};

/// tanh of a drive beyond this is 1 to six digits: targets are taken back to it before they are inverted.
const MARGIN: f64 = 1e-6;
/// Steps to the most likely drive of a sample.
const TURNS: usize = 4;
/// Longest of them: where tanh is flat, its slope says little of what lies farther off.
const TURN: f64 = 1.0;
/// The outer noise is at least this share of the variance that is left where tanh is flattest.
const SHARE: f64 = 0.05;
/// Samples that noises are estimated from, about.
const ENOUGH: usize = 200_000;
/// Standard deviation over median modulus of a Gaussian.
const MAD: f64 = 1.482_602_218_505_602;

/// What is made small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Minus the log likelihood of d = tanh(m + s noise) + c noise, with s and c estimated from the data.
    #[default]
    Noise,
    /// The cross-entropy of (1 + d) / 2 against (1 + tanh m) / 2.
    Logistic,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Observed {
    /// The drive itself: the problem is linear.
    Drive,
    /// tanh of the drive.
    Rate,
}

/// Variances of the noise inside (s²) and outside (c²) of tanh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Noises {
    pub inside: f64,
    pub outside: f64,
}

/// How a sample counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    pub loss: Loss,
    pub observed: Observed,
    pub noises: Noises,
}

impl Observed {
    /// The drive that `target` stands for, without regard to noise.
    pub(super) fn invert(self, target: f64) -> f64 {
        match self {
            Observed::Drive => target,
            Observed::Rate => target.clamp(MARGIN - 1.0, 1.0 - MARGIN).atanh(),
        }
    }
}

impl Model {
    /// Fills the errors e and weights W of one neuron with predicted drives `m`; returns its cost.
    ///
    /// `inverted` holds [`Observed::invert`] of the targets.
    pub(super) fn unit(&self, (targets, inverted): (&[f64], &[f64]), m: &[f64], error: &mut [f64], weight: &mut [f64]) -> f64 {
        match (self.observed, self.loss) {
            (Observed::Drive, _) => {
                weight.fill(1.0);
                (0..m.len()).for_each(|k| error[k] = targets[k] - m[k]);
                0.5 * error.iter().map(|e| e * e).sum::<f64>()
            }
            (Observed::Rate, Loss::Noise) => self.noisy((targets, inverted), m, error, weight),
            (Observed::Rate, Loss::Logistic) => {
                Tanh.rates(m, weight);
                let mut cost = 0.0;
                for k in 0..m.len() {
                    // Beyond ± 1 the cross-entropy has no minimum.
                    let (rate, d) = (weight[k], targets[k].clamp(-1.0, 1.0));
                    error[k] = d - rate;
                    weight[k] = 1.0 - rate * rate;
                    // ln cosh m - d m, written so that it does not overflow.
                    cost += m[k].abs() + (-2.0 * m[k].abs()).exp().ln_1p() - d * m[k];
                }
                cost
            }
        }
    }

    /// The most likely drives h given d and N(m, s²) by Gauss-Newton steps; e = h - m, W the share of the inner variance that d resolves.
    fn noisy(&self, (targets, inverted): (&[f64], &[f64]), m: &[f64], h: &mut [f64], rate: &mut [f64]) -> f64 {
        let Noises { inside, outside } = self.noises;
        let gain = |slope: f64| inside * slope / (outside + inside * slope * slope);
        for k in 0..m.len() {
            let inner = targets[k].clamp(MARGIN - 1.0, 1.0 - MARGIN);
            let slope = 1.0 - inner * inner;
            h[k] = m[k] + (inverted[k] - m[k]) * slope * gain(slope);
        }
        for _ in 0..TURNS {
            Tanh.rates(h, rate);
            for k in 0..m.len() {
                let slope = 1.0 - rate[k] * rate[k];
                let next = m[k] + gain(slope) * (targets[k] - rate[k] + slope * (h[k] - m[k]));
                h[k] += (next - h[k]).clamp(-TURN, TURN);
            }
        }
        Tanh.rates(h, rate);
        let mut cost = 0.0;
        for k in 0..m.len() {
            let (slope, missed) = (1.0 - rate[k] * rate[k], targets[k] - rate[k]);
            h[k] -= m[k];
            rate[k] = slope * gain(slope);
            // In units of the inner variance, as the penalty is.
            cost += 0.5 * (h[k] * h[k] + missed * missed * (inside / outside));
        }
        cost
    }
}

impl Noises {
    /// From targets, their [`Observed::invert`], and predicted drives: s where tanh is steep, c among the samples where it is flattest;
    /// medians, so that few wrong samples do not count.
    pub(super) fn estimate((targets, inverted, observed): (&[f64], &[f64], Observed), predicted: &[f64]) -> Noises {
        let every = (targets.len() / ENOUGH).max(1);
        let some = |values: &[f64]| values.iter().copied().step_by(every).collect::<Vec<f64>>();
        let (targets, drives, m) = (some(targets), some(inverted), some(predicted));
        if observed == Observed::Drive {
            let inside = variance((0..m.len()).map(|k| targets[k] - m[k]).collect());
            return Noises { inside, outside: f64::MIN_POSITIVE };
        }
        let inside = variance((0..m.len()).filter(|&k| targets[k].abs() < 0.9).map(|k| drives[k] - m[k]).collect());
        let mut rates = vec![0.0; m.len()];
        Tanh.rates(&m, &mut rates);
        let slopes: Vec<f64> = rates.iter().map(|rate| 1.0 - rate * rate).collect();
        let flat = *slopes.clone().select_nth_unstable_by(m.len() / 20, f64::total_cmp).1;
        let flattest: Vec<usize> = (0..m.len()).filter(|&k| slopes[k] <= flat).collect();
        let within = variance(flattest.iter().map(|&k| targets[k] - rates[k]).collect());
        let passed = flattest.iter().map(|&k| slopes[k].powi(2)).sum::<f64>() / flattest.len().max(1) as f64;
        let outside = (within - inside * passed).max(SHARE * within);
        Noises { inside: inside.max(1e-20), outside: outside.max(1e-24) }
    }
}

/// Of values around 0, by the median of their moduli.
fn variance(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let half = values.len() / 2;
    values.iter_mut().for_each(|v| *v = v.abs());
    let median = *values.select_nth_unstable_by(half, f64::total_cmp).1;
    (MAD * median).powi(2)
}
