//! The published three-region simulation (Perich et al. 2020), in the variants in which it exists, and corrected.

use super::truth::Truth;
use crate::clock::Clock;
use crate::connectivity::Connectivity;
use crate::ensemble::normal_matrix;
use crate::error::{Error, Result, in_range, positive};
use crate::input::{Drive, Recorded};
use crate::network::Network;
use crate::noise::Noise;
use crate::nonlinearity::Tanh;
use crate::regions::Regions;
use crate::seed::Seed;
use crate::simulation::{Initial, Simulation};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Three regions of equal size: A chaotic, B driven by a sequence, C by two fixed points, linked one to one by a few units.
///
/// tau dh/dt = -h + J_a r_a + amplitude · mask ∘ r_b (for both other regions) + external input, r = tanh(h), forward Euler. The program
/// exists in Python and MATLAB; the two differ, and [`Variant`] says which one is meant (docs/decisions.md lists every difference).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThreeRegion {
    /// Default corrected.
    pub variant: Variant,
    /// Units per region; default 100.
    pub units: usize,
    /// Gains of A, B and C; at least 0, default 1.8, 1.5, 1.5.
    pub gains: [f64; 3],
    /// Time constant in s; positive, default 0.1.
    pub tau: f64,
    /// Step in s, also of the recording; positive, default 0.01.
    pub dt: f64,
    /// Duration of the sequence part in s; default 10.
    pub duration: f64,
    /// Lead-in before it in s; default 2.
    pub lead: f64,
    /// Share of the units that project to another region; in (0, 1], default 0.05.
    pub projecting: f64,
    /// Weight of those links; default 0.02 in the Python variant, 0.2 in the others.
    pub amplitude: Option<f64>,
    /// Share of the units of B and C that receive external input; in (0, 1], default 0.5.
    pub driven: f64,
    /// Amplitudes of the external inputs to B and C; default 1 and -1.
    pub drive: [f64; 2],
    /// Width of the bump as a share of the units; positive, default 0.2.
    pub width: f64,
    /// Process noise; default none, as published.
    pub noise: Noise,
}

/// Which of the published programs is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// `curbd.py`: links of 0.02, region C with the gain of B, counts truncated.
    Python,
    /// `threeRegionSim.m`: links of 0.2, counts rounded, indices from 1.
    Matlab,
    /// Links of 0.2, every region with its own gain, counts rounded, the events of the drive at fixed times rather than sample numbers.
    #[default]
    Corrected,
}

impl Default for ThreeRegion {
    fn default() -> Self {
        ThreeRegion {
            variant: Variant::Corrected,
            units: 100,
            gains: [1.8, 1.5, 1.5],
            tau: 0.1,
            dt: 0.01,
            duration: 10.0,
            lead: 2.0,
            projecting: 0.05,
            amplitude: None,
            driven: 0.5,
            drive: [1.0, -1.0],
            width: 0.2,
            noise: Noise::None,
        }
    }
}

/// Sample numbers at which the drive changes.
struct Events {
    /// Samples of the sequence part, and of the lead-in.
    samples: usize,
    lead: usize,
    /// From here on the bump stands still.
    freeze: usize,
    /// The samples whose profiles are the two fixed points.
    points: [usize; 2],
    /// First sample of the second fixed point.
    switch: usize,
    /// The sample that the lead-in repeats.
    repeated: usize,
    /// Number of the first unit.
    first_unit: f64,
}

impl ThreeRegion {
    /// Weight of a link.
    pub fn link(&self) -> f64 {
        self.amplitude.unwrap_or(if self.variant == Variant::Python { 0.02 } else { 0.2 })
    }

    /// The regions A, B and C.
    ///
    /// # Errors
    /// No units.
    pub fn regions(&self) -> Result<Regions> {
        Regions::new([("A", self.units), ("B", self.units), ("C", self.units)])
    }

    /// Number of samples, lead-in included.
    ///
    /// # Errors
    /// A run too short for the events of the drive.
    pub fn samples(&self) -> Result<usize> {
        self.events().map(|events| events.samples + events.lead)
    }

    /// Network and simulation, drawn from `seed`.
    ///
    /// # Errors
    /// A parameter out of range, or a run too short for the events of the drive.
    pub fn build(&self, seed: Seed) -> Result<Truth> {
        self.check()?;
        let regions = self.regions()?;
        let network = Network::new(regions, Connectivity::dense(self.connectivity(seed))?, Tanh, &[self.tau])?;
        let (sequence, points) = self.drives()?;
        let drive = |region: usize, values: DMatrix<f64>| {
            let mask = self.mask(self.driven, seed.child("driven units").trial(region as u64));
            let weights = mask.iter().map(|w| w * self.drive[region - 1]).collect();
            let units = (region * self.units..(region + 1) * self.units).collect();
            Drive { input: Arc::new(Recorded { values, dt: self.dt }), units, weights }
        };
        let simulation = Simulation {
            clock: Clock::with_steps(self.dt, self.samples()?)?,
            inputs: vec![drive(1, sequence), drive(2, points)],
            initial: Initial::Uniform,
            noise: self.noise,
            seed: seed.child("simulation"),
            ..Default::default()
        };
        Ok(Truth { network, simulation })
    }

