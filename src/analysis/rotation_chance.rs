//! What the search for rotations finds in activity that has none.

use super::fourier::{Complex, Fourier};
use super::principal_components::PrincipalComponents;
use super::rotations::Rotations;
use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, Uniform};
use std::f64::consts::TAU;

/// Surrogates of which 95 % stay below what is told.
const SURROGATES: usize = 100;

impl Rotations {
    /// The [`RotationalDynamics::rotation`] that 95 % of activity with the same components, each with the same power spectrum in every trial
    /// but without any relation between them, stays below.
    ///
    /// In the manner of Theiler et al. (1992) the phases of each principal component are drawn anew in every trial, here for each component
    /// apart. That keeps sizes and memory; a rotation, which is a relation between the phases of two components at all frequencies that
    /// they share, is lost. Pure tones in few trials have few phases to draw: chance is then close to one, and nothing can be told. There is
    /// no such level for [`RotationalDynamics::ratio`]: without any flow it is a quotient of two numbers that are about zero.
    ///
    /// # Errors
    /// As [`Rotations::of`].
    ///
    /// [`RotationalDynamics::rotation`]: super::RotationalDynamics::rotation
    /// [`RotationalDynamics::ratio`]: super::RotationalDynamics::ratio
    pub fn chance(&self, recording: &Recording, seed: Seed) -> Result<f64> {
        // Refuses what cannot be analysed at all.
        self.of(recording)?;
        let activity = self.prepared(recording)?;
        let scores = PrincipalComponents::of(&activity)?.scores(&activity, self.components)?;
        let one = |index: usize| -> Result<f64> {
            let drawn = surrogate(&scores, recording, seed.trial(index as u64))?;
            Ok(self.in_components(&drawn, recording)?.rotation)
        };
        let mut values = (0..SURROGATES).map(one).collect::<Result<Vec<f64>>>()?;
        values.sort_by(f64::total_cmp);
        Ok(values[SURROGATES * 95 / 100])
    }
}

/// `scores` (components × samples) with the phases of every component of every trial drawn anew; means stay.
fn surrogate(scores: &DMatrix<f64>, recording: &Recording, seed: Seed) -> Result<DMatrix<f64>> {
    let mut rng = seed.rng();
    let angle = Uniform::new(0.0, TAU).map_err(|error| Error::parameter("phases", error, "a range that is not empty"))?;
    let mut drawn = scores.clone();
    for trial in recording.trials() {
        let mut fourier = Fourier::new(trial.len());
        for row in 0..scores.nrows() {
            fourier.values.iter_mut().zip(trial.clone()).for_each(|(value, sample)| *value = scores[(row, sample)]);
            fourier.transform();
            // The mean stays, and so does the last bin of an even length, which is real.
            let last = trial.len().div_ceil(2);
            fourier.bins[1..last].iter_mut().for_each(|bin| *bin *= Complex::from_polar(1.0, angle.sample(&mut rng)));
            fourier.invert();
            trial.clone().zip(&fourier.values).for_each(|(sample, value)| drawn[(row, sample)] = value / trial.len() as f64);
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use rand_distr::StandardNormal;

    /// Two components that remember for 0.2 s, in eight trials; they turn at 2 Hz, or each for itself shakes at that frequency.
    fn noisy(turns: bool, seed: Seed) -> Recording {
        let (mut rng, dt) = (seed.rng(), 0.01);
        let mut draw = || StandardNormal.sample(&mut rng);
        let turn = nalgebra::Rotation2::new(TAU * 2.0 * dt).into_inner() * (-dt / 0.2_f64).exp();
        // Two oscillators of two numbers each; the first numbers of both, or both numbers of the first, are seen.
        let mut states = [nalgebra::Vector2::zeros(); 2];
        let rates = DMatrix::from_columns(
            &(0..1600)
                .map(|_| {
                    states.iter_mut().for_each(|state| *state = turn * *state + nalgebra::Vector2::<f64>::new(draw(), draw()));
                    let seen = if turns { states[0] } else { nalgebra::Vector2::new(states[0][0], states[1][0]) };
                    nalgebra::DVector::from_column_slice(&[seen[0], seen[1], 0.6 * seen[0] - 0.8 * seen[1]])
                })
                .collect::<Vec<_>>(),
        );
        let trial_starts = (0..8).map(|trial| 200 * trial).collect();
        Recording { trial_starts, ..Recording::new(rates, dt, Regions::single("all", 3).unwrap()).unwrap() }
    }

    #[test]
    fn what_turns_is_above_chance_and_noise_of_the_same_spectrum_is_not() {
        let method = Rotations { components: 2, ..Default::default() };
        let above = |turns: bool, seed: u64| {
            let recording = noisy(turns, Seed(seed));
            method.of(&recording).unwrap().rotation > method.chance(&recording, Seed(1)).unwrap()
        };
        let count = |turns: bool| (0..10).filter(|&seed| above(turns, seed)).count();
        // One in twenty is expected of noise; more than three in ten would be one case in a thousand.
        assert_eq!(count(true), 10);
        assert!(count(false) <= 3, "{}", count(false));
    }

    #[test]
    fn surrogates_keep_the_power_of_every_component_of_every_trial() {
        let recording = noisy(true, Seed(4));
        let drawn = surrogate(&recording.rates, &recording, Seed(2)).unwrap();
        for trial in recording.trials() {
            for row in 0..3 {
                let power = |from: &DMatrix<f64>| trial.clone().map(|sample| from[(row, sample)].powi(2)).sum::<f64>();
                assert!((power(&drawn) / power(&recording.rates) - 1.0).abs() < 1e-12);
                assert!((drawn[(row, trial.start + 3)] - recording.rates[(row, trial.start + 3)]).abs() > 1e-6);
            }
        }
    }
}
