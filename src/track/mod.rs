//! Track: a reservoir readout that learns to follow one signal, and the weight changes that another signal would ask for (TRAKR).
//!
//! A [`Tracker`] takes one sample at a time; [`track`] takes a whole series; a [`Batch`] takes many series at once. Large learning errors
//! mark where a signal departs from the one that the readout was trained on; a [`Detector`] says when.

mod batch;
mod change;
mod series;
mod tracker;
mod tracking;
mod wiring;

pub use batch::{Batch, Series, Traces, Trained};
pub use change::{Alarm, Alignment, Block, Change, Course, Detection, Detector, Judged, Kind, Reading, RobustScale, block_length};
pub use series::{Track, track};
pub use tracker::{Step, Tracker};
pub use tracking::{Rule, Tracking};
pub use wiring::Wiring;

#[cfg(test)]
mod tests;
