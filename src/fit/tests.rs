//! The laws that every fit obeys.

use super::*;
use crate::clock::Clock;
use crate::ensemble::{Ensemble, MultiRegion};
use crate::input::{Drive, Sine, Target};
use crate::noise::Noise;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::simulation::Simulation;

fn recording() -> Recording {
    let regions = Regions::new([("A", 8), ("B", 6)]).unwrap();
    let j = MultiRegion::default().sample(&regions, Seed(1)).unwrap();
    let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
    Simulation { clock: Clock::new(0.01, 1.5).unwrap(), trials: 2, ..Default::default() }.run(&network).unwrap()
}

#[test]
fn every_fit_returns_a_finite_network_on_the_regions_of_the_recording() {
    let recording = recording();
    for fit in AnyFit::members() {
        let fitted = fit.fit(&recording, Seed(2)).unwrap();
        assert_eq!(fitted.network.regions, recording.regions, "{fit:?}");
        assert!(fitted.network.connectivity.to_dense().iter().all(|w| w.is_finite()), "{fit:?}");
        assert_eq!(fitted.at_samples().unwrap().rates.shape(), recording.rates.shape(), "{fit:?}");
        assert!((1..=fit.passes()).contains(&fitted.history.len()), "{fit:?}");
        assert_eq!(fitted.scale.len(), 14, "{fit:?}");
    }
}

#[test]
fn equal_seeds_give_equal_bits() {
    let recording = recording();
    for fit in AnyFit::members() {
        let j = || fit.fit(&recording, Seed(2)).unwrap().network.connectivity.to_dense();
        assert_eq!(j(), j(), "{fit:?}");
    }
}

#[test]
fn every_fit_stops_when_it_is_asked_to() {
    let recording = recording();
    for fit in AnyFit::members() {
        let stopped = fit.fit_watched(&recording, Seed(2), &mut |_| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(Error::Cancelled)), "{fit:?}");
    }
}

#[test]
fn every_fit_obeys_the_anatomy_or_refuses_it() {
    let mut recording = recording();
    let anatomy = DMatrix::from_fn(14, 14, |i, k| if (i * 3 + k * 5).is_multiple_of(4) { 0.0 } else { 1.0 + (k % 2) as f64 });
    recording.anatomy = Some(anatomy.clone());
    for fit in AnyFit::members() {
        match fit.fit(&recording, Seed(2)) {
            Ok(fitted) => {
                let j = fitted.network.connectivity.to_dense();
                assert!(j.iter().zip(&anatomy).all(|(&j, &a)| a > 0.0 || j == 0.0), "{fit:?}");
                assert!(j.iter().any(|&j| j != 0.0), "{fit:?}");
                assert_eq!(fitted.model.anatomy.as_ref(), Some(&anatomy), "{fit:?}");
            }
            Err(error) => assert!(error.to_string().contains("carries an anatomy"), "{fit:?}: {error}"),
        }
    }
}

#[test]
fn every_fit_names_neurons_that_never_change_and_refuses_what_is_too_short() {
    let mut flat = recording();
    flat.rates.row_mut(3).fill(0.25);
    for fit in AnyFit::members() {
        let message = fit.fit(&flat, Seed(2)).unwrap_err().to_string();
        assert!(message.contains("never change: 3"), "{fit:?}: {message}");
        let short = recording().window(0..2).unwrap();
        assert!(fit.fit(&short, Seed(2)).is_err(), "{fit:?}");
    }
}

/// Per method: whether it fits gains of inputs, and whether it takes a structural mask and prior variances.
const TAKES: [(&str, [bool; 3]); 10] = [
    ("pinning", [false, true, true]),
    ("ridge", [true, true, true]),
    ("cornn", [false, true, false]),
    ("newton", [false, true, true]),
    ("low-rank-fit", [false, true, true]),
    ("backprop", [false, true, true]),
    ("vector-autoregression", [true, true, true]),
    ("initial", [false, true, true]),
    ("bayes", [true, true, true]),
    ("common-inputs", [true, true, true]),
];

/// The name of a method, and the method with `inputs`.
fn with_inputs(fit: &AnyFit, inputs: &str) -> (String, AnyFit) {
    let mut tree = toml::Value::try_from(fit).unwrap();
    let table = tree.as_table_mut().unwrap();
    table.insert("inputs".into(), inputs.into());
    (table["kind"].as_str().unwrap().into(), tree.try_into().unwrap())
}