    fn check(&self) -> Result<()> {
        positive("tau", self.tau)?;
        positive("dt", self.dt)?;
        positive("width", self.width)?;
        in_range("weight of a link", self.link(), .., "a finite number")?;
        self.gains.iter().try_for_each(|&gain| in_range("gain", gain, 0.0.., "at least 0").map(|_| ()))?;
        for (name, share) in [("projecting", self.projecting), ("driven", self.driven)] {
            if !(share > 0.0 && share <= 1.0) {
                return Err(Error::parameter(format!("share of {name} units"), share, "in (0, 1]"));
            }
        }
        Ok(())
    }

    fn connectivity(&self, seed: Seed) -> DMatrix<f64> {
        let n = self.units;
        let mut j = DMatrix::zeros(3 * n, 3 * n);
        for target in 0..3 {
            for source in 0..3 {
                let seed = seed.child("connectivity").trial(target as u64).trial(source as u64);
                let block = if target == source {
                    // Both programs give region C the size of another region (equal by construction); the Python one its gain, too.
                    let gain = if self.variant == Variant::Python && target == 2 { self.gains[1] } else { self.gains[target] };
                    normal_matrix(n, n, gain / (n as f64).sqrt(), seed)
                } else {
                    DMatrix::from_diagonal(&(nalgebra::DVector::from_vec(self.mask(self.projecting, seed)) * self.link()))
                };
                j.view_mut((target * n, source * n), (n, n)).copy_from(&block);
            }
        }
        j
    }

    /// Ones at a random `share` of the units.
    fn mask(&self, share: f64, seed: Seed) -> Vec<f64> {
        let count = share * self.units as f64;
        let count = if self.variant == Variant::Python { count.floor() } else { count.round() } as usize;
        let mut mask = vec![0.0; self.units];
        rand::seq::index::sample(&mut seed.child("mask").rng(), self.units, count).iter().for_each(|unit| mask[unit] = 1.0);
        mask
    }

    fn events(&self) -> Result<Events> {
        let (dt, half) = (self.dt, |samples: usize| samples.div_ceil(2));
        let grid = |seconds: f64| (seconds / dt).round() as usize;
        let events = match self.variant {
            Variant::Python => {
                // arange(0, T + dt, dt), and the lead-in from the end of it: lengths follow the rounding of the ratio.
                let samples = ((self.duration + dt) / dt).ceil() as usize;
                let end = (samples - 1) as f64 * dt;
                let all = samples + (((self.duration + self.lead) - (end + dt)) / dt).ceil() as usize;
                let lead = (self.lead / dt).ceil() as usize;
                let (freeze, switch) = (half(samples).saturating_sub(100), half(samples) + 100);
                Events { samples: all.min(samples + lead) - lead, lead, freeze, points: [10, 300], switch, repeated: 1, first_unit: 0.0 }
            }
            Variant::Matlab => {
                let samples = grid(self.duration) + 1;
                let (freeze, switch) = (half(samples).saturating_sub(101), half(samples) + 100);
                Events { samples, lead: grid(self.lead), freeze, points: [9, 299], switch, repeated: 0, first_unit: 1.0 }
            }
            Variant::Corrected => {
                let samples = grid(self.duration) + 1;
                let middle = self.duration / 2.0;
                let (freeze, switch) = (grid((middle - 1.0).max(0.0)), grid(middle + 1.0));
                Events { samples, lead: grid(self.lead), freeze, points: [grid(0.1), grid(3.0)], switch, repeated: 0, first_unit: 0.0 }
            }
        };
        if events.freeze == 0 || events.points[1] >= events.samples || events.switch >= events.samples {
            return Err(Error::parameter(
                "duration",
                self.duration,
                format!("long enough for the events of the drive (over 3 s, and over 200 samples of {dt} s)"),
            ));
        }
        Ok(events)
    }

    /// The external time courses of B and C, units × samples, lead-in included, each scaled to [0, 1].
    ///
    /// # Errors
    /// A run too short for the events of the drive.
    pub fn drives(&self) -> Result<(DMatrix<f64>, DMatrix<f64>)> {
        let events = self.events()?;
        let (n, end) = (self.units as f64, (events.samples - 1) as f64 * self.dt);
        let width = self.width * n;
        let bump = |unit: usize, sample: usize| {
            let sample = sample.min(events.freeze);
            let distance = unit as f64 + events.first_unit - width - n * (sample as f64 * self.dt) / (end / 2.0);
            (-distance * distance / (2.0 * width * width)).exp()
        };
        let sequence = DMatrix::from_fn(self.units, events.samples, bump);
        let points =
            DMatrix::from_fn(self.units, events.samples, |unit, sample| bump(unit, events.points[usize::from(sample >= events.switch)]));
        let finish = |profile: DMatrix<f64>| {
            let unit_range = unit_range(profile.map(|x| ((x + 0.01) / (1.0 - x + 0.01)).ln()));
            let lead = unit_range.column(events.repeated).into_owned();
            DMatrix::from_fn(self.units, events.lead + events.samples, |unit, k| match k.checked_sub(events.lead) {
                Some(sample) => unit_range[(unit, sample)],
                None => lead[unit],
            })
        };
        Ok((finish(sequence), finish(points)))
    }
}

