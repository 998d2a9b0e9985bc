//! Systems whose exponents are known.

use super::*;
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::ensemble::{Ensemble, Gaussian};
use crate::integrator::{AnyIntegrator, Euler, Rk4};
use crate::network::Network;
use crate::noise::Noise;
use crate::nonlinearity::{Identity, Tanh};
use crate::precision::Precision;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::simulation::Simulation;
use nalgebra::{DVector, dmatrix, dvector};

fn chaotic(neurons: usize, gain: f64) -> Network {
    let regions = Regions::single("all", neurons).unwrap();
    let j = Gaussian { gain, autapses: false }.sample(&regions, Seed(3)).unwrap();
    Network::new(regions, j, Tanh, &[1.0]).unwrap()
}

fn simulation(integrator: impl Into<AnyIntegrator>, dt: f64) -> Simulation {
    Simulation { clock: Clock::with_steps(dt, 1).unwrap(), integrator: integrator.into(), ..Default::default() }
}

/// |found - accepted| within 1e-3 and three error bars.
fn close(spectrum: &LyapunovSpectrum, accepted: &[f64]) {
    for ((found, error), accepted) in spectrum.exponents.iter().zip(spectrum.errors()).zip(accepted) {
        assert!((found - accepted).abs() < 1e-3 + 3.0 * error, "{found} ± {error} against {accepted}");
    }
}

#[test]
fn lorenz_has_its_accepted_exponents() {
    let mut lorenz = Flow::new(
        vec![1.0, 2.0, 20.0],
        0.005,
        |x| dvector![10.0 * (x[1] - x[0]), x[0] * (28.0 - x[2]) - x[1], x[0] * x[1] - 8.0 / 3.0 * x[2]],
        |x| dmatrix![-10.0, 10.0, 0.0; 28.0 - x[2], -1.0, -x[0]; x[1], x[0], -8.0 / 3.0],
    );
    let spectrum = Lyapunov { duration: 1000.0, ..Default::default() }.measure(&mut lorenz).unwrap();
    close(&spectrum, &[0.9056, 0.0, -14.572]);
    // The divergence is constant, so the sum is known to the error of the step, which is largest in the fastest direction:
    // (14.6 dt)^5 / (120 dt) = 3.5e-6 at dt = 0.005.
    assert!((spectrum.exponents.iter().sum::<f64>() + 10.0 + 1.0 + 8.0 / 3.0).abs() < 1e-5);
    assert!((spectrum.dimension().unwrap() - 2.062).abs() < 0.002);
}

#[test]
fn roessler_and_henon_have_their_accepted_exponents() {
    let mut roessler = Flow::new(
        vec![1.0, 1.0, 0.0],
        0.02,
        |x: &DVector<f64>| dvector![-x[1] - x[2], x[0] + 0.2 * x[1], 0.2 + x[2] * (x[0] - 5.7)],
        |x: &DVector<f64>| dmatrix![0.0, -1.0, -1.0; 1.0, 0.2, 0.0; x[2], 0.0, x[0] - 5.7],
    );
    close(&Lyapunov { duration: 3000.0, ..Default::default() }.measure(&mut roessler).unwrap(), &[0.0714, 0.0, -5.394]);
    let mut henon = Map::new(
        vec![0.1, 0.1],
        |x, next| (next[0], next[1]) = (1.0 - 1.4 * x[0] * x[0] + x[1], 0.3 * x[0]),
        |x| dmatrix![-2.8 * x[0], 1.0; 0.3, 0.0],
    );
    close(&Lyapunov { duration: 150_000.0, ..Default::default() }.measure(&mut henon).unwrap(), &[0.4192, -1.6232]);
}

#[test]
fn a_linear_network_has_the_real_parts_of_its_eigenvalues() {
    // Blocks with eigenvalues 0.4 ± 2i and -0.5, mixed by a rotation; RK4 is exact here to its order.
    let block = dmatrix![0.4, 2.0, 0.0; -2.0, 0.4, 0.0; 0.0, 0.0, -0.5];
    let mut basis = dmatrix![1.0, 0.4, 0.2; 0.3, 1.0, -0.5; -0.2, 0.1, 1.0];
    crate::linalg::orthonormalise(&mut basis);
    let j = &basis * block * basis.transpose();
    let network = Network::new(Regions::single("all", 3).unwrap(), Connectivity::dense(j).unwrap(), Identity, &[1.0]).unwrap();
    let settings = simulation(Rk4, 0.005);
    let mut system = NetworkTangent::new(&network, &settings).unwrap();
    let lyapunov = Lyapunov { duration: 100.0, transient: 0.0, alignment: 40.0, ..Default::default() };
    let found = lyapunov.measure(&mut system).unwrap().exponents;
    assert!((0.5 * (found[0] + found[1]) + 0.6).abs() < 1e-6 && (found[2] + 1.5).abs() < 1e-6, "{found:?}");
}

