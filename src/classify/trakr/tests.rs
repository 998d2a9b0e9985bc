//! Tests of TRAKR as a classifier.

use super::*;
use crate::classify::{predicted, standard};
use crate::track::{Tracker, track};

/// Waves of three frequencies with random phases, of `samples` or a few more samples.
fn waves(per_class: usize, samples: usize, spread: usize, seed: u64) -> Labelled {
    use rand::RngExt;
    let mut rng = Seed(seed).rng();
    let names: Vec<&str> = (0..3 * per_class).map(|k| ["a", "b", "c"][k % 3]).collect();
    let wave = |k: usize| {
        let (rate, phase) = ([0.15, 0.25, 0.4][k % 3], std::f64::consts::TAU * rng.random::<f64>());
        DMatrix::from_fn(1, samples + spread * (k % 4), |_, t| (rate * t as f64 + phase).sin())
    };
    Labelled::new((0..3 * per_class).map(wave).collect(), &names).unwrap()
}

#[test]
fn traces_are_those_of_a_tracker_averaged_over_stretches() {
    let data = waves(1, 64, 0, 1);
    let trakr = Trakr { units: 12, precision: Precision::Double, bins: 4, logarithm: false, scaling: Scaling::None, ..Default::default() };
    let all: Vec<Series> = data.series().iter().map(series).collect();
    let batch = trakr.batch(1, Seed(3)).unwrap();
    let features = trakr.features(&batch, &all[..1], &all).unwrap();
    let traces = error_traces(&trakr, &data.series()[0], data.series(), Seed(3)).unwrap();
    // The same reservoir by hand.
    let seed = Seed(3).child("reservoir");
    let regions = Regions::single("reservoir", 12).unwrap();
    let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, seed.child("connectivity")).unwrap();
    let network = Network::new(regions, j, Tanh, &[1.0]).unwrap();
    let mut tracker = Tracker::new(&network, trakr.tracking, &Wiring::sample(12, 1, 1, seed)).unwrap();
    track(&mut tracker, &data.series()[0], &data.series()[0], 0..64).unwrap();
    for (k, one) in data.series().iter().enumerate() {
        let expected = track(&mut tracker.clone(), one, one, 0..0).unwrap().learning_error;
        assert!((&traces[k] - &expected).amax() < 1e-10 * expected.amax());
        for bin in 0..4 {
            assert!((features[(bin, k)] - expected.columns(16 * bin, 16).mean()).abs() < 1e-10 * expected.amax());
        }
    }
}

#[test]
fn frequencies_are_told_apart_from_one_template_each_and_from_traces_at_unequal_lengths() {
    let (train, test) = (waves(6, 200, 13, 1), waves(20, 190, 17, 2));
    let reading = |reading| Trakr { reading, ..Default::default() };
    let one_shot = standard(&reading(Reading::Nearest), &train, &test, Seed(1)).unwrap();
    assert!(one_shot.accuracy.value > 0.9, "{one_shot:?}");
    let learned = standard(&reading(Reading::default()), &train, &test, Seed(1)).unwrap();
    assert!(learned.accuracy.value > 0.9 && learned.auc.value > 0.97, "{learned:?}");
}

#[test]
fn the_nearest_template_needs_no_other_series() {
    let (train, test) = (waves(1, 150, 0, 1), waves(4, 150, 0, 2));
    let trakr = Trakr { reading: Reading::Nearest, ..Default::default() };
    let alone = trakr.scores(&train, &test.series()[..1], Seed(1)).unwrap();
    let company = trakr.scores(&train, test.series(), Seed(1)).unwrap();
    assert_eq!(alone.row(0), company.row(0));
    assert_eq!(predicted(&company).len(), 12);
}

#[test]
fn tuning_is_blind_to_the_test_series_and_refuses_single_templates() {
    let tuned = Tuned { folds: 2, rounds: 1, start: Trakr { units: 5, ..Default::default() } };
    let train = waves(3, 40, 0, 1);
    let go_on = || std::ops::ControlFlow::Continue(());
    let settings = tuned.settings(&train, Seed(1), &go_on).unwrap();
    let test = waves(2, 40, 0, 2);
    assert_eq!(tuned.scores(&train, test.series(), Seed(1)).unwrap(), settings.scores(&train, test.series(), Seed(1)).unwrap());
    let single = tuned.settings(&waves(1, 40, 0, 1), Seed(1), &go_on).unwrap_err();
    assert!(single.to_string().contains("single training series"));
    let stop = tuned.settings(&train, Seed(1), &|| std::ops::ControlFlow::Break(())).unwrap_err();
    assert!(matches!(stop, Error::Cancelled));
}

#[test]
fn what_cannot_be_tracked_is_named() {
    let (train, test) = (waves(1, 50, 0, 1), waves(1, 60, 0, 2));
    let error = |trakr: Trakr, test: &[DMatrix<f64>]| trakr.scores(&train, test, Seed(1)).unwrap_err().to_string();
    assert!(error(Trakr { units: 0, ..Default::default() }, test.series()).contains("units"));
    assert!(
        error(Trakr { reservoir: Gaussian { gain: -1.0, autapses: true }.into(), ..Default::default() }, test.series()).contains("gain")
    );
    assert!(error(Trakr { bins: 0, ..Default::default() }, test.series()).contains("unequal lengths"));
    assert!(error(Trakr::default(), &[DMatrix::from_element(1, 50, 2.0)]).contains("never changes"));
    assert!(error(Trakr::default(), &[DMatrix::zeros(2, 50)]).contains("1 channels"));
}
