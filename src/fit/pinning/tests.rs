//! Tests of the fit on networks whose truth is known.

use super::*;
use crate::ensemble::{Between, MultiRegion};
use crate::linalg::product;
use crate::metric::correlation;
use crate::network::Network;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::simulation::Simulation;

fn simulated(seconds: f64, trials: usize) -> (Network, Recording) {
    let regions = Regions::new([("A", 20), ("B", 20)]).unwrap();
    let law = MultiRegion { within: vec![2.0], between: Between::Dense { gain: 0.7 } };
    let network = Network::new(regions.clone(), law.sample(&regions, Seed(3)).unwrap(), Tanh, &[0.1]).unwrap();
    let clock = Clock::new(0.01, seconds / trials as f64).unwrap();
    (network.clone(), Simulation { clock, trials, transient: 0.5, ..Default::default() }.run(&network).unwrap())
}

fn quick() -> Pinning {
    Pinning { learning_passes: 12, precision: Precision::Double, ..Default::default() }
}

#[test]
fn the_network_learns_to_follow_the_recording() {
    let (_, recording) = simulated(3.0, 1);
    let fitted = quick().fit(&recording, Seed(1)).unwrap();
    let scores: Vec<f64> = fitted.history.iter().map(|p| p.variance_explained).collect();
    assert_eq!(scores.len(), 13);
    assert!(scores[12] > 0.9, "{scores:?}");
    assert_eq!(fitted.model.rates.shape(), (40, 300));
}

#[test]
fn free_passes_repeat_to_the_bit() {
    // T29.
    let (_, recording) = simulated(1.0, 1);
    for mode in [Mode::Corrected, Mode::CurbdPython, Mode::CurbdMatlab] {
        let fitted = Pinning { mode, learning_passes: 2, free_passes: 3, ..quick() }.fit(&recording, Seed(1)).unwrap();
        let free: Vec<u64> = fitted.history[2..].iter().map(|p| p.variance_explained.to_bits()).collect();
        assert!(free.iter().all(|&bits| bits == free[0]), "{mode:?}");
    }
}

#[test]
fn equal_seeds_give_equal_fits_and_others_differ() {
    let (_, recording) = simulated(0.5, 1);
    let fit = |seed| quick().fit(&recording, Seed(seed)).unwrap().network.connectivity.to_dense();
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
}

#[test]
fn storage_in_single_precision_changes_little_over_a_short_fit() {
    let (_, recording) = simulated(0.5, 1);
    let fit =
        |precision| Pinning { learning_passes: 2, precision, ..quick() }.fit(&recording, Seed(1)).unwrap().network.connectivity.to_dense();
    let double = fit(Precision::Double);
    for (precision, bound) in [(Precision::Mixed, 1e-4), (Precision::Single, 1e-2)] {
        let difference = (fit(precision) - &double).norm() / double.norm();
        assert!(difference > 0.0 && difference < bound, "{precision:?}: {difference}");
    }
}

#[test]
fn only_outgoing_weights_of_plastic_neurons_change() {
    let (_, recording) = simulated(0.5, 1);
    let config = Pinning { plastic_fraction: 0.25, ..quick() };
    let start = config.start(&recording, Seed(1)).unwrap();
    assert_eq!(start.plastic.len(), 10);
    let fitted = config.fit(&recording, Seed(1)).unwrap();
    let change = fitted.network.connectivity.to_dense() - &start.connectivity;
    for source in 0..40 {
        let moved = change.column(source).amax() > 0.0;
        assert_eq!(moved, start.plastic.contains(&source), "column {source}");
    }
}

#[test]
fn weights_move_only_within_the_directions_that_were_visited() {
    // Section 13.4: P stays P0 outside the span of the visited rates, so J - J0 has no part there.
    let (_, recording) = simulated(0.2, 1);
    let config = Pinning { learning_passes: 1, ..quick() };
    let start = config.start(&recording, Seed(1)).unwrap();
    let fitted = config.fit(&recording, Seed(1)).unwrap();
    let change = fitted.network.connectivity.to_dense() - &start.connectivity;
    assert!(change.rank(1e-9) <= 19, "{}", change.rank(1e-9));
}

#[test]
fn errors_on_currents_recover_more_of_j_than_errors_on_rates() {
    let (truth, recording) = simulated(12.0, 1);
    let truth = truth.connectivity.to_dense();
    let recovered = |error| {
        let config = Pinning { error, learning_passes: 3, noise_amplitude: 0.0, learning_rate: 100.0, clip: 0.0, ..quick() };
        correlation(&truth, &config.fit(&recording, Seed(1)).unwrap().network.connectivity.to_dense())
    };
    let (currents, rates) = (recovered(ErrorOn::Currents), recovered(ErrorOn::Rates));
    assert!(currents > rates + 0.3, "currents {currents}, rates {rates}");
}

