//! How classes are read from error traces.

use crate::classify::decision::AnyDecision;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How classes are read from error traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reading {
    /// The class of the template with the smallest mean E. No other training series is used, so one template of each class is enough
    /// (one-shot classification).
    Nearest,
    /// A decision learns from the traces of all training series under all templates.
    Decision {
        /// The decision.
        decision: AnyDecision,
    },
}

impl Default for Reading {
    fn default() -> Self {
        Reading::Decision { decision: AnyDecision::default() }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Nearest => f.write_str("nearest template"),
            Reading::Decision { decision } => write!(f, "{} on traces", decision.name()),
        }
    }
}
