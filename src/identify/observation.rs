//! Observation: what of a truth a fit is shown.

use super::truth::{Truth, TruthSpec};
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::currents::Currents;
use crate::error::{Error, Result, in_range};
use crate::network::Network;
use crate::recording::Recording;
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::seq::{SliceRandom, index};
use serde::{Deserialize, Serialize};

/// Which part of a truth's activity is recorded.
///
/// ```
/// use crosscurrent::{Seed, identify::{Observation, ThreeRegion, TruthSpec}};
/// let truth = TruthSpec::ThreeRegion(ThreeRegion { units: 10, ..Default::default() });
/// let seen = Observation { observed: 0.5, samples: Some(300), ..Default::default() }.observe(&truth, Seed(1), Seed(2))?;
/// assert_eq!(seen.recording.rates.shape(), (15, 300));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Observation {
    /// Samples; default as many as the truth says. A network runs as long as that, a three-region simulation is cut short.
    pub samples: Option<usize>,
    /// The same as a multiple of the number of observed neurons.
    pub samples_per_neuron: Option<f64>,
    /// Share of the neurons of every region that is recorded, chosen at random; in (0, 1], default 1; at least 2 of every region are.
    pub observed: f64,
    /// Whether the external inputs are recorded, too; default known.
    pub inputs: Visibility,
    /// What is told about which weights exist (not how large they are); default nothing.
    pub anatomy: Anatomy,
}

/// What a fit is told about which weights exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anatomy {
    /// Share of the ordered pairs of neurons, chosen at random, about which it is told whether there is a weight; in [0, 1], default 0.
    pub known: f64,
    /// Share of the weights among them that are told not to exist, while as many that do not exist are told to; in [0, 1], default 0.
    pub wrong: f64,
}

/// Whether a fit may know something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// It is recorded.
    #[default]
    Known,
    /// It is not.
    Unknown,
}

impl Default for Observation {
    fn default() -> Self {
        Observation { samples: None, samples_per_neuron: None, observed: 1.0, inputs: Visibility::Known, anatomy: Anatomy::default() }
    }
}

/// A truth as it is seen, with what a fit of it is held against.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The observed neurons and the weights between them.
    pub network: Network,
    /// Their activity.
    pub recording: Recording,
    /// Their activity in a second run, which no fit sees.
    pub fresh: Recording,
    /// True currents into the observed neurons from *all* neurons of each source region, in the order of [`Regions::projections`].
    pub currents: Vec<DMatrix<f64>>,
}

impl Observation {
    /// Checks the parameters.
    ///
    /// # Errors
    /// A share outside (0, 1], no samples, or samples given twice.
    pub fn check(&self) -> Result<()> {
        if !(self.observed > 0.0 && self.observed <= 1.0) {
            return Err(Error::parameter("observed", self.observed, "in (0, 1]"));
        }
        if self.samples.is_some() && self.samples_per_neuron.is_some() {
            return Err(Error::parameter("samples", "given twice", "samples or samples_per_neuron, not both"));
        }
        for (name, share) in [("anatomy.known", self.anatomy.known), ("anatomy.wrong", self.anatomy.wrong)] {
            in_range(name, share, 0.0..=1.0, "in [0, 1]")?;
        }
        if self.samples_per_neuron.is_some_and(|ratio| !(ratio > 0.0 && ratio.is_finite())) {
            return Err(Error::parameter("samples_per_neuron", self.samples_per_neuron.unwrap_or(f64::NAN), "above 0"));
        }
        Ok(())
    }

