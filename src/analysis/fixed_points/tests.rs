//! Tests: fixed points that are known in closed form.

use super::*;
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::ensemble::{Ensemble, LowRank, Structure};
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::simulation::{Initial, Simulation};
use crate::theory;
use nalgebra::dmatrix;

fn network(j: DMatrix<f64>, tau: &[f64]) -> Network {
    let regions = Regions::single("all", j.nrows()).unwrap();
    Network::new(regions, Connectivity::dense(j).unwrap(), Tanh, tau).unwrap()
}

#[test]
fn two_bistable_neurons_have_nine_fixed_points() {
    // x = 2 tanh(x) at 0 and ± 1.9150080481545 in each neuron; slopes of the flow 1 and 2 / cosh² - 1 = -0.8336.
    let bistable = network(dmatrix![2.0, 0.0; 0.0, 2.0], &[0.5, 0.1]);
    let points = FixedPoints::default().find(&bistable, &FixedPoints::random_starts(2, 200, 2.0, Seed(3))).unwrap();
    assert_eq!(points.len(), 9);
    assert_eq!(points.iter().map(|point| point.starts).sum::<usize>(), 200);
    let outer = 1.9150080481545;
    for point in &points {
        assert!(point.fixed && point.speed < 1e-9);
        assert!(point.state.iter().all(|x| x.abs() < 1e-9 || (x.abs() - outer).abs() < 1e-9), "{:?}", point.state);
        let silent = point.state.iter().filter(|x| x.abs() < 1e-9).count();
        let kind = [Stability::Stable, Stability::Saddle, Stability::Repeller][silent];
        assert_eq!((point.linearisation.stability(), point.linearisation.unstable()), (kind, silent));
        let slope = |x: f64| 2.0 * (1.0 - x.tanh().powi(2)) - 1.0;
        let fastest = (slope(point.state[0]) / 0.5).max(slope(point.state[1]) / 0.1);
        assert!((point.linearisation.growth() - fastest).abs() < 1e-8);
    }
}

#[test]
fn a_fixed_point_that_has_just_vanished_leaves_a_slow_point() {
    // -x + 2 tanh(x) + u has a minimum of its modulus where tanh² = 1/2 once u exceeds 2 / √2 - atanh(1 / √2) = 0.53284.
    let single = network(dmatrix![2.0], &[0.1]);
    let ghost = -(0.5_f64.sqrt().atanh());
    let pace = ghost.abs() - 2.0 * 0.5_f64.sqrt() + 0.6;
    let search = FixedPoints { input: vec![0.6], ..Default::default() };
    let starts = DMatrix::from_row_slice(1, 3, &[-2.0, -1.0, 2.0]);
    let points = search.find(&single, &starts).unwrap();
    assert_eq!(points.iter().map(|point| (point.fixed, point.starts)).collect::<Vec<_>>(), [(true, 1), (false, 2)]);
    let slow = &points[1];
    assert!((slow.state[0] - ghost).abs() < 1e-5, "{} against {ghost}", slow.state[0]);
    assert!((slow.speed - pace / 0.1).abs() < 1e-8 && (slow.energy - 50.0 * pace * pace).abs() < 1e-6);
    assert_eq!((slow.stability(), slow.unstable()), (Stability::Marginal, 0));
    assert!(slow.linearisation.growth().abs() < 1e-3, "the flow neither converges nor diverges there");
    let strict = FixedPoints { slow: 0.9 * pace, ..search };
    assert_eq!(strict.find(&single, &starts).unwrap().len(), 1);
}

