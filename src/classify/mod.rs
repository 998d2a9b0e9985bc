//! Classify: which class a time series belongs to, by its error traces (TRAKR) or by methods to compare it with.
//!
//! A [`Classifier`] reads [`Labelled`] series and scores others. [`standard`], [`cross_validated`] and [`one_shot`] say what it may learn
//! from; [`Evaluation`] says how well the scores tell the classes apart. [`Published`] repeats the protocol of the TRAKR paper.

mod auc;
pub mod decision;
mod dtw;
mod echo_state;
mod euclidean;
mod evaluation;
mod folds;
mod interval;
mod labelled;
mod mutual_information;
mod protocol;
mod published;
mod trakr;
mod values;

pub use auc::auc;
pub use dtw::{DynamicTimeWarping, Window, dtw};
pub use echo_state::EchoState;
pub use euclidean::EuclideanNearest;
pub use evaluation::{Evaluation, Repeated, predicted};
pub use folds::{one_of_each, stratified_folds};
pub use interval::Interval;
pub use labelled::{Labelled, z_scored};
pub use mutual_information::MutualInformation;
pub use protocol::{GoOn, cross_validated, one_shot, standard};
pub use published::{Features, Published};
pub use trakr::{Reading, Scaling, Trakr, Tuned, error_traces};
pub use values::Values;

use crate::error::Result;
use crate::family::family;
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::any::Any;
use std::fmt::Debug;

/// Reads labelled series and scores others.
///
/// ```
/// use crosscurrent::Seed;
/// use crosscurrent::classify::{Classifier, EuclideanNearest, Labelled, predicted};
/// use nalgebra::dmatrix;
/// let train = Labelled::new(vec![dmatrix![0.0, 1.0, 2.0], dmatrix![2.0, 1.0, 0.0]], &["rise", "fall"])?;
/// let scores = EuclideanNearest {}.scores(&train, &[dmatrix![0.1, 0.9, 2.2]], Seed(1))?;
/// assert_eq!(train.classes()[predicted(&scores)[0]], "rise");
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub trait Classifier: Any + Debug + Send + Sync {
    /// Its name in tables, with the settings that matter.
    fn name(&self) -> String;

    /// Scores of the series in `test` (channels × time each), series × classes; the larger, the more likely, and comparable from series to
    /// series. Nothing but `train` is learned from.
    ///
    /// # Errors
    /// A parameter out of range, or series that the method cannot take.
    fn scores(&self, train: &Labelled, test: &[DMatrix<f64>], seed: Seed) -> Result<DMatrix<f64>>;
}

family! {
    /// The classifiers that a file can name.
    AnyClassifier: Classifier {
        /// Nearest neighbour by Euclidean distance
        EuclideanNearest,
        /// Nearest neighbour by dynamic time warping
        DynamicTimeWarping,
        /// Nearest neighbour by mutual information
        MutualInformation,
        /// Echo-state network with a ridge readout
        EchoState,
        /// A decision on the samples themselves
        Values,
        /// Error traces of templates
        Trakr,
        /// The same with settings chosen inside the training series
        Tuned,
    }
}
