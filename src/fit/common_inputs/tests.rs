//! The promises of the method, at sizes that take seconds.

use super::*;
use crate::clock::Clock;
use crate::ensemble::{Ensemble, MultiRegion, normal_matrix};
use crate::input::{Drive, Recorded};
use crate::metric::correlation;
use crate::network::Network;
use crate::noise::Noise;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::simulation::Simulation;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Two regions of 40 for 12 s; every neuron gets its own mixture of `traces` slow random traces (low-passed twice with `tau` s).
fn simulated(traces: usize, tau: f64, seed: Seed) -> (DMatrix<f64>, Recording) {
    let regions = Regions::new([("A", 40), ("B", 40)]).unwrap();
    let between = crate::ensemble::Between::Dense { gain: 0.5 };
    let j = MultiRegion { within: vec![1.5], between }.sample(&regions, seed).unwrap();
    let network = Network::new(regions, j.clone(), Tanh, &[0.1]).unwrap();
    let mut simulation = Simulation {
        clock: Clock::new(0.01, 12.0).unwrap(),
        transient: 0.0,
        noise: Noise::White { strength: 0.03 },
        seed,
        ..Default::default()
    };
    if traces > 0 {
        let values = normal_matrix(80, traces, 1.0, seed.child("weights")) * slow(traces, tau, seed);
        simulation.inputs = vec![Drive::all(Recorded { values, dt: 0.01 }, 80)];
    }
    (j.to_dense(), simulation.run(&network).unwrap())
}

/// Traces of variance 1 or so.
fn slow(traces: usize, tau: f64, seed: Seed) -> DMatrix<f64> {
    let (keep, mut values) = ((-0.01 / tau).exp(), normal_matrix(traces, 1200, 1.0, seed.child("traces")));
    for gain in [(1.0 - keep * keep).sqrt(), 2.0_f64.sqrt() * (1.0 - keep)] {
        values *= gain;
        (1..1200).for_each(|k| (0..traces).for_each(|i| values[(i, k)] += keep * values[(i, k - 1)]));
    }
    values
}

fn blind(recording: &Recording) -> Recording {
    Recording { inputs: None, ..recording.clone() }
}

fn common() -> CommonInputs {
    CommonInputs { between: Between::Gaussian, ..Default::default() }
}

fn bayes(recording: &Recording) -> DMatrix<f64> {
    Bayes { between: Between::Gaussian, ..Default::default() }.fit(recording, Seed(7)).unwrap().network.connectivity.to_dense()
}

#[test]
fn an_input_that_nobody_told_of_is_found_and_stays_out_of_j() {
    let (j, recording) = simulated(2, 0.5, Seed(1));
    let fitted = common().fit(&blind(&recording), Seed(7)).unwrap();
    let found = drive_of(&fitted.latent_inputs, &recording.regions, recording.samples());
    let told = correlation(&found, recording.inputs.as_ref().unwrap());
    assert!(told > 0.8, "{told}");
    let score = |found: &DMatrix<f64>| correlation(&j, found);
    let (ignored, inferred, known) =
        (score(&bayes(&blind(&recording))), score(&fitted.network.connectivity.to_dense()), score(&bayes(&recording)));
    assert!(inferred - ignored > 0.5 * (known - ignored), "{ignored} {inferred} {known}");
    assert!(fitted.inputs.is_none() && fitted.model.inputs.is_some());
    assert!(fitted.latent_inputs.iter().all(|latent| (latent.weights.norm() - 1.0).abs() < 1e-12 && latent.visible <= 1.0));
}

/// Correlations with the truth of J, and of the currents between the two regions of [`simulated`].
fn scores(truth: &DMatrix<f64>, found: &DMatrix<f64>, rates: &DMatrix<f64>) -> [f64; 2] {
    let between = |j: &DMatrix<f64>| {
        let within = |i: usize, k: usize| (i < 40) == (k < 40);
        DMatrix::from_fn(80, 80, |i, k| if within(i, k) { 0.0 } else { j[(i, k)] }) * rates
    };
    [correlation(truth, found), correlation(&between(truth), &between(found))]
}

#[test]
fn over_twelve_networks_inferring_inputs_is_nearly_as_good_as_being_told() {
    let network = |which: u64| {
        let (j, recording) = simulated(2, 0.2, Seed(which));
        let inferred = common().fit(&blind(&recording), Seed(7)).unwrap().network.connectivity.to_dense();
        [bayes(&blind(&recording)), inferred, bayes(&recording)].map(|found| scores(&j, &found, &recording.rates))
    };
    let found: Vec<[[f64; 2]; 3]> = (0..12_u64).into_par_iter().map(network).collect();
    let mut means = [[0.0; 2]; 3];
    for (method, name) in ["Bayes, not told", "inputs inferred", "Bayes, told"].into_iter().enumerate() {
        for (score, what) in ["J", "currents between regions"].into_iter().enumerate() {
            let of: Vec<f64> = found.iter().map(|network| network[method][score]).collect();
            means[method][score] = of.iter().sum::<f64>() / 12.0;
            let (least, most) = of.iter().fold((1.0_f64, -1.0_f64), |(least, most), &r| (least.min(r), most.max(r)));
            println!("{name}, {what}: {:.3} ({least:.3} to {most:.3})", means[method][score]);
        }
    }
    assert!(means[0][0] < 0.5 && means[1][0] > 0.9 && means[0][1] < 0.5 && means[1][1] > 0.8, "{means:?}");
    assert!((0..2).all(|score| means[1][score] > means[2][score] - 0.1), "{means:?}");
}

#[test]
fn without_an_input_none_is_found_and_j_is_that_of_bayes() {
    for seed in 0..3 {
        let (_, recording) = simulated(0, 1.0, Seed(seed));
        let fitted = common().fit(&recording, Seed(7)).unwrap();
        assert!(fitted.latent_inputs.is_empty(), "{seed}: {}", fitted.latent_inputs.len());
        assert_eq!(fitted.network.connectivity.to_dense(), bayes(&recording), "{seed}");
    }
}

#[test]
fn known_inputs_come_off_first() {
    let (_, recording) = simulated(2, 0.5, Seed(2));
    let fitted = common().fit(&recording, Seed(7)).unwrap();
    assert!(fitted.inputs == recording.inputs);
    assert_eq!(fitted.latent_inputs.len(), 0);
}

#[test]
fn no_more_traces_are_inferred_than_asked_for() {
    let (_, recording) = simulated(2, 0.5, Seed(1));
    let fitted = CommonInputs { latents: Some(1), ..common() }.fit(&blind(&recording), Seed(7)).unwrap();
    assert_eq!(fitted.latent_inputs.iter().map(|latent| latent.region).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn settings_out_of_range_are_named() {
    let (_, recording) = simulated(0, 1.0, Seed(1));
    let message = |fit: CommonInputs| fit.fit(&recording, Seed(1)).unwrap_err().to_string();
    assert!(message(CommonInputs { period: 0.0, ..common() }).contains("period"));
    assert!(message(CommonInputs { rounds: 0, ..common() }).contains("rounds"));
}
