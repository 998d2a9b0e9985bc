//! Duo: a matrix whose products with a vector two threads share.
//!
//! Each thread keeps half of the panels, so that each finds its own half in its own cache. A sum still runs along its row on one thread:
//! the bits are those of [`super::Gemv`], whoever computes them. The caller never waits for long: what its companion has not begun it does
//! itself, and so it does when the companion has begun and stands still, as where another program has its core; and it works alone for a
//! while whenever a trial of both ways finds that faster.

use super::buffer::Buffer;
use super::level::Level;
use super::panels::Panels;
use super::real::Real;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{Builder, JoinHandle, park, yield_now};
use std::time::{Duration, Instant};

/// How long the companion looks out for work before it sleeps.
const PATIENCE: Duration = Duration::from_micros(200);
/// Looks at the state between two looks at the clock.
const LOOKS: usize = 64;
/// First products of each way in a trial, which warm the caches.
const WARMING: usize = 4;
/// Products of each way in a trial that count.
const TIMED: usize = 9;
/// How long a trial waits for the companion: the system may leave a new thread on the caller's own core until its next tick.
const ARRIVAL: Duration = Duration::from_millis(20);
/// Products of a trial.
const TRIAL: usize = 2 * (WARMING + TIMED);
/// Products between two trials; twice as many after each trial in a row that found one thread faster, since a trial costs time then.
const SETTLED: usize = 1000;
/// Most doublings of [`SETTLED`].
const DOUBLINGS: u32 = 4;
/// Products by two threads between two looks at whether that is still faster.
const WINDOW: u32 = 32;

/// The companion waits; the input and the output are the caller's.
const IDLE: u32 = 0;
/// The input is written; either thread may begin, by leaving this state.
const POSTED: u32 = 1;
/// The companion works; the input and the output are its own.
const WORKING: u32 = 2;
/// The output is written; both are the caller's again.
const DONE: u32 = 3;
/// The companion ends.
const STOP: u32 = 4;

/// A fixed matrix and a second thread for half of it.
pub struct Duo<T: Real> {
    /// What both threads see.
    shared: Arc<Shared<T>>,
    /// The second thread; none where the system gives none, and at the end.
    companion: Option<JoinHandle<()>>,
    /// Direction of the caller's next sweep.
    backward: bool,
    /// Which way is faster at present.
    choice: Choice,
}

/// Products by one thread and by two, tried in turn; then the faster way for a while. As soon as two fall behind, they are tried again.
#[derive(Debug, Default)]
struct Choice {
    /// Products since the trial began.
    products: usize,
    /// Times of the trial: by one thread, by two.
    times: [[Duration; TIMED]; 2],
    /// Whether two threads are the faster way.
    shared: bool,
    /// Time of a product by one thread.
    alone: Duration,
    /// Time of the products of a window so far.
    recent: Duration,
    /// Time in which a trial waited for the companion.
    waited: Duration,
    /// Trials in a row that found one thread faster.
    failed: u32,
}

impl Choice {
    /// Whether the next product is to be shared.
    fn shared(&self) -> bool {
        if self.products < TRIAL { self.products >= TRIAL / 2 } else { self.shared }
    }

    /// Counts a product that took `time`; `helped` tells whether the companion had a part in it.
    fn count(&mut self, time: Duration, helped: bool) {
        if self.products < TRIAL && self.shared() && !helped && self.waited < ARRIVAL {
            self.waited += time;
            return;
        }
        let (way, at) = (self.products / (TRIAL / 2), self.products % (TRIAL / 2));
        self.products += 1;
        if self.products <= TRIAL {
            if at >= WARMING {
                self.times[way][at - WARMING] = time;
            }
            if self.products == TRIAL {
                self.settle();
            }
            return;
        }
        self.recent += time;
        if (self.products - TRIAL).is_multiple_of(WINDOW as usize) {
            let behind = self.shared && self.recent > WINDOW * self.alone;
            self.recent = Duration::ZERO;
            if behind {
                self.products = 0;
            }
        }
        if self.products == TRIAL + (SETTLED << self.failed.saturating_sub(1).min(DOUBLINGS)) {
            self.products = 0;
        }
    }

    /// Decides at the end of a trial, by the times in the middle: one product that was disturbed changes nothing.
    fn settle(&mut self) {
        let [alone, shared] = self.times.map(|mut times| {
            times.sort_unstable();
            times[TIMED / 2]
        });
        (self.alone, self.shared) = (alone, shared <= alone);
        self.failed = if self.shared { 0 } else { self.failed + 1 };
        (self.recent, self.waited) = (Duration::ZERO, Duration::ZERO);
    }
}

/// What both threads see.
struct Shared<T: Real> {
    /// The matrix.
    panels: Panels<T>,
    /// The first panel of the companion.
    split: usize,
    /// Who may touch the two buffers: see the states.
    state: AtomicU32,
    /// Whether the companion sleeps or is about to.
    asleep: AtomicBool,
    /// Input of the companion.
    input: UnsafeCell<Buffer<T>>,
    /// Output of the companion.
    output: UnsafeCell<Buffer<T>>,
}

