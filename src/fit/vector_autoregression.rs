//! VectorAutoregression: the linear baseline.

use super::{Fit, Fitted, KnownInputs, Normalisation, Ridge, Watch};
use crate::error::Result;
use crate::nonlinearity::Identity;
use crate::recording::Recording;
use crate::seed::Seed;
use serde::{Deserialize, Serialize};

/// r_{k+1} = M r_k + (1 - d) u_k by ridge regression, the penalty chosen on held-out blocks of time.
///
/// It is the network tau dr/dt = -r + J r + u of this crate with the identity as nonlinearity: M = d + (1 - d) J, with d the decay over one
/// sample. So its currents J_ab r_b are defined as everywhere, in units of the rates, and the penalty shrinks towards M = d (each neuron
/// decays on its own), not towards M = 0. An anatomy is used as [`Ridge`] uses it.
///
/// ```
/// use crosscurrent::{Fit, Recording, Regions, Seed, fit::VectorAutoregression};
/// use nalgebra::DMatrix;
/// let rates = DMatrix::from_fn(2, 200, |i, k| (0.07 * k as f64 + 1.5 * i as f64).sin());
/// let recording = Recording::new(rates, 0.01, Regions::single("all", 2)?)?;
/// let fitted = VectorAutoregression::default().fit(&recording, Seed(0))?;
/// assert!(fitted.history[0].variance_explained > 0.999999);   // a rotation is linear
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "VAR")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VectorAutoregression {
    /// Time constants in s: one for all, one per region or one per neuron; default 0.1. They set what part of M is called decay.
    pub tau: Vec<f64>,
    /// Penalties to choose from, relative to the largest squared singular value of the rates; default 1e-30, 1e-29, … 1.
    pub penalties: Vec<f64>,
    /// Blocks of time, each held out once, to choose the penalty by; at least 2, default 5.
    pub blocks: usize,
    /// What happens with the external input of the recording; default subtract.
    pub inputs: KnownInputs,
    /// Default none.
    pub normalisation: Normalisation,
    /// Steps per sample that a sample is divided into; at least 1, default 1.
    pub steps_per_sample: usize,
}

impl Default for VectorAutoregression {
    fn default() -> Self {
        let Ridge { tau, penalties, blocks, inputs, normalisation, steps_per_sample, .. } = Ridge::default();
        VectorAutoregression { tau, penalties, blocks, inputs, normalisation, steps_per_sample }
    }
}

impl Fit for VectorAutoregression {
    fn fit_watched(&self, recording: &Recording, seed: Seed, watch: &mut Watch) -> Result<Fitted> {
        let VectorAutoregression { tau, penalties, blocks, inputs, normalisation, steps_per_sample } = self.clone();
        let ridge = Ridge { tau, nonlinearity: Identity.into(), penalties, blocks, inputs, normalisation, clip: 0.0, steps_per_sample };
        ridge.fit_watched(recording, seed, watch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::{DMatrix, DVector};

    #[test]
    fn the_matrix_of_a_linear_system_is_decay_plus_connectivity() {
        let m = DMatrix::from_fn(4, 4, |i, k| if i == k { 0.9 } else { 0.1 * ((i * 3 + k) as f64).sin() });
        let mut rates = DMatrix::zeros(4, 60);
        rates.set_column(0, &DVector::from_fn(4, |i, _| 1.0 - 0.4 * i as f64));
        for k in 1..60 {
            let kick = DVector::from_fn(4, |i, _| 0.05 * ((k * (i + 2)) as f64).cos());
            let next = &m * rates.column(k - 1) + kick;
            rates.set_column(k, &next);
        }
        let mut recording = Recording::new(rates, 0.01, Regions::single("all", 4).unwrap()).unwrap();
        recording.inputs = Some(DMatrix::from_fn(4, 60, |i, k| 0.05 * (((k + 1) * (i + 2)) as f64).cos() / 0.1));
        let j = VectorAutoregression::default().fit(&recording, Seed(0)).unwrap().network.connectivity.to_dense();
        assert!((j * 0.1 + DMatrix::identity(4, 4) * 0.9 - m).amax() < 1e-8);
    }
}
