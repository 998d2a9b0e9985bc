//! What a measurement of exponents gives.

use nalgebra::DMatrix;

/// Number of blocks of the error bars.
const BLOCKS: usize = 20;

/// Lyapunov exponents with the growth that they were averaged from.
#[derive(Clone, Debug, PartialEq)]
pub struct LyapunovSpectrum {
    /// Exponents in the order of the vectors: falling, up to the error bars; per unit of the system's time.
    pub exponents: Vec<f64>,
    /// ln of the growth of each vector in each interval, k × intervals.
    pub(crate) growth: Vec<Vec<f64>>,
    /// Length of each interval.
    pub(crate) lengths: Vec<f64>,
}

impl LyapunovSpectrum {
    pub(crate) fn new(count: usize) -> Self {
        LyapunovSpectrum { exponents: vec![0.0; count], growth: Vec::new(), lengths: Vec::new() }
    }

    /// Takes one more interval.
    pub(crate) fn push(&mut self, growth: &[f64], length: f64) {
        let before = self.time();
        for (exponent, growth) in self.exponents.iter_mut().zip(growth) {
            *exponent = (*exponent * before + growth) / (before + length);
        }
        self.growth.push(growth.to_vec());
        self.lengths.push(length);
    }

    /// Time over which growth was averaged.
    pub fn time(&self) -> f64 {
        self.lengths.iter().sum()
    }

    /// Standard error of every exponent, from the means of twenty blocks of time; NaN with fewer than twenty intervals.
    ///
    /// It tells the fluctuation of growth along this trajectory, not the bias of a finite time: a single exponent of a steady state
    /// still converges as one over the time when its error is zero.
    pub fn errors(&self) -> Vec<f64> {
        let blocks = self.blocks(BLOCKS);
        let count = blocks.ncols() as f64;
        let error = |row: nalgebra::DVector<f64>| (row.variance() * count / (count - 1.0) / count).sqrt();
        let enough = blocks.ncols() == BLOCKS;
        blocks.row_iter().map(|row| if enough { error(row.transpose()) } else { f64::NAN }).collect()
    }

    /// Exponents of successive stretches of time of about equal length, k × stretches: finite-time exponents.
    ///
    /// There are at most as many stretches as intervals.
    pub fn blocks(&self, count: usize) -> DMatrix<f64> {
        let count = count.clamp(1, self.lengths.len().max(1));
        let mut blocks = DMatrix::zeros(self.exponents.len(), count);
        let mut times = vec![0.0; count];
        for (index, (growth, length)) in self.growth.iter().zip(&self.lengths).enumerate() {
            let block = index * count / self.lengths.len();
            times[block] += length;
            growth.iter().enumerate().for_each(|(k, growth)| blocks[(k, block)] += growth);
        }
        for (mut column, time) in blocks.column_iter_mut().zip(times) {
            column /= time;
        }
        blocks
    }

    /// Finite-time exponents: those of successive stretches of about `time`, k × stretches. Their rows are samples of the distributions.
    pub fn finite_time(&self, time: f64) -> DMatrix<f64> {
        self.blocks((self.time() / time).round() as usize)
    }

    /// Standard error of a number that is computed from the exponents (dimension, entropy), by leaving out one of twenty blocks of time
    /// after the other; NaN with fewer than twenty intervals, or where the number does not exist.
    ///
    /// ```
    /// # use crosscurrent::analysis::{Lyapunov, Map};
    /// # let henon = Map::new(vec![0.1, 0.1], |x, next| {
    /// #     next[0] = 1.0 - 1.4 * x[0] * x[0] + x[1];
    /// #     next[1] = 0.3 * x[0];
    /// # }, |x| nalgebra::dmatrix![-2.8 * x[0], 1.0; 0.3, 0.0]);
    /// use crosscurrent::analysis::LyapunovSpectrum;
    /// let spectrum = Lyapunov { duration: 20_000.0, ..Default::default() }.measure(&mut { henon })?;
    /// let (dimension, error) = (spectrum.dimension().unwrap(), spectrum.jackknife(LyapunovSpectrum::dimension));
    /// assert!((dimension - 1.258).abs() < 5e-3 + 3.0 * error && error < 0.01);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    pub fn jackknife(&self, number: impl Fn(&LyapunovSpectrum) -> Option<f64>) -> f64 {
        let blocks = self.blocks(BLOCKS);
        let count = blocks.ncols();
        if count < BLOCKS {
            return f64::NAN;
        }
        let total = blocks.column_sum();
        let without = |block: usize| {
            let exponents = ((&total - blocks.column(block)) / (count as f64 - 1.0)).data.into();
            number(&LyapunovSpectrum { exponents, growth: Vec::new(), lengths: Vec::new() }).unwrap_or(f64::NAN)
        };
        let values = nalgebra::DVector::from_iterator(count, (0..count).map(without));
        ((count as f64 - 1.0) * values.variance()).sqrt()
    }

    /// The exponents as they stood after about `points` moments, evenly spaced in the logarithm of time: (time, exponents).
    pub fn convergence(&self, points: usize) -> Vec<(f64, Vec<f64>)> {
        let (mut time, mut sums) = (0.0, vec![0.0; self.exponents.len()]);
        let (mut record, mut next) = (Vec::new(), 0.0);
        let factor = (self.time() / self.lengths.first().copied().unwrap_or(1.0)).powf(1.0 / points.max(1) as f64).max(1.0);
        for (index, (growth, length)) in self.growth.iter().zip(&self.lengths).enumerate() {
            time += length;
            sums.iter_mut().zip(growth).for_each(|(sum, growth)| *sum += growth);
            if time >= next || index + 1 == self.lengths.len() {
                record.push((time, sums.iter().map(|sum| sum / time).collect()));
                next = time * factor;
            }
        }
        record
    }

    /// Number of exponents above zero.
    pub fn positive(&self) -> usize {
        self.exponents.iter().filter(|&&exponent| exponent > 0.0).count()
    }

    /// Sum of the positive exponents: the Kolmogorov–Sinai entropy rate, where Pesin's identity holds (nats per unit of time).
    pub fn entropy(&self) -> f64 {
        self.exponents.iter().filter(|&&exponent| exponent > 0.0).sum()
    }

    /// Kaplan–Yorke dimension k + (sum of the first k exponents) / |exponent k + 1|, k the last index whose sum is not negative.
    ///
    /// `None` where the sum never turns negative: more exponents are needed. 0 where the first one is negative.
    pub fn dimension(&self) -> Option<f64> {
        let mut sum = 0.0;
        for (k, &exponent) in self.exponents.iter().enumerate() {
            if sum + exponent < 0.0 {
                return Some(k as f64 + sum / exponent.abs());
            }
            sum += exponent;
        }
        None
    }
}
