//! Nothing is allocated inside a step: a run four times as long allocates as often.

use crosscurrent::ensemble::Gaussian;
use crosscurrent::fit::Pinning;
use crosscurrent::input::{Drive, Sine};
use crosscurrent::integrator::AnyIntegrator;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Fit, Network, Noise, Precision, Recording, Regions, Seed, Simulation};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting the requests of each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    COUNT.with(|count| count.set(count.get() + 1));
    BYTES.with(|sum| sum.set(sum.get() + bytes));
}

// SAFETY: every request goes to the system's allocator unchanged; counting touches a cell that needs no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: promised by the caller.
        unsafe { System.realloc(start, layout, size) }
    }
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Requests of memory during `work`.
fn allocations<T>(work: impl FnOnce() -> T) -> usize {
    let before = COUNT.with(Cell::get);
    let result = work();
    let after = COUNT.with(Cell::get);
    drop(result);
    after - before
}

fn network() -> Network {
    let regions = Regions::new([("A", 30), ("B", 20)]).unwrap();
    let j = Gaussian { gain: 1.5, autapses: true }.sample(&regions, Seed(1)).unwrap();
    Network::new(regions, j, Tanh, &[0.1]).unwrap()
}

fn recording(samples: usize) -> Recording {
    Simulation { clock: Clock::with_steps(0.01, samples).unwrap(), ..Default::default() }.run(&network()).unwrap()
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations(|| vec![0_u8; 100]), 1);
    assert_eq!(allocations(|| 1), 0);
}

#[test]
fn a_step_of_a_simulation_allocates_nothing() {
    let network = network();
    // The first run of a process finds out what the machine can do.
    Simulation::default().run(&network).unwrap();
    for integrator in AnyIntegrator::members() {
        for precision in [Precision::Double, Precision::Single] {
            for noise in [Noise::None, Noise::White { strength: 0.1 }, Noise::Filtered { deviation: 0.1, tau: 0.1 }] {
                let inputs = vec![Drive::all(Sine::default(), 50)];
                let short = Simulation { integrator: integrator.clone(), precision, noise, inputs, ..Default::default() };
                let long = Simulation { clock: Clock::with_steps(0.01, 4000).unwrap(), ..short.clone() };
                let counts = [&short, &long].map(|simulation| allocations(|| simulation.run(&network).unwrap()));
                assert_eq!(counts[0], counts[1], "{integrator:?} in {precision:?} with {noise:?}");
            }
        }
    }
}

#[test]
fn a_step_of_pinning_allocates_nothing() {
    // Making these is the first run of the process, which finds out what the machine can do.
    let (short, long) = (recording(100), recording(400));
    for precision in [Precision::Double, Precision::Mixed, Precision::Single] {
        for held_out in [0.0, 0.25] {
            let fit = Pinning { learning_passes: 2, steps_per_sample: 3, held_out, precision, ..Default::default() };
            let counts = [&short, &long].map(|recording| allocations(|| fit.fit(recording, Seed(2)).unwrap()));
            assert_eq!(counts[0], counts[1], "{precision:?} with {held_out} held out");
        }
    }
}

#[test]
fn memory_of_masked_learning_grows_with_the_sum_of_squared_in_degrees() {
    let neurons = 200;
    let waves = nalgebra::DMatrix::from_fn(neurons, 12, |i, k| 0.9 * (0.3 * k as f64 + (i * i) as f64).sin());
    let mut recording = Recording::new(waves, 0.01, Regions::single("all", neurons).unwrap()).unwrap();
    let fit = Pinning { learning_passes: 1, precision: Precision::Double, ..Default::default() };
    let mut bytes = |sources: usize| {
        // Every neuron reads the `sources` neurons after it: no two alike.
        let near = |i: usize, k: usize| if (k + neurons - i) % neurons < sources { 1.0 } else { 0.0 };
        recording.anatomy = Some(nalgebra::DMatrix::from_fn(neurons, neurons, near));
        let before = BYTES.with(Cell::get);
        fit.fit(&recording, Seed(1)).unwrap();
        (BYTES.with(Cell::get) - before) as f64
    };
    let triangle = |sources: f64| 8.0 * neurons as f64 * sources * (sources + 1.0) / 2.0;
    let (few, some, many) = (bytes(20), bytes(40), bytes(80));
    for (less, more, expected) in [(few, some, triangle(40.0) - triangle(20.0)), (some, many, triangle(80.0) - triangle(40.0))] {
        let share = (more - less) / expected;
        println!("{share}");
        assert!((0.8..2.5).contains(&share), "{share}");
    }
}
