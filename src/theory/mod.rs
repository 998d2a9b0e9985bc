//! Theory: what is known of a network without simulating it (laws of spectra live with their ensemble).
//!
//! Time is in units of tau = 1 and every unit has phi = tanh unless a page says otherwise. Nothing here draws a random number.

mod blocks;
mod gauss;
mod low_rank;
mod root;
mod tanh_pair;

pub use blocks::{BlockChaos, Blocks};
pub use gauss::{average, pair_average};
pub use low_rank::{Chaotic, LowRank, Phase, Stationary};
pub use root::root;
