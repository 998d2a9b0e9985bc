//! Deterministic inputs of the two-time equations: one time course for each class of units.

use crate::error::{Error, Result, in_range, positive};
use nalgebra::DMatrix;
use std::f64::consts::TAU;

/// Input u(t) to the units, by classes (tau = 1).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Course {
    /// No input.
    #[default]
    None,
    /// The same values for all units, one per step.
    Common(Vec<f64>),
    /// I cos(omega t + phase) for all units: drives a coherent mode.
    CommonSine {
        /// Amplitude I; at least 0.
        amplitude: f64,
        /// Angular frequency in 1/tau; positive.
        omega: f64,
        /// Phase in radians.
        phase: f64,
    },
    /// I cos(omega t + theta_i) with uniform phases.
    RandomPhases {
        /// Amplitude I; at least 0.
        amplitude: f64,
        /// Angular frequency in 1/tau; positive.
        omega: f64,
        /// Number of evenly spaced phases that stand for the circle; 16 to 32 are enough for amplitudes of order 1. For an odd phi
        /// opposite phases tell the same, so an odd number counts twice.
        phases: usize,
    },
    /// Any classes: (share of the units, values, one per step).
    Classes(Vec<(f64, Vec<f64>)>),
}

/// The part of x that follows from the input alone.
#[derive(Debug)]
pub(super) struct Response {
    /// Share of the units in each class; the sum is 1.
    pub shares: Vec<f64>,
    /// h, classes × steps.
    pub activation: DMatrix<f64>,
}

impl Course {
    /// h(t + dt) = (1 - dt) h(t) + dt u(t) from h = 0, for each class.
    pub(super) fn response(&self, dt: f64, steps: usize) -> Result<Response> {
        let classes = self.classes(dt, steps)?;
        let total: f64 = classes.iter().map(|(share, _)| share).sum();
        let mut activation = DMatrix::zeros(classes.len(), steps);
        for (class, (_, values)) in classes.iter().enumerate() {
            if values.len() < steps {
                return Err(Error::shape("values of an input", format!("at least {steps}, one per step"), values.len()));
            }
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::parameter("value of an input", value, "a finite number"));
            }
            for step in 1..steps {
                activation[(class, step)] = (1.0 - dt) * activation[(class, step - 1)] + dt * values[step - 1];
            }
        }
        Ok(Response { shares: classes.iter().map(|(share, _)| share / total).collect(), activation })
    }

    /// Share and values of every class.
    fn classes(&self, dt: f64, steps: usize) -> Result<Vec<(f64, Vec<f64>)>> {
        let sine = |(amplitude, omega): (f64, f64), phase: f64| -> Result<Vec<f64>> {
            in_range("amplitude", amplitude, 0.0.., "at least 0")?;
            positive("omega", omega)?;
            in_range("phase", phase, .., "a finite number")?;
            Ok((0..steps).map(|step| amplitude * (omega * step as f64 * dt + phase).cos()).collect())
        };
        match self {
            Course::None => Ok(vec![(1.0, vec![0.0; steps])]),
            Course::Common(values) => Ok(vec![(1.0, values.clone())]),
            Course::CommonSine { amplitude, omega, phase } => Ok(vec![(1.0, sine((*amplitude, *omega), *phase)?)]),
            Course::RandomPhases { amplitude, omega, phases } => {
                in_range("phases", *phases as f64, 2.0..=1024.0, "between 2 and 1024")?;
                let class = |k: usize| Ok((1.0, sine((*amplitude, *omega), TAU * (k as f64 + 0.5) / *phases as f64)?));
                (0..*phases).map(class).collect()
            }
            Course::Classes(classes) => {
                if classes.is_empty() {
                    return Err(Error::shape("classes of an input", "at least one", 0));
                }
                classes.iter().try_for_each(|(share, _)| positive("share of a class", *share).map(|_| ()))?;
                Ok(classes.clone())
            }
        }
    }
}