// SAFETY: the matrix is only read, and `state` gives the two buffers to one thread at a time: a thread that has moved it to a state of its
// own by an acquiring operation is the only one to touch them until it moves it on by a releasing one.
unsafe impl<T: Real> Sync for Shared<T> {}

impl<T: Real> Duo<T> {
    /// From the columns of a `rows` × `cols` matrix one after the other.
    pub fn from_column_major(rows: usize, cols: usize, values: &[f64], level: Level) -> Self {
        Self::start(Panels::from_column_major(rows, cols, values, level))
    }

    fn start(panels: Panels<T>) -> Self {
        let split = panels.panels().div_ceil(2);
        let rest = panels.rows() - panels.rows_before(split);
        let shared = Arc::new(Shared {
            split,
            state: AtomicU32::new(IDLE),
            asleep: AtomicBool::new(false),
            input: UnsafeCell::new(Buffer::zeros(panels.cols())),
            output: UnsafeCell::new(Buffer::zeros(rest)),
            panels,
        });
        let its = Arc::clone(&shared);
        let companion = Builder::new().name("companion".into()).spawn(move || its.serve()).ok();
        Duo { shared, companion, backward: false, choice: Choice::default() }
    }

    /// `out = matrix * r`.
    pub fn apply(&mut self, r: &[T], out: &mut [T]) {
        let (shared, backward, begun) = (&*self.shared, self.backward, Instant::now());
        let companion = self.companion.as_ref().filter(|_| self.choice.shared());
        let mut helped = false;
        if companion.is_some_and(|companion| shared.post(r, companion)) {
            let (own, rest) = out.split_at_mut(shared.panels.rows_before(shared.split));
            shared.panels.part(0..shared.split, backward, r, own);
            helped = shared.collect(2 * begun.elapsed(), rest);
            if !helped {
                shared.panels.part(shared.split..shared.panels.panels(), backward, r, rest);
            }
        } else {
            shared.panels.part(0..shared.panels.panels(), backward, r, out);
        }
        self.backward = !backward;
        self.choice.count(begun.elapsed(), helped);
    }
}

impl<T: Real> Shared<T> {
    /// Hands the input to the companion; false where it still works on an earlier one.
    fn post(&self, r: &[T], companion: &JoinHandle<()>) -> bool {
        if self.state.load(Ordering::Acquire) == WORKING {
            return false;
        }
        // SAFETY: the state is IDLE or DONE, which make the buffers the caller's.
        unsafe { (*self.input.get()).copy_from_slice(r) };
        // In one order with the companion, which first says that it sleeps and then looks for work once more.
        self.state.store(POSTED, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) {
            companion.thread().unpark();
        }
        true
    }

    /// Copies the companion's rows; false where it has not begun, or begun and not ended within `patience`.
    fn collect(&self, patience: Duration, rest: &mut [T]) -> bool {
        if self.state.compare_exchange(POSTED, IDLE, Ordering::Acquire, Ordering::Acquire).is_ok() {
            return false;
        }
        let begun = Instant::now();
        while !self.sees(DONE) {
            if begun.elapsed() > patience {
                return false;
            }
        }
        // SAFETY: DONE makes the buffers the caller's.
        rest.copy_from_slice(unsafe { &*self.output.get() });
        true
    }

    /// Whether the state becomes `wanted` within a few looks.
    fn sees(&self, wanted: u32) -> bool {
        (0..LOOKS).any(|_| {
            std::hint::spin_loop();
            self.state.load(Ordering::Acquire) == wanted
        })
    }

    /// The life of the companion.
    fn serve(&self) {
        let mut backward = false;
        while self.wait() {
            if self.state.compare_exchange(POSTED, WORKING, Ordering::Acquire, Ordering::Relaxed).is_err() {
                continue;
            }
            // SAFETY: WORKING makes the buffers this thread's.
            let (input, output) = unsafe { (&*self.input.get(), &mut *self.output.get()) };
            self.panels.part(self.split..self.panels.panels(), backward, input, output);
            backward = !backward;
            self.state.store(DONE, Ordering::Release);
        }
    }

    /// Returns when there is work, false when there will be none.
    fn wait(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.sees(POSTED) {
                return true;
            }
            if self.state.load(Ordering::Acquire) == STOP {
                return false;
            }
        }
        self.asleep.store(true, Ordering::SeqCst);
        while ![POSTED, STOP].contains(&self.state.load(Ordering::SeqCst)) {
            park();
        }
        self.asleep.store(false, Ordering::SeqCst);
        self.state.load(Ordering::Acquire) != STOP
    }
}

impl<T: Real> Clone for Duo<T> {
    fn clone(&self) -> Self {
        Self::start(self.shared.panels.clone())
    }
}

