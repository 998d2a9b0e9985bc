//! Trials advanced together are those advanced one by one.

use crosscurrent::ensemble::{Ensemble, Gaussian};
use crosscurrent::input::{Drive, Sine};
use crosscurrent::integrator::AnyIntegrator;
use crosscurrent::nonlinearity::{Rectified, Tanh};
use crosscurrent::{Clock, Connectivity, Error, Initial, Network, Noise, Precision, Regions, Seed, Simulation, SparseRows};
use nalgebra::DMatrix;

fn network(neurons: usize, tau: &[f64]) -> Network {
    let regions = Regions::new([("A", neurons / 2), ("B", neurons - neurons / 2)]).unwrap();
    let j = Gaussian { gain: 1.5, autapses: true }.sample(&regions, Seed(1)).unwrap();
    Network::new(regions, j, Tanh, tau).unwrap()
}

fn sparse(neurons: usize) -> Network {
    let rows: Vec<Vec<(usize, f64)>> = (0..neurons).map(|i| vec![((i * 5 + 1) % neurons, 1.5), ((i * 3 + 2) % neurons, -1.0)]).collect();
    let j = Connectivity::Sparse(SparseRows::new(&rows).unwrap());
    Network::new(Regions::single("all", neurons).unwrap(), j, Tanh, &[0.1]).unwrap()
}

fn low_rank(neurons: usize) -> Network {
    let Network { connectivity, regions, .. } = network(neurons, &[0.1]);
    let column = |phase: f64| DMatrix::from_fn(neurons, 1, |i, _| (i as f64 + phase).sin() * 0.2);
    let j = Connectivity::LowRankPlus { base: Box::new(connectivity), left: column(0.0), right: column(1.0) };
    Network::new(regions, j, Tanh, &[0.1]).unwrap()
}

#[test]
fn every_trial_is_the_one_that_runs_alone() {
    let clock = Clock::with_steps(0.01, 20).unwrap();
    for network in [network(61, &[0.1]), network(40, &[0.1, 0.25]), sparse(37), low_rank(30)] {
        for (index, integrator) in AnyIntegrator::members().into_iter().enumerate() {
            let noise = [Noise::None, Noise::White { strength: 0.2 }, Noise::Filtered { deviation: 0.3, tau: 0.05 }][index % 3];
            let inputs = vec![Drive::all(Sine::default(), network.neurons())];
            for (trials, precision, bound) in [(1, Precision::Double, 1e-12), (19, Precision::Double, 1e-12), (50, Precision::Single, 1e-4)]
            {
                let (integrator, inputs) = (integrator.clone(), inputs.clone());
                let simulation = Simulation {
                    clock,
                    transient: 0.05,
                    steps_per_sample: 4,
                    trials,
                    integrator,
                    inputs,
                    noise,
                    precision,
                    ..Default::default()
                };
                let (together, apart) = (simulation.run_together(&network).unwrap(), simulation.run(&network).unwrap());
                assert_eq!((&together.trial_starts, &together.clock, &together.inputs), (&apart.trial_starts, &apart.clock, &apart.inputs));
                let error = (&together.rates - &apart.rates).amax();
                assert!(error < bound, "{:?}, {noise:?}, {trials} trials in {precision:?}: {error}", simulation.integrator);
            }
        }
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_company() {
    // Large enough to be shared out.
    let network = network(400, &[0.1]);
    let simulation =
        Simulation { clock: Clock::with_steps(0.01, 40).unwrap(), trials: 48, precision: Precision::Single, ..Default::default() };
    let on = |threads: usize, trials: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let simulation = Simulation { trials, ..simulation.clone() };
        pool.install(|| simulation.run_together(&network).unwrap().rates)
    };
    let one = on(1, 48);
    assert_eq!(one, on(2, 48));
    assert_eq!(one, on(3, 48));
    assert_eq!(one.columns(0, 5 * 40), on(2, 5).columns(0, 5 * 40));
}

#[test]
fn a_trial_that_diverges_names_the_time() {
    let j = Connectivity::dense(DMatrix::from_element(2, 2, 3.0)).unwrap();
    let network = Network::new(Regions::single("all", 2).unwrap(), j, Rectified, &[0.1]).unwrap();
    let simulation = Simulation { initial: Initial::Given(vec![1.0, 1.0]), trials: 3, ..Default::default() };
    let time = |error| if let Error::Diverged { time_s, .. } = error { time_s } else { f64::NAN };
    assert_eq!(time(simulation.run_together(&network).unwrap_err()), time(simulation.run(&network).unwrap_err()));
}
