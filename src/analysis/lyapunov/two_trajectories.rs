//! The largest exponent without a derivative: two trajectories side by side.

use super::Lyapunov;
use crate::error::Result;
use crate::integrator::Stepper;
use crate::network::Network;
use crate::simulation::{Simulation, World};

/// Distance between the two trajectories, as a share of sqrt(N): far below the size of the attractor, far above rounding.
const APART: f64 = 1e-7;

/// The largest exponent of `network`: two trajectories that meet the same inputs and noise start close to each other; their distance is
/// reset every `interval` steps (0 counts as 1) and its growth averaged (Benettin, Galgani & Strelcyn 1976).
///
/// A check of [`Lyapunov::measure`] that shares no derivative with it; precise to about the distance, 1e-7 of the size of the state.
///
/// ```
/// use crosscurrent::analysis::{Lyapunov, largest_from_two_trajectories};
/// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("all", 60)?;
/// let network = Network::new(regions.clone(), Gaussian { gain: 0.5, autapses: true }.sample(&regions, Seed(1))?, Tanh, &[1.0])?;
/// let simulation = Simulation { clock: Clock::new(0.1, 1.0)?, ..Default::default() };
/// assert!(largest_from_two_trajectories(&network, &simulation, &Lyapunov::default())? < -0.3);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// Settings out of range or a network that diverges.
pub fn largest_from_two_trajectories(network: &Network, simulation: &Simulation, settings: &Lyapunov) -> Result<f64> {
    Lyapunov { exponents: 1, ..*settings }.check(network.neurons())?;
    let (world, start) = World::new(simulation, network, 0)?;
    let dt = simulation.clock.dt();
    let stepper = || Stepper::<f64>::new(network, &*simulation.integrator, dt);
    let mut first = (world.clone(), stepper(), start.clone());
    let mut second = (world, stepper(), start);
    let advance = |(world, stepper, x): &mut (World, Stepper<f64>, Vec<f64>)| {
        stepper.step(x, |stage, u| world.drive(stage, u));
        world.finish(x)
    };
    let steps = |time: f64| (time / dt).round() as usize;
    for _ in 0..steps(settings.transient) {
        advance(&mut first)?;
        advance(&mut second)?;
    }
    let apart = APART * (network.neurons() as f64).sqrt();
    // Alternating signs: a direction that no symmetry of a network prefers.
    second.2.iter_mut().enumerate().for_each(|(i, x)| *x += if i % 2 == 0 { APART } else { -APART });
    let interval = settings.interval.max(1);
    let (aligning, total) = (steps(settings.alignment), steps(settings.alignment) + steps(settings.duration).max(1));
    let (mut growth, mut counted, mut since) = (0.0, 0, 0);
    for step in 1..=total {
        advance(&mut first)?;
        advance(&mut second)?;
        since += 1;
        if since == interval || step == aligning || step == total {
            let distance = first.2.iter().zip(&second.2).map(|(a, b)| (b - a).powi(2)).sum::<f64>().sqrt();
            if step > aligning {
                growth += (distance / apart).ln();
                counted += since;
            }
            second.2.iter_mut().zip(&first.2).for_each(|(b, a)| *b = a + (*b - a) * apart / distance);
            since = 0;
        }
    }
    Ok(growth / (counted as f64 * dt))
}
