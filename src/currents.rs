//! Currents: current-based decomposition of the activity by source and target region.

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::linalg::product;
use crate::network::Network;
use crate::recording::Recording;
use crate::regions::{Projection, Regions};
use nalgebra::DMatrix;

/// The current that every region sends to every other: C_ab(t) = J_ab r_b(t), neurons of target a × time.
///
/// The blocks of one target add up to the rows of J r of that target. Source: Perich et al. 2020.
///
/// ```
/// use crosscurrent::{Connectivity, Currents, Network, Projection, Recording, Regions, nonlinearity::Tanh};
/// use nalgebra::dmatrix;
/// let regions = Regions::new([("A", 1), ("B", 1)])?;
/// let network = Network::new(regions.clone(), Connectivity::dense(dmatrix![0.0, 2.0; -1.0, 0.5])?, Tanh, &[0.1])?;
/// let recording = Recording::new(dmatrix![0.1, 0.2; 0.3, 0.4], 0.01, regions)?;
/// let currents = Currents::decompose(&network, &recording)?;
/// assert_eq!(currents.get(&Projection::new("B", "A"))?[(0, 1)], 0.8);
/// assert_eq!(currents.inhibitory(&Projection::new("A", "B"))?[(0, 0)], -0.1);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[doc(alias = "CURBD")]
#[derive(Clone, Debug)]
pub struct Currents {
    regions: Regions,
    clock: Clock,
    connectivity: DMatrix<f64>,
    rates: DMatrix<f64>,
    /// One block per projection, in the order of [`Regions::projections`].
    blocks: Vec<DMatrix<f64>>,
}

impl Currents {
    /// Splits J r of `network` on the rates of `recording` into its blocks.
    ///
    /// # Errors
    /// [`Error::Shape`] when network and recording differ in their regions.
    pub fn decompose(network: &Network, recording: &Recording) -> Result<Self> {
        if network.regions != recording.regions {
            let describe =
                |regions: &Regions| regions.iter().map(|(name, range)| format!("{name} {}", range.len())).collect::<Vec<_>>().join(", ");
            return Err(Error::shape("regions of the recording to decompose", describe(&network.regions), describe(&recording.regions)));
        }
        let mut currents = Currents {
            regions: network.regions.clone(),
            clock: recording.clock,
            connectivity: network.connectivity.to_dense(),
            rates: recording.rates.clone(),
            blocks: Vec::new(),
        };
        currents.blocks = currents.regions.projections().map(|projection| currents.block(&projection, |w| w)).collect::<Result<_>>()?;
        Ok(currents)
    }

    /// J_ab r_b with every weight passed through `part`.
    fn block(&self, projection: &Projection, part: impl Fn(f64) -> f64) -> Result<DMatrix<f64>> {
        let (rows, columns) = self.regions.block(projection)?;
        let weights = self.connectivity.view((rows.start, columns.start), (rows.len(), columns.len())).map(part);
        Ok(product(&weights, &self.rates.rows(columns.start, columns.len()).into_owned()))
    }

    /// Named parts of the neurons.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Clock of the columns.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The current of `projection`: neurons of the target × time.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`].
    pub fn get(&self, projection: &Projection) -> Result<&DMatrix<f64>> {
        let (target, source) = (self.regions.index(&projection.target)?, self.regions.index(&projection.source)?);
        Ok(&self.blocks[target * self.regions.count() + source])
    }

    /// The part carried by positive weights. With rates of either sign it is not itself positive.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`].
    pub fn excitatory(&self, projection: &Projection) -> Result<DMatrix<f64>> {
        self.block(projection, |w| w.max(0.0))
    }

    /// The part carried by negative weights.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`].
    pub fn inhibitory(&self, projection: &Projection) -> Result<DMatrix<f64>> {
        self.block(projection, |w| w.min(0.0))
    }

    /// Everything that region `target` receives from all regions: neurons of the target × time.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`].
    pub fn total(&self, target: &str) -> Result<DMatrix<f64>> {
        let index = self.regions.index(target)?;
        let blocks = &self.blocks[index * self.regions.count()..(index + 1) * self.regions.count()];
        Ok(blocks.iter().skip(1).fold(blocks[0].clone(), |sum, block| sum + block))
    }

    /// RMS of all currents between different regions over RMS of all currents within regions; `None` for a single region.
    ///
    /// Each RMS is taken over neurons, time and blocks: the inter-region current power of a network.
    pub fn inter_region_power(&self) -> Option<f64> {
        let mean_square = |within: bool| {
            let blocks = self.regions.projections().zip(&self.blocks).filter(|(p, _)| p.is_within() == within);
            let (sum, count) = blocks.fold((0.0, 0), |(sum, count), (_, b)| (sum + b.norm_squared(), count + b.len()));
            sum / count as f64
        };
        (self.regions.count() > 1).then(|| (mean_square(false) / mean_square(true)).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, MultiRegion};
    use crate::nonlinearity::Tanh;
    use crate::seed::Seed;
    use crate::simulation::Simulation;

    fn walk() -> (Network, Recording) {
        let regions = Regions::new([("A", 30), ("B", 20), ("C", 25)]).unwrap();
        let j = MultiRegion::default().sample(&regions, Seed(1)).unwrap();
        let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
        let recording = Simulation { clock: Clock::new(0.01, 1.0).unwrap(), ..Default::default() }.run(&network).unwrap();
        (network, recording)
    }

    #[test]
    fn blocks_add_up_to_j_times_r() {
        // T28.
        let (network, recording) = walk();
        let currents = Currents::decompose(&network, &recording).unwrap();
        let drive = network.connectivity.to_dense() * &recording.rates;
        for (name, range) in network.regions.iter() {
            let total = currents.total(name).unwrap();
            assert!((total - drive.rows(range.start, range.len())).amax() < 1e-12);
        }
    }

    #[test]
    fn excitation_and_inhibition_add_up_to_the_current() {
        let (network, recording) = walk();
        let currents = Currents::decompose(&network, &recording).unwrap();
        for projection in network.regions.projections() {
            let sum = currents.excitatory(&projection).unwrap() + currents.inhibitory(&projection).unwrap();
            assert!((sum - currents.get(&projection).unwrap()).amax() < 1e-12);
        }
    }

    #[test]
    fn one_euler_step_follows_from_the_currents() {
        // Section 7.5: x_{t+1} = (1 - z) x_t + z (sum of blocks).
        let (network, recording) = walk();
        let currents = Currents::decompose(&network, &recording).unwrap();
        let x = recording.rates.map(f64::atanh);
        for (name, range) in network.regions.iter() {
            let total = currents.total(name).unwrap();
            let rows = x.rows(range.start, range.len());
            let predicted = rows.columns(0, 99) * 0.9 + total.columns(0, 99) * 0.1;
            assert!((predicted - rows.columns(1, 99)).amax() < 1e-9);
        }
    }

    #[test]
    fn other_regions_are_refused() {
        let (network, mut recording) = walk();
        recording.regions = Regions::new([("A", 30), ("B", 45)]).unwrap();
        assert!(Currents::decompose(&network, &recording).is_err());
    }
}
