//! The jobs that the benches time: a simulation, a fit, a product, a spectrum, exponents, passes of TRAKR.
#![allow(dead_code, reason = "each bench uses its own part")]

use crosscurrent::analysis::{Lyapunov, NetworkTangent};
use crosscurrent::bench_internals::{Buffer, LeftFactor, Level, Real, Strided, normals};
use crosscurrent::ensemble::Gaussian;
use crosscurrent::fit::{Pass, Pinning};
use crosscurrent::linalg;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::track::{Batch, Rule, Series, Tracking, Wiring};
use crosscurrent::{Clock, Ensemble, Fit, Network, Precision, Recording, Regions, Seed, Simulation};
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Instant;

/// A chaotic network of one region.
pub fn network(neurons: usize) -> Network {
    let regions = Regions::single("all", neurons).expect("one region");
    let j = Gaussian { gain: 1.5, autapses: true }.sample(&regions, Seed(1)).expect("a valid law");
    Network::new(regions, j, Tanh, &[0.1]).expect("a valid network")
}

/// Runs `network` on one thread for `steps` Euler steps; one in ten is recorded.
pub fn simulate(network: &Network, precision: Precision, steps: usize) -> Recording {
    alone(|| simulate_on_all(network, precision, steps))
}

/// Does `work` where no other thread helps.
pub fn alone<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    static ONE: OnceLock<rayon::ThreadPool> = OnceLock::new();
    ONE.get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread that starts")).install(work)
}

/// As [`simulate`], on all threads.
pub fn simulate_on_all(network: &Network, precision: Precision, steps: usize) -> Recording {
    let clock = Clock::with_steps(0.01, steps).expect("a valid clock");
    Simulation { clock, steps_per_sample: 10, precision, ..Default::default() }.run(network).expect("a run that does not diverge")
}

/// Seconds of one Euler step of 48 trials of `network` together, in 32 bits on one thread.
pub fn together(network: &Network, steps: usize) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread that starts");
    let clock = Clock::with_steps(0.01, steps + 1).expect("a valid clock");
    let simulation = Simulation { clock, steps_per_sample: steps, trials: 48, precision: Precision::Single, ..Default::default() };
    // From the first sample to the second: packing J is no part of a step.
    let mut seen = Vec::new();
    let mut see = |trial: usize, _: usize, x: &[f64]| {
        assert!(x[0].is_finite());
        if trial == 0 {
            seen.push(Instant::now());
        }
    };
    pool.install(|| simulation.observe_together(network, &mut see)).expect("a run that does not diverge");
    (seen[1] - seen[0]).as_secs_f64() / steps as f64
}

/// Seconds of one Euler step of `network` with `exponents` tangent vectors of a precision, orthonormalised every `interval` steps.
pub fn tangent_step(network: &Network, (exponents, precision): (usize, Precision), (steps, interval): (usize, usize)) -> f64 {
    let clock = Clock::with_steps(0.01, 1).expect("a valid clock");
    let simulation = Simulation { clock, ..Default::default() };
    let seconds = |steps: usize| {
        let mut system = NetworkTangent::new(network, &simulation).expect("settings that fit");
        let duration = 0.01 * steps as f64;
        let lyapunov = Lyapunov { exponents, duration, transient: 0.0, alignment: 0.0, interval, precision, ..Default::default() };
        let start = Instant::now();
        assert!(lyapunov.measure(&mut system).expect("a run that does not diverge").exponents[0].is_finite());
        start.elapsed().as_secs_f64()
    };
    // The first vectors are drawn once.
    alone(|| seconds(steps + interval) - seconds(interval)) / steps as f64
}

/// Seconds of each of `passes` passes of Pinning over `recording`, five steps and one update per sample, after one that is not counted.
pub fn pinning(recording: &Recording, precision: Precision, passes: usize) -> Vec<f64> {
    pinning_with(recording, precision, (5, passes))
}

/// As [`pinning`], with so many steps per sample.
pub fn pinning_with(recording: &Recording, precision: Precision, (steps_per_sample, passes): (usize, usize)) -> Vec<f64> {
    let fit = Pinning { steps_per_sample, learning_passes: passes + 1, precision, ..Default::default() };
    alone(|| {
        let (mut times, mut last) = (Vec::new(), Instant::now());
        let mut watch = |_: &Pass| {
            times.push(last.elapsed().as_secs_f64());
            last = Instant::now();
            ControlFlow::Continue(())
        };
        fit.fit_watched(recording, Seed(3), &mut watch).expect("a fit that does not diverge");
        times[1..=passes].to_vec()
    })
}

