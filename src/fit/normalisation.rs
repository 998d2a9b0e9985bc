//! Normalisation: how a recording is brought into the range of the nonlinearity before a fit.

use crate::recording::Recording;
use serde::{Deserialize, Serialize};

/// What each neuron's rates are divided by before a fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// Nothing: the rates are those of the model. The default.
    #[default]
    None,
    /// The largest modulus of all neurons.
    Global,
    /// The largest modulus in the neuron's region.
    PerRegion,
}

impl Normalisation {
    /// The divisor of every neuron; `size` says how a value counts (its modulus, or itself as in the published programs).
    pub(crate) fn scale(self, recording: &Recording, size: fn(f64) -> f64) -> Vec<f64> {
        let largest = |range: std::ops::Range<usize>| {
            let rows = recording.rates.rows(range.start, range.len());
            rows.iter().map(|&r| size(r)).fold(f64::NEG_INFINITY, f64::max)
        };
        match self {
            Normalisation::None => vec![1.0; recording.neurons()],
            Normalisation::Global => vec![largest(0..recording.neurons()); recording.neurons()],
            Normalisation::PerRegion => {
                recording.regions.iter().flat_map(|(_, range)| std::iter::repeat_n(largest(range.clone()), range.len())).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use nalgebra::dmatrix;

    #[test]
    fn divisors_are_the_largest_values_of_their_part() {
        let rates = dmatrix![0.5, -4.0; 1.0, 2.0; -3.0, 0.1];
        let recording = Recording::new(rates, 0.1, Regions::new([("A", 1), ("B", 2)]).unwrap()).unwrap();
        assert_eq!(Normalisation::None.scale(&recording, f64::abs), vec![1.0; 3]);
        assert_eq!(Normalisation::Global.scale(&recording, f64::abs), vec![4.0; 3]);
        assert_eq!(Normalisation::PerRegion.scale(&recording, f64::abs), vec![4.0, 3.0, 3.0]);
        // As published: the maximum, which ignores how negative the data are.
        assert_eq!(Normalisation::PerRegion.scale(&recording, |r| r), vec![0.5, 2.0, 2.0]);
    }
}