#[test]
fn trials_reset_the_state_to_their_own_first_sample() {
    let (_, recording) = simulated(1.0, 4);
    let fitted = Pinning { steps_per_sample: 2, ..quick() }.fit(&recording, Seed(1)).unwrap();
    for &start in &recording.trial_starts {
        let difference = (fitted.model.rates.column(2 * start) - recording.rates.column(start)).amax();
        assert!(difference < 1e-3, "trial at {start}: {difference}");
    }
}

#[test]
fn held_out_samples_are_scored_but_not_learned_and_can_stop_the_fit() {
    let (_, recording) = simulated(3.0, 1);
    let config = Pinning { held_out: 0.2, patience: Some(3), learning_passes: 40, ..quick() };
    let fitted = config.fit(&recording, Seed(1)).unwrap();
    assert_eq!(fitted.sample_columns.len(), 240);
    let learning: Vec<f64> = fitted.history.iter().filter(|p| p.learning).map(|p| p.held_out.unwrap()).collect();
    let best = learning.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(learning.len() < 40, "must have stopped early");
    assert_eq!(learning.iter().position(|&s| s == best).unwrap() + 4, learning.len());
    assert_eq!(fitted.history.last().unwrap().held_out.unwrap(), best, "the best J is kept");
}

#[test]
fn known_inputs_are_part_of_the_drive() {
    let (_, mut recording) = simulated(1.0, 1);
    recording.inputs = Some(DMatrix::from_fn(40, 100, |i, k| if i < 10 { (k as f64 * 0.1).sin() } else { 0.0 }));
    let with = quick().fit(&recording, Seed(1)).unwrap().network.connectivity.to_dense();
    let without = Pinning { inputs: KnownInputs::Ignore, ..quick() }.fit(&recording, Seed(1)).unwrap().network.connectivity.to_dense();
    assert!((with - without).amax() > 1e-3);
}

#[test]
fn the_matlab_variance_differs_from_the_python_one_by_its_divisor() {
    let (_, recording) = simulated(0.5, 1);
    let score = |mode| Pinning { mode, learning_passes: 1, ..quick() }.fit(&recording, Seed(1)).unwrap().history[0].variance_explained;
    let entries = recording.rates.len() as f64;
    let (python, matlab) = (score(Mode::CurbdPython), score(Mode::CurbdMatlab));
    assert!(((1.0 - matlab) / (1.0 - python) - (entries - 1.0) / entries).abs() < 1e-12);
}