    /// Draws the truth from `seed`, runs it twice, and keeps what is observed; `choice` draws which neurons are.
    ///
    /// # Errors
    /// A parameter out of range, a three-region simulation shorter than what is asked for, or a run that diverges.
    pub fn observe(&self, spec: &TruthSpec, seed: Seed, choice: Seed) -> Result<Observed> {
        self.check()?;
        let mut truth = spec.build(seed)?;
        let chosen = self.chosen(&truth.network.regions, choice);
        self.set_length(spec, &mut truth, chosen.len())?;
        let (whole, again) = (truth.record()?, truth.record_again()?);
        let (whole, again) = (self.cut(whole, chosen.len())?, self.cut(again, chosen.len())?);
        let currents = Currents::decompose(&truth.network, &whole)?;
        let all = &truth.network.regions;
        let rows = |region: &str| -> Result<Vec<usize>> {
            let range = all.range(region)?;
            Ok(chosen.iter().filter(|neuron| range.contains(neuron)).map(|neuron| neuron - range.start).collect())
        };
        let of_chosen = all.projections().map(|projection| Ok(currents.get(&projection)?.select_rows(&rows(&projection.target)?)));
        let network = observed_network(&truth.network, &chosen)?;
        let anatomy = self.anatomy.told(&network.connectivity.to_dense(), choice.child("anatomy"));
        Ok(Observed {
            network,
            currents: of_chosen.collect::<Result<_>>()?,
            recording: Recording { anatomy, ..self.show(whole, all, &chosen)? },
            fresh: self.show(again, all, &chosen)?,
        })
    }

    /// The observed neurons, in order.
    fn chosen(&self, regions: &Regions, seed: Seed) -> Vec<usize> {
        let mut chosen = Vec::new();
        for (name, range) in regions.iter() {
            let wanted = ((self.observed * range.len() as f64).round() as usize).max(2).min(range.len());
            let mut of_region = index::sample(&mut seed.child(name).rng(), range.len(), wanted).into_vec();
            of_region.sort_unstable();
            chosen.extend(of_region.into_iter().map(|neuron| range.start + neuron));
        }
        chosen
    }

    /// Samples that are wanted of `neurons` neurons.
    fn wanted(&self, neurons: usize) -> Option<usize> {
        self.samples.or(self.samples_per_neuron.map(|ratio| ((ratio * neurons as f64).round() as usize).max(3)))
    }

    /// A network may run for any time; J was drawn (and scaled) before, so it does not depend on it.
    fn set_length(&self, spec: &TruthSpec, truth: &mut Truth, neurons: usize) -> Result<()> {
        if let (TruthSpec::Network(_), Some(samples)) = (spec, self.wanted(neurons)) {
            let simulation = &mut truth.simulation;
            simulation.clock = Clock::with_steps(simulation.clock.dt(), samples * simulation.steps_per_sample)?;
            simulation.trials = 1;
        }
        Ok(())
    }

    fn cut(&self, recording: Recording, neurons: usize) -> Result<Recording> {
        match self.wanted(neurons) {
            Some(samples) if samples != recording.samples() => recording.window(0..samples),
            _ => Ok(recording),
        }
    }

    fn show(&self, recording: Recording, regions: &Regions, chosen: &[usize]) -> Result<Recording> {
        let inputs = recording.inputs.filter(|_| self.inputs == Visibility::Known).map(|u| u.select_rows(chosen));
        Ok(Recording { rates: recording.rates.select_rows(chosen), regions: observed_regions(regions, chosen)?, inputs, ..recording })
    }
}

impl Anatomy {
    /// Prior variance of every weight: 0 where it is told not to exist, 1 elsewhere; `None` where nothing is told.
    fn told(&self, weights: &DMatrix<f64>, seed: Seed) -> Option<DMatrix<f64>> {
        if self.known == 0.0 {
            return None;
        }
        // The pairs in a random order: a larger share knows all that a smaller one does.
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.shuffle(&mut seed.rng());
        order.truncate((self.known * weights.len() as f64).round() as usize);
        let (there, absent): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&pair| weights[pair] != 0.0);
        let swapped = ((self.wrong * there.len() as f64).round() as usize).min(absent.len());
        let mut told = DMatrix::from_element(weights.nrows(), weights.ncols(), 1.0);
        absent[swapped..].iter().chain(&there[..swapped]).for_each(|&pair| told[pair] = 0.0);
        Some(told)
    }
}

fn observed_regions(regions: &Regions, chosen: &[usize]) -> Result<Regions> {
    Regions::new(regions.iter().map(|(name, range)| (name, chosen.iter().filter(|neuron| range.contains(neuron)).count())))
}

