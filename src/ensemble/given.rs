//! A matrix that is given, such as a measured connectome.

use super::{Ensemble, Prediction};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::regions::Regions;
use crate::seed::Seed;

/// The same J for every seed: a measured connectome, or the J of a fit, where a law of J is asked for.
///
/// It is not random, so it is not in the list that files choose from; commands read it from a file of its own.
///
/// ```
/// use crosscurrent::{Connectivity, Ensemble, Regions, Seed, ensemble::Given};
/// use nalgebra::dmatrix;
/// let law = Given { connectivity: Connectivity::dense(dmatrix![0.0, 1.0; -1.0, 0.0])? };
/// let regions = Regions::single("all", 2)?;
/// assert_eq!(law.sample(&regions, Seed(1))?, law.sample(&regions, Seed(2))?);
/// assert!(law.sample(&Regions::single("all", 3)?, Seed(1)).is_err());
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// J.
    pub connectivity: Connectivity,
}

impl Ensemble for Given {
    fn sample(&self, regions: &Regions, _seed: Seed) -> Result<Connectivity> {
        let neurons = self.connectivity.neurons();
        if regions.neurons() != neurons {
            return Err(Error::shape("regions of a given connectivity", format!("{neurons} neurons"), regions.neurons()));
        }
        Ok(self.connectivity.clone())
    }

    fn prediction(&self, _regions: &Regions) -> Option<Prediction> {
        None
    }
}
