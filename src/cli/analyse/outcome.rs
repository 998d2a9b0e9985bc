//! What one analysis hands back.

use crate::analysis::Estimate;
use crate::io::Array;
use crate::plot::Panel;
use serde::Serialize;

/// A number that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub analysis: &'static str,
    /// All neurons, a region, a pair of regions, or a point.
    pub on: String,
    pub quantity: String,
    /// None where there is nothing to tell, such as no peak.
    pub value: Option<f64>,
    pub standard_error: Option<f64>,
    /// What activity without any relation would show.
    pub chance: Option<f64>,
    pub unit: &'static str,
}

/// An analysis that could not be done.
#[derive(Clone, Debug, Serialize)]
pub struct Skipped {
    pub analysis: &'static str,
    pub reason: String,
}

/// Numbers, arrays and panels of one analysis.
#[derive(Default)]
pub struct Outcome {
    pub rows: Vec<Row>,
    pub arrays: Vec<(String, Array)>,
    pub panels: Vec<Panel>,
    /// Parts of the analysis that could not be done, with the reason.
    pub remarks: Vec<String>,
}

impl Row {
    /// A plain number.
    pub fn new(analysis: &'static str, on: &str, quantity: &str, value: f64) -> Row {
        let value = value.is_finite().then_some(value);
        Row { analysis, on: on.into(), quantity: quantity.into(), value, standard_error: None, chance: None, unit: "" }
    }

    /// A number with its error.
    pub fn estimate(analysis: &'static str, on: &str, quantity: &str, estimate: Estimate) -> Row {
        let standard_error = estimate.error.is_finite().then_some(estimate.error);
        Row { standard_error, ..Row::new(analysis, on, quantity, estimate.value) }
    }

    pub fn unit(self, unit: &'static str) -> Row {
        Row { unit, ..self }
    }

    pub fn chance(self, chance: f64) -> Row {
        Row { chance: chance.is_finite().then_some(chance), ..self }
    }
}

impl Outcome {
    /// Keeps an array under a name that an archive can hold.
    pub fn keep(&mut self, name: &str, array: Array) {
        self.arrays.push((name.replace(['/', '\\'], "-"), array));
    }
}