/// Two trials of a driven network of which a third of the neurons is not recorded.
fn observed() -> Recording {
    let regions = Regions::new([("A", 12), ("B", 9)]).unwrap();
    let network = Network::new(regions.clone(), MultiRegion::default().sample(&regions, Seed(1)).unwrap(), Tanh, &[0.1]).unwrap();
    let target = Target { region: Some("B".into()), fraction: 1.0, amplitude: 0.5 };
    let inputs = vec![Drive::region(Sine::default(), target, &regions, Seed(4)).unwrap()];
    let noise = Noise::White { strength: 0.05 };
    let whole = Simulation { clock: Clock::new(0.01, 1.5).unwrap(), trials: 2, inputs, noise, ..Default::default() }.run(&network).unwrap();
    let seen: Vec<usize> = (0..21).filter(|i| i % 3 != 2).collect();
    Recording {
        rates: whole.rates.select_rows(&seen),
        inputs: whole.inputs.as_ref().map(|u| u.select_rows(&seen)),
        regions: Regions::new([("A", 8), ("B", 6)]).unwrap(),
        ..whole
    }
}

/// Ones and zeros, and prior variances with the same zeros.
fn anatomies() -> [DMatrix<f64>; 2] {
    let mask = |i: usize, k: usize| if (i * 3 + k * 5).is_multiple_of(4) { 0.0 } else { 1.0 };
    [DMatrix::from_fn(14, 14, mask), DMatrix::from_fn(14, 14, |i, k| mask(i, k) * (0.2 + 3.0 * (k % 2) as f64))]
}

/// J, and how well it predicts: all that a setting can change.
fn found(fit: &AnyFit, recording: &Recording) -> Result<(DMatrix<f64>, f64, Option<DMatrix<f64>>)> {
    let fitted = fit.fit(recording, Seed(2))?;
    let j = fitted.network.connectivity.to_dense();
    assert!(j.iter().all(|w| w.is_finite()), "{fit:?}");
    Ok((j, fitted.history.last().unwrap().chi2, fitted.inputs))
}

#[test]
fn every_combination_of_inputs_and_anatomy_is_taken_or_refused_by_name() {
    let members = AnyFit::members();
    assert_eq!(members.len(), TAKES.len());
    for fit in &members {
        for inputs in ["subtract", "regress", "ignore"] {
            let (kind, fit) = with_inputs(fit, inputs);
            let [gains, mask, variances] = TAKES.iter().find(|(known, _)| *known == kind).unwrap().1;
            for (anatomy, taken) in [None].into_iter().chain(anatomies().map(Some)).zip([true, mask, variances]) {
                let result = found(&fit, &Recording { anatomy: anatomy.clone(), ..observed() });
                let expected = taken && (gains || inputs != "regress");
                match result {
                    Ok((j, _, used)) => {
                        assert!(expected, "{kind}, {inputs}: taken");
                        assert_eq!(used.is_some(), inputs != "ignore", "{kind}, {inputs}");
                        let forbidden = anatomy.is_some_and(|a| a.iter().zip(&j).any(|(&a, &j)| a == 0.0 && j != 0.0));
                        assert!(!forbidden, "{kind}, {inputs}");
                    }
                    Err(error) => {
                        let text = error.to_string();
                        assert!(!expected && (text.contains("regress") || text.contains("anatomy")), "{kind}, {inputs}: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_that_a_recording_says_is_ignored_in_silence() {
    let recording = observed();
    for fit in AnyFit::members() {
        let (kind, fit) = with_inputs(&fit, "subtract");
        let found = |fit: &AnyFit, recording: &Recording| found(fit, recording).unwrap();
        let (j, chi2, _) = found(&fit, &recording);
        let differs = |other: (DMatrix<f64>, f64, Option<DMatrix<f64>>)| other.0 != j || other.1 != chi2;
        assert!(differs(found(&with_inputs(&fit, "ignore").1, &recording)), "{kind}: inputs");
        assert!(differs(found(&fit, &Recording { trial_starts: vec![0], ..recording.clone() })), "{kind}: trials");
        let takes = TAKES.iter().find(|(known, _)| *known == kind).unwrap().1;
        let [mask, variances] = anatomies().map(|anatomy| Recording { anatomy: Some(anatomy), ..recording.clone() });
        if takes[1] {
            assert!(differs(found(&fit, &mask)), "{kind}: mask");
        }
        if takes[2] {
            assert_ne!(found(&fit, &mask).0, found(&fit, &variances).0, "{kind}: variances");
        }
        if takes[0] {
            // Inputs told at a third of their size are the same inputs.
            let (_, fit) = with_inputs(&fit, "regress");
            let third = Recording { inputs: recording.inputs.as_ref().map(|u| u / 3.0), ..recording.clone() };
            let (told, scaled) = (found(&fit, &recording), found(&fit, &third));
            let (a, b) = (told.2.unwrap(), scaled.2.unwrap());
            assert!((&a - &b).norm() < 1e-6 * a.norm() && a.norm() > 0.0, "{kind}: gains");
        }
    }
}
