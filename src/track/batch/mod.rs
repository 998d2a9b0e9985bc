//! Many series on one network at once: every series in a lane of its own.

mod engine;
mod group;
mod series;
mod traces;
mod trained;

pub use series::Series;
pub use traces::Traces;
pub use trained::Trained;

use super::{Tracking, Wiring};
use crate::error::{Error, Result};
use crate::integrator::Element;
use crate::kernels::{Level, all_finite};
use crate::network::Network;
use crate::precision::Precision;
use engine::{Engine, Model};
use group::Group;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One network and its wiring, ready to learn many templates and to test each on many series.
///
/// Every pass does what [`super::Tracker`] does, step for step; J and the input weights are shared, state, W and P are private to the
/// pass. Nothing depends on which series share a vector, or on the number of threads. Double precision agrees with the tracker to some
/// 1e-12 of the largest error, single precision to some 1e-5; [`Precision::Mixed`] is taken as double, [`Precision::Half`] refused.
///
/// ```
/// use crosscurrent::track::{Batch, Series, Tracking, Wiring};
/// use crosscurrent::{Ensemble, Network, Precision, Regions, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("reservoir", 30)?;
/// let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[1.0])?;
/// let batch = Batch::new(&network, Tracking::default(), Wiring::sample(30, 1, 1, Seed(2)), Precision::Single)?;
/// let sine = |rate: f64| Series::from_values(&(0..1000).map(|k| (rate * k as f64).sin()).collect::<Vec<_>>());
/// let series = [sine(0.1), sine(0.2), sine(0.3)];
/// let trained = batch.train(&series, 0..1000)?;
/// // Which series departs least from each template?
/// let nearest = batch.test(&trained, &series, |_, traces| {
///     let total = |series: usize| traces.learning_error(series).iter().sum::<f64>();
///     (0..3).min_by(|&a, &b| total(a).total_cmp(&total(b)))
/// })?;
/// assert_eq!(nearest, [Some(0), Some(1), Some(2)]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "TRAKR")]
#[derive(Clone, Debug)]
pub struct Batch {
    network: Network,
    tracking: Tracking,
    wiring: Wiring,
    precision: Precision,
}

impl Batch {
    /// A batch on this network.
    ///
    /// # Errors
    /// A parameter out of range, or weights whose shapes do not fit the network.
    pub fn new(network: &Network, tracking: Tracking, wiring: Wiring, precision: Precision) -> Result<Self> {
        tracking.check()?;
        wiring.check(network.neurons())?;
        Ok(Batch { network: network.clone(), tracking, wiring, precision })
    }

    /// A tracker for each template, trained on it from the initial state; its readout learns at the samples in `plastic`. Templates may
    /// differ in length.
    ///
    /// # Errors
    /// [`Error::Parameter`] when `plastic` is empty, begins past the shortest template or ends past the longest; [`Error::Data`] or
    /// [`Error::Shape`] for a template that is empty, not finite or does not fit the wiring; [`Error::Diverged`].
    pub fn train(&self, templates: &[Series], plastic: Range<usize>) -> Result<Vec<Trained>> {
        self.check(templates)?;
        let lengths = || templates.iter().map(Series::samples);
        let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        if !templates.is_empty() && (plastic.is_empty() || plastic.start >= shortest || plastic.end > longest) {
            let expected =
                format!("a stretch that begins within the {shortest} samples of the shortest template and ends within {longest}");
            return Err(Error::parameter("plastic samples", format!("{plastic:?}"), expected));
        }
        match self.precision {
            Precision::Single => self.train_in::<f32>(templates, plastic),
            Precision::Double | Precision::Mixed => self.train_in::<f64>(templates, plastic),
            Precision::Half => Err(no_half()),
        }
    }

    fn train_in<T: Element>(&self, templates: &[Series], plastic: Range<usize>) -> Result<Vec<Trained>> {
        let model = Model::<T>::new(&self.network, self.tracking, &self.wiring);
        let start = Trained::new(&self.wiring, self.tracking.learning_rate);
        let groups = Group::split(templates, model.lanes);
        let learn = |engine: &mut Engine<T>, group: &Group<T>| -> Result<Vec<(usize, Trained)>> {
            engine.set(&start);
            engine.run(group, plastic.clone());
            self.finite(&engine.learning_error, model.lanes)?;
            Ok(group.members.iter().enumerate().map(|(lane, &which)| (which, engine.trained(lane))).collect())
        };
        let found: Result<Vec<_>> = groups.par_iter().map_init(|| Engine::new(&model), learn).collect();
        let mut found: Vec<(usize, Trained)> = found?.into_iter().flatten().collect();
        found.sort_by_key(|(which, _)| *which);
        Ok(found.into_iter().map(|(_, trained)| trained).collect())
    }

