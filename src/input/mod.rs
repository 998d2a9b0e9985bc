//! Input: what drives a network from outside, as a pure function of the step, one file per member.

mod bump;
mod constant;
mod pulse;
mod recorded;
mod sine;
mod two_points;

pub use bump::Bump;
pub use constant::Constant;
pub use pulse::Pulse;
pub use recorded::Recorded;
pub use sine::{Phases, Sine};
pub use two_points::TwoPoints;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::family::family;
use crate::regions::Regions;
use crate::seed::Seed;
use rand::seq::index;
use std::fmt::Debug;
use std::sync::Arc;

/// A moment inside a simulation: step `step` of the clock plus the fraction `stage` of a step.
///
/// Steps count from the first recorded sample; during the transient that is dropped they are negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment<'a> {
    /// The integration clock.
    pub clock: &'a Clock,
    /// Whole steps since the first recorded sample.
    pub step: i64,
    /// Fraction of a step, 0 to 1 (the inner stages of an integrator).
    pub stage: f64,
}

impl Moment<'_> {
    /// Time in seconds since the first recorded sample.
    pub fn seconds(&self) -> f64 {
        (self.step as f64 + self.stage) * self.clock.dt()
    }
}

/// A pattern over units and time, computed from the moment alone, so that a restart or a refit sees the same world.
///
/// ```
/// use crosscurrent::{Clock, input::{Input, Moment, Pulse}};
/// let clock = Clock::new(0.01, 1.0)?;
/// let pulse = Pulse { start: 0.2, stop: 0.4 };
/// let mut drive = [0.0; 3];
/// pulse.add(Moment { clock: &clock, step: 25, stage: 0.0 }, &mut drive);
/// assert_eq!(drive, [1.0; 3]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub trait Input: Debug + Send + Sync {
    /// Adds the value at `moment` to `drive`, one element per driven unit.
    fn add(&self, moment: Moment, drive: &mut [f64]);

    /// Checks the parameters against the number of driven units.
    ///
    /// # Errors
    /// [`Error::Parameter`] or [`Error::Shape`] that names what does not fit.
    fn check(&self, units: usize) -> Result<()>;
}

family! {
    /// The inputs that a file can name.
    AnyInput: Input {
        /// The same value at all times
        Constant,
        /// A sine with a phase per unit
        Sine,
        /// One between two times, zero otherwise
        Pulse,
        /// A bump of activity that moves over the units: a sequence
        Bump,
        /// One pattern, then another
        TwoPoints,
        /// Values from an array
        Recorded,
    }
}

/// An input together with the units that receive it: unit `units[k]` gets `weights[k]` times element k of the input.
#[derive(Clone, Debug)]
pub struct Drive {
    /// The pattern.
    pub input: Arc<dyn Input>,
    /// Neurons 0..N that are driven.
    pub units: Vec<usize>,
    /// Amplitude for each of them.
    pub weights: Vec<f64>,
}

impl Drive {
    /// `input` to every neuron with amplitude 1.
    pub fn all(input: impl Input + 'static, neurons: usize) -> Self {
        Drive { input: Arc::new(input), units: (0..neurons).collect(), weights: vec![1.0; neurons] }
    }

    /// `input` to a random `fraction` of the units of `region` with amplitude `amplitude`; the pattern spans the whole region.
    ///
    /// # Errors
    /// An unknown region, or a fraction outside (0, 1].
    pub fn region(input: impl Input + 'static, target: Target, regions: &Regions, seed: Seed) -> Result<Self> {
        let units: Vec<usize> = match &target.region {
            Some(name) => regions.range(name)?.collect(),
            None => (0..regions.neurons()).collect(),
        };
        if !(target.fraction > 0.0 && target.fraction <= 1.0) {
            return Err(Error::parameter("fraction of driven units", target.fraction, "in (0, 1]"));
        }
        let chosen = ((target.fraction * units.len() as f64).round() as usize).max(1);
        let mut weights = vec![0.0; units.len()];
        index::sample(&mut seed.child("driven units").rng(), units.len(), chosen).iter().for_each(|k| weights[k] = target.amplitude);
        Ok(Drive { input: Arc::new(input), units, weights })
    }

