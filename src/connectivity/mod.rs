//! Connectivity: the matrix J, dense, sparse, or low-rank on top of either.

use crate::error::{Error, Result};
use crate::regions::{Projection, Regions};
use nalgebra::{DMatrix, DVector};

mod many;
mod packed;
mod product;
pub(crate) use many::ManyPacked;
pub(crate) use packed::Packed;
pub(crate) use product::PackedProduct;

/// J, N × N, `J[target, source]`: rows receive, columns send.
///
/// ```
/// use crosscurrent::{Connectivity, Projection, Regions};
/// use nalgebra::dmatrix;
/// let j = Connectivity::dense(dmatrix![0.0, 1.0; 2.0, 0.0])?;
/// let regions = Regions::new([("A", 1), ("B", 1)])?;
/// assert_eq!(j.block(&regions, &Projection::new("B", "A"))?[(0, 0)], 1.0);
/// assert_eq!(j.apply(&[3.0, 4.0]), vec![4.0, 6.0]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Connectivity {
    /// Every weight stored.
    Dense(DMatrix<f64>),
    /// Only the weights that exist.
    Sparse(SparseRows),
    /// `base + left * right^T`.
    LowRankPlus {
        /// The part that the low-rank structure is added to.
        base: Box<Connectivity>,
        /// N × rank, targets.
        left: DMatrix<f64>,
        /// N × rank, sources.
        right: DMatrix<f64>,
    },
}

/// A square sparse matrix by rows: row i holds `columns[starts[i]..starts[i + 1]]` with the `weights` beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseRows {
    pub(crate) starts: Vec<usize>,
    pub(crate) columns: Vec<u32>,
    pub(crate) weights: Vec<f64>,
}

impl SparseRows {
    /// The matrix whose row i has the given (source, weight) pairs.
    ///
    /// # Errors
    /// A source beyond the number of rows, or a weight that is not finite.
    pub fn new(rows: &[Vec<(usize, f64)>]) -> Result<Self> {
        let neurons = rows.len();
        let mut sparse = SparseRows { starts: vec![0], columns: Vec::new(), weights: Vec::new() };
        for row in rows {
            for &(source, weight) in row {
                if source >= neurons {
                    return Err(Error::parameter("source of a sparse weight", source, format!("below the {neurons} neurons")));
                }
                if !weight.is_finite() {
                    return Err(Error::data("sparse connectivity", format!("the weight {weight}"), "use finite weights"));
                }
                sparse.columns.push(source as u32);
                sparse.weights.push(weight);
            }
            sparse.starts.push(sparse.columns.len());
        }
        Ok(sparse)
    }

    /// Number of rows (and columns).
    pub fn neurons(&self) -> usize {
        self.starts.len() - 1
    }

    /// (source, weight) pairs of row `target`.
    pub fn row(&self, target: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[target]..self.starts[target + 1];
        self.columns[range.clone()].iter().map(|&c| c as usize).zip(self.weights[range].iter().copied())
    }
}

impl Connectivity {
    /// A dense J.
    ///
    /// # Errors
    /// J must be square, not empty, and finite.
    pub fn dense(matrix: DMatrix<f64>) -> Result<Self> {
        if !matrix.is_square() || matrix.is_empty() {
            return Err(Error::shape(
                "connectivity",
                "a square matrix of at least 1 × 1",
                format!("{} × {}", matrix.nrows(), matrix.ncols()),
            ));
        }
        if let Some(bad) = matrix.iter().position(|w| !w.is_finite()) {
            let (row, column) = (bad % matrix.nrows(), bad / matrix.nrows());
            return Err(Error::data("connectivity", format!("J[{row}, {column}] = {}", matrix[bad]), "use finite weights"));
        }
        Ok(Connectivity::Dense(matrix))
    }

    /// Number of neurons N.
    pub fn neurons(&self) -> usize {
        match self {
            Connectivity::Dense(matrix) => matrix.nrows(),
            Connectivity::Sparse(sparse) => sparse.neurons(),
            Connectivity::LowRankPlus { base, .. } => base.neurons(),
        }
    }

    /// J as a dense matrix.
    pub fn to_dense(&self) -> DMatrix<f64> {
        match self {
            Connectivity::Dense(matrix) => matrix.clone(),
            Connectivity::Sparse(sparse) => {
                let neurons = sparse.neurons();
                let mut dense = DMatrix::zeros(neurons, neurons);
                for target in 0..neurons {
                    for (source, weight) in sparse.row(target) {
                        dense[(target, source)] += weight;
                    }
                }
                dense
            }
            Connectivity::LowRankPlus { base, left, right } => base.to_dense() + left * right.transpose(),
        }
    }

    /// Weights of neurons onto themselves (N values).
    pub fn diagonal(&self) -> Vec<f64> {
        match self {
            Connectivity::Dense(matrix) => matrix.diagonal().data.into(),
            Connectivity::Sparse(sparse) => {
                let own = |target: usize| sparse.row(target).filter(|&(source, _)| source == target).map(|(_, weight)| weight).sum();
                (0..sparse.neurons()).map(own).collect()
            }
            Connectivity::LowRankPlus { base, left, right } => {
                let low_rank = left.row_iter().zip(right.row_iter()).map(|(left, right)| left.dot(&right));
                base.diagonal().into_iter().zip(low_rank).map(|(a, b)| a + b).collect()
            }
        }
    }

