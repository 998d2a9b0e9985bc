//! Options: what a fit compares, where it starts, and which program it follows.

use serde::{Deserialize, Serialize};

/// Which program the fit follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Target and score aligned, whole-number clock, resets at trials.
    #[default]
    Corrected,
    /// The published Python program step for step, its quirks included (docs/decisions.md lists them).
    CurbdPython,
    /// The published MATLAB program step for step, its quirks included.
    CurbdMatlab,
}

/// What the error of a learning step is taken on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorOn {
    /// phi(x) against the recorded rate, as CURBD does.
    #[default]
    Rates,
    /// The drive J r + u against the drive that the recorded states demand, as PINning does: linear in J.
    Currents,
}

/// Activation at the start of a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitialState {
    /// phi^-1 of the recorded rate.
    #[default]
    Inverse,
    /// The recorded rate itself, as the published programs have it.
    Rates,
}
