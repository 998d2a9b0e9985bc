//! A structure of low rank plus a random part (Mastrogiuseppe & Ostojic 2018; Tao 2013).

use super::{Bulk, Ensemble, Outlier, Prediction, normal_matrix};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result, in_range};
use crate::regions::Regions;
use crate::seed::Seed;
use nalgebra::{Complex, DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// J = gain χ + M N^T / N, with χ_ij ~ N(0, 1 / N), and M, N neurons × rank, independent of χ.
///
/// The bulk is the disc of radius `gain`. Every eigenvalue θ of the overlap matrix N^T M / N with |θ| > gain is an outlier, the others
/// are lost in the disc (Tao 2013).
///
/// ```
/// use crosscurrent::{Ensemble, Regions, Seed, ensemble::{LowRank, Structure}};
/// let law = LowRank { gain: 0.8, structure: Structure::Overlaps { matrix: vec![vec![1.5]], private: 1.0 }, ..Default::default() };
/// let regions = Regions::single("all", 400)?;
/// let outlier = law.prediction(&regions).unwrap().outliers[0];
/// assert!((outlier.value.re - 1.5).abs() < 1e-12);
/// let (m, n) = law.vectors(400, Seed(1))?;
/// assert!((n.dot(&m) / 400.0 - 1.5).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LowRank {
    /// Gain g of the random part; at least 0, default 0.8.
    pub gain: f64,
    /// How M and N are drawn; by default one pair of vectors with overlap 2.
    pub structure: Structure,
    /// Removes the sampling error of the vectors (default): their empirical means are 0, their variances 1 and their correlations 0 before they
    /// are put together, so that overlaps are exact. Needs twice as many neurons as the rank, and one more.
    pub standardised: bool,
}

/// How the vectors of the structure are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Structure {
    /// Any rank: columns m_b of M are standard normal, n_a = Σ_b O_ab m_b + private × (independent standard normal), so that n_a · m_b / N = O_ab.
    Overlaps {
        /// O, rank × rank, by rows.
        matrix: Vec<Vec<f64>>,
        /// Standard deviation of the part of N that overlaps with nothing; at least 0.
        private: f64,
    },
    /// Rank 1: m_i ~ N(m_mean, m_deviation²) and n_i ~ N(n_mean, n_deviation²), independent, so that the overlap is m_mean × n_mean.
    Means {
        /// M_m.
        m_mean: f64,
        /// M_n.
        n_mean: f64,
        /// S_m, at least 0.
        m_deviation: f64,
        /// S_n, at least 0.
        n_deviation: f64,
    },
}

impl Default for LowRank {
    fn default() -> Self {
        LowRank { gain: 0.8, structure: Structure::Overlaps { matrix: vec![vec![2.0]], private: 1.0 }, standardised: true }
    }
}

impl Structure {
    /// Number of columns of M and N.
    pub fn rank(&self) -> usize {
        match self {
            Structure::Overlaps { matrix, .. } => matrix.len(),
            Structure::Means { .. } => 1,
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Structure::Overlaps { matrix, private } => {
                in_range("private", *private, 0.0.., "at least 0")?;
                if matrix.is_empty() {
                    return Err(Error::parameter("rank", 0, "at least 1"));
                }
                if let Some(row) = matrix.iter().find(|row| row.len() != matrix.len()) {
                    return Err(Error::shape("row of the overlap matrix", format!("{} numbers", matrix.len()), row.len()));
                }
                matrix.iter().flatten().try_for_each(|&overlap| in_range("overlap", overlap, .., "a finite number").map(|_| ()))
            }
            Structure::Means { m_mean, n_mean, m_deviation, n_deviation } => {
                in_range("m_mean", *m_mean, .., "a finite number")?;
                in_range("n_mean", *n_mean, .., "a finite number")?;
                in_range("m_deviation", *m_deviation, 0.0.., "at least 0")?;
                in_range("n_deviation", *n_deviation, 0.0.., "at least 0").map(|_| ())
            }
        }
    }

    /// O_ab = n_a · m_b / N, for large N.
    fn overlaps(&self) -> DMatrix<f64> {
        match self {
            Structure::Overlaps { matrix, .. } => DMatrix::from_fn(matrix.len(), matrix.len(), |a, b| matrix[a][b]),
            Structure::Means { m_mean, n_mean, .. } => DMatrix::from_element(1, 1, m_mean * n_mean),
        }
    }

