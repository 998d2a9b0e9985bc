//! Learner: J and the P of recursive least squares, full or wired as an anatomy says.

use super::Start;
use super::wired::Wired;
use crate::kernels::{InverseCorrelation, Level, PlasticMatrix, Real, demote, promote};

/// J while it learns, generic in the storage of J (`W`) and of P (`U`).
pub(super) enum Learner<W: Real, U: Real> {
    /// Every neuron may have every source: one P for all.
    Full(Box<Full<W, U>>),
    /// Sources or signs are constrained: one P for every set of neurons with equal sources.
    Wired(Wired<W, U>),
}

/// One matrix, one P.
pub(super) struct Full<W: Real, U: Real> {
    level: Level,
    connectivity: PlasticMatrix<W>,
    correlation: InverseCorrelation<U>,
    /// Neurons whose outgoing weights learn.
    plastic: Vec<usize>,
    rates: Vec<W>,
    drive: Vec<W>,
    gain: Vec<W>,
    plastic_rates: Vec<U>,
    plastic_gain: Vec<U>,
}

impl<W: Real, U: Real> Full<W, U> {
    pub(super) fn new(start: &Start, learning_rate: f64, level: Level) -> Self {
        let (neurons, plastic) = (start.connectivity.nrows(), start.plastic.len());
        Full {
            level,
            connectivity: PlasticMatrix::from_column_major(neurons, neurons, start.connectivity.as_slice(), level),
            correlation: InverseCorrelation::new(plastic, learning_rate, level),
            plastic: start.plastic.clone(),
            rates: vec![W::ZERO; neurons],
            drive: vec![W::ZERO; neurons],
            gain: vec![W::ZERO; neurons],
            plastic_rates: vec![U::ZERO; plastic],
            plastic_gain: vec![U::ZERO; plastic],
        }
    }

    fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        self.plastic_rates.iter_mut().zip(&self.plastic).for_each(|(r, &unit)| *r = U::from_f64(rates[unit]));
        demote(self.level, rates, &mut self.rates);
        self.connectivity.apply(&self.rates, &mut self.drive);
        promote(self.level, &self.drive, drive);
    }

    fn learn(&mut self, error: &[W]) {
        let c = self.correlation.update(&self.plastic_rates, &mut self.plastic_gain);
        self.plastic.iter().zip(&self.plastic_gain).for_each(|(&unit, k)| self.gain[unit] = W::from_f64(k.to_f64()));
        self.connectivity.rank_one(-c, error, &self.gain);
    }
}

impl<W: Real, U: Real> Learner<W, U> {
    /// `drive = J rates`.
    pub(super) fn apply(&mut self, rates: &[f64], drive: &mut [f64]) {
        match self {
            Learner::Full(full) => full.apply(rates, drive),
            Learner::Wired(wired) => wired.apply(rates, drive),
        }
    }

    /// One step of recursive least squares on the outgoing weights of the plastic neurons, on the rates that [`Learner::apply`] saw last.
    pub(super) fn learn(&mut self, error: &[W]) {
        match self {
            Learner::Full(full) => full.learn(error),
            Learner::Wired(wired) => wired.learn(error),
        }
    }

    /// J, columns one after the other.
    pub(super) fn to_column_major(&self) -> Vec<f64> {
        match self {
            Learner::Full(full) => full.connectivity.to_column_major(),
            Learner::Wired(wired) => wired.to_column_major(),
        }
    }

    /// Puts back a J that [`Learner::to_column_major`] gave.
    pub(super) fn restore(&mut self, weights: &[f64]) {
        match self {
            Learner::Full(full) => {
                let neurons = full.rates.len();
                full.connectivity = PlasticMatrix::from_column_major(neurons, neurons, weights, full.level);
            }
            Learner::Wired(wired) => wired.restore(weights),
        }
    }
}
