//! Change detection: when does a signal depart from what was learned, and when does it return?

mod alarm;
mod blocks;
mod detection;
mod detector;
mod events;
mod scale;

pub use alarm::{Alarm, Judged};
pub use blocks::block_length;
pub use detection::Detection;
pub use detector::{Block, Change, Detector, Kind, Reading};
pub use events::{Alignment, Course};
pub use scale::RobustScale;

#[cfg(test)]
mod tests;
