//! Basis: smooth functions of time, trial by trial.

use crate::recording::Recording;
use nalgebra::DMatrix;
use std::f64::consts::PI;

/// Cosines, each within one trial.
pub(super) struct Basis {
    /// Samples × functions, norm 1.
    pub values: DMatrix<f64>,
    /// Frequency of each in Hz.
    pub frequencies: Vec<f64>,
}

/// Those with periods of at least `period` seconds: within a trial of T samples, function j is cos(pi j (k + 1/2) / T) with the frequency
/// j / (2 T dt).
pub(super) fn smooth(recording: &Recording, period: f64) -> Basis {
    let (mut columns, mut frequencies) = (Vec::new(), Vec::new());
    for trial in recording.trials() {
        let samples = trial.len();
        let most = (2.0 * samples as f64 * recording.clock.dt() / period).floor() as usize;
        for j in 0..=most.min(samples - 1) {
            let size = (if j == 0 { 1.0 } else { 2.0 } / samples as f64).sqrt();
            columns.push((trial.clone(), size, PI * j as f64 / samples as f64));
            frequencies.push(j as f64 / (2.0 * samples as f64 * recording.clock.dt()));
        }
    }
    let mut values = DMatrix::zeros(recording.samples(), columns.len());
    for (mut column, (trial, size, step)) in values.column_iter_mut().zip(columns) {
        let start = trial.start;
        trial.for_each(|k| column[k] = size * (step * ((k - start) as f64 + 0.5)).cos());
    }
    Basis { values, frequencies }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;

    #[test]
    fn functions_are_orthonormal_and_do_not_cross_trials() {
        let mut recording =
            Recording::new(DMatrix::from_fn(2, 90, |i, k| (i + k) as f64), 0.01, Regions::single("all", 2).unwrap()).unwrap();
        recording.trial_starts = vec![0, 40];
        let Basis { values: basis, frequencies } = smooth(&recording, 0.2);
        assert!((frequencies[1] - 1.25).abs() < 1e-12 && (frequencies[10] - 5.0).abs() < 1e-12);
        // Trials of 0.4 s and 0.5 s: periods 0.8 / j and 1 / j down to 0.2 s, and the constants.
        assert_eq!(basis.shape(), (90, 5 + 6));
        assert!((basis.tr_mul(&basis) - DMatrix::identity(11, 11)).amax() < 1e-12);
        assert_eq!(basis.view((40, 0), (50, 5)).amax(), 0.0);
    }
}
