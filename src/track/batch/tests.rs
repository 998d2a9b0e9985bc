//! Tests of the batch: against the tracker, series by series.

use super::*;
use crate::ensemble::{Ensemble, Gaussian};
use crate::nonlinearity::{Logistic, Tanh};
use crate::regions::Regions;
use crate::seed::Seed;
use crate::track::{Rule, Tracker, track};
use nalgebra::DMatrix;

fn network(neurons: usize) -> Network {
    let regions = Regions::single("reservoir", neurons).unwrap();
    let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1)).unwrap();
    Network::new(regions, j, Tanh, &[1.0]).unwrap()
}

/// Series that differ in shape and, with `spread`, in length.
fn series(count: usize, channels: usize, samples: usize, spread: usize) -> Vec<Series> {
    let signal = |which: usize, i: usize, k: usize| ((0.05 + 0.02 * which as f64) * k as f64 + i as f64).sin();
    let one = |which: usize| DMatrix::from_fn(channels, samples + spread * (which % 4), |i, k| signal(which, i, k));
    (0..count).map(|which| Series { input: one(which), target: None }).collect()
}

/// Greatest difference of any E from that of the tracker over the largest E, and of the trained W.
fn differences(network: &Network, tracking: Tracking, wiring: &Wiring, precision: Precision, all: &[Series]) -> (f64, f64) {
    let batch = Batch::new(network, tracking, wiring.clone(), precision).unwrap();
    let longest = all.iter().map(Series::samples).max().unwrap();
    let trained = batch.train(all, 5..longest).unwrap();
    let traces = batch.test(&trained, all, |_, traces| traces.clone()).unwrap();
    let (mut of_trace, mut of_readout): (f64, f64) = (0.0, 0.0);
    for (which, template) in all.iter().enumerate() {
        let mut tracker = Tracker::new(network, tracking, wiring).unwrap();
        track(&mut tracker, &template.input, template.target(), 5..template.samples()).unwrap();
        of_readout = of_readout.max((tracker.readout() - trained[which].readout()).amax());
        for (other, test) in all.iter().enumerate() {
            let expected = track(&mut tracker.clone(), &test.input, test.target(), 0..0).unwrap().learning_error;
            let found = DMatrix::from_column_slice(expected.nrows(), expected.ncols(), traces[which].learning_error(other));
            of_trace = of_trace.max((found - &expected).amax() / expected.amax());
        }
    }
    (of_trace, of_readout)
}

#[test]
fn every_pass_is_that_of_the_tracker() {
    let all = series(19, 1, 121, 0);
    for rule in [Rule::LeastSquares, Rule::Published] {
        let tracking = Tracking { rule, dt: 0.3, ..Default::default() };
        let wiring = Wiring::sample(30, 1, 1, Seed(2));
        let (trace, readout) = differences(&network(30), tracking, &wiring, Precision::Double, &all);
        assert!(trace < 1e-11 && readout < 1e-11, "{rule:?}: {trace:e}, {readout:e}");
        let (trace, readout) = differences(&network(30), tracking, &wiring, Precision::Single, &all);
        assert!(trace < 1e-4 && readout < 1e-3, "{rule:?}, single: {trace:e}, {readout:e}");
    }
}

#[test]
fn lengths_channels_feedback_and_other_targets_are_those_of_the_tracker() {
    let mut all = series(11, 2, 60, 7);
    for (which, one) in all.iter_mut().enumerate() {
        one.target = Some(DMatrix::from_fn(3, one.samples(), |i, k| (0.03 * (which + i + 1) as f64 * k as f64).cos()));
    }
    let bare = Wiring::sample(13, 2, 3, Seed(2));
    for wiring in [bare.clone(), bare.with_feedback(0.5, Seed(3))] {
        let (trace, readout) = differences(&network(13), Tracking::default(), &wiring, Precision::Double, &all);
        assert!(trace < 1e-11 && readout < 1e-11, "{trace:e}, {readout:e}");
    }
}

#[test]
fn any_nonlinearity_and_any_tau_will_do() {
    let tanh = network(9);
    let tau: Vec<f64> = (0..9).map(|i| 0.5 + 0.2 * i as f64).collect();
    let other = Network::new(tanh.regions, tanh.connectivity, Logistic, &tau).unwrap();
    let wiring = Wiring::sample(9, 1, 1, Seed(2));
    let (trace, readout) = differences(&other, Tracking::default(), &wiring, Precision::Double, &series(3, 1, 80, 3));
    assert!(trace < 1e-11 && readout < 1e-11, "{trace:e}, {readout:e}");
}

#[test]
fn company_and_threads_change_no_bit() {
    let all = series(20, 1, 70, 5);
    for (precision, rule) in
        [Precision::Single, Precision::Double].into_iter().flat_map(|p| [(p, Rule::LeastSquares), (p, Rule::Published)])
    {
        let tracking = Tracking { rule, ..Default::default() };
        let batch = Batch::new(&network(12), tracking, Wiring::sample(12, 1, 1, Seed(2)), precision).unwrap();
        let run = |all: &[Series]| {
            let trained = batch.train(all, 0..70).unwrap();
            batch.test(&trained, all, |_, traces| traces.clone()).unwrap()
        };
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| run(&all));
        assert_eq!(run(&all), one_thread);
        // Of odd and of even length, so that the last sample shares its sweep with another or has it alone.
        for which in 0..all.len() {
            assert_eq!(run(&all[which..which + 1])[0].learning_error(0), one_thread[which].learning_error(which), "series {which}");
        }
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let batch = Batch::new(&network(10), Tracking::default(), Wiring::sample(10, 1, 1, Seed(1)), Precision::Single).unwrap();
    let good = Series::from_values(&[0.1; 20]);
    let error = |series: Series| batch.train(&[good.clone(), series], 0..10).unwrap_err().to_string();
    assert!(error(Series::from_values(&[])).contains("series 1"), "empty");
    assert!(error(Series::from_values(&[0.0, f64::NAN])).contains("NaN at position 1"));
    assert!(error(Series { input: DMatrix::zeros(2, 5), target: None }).contains("expected 1 × 5"));
    let outside = batch.train(std::slice::from_ref(&good), 15..30).unwrap_err().to_string();
    assert!(outside.contains("15..30") && outside.contains("20"), "{outside}");
    let trained = batch.train(std::slice::from_ref(&good), 0..20).unwrap();
    let larger = Batch::new(&network(11), Tracking::default(), Wiring::sample(11, 1, 1, Seed(1)), Precision::Single).unwrap();
    assert!(larger.test(&trained, &[good], |_, _| ()).unwrap_err().to_string().contains("11 neurons"));
}
