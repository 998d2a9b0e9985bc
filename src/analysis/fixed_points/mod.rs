//! Fixed and slow points of networks: where they stand still, and where they nearly do.

mod descent;
#[cfg(test)]
mod tests;

use self::descent::{Descent, End};
use super::linearisation::{Linearisation, Stability};
use crate::error::{Error, Result, positive};
use crate::network::Network;
use crate::nonlinearity::activations;
use crate::recording::Recording;
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// How fixed and slow points are looked for.
///
/// From every start the kinetic energy q = |dx/dt|² / 2 is minimised (Sussillo & Barak 2013): by Newton steps on dx/dt = 0 as long as each
/// divides q by four, by damped (Levenberg–Marquardt) steps otherwise, none of them longer than one in each neuron on average. A minimum at
/// q = 0 is a fixed point, another one a slow point, the trace of fixed points that have just vanished or of a bottleneck of the flow.
///
/// ```
/// use crosscurrent::{Connectivity, Network, Regions, Seed, analysis::{FixedPoints, Stability}, nonlinearity::Tanh};
/// let j = Connectivity::dense(nalgebra::dmatrix![2.0])?;
/// let network = Network::new(Regions::single("all", 1)?, j, Tanh, &[0.1])?;
/// let search = FixedPoints::default();
/// let points = search.find(&network, &FixedPoints::random_starts(1, 20, 2.0, Seed(1)))?;
/// // x = 2 tanh(x) at 0, which is unstable, and at ± 1.91501.
/// assert_eq!(points.len(), 3);
/// assert!(points.iter().all(|point| point.fixed));
/// let outer = points.iter().find(|point| point.state[0] > 0.1).unwrap();
/// assert!((outer.state[0] - 1.9150080481545).abs() < 1e-9);
/// assert_eq!(outer.linearisation.stability(), Stability::Stable);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixedPoints {
    /// A point is fixed where the root mean square of tau dx/dt over neurons is at most this; default 1e-10.
    pub tolerance: f64,
    /// A minimum of q is a slow point where that root mean square is at most this; default 0.1.
    pub slow: f64,
    /// Points closer than this (root mean square over neurons) are one; default 1e-4.
    pub distance: f64,
    /// Steps of the search from one start; default 1000.
    pub iterations: usize,
    /// Constant input u to every neuron (N values); empty, the default, for none.
    pub input: Vec<f64>,
}

/// A state at which a network stands still, or nearly does.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPoint {
    /// Activations x (N values).
    pub state: Vec<f64>,
    /// Whether the network stands still; otherwise it is slow.
    pub fixed: bool,
    /// Root mean square over neurons of dx/dt, in 1/s.
    pub speed: f64,
    /// q = |dx/dt|² / 2, in 1/s².
    pub energy: f64,
    /// Number of starts from which the search ended here.
    pub starts: usize,
    /// The linear dynamics around the point. At a slow point they hold for times that are short against the drift.
    pub linearisation: Linearisation,
}

impl FixedPoint {
    /// Number of directions in which perturbations grow. At a slow point the gradient of q vanishes while the flow does not, so one
    /// eigenvalue is zero, as exactly as the point is known: the one of smallest modulus does not count there.
    pub fn unstable(&self) -> usize {
        if self.fixed {
            return self.linearisation.unstable();
        }
        let values = &self.linearisation.eigenvalues;
        let zero = (0..values.len()).min_by(|&a, &b| values[a].norm().total_cmp(&values[b].norm()));
        (0..values.len()).filter(|&k| Some(k) != zero && values[k].re > 0.0).count()
    }

    /// What becomes of small perturbations; a slow point is marginal or a saddle.
    pub fn stability(&self) -> Stability {
        match self.unstable() {
            _ if self.fixed => self.linearisation.stability(),
            0 => Stability::Marginal,
            _ => Stability::Saddle,
        }
    }
}

impl Default for FixedPoints {
    fn default() -> Self {
        FixedPoints { tolerance: 1e-10, slow: 0.1, distance: 1e-4, iterations: 1000, input: Vec::new() }
    }
}

impl FixedPoints {
    /// The fixed points of `network` and then its slow points that are reached from the columns of `starts` (N × number of starts), each
    /// once, in the order in which their first starts come. Starts that end at a minimum that is too fast, or nowhere, leave none.
    ///
    /// # Errors
    /// Settings out of range, no starts, starts of another size or not finite, or an iteration for eigenvalues that fails.
    pub fn find(&self, network: &Network, starts: &DMatrix<f64>) -> Result<Vec<FixedPoint>> {
        self.find_watched(network, starts, &|| ControlFlow::Continue(()))
    }

