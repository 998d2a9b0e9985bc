//! Integrator: one step of the network equation, one file per member.

mod euler;
mod exponential_euler;
mod heun;
mod many;
mod rk4;
mod stepper;
mod tangent;

pub use euler::Euler;
pub use exponential_euler::ExponentialEuler;
pub use heun::Heun;
pub(crate) use many::ManyStepper;
pub use rk4::Rk4;
pub(crate) use stepper::{Element, Stepper};
pub(crate) use tangent::Tangents;

use crate::family::family;
use std::fmt::Debug;

/// An explicit one-step method, written for the network equation tau dx/dt = -x + F(x, t) with F = J phi(x) + u.
///
/// Every member is a [`Scheme`]: numbers that depend on z = dt / tau alone. The step, its exact derivative and both precisions come
/// from that one table, so a new method is one new file.
///
/// ```
/// use crosscurrent::integrator::{Euler, Integrator};
/// let update = Euler.scheme(0.1).update().clone();
/// assert_eq!((update.decay, update.weights[0]), (0.9, 0.1));
/// ```
pub trait Integrator: Debug + Send + Sync {
    /// Order of the global error in dt.
    fn order(&self) -> u32;

    /// The coefficients at z = dt / tau.
    fn scheme(&self, z: f64) -> Scheme;
}

/// Stages X_i = decay_i x + sum_{j < i} weights_ij F(X_j, t + node_j dt); the last one is the new x.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// In order of evaluation; the first is x itself (decay 1, no weights), the last the update.
    pub stages: Vec<Stage>,
}

/// One row of a [`Scheme`].
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Time of the stage as a fraction of the step.
    pub node: f64,
    /// Factor of x.
    pub decay: f64,
    /// Factors of the drives of the stages before.
    pub weights: Vec<f64>,
}

impl Scheme {
    /// The row that gives the new x.
    pub fn update(&self) -> &Stage {
        self.stages.last().expect("a scheme has at least two stages")
    }

    /// The scheme of the explicit Runge–Kutta method with the Butcher table (`a`, `b`, `c`) at z = dt / tau.
    ///
    /// The leak is carried through the stages: k_j = z (F_j - X_j), X_i = x + sum a_ij k_j.
    pub(crate) fn runge_kutta(a: &[&[f64]], b: &[f64], c: &[f64], z: f64) -> Scheme {
        let mut stages: Vec<Stage> = Vec::new();
        let rows = a.iter().copied().chain([b]);
        for (row, node) in rows.zip(c.iter().copied().chain([1.0])) {
            let mut stage = Stage { node, decay: 1.0, weights: vec![0.0; stages.len()] };
            for (j, &coefficient) in row.iter().enumerate() {
                let slope = z * coefficient;
                stage.weights[j] += slope;
                stage.decay -= slope * stages[j].decay;
                for (i, &weight) in stages[j].weights.iter().enumerate() {
                    stage.weights[i] -= slope * weight;
                }
            }
            stages.push(stage);
        }
        Scheme { stages }
    }
}

family! {
    /// The integrators that a file can name.
    AnyIntegrator: Integrator {
        /// Forward Euler, order 1
        Euler,
        /// Exponential Euler: exact leak, order 1
        ExponentialEuler,
        /// Heun, order 2
        Heun,
        /// Classical Runge–Kutta, order 4
        Rk4,
    }
}

impl Default for AnyIntegrator {
    fn default() -> Self {
        AnyIntegrator::Euler(Euler)
    }
}

impl Integrator for AnyIntegrator {
    fn order(&self) -> u32 {
        (**self).order()
    }

    fn scheme(&self, z: f64) -> Scheme {
        (**self).scheme(z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_drive_relaxes_to_itself() {
        // x = F is a fixed point of every method: decay + sum of weights = 1 in every stage.
        for integrator in AnyIntegrator::members() {
            for z in [0.01, 0.1, 0.5] {
                for stage in integrator.scheme(z).stages {
                    assert!((stage.decay + stage.weights.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{integrator:?}");
                }
            }
        }
    }

    #[test]
    fn the_decay_of_the_update_is_the_stability_function() {
        let z: f64 = 0.3;
        let decay = |integrator: AnyIntegrator| integrator.scheme(z).update().decay;
        assert!((decay(Euler.into()) - (1.0 - z)).abs() < 1e-15);
        assert!((decay(ExponentialEuler.into()) - (-z).exp()).abs() < 1e-15);
        assert!((decay(Heun.into()) - (1.0 - z + z * z / 2.0)).abs() < 1e-15);
        assert!((decay(Rk4.into()) - (1.0 - z + z * z / 2.0 - z.powi(3) / 6.0 + z.powi(4) / 24.0)).abs() < 1e-15);
    }
}
