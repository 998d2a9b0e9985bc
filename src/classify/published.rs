//! The protocol of the TRAKR paper.

use super::decision::AnyDecision;
use super::{EuclideanNearest, Labelled, MutualInformation, Trakr, stratified_folds};
use crate::classify::decision::squared_distances;
use crate::classify::values::stacked;
use crate::error::{Error, Result};
use crate::seed::Seed;
use crate::track::{Batch, Series};
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::ops::Range;

/// The protocol of the paper: every series in turn is the template, E(t) of all series under it, sample by sample, are the features, and a
/// decision is cross-validated on them. Accuracy and area are averaged over templates.
///
/// The template itself is among the series, as published. The caller goes through the templates block by block, so that no more than a
/// block of the tensor templates × series × samples exists at a time: [`Published::traces`], then [`Published::judge`].
///
/// ```
/// use crosscurrent::{Seed, classify::{Labelled, Published, Repeated, Trakr}};
/// let wave = |k: usize| nalgebra::DMatrix::from_fn(1, 60, |_, t| ([0.2, 0.4][k % 2] * t as f64 + k as f64).sin());
/// let data = Labelled::new((0..12).map(wave).collect(), &["slow", "fast"].repeat(6))?;
/// let trakr = Trakr { units: 10, ..Default::default() };
/// let protocol = Published::new(&data, &trakr, 3, Seed(1))?;
/// let mut repeated = Repeated::new(12, 2);
/// for block in [0..6, 6..12] {
///     for scores in protocol.judge(&protocol.traces(block)?, &Default::default())? {
///         repeated.add(&scores, data.labels(), &(0..12).collect::<Vec<_>>())?;
///     }
/// }
/// assert_eq!(repeated.evaluation().repetitions, 12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Published<'a> {
    data: &'a Labelled,
    series: Vec<Series>,
    batch: Batch,
    /// Fold of every series, the same for all templates.
    folds: Vec<usize>,
}

/// Features of all series under one template, features × series.
pub type Features = DMatrix<f32>;

impl<'a> Published<'a> {
    /// Of `trakr`, the reservoir, the tracking, the precision and the scaling count.
    ///
    /// # Errors
    /// As [`stratified_folds`], series of unequal lengths, a parameter out of range.
    pub fn new(data: &'a Labelled, trakr: &Trakr, folds: usize, seed: Seed) -> Result<Self> {
        data.common_length("the published protocol")?;
        let scaled = trakr.scaling.apply(data.series(), &[])?;
        let series = scaled.into_iter().map(|input| Series { input, target: None }).collect();
        let folds = stratified_folds(data.labels(), folds, seed)?;
        Ok(Published { data, series, batch: trakr.batch(data.channels(), seed)?, folds })
    }

    /// E(t) of all series under each of `templates`.
    ///
    /// # Errors
    /// A reservoir that diverges.
    pub fn traces(&self, templates: Range<usize>) -> Result<Vec<Features>> {
        self.under(&self.series[templates])
    }

    /// E(t) of all series under series that are none of them, such as noisy copies; these are taken as they come, without rescaling.
    ///
    /// # Errors
    /// Templates with other channels or samples than the series, a reservoir that diverges.
    pub fn traces_under(&self, templates: &[DMatrix<f64>]) -> Result<Vec<Features>> {
        let size = |series: &DMatrix<f64>| series.shape();
        if let Some(other) = templates.iter().find(|template| size(template) != size(&self.series[0].input)) {
            let expected = format!("{} × {}, as the series", self.data.channels(), self.series[0].samples());
            return Err(Error::shape("template", expected, format!("{} × {}", other.nrows(), other.ncols())));
        }
        self.under(&templates.iter().map(|input| Series { input: input.clone(), target: None }).collect::<Vec<_>>())
    }

    fn under(&self, templates: &[Series]) -> Result<Vec<Features>> {
        let trained = self.batch.train(templates, 0..self.series[0].samples())?;
        let rows = self.data.channels() * self.series[0].samples();
        self.batch.test(&trained, &self.series, |_, traces| {
            DMatrix::from_iterator(rows, self.series.len(), traces.values().iter().map(|&error| error as f32))
        })
    }

    /// The baseline of the paper with one number for each series: its Euclidean distance to the template.
    ///
    /// # Errors
    /// None for series that [`Published::new`] took.
    pub fn euclidean(&self, templates: Range<usize>) -> Result<Vec<Features>> {
        let chosen = self.data.subset(&templates.collect::<Vec<_>>());
        let (known, asked) = stacked(EuclideanNearest::NAME, &chosen, self.data.series())?;
        Ok(rows(&squared_distances(&known, &asked).map(f64::sqrt)))
    }

    /// The same with 1 − normalised mutual information.
    ///
    /// # Errors
    /// As [`MutualInformation`].
    pub fn mutual_information(&self, templates: Range<usize>) -> Result<Vec<Features>> {
        let chosen = self.data.subset(&templates.collect::<Vec<_>>());
        Ok(rows(&MutualInformation::default().distances(&chosen, self.data.series())?))
    }

    /// Cross-validated scores (series × classes) for each template.
    ///
    /// # Errors
    /// What the decision gives.
    pub fn judge(&self, features: &[Features], decision: &AnyDecision) -> Result<Vec<DMatrix<f64>>> {
        let classes = self.data.classes().len();
        let one = |features: &Features| decision.cross_validated(&features.map(f64::from), self.data.labels(), classes, &self.folds);
        features.par_iter().map(one).collect()
    }
}

/// Each row by itself.
fn rows(matrix: &DMatrix<f64>) -> Vec<Features> {
    matrix.row_iter().map(|row| DMatrix::from_iterator(1, row.len(), row.iter().map(|&value| value as f32))).collect()
}
