//! One small network, many patterns at once: each lane of a vector is a pattern of its own.
//!
//! A quantity of N units is N vectors; vector i holds unit i of every pattern. J is shared: its elements are spread over the lanes as they
//! are read. The inverse correlation matrix P is private to a pattern. Lanes never mix, so a pattern gets the same bits in any lane and in
//! any company.

mod correlations;
mod gains;
mod readouts;
mod reservoirs;
mod separate;
mod sweep;

pub use correlations::{Correlations, Frozen};
pub use readouts::{Readouts, Trace};
pub use reservoirs::Reservoirs;
pub use separate::separate;

use super::lanes::{Isa, Kernel, Lanes, lanes_of, launch};
use super::level::Level;
use super::real::Real;

/// Patterns that stand side by side in one vector of a level.
pub fn patterns<T: Real>(level: Level) -> usize {
    lanes_of::<T>(level)
}

/// What the registers of a level have room for.
#[derive(Clone, Copy)]
struct Room {
    /// Rows of J whose sums stay in registers at once.
    rows: usize,
    /// Rows of P in a block of a sweep.
    block: usize,
    /// Observations that share one read and one write of P.
    observations: usize,
}

impl Room {
    /// Of 32 registers, or of 16.
    const fn of<V: Lanes>() -> Room {
        if V::COLUMNS == 8 { Room { rows: 16, block: 6, observations: 2 } } else { Room { rows: 12, block: 5, observations: 1 } }
    }

    fn at<T: Real>(level: Level) -> Room {
        launch(level, TellRoom(std::marker::PhantomData::<T>))
    }
}

/// Tells the room at a level.
struct TellRoom<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for TellRoom<T> {
    type Output = Room;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> Room {
        Room::of::<T::Vector<I>>()
    }
}