#[test]
fn all_exponents_add_up_to_the_mean_logarithm_of_the_volume() {
    let network = chaotic(20, 2.5);
    for (integrator, dt) in [(AnyIntegrator::from(Euler), 0.1), (Rk4.into(), 0.05)] {
        let settings = Simulation { noise: Noise::White { strength: 0.2 }, ..simulation(integrator.clone(), dt) };
        let lyapunov = Lyapunov { duration: 30.0, transient: 10.0, alignment: 0.0, ..Default::default() };
        let spectrum = lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap();
        // The same trajectory once more, with the derivative of every step as a matrix.
        let mut system = NetworkTangent::new(&network, &settings).unwrap();
        (0..(10.0 / dt).round() as usize).for_each(|_| system.step(&mut DMatrix::zeros(20, 0)).unwrap());
        let steps = (30.0 / dt).round() as usize;
        let volume: f64 = (0..steps)
            .map(|_| {
                let mut step = DMatrix::identity(20, 20);
                system.step(&mut step).unwrap();
                step.determinant().abs().ln()
            })
            .sum();
        let sum: f64 = spectrum.exponents.iter().sum();
        assert!((sum - volume / 30.0).abs() < 1e-6, "{integrator:?}: {sum}");
        if integrator != AnyIntegrator::from(Euler) {
            assert!((sum / 20.0 + 1.0).abs() < 1e-3, "without autapses the divergence is -1 per unit: {}", sum / 20.0);
        }
    }
}

#[test]
fn the_sum_is_the_mean_divergence_of_the_flow_whatever_stands_on_the_diagonal() {
    let regions = Regions::single("all", 100).unwrap();
    for (integrator, dt, autapses, tolerance) in
        [(AnyIntegrator::from(Rk4), 0.05, false, 1e-6), (Rk4.into(), 0.05, true, 1e-3), (Euler.into(), 0.1, false, 4e-3)]
    {
        let j = Gaussian { gain: 2.5, autapses }.sample(&regions, Seed(3)).unwrap();
        let network = Network::new(regions.clone(), j, Tanh, &[1.0]).unwrap();
        let settings = simulation(integrator, dt);
        let mut system = NetworkTangent::new(&network, &settings).unwrap();
        let mut run = LyapunovRun::new(&Lyapunov { duration: 60.0, transient: 30.0, ..Default::default() }, &system).unwrap();
        while !run.is_done() {
            run.advance(&mut system).unwrap();
        }
        let (sum, divergence) = (run.spectrum().exponents.iter().sum::<f64>() / 100.0, run.divergence().unwrap() / 100.0);
        assert!((sum - divergence).abs() < tolerance, "{sum} against {divergence}");
        if !autapses {
            // T16: ln(1 - dt) / dt = -1.0536 for Euler at dt = 0.1.
            let expected = if dt == 0.1 { -1.0536 } else { -1.0 };
            assert!((divergence - expected).abs() < 1e-4, "{divergence}");
        }
    }
}

#[test]
fn a_flow_off_a_fixed_point_has_one_exponent_of_zero() {
    // A circle that attracts at a rate of 2 in the plane, with a third direction that shrinks at a rate of 0.5.
    let mut circle = Flow::new(
        vec![0.3, 0.1, 1.0],
        0.01,
        |x| {
            let r2 = x[0] * x[0] + x[1] * x[1];
            dvector![x[0] - x[1] - x[0] * r2, x[0] + x[1] - x[1] * r2, -0.5 * x[2]]
        },
        |x| {
            let (a, b) = (x[0] * x[0], x[1] * x[1]);
            let cross = -2.0 * x[0] * x[1];
            dmatrix![1.0 - 3.0 * a - b, cross - 1.0, 0.0; cross + 1.0, 1.0 - a - 3.0 * b, 0.0; 0.0, 0.0, -0.5]
        },
    );
    let found = Lyapunov { duration: 50.0, ..Default::default() }.measure(&mut circle).unwrap().exponents;
    for (found, expected) in found.iter().zip([0.0, -0.5, -2.0]) {
        assert!((found - expected).abs() < 1e-6, "{found} against {expected}");
    }
    // A chaotic network: one of its exponents is zero within the fluctuations.
    let (network, settings) = (chaotic(40, 3.0), simulation(Rk4, 0.1));
    let lyapunov = Lyapunov { exponents: 8, duration: 1500.0, alignment: 100.0, ..Default::default() };
    let spectrum = lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap();
    let least = spectrum.exponents.iter().map(|exponent| exponent.abs()).fold(f64::INFINITY, f64::min);
    assert!(least < 4e-3, "{:?}", spectrum.exponents);
}

