//! Settings of TRAKR chosen by cross-validation inside the training series.

use super::{Reading, Scaling, Trakr};
use crate::classify::decision::{LinearSvm, NaiveBayes, NearestNeighbours, RbfSvm};
use crate::classify::protocol::cross_validated;
use crate::classify::{Classifier, Labelled};
use crate::ensemble::Gaussian;
use crate::error::{Error, Result};
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// TRAKR whose settings are those with the best cross-validated accuracy on the training series; nothing else is looked at.
///
/// One setting after the other is varied while the rest stay at the best so far, `rounds` times over. Equal accuracies are decided by
/// the area under the ROC curve, and then for what was tried first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tuned {
    /// Where the search starts.
    pub start: Trakr,
    /// Folds within the training series; at least 2, default 5. At most as many as the smallest class has members.
    pub folds: usize,
    /// Times that every setting is varied; default 2.
    pub rounds: usize,
}

impl Default for Tuned {
    fn default() -> Self {
        Tuned { start: Trakr::default(), folds: 5, rounds: 2 }
    }
}

impl Classifier for Tuned {
    fn name(&self) -> String {
        "TRAKR, tuned".into()
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], seed: Seed) -> Result<DMatrix<f64>> {
        self.settings(train, seed, &|| ControlFlow::Continue(()))?.scores(train, test, seed)
    }
}

/// Accuracy, area and settings of the best so far.
type Best = (f64, f64, Trakr);

impl Tuned {
    /// The settings for these training series.
    ///
    /// # Errors
    /// [`Error::Data`] when a class has a single series, so that nothing can be cross-validated; [`Error::Cancelled`].
    pub fn settings(&self, train: &Labelled, seed: Seed, go_on: &super::super::GoOn) -> Result<Trakr> {
        let smallest = train.counts().into_iter().filter(|&count| count > 0).min().unwrap_or(0);
        if smallest < 2 {
            return Err(Error::data("tuning", "a class has a single training series", "use trakr instead, whose settings are fixed"));
        }
        let mut best: Best = (-1.0, -1.0, self.start.clone());
        self.consider(self.start.clone(), train, (seed, go_on), &mut best)?;
        for _ in 0..self.rounds {
            for setting in SETTINGS {
                for candidate in setting(&best.2.clone()) {
                    self.consider(candidate, train, (seed, go_on), &mut best)?;
                }
            }
        }
        Ok(best.2)
    }

    /// Keeps `candidate` if it is better than the best so far.
    fn consider(&self, candidate: Trakr, train: &Labelled, (seed, go_on): (Seed, &super::super::GoOn), best: &mut Best) -> Result<()> {
        if candidate == best.2 && best.0 >= 0.0 {
            return Ok(());
        }
        let smallest = train.counts().into_iter().filter(|&count| count > 0).min().unwrap_or(2);
        let folds = self.folds.min(smallest).max(2);
        let found = match cross_validated(&candidate, train, folds, seed.child("tuning"), go_on) {
            Ok(found) => found,
            // A step that is too large for the reservoir, a constant channel: not a candidate.
            Err(Error::Diverged { .. } | Error::Data { .. } | Error::Parameter { .. }) => return Ok(()),
            Err(other) => return Err(other),
        };
        if (found.accuracy.value, found.auc.value) > (best.0, best.1) {
            *best = (found.accuracy.value, found.auc.value, candidate);
        }
        Ok(())
    }
}

/// Every setting with the values that are tried, the rest as given.
const SETTINGS: [fn(&Trakr) -> Vec<Trakr>; 8] = [
    |at| {
        let decisions =
            [RbfSvm::default().into(), LinearSvm::default().into(), NearestNeighbours::default().into(), NaiveBayes::default().into()];
        let readings = decisions.map(|decision| Reading::Decision { decision });
        readings.into_iter().chain([Reading::Nearest]).map(|reading| Trakr { reading, ..at.clone() }).collect()
    },
    |at| [Scaling::Series, Scaling::Channel, Scaling::None].map(|scaling| Trakr { scaling, ..at.clone() }).into(),
    |at| [4, 8, 16, 32, 64].map(|bins| Trakr { bins, ..at.clone() }).into(),
    |at| [0.03, 0.1, 0.3, 0.6, 1.0].map(|dt| with_tracking(at, |tracking| tracking.dt = dt)).into(),
    |at| [1, 3, 10].map(|templates| Trakr { templates, ..at.clone() }).into(),
    |at| [10, 30, 60].map(|units| Trakr { units, ..at.clone() }).into(),
    |at| [0.6, 1.2, 1.8].map(|gain| Trakr { reservoir: Gaussian { gain, autapses: true }.into(), ..at.clone() }).into(),
    |at| [0.01, 0.1, 1.0, 10.0].map(|rate| with_tracking(at, |tracking| tracking.learning_rate = rate)).into(),
];

fn with_tracking(at: &Trakr, change: impl Fn(&mut crate::track::Tracking)) -> Trakr {
    let mut changed = at.clone();
    change(&mut changed.tracking);
    changed
}
