//! Where a low-rank network without input changes its kind of activity.

use super::LowRank;
use crate::error::{Error, Result};
use crate::theory::root;
use serde::Serialize;

/// Kind of activity of a low-rank network without input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Only the origin.
    Quiet,
    /// Two opposite fixed points along m.
    Structured,
    /// Two opposite chaotic states, each with a mean along m.
    StructuredChaos,
    /// Chaos without a mean.
    Chaos,
}

impl LowRank {
    /// The gain at which structured fixed points give way to structured chaos (bulk radius 1); the gain of this network is not used.
    ///
    /// With M_m M_n up to 1 there is no structure, and the origin gives way to chaos at g = 1.
    ///
    /// # Errors
    /// A parameter out of range, an input, or [`Error::NotConverged`].
    pub fn chaos_onset(&self) -> Result<f64> {
        self.check_boundary()?;
        if self.strength() <= 1.0 {
            return Ok(1.0);
        }
        // Structure lowers <phi'²> below 1, so the onset is above 1; where the branch has ended its radius was above 1.
        let excess = |gain: f64| {
            let state = LowRank { gain, ..*self }.structured();
            state.map_or(f64::NAN, |state| state.map_or(1.0, |state| state.bulk_radius - 1.0))
        };
        let bracket = first_change("onset of structured chaos", excess)?;
        root("onset of structured chaos", bracket, 1e-9, excess)
    }

    /// The gain at which structured chaos loses its mean, M_m M_n (1 - q(g)) = 1 with q of a random network; 1 where M_m M_n is at most 1.
    ///
    /// S_m does not matter: at kappa = 0 the structure gives no variance, and <phi'> = 1 - <phi²>.
    ///
    /// # Errors
    /// As [`LowRank::chaos_onset`].
    pub fn collapse(&self) -> Result<f64> {
        self.check_boundary()?;
        if self.strength() <= 1.0 {
            return Ok(1.0);
        }
        let lack = |gain: f64| {
            let rates = LowRank { gain, ..*self }.unstructured_rates();
            rates.map_or(f64::NAN, |rates| 1.0 - self.strength() * (1.0 - rates))
        };
        let bracket = first_change("collapse of structure", lack)?;
        root("collapse of structure", bracket, 1e-9, lack)
    }

    /// The kind of activity that is stable.
    ///
    /// ```
    /// use crosscurrent::theory::{LowRank, Phase};
    /// let phase = |gain| LowRank { gain, ..LowRank::default() }.phase();
    /// assert_eq!(phase(1.5)?, Phase::Structured);
    /// assert_eq!(phase(2.0)?, Phase::StructuredChaos);
    /// assert_eq!(phase(2.3)?, Phase::Chaos);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LowRank::chaos_onset`].
    pub fn phase(&self) -> Result<Phase> {
        self.check_boundary()?;
        if self.structured()?.is_some_and(|state| state.bulk_radius < 1.0) {
            return Ok(Phase::Structured);
        }
        Ok(if self.gain <= 1.0 {
            Phase::Quiet
        } else if self.strength() * (1.0 - self.unstructured_rates()?) > 1.0 {
            Phase::StructuredChaos
        } else {
            Phase::Chaos
        })
    }

    fn check_boundary(&self) -> Result<()> {
        self.check()?;
        let input = self.input_mean.abs() + self.input_deviation;
        if input > 0.0 { Err(Error::parameter("input", input, "0: phases are those of a network without input")) } else { Ok(()) }
    }
}

/// Gains above 1 between which `f` first becomes positive.
fn first_change(what: &str, f: impl Fn(f64) -> f64) -> Result<(f64, f64)> {
    let (mut low, mut step) = (1.0, 0.02);
    for iteration in 0..60 {
        let high = low + step;
        let value = f(high);
        if value > 0.0 {
            return Ok((low, high));
        }
        if value.is_nan() {
            return Err(Error::NotConverged { what: what.into(), residual: value, iterations: iteration, tolerance: 0.0 });
        }
        (low, step) = (high, step * 1.25);
    }
    Err(Error::NotConverged { what: what.into(), residual: f(low), iterations: 60, tolerance: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chaos_begins_and_structure_ends_at_the_published_gains() {
        // T22
        let network = LowRank::default();
        assert!((network.chaos_onset().unwrap() - 1.79590).abs() < 1e-5);
        let collapse = network.collapse().unwrap();
        assert!((collapse - 2.136).abs() < 1e-3, "{collapse}");
        let narrow = LowRank { deviation_m: 0.0, ..network };
        assert!((narrow.collapse().unwrap() - collapse).abs() < 1e-8);
    }

    #[test]
    fn the_onset_of_chaos_has_the_tabulated_values() {
        let table = [(1.2, 1.1759, 1.1747), (1.5, 1.3992, 1.3920), (2.0, 1.7300, 1.7105), (3.0, 2.3256, 2.2895), (4.0, 2.8776, 2.8346)];
        for (mean_m, narrow, wide) in table {
            for (deviation_m, expected) in [(0.0, narrow), (1.0, wide)] {
                let onset = LowRank { mean_m, mean_n: 1.0, deviation_m, ..LowRank::default() }.chaos_onset().unwrap();
                assert!((onset - expected).abs() < 6e-5, "M_m = {mean_m}, S_m = {deviation_m}: {onset} against {expected}");
            }
        }
    }

    #[test]
    fn structured_chaos_ends_where_its_overlap_vanishes() {
        let network = LowRank::default();
        let collapse = network.collapse().unwrap();
        let overlap = |gain| LowRank { gain, ..network }.structured_chaos().unwrap().map(|state| state.kappa);
        assert!(overlap(collapse - 1e-3).unwrap() < 0.03);
        assert_eq!(overlap(collapse + 1e-3), None);
    }

    #[test]
    fn points_of_the_plane_have_their_phases() {
        let phase = |gain, mean_m| LowRank { gain, mean_m, ..LowRank::default() }.phase().unwrap();
        assert_eq!(phase(0.9, 0.49), Phase::Quiet);
        assert_eq!(phase(0.9, 0.51), Phase::Structured);
        assert_eq!(phase(1.1, 0.49), Phase::Chaos);
        assert_eq!(phase(1.7, 1.1), Phase::Structured);
        assert_eq!(phase(1.9, 1.1), Phase::StructuredChaos);
        assert_eq!(phase(2.2, 1.1), Phase::Chaos);
        assert!(LowRank { input_mean: 0.1, ..LowRank::default() }.phase().is_err());
    }
}
