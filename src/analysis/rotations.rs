//! Rotational dynamics: how much of the flow of activity is a rotation.

use super::principal_components::{PrincipalComponents, centred};
use crate::error::{Error, Result, in_range};
use crate::linalg::{product, svd};
use crate::recording::Recording;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How rotations are looked for.
#[doc(alias = "jPCA")]
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotations {
    /// Principal components that the dynamics are fitted in; even, default 6.
    pub components: usize,
    /// Subtracts the mean over trials at every time of the trial, which all conditions share; default on. A single trial keeps it.
    pub subtract_common: bool,
    /// Divides each neuron by its range plus this many units of rate (5 spikes/s in the paper); none, the default, leaves the sizes alone.
    pub soft_normalisation: Option<f64>,
}

/// The linear dynamics of the leading components, and what of them is rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct RotationalDynamics {
    /// Share of the variance of the velocity that the best linear flow explains.
    pub linear: f64,
    /// The same for the best rotation (a skew-symmetric matrix).
    pub rotation: f64,
    /// The same for the best gradient flow (a symmetric matrix).
    pub gradient: f64,
    /// Share of the variance of the activity that the components carry.
    pub captured: f64,
    /// The planes of rotation, fastest first.
    pub planes: Vec<RotationPlane>,
}

/// A plane in which activity turns.
#[derive(Clone, Debug, PartialEq)]
pub struct RotationPlane {
    /// In Hz.
    pub frequency: f64,
    /// Share of the variance in the components that lies in the plane.
    pub share: f64,
    /// Time courses of the two axes, 2 × samples; they turn from the first axis to the second.
    pub scores: DMatrix<f64>,
}

impl Default for Rotations {
    fn default() -> Self {
        Rotations { components: 6, subtract_common: true, soft_normalisation: None }
    }
}

impl RotationalDynamics {
    /// R² of the rotation over R² of the linear flow: 1 for a pure rotation, about 0 for a gradient flow.
    ///
    /// Sequences of activity score high without any rotation in the network (Lebedev et al. 2019), so it is no evidence in itself. Compare
    /// [`RotationalDynamics::rotation`] with [`Rotations::chance`].
    pub fn ratio(&self) -> f64 {
        self.rotation / self.linear
    }
}

impl Rotations {
    /// Fits dx/dt = M (x - x0) to the leading principal components x, with M free, skew-symmetric and symmetric (Churchland et al. 2012). The
    /// centre x0 is fitted too, since a recording need not spend as much time on each side of it.
    ///
    /// Velocities are differences of neighbouring samples over dt, placed at the mean of the two. Turning by an angle θ per sample then has a
    /// skew-symmetric M with entries 2 tan(θ / 2) / dt exactly, so a rotation has a ratio of 1 at any sampling and its frequency is exact. With
    /// C = sum x x^T, whose eigenvalues are c_i, and B = sum dx/dt x^T, both about the means and in the eigenbasis of C,
    ///
    /// ```text
    /// free: B_ij / c_j        skew-symmetric: (B_ij - B_ji) / (c_i + c_j)        symmetric: (B_ij + B_ji) / (c_i + c_j)
    /// ```
    ///
    /// ```
    /// use crosscurrent::{Recording, Regions, analysis::Rotations};
    /// use nalgebra::DMatrix;
    /// let rates = DMatrix::from_fn(2, 500, |i, k| (std::f64::consts::TAU * (3.0 * 0.01 * k as f64 - 0.25 * i as f64)).cos());
    /// let recording = Recording::new(rates, 0.01, Regions::single("all", 2)?)?;
    /// let found = Rotations { components: 2, ..Default::default() }.of(&recording)?;
    /// assert!((found.ratio() - 1.0).abs() < 1e-9 && (found.planes[0].frequency - 3.0).abs() < 1e-9);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// An odd number of components, fewer dimensions of the activity than components, or fewer than three samples per component.
    pub fn of(&self, recording: &Recording) -> Result<RotationalDynamics> {
        let count = self.components;
        if count == 0 || !count.is_multiple_of(2) {
            return Err(Error::parameter("components", count, "an even number of at least 2"));
        }
        if recording.samples() < 3 * count + recording.trial_starts.len() {
            let wanted = format!("at least {} samples", 3 * count + recording.trial_starts.len());
            return Err(Error::shape("recording", wanted, recording.samples()));
        }
        let activity = self.prepared(recording)?;
        let found = PrincipalComponents::of(&activity)?;
        let dimensions = found.variances.iter().filter(|variance| **variance > 1e-12 * found.variances[0]).count();
        if dimensions < count || found.variances[0] == 0.0 {
            let problem = format!("it has {dimensions} dimensions, {count} are asked for");
            return Err(Error::data("activity", problem, "ask for fewer components"));
        }
        let scores = found.scores(&activity, count)?;
        let captured = found.variances[..count].iter().sum::<f64>() / found.variances.iter().sum::<f64>();
        Ok(RotationalDynamics { captured, ..self.in_components(&scores, recording)? })
    }

