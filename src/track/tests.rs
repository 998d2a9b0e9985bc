//! Tests of the tracker: against the plainest loop, and on signals that change.

use super::*;
use crate::ensemble::{Ensemble, Gaussian};
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::{DMatrix, DVector};

fn network(neurons: usize, seed: u64) -> Network {
    let regions = Regions::single("reservoir", neurons).unwrap();
    let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(seed)).unwrap();
    Network::new(regions, j, Tanh, &[1.0]).unwrap()
}

/// The published loop on plain matrices, with the gain taken from the updated P and multiplied by c once more.
fn plain(network: &Network, wiring: &Wiring, signal: &DMatrix<f64>, published: bool) -> (DMatrix<f64>, DMatrix<f64>, DMatrix<f64>) {
    let (n, outputs) = (network.neurons(), wiring.readout.nrows());
    let (j, mut x, mut w) = (network.connectivity.to_dense(), DVector::from_vec(wiring.state.clone()), wiring.readout.clone());
    let mut p = DMatrix::identity(n, n) * 1.0;
    let mut learning_error = DMatrix::zeros(outputs, signal.ncols());
    for t in 0..signal.ncols() {
        let (r, f) = (x.map(f64::tanh), signal.column(t).into_owned());
        let z = &w * &r;
        let mut drive = &j * &r + &wiring.input * &f - &x;
        if let Some(feedback) = &wiring.feedback {
            drive += feedback * &z;
        }
        x += drive * 0.1;
        let old = &p * &r;
        let c = 1.0 / (1.0 + r.dot(&old));
        p -= &old * old.transpose() * c;
        let gain = if published { &p * &r * c } else { &p * &r };
        let change = (z - f) * gain.transpose();
        for output in 0..outputs {
            learning_error[(output, t)] = change.row(output).iter().map(|v| v.abs()).sum();
        }
        w -= change;
    }
    (learning_error, w, p)
}

#[test]
fn both_rules_follow_the_plain_loop_with_several_channels_and_feedback() {
    let (network, signal) = (network(12, 1), DMatrix::from_fn(2, 150, |i, k| (0.1 * (i + 1) as f64 * k as f64).sin()));
    let bare = Wiring::sample(12, 2, 2, Seed(2));
    for wiring in [bare.clone(), bare.with_feedback(0.5, Seed(3))] {
        for rule in [Rule::LeastSquares, Rule::Published] {
            let mut tracker = Tracker::new(&network, Tracking { rule, ..Default::default() }, &wiring).unwrap();
            let found = track(&mut tracker, &signal, &signal, 0..150).unwrap();
            let (learning_error, w, p) = plain(&network, &wiring, &signal, rule == Rule::Published);
            assert!((found.learning_error - &learning_error).amax() < 1e-9 * learning_error.amax(), "{rule:?}");
            assert!((tracker.readout() - w).amax() < 1e-9, "{rule:?}");
            assert!((tracker.inverse_correlation() - p).amax() < 1e-9, "{rule:?}");
        }
    }
}

/// E on the half of a test that was not learned, over E on the half that was: 10 Hz then 20 Hz, learned in the second half, tested with
/// the halves swapped.
fn pattern_ratio(rule: Rule, seed: u64) -> f64 {
    let half = 2500;
    let sine = |hertz: f64, k: usize| (std::f64::consts::TAU * hertz * (k % half) as f64 / (half - 1) as f64).sin();
    let signal = |first, second| DMatrix::from_fn(1, 2 * half, |_, k| sine(if k < half { first } else { second }, k));
    let (train, test) = (signal(10.0, 20.0), signal(20.0, 10.0));
    let wiring = Wiring::sample(30, 1, 1, Seed(1000 + seed));
    let mut tracker = Tracker::new(&network(30, seed), Tracking { rule, ..Default::default() }, &wiring).unwrap();
    track(&mut tracker, &train, &train, half..2 * half).unwrap();
    let trace = track(&mut tracker, &test, &test, 0..0).unwrap().learning_error;
    trace.columns(half, half).mean() / trace.columns(0, half).mean()
}

#[test]
fn a_pattern_that_was_not_learned_stands_out() {
    // T30: a median of 26 over 20 reservoirs, above 8 in nearly all; two of these 20 learn the pattern less well (5.7 and 7.7).
    for rule in [Rule::LeastSquares, Rule::Published] {
        let mut ratios: Vec<f64> = (0..20).map(|seed| pattern_ratio(rule, seed)).collect();
        ratios.sort_by(f64::total_cmp);
        assert!(ratios[0] > 4.0 && ratios[2] > 8.0, "{rule:?}: {ratios:.1?}");
        assert!((18.0..34.0).contains(&ratios[10]), "{rule:?}: {ratios:.1?}");
    }
}

#[test]
fn a_frozen_readout_does_not_change() {
    let mut tracker = Tracker::new(&network(10, 1), Tracking::default(), &Wiring::sample(10, 1, 1, Seed(1))).unwrap();
    let before = tracker.readout();
    assert!(tracker.step(&[1.0], &[1.0], false).unwrap().learning_error[0] > 0.0);
    assert_eq!(tracker.readout(), before);
    tracker.step(&[1.0], &[1.0], true).unwrap();
    assert_ne!(tracker.readout(), before);
}

#[test]
fn what_does_not_fit_is_named() {
    let (network, wiring) = (network(10, 1), Wiring::sample(10, 2, 1, Seed(1)));
    let mut tracker = Tracker::new(&network, Tracking::default(), &wiring).unwrap();
    assert!(tracker.step(&[1.0], &[1.0], true).unwrap_err().to_string().contains("input of a tracker"));
    assert!(tracker.step(&[1.0, f64::NAN], &[1.0], true).unwrap_err().to_string().contains("NaN"));
    let signal = DMatrix::zeros(2, 5);
    assert!(track(&mut tracker, &signal, &DMatrix::zeros(1, 4), 0..0).is_err());
    assert!(track(&mut tracker, &signal, &DMatrix::zeros(1, 5), 0..6).is_err());
    assert!(Tracker::new(&network, Tracking { dt: 0.0, ..Default::default() }, &wiring).is_err());
    let short = Wiring { state: vec![0.0; 3], ..wiring };
    assert!(Tracker::new(&network, Tracking::default(), &short).unwrap_err().to_string().contains("state of the tracker"));
}
