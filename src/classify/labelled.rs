//! Labelled: series with their classes.

use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// Series of any lengths with as many channels each, and the class of each.
///
/// ```
/// use crosscurrent::classify::Labelled;
/// use nalgebra::dmatrix;
/// let series = vec![dmatrix![0.0, 1.0, 2.0], dmatrix![2.0, 1.0, 0.0, -1.0], dmatrix![0.0, 2.0, 4.0]];
/// let data = Labelled::new(series, &["rise", "fall", "rise"])?;
/// assert_eq!(data.classes(), ["fall", "rise"]);
/// assert_eq!((data.labels(), data.counts()), (&[1, 0, 1][..], vec![1, 2]));
/// assert!(data.common_length("a distance").is_err());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    series: Vec<DMatrix<f64>>,
    labels: Vec<usize>,
    classes: Vec<String>,
}

impl Labelled {
    /// `series` (channels × time each) with one name of a class per series; the classes are the names in alphabetical order.
    ///
    /// # Errors
    /// [`Error::Shape`] when there are not as many names or not as many channels, [`Error::Data`] for a series that is empty or holds a
    /// value that is not finite.
    pub fn new<S: AsRef<str>>(series: Vec<DMatrix<f64>>, names: &[S]) -> Result<Self> {
        let mut classes: Vec<String> = names.iter().map(|name| name.as_ref().to_string()).collect();
        classes.sort();
        classes.dedup();
        let place = |name: &S| classes.iter().position(|class| class == name.as_ref()).expect("every name is a class");
        let labels = names.iter().map(place).collect();
        Labelled::from_labels(series, labels, classes)
    }

    /// The same with places in a list of classes, which may be longer than what occurs.
    ///
    /// # Errors
    /// As [`Labelled::new`], and [`Error::Parameter`] for a label outside the list.
    pub fn from_labels(series: Vec<DMatrix<f64>>, labels: Vec<usize>, classes: Vec<String>) -> Result<Self> {
        if series.is_empty() {
            return Err(Error::shape("labelled series", "at least one series", 0));
        }
        if labels.len() != series.len() {
            return Err(Error::shape("labels", format!("{} labels, one per series", series.len()), labels.len()));
        }
        if let Some(label) = labels.iter().find(|&&label| label >= classes.len()) {
            return Err(Error::parameter("label", label, format!("a place in the list of {} classes", classes.len())));
        }
        check_series(&series)?;
        Ok(Labelled { series, labels, classes })
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// False: there is at least one series.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Channels of every series.
    pub fn channels(&self) -> usize {
        self.series[0].nrows()
    }

    /// The series, channels × time each.
    pub fn series(&self) -> &[DMatrix<f64>] {
        &self.series
    }

    /// Place of each series' class in [`Labelled::classes`].
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How often each class occurs.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.labels.iter().for_each(|&label| counts[label] += 1);
        counts
    }

    /// The series of these indices, with all classes kept.
    pub fn subset(&self, indices: &[usize]) -> Labelled {
        let series = indices.iter().map(|&index| self.series[index].clone()).collect();
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        Labelled { series, labels, classes: self.classes.clone() }
    }

    /// Both sets in one, these series first.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or classes differ.
    pub fn joined(&self, other: &Labelled) -> Result<Labelled> {
        if self.classes != other.classes || self.channels() != other.channels() {
            let found = format!("{} channels, classes {}", other.channels(), other.classes.join(", "));
            return Err(Error::shape(
                "series to join",
                format!("{} channels, classes {}", self.channels(), self.classes.join(", ")),
                found,
            ));
        }
        let series = self.series.iter().chain(&other.series).cloned().collect();
        Labelled::from_labels(series, [&self.labels[..], &other.labels].concat(), self.classes.clone())
    }

    /// The same labels with every series changed by `change`.
    ///
    /// # Errors
    /// What `change` gives, and as [`Labelled::new`].
    pub fn map(&self, mut change: impl FnMut(&DMatrix<f64>) -> Result<DMatrix<f64>>) -> Result<Labelled> {
        let series = self.series.iter().map(&mut change).collect::<Result<_>>()?;
        Labelled::from_labels(series, self.labels.clone(), self.classes.clone())
    }