#[test]
fn a_watcher_can_stop_the_fit() {
    let (_, recording) = simulated(0.5, 1);
    let mut seen = 0;
    let stopped = quick().fit_watched(&recording, Seed(1), &mut |_| {
        seen += 1;
        if seen == 3 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(seen, 3);
}

#[test]
fn bad_settings_are_named() {
    let (_, recording) = simulated(0.5, 1);
    let bad = |config: Pinning| config.fit(&recording, Seed(1)).unwrap_err().to_string();
    assert!(bad(Pinning { plastic_fraction: 0.0, ..quick() }).contains("plastic fraction"));
    assert!(bad(Pinning { free_passes: 0, ..quick() }).contains("free passes"));
    assert!(bad(Pinning { patience: Some(2), ..quick() }).contains("held-out"));
    assert!(bad(Pinning { learning_rate: -1.0, ..quick() }).contains("learning rate"));
    assert!(bad(Pinning { inputs: KnownInputs::Regress, ..quick() }).contains("regress"));
    let mut trials = recording.clone();
    trials.trial_starts = vec![0, 20];
    let python = Pinning { mode: Mode::CurbdPython, ..quick() };
    assert!(python.fit(&trials, Seed(1)).unwrap_err().to_string().contains("reset"));
    let mut start = quick().start(&recording, Seed(1)).unwrap();
    start.noise = DMatrix::zeros(40, 7);
    let mut go_on = |_: &crate::fit::Pass| std::ops::ControlFlow::Continue(());
    assert!(quick().fit_from(&recording, &start, &mut go_on).is_err());
}

#[test]
fn one_pass_in_current_space_on_recorded_states_would_be_the_ridge_solution() {
    // Appendix B1: recursive least squares over recorded rates equals J0 + (Y - J0 X) X^T (X X^T + 1 / P0)^-1.
    use crate::kernels::{InverseCorrelation, Level, PlasticMatrix};
    let (n, t, p0) = (20, 50, 2.0);
    let wave = |i: usize, k: usize| ((k as f64 + 1.0) * 0.7 * (1.0 + i as f64 * 0.37)).sin();
    let x = DMatrix::from_fn(n, t, wave);
    let y = DMatrix::from_fn(n, t, |i, k| (wave(k % n, i) * 2.0).cos());
    let j0 = DMatrix::from_fn(n, n, |i, k| 0.3 * wave(i + 3, k));
    let mut j = PlasticMatrix::<f64>::from_column_major(n, n, j0.as_slice(), Level::detect());
    let mut p = InverseCorrelation::<f64>::new(n, p0, Level::detect());
    let (mut z, mut k) = (vec![0.0; n], vec![0.0; n]);
    for step in 0..t {
        let r: Vec<f64> = x.column(step).iter().copied().collect();
        j.apply(&r, &mut z);
        let c = p.update(&r, &mut k);
        let e: Vec<f64> = z.iter().zip(y.column(step).iter()).map(|(z, y)| z - y).collect();
        j.rank_one(-c, &e, &k);
    }
    let gram = product(&x, &x.transpose()) + DMatrix::identity(n, n) / p0;
    let expected = &j0 + (&y - &j0 * &x) * x.transpose() * gram.try_inverse().unwrap();
    let found = DMatrix::from_vec(n, n, j.to_column_major());
    assert!((found - expected).amax() < 1e-8);
}

/// J0 + (Y - J0 X) X^T (X X^T + 1 / (P0 a))^-1 for the rows with the sources where `anatomy` is above 0 (appendix B1).
fn prior_mean_ridge(recording: &Recording, config: &Pinning, j0: &DMatrix<f64>, anatomy: &DMatrix<f64>) -> DMatrix<f64> {
    let x = recording.rates.columns(0, recording.samples() - 1).into_owned();
    let states = recording.rates.map(f64::atanh);
    let decay = 1.0 - recording.clock.dt() / config.tau[0];
    let y = DMatrix::from_fn(x.nrows(), x.ncols(), |i, k| (states[(i, k + 1)] - decay * states[(i, k)]) / (1.0 - decay));
    let mut j = j0.clone();
    for (i, row) in anatomy.row_iter().enumerate() {
        let sources: Vec<usize> = (0..row.len()).filter(|&k| row[k] > 0.0).collect();
        let (part, j0) = (x.select_rows(&sources), j0.rows(i, 1).select_columns(&sources));
        let mut gram = &part * part.transpose();
        sources.iter().enumerate().for_each(|(at, &k)| gram[(at, at)] += 1.0 / (config.learning_rate * row[k]));
        let found = &j0 + (y.rows(i, 1) - &j0 * &part) * part.transpose() * gram.try_inverse().unwrap();
        sources.iter().enumerate().for_each(|(at, &k)| j[(i, k)] = found[at]);
    }
    j
}

#[test]
fn teacher_forced_in_current_space_is_ridge_around_the_initial_connectivity() {
    let (_, mut recording) = simulated(0.5, 1);
    let n = recording.neurons();
    let forced = Pinning {
        error: ErrorOn::Currents,
        teacher_forced: true,
        learning_passes: 1,
        clip: 0.0,
        precision: Precision::Double,
        learning_rate: 0.7,
        ..quick()
    };
    let everything = DMatrix::from_element(n, n, 1.0);
    let some = DMatrix::from_fn(n, n, |i, k| if (i * 7 + k * 3) % 5 < 2 { 0.0 } else { 0.5 + (k % 3) as f64 });
    for anatomy in [None, Some(everything.clone()), Some(some)] {
        recording.anatomy = anatomy.clone();
        let fitted = forced.fit(&recording, Seed(3)).unwrap();
        let j0 = fitted.initial.unwrap().to_dense();
        let expected = prior_mean_ridge(&recording, &forced, &j0, anatomy.as_ref().unwrap_or(&everything));
        let difference = (fitted.network.connectivity.to_dense() - expected).amax();
        assert!(difference < 1e-8, "{difference:e}");
    }
    assert!(Pinning { error: ErrorOn::Rates, ..forced }.fit(&recording, Seed(3)).unwrap_err().to_string().contains("currents"));
}

#[test]
fn an_anatomy_without_exceptions_changes_nothing_while_the_network_runs() {
    let (_, mut recording) = simulated(0.5, 1);
    let config = Pinning { precision: Precision::Double, learning_passes: 2, plastic_fraction: 0.5, ..quick() };
    let plain = config.fit(&recording, Seed(4)).unwrap();
    recording.anatomy = Some(DMatrix::from_element(recording.neurons(), recording.neurons(), 1.0));
    let wired = config.fit(&recording, Seed(4)).unwrap();
    assert!((plain.network.connectivity.to_dense() - wired.network.connectivity.to_dense()).amax() < 1e-6);
}

#[test]
fn signs_are_kept_at_every_weight() {
    let (_, recording) = simulated(0.5, 1);
    let signs: Vec<i8> = (0..recording.neurons()).map(|k| [1, 1, -1, 0][k % 4]).collect();
    let fitted = Pinning { signs: signs.clone(), learning_passes: 3, ..quick() }.fit(&recording, Seed(4)).unwrap();
    let j = fitted.network.connectivity.to_dense();
    for (column, sign) in j.column_iter().zip(signs) {
        assert!(column.iter().all(|w| w * f64::from(sign) >= 0.0));
        assert!(column.iter().any(|&w| w != 0.0));
    }
    assert!(Pinning { signs: vec![1, -1], ..quick() }.fit(&recording, Seed(4)).unwrap_err().to_string().contains("signs"));
}
