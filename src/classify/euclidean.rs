//! Nearest neighbour by Euclidean distance.

use super::decision::{nearest_scores, squared_distances};
use super::values::stacked;
use super::{Classifier, Labelled};
use crate::error::Result;
use crate::seed::Seed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// One nearest neighbour by the Euclidean distance of the samples; the series need equal lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EuclideanNearest {}

impl EuclideanNearest {
    pub(super) const NAME: &'static str = "euclidean";
}

impl Classifier for EuclideanNearest {
    fn name(&self) -> String {
        "Euclidean 1-NN".into()
    }

    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], _seed: Seed) -> Result<DMatrix<f64>> {
        let (known, asked) = stacked(Self::NAME, train, test)?;
        let distances = squared_distances(&known, &asked).map(f64::sqrt);
        Ok(nearest_scores(&distances, train.labels(), train.classes().len()))
    }
}
