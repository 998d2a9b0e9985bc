//! Separation: from vectors with a value of each pattern to a row of each pattern.

use super::super::lanes::{Isa, Kernel, Lanes, launch};
use super::super::level::Level;
use super::super::real::Real;
use std::ops::Range;

/// Vectors that are turned at a time.
const TURNED: usize = 4;

/// Pattern l of the vectors in `from`, one after the other, becomes the stretch `places[l]` of `to`, as far as that is long.
pub fn separate<T: Real>(level: Level, from: &[T], to: &mut [f64], places: &[Range<usize>]) {
    let lanes = super::patterns::<T>(level);
    assert!(places.len() <= lanes, "separate: more places than patterns");
    let fits = |place: &Range<usize>| place.start <= place.end && place.end <= to.len() && place.len() * lanes <= from.len();
    assert!(places.iter().all(fits), "separate: a place outside the values, or longer than what is there");
    launch(level, Separate { from: from.as_ptr(), to: to.as_mut_ptr(), places });
}

/// The kernel behind [`separate`].
struct Separate<'a, T> {
    /// Vectors.
    from: *const T,
    /// Values that the places are counted in.
    to: *mut f64,
    /// A place of each pattern.
    places: &'a [Range<usize>],
}

impl<T: Real> Kernel for Separate<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Separate { from, to, places } = self;
        let lanes = T::Vector::<I>::COUNT;
        let shortest = if places.len() == lanes { places.iter().map(Range::len).min().unwrap_or(0) } else { 0 };
        let whole = shortest - shortest % TURNED;
        // SAFETY: `separate` checked that every place lies within the values and that `from` holds a vector for each of them; the caller vouches
        // for the level.
        unsafe {
            for first in (0..whole).step_by(TURNED) {
                T::Vector::<I>::turn(from.add(first * lanes), |lane| to.add(places[lane].start + first));
            }
            for (lane, place) in places.iter().enumerate() {
                for at in whole..place.len() {
                    *to.add(place.start + at) = (*from.add(at * lanes + lane)).to_f64();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;

    fn agrees<T: Real>(level: Level) {
        let lanes = super::super::patterns::<T>(level);
        let from: Vec<T> = reference::noise(lanes * 23, 5);
        for (count, lengths) in [(lanes, [23, 23, 23]), (lanes, [9, 23, 14]), (lanes, [0, 1, 2]), (lanes - 1, [23, 23, 23]), (1, [7, 0, 0])]
        {
            // Places in falling order, each with a gap after it.
            let places: Vec<Range<usize>> = (0..count).map(|l| (count - 1 - l) * 24..(count - 1 - l) * 24 + lengths[l % 3]).collect();
            let mut to = vec![9.5; count * 24];
            separate(level, &from, &mut to, &places);
            for (lane, place) in places.iter().enumerate() {
                for at in 0..24 {
                    let expected = if at < place.len() { from[at * lanes + lane].to_f64() } else { 9.5 };
                    assert_eq!(to[place.start + at], expected, "{level:?}, {count} places: lane {lane}, value {at}");
                }
            }
        }
    }

    #[test]
    fn every_pattern_finds_its_place() {
        for level in Level::available() {
            agrees::<f32>(level);
            agrees::<f64>(level);
        }
    }

    #[test]
    #[should_panic(expected = "outside the values")]
    fn a_place_outside_is_refused() {
        separate(Level::Portable, &[0.0_f32; 64], &mut [0.0; 4], &[2..3, 2..5]);
    }
}
