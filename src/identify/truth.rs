//! Truth: a network that is known, with the way it is recorded.

use super::three_region::ThreeRegion;
use crate::clock::Clock;
use crate::currents::Currents;
use crate::ensemble::{AnyEnsemble, Ensemble, MultiRegion};
use crate::error::{Error, Result, positive};
use crate::input::{AnyInput, Drive, Input, Target};
use crate::integrator::AnyIntegrator;
use crate::network::Network;
use crate::noise::{Noise, NoiseStream};
use crate::nonlinearity::AnyNonlinearity;
use crate::precision::Precision;
use crate::recording::Recording;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::simulation::{Initial, Simulation};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A network whose truth is known, and the simulation that records it.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The network.
    pub network: Network,
    /// How it is run.
    pub simulation: Simulation,
}

impl Truth {
    /// Runs the network.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn record(&self) -> Result<Recording> {
        self.simulation.run(&self.network)
    }

    /// Runs the network again from another initial state and with other noise: data that a fit has not seen.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn record_again(&self) -> Result<Recording> {
        Simulation { seed: self.simulation.seed.child("again"), ..self.simulation.clone() }.run(&self.network)
    }
}

/// What a file says about a truth: any ensemble with any dynamics, or the published three-region simulation.
///
/// ```
/// use crosscurrent::{Seed, identify::TruthSpec};
/// let truth = TruthSpec::default().build(Seed(1))?;
/// assert_eq!(truth.network.regions.count(), 3);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TruthSpec {
    /// The published three-region simulation.
    ThreeRegion(ThreeRegion),
    /// A network drawn from an ensemble.
    Network(Box<NetworkSpec>),
}

impl Default for TruthSpec {
    fn default() -> Self {
        TruthSpec::ThreeRegion(ThreeRegion::default())
    }
}

impl TruthSpec {
    /// Draws the truth.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn build(&self, seed: Seed) -> Result<Truth> {
        match self {
            TruthSpec::ThreeRegion(spec) => spec.build(seed),
            TruthSpec::Network(spec) => spec.build(seed),
        }
    }
}

/// A network drawn from an ensemble, its dynamics and its recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSpec {
    /// Names and sizes of the regions; default A, B and C of 100.
    pub regions: Vec<RegionSpec>,
    /// Law of J; default [`MultiRegion`].
    pub ensemble: AnyEnsemble,
    /// Default tanh.
    pub nonlinearity: AnyNonlinearity,
    /// Time constants in s: one, one per region, or one per neuron; default 0.1.
    pub tau: Vec<f64>,
    /// Integration step in s; default 0.01.
    pub dt: f64,
    /// Recorded time per trial in s; default 12.
    pub duration: f64,
    /// Dropped time before it in s; default 5.
    pub transient: f64,
    /// Integration steps per sample; default 1.
    pub steps_per_sample: usize,
    /// Default 1.
    pub trials: usize,
    /// Default forward Euler.
    pub integrator: AnyIntegrator,
    /// Default none.
    pub noise: Noise,
    /// Default standard normal.
    pub initial: Initial,
    /// Default double.
    pub precision: Precision,
    /// External inputs; default none.
    pub inputs: Vec<InputSpec>,
    /// Wanted RMS of the currents between regions over that within regions; met within 5 % by scaling the weights between regions.
    pub inter_region_power: Option<f64>,
}

/// A named region of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSpec {
    /// Name.
    pub name: String,
    /// Number of neurons.
    pub neurons: usize,
}

/// An input of a file: who receives it, and what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Region that receives it; all neurons where it is left out.
    pub region: Option<String>,
    /// Share of its units, chosen at random; in (0, 1], default 1.
    #[serde(default = "one")]
    pub fraction: f64,
    /// Default 1.
    #[serde(default = "one")]
    pub amplitude: f64,
    /// The time course.
    pub input: AnyInput,
}

fn one() -> f64 {
    1.0
}

impl Default for NetworkSpec {
    fn default() -> Self {
        NetworkSpec {
            regions: ["A", "B", "C"].map(|name| RegionSpec { name: name.into(), neurons: 100 }).to_vec(),
            ensemble: AnyEnsemble::MultiRegion(MultiRegion::default()),
            nonlinearity: AnyNonlinearity::default(),
            tau: vec![0.1],
            dt: 0.01,
            duration: 12.0,
            transient: 5.0,
            steps_per_sample: 1,
            trials: 1,
            integrator: AnyIntegrator::default(),
            noise: Noise::None,
            initial: Initial::Normal,
            precision: Precision::Double,
            inputs: Vec::new(),
            inter_region_power: None,
        }
    }
}

