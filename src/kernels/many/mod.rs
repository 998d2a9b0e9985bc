//! One small network, many patterns at once: each lane of a vector is a pattern of its own.
//!
//! A quantity of N units is N vectors; vector i holds unit i of every pattern. J is shared: its elements are spread over the lanes as they
//! are read. The inverse correlation matrix P is private to a pattern. Lanes never mix, so a pattern gets the same bits in any lane and in
//! any company.

mod correlations;
mod readouts;
mod reservoirs;
mod sweep;

pub use correlations::Correlations;
pub use readouts::{Readouts, Trace};
pub use reservoirs::Reservoirs;

use super::lanes::{Isa, Kernel, Lanes, lanes_of, launch};
use super::level::Level;
use super::real::Real;

/// Patterns that stand side by side in one vector of a level.
pub fn patterns<T: Real>(level: Level) -> usize {
    lanes_of::<T>(level)
}

/// Most observations that [`Correlations`] takes in one sweep at a level: two share one read and one write of P where there are 32
/// registers, and 16 have room for one.
fn together<T: Real>(level: Level) -> usize {
    launch(level, Together(std::marker::PhantomData::<T>))
}

/// Tells the observations that the registers of a level have room for.
struct Together<T>(std::marker::PhantomData<T>);

impl<T: Real> Kernel for Together<T> {
    type Output = usize;

    #[inline(always)]
    unsafe fn run<I: Isa>(self) -> usize {
        if T::Vector::<I>::COLUMNS == 8 { 2 } else { 1 }
    }
}