/// Seconds of one product of two square matrices by the packed kernel, on one thread; packing counts. As NumPy's, all matrices lie in huge
/// pages, and the one that is written is there before.
pub fn product<T: Real>(size: usize) -> f64 {
    let values: Vec<T> = (0..size * size).map(|k| T::from_f64((k as f64 * 0.7).sin())).collect();
    let (values, mut result) = (Buffer::from_slice(&values), Buffer::zeros(size * size));
    let start = Instant::now();
    let mut left = LeftFactor::new(Strided::columns_of(&values, size), Level::detect());
    left.multiply(None, Strided::columns_of(&values, size), &mut result);
    let seconds = start.elapsed().as_secs_f64();
    assert!(result[0].to_f64().is_finite());
    seconds
}

/// Seconds of the spectrum of a Gaussian matrix, on one thread.
pub fn eigenvalues(size: usize) -> f64 {
    let j = network(size).connectivity.to_dense();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread that starts");
    pool.install(|| {
        let start = Instant::now();
        let found = linalg::eigenvalues(&j).expect("an iteration that converges");
        assert_eq!(found.len(), size);
        start.elapsed().as_secs_f64()
    })
}

/// Templates that a thread tests: what is done once for all of them (sorting the series into lanes, making room for traces: some 7 % of the
/// passes of one template) is as good as free in the paper's job, which has 1000.
const TEMPLATES: usize = 32;

/// Seconds of one TRAKR pass (a series of `samples` under one trained reservoir, readout frozen), of `threads` threads together:
/// [`TEMPLATES`] per thread, 64 series each. Training and the making of the batch are left out.
pub fn trakr(neurons: usize, precision: Precision, samples: usize, threads: usize) -> f64 {
    let regions = Regions::single("reservoir", neurons).expect("one region");
    let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1)).expect("a valid law");
    let network = Network::new(regions, j, Tanh, &[1.0]).expect("a valid network");
    let tracking = Tracking { rule: Rule::Published, dt: 0.3, ..Default::default() };
    let batch = Batch::new(&network, tracking, Wiring::sample(neurons, 1, 1, Seed(2)), precision).expect("weights that fit");
    let one =
        |which: usize| Series::from_values(&(0..samples).map(|k| ((0.05 + 0.001 * which as f64) * k as f64).sin()).collect::<Vec<_>>());
    let series: Vec<Series> = (0..64).map(one).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads that start");
    pool.install(|| {
        let trained = batch.train(&series[..TEMPLATES * threads], 0..samples).expect("series that fit");
        let start = Instant::now();
        let last = batch.test(&trained, &series, |_, traces| traces.values()[traces.values().len() - 1]).expect("series that fit");
        let seconds = start.elapsed().as_secs_f64();
        assert!(last.iter().all(|error| error.is_finite()));
        seconds / (trained.len() * series.len()) as f64
    })
}

/// Seconds of one standard normal number in 64 bits, in blocks of 1024: by the kernel, and by rand_distr from xoshiro256++.
pub fn normal_number() -> (f64, f64) {
    const BLOCKS: u64 = 2000;
    let (mut out, mut rng) = ([0.0; 1024], Seed(1).rng());
    let start = Instant::now();
    for block in 0..BLOCKS {
        normals(Level::detect(), Seed(1).trial(block).0, &mut out);
        std::hint::black_box(&mut out);
    }
    let ours = start.elapsed().as_secs_f64();
    let start = Instant::now();
    for _ in 0..BLOCKS {
        out.fill_with(|| StandardNormal.sample(&mut rng));
        std::hint::black_box(&mut out);
    }
    let numbers = (BLOCKS * 1024) as f64;
    (ours / numbers, start.elapsed().as_secs_f64() / numbers)
}

/// Best seconds of one step and one update of Pinning on `neurons`: in full, and where every neuron has `sources` sources of its own.
pub fn masked_update(neurons: usize, sources: usize, samples: usize) -> (f64, f64) {
    let mut recording = simulate(&network(neurons), Precision::Double, 10 * samples);
    let seconds = |recording: &Recording| {
        let passes = pinning_with(recording, Precision::Mixed, (1, 11));
        passes.into_iter().fold(f64::INFINITY, f64::min) / (samples - 1) as f64
    };
    let full = seconds(&recording);
    // 137 shares no factor with round numbers: sources lie far apart, and no two neurons have the same.
    let apart = |i: usize, k: usize| if (k + neurons - i) * 137 % neurons < sources { 1.0 } else { 0.0 };
    recording.anatomy = Some(DMatrix::from_fn(neurons, neurons, apart));
    (full, seconds(&recording))
}