    /// J r for a vector of N rates: the plain product. Simulations and fits use packed copies.
    pub fn apply(&self, rates: &[f64]) -> Vec<f64> {
        match self {
            Connectivity::Dense(matrix) => (matrix * DVector::from_column_slice(rates)).data.into(),
            Connectivity::Sparse(sparse) => {
                (0..sparse.neurons()).map(|target| sparse.row(target).map(|(source, weight)| weight * rates[source]).sum()).collect()
            }
            Connectivity::LowRankPlus { base, left, right } => {
                let low_rank = left * (right.transpose() * DVector::from_column_slice(rates));
                base.apply(rates).iter().zip(low_rank.iter()).map(|(a, b)| a + b).collect()
            }
        }
    }

    /// The block of J that carries `projection`: neurons of the target × neurons of the source.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`], or [`Error::Shape`] when the regions do not cover this J.
    pub fn block(&self, regions: &Regions, projection: &Projection) -> Result<DMatrix<f64>> {
        if regions.neurons() != self.neurons() {
            return Err(Error::shape("regions of a connectivity", format!("{} neurons", self.neurons()), regions.neurons()));
        }
        let (rows, columns) = regions.block(projection)?;
        Ok(match self {
            Connectivity::Dense(matrix) => matrix.view((rows.start, columns.start), (rows.len(), columns.len())).into_owned(),
            _ => self.to_dense().view((rows.start, columns.start), (rows.len(), columns.len())).into_owned(),
        })
    }

    /// The same J with every weight between two different regions multiplied by `factor`.
    pub fn scale_between(&self, regions: &Regions, factor: f64) -> Connectivity {
        let mut dense = self.to_dense();
        let region: Vec<usize> = (0..regions.neurons()).map(|neuron| regions.region_of(neuron)).collect();
        for source in 0..dense.ncols() {
            for target in 0..dense.nrows() {
                if region[source] != region[target] {
                    dense[(target, source)] *= factor;
                }
            }
        }
        Connectivity::Dense(dense)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    fn one_of_each() -> Vec<Connectivity> {
        let dense = Connectivity::dense(dmatrix![0.5, 1.0, 0.0; 2.0, 0.0, -1.0; 0.0, 3.0, 0.25]).unwrap();
        let sparse = Connectivity::Sparse(SparseRows::new(&[vec![(1, 2.0)], vec![], vec![(0, -1.0), (2, 0.5)]]).unwrap());
        let low =
            Connectivity::LowRankPlus { base: Box::new(sparse.clone()), left: dmatrix![1.0; 0.0; 2.0], right: dmatrix![0.0; 1.0; -1.0] };
        vec![dense, sparse, low]
    }

    #[test]
    fn apply_is_the_product_with_the_dense_matrix() {
        let rates = [0.3, -0.7, 1.1];
        for j in one_of_each() {
            let expected = j.to_dense() * DVector::from_column_slice(&rates);
            for (a, b) in j.apply(&rates).iter().zip(expected.iter()) {
                assert!((a - b).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn the_diagonal_is_that_of_the_dense_matrix() {
        for j in one_of_each() {
            assert_eq!(j.diagonal(), j.to_dense().diagonal().as_slice());
        }
    }

    #[test]
    fn blocks_tile_the_matrix() {
        let regions = Regions::new([("A", 1), ("B", 2)]).unwrap();
        for j in one_of_each() {
            let dense = j.to_dense();
            let total: f64 = regions.projections().map(|p| j.block(&regions, &p).unwrap().sum()).sum();
            assert!((total - dense.sum()).abs() < 1e-14);
            assert_eq!(j.block(&regions, &Projection::new("A", "B")).unwrap(), dense.view((1, 0), (2, 1)).into_owned());
        }
    }

    #[test]
    fn only_weights_between_regions_are_scaled() {
        let regions = Regions::new([("A", 1), ("B", 2)]).unwrap();
        for j in one_of_each() {
            let (before, after) = (j.to_dense(), j.scale_between(&regions, 3.0).to_dense());
            assert_eq!(after[(2, 1)], before[(2, 1)]);
            assert_eq!(after[(0, 1)], 3.0 * before[(0, 1)]);
            assert_eq!(after[(2, 0)], 3.0 * before[(2, 0)]);
        }
    }

    #[test]
    fn bad_matrices_are_refused() {
        assert!(Connectivity::dense(DMatrix::zeros(2, 3)).is_err());
        let message = Connectivity::dense(dmatrix![0.0, f64::NAN; 0.0, 0.0]).unwrap_err().to_string();
        assert!(message.contains("J[0, 1]"), "{message}");
        assert!(SparseRows::new(&[vec![(1, 1.0)]]).is_err());
    }
}
