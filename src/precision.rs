//! Precision: which numbers a hot loop stores, a choice at run time.

use serde::{Deserialize, Serialize};

/// Storage of weights and states in a hot loop. Statistics always accumulate in double precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 64 bits everywhere: the reference.
    #[default]
    Double,
    /// J and the state in 32 bits, the inverse correlation matrix P of a fit in 64: within 4e-5 of the weights of [`Precision::Double`]
    /// after 100 000 updates. A simulation has no P and treats it as [`Precision::Single`].
    Mixed,
    /// 32 bits everywhere: P stagnates in long fits (weights some 1.6 % off after 100 000 updates).
    Single,
    /// J of a simulation in 16 bits, each weight rounded once to 11 bits, the state and all arithmetic in 32: a step of a large dense network
    /// takes half the time of [`Precision::Single`], one of fewer than some 500 neurons gains nothing. Variance, autocorrelation and largest
    /// exponent stay within the spread over seeds; a single trajectory of a chaotic network does not. Sparse weights keep 32 bits. Fits and
    /// trackers refuse it.
    Half,
}