#[test]
fn exponents_err_by_the_order_of_the_step() {
    // A linear network with eigenvalues 0.4 ± 2i and -0.5, whose exponents are -0.6, -0.6 and -1.5.
    let block = dmatrix![0.4, 2.0, 0.0; -2.0, 0.4, 0.0; 0.0, 0.0, -0.5];
    let network = Network::new(Regions::single("all", 3).unwrap(), Connectivity::dense(block).unwrap(), Identity, &[1.0]).unwrap();
    for integrator in AnyIntegrator::members() {
        let error = |dt: f64| {
            let settings = simulation(integrator.clone(), dt);
            let lyapunov = Lyapunov { duration: 8.0, transient: 0.0, alignment: 40.0, ..Default::default() };
            let found = lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap().exponents;
            (0.5 * (found[0] + found[1]) + 0.6).abs()
        };
        let order = (error(0.04) / error(0.02)).log2();
        assert!((order - f64::from(integrator.order())).abs() < 0.3, "{integrator:?}: {order}");
    }
}

#[test]
fn one_exponent_has_error_bars_and_finite_time_values() {
    let (network, settings) = (chaotic(60, 3.0), simulation(Euler, 0.1));
    let lyapunov = Lyapunov { exponents: 1, duration: 400.0, ..Default::default() };
    let spectrum = lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap();
    assert!(spectrum.errors()[0].is_finite(), "slow growth must not stretch the intervals beyond the blocks");
    assert_eq!(spectrum.finite_time(20.0).shape(), (1, 20));
    let mean = spectrum.finite_time(20.0).mean();
    assert!((mean - spectrum.exponents[0]).abs() < 1e-3, "stretches of about equal length average to the exponent");
    let error = spectrum.jackknife(|s| Some(s.exponents[0]));
    assert!((error / spectrum.errors()[0] - 1.0).abs() < 0.02, "leaving out blocks of a mean gives its standard error");
}

#[test]
fn the_interval_does_not_change_the_exponents() {
    let network = chaotic(30, 3.0);
    let settings = simulation(Euler, 0.1);
    let with = |interval| {
        let lyapunov = Lyapunov { exponents: 5, duration: 100.0, interval, ..Default::default() };
        lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap().exponents
    };
    let (every, tenth, adaptive) = (with(1), with(10), with(0));
    for k in 0..5 {
        assert!((every[k] - tenth[k]).abs() < 1e-9 && (every[k] - adaptive[k]).abs() < 2e-2);
    }
}

#[test]
fn summaries_are_those_of_a_spectrum_worked_by_hand() {
    let mut spectrum = LyapunovSpectrum::new(4);
    spectrum.push(&[1.0, 0.2, -0.4, -8.0], 2.0);
    assert_eq!(spectrum.exponents, [0.5, 0.1, -0.2, -4.0]);
    assert_eq!((spectrum.positive(), spectrum.entropy()), (2, 0.6));
    assert!((spectrum.dimension().unwrap() - 3.1).abs() < 1e-12);
    assert!(spectrum.errors()[0].is_nan());
    let mut growing = LyapunovSpectrum::new(1);
    growing.push(&[1.0], 1.0);
    assert_eq!(growing.dimension(), None);
}

#[test]
fn bad_settings_are_errors() {
    let network = chaotic(5, 1.0);
    let settings = simulation(Euler, 0.1);
    let measure = |lyapunov: Lyapunov| lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap());
    assert!(measure(Lyapunov { exponents: 6, ..Default::default() }).unwrap_err().to_string().contains('5'));
    assert!(measure(Lyapunov { duration: 0.0, ..Default::default() }).is_err());
    assert!(measure(Lyapunov { transient: -1.0, ..Default::default() }).is_err());
}