    /// The dynamics of `scores` (components × samples), which carry all of the variance that is asked for.
    pub(super) fn in_components(&self, scores: &DMatrix<f64>, recording: &Recording) -> Result<RotationalDynamics> {
        let (places, velocities) = flow(scores, recording);
        let (places, velocities) = (centred(&places, &places.column_mean()), centred(&velocities, &velocities.column_mean()));
        let fit = Fit::of(&places, &velocities)?;
        let r2 = |m: &DMatrix<f64>| 1.0 - (&velocities - product(m, &places)).norm_squared() / velocities.norm_squared();
        Ok(RotationalDynamics {
            linear: r2(&fit.free),
            rotation: r2(&fit.skew),
            gradient: r2(&fit.symmetric),
            captured: 1.0,
            planes: planes(&fit.skew, scores, recording.clock.dt())?,
        })
    }

    /// Neurons × samples after normalisation, without what all trials share.
    pub(super) fn prepared(&self, recording: &Recording) -> Result<DMatrix<f64>> {
        let mut activity = recording.rates.clone();
        if let Some(soft) = self.soft_normalisation {
            in_range("soft normalisation", soft, 0.0.., "at least 0")?;
            for mut row in activity.row_iter_mut() {
                let range = row.max() - row.min() + soft;
                if range > 0.0 {
                    row /= range;
                }
            }
        }
        let trials: Vec<_> = recording.trials().collect();
        if self.subtract_common && trials.len() > 1 {
            let longest = trials.iter().map(|trial| trial.len()).max().unwrap_or(0);
            for time in 0..longest {
                let there: Vec<usize> = trials.iter().filter(|trial| time < trial.len()).map(|trial| trial.start + time).collect();
                let mean = activity.select_columns(&there).column_mean();
                there.iter().for_each(|&sample| activity.column_mut(sample).axpy(-1.0, &mean, 1.0));
            }
        }
        Ok(activity)
    }
}

/// Midpoints of neighbouring samples and the velocities there, components × pairs.
fn flow(scores: &DMatrix<f64>, recording: &Recording) -> (DMatrix<f64>, DMatrix<f64>) {
    let pairs: Vec<usize> = recording.trials().flat_map(|trial| trial.start..trial.end - 1).collect();
    let (now, next) = (scores.select_columns(&pairs), scores.select_columns(&pairs.iter().map(|k| k + 1).collect::<Vec<_>>()));
    ((&now + &next) * 0.5, (next - now) / recording.clock.dt())
}

/// The three least-squares matrices.
struct Fit {
    free: DMatrix<f64>,
    skew: DMatrix<f64>,
    symmetric: DMatrix<f64>,
}

impl Fit {
    fn of(places: &DMatrix<f64>, velocities: &DMatrix<f64>) -> Result<Self> {
        let factors = svd(&product(places, &places.transpose()))?;
        let (basis, c) = (factors.u, factors.s);
        let b = basis.tr_mul(&product(velocities, &places.transpose())) * &basis;
        let count = c.len();
        let back = |m: DMatrix<f64>| &basis * m * basis.transpose();
        // Directions that the midpoints do not visit say nothing.
        let over = |value: f64, weight: f64| if weight > 1e-14 * c[0] { value / weight } else { 0.0 };
        Ok(Fit {
            free: back(DMatrix::from_fn(count, count, |i, j| over(b[(i, j)], c[j]))),
            skew: back(DMatrix::from_fn(count, count, |i, j| over(b[(i, j)] - b[(j, i)], c[i] + c[j]))),
            symmetric: back(DMatrix::from_fn(count, count, |i, j| over(b[(i, j)] + b[(j, i)], c[i] + c[j]))),
        })
    }
}

