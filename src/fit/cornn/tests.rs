//! Tests on networks whose truth is known, and against the plainest loops.

use super::*;
use crate::clock::Clock;
use crate::ensemble::{Ensemble, Gaussian, normal_matrix};
use crate::input::{Drive, Sine};
use crate::metric::{correlation, slope};
use crate::regions::Regions;
use crate::simulation::Simulation;
use nalgebra::DVector;
use rand::RngExt;

/// r_{k+1} = (1 - a) r_k + a tanh(W r_k + noise) + a noise, W of gain 3 without a diagonal, a = 0.1 (neurons × time).
pub(in crate::fit) fn published(neurons: usize, samples: usize, noise: [f64; 2], seed: Seed) -> (DMatrix<f64>, DMatrix<f64>) {
    let mut w = normal_matrix(neurons, neurons, 3.0 / (neurons as f64).sqrt(), seed.child("weights"));
    w.fill_diagonal(0.0);
    let inside = normal_matrix(neurons, samples, noise[0], seed.child("inside"));
    let outside = normal_matrix(neurons, samples, noise[1], seed.child("outside"));
    let mut rng = seed.child("start").rng();
    let mut rates = DMatrix::zeros(neurons, samples);
    rates.column_mut(0).iter_mut().for_each(|r| *r = 2.0 * rng.random::<f64>() - 1.0);
    for k in 1..samples {
        let before: DVector<f64> = rates.column(k - 1).into();
        let drive = &w * &before + inside.column(k);
        rates.set_column(k, &(before * 0.9 + (drive.map(f64::tanh) + outside.column(k)) * 0.1));
    }
    (w, rates)
}

pub(in crate::fit) fn recording(rates: DMatrix<f64>) -> Recording {
    let regions = Regions::single("all", rates.nrows()).unwrap();
    Recording::new(rates, 0.01, regions).unwrap()
}

fn rates_form() -> Cornn {
    Cornn { equation: Equation::Rates, tolerance: 0.0, ..Default::default() }
}

