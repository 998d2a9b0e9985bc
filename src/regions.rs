//! Regions: named, contiguous parts of the neurons 0..N.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Named parts of the neurons 0..N, in order and without gaps.
///
/// Files whose regions are scattered are sorted when they are read, so that a region is always a block of rows of a recording
/// and a pair of regions always a block of J.
///
/// ```
/// use crosscurrent::{Projection, Regions};
/// let regions = Regions::new([("A", 100), ("B", 50)])?;
/// assert_eq!(regions.neurons(), 150);
/// assert_eq!(regions.range("B")?, 100..150);
/// assert_eq!(regions.projections().count(), 4);
/// assert_eq!(Projection::new("A", "B").to_string(), "A → B");
/// assert!(regions.range("C").is_err());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions {
    names: Vec<String>,
    sizes: Vec<usize>,
}

/// An ordered pair of regions: the current that `source` sends to `target`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Projection {
    /// The region whose rates drive the current.
    pub source: String,
    /// The region that receives it.
    pub target: String,
}

impl Projection {
    /// The projection `source -> target`.
    pub fn new(source: impl Into<String>, target: impl Into<String>) -> Self {
        Projection { source: source.into(), target: target.into() }
    }

    /// True when the current stays inside one region.
    pub fn is_within(&self) -> bool {
        self.source == self.target
    }
}

impl std::fmt::Display for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {}", self.source, self.target)
    }
}

impl Regions {
    /// Regions of the given sizes, one after the other.
    ///
    /// # Errors
    /// At least one region; every size at least 1; no name empty or twice.
    pub fn new<S: Into<String>>(parts: impl IntoIterator<Item = (S, usize)>) -> Result<Self> {
        let (names, sizes): (Vec<String>, Vec<usize>) = parts.into_iter().map(|(name, size)| (name.into(), size)).unzip();
        if names.is_empty() {
            return Err(Error::parameter("regions", "none", "at least one region"));
        }
        for (index, (name, &size)) in names.iter().zip(&sizes).enumerate() {
            if name.is_empty() {
                return Err(Error::parameter("region", "''", "a name that is not empty"));
            }
            if size == 0 {
                return Err(Error::parameter(format!("size of region '{name}'"), size, "at least 1 neuron"));
            }
            if names[..index].contains(name) {
                return Err(Error::parameter("region", format!("'{name}' twice"), "every name once"));
            }
        }
        Ok(Regions { names, sizes })
    }

    /// One region called `name` that holds all `neurons`.
    ///
    /// # Errors
    /// `neurons` must be at least 1.
    pub fn single(name: &str, neurons: usize) -> Result<Self> {
        Self::new([(name, neurons)])
    }

    /// Number of neurons N.
    pub fn neurons(&self) -> usize {
        self.sizes.iter().sum()
    }

    /// Number of regions.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Sizes, in order.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Position of region `name`.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`] with the names that exist.
    pub fn index(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|n| n == name).ok_or_else(|| Error::UnknownRegion { name: name.to_string(), known: self.names.join(", ") })
    }

    /// Neurons of region `name`.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`] with the names that exist.
    pub fn range(&self, name: &str) -> Result<Range<usize>> {
        self.index(name).map(|index| self.range_at(index))
    }

    /// Neurons of the region at position `index` (below [`Regions::count`]).
    pub fn range_at(&self, index: usize) -> Range<usize> {
        let start: usize = self.sizes[..index].iter().sum();
        start..start + self.sizes[index]
    }

    /// Position of the region that holds `neuron` (below N).
    pub fn region_of(&self, neuron: usize) -> usize {
        let mut end = 0;
        self.sizes.iter().position(|size| {
            end += size;
            neuron < end
        }).expect("the neuron is below N")
    }

    /// Every region with its neurons, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.names.iter().enumerate().map(|(index, name)| (name.as_str(), self.range_at(index)))
    }

    /// Every ordered pair of regions; targets in the outer, sources in the inner loop, as the blocks of J are read.
    pub fn projections(&self) -> impl Iterator<Item = Projection> + '_ {
        self.names.iter().flat_map(move |target| self.names.iter().map(move |source| Projection::new(source, target)))
    }

    /// (rows, columns) of the block of J that carries `projection`.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`] with the names that exist.
    pub fn block(&self, projection: &Projection) -> Result<(Range<usize>, Range<usize>)> {
        Ok((self.range(&projection.target)?, self.range(&projection.source)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_cover_the_neurons_in_order() {
        let regions = Regions::new([("A", 3), ("B", 1), ("C", 4)]).unwrap();
        let all: Vec<usize> = regions.iter().flat_map(|(_, range)| range).collect();
        assert_eq!(all, (0..8).collect::<Vec<_>>());
        for neuron in 0..8 {
            assert!(regions.range_at(regions.region_of(neuron)).contains(&neuron));
        }
    }

    #[test]
    fn a_projection_is_rows_of_the_target_and_columns_of_the_source() {
        let regions = Regions::new([("A", 3), ("B", 2)]).unwrap();
        let (rows, columns) = regions.block(&Projection::new("A", "B")).unwrap();
        assert_eq!((rows, columns), (3..5, 0..3));
    }

    #[test]
    fn bad_regions_are_named() {
        let none: [(&str, usize); 0] = [];
        assert!(Regions::new(none).is_err());
        assert!(Regions::new([("A", 0)]).unwrap_err().to_string().contains("'A'"));
        assert!(Regions::new([("A", 1), ("A", 2)]).unwrap_err().to_string().contains("twice"));
        let message = Regions::new([("A", 1), ("B", 2)]).unwrap().range("Z").unwrap_err().to_string();
        assert!(message.contains("Z") && message.contains("A, B"));
    }
}
