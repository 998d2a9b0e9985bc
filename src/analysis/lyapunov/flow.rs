//! Low-dimensional flows given by a closure.

use super::Tangent;
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// dx/dt = f(x) with the Jacobian given, by the classical Runge–Kutta method; the tangent map is the derivative of that step.
///
/// ```
/// use crosscurrent::analysis::{Flow, Lyapunov};
/// // A stable spiral: both exponents are -0.1, the real part of the eigenvalues.
/// let jacobian = nalgebra::dmatrix![-0.1, 2.0; -2.0, -0.1];
/// let of = jacobian.clone();
/// let mut spiral = Flow::new(vec![1.0, 0.0], 0.01, move |x| &of * x, move |_| jacobian.clone());
/// let spectrum = Lyapunov { duration: 50.0, transient: 0.0, ..Default::default() }.measure(&mut spiral)?;
/// assert!((spectrum.exponents[0] + 0.1).abs() < 1e-6 && (spectrum.exponents[1] + 0.1).abs() < 1e-6);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub struct Flow<F, D> {
    x: DVector<f64>,
    dt: f64,
    velocity: F,
    jacobian: D,
}

impl<F: Fn(&DVector<f64>) -> DVector<f64>, D: Fn(&DVector<f64>) -> DMatrix<f64>> Flow<F, D> {
    /// The flow from `start` in steps of `dt`; `velocity` is f, `jacobian` its derivative (d × d).
    pub fn new(start: Vec<f64>, dt: f64, velocity: F, jacobian: D) -> Self {
        Flow { x: DVector::from_vec(start), dt, velocity, jacobian }
    }
}

impl<F: Fn(&DVector<f64>) -> DVector<f64>, D: Fn(&DVector<f64>) -> DMatrix<f64>> Tangent for Flow<F, D> {
    fn dimension(&self) -> usize {
        self.x.len()
    }

    fn dt(&self) -> f64 {
        self.dt
    }

    fn step(&mut self, vectors: &mut DMatrix<f64>) -> Result<()> {
        let (mut x, mut q) = (self.x.clone(), vectors.clone());
        let (mut slope, mut turn) = (DVector::zeros(x.len()), DMatrix::zeros(q.nrows(), q.ncols()));
        // Stages at 0, 1/2, 1/2, 1 of the step with weights 1/6, 1/3, 1/3, 1/6.
        for (reach, weight) in [(0.0, 1.0), (0.5, 2.0), (0.5, 2.0), (1.0, 1.0)] {
            let (at, vector) = (&self.x + &slope * (reach * self.dt), &*vectors + &turn * (reach * self.dt));
            (slope, turn) = ((self.velocity)(&at), (self.jacobian)(&at) * vector);
            x += &slope * (weight * self.dt / 6.0);
            q += &turn * (weight * self.dt / 6.0);
        }
        if x.iter().any(|x| !x.is_finite()) {
            return Err(Error::Diverged { what: "the flow".into(), time_s: self.dt, size: f64::INFINITY });
        }
        (self.x, *vectors) = (x, q);
        Ok(())
    }

    fn state(&self) -> &[f64] {
        self.x.as_slice()
    }

    fn place(&mut self, state: &[f64], _steps: usize) {
        self.x.copy_from_slice(state);
    }

    fn divergence(&self) -> Option<f64> {
        Some((self.jacobian)(&self.x).trace())
    }
}
