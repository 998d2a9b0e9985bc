//! Fourier transforms of real series. The only file that names the library of Fourier transforms.

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::sync::Arc;

pub use realfft::num_complex::Complex;

/// Transforms of one length and back, with their buffers.
pub struct Fourier {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// A series.
    pub values: Vec<f64>,
    /// Its transform, from frequency zero to half of the sampling rate.
    pub bins: Vec<Complex<f64>>,
}

impl Fourier {
    /// For series of `length` values.
    pub fn new(length: usize) -> Self {
        let mut planner = RealFftPlanner::<f64>::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let (values, bins) = (forward.make_input_vec(), forward.make_output_vec());
        Fourier { forward, inverse, values, bins }
    }

    /// The bins of the values, which are lost.
    pub fn transform(&mut self) {
        self.forward.process(&mut self.values, &mut self.bins).expect("both buffers have the length of the plan");
    }

    /// The values of the bins, times the length; the bins are lost. The first bin and, of an even length, the last have to be real.
    pub fn invert(&mut self) {
        self.inverse.process(&mut self.bins, &mut self.values).expect("both buffers have the length of the plan");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_has_one_bin_and_comes_back_times_its_length() {
        for length in [7, 8, 60] {
            let cosine: Vec<f64> = (0..length).map(|t| (std::f64::consts::TAU * 2.0 * t as f64 / length as f64).cos()).collect();
            let mut fourier = Fourier::new(length);
            fourier.values.copy_from_slice(&cosine);
            fourier.transform();
            for (bin, value) in fourier.bins.iter().enumerate() {
                let expected = if bin == 2 { length as f64 / 2.0 } else { 0.0 };
                assert!((value - Complex::from(expected)).norm() < 1e-12);
            }
            fourier.invert();
            assert!(fourier.values.iter().zip(&cosine).all(|(value, cosine)| (value / length as f64 - cosine).abs() < 1e-13));
        }
    }
}