/// The matrix shifted and scaled so that its smallest entry is 0 and its largest 1.
fn unit_range(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let (low, high) = (matrix.min(), matrix.max());
    matrix.map(|x| (x - low) / (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::currents::Currents;
    use crate::regions::Projection;

    fn variant(variant: Variant) -> ThreeRegion {
        ThreeRegion { variant, ..Default::default() }
    }

    #[test]
    fn all_variants_have_1201_samples_at_the_published_settings() {
        for v in [Variant::Python, Variant::Matlab, Variant::Corrected] {
            assert_eq!(variant(v).samples().unwrap(), 1201, "{v:?}");
        }
    }

    #[test]
    fn the_variants_differ_where_they_are_said_to() {
        let gains = ThreeRegion { gains: [1.8, 1.5, 0.5], projecting: 0.057, ..Default::default() };
        let build = |variant| ThreeRegion { variant, ..gains }.build(Seed(1)).unwrap().network.connectivity.to_dense();
        let rms = |j: &DMatrix<f64>| (j.view((200, 200), (100, 100)).norm_squared() / 100.0).sqrt();
        let links = |j: &DMatrix<f64>| j.view((0, 100), (100, 100)).iter().filter(|&&w| w != 0.0).copied().collect::<Vec<f64>>();
        let (python, matlab, corrected) = (build(Variant::Python), build(Variant::Matlab), build(Variant::Corrected));
        assert!((rms(&python) - 1.5).abs() < 0.05 && (rms(&matlab) - 0.5).abs() < 0.05 && (rms(&corrected) - 0.5).abs() < 0.05);
        assert_eq!(links(&python), vec![0.02; 5]);
        assert_eq!(links(&matlab), vec![0.2; 6]);
        assert_eq!(links(&corrected), vec![0.2; 6]);
    }

    #[test]
    fn drives_span_zero_to_one_and_stand_still_when_they_should() {
        for v in [Variant::Python, Variant::Matlab, Variant::Corrected] {
            let (sequence, points) = variant(v).drives().unwrap();
            for drive in [&sequence, &points] {
                assert_eq!((drive.min(), drive.max()), (0.0, 1.0), "{v:?}");
                assert_eq!(drive.ncols(), 1201);
                assert_eq!(drive.column(0), drive.column(199), "{v:?}: the lead-in is constant");
            }
            assert_eq!(sequence.column(1200), sequence.column(620), "{v:?}: the bump stands still in the end");
            assert_ne!(points.column(300), points.column(1100), "{v:?}: there are two fixed points");
        }
    }

    #[test]
    fn coupling_makes_the_currents_between_regions_larger() {
        let power = |projecting, amplitude| {
            let truth = ThreeRegion { projecting, amplitude: Some(amplitude), ..Default::default() }.build(Seed(2)).unwrap();
            let recording = truth.record().unwrap();
            Currents::decompose(&truth.network, &recording).unwrap().inter_region_power().unwrap()
        };
        let (weak, strong) = (power(0.05, 0.2), power(0.5, 1.0));
        assert!(weak < 0.1 && strong > 5.0 * weak, "{weak} {strong}");
    }

    #[test]
    fn the_simulation_follows_its_own_equation() {
        let truth = ThreeRegion { units: 20, ..Default::default() }.build(Seed(4)).unwrap();
        let recording = truth.record().unwrap();
        let currents = Currents::decompose(&truth.network, &recording).unwrap();
        let (h, u) = (recording.rates.map(f64::atanh), recording.inputs.as_ref().unwrap());
        for (name, range) in recording.regions.iter() {
            let drive = currents.total(name).unwrap() + u.rows(range.start, 20);
            let rows = h.rows(range.start, 20);
            let predicted = rows.columns(0, 1200) * 0.9 + drive.columns(0, 1200) * 0.1;
            assert!((predicted - rows.columns(1, 1200)).amax() < 1e-9, "{name}");
        }
        assert!(currents.get(&Projection::new("A", "B")).unwrap().amax() > 0.0);
    }

    #[test]
    fn runs_too_short_for_the_drive_are_refused() {
        let message = ThreeRegion { duration: 1.0, ..Default::default() }.build(Seed(1)).unwrap_err().to_string();
        assert!(message.contains("duration = 1"), "{message}");
        assert!(ThreeRegion { units: 0, ..Default::default() }.build(Seed(1)).is_err());
        assert!(ThreeRegion { projecting: 1.5, ..Default::default() }.build(Seed(1)).is_err());
    }
}
