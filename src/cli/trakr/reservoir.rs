//! The reservoir as the options of both commands name it.

use crate::cli::law;
use crate::ensemble::{AnyEnsemble, Gaussian};
use crate::error::Result;
use clap::Args;

/// Law of the reservoir's weights.
#[derive(Clone, Debug, Args)]
pub struct ReservoirOptions {
    /// Gain g of the Gaussian weights of the reservoir
    #[arg(long, default_value_t = 1.2, value_name = "G", allow_negative_numbers = true)]
    gain: f64,
    /// Another law of its weights: orthogonal, sparse, dale, … (every ensemble of docs/conventions.md)
    #[arg(long, value_name = "LAW", conflicts_with = "gain")]
    reservoir: Option<String>,
    /// Parameter of that law, such as gain=0.9; may come several times
    #[arg(long, value_name = "KEY=VALUE", requires = "reservoir")]
    set: Vec<String>,
}

impl ReservoirOptions {
    /// The law.
    ///
    /// # Errors
    /// A name or a parameter that no law has.
    pub fn law(&self) -> Result<AnyEnsemble> {
        match &self.reservoir {
            Some(name) => law::named("--reservoir", name, &self.set),
            None => Ok(Gaussian { gain: self.gain, autapses: true }.into()),
        }
    }
}
