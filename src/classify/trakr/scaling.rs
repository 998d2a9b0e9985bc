//! What is done to series before a reservoir sees them.

use crate::classify::z_scored;
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// What is done to series before a reservoir sees them: its tanh units tell values of order one apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Every channel of every series has mean 0 and standard deviation 1.
    #[default]
    Series,
    /// Every channel is shifted and divided by its mean and standard deviation over all training series, so levels and sizes still count.
    Channel,
    /// Nothing.
    None,
}

impl Scaling {
    /// Training series, then test series, scaled.
    pub(in crate::classify) fn apply(self, train: &[DMatrix<f64>], test: &[DMatrix<f64>]) -> Result<Vec<DMatrix<f64>>> {
        let all = train.iter().chain(test);
        match self {
            Scaling::None => Ok(all.cloned().collect()),
            Scaling::Series => all.map(z_scored).collect(),
            Scaling::Channel => {
                let moments = moments(train)?;
                let scale =
                    |one: &DMatrix<f64>| DMatrix::from_fn(one.nrows(), one.ncols(), |c, t| (one[(c, t)] - moments[c].0) / moments[c].1);
                Ok(all.map(scale).collect())
            }
        }
    }
}

/// Mean and standard deviation of every channel over all series.
fn moments(train: &[DMatrix<f64>]) -> Result<Vec<(f64, f64)>> {
    let count: usize = train.iter().map(|one| one.ncols()).sum();
    let moment = |channel: usize| {
        let values = || train.iter().flat_map(move |one| one.row(channel).iter().copied().collect::<Vec<f64>>());
        let mean = values().sum::<f64>() / count as f64;
        let deviation = (values().map(|v| (v - mean).powi(2)).sum::<f64>() / count as f64).sqrt();
        if deviation > 1e-12 * mean.abs() {
            Ok((mean, deviation))
        } else {
            Err(Error::data("training series", format!("channel {channel} never changes"), "leave the channel out"))
        }
    };
    (0..train[0].nrows()).map(moment).collect()
}