    /// Every series under every trained tracker, with W frozen; P goes on from where training left it and starts afresh for each series.
    ///
    /// `each` gets the number of a tracker and the error traces of all series under it, on the thread that made them; what it returns
    /// comes back in the order of the trackers. Only the traces of as many trackers as there are threads exist at a time.
    ///
    /// # Errors
    /// [`Error::Shape`] for a tracker of another network, [`Error::Data`] or [`Error::Shape`] for a series that is empty, not finite or
    /// does not fit the wiring; [`Error::Diverged`].
    pub fn test<R: Send>(&self, trained: &[Trained], series: &[Series], each: impl Fn(usize, &Traces) -> R + Sync) -> Result<Vec<R>> {
        self.check(series)?;
        let (neurons, outputs) = (self.network.neurons(), self.wiring.readout.nrows());
        if let Some(other) = trained.iter().find(|trained| trained.state.len() != neurons || trained.readout.len() != neurons * outputs) {
            let found = format!("{} neurons and {} weights", other.state.len(), other.readout.len());
            return Err(Error::shape("a trained tracker", format!("{neurons} neurons and {} weights", neurons * outputs), found));
        }
        match self.precision {
            Precision::Single => self.test_in::<f32, R>(trained, series, each),
            Precision::Double | Precision::Mixed => self.test_in::<f64, R>(trained, series, each),
            Precision::Half => Err(no_half()),
        }
    }

    fn test_in<T: Element, R: Send>(
        &self,
        trained: &[Trained],
        series: &[Series],
        each: impl Fn(usize, &Traces) -> R + Sync,
    ) -> Result<Vec<R>> {
        let model = Model::<T>::new(&self.network, self.tracking, &self.wiring);
        let (groups, outputs) = (Group::split(series, model.lanes), self.wiring.readout.nrows());
        let test = |(engine, traces): &mut (Engine<T>, Traces), which: usize| -> Result<R> {
            for group in &groups {
                engine.set(&trained[which]);
                engine.run(group, 0..0);
                self.finite(&engine.learning_error, model.lanes)?;
                traces.keep(model.level, &engine.learning_error, &group.members);
            }
            Ok(each(which, traces))
        };
        // Every thread keeps one scratch and takes the next tracker when it is done with one: none waits for more than a tracker.
        let next = AtomicUsize::new(0);
        let found = rayon::broadcast(|_| {
            let mut scratch = (Engine::new(&model), Traces::new(outputs, series.iter().map(Series::samples)));
            let mine = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&which| which < trained.len()));
            mine.map(|which| (which, test(&mut scratch, which))).collect::<Vec<_>>()
        });
        let mut found: Vec<(usize, Result<R>)> = found.into_iter().flatten().collect();
        found.sort_by_key(|(which, _)| *which);
        found.into_iter().map(|(_, result)| result).collect()
    }

    fn check(&self, series: &[Series]) -> Result<()> {
        let (inputs, outputs) = (self.wiring.input.ncols(), self.wiring.readout.nrows());
        series.iter().enumerate().try_for_each(|(which, series)| series.check(which, inputs, outputs))
    }

    /// An error at the first learning error that is not finite.
    fn finite<T: Element>(&self, learning_error: &[T], lanes: usize) -> Result<()> {
        if all_finite(Level::detect(), learning_error) {
            return Ok(());
        }
        let at = learning_error.iter().position(|error| !error.to_f64().is_finite()).unwrap_or(0);
        let sample = at / (lanes * self.wiring.readout.nrows());
        Err(Error::Diverged { what: "the tracker".into(), time_s: sample as f64 * self.tracking.dt, size: f64::INFINITY })
    }
}

/// Reservoirs are small: their weights stay in the nearest cache, and 16 bits would gain nothing.
fn no_half() -> Error {
    Error::parameter("precision", "half", "single, mixed or double: a tracker has no weights in 16 bits")
}

#[cfg(test)]
mod tests;
