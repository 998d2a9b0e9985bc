//! A network that carries tangent vectors along.

use super::Tangent;
use crate::error::Result;
use crate::integrator::{Integrator, Stepper, Tangents};
use crate::kernels::{Buffer, Level, demote, promote};
use crate::network::Network;
use crate::precision::Precision;
use crate::simulation::{Simulation, World};
use nalgebra::DMatrix;

/// A network under the integrator, inputs, noise, initial state and step of a [`Simulation`] (its duration and transient do not count).
///
/// With noise or inputs the exponents are conditional: all trajectories feel the same noise. The state runs in 64 bits, whatever the precision of
/// the simulation; that of the vectors is [`super::Lyapunov::precision`].
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
    network: &'a Network,
    stepper: Stepper<f64>,
    /// Made when vectors of that precision come.
    double: Option<Tangents<f64>>,
    single: Option<Tangents<f32>>,
    /// The vectors while they have 32 bits.
    narrow: Buffer<f32>,
    world: World<'a>,
    /// Sum over neurons of the rate at which the leak alone shrinks a difference, as the step has it: -1/tau but for its error.
    leak: f64,
    /// Weights of neurons onto themselves that are not zero: neuron, J_ii / tau_i.
    autapses: Vec<(usize, f64)>,
    integrator: &'a dyn Integrator,
}

impl<'a> NetworkTangent<'a> {
    /// The network at the initial state of the first trial of `simulation`.
    ///
    /// # Errors
    /// Settings of the simulation that do not fit the network.
    pub fn new(network: &'a Network, simulation: &'a Simulation) -> Result<Self> {
        let (world, x) = World::new(simulation, network, 0)?;
        let dt = simulation.clock.dt();
        let leak = |tau: &f64| simulation.integrator.scheme(dt / tau).update().decay.abs().ln() / dt;
        let diagonal = network.connectivity.diagonal().into_iter().zip(&network.tau).map(|(weight, tau)| weight / tau);
        Ok(NetworkTangent {
            x,
            dt,
            network,
            stepper: Stepper::new(network, &*simulation.integrator, dt),
            double: None,
            single: None,
            narrow: Buffer::zeros(0),
            world,
            leak: network.tau.iter().map(leak).sum(),
            autapses: diagonal.enumerate().filter(|(_, weight)| *weight != 0.0).collect(),
            integrator: &*simulation.integrator,
        })
    }
}

impl NetworkTangent<'_> {
    /// One step of the state in 64 bits and of the narrow vectors.
    fn step_single(&mut self) -> Result<()> {
        let NetworkTangent { x, dt, network, stepper, single, narrow, world, integrator, .. } = self;
        let tangents = single.get_or_insert_with(|| Tangents::new(network, *integrator, *dt));
        tangents.step(stepper, (x, narrow), |stage, u| world.drive(stage, u));
        world.finish(x)
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
        let NetworkTangent { x, dt, network, stepper, double, world, integrator, .. } = self;
        if vectors.is_empty() {
            stepper.step(x, |stage, u| world.drive(stage, u));
        } else {
            let tangents = double.get_or_insert_with(|| Tangents::new(network, *integrator, *dt));
            tangents.step(stepper, (x, vectors.as_mut_slice()), |stage, u| world.drive(stage, u));
        }
        world.finish(x)
    }

    fn carry(&mut self, vectors: &mut DMatrix<f64>, steps: usize, precision: Precision) -> Result<f64> {
        let single = matches!(precision, Precision::Mixed | Precision::Single) && !vectors.is_empty();
        if single {
            if self.narrow.len() != vectors.len() {
                self.narrow = Buffer::zeros(vectors.len());
            }
            demote(Level::detect(), vectors.as_slice(), &mut self.narrow);
        }
        let mut expansion = 0.0;
        for _ in 0..steps {
            expansion += self.divergence().unwrap_or(f64::NAN) * self.dt;
            if single { self.step_single()? } else { self.step(vectors)? }
        }
        if single {
            promote(Level::detect(), &self.narrow, vectors.as_mut_slice());
        }
        Ok(expansion)
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
        self.network.nonlinearity.slopes(&at, &mut slopes);
        Some(self.leak + self.autapses.iter().zip(slopes).map(|((_, weight), slope)| weight * slope).sum::<f64>())
    }
}
