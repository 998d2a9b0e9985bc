//! Wiring: what an anatomy says, target by target, with equal targets taken together.

use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// Targets that share their sources, and the prior variance of a weight from each of these.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    /// Increasing.
    pub targets: Vec<usize>,
    /// Sources with a prior variance above 0, increasing.
    pub sources: Vec<usize>,
    /// Their prior variances.
    pub variances: Vec<f64>,
}

/// The rows of `anatomy` (target × source), equal ones together, in the order of their first targets.
pub(crate) fn groups(anatomy: &DMatrix<f64>) -> Vec<Rows> {
    let mut seen: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut groups: Vec<Rows> = Vec::new();
    for (target, row) in anatomy.row_iter().enumerate() {
        // + 0.0 makes -0 a plain 0.
        let at = *seen.entry(row.iter().map(|a| (a + 0.0).to_bits()).collect()).or_insert_with(|| {
            let sources: Vec<usize> = (0..row.len()).filter(|&k| row[k] > 0.0).collect();
            let variances = sources.iter().map(|&k| row[k]).collect();
            groups.push(Rows { targets: Vec::new(), sources, variances });
            groups.len() - 1
        });
        groups[at].targets.push(target);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn equal_rows_are_one_group() {
        let found = groups(&dmatrix![0.0, 2.0, 1.0; 1.0, 0.0, 0.0; -0.0, 2.0, 1.0]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Rows { targets: vec![0, 2], sources: vec![1, 2], variances: vec![2.0, 1.0] });
        assert_eq!(found[1], Rows { targets: vec![1], sources: vec![0], variances: vec![1.0] });
    }
}
