//! Theory: what is known of a network without simulating it (laws of spectra live with their ensemble).
//!
//! Time is in units of tau = 1 and every unit has phi = tanh unless a page says otherwise. Nothing here draws a random number.

pub mod driven;
mod gauss;
mod root;

pub use gauss::{average, pair_average};
pub use root::root;
