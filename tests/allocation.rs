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
}

fn count() {
    COUNT.with(|count| count.set(count.get() + 1));
}

// SAFETY: every request goes to the system's allocator unchanged; counting touches a cell that needs no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
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
    let (short, long) = (recording(100), recording(400));
    for precision in [Precision::Double, Precision::Mixed, Precision::Single] {
        for held_out in [0.0, 0.25] {
            let fit = Pinning { learning_passes: 2, steps_per_sample: 3, held_out, precision, ..Default::default() };
            let counts = [&short, &long].map(|recording| allocations(|| fit.fit(recording, Seed(2)).unwrap()));
            assert_eq!(counts[0], counts[1], "{precision:?} with {held_out} held out");
        }
    }
}
