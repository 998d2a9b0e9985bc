//! Theory: what is known of a network without simulating it (laws of spectra live with their ensemble).
//!
//! Time is in units of tau = 1 and every unit has phi = tanh unless a page says otherwise. Nothing here draws a random number.

mod autocovariance;
mod autonomous;
mod blocks;
mod chebyshev;
pub mod driven;
mod gauss;
mod low_rank;
mod mean_field;
mod potential;
mod root;
mod schroedinger;
mod tanh_pair;
mod white_noise;

pub use autocovariance::Autocovariance;
pub use autonomous::{NearCritical, autonomous, autonomous_with, large_gain_variance};
pub use blocks::{BlockChaos, Blocks};
pub use gauss::{average, pair_average};
pub use low_rank::{Chaotic, LowRank, Phase, Stationary};
pub use mean_field::MeanField;
pub use root::root;
pub use white_noise::{NoiseLine, local_expansion_line, noise_transition, white_noise};
