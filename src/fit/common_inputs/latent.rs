//! LatentInput: one input trace that a fit inferred.

use crate::regions::Regions;
use nalgebra::{DMatrix, DVector};

/// One term b z(t) of the input that the data demand beside J: the same trace for every neuron of a region, each with its own weight.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentInput {
    /// Index of the region that receives it.
    pub region: usize,
    /// b, one weight per neuron of the region; norm 1.
    pub weights: DVector<f64>,
    /// z, one value per sample, in units of the drive.
    pub trace: DVector<f64>,
    /// Share of the power of z in forms that no J could have made instead, in [0, 1]: what lies in the span of the recorded rates is told
    /// from J by the priors alone.
    pub visible: f64,
}

/// The sum of all `latents`: neurons × samples.
pub(crate) fn drive_of(latents: &[LatentInput], regions: &Regions, samples: usize) -> DMatrix<f64> {
    let ranges: Vec<_> = regions.iter().map(|(_, range)| range).collect();
    let mut drive = DMatrix::zeros(regions.neurons(), samples);
    for latent in latents {
        let range = &ranges[latent.region];
        drive.rows_mut(range.start, range.len()).ger(1.0, &latent.weights, &latent.trace, 1.0);
    }
    drive
}