    /// The length of every series, for methods that compare sample by sample.
    ///
    /// # Errors
    /// [`Error::Shape`] that names `method` when lengths differ.
    pub fn common_length(&self, method: &str) -> Result<usize> {
        common_length(method, &self.series)
    }
}

/// Refuses series that are empty, not finite, or of different numbers of channels.
pub(super) fn check_series(series: &[DMatrix<f64>]) -> Result<()> {
    let channels = series.first().map_or(0, |first| first.nrows());
    for (index, one) in series.iter().enumerate() {
        if one.is_empty() {
            return Err(Error::data(format!("series {index}"), "it is empty", "leave it out"));
        }
        if one.nrows() != channels {
            return Err(Error::shape(format!("series {index}"), format!("{channels} channels, as series 0"), one.nrows()));
        }
        if let Some(at) = one.iter().position(|value| !value.is_finite()) {
            let problem = format!("{} in channel {} at sample {}", one[at], at % channels, at / channels);
            return Err(Error::data(format!("series {index}"), problem, "fill the gap or leave the series out"));
        }
    }
    Ok(())
}

/// The length that all series share.
pub(super) fn common_length(method: &str, series: &[DMatrix<f64>]) -> Result<usize> {
    let length = series.first().map_or(0, |first| first.ncols());
    match series.iter().position(|one| one.ncols() != length) {
        None => Ok(length),
        Some(index) => {
            let what = format!("{method}, which compares sample by sample: series {index}");
            let remedy = format!("{length} samples, as series 0 (dtw, echo-state and trakr take unequal lengths)");
            Err(Error::shape(what, remedy, series[index].ncols()))
        }
    }
}

/// Each channel with mean zero and standard deviation one (divided by n, as the published programs do).
///
/// # Errors
/// [`Error::Data`] for a channel that never changes.
///
/// ```
/// use crosscurrent::classify::z_scored;
/// let series = z_scored(&nalgebra::dmatrix![1.0, 3.0; 0.0, 8.0])?;
/// assert_eq!(series, nalgebra::dmatrix![-1.0, 1.0; -1.0, 1.0]);
/// assert!(z_scored(&nalgebra::dmatrix![2.0, 2.0]).unwrap_err().to_string().contains("never changes"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub fn z_scored(series: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    let mut scored = series.clone();
    for (channel, mut row) in scored.row_iter_mut().enumerate() {
        let mean = row.mean();
        let deviation = row.map(|v| (v - mean).powi(2)).mean().sqrt();
        if deviation <= 1e-12 * mean.abs().max(f64::MIN_POSITIVE) {
            let problem = format!("channel {channel} of a series never changes");
            return Err(Error::data("z-score", problem, "leave the series out, or do not z-score each series"));
        }
        row.apply(|v| *v = (*v - mean) / deviation);
    }
    Ok(scored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn what_cannot_be_classified_is_named() {
        let good = dmatrix![0.0, 1.0];
        let fails = |series: Vec<DMatrix<f64>>| Labelled::new(series, &["a", "b"]).unwrap_err().to_string();
        assert!(fails(vec![good.clone(), DMatrix::zeros(1, 0)]).contains("series 1: it is empty"));
        assert!(fails(vec![good.clone(), dmatrix![0.0, f64::NAN]]).contains("NaN in channel 0 at sample 1"));
        assert!(fails(vec![good.clone(), dmatrix![0.0; 1.0]]).contains("expected 1 channels"));
        assert!(fails(vec![good.clone()]).contains("2"));
        assert!(Labelled::from_labels(vec![good.clone()], vec![3], vec!["a".into()]).is_err());
        assert!(Labelled::new(Vec::new(), &[] as &[&str]).is_err());
        let unequal = Labelled::new(vec![good, dmatrix![0.0, 1.0, 2.0]], &["a", "b"]).unwrap();
        assert!(unequal.common_length("euclidean").unwrap_err().to_string().contains("found 3"));
    }
}