#[test]
fn covariant_vectors_of_a_linear_flow_are_its_eigenvectors() {
    // Eigenvectors (1, 0), (1, 1), (0, 1, 1)-like, far from orthogonal, with eigenvalues 0.3, -0.2, -1.
    let basis = dmatrix![1.0, 1.0, 0.0; 0.0, 1.0, 1.0; 0.0, 0.0, 1.0];
    let a = &basis * DMatrix::from_diagonal(&dvector![0.3, -0.2, -1.0]) * basis.clone().try_inverse().unwrap();
    let velocity = a.clone();
    let mut flow = Flow::new(vec![0.0; 3], 0.02, move |x| &velocity * x, move |_| a.clone());
    let settings = Lyapunov { duration: 4.0, transient: 0.0, alignment: 60.0, interval: 5, ..Default::default() };
    let covariant = settings.covariant(&mut flow, 60.0).unwrap();
    assert_eq!(covariant.vectors.len(), 40);
    for vectors in &covariant.vectors {
        for (found, expected) in vectors.column_iter().zip(basis.column_iter()) {
            assert!((found.dot(&expected).abs() / expected.norm() - 1.0).abs() < 1e-9, "{found}");
        }
    }
    for (found, expected) in covariant.exponents.iter().zip([0.3, -0.2, -1.0]) {
        assert!((found - expected).abs() < 1e-8, "{found}");
    }
}