#[test]
fn rank_one_networks_stand_still_at_the_overlap_of_the_theory() {
    let structure = Structure::Means { m_mean: 1.1, n_mean: 2.0, m_deviation: 1.0, n_deviation: 1.0 };
    let law = LowRank { gain: 0.0, structure, standardised: true };
    let regions = Regions::single("all", 300).unwrap();
    let (m, n) = law.vectors(300, Seed(1)).unwrap();
    let network = Network::new(regions.clone(), law.sample(&regions, Seed(1)).unwrap(), Tanh, &[0.1]).unwrap();
    // States without a mean overlap with n too little to leave x = 0.
    let random = FixedPoints::random_starts(300, 12, 1.0, Seed(2));
    let starts = DMatrix::from_fn(300, 12, |i, k| random[(i, k)] + (k as f64 - 5.5) / 2.0);
    let points = FixedPoints::default().find(&network, &starts).unwrap();
    // x = m kappa with kappa = n · tanh(m kappa) / N: three solutions, two of them opposite.
    assert_eq!(points.len(), 3, "{:?}", points.iter().map(|point| point.speed).collect::<Vec<_>>());
    for point in &points {
        let kappa = (0..300).map(|i| n[i] * point.state[i].tanh()).sum::<f64>() / 300.0;
        assert!((0..300).all(|i| (point.state[i] - m[i] * kappa).abs() < 1e-9));
        // Of J phi' one eigenvalue is not zero: n · (phi' m) / N.
        let overlap = (0..300).map(|i| n[i] * m[i] * (1.0 - point.state[i].tanh().powi(2))).sum::<f64>() / 300.0;
        assert!((point.linearisation.growth() - (overlap.max(0.0) - 1.0) / 0.1).abs() < 1e-6);
        let theory = theory::LowRank { gain: 0.0, ..Default::default() }.structured().unwrap().unwrap();
        if kappa.abs() > 1e-6 {
            // Over samples of the vectors kappa has a standard deviation of 0.46 / √N around the theory.
            assert!((kappa.abs() - theory.kappa).abs() < 3.0 * 0.46 / 300.0_f64.sqrt(), "{kappa} against {}", theory.kappa);
            assert_eq!(point.linearisation.stability(), Stability::Stable);
        } else {
            assert_eq!(point.linearisation.unstable(), 1);
        }
    }
}

#[test]
fn states_of_a_recording_are_starts() {
    let bistable = network(dmatrix![2.0, 0.1; 0.1, 2.0], &[0.1]);
    let initial = Initial::Given(vec![0.4, -0.9]);
    let run = Simulation { clock: Clock::new(0.01, 3.0).unwrap(), initial, ..Default::default() }.run(&bistable).unwrap();
    let starts = FixedPoints::recorded_starts(&bistable, &run, 10).unwrap();
    assert!((starts[(0, 0)] - 0.4).abs() < 1e-9 && (starts[(1, 0)] + 0.9).abs() < 1e-9);
    let points = FixedPoints::default().find(&bistable, &starts).unwrap();
    let end = run.rates.column(run.samples() - 1);
    let reached = points.iter().find(|point| (0..2).all(|i| (point.state[i].tanh() - end[i]).abs() < 1e-3)).unwrap();
    assert_eq!(reached.linearisation.stability(), Stability::Stable);
    assert!(FixedPoints::recorded_starts(&bistable, &run, 301).is_err());
    assert!(FixedPoints::recorded_starts(&network(dmatrix![1.0], &[0.1]), &run, 3).is_err());
}

#[test]
fn the_points_do_not_depend_on_the_number_of_threads() {
    let j = DMatrix::from_fn(30, 30, |i, k| 0.5 * ((i * 7 + k * 13 + i * k) as f64 * 0.61).sin());
    let (network, starts) = (network(j, &[0.1]), FixedPoints::random_starts(30, 24, 1.0, Seed(5)));
    let find = || FixedPoints::default().find(&network, &starts).unwrap();
    let with = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(find);
    let one = with(1);
    assert!(one.iter().filter(|point| point.fixed).count() >= 3);
    assert_eq!(one, with(3));
}

#[test]
fn bad_searches_are_refused() {
    let one = network(dmatrix![0.5], &[0.1]);
    let starts = DMatrix::from_element(1, 2, 0.3);
    let search = FixedPoints::default();
    assert!(search.find(&one, &DMatrix::zeros(2, 3)).is_err() && search.find(&one, &DMatrix::zeros(1, 0)).is_err());
    assert!(search.find(&one, &DMatrix::from_element(1, 1, f64::NAN)).is_err());
    for bad in [
        FixedPoints { tolerance: 0.0, ..Default::default() },
        FixedPoints { slow: -1.0, ..Default::default() },
        FixedPoints { distance: f64::NAN, ..Default::default() },
        FixedPoints { iterations: 0, ..Default::default() },
        FixedPoints { input: vec![1.0, 2.0], ..Default::default() },
    ] {
        assert!(bad.find(&one, &starts).is_err(), "{bad:?}");
    }
    let stopped = search.find_watched(&one, &starts, &|| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(Error::Cancelled)));
}
