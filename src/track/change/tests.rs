//! Tests of the detector: how often it is wrong, and how well it finds a change.

use super::*;
use crate::ensemble::{Ensemble, Gaussian};
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::track::{Series, Tracker, Tracking, Wiring};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

fn tracker(channels: usize, seed: Seed) -> Tracker {
    let regions = Regions::single("reservoir", 30).unwrap();
    let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, seed).unwrap();
    let network = Network::new(regions, j, Tanh, &[1.0]).unwrap();
    Tracker::new(&network, Tracking::default(), &Wiring::sample(30, channels, channels, seed)).unwrap()
}

/// A noisy oscillation: period `period` samples, which its noise lets drift.
fn oscillation(samples: usize, period: impl Fn(usize) -> f64, seed: Seed) -> Vec<f64> {
    let mut rng = seed.child("signal").rng();
    let (mut phase, mut noise) = (0.0, 0.0);
    let mut next = |k: usize| {
        phase += std::f64::consts::TAU / period(k) * (1.0 + 0.2 * (rng.random::<f64>() - 0.5));
        noise = 0.9 * noise + 0.1 * (rng.random::<f64>() - 0.5);
        phase.sin() + noise
    };
    (0..samples).map(&mut next).collect()
}

/// The changes that are found in a signal after 1500 samples of training and 9000 of calibration, and the blocks of the rest.
fn changes(signal: &[f64], false_alarm: f64, seed: Seed) -> (Vec<Change>, usize) {
    let horizon = 0.1 * (signal.len() - 10_500) as f64;
    let detection = Detection { false_alarm, horizon, ..Default::default() };
    let stretch = |range: std::ops::Range<usize>| Series::from_values(&signal[range]);
    let mut detector = Detector::new(tracker(1, seed), &stretch(0..1500), &stretch(1500..10_500), detection).unwrap();
    let mut found = Vec::new();
    for value in &signal[10_500..] {
        found.extend(detector.push(&[*value], &[*value]).unwrap().change);
    }
    (found, detector.block())
}

#[test]
fn alarms_on_stationary_signals_are_no_more_frequent_than_asked() {
    let asked = 0.3;
    let runs = 200_u64;
    let wrong = |k: u64| {
        let seed = Seed(1).trial(k);
        let signal = oscillation(18_500, |_| 40.0, seed);
        changes(&signal, asked, seed).0.iter().any(|change| change.kind == Kind::Departure)
    };
    let share = (0..runs).into_par_iter().filter(|&k| wrong(k)).count() as f64 / runs as f64;
    // Three standard errors of a share of 0.3 in 200 runs are 0.1; above the lower bound it is not merely deaf.
    assert!(share <= asked + 0.1 && share > 0.0, "{share}");
}

#[test]
fn a_change_is_found_to_within_a_block_and_the_return_soon_after_it() {
    let found: Vec<(Vec<Change>, usize)> = (0..20_u64)
        .into_par_iter()
        .map(|k| {
            let seed = Seed(2).trial(k);
            changes(&oscillation(16_500, |k| if (12_500..14_500).contains(&k) { 20.0 } else { 40.0 }, seed), 0.05, seed)
        })
        .collect();
    let hits = found.iter().filter(|(changes, block)| {
        // A return waits for three calm blocks in a row, of which one in twenty is not even when nothing is wrong.
        let expected = [(Kind::Departure, 2000, 1), (Kind::Return, 4000, 5)];
        let fits = |((kind, at, blocks), c): ((Kind, usize, usize), &Change)| c.kind == kind && c.sample.abs_diff(at) <= blocks * block;
        changes.len() == 2 && expected.into_iter().zip(changes).all(fits)
    });
    let count = hits.count();
    assert!(count >= 18, "{count} of 20: {found:?}");
}

#[test]
fn the_alarm_keeps_its_promise_for_any_law_of_independent_scores() {
    // Heavy tails, where a threshold on z-scores would fail.
    let (scores, runs) = (200, 2000_u64);
    let wrong = |k: u64| {
        let mut rng = Seed(3).trial(k).rng();
        let mut score = || (5.0 * rng.sample::<f64, _>(StandardNormal)).exp();
        let mut alarm = Alarm::new((0..25).map(|_| score()), scores as f64, 0.2);
        (0..scores).any(|_| alarm.push(score()).raised.is_some())
    };
    let share = (0..runs).filter(|&k| wrong(k)).count() as f64 / runs as f64;
    assert!((0.02..=0.2 + 0.027).contains(&share), "{share}");
}

#[test]
fn several_channels_are_judged_together_and_units_do_not_matter() {
    let seed = Seed(4);
    let (a, b) = (oscillation(11_000, |_| 40.0, seed), oscillation(11_000, |_| 23.0, seed.child("b")));
    let matrix = |scale: f64, range: std::ops::Range<usize>| {
        let signal = |i: usize, k: usize| scale * if i == 0 { a[range.start + k] } else { 100.0 + b[range.start + k] };
        Series { input: nalgebra::DMatrix::from_fn(2, range.len(), signal), target: None }
    };
    let scores = |scale: f64| {
        let mut detector =
            Detector::new(tracker(2, seed), &matrix(scale, 0..1500), &matrix(scale, 1500..7500), Detection::default()).unwrap();
        let rest = matrix(scale, 7500..11_000).input;
        let mut blocks = Vec::new();
        for sample in rest.column_iter() {
            blocks.extend(detector.push(sample.as_slice(), sample.as_slice()).unwrap().block.map(|block| block.score));
        }
        blocks
    };
    let (one, other) = (scores(1.0), scores(1e-6));
    assert!(one.len() > 3 && one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-6 * a));
}

#[test]
fn what_cannot_be_learned_is_named() {
    let error = |training: &[f64], calibration: &[f64]| {
        let (training, calibration) = (Series::from_values(training), Series::from_values(calibration));
        Detector::new(tracker(1, Seed(1)), &training, &calibration, Detection::default()).unwrap_err().to_string()
    };
    let signal = oscillation(3000, |_| 40.0, Seed(5));
    assert!(error(&[0.5; 100], &signal).contains("never changes"));
    assert!(error(&[], &signal).contains("no samples"));
    assert!(error(&signal[..1500], &signal[1500..1600]).contains("longer stretch"));
    assert!(error(&[0.0, 1.0, f64::NAN], &signal).contains("NaN at position 2"));
}
