//! A network that carries tangent vectors along.

use super::Tangent;
use crate::error::Result;
use crate::integrator::{Integrator, TangentStepper};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use crate::simulation::{Simulation, World};
use nalgebra::DMatrix;
use std::sync::Arc;

/// A network under the integrator, inputs, noise, initial state and step of a [`Simulation`] (its duration and transient do not count).
///
/// With noise or inputs the exponents are conditional: all trajectories feel the same noise.
///
/// ```
/// use crosscurrent::analysis::{Lyapunov, NetworkTangent};
/// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("all", 60)?;
/// let network = Network::new(regions.clone(), Gaussian { gain: 0.5, autapses: true }.sample(&regions, Seed(1))?, Tanh, &[1.0])?;
/// let simulation = Simulation { clock: Clock::new(0.1, 1.0)?, ..Default::default() };
/// let mut system = NetworkTangent::new(&network, &simulation)?;
/// let spectrum = Lyapunov { exponents: 1, ..Default::default() }.measure(&mut system)?;
/// assert!(spectrum.exponents[0] < -0.3, "below the transition every difference decays");
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub struct NetworkTangent<'a> {
    x: Vec<f64>,
    dt: f64,
    stepper: TangentStepper,
    world: World<'a>,
    /// Sum over neurons of the rate at which the leak alone shrinks a difference, as the step has it: -1/tau but for its error.
    leak: f64,
    /// Weights of neurons onto themselves that are not zero: neuron, J_ii / tau_i.
    autapses: Vec<(usize, f64)>,
    nonlinearity: Arc<dyn Nonlinearity>,
}

impl<'a> NetworkTangent<'a> {
    /// The network at the initial state of the first trial of `simulation`.
    ///
    /// # Errors
    /// Settings of the simulation that do not fit the network.
    pub fn new(network: &Network, simulation: &'a Simulation) -> Result<Self> {
        let (world, x) = World::new(simulation, network, 0)?;
        let dt = simulation.clock.dt();
        let leak = |tau: &f64| simulation.integrator.scheme(dt / tau).update().decay.abs().ln() / dt;
        let diagonal = network.connectivity.diagonal().into_iter().zip(&network.tau).map(|(weight, tau)| weight / tau);
        Ok(NetworkTangent {
            x,
            dt,
            stepper: TangentStepper::new(network, &*simulation.integrator, dt),
            world,
            leak: network.tau.iter().map(leak).sum(),
            autapses: diagonal.enumerate().filter(|(_, weight)| *weight != 0.0).collect(),
            nonlinearity: Arc::clone(&network.nonlinearity),
        })
    }
}

impl Tangent for NetworkTangent<'_> {
    fn dimension(&self) -> usize {
        self.x.len()
    }

    fn dt(&self) -> f64 {
        self.dt
    }

    fn step(&mut self, vectors: &mut DMatrix<f64>) -> Result<()> {
        let NetworkTangent { x, stepper, world, .. } = self;
        stepper.step(x, vectors, |stage, u| world.drive(stage, u));
        world.finish(x)
    }

    fn state(&self) -> &[f64] {
        &self.x
    }

    fn place(&mut self, state: &[f64], steps: usize) {
        self.x.copy_from_slice(state);
        self.world.skip(steps);
    }

    /// Sum over neurons of (J_ii phi'(x_i) - 1) / tau_i, with the leak as the step has it (for Euler ln(1 - dt/tau) / dt in place of
    /// -1/tau). What remains of the error of the step is small where J_ij and J_ji are not correlated.
    fn divergence(&self) -> Option<f64> {
        let at: Vec<f64> = self.autapses.iter().map(|&(neuron, _)| self.x[neuron]).collect();
        let mut slopes = vec![0.0; at.len()];
        self.nonlinearity.slopes(&at, &mut slopes);
        Some(self.leak + self.autapses.iter().zip(slopes).map(|((_, weight), slope)| weight * slope).sum::<f64>())
    }
}