#[test]
fn the_published_benchmark_is_recovered() {
    // T31: correlation and slope .987 ± .015 after 100 iterations, as means over seeds; single ones range from .965 to .994.
    let (mut correlations, mut slopes) = (Vec::new(), Vec::new());
    for seed in 0..4 {
        let (w, rates) = published(200, 3000, [0.01, 1e-4], Seed(seed));
        let fitted = rates_form().fit(&recording(rates), Seed(0)).unwrap();
        assert_eq!(fitted.history.len(), 101);
        let found = fitted.network.connectivity.to_dense();
        correlations.push(correlation(&w, &found));
        slopes.push(slope(&w, &found));
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let within = |values: &[f64]| (mean(values) - 0.987).abs() < 0.015 && values.iter().all(|v| (v - 0.987).abs() < 0.03);
    assert!(within(&correlations) && within(&slopes), "{correlations:?} {slopes:?}");
}

/// One iteration by sums over samples, neuron by neuron.
fn plain_step(x: &DMatrix<f64>, d: &DMatrix<f64>, theta: &DMatrix<f64>, penalty: f64, loss: Loss, threshold: f64) -> DMatrix<f64> {
    let samples = x.nrows() as f64;
    let a = x.transpose() * x + DMatrix::identity(x.ncols(), x.ncols()) * (penalty * samples);
    let inverse = a.try_inverse().unwrap();
    let drive = x * theta;
    let mut next = theta.clone();
    for unit in 0..theta.ncols() {
        let mut errors: Vec<f64> = (0..x.nrows()).map(|t| d[(t, unit)] - drive[(t, unit)].tanh()).collect();
        if loss != Loss::Standard {
            (0..x.nrows()).for_each(|t| errors[t] /= 1.0 - d[(t, unit)] * d[(t, unit)]);
        }
        match loss {
            Loss::Standard => {}
            Loss::Robust => errors.iter_mut().for_each(|e| *e = e.signum() * e.abs().min(threshold)),
            Loss::Weighted => {
                let dropped = errors.iter().filter(|e| e.abs() > threshold).count() as f64;
                errors.iter_mut().for_each(|e| *e = if e.abs() > threshold { 0.0 } else { *e * samples / (samples - dropped) });
            }
        }
        let right = x.transpose() * (x * theta.column(unit) + DVector::from_vec(errors));
        next.set_column(unit, &(&inverse * right));
    }
    next
}

#[test]
fn iterations_follow_the_plain_sums() {
    let (_, rates) = published(15, 400, [0.05, 1e-3], Seed(2));
    let targets = rate_targets(&rates, &[0.9; 15]);
    let cut = |matrix: &DMatrix<f64>| matrix.columns(0, 399).transpose();
    let (x, d) = (cut(&rates), cut(&targets));
    let problem = Problem::new(x.clone(), d.clone(), None, 1e-4).unwrap();
    for loss in [Loss::Weighted, Loss::Standard, Loss::Robust] {
        let mut theta = problem.closed_form();
        for _ in 0..5 {
            let expected = plain_step(&x, &d, &theta, 1e-4, loss, 0.2);
            theta = problem.step(&theta, &problem.error(&problem.predict(&theta), loss, 0.2));
            assert!((&theta - &expected).amax() < 1e-9 * expected.amax(), "{loss:?}");
        }
    }
}

#[test]
fn a_neuron_with_outliers_only_learns_nothing_and_stays_finite() {
    let (_, rates) = published(10, 12, [0.5, 0.1], Seed(1));
    let fitted = Cornn { threshold: 1e-9, ..rates_form() }.fit(&recording(rates), Seed(0)).unwrap();
    assert!(fitted.network.connectivity.to_dense().iter().all(|w| w.is_finite()));
}

#[test]
fn the_diagonal_can_be_held_at_zero() {
    let (w, rates) = published(20, 2000, [0.05, 1e-4], Seed(2));
    let found =
        |autapses| Cornn { autapses, ..rates_form() }.fit(&recording(rates.clone()), Seed(0)).unwrap().network.connectivity.to_dense();
    let (free, held) = (found(true), found(false));
    assert!(free.diagonal().amax() > 0.0);
    assert_eq!(held.diagonal().amax(), 0.0);
    assert!(correlation(&w, &held) > 0.97 && correlation(&w, &held) > correlation(&w, &free) - 0.01);
}

#[test]
fn the_equation_of_the_crate_is_the_default_and_inputs_are_subtracted() {
    let regions = Regions::single("all", 20).unwrap();
    let j = Gaussian { gain: 2.0, autapses: true }.sample(&regions, Seed(1)).unwrap();
    let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
    let inputs = vec![Drive::all(Sine::default(), 20)];
    let simulation = Simulation { clock: Clock::new(0.01, 12.0).unwrap(), inputs, trials: 2, ..Default::default() };
    let recording = simulation.run(&network).unwrap();
    let recovery = |inputs| {
        let fitted = Cornn { inputs, ..Default::default() }.fit(&recording, Seed(0)).unwrap();
        correlation(&network.connectivity.to_dense(), &fitted.network.connectivity.to_dense())
    };
    let (known, ignored) = (recovery(KnownInputs::Subtract), recovery(KnownInputs::Ignore));
    assert!(known > 0.98 && known > ignored, "{known} {ignored}");
}

#[test]
fn settings_out_of_range_are_named_and_the_watcher_can_stop() {
    let (_, rates) = published(5, 100, [0.05, 1e-4], Seed(4));
    let recording = recording(rates);
    let bad = |fit: Cornn| fit.fit(&recording, Seed(0)).unwrap_err().to_string();
    assert!(bad(Cornn { penalty: 0.0, ..rates_form() }).contains("penalty"));
    assert!(bad(Cornn { threshold: -1.0, ..rates_form() }).contains("threshold"));
    assert!(bad(Cornn { inputs: KnownInputs::Regress, ..rates_form() }).contains("regress"));
    let mut seen = 0;
    let stopped = rates_form().fit_watched(&recording, Seed(0), &mut |_| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let settled = Cornn { tolerance: 1e9, ..rates_form() }.fit(&recording, Seed(0)).unwrap();
    assert_eq!(settled.history.len(), 2);
}

#[test]
fn an_anatomy_of_zeros_and_ones_is_obeyed_and_helps() {
    let (mut w, _) = published(30, 2, [0.0, 0.0], Seed(6));
    let anatomy = DMatrix::from_fn(30, 30, |i, k| if i != k && (i * 7 + k * 3) % 4 == 0 { 1.0 } else { 0.0 });
    w.component_mul_assign(&(&anatomy * 2.0));
    let mut rates = DMatrix::zeros(30, 400);
    rates.set_column(0, &DVector::from_fn(30, |i, _| (i as f64).sin()));
    let noise = normal_matrix(30, 400, 0.05, Seed(7));
    for k in 1..400 {
        let before: DVector<f64> = rates.column(k - 1).into();
        rates.set_column(k, &(&before * 0.9 + (&w * &before + noise.column(k)).map(f64::tanh) * 0.1));
    }
    let plain = recording(rates);
    let mut told = plain.clone();
    told.anatomy = Some(anatomy.clone());
    let j = |recording: &Recording| rates_form().fit(recording, Seed(0)).unwrap().network.connectivity.to_dense();
    let helped = j(&told);
    assert!(helped.iter().zip(&anatomy).all(|(j, &a)| a == 1.0 || *j == 0.0));
    assert!(correlation(&w, &helped) > correlation(&w, &j(&plain)));
    told.anatomy = Some(anatomy * 0.5);
    assert!(rates_form().fit(&told, Seed(0)).unwrap_err().to_string().contains("other than 0 and 1"));
}

#[test]
fn a_wrong_alpha_is_corrected_and_a_penalty_is_chosen() {
    let (w, rates) = published(40, 1500, [0.05, 1e-5], Seed(8));
    let recording = recording(rates);
    let known = rates_form().fit(&recording, Seed(0)).unwrap();
    let wrong = Cornn { tau: vec![0.15], ..rates_form() };
    let fitted = Cornn { fit_tau: true, ..wrong.clone() }.fit(&recording, Seed(0)).unwrap();
    assert!((fitted.network.tau[0] / 0.1 - 1.0).abs() < 0.03, "{}", fitted.network.tau[0]);
    let score = |fitted: &Fitted| correlation(&w, &fitted.network.connectivity.to_dense());
    let (known, corrected, left) = (score(&known), score(&fitted), score(&wrong.fit(&recording, Seed(0)).unwrap()));
    assert!(corrected > left && corrected > known - 0.02, "{known} {corrected} {left}");
    let path = Cornn { penalties: vec![1.0, 1e-5, 10.0], iterations: 5, ..rates_form() };
    let given = Cornn { iterations: 5, ..rates_form() };
    let j = |fit: Cornn| fit.fit(&recording, Seed(0)).unwrap().network.connectivity;
    assert_eq!(j(path), j(given));
}