#[test]
fn covariant_vectors_grow_with_the_exponents_of_a_chaotic_network() {
    let network = chaotic(15, 3.0);
    let settings = simulation(Euler, 0.1);
    let lyapunov = Lyapunov { duration: 40.0, alignment: 40.0, interval: 2, ..Default::default() };
    let covariant = lyapunov.covariant(&mut NetworkTangent::new(&network, &settings).unwrap(), 40.0).unwrap();
    // Each vector, carried on by the network itself, stays that covariant vector.
    let mut system = NetworkTangent::new(&network, &settings).unwrap();
    (0..1400).for_each(|_| system.step(&mut DMatrix::zeros(15, 0)).unwrap());
    for pair in covariant.vectors.windows(2) {
        if pair == &covariant.vectors[..2] {
            (0..2).for_each(|_| system.step(&mut DMatrix::zeros(15, 0)).unwrap());
        }
        let mut carried = pair[0].clone();
        (0..2).for_each(|_| system.step(&mut carried).unwrap());
        for (found, expected) in carried.column_iter().zip(pair[1].column_iter()) {
            assert!((found.dot(&expected) / found.norm() - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn two_trajectories_find_the_same_largest_exponent() {
    for noise in [Noise::None, Noise::White { strength: 0.3 }] {
        let network = chaotic(100, 4.0);
        let settings = Simulation { noise, ..simulation(Euler, 0.1) };
        // The second exponent is close to the first, so both vectors need long to turn into the same direction.
        let lyapunov = Lyapunov { exponents: 1, duration: 300.0, alignment: 300.0, ..Default::default() };
        let tangent = lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap().exponents[0];
        let apart = largest_from_two_trajectories(&network, &settings, &lyapunov).unwrap();
        assert!((tangent - apart).abs() < 1e-3 + 0.01 * tangent.abs(), "{tangent} against {apart}");
    }
}

/// The exponents of `network` with vectors in 64 and in 32 bits, along the same trajectory, and how far the sum of each is from the divergence.
fn in_both(network: &Network, settings: &Simulation, lyapunov: Lyapunov) -> [(LyapunovSpectrum, f64); 2] {
    let mut ends = Vec::new();
    let found = [Precision::Double, Precision::Single].map(|precision| {
        let mut system = NetworkTangent::new(network, settings).unwrap();
        let mut run = LyapunovRun::new(&Lyapunov { precision, ..lyapunov }, &system).unwrap();
        while !run.is_done() {
            run.advance(&mut system).unwrap();
        }
        ends.push(run.state.clone());
        let beyond = run.spectrum().exponents.iter().sum::<f64>() - run.divergence().unwrap();
        (run.into_spectrum(), beyond)
    });
    assert_eq!(ends[0], ends[1], "the trajectory is the same to the bit");
    found
}

/// Change of an exponent when the factor of x in a step of `dt` is rounded to 32 bits: half a unit in its last place, per time.
fn rounding(dt: f64) -> f64 {
    0.5 * f64::from(f32::EPSILON) / 2.0 / dt
}

#[test]
fn vectors_in_32_bits_find_exponents_far_within_their_error_bars() {
    let (network, settings) = (chaotic(150, 3.0), simulation(Euler, 0.1));
    let lyapunov = Lyapunov { exponents: 40, duration: 150.0, ..Default::default() };
    let [(double, _), (single, _)] = in_both(&network, &settings, lyapunov);
    let apart = double.exponents.iter().zip(&single.exponents).map(|(a, b)| (a - b).abs());
    for (k, (apart, error)) in apart.zip(double.errors()).enumerate() {
        assert!(apart < 1e-4 && apart < 0.02 * error, "exponent {k}: {apart:e} apart, error bar {error:e}");
    }
    let (d, s) = (double.dimension().unwrap(), single.dimension().unwrap());
    assert!((d - s).abs() < 1e-4 * d && (d - s).abs() < 1e-2 * double.jackknife(LyapunovSpectrum::dimension), "{d} and {s}");
    assert!((double.entropy() - single.entropy()).abs() < 1e-3 * double.entropy());
}

#[test]
fn the_sum_of_all_exponents_in_32_bits_errs_by_the_rounding_of_a_coefficient() {
    for (integrator, dt) in [(AnyIntegrator::from(Rk4), 0.05), (Euler.into(), 0.1)] {
        let lyapunov = Lyapunov { duration: 60.0, transient: 30.0, alignment: 0.0, ..Default::default() };
        let [(double, in_double), (_, in_single)] = in_both(&chaotic(50, 2.5), &simulation(integrator, dt), lyapunov);
        assert_eq!(double.exponents.len(), 50);
        let change = (in_double - in_single) / 50.0;
        assert!(change.abs() < rounding(dt) && change.abs() > 0.0, "{change:e}");
    }
}

#[test]
fn a_linear_network_in_32_bits_has_the_real_parts_of_its_eigenvalues() {
    let block = dmatrix![0.4, 2.0, 0.0; -2.0, 0.4, 0.0; 0.0, 0.0, -0.5];
    let network = Network::new(Regions::single("all", 3).unwrap(), Connectivity::dense(block).unwrap(), Identity, &[1.0]).unwrap();
    let lyapunov = Lyapunov { duration: 100.0, transient: 0.0, alignment: 40.0, ..Default::default() };
    let [_, (single, _)] = in_both(&network, &simulation(Rk4, 0.02), lyapunov);
    let found = single.exponents;
    // All coefficients of the step are rounded, and the weights.
    let tolerance = 4.0 * rounding(0.02);
    assert!((0.5 * (found[0] + found[1]) + 0.6).abs() < tolerance && (found[2] + 1.5).abs() < tolerance, "{found:?}");
}

#[test]
fn covariant_vectors_in_32_bits_are_those_in_64() {
    let network = chaotic(15, 3.0);
    let settings = simulation(Euler, 0.1);
    let [double, single] = [Precision::Double, Precision::Mixed].map(|precision| {
        let lyapunov = Lyapunov { duration: 10.0, alignment: 40.0, interval: 2, precision, ..Default::default() };
        lyapunov.covariant(&mut NetworkTangent::new(&network, &settings).unwrap(), 40.0).unwrap()
    });
    for (a, b) in double.vectors.iter().zip(&single.vectors) {
        let least = a.column_iter().zip(b.column_iter()).map(|(a, b)| a.dot(&b).abs()).fold(1.0, f64::min);
        assert!(least > 1.0 - 1e-6, "{least}");
    }
}

#[test]
fn precisions_that_cannot_tell_the_exponents_are_errors() {
    let network = chaotic(40, 3.0);
    let settings = simulation(Euler, 0.1);
    let measure = |lyapunov: Lyapunov| lyapunov.measure(&mut NetworkTangent::new(&network, &settings).unwrap()).unwrap_err().to_string();
    assert!(measure(Lyapunov { precision: Precision::Half, ..Default::default() }).contains("double or single"));
    let far = Lyapunov { interval: 100, precision: Precision::Single, ..Default::default() };
    assert!(measure(far).contains("shorten the interval"));
    let mut map = Map::new(vec![0.1], |x, next| next[0] = (2.0 * x[0]).fract(), |_| dmatrix![2.0]);
    let closures = Lyapunov { precision: Precision::Single, ..Default::default() }.measure(&mut map);
    assert!(closures.unwrap_err().to_string().contains("precision = single"));
}
