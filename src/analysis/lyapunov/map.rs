//! Low-dimensional maps given by a closure.

use super::Tangent;
use crate::error::{Error, Result};
use nalgebra::DMatrix;

/// x <- f(x) with the Jacobian given.
pub struct Map<F, D> {
    x: Vec<f64>,
    next: Vec<f64>,
    image: F,
    jacobian: D,
}

impl<F: Fn(&[f64], &mut [f64]), D: Fn(&[f64]) -> DMatrix<f64>> Map<F, D> {
    /// The map from `start`; `image` writes f(x) into its second argument, `jacobian` is the derivative of f (d × d).
    pub fn new(start: Vec<f64>, image: F, jacobian: D) -> Self {
        Map { next: vec![0.0; start.len()], x: start, image, jacobian }
    }
}

impl<F: Fn(&[f64], &mut [f64]), D: Fn(&[f64]) -> DMatrix<f64>> Tangent for Map<F, D> {
    fn dimension(&self) -> usize {
        self.x.len()
    }

    fn dt(&self) -> f64 {
        1.0
    }

    fn step(&mut self, vectors: &mut DMatrix<f64>) -> Result<()> {
        *vectors = (self.jacobian)(&self.x) * &*vectors;
        (self.image)(&self.x, &mut self.next);
        std::mem::swap(&mut self.x, &mut self.next);
        if self.x.iter().any(|x| !x.is_finite()) {
            return Err(Error::Diverged { what: "the map".into(), time_s: 1.0, size: f64::INFINITY });
        }
        Ok(())
    }

    fn state(&self) -> &[f64] {
        &self.x
    }

    fn place(&mut self, state: &[f64], _steps: usize) {
        self.x.copy_from_slice(state);
    }

    fn divergence(&self) -> Option<f64> {
        Some((self.jacobian)(&self.x).determinant().abs().ln())
    }
}
