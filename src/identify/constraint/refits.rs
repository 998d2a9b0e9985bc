//! Refits: the same method on the same data with one thing changed.

use super::recorded_weights;
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::currents::Currents;
use crate::error::Result;
use crate::fit::Fitted;
use crate::metric::correlation;
use crate::network::Network;
use crate::recording::Recording;
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand::RngExt;
use serde::Serialize;

/// What is changed in a refit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Blocks of time are drawn with replacement.
    Bootstrap,
    /// The seed: another initial J, other chains.
    Seeds,
    /// Time constants, or the time between samples, are taken to be wrong.
    Tau,
    /// Rates are squeezed, so that phi has the wrong range and slope.
    Phi,
    /// A part of the neurons is not recorded.
    Unobserved,
}

impl Check {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Check::Bootstrap => "other blocks of time",
            Check::Seeds => "other seeds",
            Check::Tau => "wrong tau or dt",
            Check::Phi => "wrong phi",
            Check::Unobserved => "fewer neurons",
        }
    }
}

/// The fits of one check, each compared with the fit of the whole recording.
#[derive(Clone, Debug, Serialize)]
pub struct Refits {
    /// What was changed.
    pub check: Check,
    /// Number of fits.
    pub fits: usize,
    /// Smallest and largest variance explained that they report.
    pub variance_explained: [f64; 2],
    /// Mean correlation of their J with the first one.
    pub weights: f64,
    /// Mean correlation of every current with the first one, in the order of the projections; NaN without fits.
    pub currents: Vec<f64>,
}

/// One changed recording to fit.
pub(super) struct Variant {
    pub recording: Recording,
    pub seed: Seed,
    /// The neurons that are left, where some are not.
    pub kept: Option<Vec<usize>>,
}

/// Variance explained, correlation of J, correlation of every current.
pub(super) type Comparison = (f64, f64, Vec<f64>);

impl Variant {
    /// A fit of this variant against the first fit and its currents on `recording`.
    pub(super) fn compare(&self, refit: &Fitted, (first, base): (&Fitted, &Currents), recording: &Recording) -> Result<Comparison> {
        let kept = self.kept.clone().unwrap_or_else(|| (0..recording.neurons()).collect());
        let weights = recorded_weights(first).select_rows(&kept).select_columns(&kept);
        let rates = Recording { rates: recording.rates.select_rows(&kept), ..recording.clone() };
        let found = currents_on(refit, &Recording { regions: self.recording.regions.clone(), inputs: None, anatomy: None, ..rates })?;
        let mut currents = Vec::new();
        for projection in recording.regions.projections() {
            let start = recording.regions.range(&projection.target)?;
            let rows: Vec<usize> = kept.iter().filter(|neuron| start.contains(neuron)).map(|neuron| neuron - start.start).collect();
            currents.push(correlation(&base.get(&projection)?.select_rows(&rows), found.get(&projection)?));
        }
        let explained = refit.history.last().map_or(f64::NAN, |pass| pass.variance_explained);
        Ok((explained, correlation(&weights, &recorded_weights(refit)), currents))
    }
}

impl Refits {
    pub(super) fn of(check: Check, fits: Vec<Comparison>) -> Self {
        let count = fits.len() as f64;
        let projections = fits.first().map_or(0, |fit| fit.2.len());
        let explained = |pick: fn(f64, f64) -> f64| fits.iter().map(|fit| fit.0).fold(f64::NAN, pick);
        Refits {
            check,
            fits: fits.len(),
            variance_explained: [explained(f64::min), explained(f64::max)],
            weights: fits.iter().map(|fit| fit.1).sum::<f64>() / count,
            currents: (0..projections).map(|index| fits.iter().map(|fit| fit.2[index]).sum::<f64>() / count).collect(),
        }
    }
}

/// The currents that a fit infers on recorded rates.
pub(super) fn currents_on(fitted: &Fitted, recording: &Recording) -> Result<Currents> {
    let connectivity = Connectivity::dense(recorded_weights(fitted))?;
    Currents::decompose(&Network { connectivity, ..fitted.network.clone() }, recording)
}

/// As many blocks as there are, drawn with replacement; each is a trial of its own.
pub(super) fn resampled(recording: &Recording, blocks: usize, seed: Seed) -> Result<Recording> {
    let (samples, mut rng) = (recording.samples(), seed.rng());
    let begins: Vec<bool> = {
        let mut begins = vec![false; samples];
        recording.trial_starts.iter().for_each(|&start| begins[start] = true);
        begins
    };
    let (mut chosen, mut trial_starts) = (Vec::new(), Vec::new());
    for _ in 0..blocks {
        let block = rng.random_range(0..blocks);
        for (index, sample) in (block * samples / blocks..(block + 1) * samples / blocks).enumerate() {
            if index == 0 || begins[sample] {
                trial_starts.push(chosen.len());
            }
            chosen.push(sample);
        }
    }
    Ok(Recording {
        rates: recording.rates.select_columns(&chosen),
        clock: Clock::with_steps(recording.clock.dt(), chosen.len())?,
        trial_starts,
        inputs: recording.inputs.as_ref().map(|inputs| inputs.select_columns(&chosen)),
        ..recording.clone()
    })
}

/// The recording as one in which tau is `factor` times the assumed one: only dt / tau matters.
pub(super) fn slower(recording: &Recording, factor: f64) -> Result<Recording> {
    Ok(Recording { clock: Clock::with_steps(recording.clock.dt() / factor, recording.samples())?, ..recording.clone() })
}

/// Rates that use only a part of the range of phi.
pub(super) fn squeezed(recording: &Recording, factor: f64) -> Recording {
    Recording { rates: &recording.rates * factor, ..recording.clone() }
}

/// The recording without a random `share` of each region (at least one neuron stays), and the neurons that are left.
pub(super) fn drop_neurons(recording: &Recording, share: f64, seed: Seed) -> Result<(Recording, Vec<usize>)> {
    let (mut kept, mut sizes, mut rng) = (Vec::new(), Vec::new(), seed.rng());
    for (name, range) in recording.regions.iter() {
        let left = range.len() - ((share * range.len() as f64).round() as usize).min(range.len() - 1);
        let mut chosen: Vec<usize> = rand::seq::index::sample(&mut rng, range.len(), left).iter().map(|k| range.start + k).collect();
        chosen.sort_unstable();
        kept.extend(chosen);
        sizes.push((name.to_string(), left));
    }
    let rows = |matrix: &DMatrix<f64>| matrix.select_rows(&kept);
    let recording = Recording {
        rates: rows(&recording.rates),
        regions: Regions::new(sizes)?,
        inputs: recording.inputs.as_ref().map(rows),
        anatomy: recording.anatomy.as_ref().map(|anatomy| rows(anatomy).select_columns(&kept)),
        ..recording.clone()
    };
    Ok((recording, kept))
}