    /// (M, N) from 2 × rank columns of independent numbers of mean 0 and variance 1.
    fn vectors(&self, unit: &DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>) {
        let rank = self.rank();
        let (first, second) = (unit.columns(0, rank), unit.columns(rank, rank));
        match self {
            Structure::Overlaps { private, .. } => (first.into_owned(), first * self.overlaps().transpose() + second * *private),
            Structure::Means { m_mean, n_mean, m_deviation, n_deviation } => {
                let scaled = |column: &DMatrix<f64>, mean: f64, deviation: f64| column.map(|z| mean + deviation * z);
                (scaled(&first.into_owned(), *m_mean, *m_deviation), scaled(&second.into_owned(), *n_mean, *n_deviation))
            }
        }
    }
}

impl LowRank {
    fn check(&self) -> Result<()> {
        in_range("gain", self.gain, 0.0.., "at least 0")?;
        self.structure.check()
    }

    /// M and N of the matrix that `sample` draws with the same seed; each neurons × rank.
    ///
    /// # Errors
    /// A parameter outside its range, or too few neurons to standardise.
    pub fn vectors(&self, neurons: usize, seed: Seed) -> Result<(DMatrix<f64>, DMatrix<f64>)> {
        self.check()?;
        let columns = 2 * self.structure.rank();
        if self.standardised && neurons <= columns {
            let needed = format!("more than {columns}, to standardise the vectors of a structure of rank {}", columns / 2);
            return Err(Error::parameter("neurons", neurons, needed));
        }
        let mut unit = normal_matrix(neurons, columns, 1.0, seed.child("connectivity").child("vectors"));
        if self.standardised {
            standardise(&mut unit);
        }
        Ok(self.structure.vectors(&unit))
    }

    /// The outlier of an eigenvalue θ of the overlaps, to first order in 1 / √N.
    ///
    /// With l and r the left and right eigenvectors of O (l^T O = θ l^T, O r = θ r), two independent parts add to its variance: the
    /// random matrix, |M r|² |N l|² / N³ × gain² / (|θ|² − gain²), and without standardised vectors the sampling error of O.
    fn outlier(&self, theta: Complex<f64>, neurons: f64) -> Outlier {
        let overlaps = self.structure.overlaps().map(|x| Complex::new(x, 0.0));
        let (left, right) = eigenvectors(&overlaps, theta);
        let (l, r) = (left.norm_squared(), right.norm_squared());
        let (targets, sources, sampling) = match self.structure {
            Structure::Overlaps { private, .. } => {
                let mixed = (overlaps.transpose() * &left).norm_squared();
                // N^T M / N − O = O W + private Z, W symmetric with variance (1 + δ) / N, Z independent with variance 1 / N.
                let sampling = theta.norm_sqr() * (l * r + left.dotc(&right).norm_sqr()) + private.powi(2) * l * r;
                (r, mixed + private.powi(2) * l, sampling)
            }
            Structure::Means { m_mean, n_mean, m_deviation, n_deviation } => {
                let [mm, nn, sm, sn] = [m_mean, n_mean, m_deviation, n_deviation].map(|x| x * x);
                (mm + sm, nn + sn, mm * sn + nn * sm + sm * sn)
            }
        };
        let random = targets * sources * self.gain.powi(2) / (theta.norm_sqr() - self.gain.powi(2));
        let variance = random + if self.standardised { 0.0 } else { sampling };
        Outlier { value: theta, deviation: (variance / neurons).sqrt() / left.dot(&right).norm() }
    }
}

/// Left and right eigenvector of `matrix` for its eigenvalue `theta`: the null vectors of matrix − θ.
fn eigenvectors(matrix: &DMatrix<Complex<f64>>, theta: Complex<f64>) -> (DVector<Complex<f64>>, DVector<Complex<f64>>) {
    let rank = matrix.nrows();
    let svd = (matrix - DMatrix::from_diagonal_element(rank, rank, theta)).svd(true, true);
    let (u, v_t) = (svd.u.expect("asked for"), svd.v_t.expect("asked for"));
    let least = svd.singular_values.imin();
    (u.column(least).map(|z| z.conj()), v_t.row(least).transpose().map(|z| z.conj()))
}

/// Gram–Schmidt, twice for the last digits: columns of mean 0 and mean square 1 whose products add up to 0.
fn standardise(columns: &mut DMatrix<f64>) {
    for k in 0..columns.ncols() {
        let mut column = columns.column(k).into_owned();
        for _ in 0..2 {
            column.add_scalar_mut(-column.mean());
            for before in 0..k {
                let other = columns.column(before);
                column -= other * (other.dot(&column) / other.norm_squared());
            }
        }
        column *= (column.len() as f64).sqrt() / column.norm();
        columns.set_column(k, &column);
    }
}

