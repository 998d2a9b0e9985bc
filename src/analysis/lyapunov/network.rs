//! A network that carries tangent vectors along.

use super::Tangent;
use crate::error::Result;
use crate::integrator::TangentStepper;
use crate::network::Network;
use crate::simulation::{Simulation, World};
use nalgebra::DMatrix;

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
}

impl<'a> NetworkTangent<'a> {
    /// The network at the initial state of the first trial of `simulation`.
    ///
    /// # Errors
    /// Settings of the simulation that do not fit the network.
    pub fn new(network: &Network, simulation: &'a Simulation) -> Result<Self> {
        let (world, x) = World::new(simulation, network, 0)?;
        let dt = simulation.clock.dt();
        Ok(NetworkTangent { x, dt, stepper: TangentStepper::new(network, &*simulation.integrator, dt), world })
    }

    /// Activations (N values).
    pub fn state(&self) -> &[f64] {
        &self.x
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
}