/// The invariant planes of a skew-symmetric matrix, fastest first, with the time courses in them.
fn planes(skew: &DMatrix<f64>, scores: &DMatrix<f64>, dt: f64) -> Result<Vec<RotationPlane>> {
    let (mut rest, total) = (skew.clone(), scores.norm_squared());
    let mut found = Vec::new();
    for _ in 0..skew.nrows() / 2 {
        let first: DVector<f64> = svd(&rest)?.u.column(0).into_owned();
        let turned = &rest * &first;
        let speed = turned.norm();
        if speed <= 1e-12 * skew.norm() {
            break;
        }
        let axes = DMatrix::from_columns(&[first, turned / speed]);
        // A skew-symmetric matrix without the plane: P rest P with P = 1 - axes axesᵀ.
        let inside = &axes * axes.transpose();
        let outside = DMatrix::identity(skew.nrows(), skew.nrows()) - inside;
        rest = &outside * rest * &outside;
        let scores = product(&axes.transpose(), scores);
        let share = scores.norm_squared() / total;
        found.push(RotationPlane { frequency: (0.5 * speed * dt).atan() / (PI * dt), share, scores });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Regions;
    use std::f64::consts::TAU;

    fn recording(rates: DMatrix<f64>) -> Recording {
        let regions = Regions::single("all", rates.nrows()).unwrap();
        Recording::new(rates, 0.01, regions).unwrap()
    }

    /// x(t) = sum of trajectories in an oblique basis of 10 neurons.
    fn mixed(latents: &DMatrix<f64>) -> DMatrix<f64> {
        let basis = DMatrix::from_fn(10, latents.nrows(), |i, k| ((i * 5 + k * 3) as f64 * 0.71).sin());
        let mut basis = basis;
        crate::linalg::orthonormalise(&mut basis);
        basis * latents
    }

    #[test]
    fn two_rotations_have_a_ratio_of_one_and_their_frequencies() {
        let angle = |plane: usize, k: usize| TAU * [1.0, 4.0][plane] * 0.01 * k as f64;
        let latents = DMatrix::from_fn(4, 400, |row, k| match row % 2 {
            0 => [2.0, 1.0][row / 2] * angle(row / 2, k).cos(),
            _ => [2.0, 1.0][row / 2] * angle(row / 2, k).sin(),
        });
        let found = Rotations { components: 4, ..Default::default() }.of(&recording(mixed(&latents))).unwrap();
        assert!((found.ratio() - 1.0).abs() < 1e-9 && (found.rotation - 1.0).abs() < 1e-9);
        assert!(found.gradient.abs() < 1e-2 && (found.captured - 1.0).abs() < 1e-12);
        assert_eq!(found.planes.len(), 2);
        for (plane, (frequency, share)) in found.planes.iter().zip([(4.0, 0.2), (1.0, 0.8)]) {
            assert!((plane.frequency - frequency).abs() < 1e-2 * frequency, "{}", plane.frequency);
            assert!((plane.share - share).abs() < 1e-3, "{}", plane.share);
            // From the first axis to the second: a positive area per sample.
            let area = plane.scores[(0, 0)] * plane.scores[(1, 1)] - plane.scores[(1, 0)] * plane.scores[(0, 1)];
            assert!(area > 0.0);
        }
    }

    #[test]
    fn a_gradient_flow_has_a_ratio_of_zero() {
        // Decays along two orthogonal axes from several starts: a symmetric M.
        let starts = [(1.0, 0.3), (-0.4, 1.0), (0.7, -0.9), (-1.0, -0.5)];
        let latents = DMatrix::from_fn(2, 200, |row, k| {
            let (trial, t) = (k / 50, 0.01 * (k % 50) as f64);
            [starts[trial].0 * (-2.0 * t).exp(), starts[trial].1 * (-5.0 * t).exp()][row]
        });
        let trials = Recording { trial_starts: vec![0, 50, 100, 150], ..recording(mixed(&latents)) };
        let method = Rotations { components: 2, subtract_common: false, soft_normalisation: None };
        let found = method.of(&trials).unwrap();
        assert!(found.ratio() < 0.05 && (found.linear - 1.0).abs() < 1e-9, "{} {}", found.ratio(), found.linear);
        assert!((found.gradient - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_all_trials_share_is_taken_off() {
        // One common rotation; what differs between the trials decays along two axes, and adds up to nothing.
        let starts = [(1.0, 0.3), (-0.4, 1.0), (0.7, -0.9), (-1.3, -0.4)];
        let latents = DMatrix::from_fn(4, 240, |row, k| {
            let (start, t) = (starts[k / 60], 0.01 * (k % 60) as f64);
            match row {
                0 => 5.0 * (20.0 * t).cos(),
                1 => 5.0 * (20.0 * t).sin(),
                2 => start.0 * (-2.0 * t).exp(),
                _ => start.1 * (-6.0 * t).exp(),
            }
        });
        let trials = Recording { trial_starts: vec![0, 60, 120, 180], ..recording(mixed(&latents)) };
        let ratio = |subtract_common: bool| Rotations { components: 2, subtract_common, ..Default::default() }.of(&trials).unwrap().ratio();
        assert!(ratio(true) < 0.05 && ratio(false) > 0.95, "{} {}", ratio(true), ratio(false));
    }

    #[test]
    fn soft_normalisation_and_bad_input() {
        let rates = DMatrix::from_fn(2, 300, |i, k| [1.0, 100.0][i] * (0.05 * k as f64 - 0.5 * PI * i as f64).cos());
        let share = |soft_normalisation| {
            Rotations { components: 2, soft_normalisation, ..Default::default() }.of(&recording(rates.clone())).unwrap().planes[0]
                .scores
                .amax()
        };
        assert!(share(None) > 90.0 && share(Some(0.0)) < 1.0);
        let method = |components| Rotations { components, ..Default::default() };
        assert!(method(3).of(&recording(rates.clone())).is_err() && method(0).of(&recording(rates.clone())).is_err());
        assert!(method(4).of(&recording(rates.clone())).unwrap_err().to_string().contains("2 dimensions"));
        assert!(method(2).of(&recording(rates.columns(0, 6).into_owned())).is_err());
        assert!(method(2).of(&recording(DMatrix::from_element(2, 50, 1.0))).is_err());
    }
}