fn observed_network(network: &Network, chosen: &[usize]) -> Result<Network> {
    if chosen.len() == network.neurons() {
        return Ok(network.clone());
    }
    let weights = network.connectivity.to_dense().select_rows(chosen).select_columns(chosen);
    let tau: Vec<f64> = chosen.iter().map(|&neuron| network.tau[neuron]).collect();
    let regions = observed_regions(&network.regions, chosen)?;
    Network::from_parts(regions, Connectivity::dense(weights)?, network.nonlinearity.clone(), &tau)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::{NetworkSpec, RegionSpec, ThreeRegion};
    use crate::regions::Projection;

    fn network() -> TruthSpec {
        let regions = ["A", "B"].map(|name| RegionSpec { name: name.into(), neurons: 12 }).to_vec();
        TruthSpec::Network(Box::new(NetworkSpec { regions, duration: 1.0, transient: 0.2, ..Default::default() }))
    }

    #[test]
    fn currents_from_unseen_neurons_are_part_of_the_truth() {
        let half = Observation { observed: 0.5, ..Default::default() };
        let all = Observation::default().observe(&network(), Seed(1), Seed(2)).unwrap();
        let seen = half.observe(&network(), Seed(1), Seed(2)).unwrap();
        let chosen = half.chosen(&all.network.regions, Seed(2));
        assert_eq!((seen.recording.neurons(), chosen.len()), (12, 12));
        for (row, &neuron) in chosen.iter().enumerate() {
            assert_eq!(seen.recording.rates.row(row), all.recording.rates.row(neuron));
        }
        // A → B is the second block of the second target: rows of B, from all twelve of A.
        let whole = Currents::decompose(&all.network, &all.recording).unwrap();
        let of_b = whole.get(&Projection::new("A", "B")).unwrap();
        assert_eq!(seen.currents[2].row(0), of_b.row(chosen[6] - 12));
    }

    #[test]
    fn samples_follow_the_number_of_neurons_and_a_longer_run_begins_alike() {
        let ratio = Observation { samples_per_neuron: Some(10.0), ..Default::default() };
        let long = ratio.observe(&network(), Seed(1), Seed(2)).unwrap();
        let short = Observation { samples: Some(60), ..Default::default() }.observe(&network(), Seed(1), Seed(2)).unwrap();
        assert_eq!(long.recording.samples(), 240);
        assert_eq!(long.recording.rates.columns(0, 60), short.recording.rates.columns(0, 60));
    }

    #[test]
    fn an_anatomy_tells_what_it_should_and_swaps_what_is_wrong() {
        let weights = DMatrix::from_fn(20, 20, |i, k| if (i + k) % 4 == 0 { 0.5 } else { 0.0 });
        let told = |known, wrong| Anatomy { known, wrong }.told(&weights, Seed(1));
        assert!(told(0.0, 0.3).is_none());
        let right = told(1.0, 0.0).unwrap();
        assert!(right.iter().zip(&weights).all(|(&told, &w)| (told == 1.0) == (w != 0.0)));
        // A fifth of the 100 weights is lost, and as many are made up.
        let wrong = told(1.0, 0.2).unwrap();
        let lost = wrong.iter().zip(&weights).filter(|(told, w)| **told == 0.0 && **w != 0.0).count();
        let made_up = wrong.iter().zip(&weights).filter(|(told, w)| **told == 1.0 && **w == 0.0).count();
        assert_eq!((lost, made_up), (20, 20));
        let (half, most) = (told(0.5, 0.0).unwrap(), told(0.8, 0.0).unwrap());
        assert!(half.iter().zip(&most).all(|(h, m)| *h == 1.0 || *m == 0.0));
        let seen = Observation { anatomy: Anatomy { known: 1.0, wrong: 0.0 }, ..Default::default() }.observe(&network(), Seed(1), Seed(2));
        assert!(seen.unwrap().recording.anatomy.is_some());
    }

    #[test]
    fn what_cannot_be_observed_is_an_error() {
        let truth = TruthSpec::ThreeRegion(ThreeRegion { units: 5, ..Default::default() });
        let observe = |observation: Observation| observation.observe(&truth, Seed(1), Seed(1));
        assert!(observe(Observation { samples: Some(100_000), ..Default::default() }).is_err());
        assert!(observe(Observation { observed: 0.0, ..Default::default() }).is_err());
        assert!(observe(Observation { samples: Some(9), samples_per_neuron: Some(1.0), ..Default::default() }).is_err());
        let blind = observe(Observation { inputs: Visibility::Unknown, ..Default::default() }).unwrap();
        assert!(blind.recording.inputs.is_none() && blind.fresh.inputs.is_none());
    }
}
