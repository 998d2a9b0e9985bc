//! Paths: one path for every set of neurons that share what is known of their sources.

use super::path::{Path, Regression, Solution};
use crate::error::Result;
use crate::fit::wiring::{Rows, groups};
use crate::linalg::{product, svd};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The ridge problem of all neurons, with the prior variance a_ik of every weight where it is known.
///
/// With v_ik = J_ik / √a_ik the penalty lambda Σ J_ik² / a_ik is an ordinary one on v, and the rates of source k count √a_ik times; sources
/// with a_ik = 0 are left out. Neurons with equal rows of a share one decomposition.
pub(in crate::fit) struct Paths {
    neurons: usize,
    groups: Vec<(Rows, Option<Path>)>,
    /// u·y / u·u of every neuron: the gains of those without any source.
    alone: Vec<f64>,
}

impl Paths {
    pub(in crate::fit) fn new(regression: &Regression, anatomy: Option<&DMatrix<f64>>) -> Result<Self> {
        let neurons = regression.targets.nrows();
        let Some(anatomy) = anatomy else {
            let all = Rows { targets: (0..neurons).collect(), sources: (0..neurons).collect(), variances: vec![1.0; neurons] };
            return Ok(Paths { neurons, groups: vec![(all, Some(Path::new(regression)?))], alone: Vec::new() });
        };
        // The rates are turned into as many columns as there are directions, once for all groups.
        let whole = svd(&regression.rates)?;
        let turned = Regression {
            rates: DMatrix::from_fn(neurons, whole.s.len(), |i, j| whole.u[(i, j)] * whole.s[j]),
            targets: product(&regression.targets, &whole.v),
            regressors: regression.regressors.as_ref().map(|u| product(u, &whole.v)),
        };
        let dots = regression.dots();
        let path = |rows: Rows| -> Result<(Rows, Option<Path>)> {
            if rows.sources.is_empty() {
                return Ok((rows, None));
            }
            let mut part = Path::new(&turned.part(&rows))?;
            part.set_largest(whole.s[0]);
            if let Some((uu, uy)) = &dots {
                let pick = |values: &[f64]| rows.targets.iter().map(|&i| values[i]).collect();
                part.set_dots(pick(uu), pick(uy));
            }
            Ok((rows, Some(part)))
        };
        let groups = groups(anatomy).into_par_iter().map(path).collect::<Result<_>>()?;
        let alone =
            dots.map_or_else(Vec::new, |(uu, uy)| uu.iter().zip(uy).map(|(uu, uy)| if *uu > 0.0 { uy / uu } else { 0.0 }).collect());
        Ok(Paths { neurons, groups, alone })
    }

    /// J and the gains of all neurons at a penalty relative to the largest squared singular value of the rates.
    pub(in crate::fit) fn solve(&self, penalty: f64) -> Solution {
        if let [(_, Some(path))] = &self.groups[..]
            && self.alone.is_empty()
            && path.size() == self.neurons
        {
            let mut solution = path.solve(penalty);
            self.groups[0].0.rescale(&mut solution.connectivity);
            return solution;
        }
        let mut connectivity = DMatrix::zeros(self.neurons, self.neurons);
        let mut gains = self.alone.clone();
        for (rows, path) in self.groups.iter().filter_map(|(rows, path)| path.as_ref().map(|path| (rows, path))) {
            let mut part = path.solve(penalty);
            rows.rescale(&mut part.connectivity);
            for (at, &target) in rows.targets.iter().enumerate() {
                rows.sources.iter().enumerate().for_each(|(k, &source)| connectivity[(target, source)] = part.connectivity[(at, k)]);
                if let Some(&gain) = part.gains.get(at) {
                    gains[target] = gain;
                }
            }
        }
        Solution { connectivity, gains }
    }
}

impl Regression {
    /// The neurons of a group and the rates of their sources, scaled.
    fn part(&self, rows: &Rows) -> Regression {
        let mut rates = self.rates.select_rows(&rows.sources);
        rates.row_iter_mut().zip(&rows.variances).for_each(|(mut row, variance)| row *= variance.sqrt());
        Regression {
            rates,
            targets: self.targets.select_rows(&rows.targets),
            regressors: self.regressors.as_ref().map(|u| u.select_rows(&rows.targets)),
        }
    }
}

impl Rows {
    /// v -> J: column k times √a_k.
    fn rescale(&self, v: &mut DMatrix<f64>) {
        v.column_iter_mut().zip(&self.variances).for_each(|(mut column, variance)| column *= variance.sqrt());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_the_generalised_ridge_of_its_own_prior() {
        let wave = |a: f64, i: usize, k: usize| ((k as f64 + 1.0) * a * (1.0 + i as f64 * 0.37)).sin();
        let rates = DMatrix::from_fn(6, 40, |i, k| wave(0.7, i, k));
        let targets = DMatrix::from_fn(6, 40, |i, k| wave(0.3, k % 6, i) + wave(0.51, i, k));
        // Rows 0 and 3 agree, row 5 has no source.
        let anatomy = DMatrix::from_fn(6, 6, |i, k| if i == 5 || (i % 3 + k) % 4 == 0 { 0.0 } else { 0.5 + k as f64 });
        let regression = Regression { rates, targets, regressors: None };
        let paths = Paths::new(&regression, Some(&anatomy)).unwrap();
        let largest = svd(&regression.rates).unwrap().s[0];
        for penalty in [1e-8, 1e-2] {
            let found = paths.solve(penalty).connectivity;
            for i in 0..6 {
                let sources: Vec<usize> = (0..6).filter(|&k| anatomy[(i, k)] > 0.0).collect();
                let mut expected = DMatrix::zeros(1, 6);
                if !sources.is_empty() {
                    let x = regression.rates.select_rows(&sources);
                    let prior = DMatrix::from_fn(sources.len(), sources.len(), |a, b| {
                        if a == b { penalty * largest * largest / anatomy[(i, sources[a])] } else { 0.0 }
                    });
                    let row = regression.targets.rows(i, 1) * x.transpose() * (&x * x.transpose() + prior).try_inverse().unwrap();
                    sources.iter().enumerate().for_each(|(a, &k)| expected[k] = row[a]);
                }
                assert!((found.rows(i, 1) - expected).amax() < 1e-8, "row {i}");
            }
        }
    }
}