impl NetworkSpec {
    fn build(&self, seed: Seed) -> Result<Truth> {
        let regions = Regions::new(self.regions.iter().map(|r| (r.name.clone(), r.neurons)))?;
        let connectivity = self.ensemble.sample(&regions, seed)?;
        let network = Network::from_parts(regions.clone(), connectivity, Arc::new(self.nonlinearity.clone()), &self.tau)?;
        let inputs = self.inputs.iter().enumerate().map(|(index, spec)| spec.build(&regions, seed.child("input").trial(index as u64)));
        let simulation = Simulation {
            clock: Clock::new(self.dt, self.duration)?,
            transient: self.transient,
            steps_per_sample: self.steps_per_sample,
            trials: self.trials,
            integrator: self.integrator.clone(),
            inputs: inputs.collect::<Result<_>>()?,
            noise: self.noise,
            noise_stream: NoiseStream::Sequential,
            initial: self.initial.clone(),
            seed: seed.child("simulation"),
            precision: self.precision,
        };
        let truth = Truth { network, simulation };
        match self.inter_region_power {
            Some(power) => with_inter_region_power(truth, power),
            None => Ok(truth),
        }
    }
}

impl InputSpec {
    /// The input, with the units that receive it.
    ///
    /// # Errors
    /// An unknown region, or a fraction out of range.
    pub fn build(&self, regions: &Regions, seed: Seed) -> Result<Drive> {
        let target = Target { region: self.region.clone(), fraction: self.fraction, amplitude: self.amplitude };
        Drive::region(Named(self.input.clone()), target, regions, seed)
    }
}

/// An input that a file named, as the trait object that a simulation holds.
#[derive(Clone, Debug)]
struct Named(AnyInput);

impl Input for Named {
    fn add(&self, moment: crate::input::Moment, drive: &mut [f64]) {
        self.0.add(moment, drive);
    }

    fn check(&self, units: usize) -> Result<()> {
        self.0.check(units)
    }
}

/// The truth with its weights between regions scaled until the measured power is within 5 % of `wanted`.
///
/// Rates respond to the scaling, so the factor is corrected by the ratio that was missed, and damped once it begins to swing.
///
/// # Errors
/// A power that is not positive, weights between regions that are all zero, or [`Error::NotConverged`].
pub fn with_inter_region_power(mut truth: Truth, wanted: f64) -> Result<Truth> {
    positive("inter-region power", wanted)?;
    const TURNS: usize = 40;
    let mut missed = f64::NAN;
    for turn in 0..TURNS {
        let recording = truth.record()?;
        let power = Currents::decompose(&truth.network, &recording)?.inter_region_power().filter(|&p| p > 0.0);
        let Some(power) = power else {
            return Err(Error::parameter("inter-region power", wanted, "weights between at least two regions to scale"));
        };
        missed = power / wanted;
        if (missed - 1.0).abs() < 0.04 {
            return Ok(truth);
        }
        let damping = if turn < 4 { 1.0 } else { 0.5 };
        let factor = missed.powf(-damping);
        truth.network.connectivity = truth.network.connectivity.scale_between(&truth.network.regions, factor);
    }
    Err(Error::NotConverged {
        what: format!("scaling to the inter-region power {wanted}"),
        residual: (missed - 1.0).abs(),
        iterations: TURNS,
        tolerance: 0.04,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::Between;

    #[test]
    fn a_wanted_power_is_met_within_five_percent() {
        for (between, power) in [
            (Between::Dense { gain: 0.5 }, 0.3),
            (Between::Sparse { gain: 0.5, probability: 0.1 }, 1.0),
            (Between::OneToOne { weight: 0.2, fraction: 0.5 }, 0.1),
            (Between::LowRank { gain: 0.5, rank: 2 }, 0.6),
        ] {
            let spec = NetworkSpec {
                regions: ["A", "B", "C"].map(|name| RegionSpec { name: name.into(), neurons: 60 }).to_vec(),
                ensemble: MultiRegion { within: vec![1.8], between }.into(),
                inter_region_power: Some(power),
                duration: 6.0,
                ..Default::default()
            };
            let truth = TruthSpec::Network(Box::new(spec)).build(Seed(3)).unwrap();
            let found = Currents::decompose(&truth.network, &truth.record().unwrap()).unwrap().inter_region_power().unwrap();
            assert!((found / power - 1.0).abs() < 0.05, "{between:?}: {found} against {power}");
        }
    }

    #[test]
    fn power_without_links_cannot_be_scaled() {
        let ensemble = MultiRegion { within: vec![1.5], between: Between::None }.into();
        let spec = NetworkSpec { ensemble, inter_region_power: Some(0.5), duration: 1.0, transient: 0.0, ..Default::default() };
        assert!(spec.build(Seed(1)).is_err());
        let zero = NetworkSpec { inter_region_power: Some(0.0), ..Default::default() };
        assert!(zero.build(Seed(1)).is_err());
    }

    #[test]
    fn inputs_of_a_file_reach_their_region() {
        let input = InputSpec { region: Some("B".into()), fraction: 1.0, amplitude: 2.0, input: AnyInput::Constant(Default::default()) };
        let spec = NetworkSpec { inputs: vec![input], duration: 0.5, transient: 0.0, ..Default::default() };
        let recording = spec.build(Seed(1)).unwrap().record().unwrap();
        let inputs = recording.inputs.unwrap();
        assert_eq!((inputs[(50, 3)], inputs[(150, 3)], inputs[(250, 3)]), (0.0, 2.0, 0.0));
    }
}