    /// As [`FixedPoints::find`]; `step` is called after every start and may end the search.
    ///
    /// # Errors
    /// As [`FixedPoints::find`], and [`Error::Cancelled`].
    pub fn find_watched(
        &self,
        network: &Network,
        starts: &DMatrix<f64>,
        step: &(dyn Fn() -> ControlFlow<()> + Sync),
    ) -> Result<Vec<FixedPoint>> {
        self.check(network, starts)?;
        let descent = Descent::new(network, self);
        let search = |start: usize| {
            let end = descent.from(starts.column(start).into_owned());
            if step().is_break() { Err(Error::Cancelled) } else { Ok(end) }
        };
        let ends: Vec<End> = (0..starts.ncols()).into_par_iter().with_max_len(1).map(search).collect::<Result<_>>()?;
        let mut points: Vec<(End, usize)> = Vec::new();
        let kept = ends.into_iter().filter(|end| end.minimum && end.residual <= self.slow);
        for end in kept {
            match points.iter_mut().find(|(point, _)| point.fixed == end.fixed && self.same(point, &end)) {
                Some((point, count)) => {
                    *count += 1;
                    if end.residual < point.residual {
                        *point = end;
                    }
                }
                None => points.push((end, 1)),
            }
        }
        points.sort_by_key(|(end, _)| !end.fixed);
        points.into_par_iter().with_max_len(1).map(|(end, starts)| end.into_point(network, starts)).collect()
    }

    /// Starts with independent normal activations, N × `count`.
    pub fn random_starts(neurons: usize, count: usize, deviation: f64, seed: Seed) -> DMatrix<f64> {
        let mut rng = seed.child("starts of a search for fixed points").rng();
        DMatrix::from_fn(neurons, count, |_, _| deviation * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng))
    }

    /// Starts at `count` samples of a recording of the network's rates, evenly spaced, N × `count`: x = phi^-1(r). Rates at the ends of the
    /// range of phi are taken to be inside by 1e-6 of it.
    ///
    /// # Errors
    /// Other neurons than those of the network, more starts than samples, or a rate that phi does not reach or reaches more than once.
    pub fn recorded_starts(network: &Network, recording: &Recording, count: usize) -> Result<DMatrix<f64>> {
        if recording.neurons() != network.neurons() {
            return Err(Error::shape("recording", format!("{} neurons, as the network", network.neurons()), recording.neurons()));
        }
        if count == 0 || count > recording.samples() {
            return Err(Error::parameter("starts", count, format!("1 to {}, the number of samples", recording.samples())));
        }
        let sample = |k: usize| recording.rates.column(k * recording.samples() / count).into_owned();
        let states = (0..count).map(|k| activations(&*network.nonlinearity, sample(k).as_slice(), 1e-6).map(Into::into));
        Ok(DMatrix::from_columns(&states.collect::<Result<Vec<nalgebra::DVector<f64>>>>()?))
    }

    fn same(&self, a: &End, b: &End) -> bool {
        (&a.state - &b.state).norm() <= self.distance * (a.state.len() as f64).sqrt()
    }

    fn check(&self, network: &Network, starts: &DMatrix<f64>) -> Result<()> {
        positive("tolerance", self.tolerance)?;
        positive("slow", self.slow)?;
        positive("distance", self.distance)?;
        if self.iterations == 0 {
            return Err(Error::parameter("iterations", 0, "at least 1"));
        }
        let neurons = network.neurons();
        if !(self.input.is_empty() || self.input.len() == neurons) || self.input.iter().any(|u| !u.is_finite()) {
            return Err(Error::shape("constant input", format!("none or {neurons} finite values"), format!("{} values", self.input.len())));
        }
        if starts.nrows() != neurons || starts.ncols() == 0 {
            let found = format!("{} × {}", starts.nrows(), starts.ncols());
            return Err(Error::shape("starts of a search", format!("{neurons} neurons × at least 1 start"), found));
        }
        if starts.iter().any(|x| !x.is_finite()) {
            return Err(Error::data("starts of a search", "a value is not finite", "start from finite activations"));
        }
        Ok(())
    }
}
