//! A decision on the samples themselves.

use super::decision::{AnyDecision, NaiveBayes};
use super::labelled::{check_series, common_length};
use super::{Classifier, Labelled};
use crate::error::{Error, Result};
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// A decision whose features are the samples of the series, channel by channel; the series need equal lengths.
///
/// The default is naive Bayes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Values {
    /// How the samples are read.
    pub decision: AnyDecision,
}

impl Default for Values {
    fn default() -> Self {
        Values { decision: NaiveBayes::default().into() }
    }
}

impl Classifier for Values {
    fn name(&self) -> String {
        format!("{} on samples", self.decision.name())
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], _seed: Seed) -> Result<DMatrix<f64>> {
        let (known, asked) = stacked(self.decision.name(), train, test)?;
        self.decision.scores(&known, train.labels(), train.classes().len(), &asked)
    }
}

/// Training and test series with one column of samples each.
///
/// # Errors
/// Test series that cannot be used, or lengths that differ; `method` is named.
pub(super) fn stacked(method: &str, train: &Labelled, test: &[DMatrix<f64>]) -> Result<(DMatrix<f64>, DMatrix<f64>)> {
    check_test(train, test)?;
    let length = train.common_length(method)?;
    if !test.is_empty() && common_length(method, test)? != length {
        let expected = format!("{length} samples, as in training (dtw, echo-state and trakr take unequal lengths)");
        return Err(Error::shape(format!("{method}: series to classify"), expected, test[0].ncols()));
    }
    let columns = |series: &[DMatrix<f64>]| {
        let values = series.iter().flat_map(|one| one.iter().copied());
        DMatrix::from_iterator(length * train.channels(), series.len(), values)
    };
    Ok((columns(train.series()), columns(test)))
}

/// Refuses test series that are not finite or have another number of channels than the training series.
pub(super) fn check_test(train: &Labelled, test: &[DMatrix<f64>]) -> Result<()> {
    check_series(test)?;
    match test.first() {
        Some(first) if first.nrows() != train.channels() => {
            Err(Error::shape("series to classify", format!("{} channels, as in training", train.channels()), first.nrows()))
        }
        _ => Ok(()),
    }
}
