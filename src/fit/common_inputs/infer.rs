//! Infer: smooth inputs of low rank, with J integrated out.

use super::basis::Basis;
use super::denoise::{Component, components};
use super::latent::LatentInput;
use super::spectrum::Seen;
use crate::error::Result;
use crate::fit::bayes::Variances;
use crate::linalg::{orthonormalise, product, svd};
use crate::regions::Regions;
use nalgebra::{DMatrix, DVector};
use std::ops::Range;

/// Functions of time of which J can explain all but this share are left out: nothing could be seen there.
const INVISIBLE: f64 = 1e-6;
/// An input counts only where J can explain less than half. Elsewhere activity that feeds on itself looks like one: rates dwell in the
/// directions that J amplifies, where currents are larger than the prior expects, and in all neurons at once.
const VISIBLE: f64 = 0.5;

/// Products of rates, drives and the smooth functions: all that stays the same from round to round.
pub(super) struct Inference {
    regions: Regions,
    /// R = L Q^T: L, sources × directions.
    factor: DMatrix<f64>,
    /// Phi^T Phi, Phi^T Q and Y Phi, Y Q, with Phi the smooth functions at the samples that have a successor.
    smooth_smooth: DMatrix<f64>,
    smooth_visited: DMatrix<f64>,
    drive_smooth: DMatrix<f64>,
    drive_visited: DMatrix<f64>,
    /// Prior variance of each weight relative to its block.
    anatomy: Option<DMatrix<f64>>,
    /// Phi at all samples.
    basis: Basis,
}

/// The view of one region: M = R^T V R + s² 1 is the covariance over time of every neuron's drive without latent inputs.
struct Region {
    /// Axes of H = s² Phi^T M^-1 Phi and its values: the share of each axis that J cannot explain.
    axes: DMatrix<f64>,
    open: DVector<f64>,
    /// s, for a neuron of ordinary noise and scale.
    noise: f64,
    /// Noise of each neuron over s.
    relative: Vec<f64>,
    /// Drives of the region in these axes, signal + white noise of variance 1: neurons × axes.
    white: DMatrix<f64>,
}

impl Inference {
    /// `rates` and `targets` at the samples with a successor, neurons × samples; `used` are these samples, `basis` is for all.
    pub(super) fn new(
        (rates, targets): (&DMatrix<f64>, &DMatrix<f64>),
        (basis, used): (Basis, &[usize]),
        regions: &Regions,
        anatomy: Option<&DMatrix<f64>>,
    ) -> Self {
        let (neurons, samples) = rates.shape();
        // With fewer samples than neurons, silent samples complete the square.
        let mut visited = DMatrix::zeros(samples.max(neurons), neurons);
        visited.rows_mut(0, samples).copy_from(&rates.transpose());
        let factor = orthonormalise(&mut visited).transpose();
        let visited = visited.rows(0, samples).into_owned();
        let smooth = basis.values.select_rows(used);
        Inference {
            regions: regions.clone(),
            factor,
            smooth_smooth: product(&smooth.transpose(), &smooth),
            smooth_visited: product(&smooth.transpose(), &visited),
            drive_smooth: product(targets, &smooth),
            drive_visited: product(targets, &visited),
            anatomy: anatomy.cloned(),
            basis,
        }
    }

    /// The latent inputs of all regions under these variances; `count` of each region, or as many as rise above the noise.
    pub(super) fn latents(&self, variances: &Variances, count: Option<usize>) -> Result<Vec<LatentInput>> {
        let mut found = Vec::new();
        for (index, (_, range)) in self.regions.iter().enumerate() {
            let Some(region) = self.region(index, range, variances)? else { continue };
            let visible = region.open.iter().take_while(|&&share| share > VISIBLE).count();
            for component in components(&region.white.columns(0, visible).into_owned(), count)? {
                found.push(region.latent(&component, index, &self.basis)?);
            }
        }
        Ok(found)
    }

    fn region(&self, index: usize, range: Range<usize>, variances: &Variances) -> Result<Option<Region>> {
        let noise = (range.clone().map(|i| variances.ratio(i).ln()).sum::<f64>() / range.len() as f64).exp();
        let decomposition = svd(&self.scaled(index, &range, variances))?;
        // The prior lets J explain the share s² / (s² + noise) of direction k of the data.
        let explained: Vec<f64> = decomposition.s.iter().map(|s| s * s / (s * s + noise)).collect();
        let smooth = product(&self.smooth_visited, &decomposition.v);
        let mut damped = smooth.clone();
        damped.column_iter_mut().zip(&explained).for_each(|(mut column, share)| column *= *share);
        let left = &self.smooth_smooth - product(&damped, &smooth.transpose());
        let visited = product(&self.drive_visited.rows(range.start, range.len()).into_owned(), &decomposition.v);
        let drives = self.drive_smooth.rows(range.start, range.len()) - product(&visited, &damped.transpose());
        let metric = svd(&((&left + left.transpose()) * 0.5))?;
        let count = metric.s.iter().take_while(|&&share| share > INVISIBLE).count();
        if count == 0 {
            return Ok(None);
        }
        let axes = metric.u.columns(0, count).into_owned();
        let relative: Vec<f64> = range.map(|i| (variances.noise[i] / noise).sqrt()).collect();
        let mut white = product(&drives, &axes) / noise.sqrt();
        white.column_iter_mut().zip(&metric.s).for_each(|(mut column, share)| column /= share.sqrt());
        white.row_iter_mut().zip(&relative).for_each(|(mut row, relative)| row /= *relative);
        Ok(Some(Region { axes, open: metric.s.rows(0, count).into_owned(), noise: noise.sqrt(), relative, white }))
    }

    /// D^1/2 L with D the prior variances of the weights on an ordinary neuron of the region: with an anatomy, their mean over its neurons.
    fn scaled(&self, index: usize, range: &Range<usize>, variances: &Variances) -> DMatrix<f64> {
        let mut scaled = self.factor.clone();
        for (source, (_, sources)) in self.regions.iter().enumerate() {
            for j in sources {
                let relative = self.anatomy.as_ref().map_or(1.0, |anatomy| anatomy.view((range.start, j), (range.len(), 1)).mean());
                scaled.row_mut(j).scale_mut((variances.prior[(index, source)] * relative).sqrt());
            }
        }
        scaled
    }
}

impl Region {
    /// The component as an input: its trace is the mean of a posterior whose prior has a power-law spectrum.
    fn latent(&self, component: &Component, index: usize, basis: &Basis) -> Result<LatentInput> {
        let root = self.open.map(f64::sqrt);
        let mut half = self.axes.clone();
        half.column_iter_mut().zip(root.iter()).for_each(|(mut column, root)| column *= *root);
        let metric = product(&half, &half.transpose());
        let image = &half * self.white.tr_mul(&component.weights);
        let seen = Seen { metric: &metric, image: &image, noise: component.noise, frequencies: &basis.frequencies };
        let coefficients = seen.coefficients(component.signal.powi(2) / self.open.sum())?;
        let image = half.tr_mul(&coefficients);
        let visible = self.open.iter().take_while(|&&share| share > VISIBLE).count();
        // The posterior takes the singular vector as given; what the noise has turned it by is taken off here.
        let shrink = (component.signal / image.rows(0, visible).norm()).min(1.0);
        let weights = DVector::from_fn(self.relative.len(), |i, _| component.weights[i] * self.relative[i]);
        let size = weights.norm();
        let trace = &basis.values * &coefficients * (shrink * size * self.noise);
        Ok(LatentInput { region: index, weights: weights / size, trace, visible: (image.norm() / coefficients.norm()).powi(2).min(1.0) })
    }
}