impl<T: Real> Drop for Duo<T> {
    fn drop(&mut self) {
        while self.shared.state.load(Ordering::Acquire) == WORKING {
            yield_now();
        }
        self.shared.state.store(STOP, Ordering::SeqCst);
        if let Some(companion) = self.companion.take() {
            companion.thread().unpark();
            // It cannot have panicked: its sizes are those that the caller's were checked against.
            let _ = companion.join();
        }
    }
}

impl<T: Real> fmt::Debug for Duo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Duo").field("rows", &self.shared.panels.rows()).field("cols", &self.shared.panels.cols()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Gemv, reference};

    fn agrees<T: Real>(level: Level) {
        for (rows, cols) in (1..=67).map(|n| (n, n)).chain([(1, 300), (300, 1), (131, 40), (700, 129)]) {
            let values: Vec<f64> = reference::noise(rows * cols, 1);
            let mut duo = Duo::<T>::from_column_major(rows, cols, &values, level);
            let mut single = Gemv::<T>::from_column_major(rows, cols, &values, level);
            let (mut out, mut expected) = (vec![T::ZERO; rows], vec![T::ZERO; rows]);
            for sweep in 0..20 {
                let r: Vec<T> = reference::noise(cols, 2 + sweep);
                if sweep % 7 == 6 {
                    // Long enough for the companion to fall asleep.
                    std::thread::sleep(3 * PATIENCE);
                }
                duo.apply(&r, &mut out);
                single.apply(&r, &mut expected);
                assert_eq!(out, expected, "{level:?}: {rows} x {cols}, sweep {sweep}");
            }
        }
    }

    #[test]
    fn two_threads_give_the_bits_of_one() {
        for level in Level::available() {
            agrees::<f32>(level);
            agrees::<f64>(level);
        }
    }

    /// Of a trial and what follows it, how many products were shared, where those took `shared(product)` microseconds and others 15.
    fn sharing(choice: &mut Choice, shared: impl Fn(usize) -> u64) -> usize {
        let mut count = 0;
        for product in 0..TRIAL + SETTLED {
            let together = choice.shared();
            count += usize::from(together);
            choice.count(Duration::from_micros(if together { shared(product) } else { 15 }), together);
        }
        count
    }

    #[test]
    fn the_faster_way_is_kept_until_the_next_trial() {
        let mut choice = Choice::default();
        assert_eq!(sharing(&mut choice, |_| 20), TRIAL / 2, "sharing was slower");
        assert_eq!(sharing(&mut choice, |_| 10), TRIAL / 2 + SETTLED, "sharing was faster");
        let disturbed = |product: usize| if product < TRIAL / 2 + WARMING || product == TRIAL - 1 { 5000 } else { 10 };
        assert_eq!(sharing(&mut choice, disturbed), TRIAL / 2 + SETTLED, "a slow start and one product that was held up");
        let held_up = |product: usize| if product < TRIAL + 100 { 10 } else { 40 };
        assert_eq!(sharing(&mut choice, held_up), TRIAL + 4 * WINDOW as usize, "another program came");
    }

    #[test]
    fn trials_that_fail_become_rare() {
        let mut choice = Choice::default();
        let shared: Vec<_> = (0..100).map(|_| sharing(&mut choice, |_| 20)).collect();
        assert!(shared[0] == TRIAL / 2 && shared[20..].iter().sum::<usize>() < 7 * TRIAL / 2, "{shared:?}");
    }

    #[test]
    fn a_trial_waits_for_the_companion_but_not_for_ever() {
        let products = |helped: fn(usize) -> bool| {
            let mut choice = Choice::default();
            let mut posted = 0;
            while choice.products < TRIAL {
                posted += usize::from(choice.shared());
                let helped = choice.shared() && helped(posted);
                choice.count(Duration::from_micros(if helped { 60 } else { 100 }), helped);
            }
            (posted, choice.shared)
        };
        assert_eq!(products(|posted| posted > 70), (70 + TRIAL / 2, true), "it came after 70 products");
        let (posted, _) = products(|_| false);
        assert_eq!(posted, 200 + TRIAL / 2, "it never came");
    }

    /// Where a closed loop of products ends.
    fn looped(mut apply: impl FnMut(&[f64], &mut [f64])) -> Vec<f64> {
        let mut r: Vec<f64> = reference::noise(200, 2);
        let mut out = vec![0.0; 200];
        for _ in 0..3000 {
            apply(&r, &mut out);
            r.iter_mut().zip(&out).for_each(|(r, out)| *r = (out * 0.1).tanh());
        }
        r
    }

    #[test]
    fn many_duos_on_few_cores_give_the_same_bits() {
        // More companions than cores: some stand still in the middle of their work.
        let values = reference::noise::<f64>(200 * 200, 1);
        let mut single = Gemv::<f64>::from_column_major(200, 200, &values, Level::detect());
        let expected = looped(|r, out| single.apply(r, out));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let mut duo = Duo::<f64>::from_column_major(200, 200, &values, Level::detect());
                    assert_eq!(looped(|r, out| duo.apply(r, out)), expected);
                });
            }
        });
    }
}