    /// Adds the drive at `moment` to the N elements of `total`; `scratch` holds one element per driven unit.
    pub(crate) fn add(&self, moment: Moment, scratch: &mut Vec<f64>, total: &mut [f64]) {
        scratch.clear();
        scratch.resize(self.units.len(), 0.0);
        self.input.add(moment, scratch);
        for ((&unit, &weight), &value) in self.units.iter().zip(&self.weights).zip(scratch.iter()) {
            total[unit] += weight * value;
        }
    }

    /// Checks units, weights and the input against N.
    pub(crate) fn check(&self, neurons: usize) -> Result<()> {
        if self.units.len() != self.weights.len() {
            return Err(Error::shape("weights of an input", self.units.len(), self.weights.len()));
        }
        if let Some(unit) = self.units.iter().find(|&&unit| unit >= neurons) {
            return Err(Error::parameter("driven unit", unit, format!("below the {neurons} neurons")));
        }
        if let Some(weight) = self.weights.iter().find(|w| !w.is_finite()) {
            return Err(Error::parameter("amplitude of an input", weight, "a finite number"));
        }
        self.input.check(self.units.len())
    }
}

/// Who receives an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Name of the region, or `None` for all neurons.
    pub region: Option<String>,
    /// Share of its units, chosen at random; in (0, 1].
    pub fraction: f64,
    /// Amplitude.
    pub amplitude: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(input: &dyn Input, step: i64, stage: f64, units: usize) -> Vec<f64> {
        let clock = Clock::new(0.01, 4.0).unwrap();
        let mut drive = vec![0.0; units];
        input.add(Moment { clock: &clock, step, stage }, &mut drive);
        drive
    }

    #[test]
    fn every_input_is_a_pure_finite_function_that_adds() {
        for input in AnyInput::members() {
            let units = if let AnyInput::Recorded(recorded) = &input { recorded.values.nrows() } else { 7 };
            input.check(units).unwrap();
            for step in [-500, -1, 0, 3, 199, 200, 399, 5000] {
                let first = value(&*input, step, 0.5, units);
                let _ = value(&*input, step + 11, 0.0, units);
                assert_eq!(first, value(&*input, step, 0.5, units), "{input:?}");
                assert!(first.iter().all(|v| v.is_finite()), "{input:?}");
                let clock = Clock::new(0.01, 4.0).unwrap();
                let mut twice = first.clone();
                input.add(Moment { clock: &clock, step, stage: 0.5 }, &mut twice);
                assert!(twice.iter().zip(&first).all(|(a, b)| (a - 2.0 * b).abs() < 1e-15), "{input:?} must add");
            }
        }
    }

    #[test]
    fn a_drive_reaches_its_units_only() {
        let regions = Regions::new([("A", 10), ("B", 20)]).unwrap();
        let target = Target { region: Some("B".into()), fraction: 0.25, amplitude: -2.0 };
        let drive = Drive::region(Constant::default(), target, &regions, Seed(4)).unwrap();
        let clock = Clock::new(0.1, 1.0).unwrap();
        let mut total = vec![0.0; 30];
        drive.add(Moment { clock: &clock, step: 0, stage: 0.0 }, &mut Vec::new(), &mut total);
        assert!(total[..10].iter().all(|&v| v == 0.0));
        assert_eq!(total[10..].iter().filter(|&&v| v == -2.0).count(), 5);
        let unknown = Target { region: Some("Z".into()), fraction: 1.0, amplitude: 1.0 };
        assert!(Drive::region(Constant::default(), unknown, &regions, Seed(4)).is_err());
    }
}
