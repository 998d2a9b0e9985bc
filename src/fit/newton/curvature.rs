//! Curvature: X^T W X times the directions of all neurons, in 32 bits: good enough to find a step, not to know where it should lead.

use crate::kernels::{Buffer, LeftFactor, Level, Strided};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Neurons that one thread takes at a time: their packed directions stay in the second cache.
const STRIP: usize = 128;

/// X and X^T, each packed once for all products.
pub(super) struct Curvature {
    ahead: LeftFactor<f32>,
    back: LeftFactor<f32>,
}

impl Curvature {
    /// Of rates X, samples × sources.
    pub(super) fn new(rates: &DMatrix<f64>) -> Self {
        let mut single = Buffer::zeros(rates.len());
        single.par_iter_mut().zip(rates.as_slice()).for_each(|(to, &rate)| *to = rate as f32);
        let rates = Strided::columns_of(&single, rates.nrows());
        let pack = |rates: Strided<'_, f32>| LeftFactor::new(rates, Level::detect());
        let (ahead, back) = rayon::join(|| pack(rates), || pack(rates.transposed()));
        Curvature { ahead, back }
    }

    /// X^T W X `direction` (sources × targets), where a column of `weight` (samples × targets) is the diagonal of W of one neuron; the same
    /// bits on any number of threads.
    pub(super) fn times(&self, direction: &DMatrix<f64>, weight: &DMatrix<f32>) -> DMatrix<f64> {
        let (sources, samples) = (direction.nrows(), weight.nrows());
        let mut curved = DMatrix::zeros(sources, direction.ncols());
        let strip = |(ahead, back): &mut (LeftFactor<f32>, LeftFactor<f32>), ((to, from), weight): ((&mut [f64], &[f64]), &[f32])| {
            let mut short: Vec<f32> = from.iter().map(|&value| value as f32).collect();
            let mut drives = vec![0.0; weight.len()];
            ahead.multiply(None, Strided::columns_of(&short, sources), &mut drives);
            drives.iter_mut().zip(weight).for_each(|(drive, weight)| *drive *= weight);
            back.multiply(None, Strided::columns_of(&drives, samples), &mut short);
            to.iter_mut().zip(&short).for_each(|(to, &value)| *to = f64::from(value));
        };
        let both = curved.as_mut_slice().par_chunks_mut(STRIP * sources).zip(direction.as_slice().par_chunks(STRIP * sources));
        let strips = both.zip(weight.as_slice().par_chunks(STRIP * samples));
        // A copy of a factor shares what is packed and has a scratch of its own.
        strips.for_each_init(|| (self.ahead.clone(), self.back.clone()), strip);
        curved
    }
}