impl Ensemble for LowRank {
    fn sample(&self, regions: &Regions, seed: Seed) -> Result<Connectivity> {
        let neurons = regions.neurons();
        let (left, n) = self.vectors(neurons, seed)?;
        let random = normal_matrix(neurons, neurons, self.gain / (neurons as f64).sqrt(), seed.child("connectivity"));
        let base = Box::new(Connectivity::dense(random)?);
        Ok(Connectivity::LowRankPlus { base, left, right: n / neurons as f64 })
    }

    fn prediction(&self, regions: &Regions) -> Option<Prediction> {
        self.check().ok()?;
        let overlaps = self.structure.overlaps().complex_eigenvalues();
        let apart = overlaps.iter().filter(|theta| theta.norm() > self.gain);
        let outliers = apart.map(|&theta| self.outlier(theta, regions.neurons() as f64)).collect();
        Some(Prediction { outliers, ..Bulk::Disc { radius: self.gain }.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::eigenvalues;

    fn rank_two(standardised: bool) -> LowRank {
        // Overlaps with the eigenvalues 1.2 ± 0.9i.
        LowRank { gain: 0.6, structure: Structure::Overlaps { matrix: vec![vec![1.2, -1.8], vec![0.45, 1.2]], private: 0.7 }, standardised }
    }

    fn means(standardised: bool) -> LowRank {
        LowRank { gain: 0.5, structure: Structure::Means { m_mean: 1.1, n_mean: 2.0, m_deviation: 1.0, n_deviation: 0.5 }, standardised }
    }

    #[test]
    fn standardised_vectors_have_exact_moments() {
        let (m, n) = means(true).vectors(50, Seed(3)).unwrap();
        assert!((m.mean() - 1.1).abs() < 1e-13 && (m.variance() - 1.0).abs() < 1e-13);
        assert!((n.mean() - 2.0).abs() < 1e-13 && (n.variance() - 0.25).abs() < 1e-13);
        assert!((m.dot(&n) / 50.0 - 2.2).abs() < 1e-13);
        let (m, n) = rank_two(true).vectors(50, Seed(3)).unwrap();
        let overlaps = n.transpose() * m / 50.0;
        assert!((overlaps - DMatrix::from_row_slice(2, 2, &[1.2, -1.8, 0.45, 1.2])).norm() < 1e-12);
    }

    #[test]
    fn vectors_are_those_of_the_sample() {
        let regions = Regions::single("all", 40).unwrap();
        let (m, n) = rank_two(false).vectors(40, Seed(9)).unwrap();
        let with = rank_two(false).sample(&regions, Seed(9)).unwrap().to_dense();
        let structure = m * n.transpose() / 40.0;
        let chi = (with - structure).norm() / 40.0_f64.sqrt();
        assert!((chi - 0.6).abs() < 0.06, "{chi}");
    }

    #[test]
    fn outliers_scatter_as_predicted() {
        let regions = Regions::single("all", 150).unwrap();
        for law in [rank_two(true), rank_two(false), means(true), means(false)] {
            let outlier = law.prediction(&regions).unwrap().outliers[0];
            let matrices = 80;
            let square = |seed| {
                let found = eigenvalues(&law.sample(&regions, Seed(seed)).unwrap().to_dense()).unwrap();
                found.iter().map(|z| (z - outlier.value).norm_sqr()).fold(f64::INFINITY, f64::min)
            };
            let rms = ((0..matrices).map(square).sum::<f64>() / matrices as f64).sqrt();
            // A root mean square of 80 has a relative standard deviation of 0.08; corrections of order 1 / N are below that.
            assert!((rms / outlier.deviation - 1.0).abs() < 0.32, "{law:?}: {rms} against {}", outlier.deviation);
        }
    }

    #[test]
    fn small_overlaps_leave_no_outlier() {
        let law = LowRank { structure: Structure::Overlaps { matrix: vec![vec![0.5]], private: 1.0 }, ..Default::default() };
        let regions = Regions::single("all", 300).unwrap();
        assert!(law.prediction(&regions).unwrap().outliers.is_empty());
        let found = eigenvalues(&law.sample(&regions, Seed(1)).unwrap().to_dense()).unwrap();
        assert!(found[0].norm() < 0.9, "{}", found[0].norm());
    }

    #[test]
    fn impossible_structures_are_refused() {
        let regions = Regions::single("all", 4).unwrap();
        let refused = |law: LowRank| law.sample(&regions, Seed(1)).unwrap_err().to_string();
        assert!(refused(rank_two(true)).contains("more than 4"));
        let ragged = Structure::Overlaps { matrix: vec![vec![1.0, 2.0], vec![1.0]], private: 1.0 };
        assert!(refused(LowRank { structure: ragged, ..Default::default() }).contains("overlap matrix"));
        assert!(refused(LowRank { gain: -0.1, ..Default::default() }).contains("gain"));
    }
}
