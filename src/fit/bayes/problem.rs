//! Problem: the regression in the form that every step of the fit needs, reduced to as many columns as there are neurons.

use crate::linalg::{orthonormalise, product};
use crate::recording::Recording;
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::collections::HashMap;

/// Y = J R + noise with R = L Q^T, Q orthonormal: nothing of R but L, and of Y but Z = Y Q and |Y|² - |Z|², enters the posterior.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub regions: Regions,
    /// L, sources × sources.
    pub factor: DMatrix<f64>,
    /// Z, targets × sources.
    pub targets: DMatrix<f64>,
    /// |y_i|² outside of the span of R.
    pub outside: Vec<f64>,
    /// |y_i|² / T.
    pub power: Vec<f64>,
    pub samples: usize,
    /// Prior variance of each weight relative to its block, targets × sources; `None` for all ones.
    pub anatomy: Option<DMatrix<f64>>,
    /// Region of each neuron.
    pub region: Vec<usize>,
}

/// Targets of one region that share the relative prior variances of their weights.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub region: usize,
    pub targets: Vec<usize>,
    /// Sources that can have a synapse on them.
    pub sources: Vec<usize>,
    /// Relative prior variance of each of those.
    pub relative: Vec<f64>,
}

/// R = L Q^T.
pub(super) struct Reduction {
    /// L, sources × sources.
    pub factor: DMatrix<f64>,
    /// Q, samples × sources.
    basis: DMatrix<f64>,
}

impl Reduction {
    /// `rates` is sources × samples.
    pub(super) fn new(rates: &DMatrix<f64>) -> Self {
        let (neurons, samples) = rates.shape();
        // With fewer samples than neurons, silent samples complete the square: they change no sum.
        let mut basis = DMatrix::zeros(samples.max(neurons), neurons);
        basis.rows_mut(0, samples).copy_from(&rates.transpose());
        let factor = orthonormalise(&mut basis).transpose();
        Reduction { factor, basis }
    }

    /// How much of each of the first samples the rates take up: the squared norm of its row of Q.
    pub(super) fn leverage(&self, samples: usize) -> Vec<f64> {
        (0..samples).map(|k| self.basis.row(k).norm_squared()).collect()
    }

    /// A Q, and what of A (rows × samples) is outside of the span of the rates.
    pub(super) fn project(&self, rows: &DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>) {
        let mut padded = DMatrix::zeros(rows.nrows(), self.basis.nrows());
        padded.columns_mut(0, rows.ncols()).copy_from(rows);
        let inside = product(&padded, &self.basis);
        let left = padded - product(&inside, &self.basis.transpose());
        (inside, left)
    }
}

impl Problem {
    /// `rates` and `targets` are neurons × samples.
    pub(super) fn new(rates: &DMatrix<f64>, targets: &DMatrix<f64>, recording: &Recording, anatomy: Option<&DMatrix<f64>>) -> Self {
        Self::reduced(&Reduction::new(rates), targets, recording, anatomy)
    }

    /// The same, of rates that are decomposed already.
    pub(super) fn reduced(by: &Reduction, targets: &DMatrix<f64>, recording: &Recording, anatomy: Option<&DMatrix<f64>>) -> Self {
        let samples = targets.ncols();
        let (reduced, left) = by.project(targets);
        let outside = left.row_iter().map(|row| row.norm_squared()).collect();
        let regions = recording.regions.clone();
        let region = regions.iter().enumerate().flat_map(|(index, (_, range))| range.map(move |_| index)).collect();
        Problem {
            factor: by.factor.clone(),
            targets: reduced,
            outside,
            power: targets.row_iter().map(|row| row.norm_squared() / samples as f64).collect(),
            samples,
            anatomy: anatomy.cloned(),
            region,
            regions,
        }
    }

    pub(super) fn neurons(&self) -> usize {
        self.region.len()
    }

    /// The smallest noise variance that rounding leaves distinguishable from none.
    pub(super) fn floor(&self, target: usize) -> f64 {
        (1e-26 * self.power[target]).max(f64::MIN_POSITIVE)
    }

    /// The groups, region by region, in the order of their first targets.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut known: HashMap<(usize, Vec<u64>), usize> = HashMap::new();
        for target in 0..self.neurons() {
            let row: Vec<f64> = (0..self.neurons()).map(|source| self.anatomy.as_ref().map_or(1.0, |a| a[(target, source)])).collect();
            let key = (self.region[target], row.iter().map(|value| value.to_bits()).collect());
            if let Some(&index) = known.get(&key) {
                groups[index].targets.push(target);
                continue;
            }
            known.insert(key, groups.len());
            let sources: Vec<usize> = (0..row.len()).filter(|&source| row[source] > 0.0).collect();
            let relative = sources.iter().map(|&source| row[source]).collect();
            groups.push(Group { region: self.region[target], targets: vec![target], sources, relative });
        }
        groups
    }
}
