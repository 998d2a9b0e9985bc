//! Weights in 16 bits leave the statistics of a chaotic network where they are: within the spread over seeds.

use crosscurrent::ensemble::Gaussian;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Initial, Network, Precision, Regions, Seed, Simulation};

const NEURONS: usize = 120;
const SEEDS: u64 = 12;
/// In time constants, which are 1 here.
const DT: f64 = 0.1;

fn network(seed: u64) -> Network {
    let regions = Regions::single("all", NEURONS).unwrap();
    let j = Gaussian { gain: 3.0, autapses: true }.sample(&regions, Seed(seed)).unwrap();
    Network::new(regions, j, Tanh, &[1.0]).unwrap()
}

/// Mean square of the activations, and their correlation over two time constants.
fn variance_and_correlation(network: &Network, precision: Precision) -> [f64; 2] {
    let clock = Clock::with_steps(DT, 4000).unwrap();
    let simulation = Simulation { clock, transient: 30.0, precision, ..Default::default() };
    let mut states = Vec::new();
    simulation.observe(network, |_, _, x| states.push(x.to_vec())).unwrap();
    let product = |lag: usize| {
        let pairs = states[lag..].iter().zip(&states);
        pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()).sum::<f64>() / ((states.len() - lag) * NEURONS) as f64
    };
    [product(0), product(20) / product(0)]
}

/// The state `steps` steps after `from`.
fn advanced(network: &Network, precision: Precision, from: Vec<f64>, steps: usize) -> Vec<f64> {
    let clock = Clock::with_steps(DT, steps + 1).unwrap();
    let simulation = Simulation { clock, steps_per_sample: steps, initial: Initial::Given(from), precision, ..Default::default() };
    let mut last = Vec::new();
    simulation.observe(network, |_, _, x| last = x.to_vec()).unwrap();
    last
}

/// Rate at which two neighbouring states part, set back to their first distance every time constant (Benettin et al. 1980).
fn largest_exponent(network: &Network, precision: Precision) -> f64 {
    let (distance, rounds) = (1e-3, 250);
    let mut x = advanced(network, precision, (0..NEURONS).map(|i| (i as f64 * 0.7).sin()).collect(), 300);
    let mut y: Vec<f64> = x.iter().map(|x| x + distance / (NEURONS as f64).sqrt()).collect();
    let mut growth = 0.0;
    for round in 0..rounds {
        (x, y) = (advanced(network, precision, x, 10), advanced(network, precision, y, 10));
        let apart = x.iter().zip(&y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
        // The first fifth turns the difference into the direction that grows most.
        growth += if round >= rounds / 5 { (apart / distance).ln() } else { 0.0 };
        y.iter_mut().zip(&x).for_each(|(y, x)| *y = x + (*y - x) * distance / apart);
    }
    growth / (rounds - rounds / 5) as f64
}

/// Mean and standard deviation.
fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt())
}

#[test]
fn statistics_of_chaos_are_those_of_double_precision() {
    let measure = |precision| -> Vec<[f64; 3]> {
        let one = |seed| {
            let network = network(seed);
            let [variance, correlation] = variance_and_correlation(&network, precision);
            [variance, correlation, largest_exponent(&network, precision)]
        };
        (0..SEEDS).map(one).collect()
    };
    let (double, half) = (measure(Precision::Double), measure(Precision::Half));
    for (index, name) in ["variance", "autocorrelation", "largest exponent"].into_iter().enumerate() {
        let of = |values: &[[f64; 3]]| values.iter().map(|v| v[index]).collect::<Vec<_>>();
        let (expected, spread) = mean_and_spread(&of(&double));
        let (found, other_spread) = mean_and_spread(&of(&half));
        println!("{name}: {found:.4} +- {other_spread:.4} against {expected:.4} +- {spread:.4} over {SEEDS} seeds");
        assert!((found - expected).abs() < spread, "{name}: {found} against {expected} +- {spread}");
    }
}

#[test]
fn sixteen_bits_follow_double_precision_for_a_while() {
    let network = network(1);
    let start: Vec<f64> = (0..NEURONS).map(|i| (i as f64 * 0.7).sin()).collect();
    let [double, half] = [Precision::Double, Precision::Half].map(|precision| advanced(&network, precision, start.clone(), 10));
    let apart = double.iter().zip(&half).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart > 1e-6 && apart < 5e-3, "{apart}: the weights are off by up to 2^-11, the state by not much more");
}
