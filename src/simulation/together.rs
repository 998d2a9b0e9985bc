//! All trials of a simulation advanced together, so that a step is one product of matrices.

use super::{DIVERGED, Simulation, World, divergence};
use crate::error::Result;
use crate::integrator::{Element, ManyStepper};
use crate::kernels::Buffer;
use crate::network::Network;
use crate::noise::Noise;
use crate::precision::Precision;
use crate::recording::Recording;

impl Simulation {
    /// As [`Simulation::run`], with all trials advanced together.
    ///
    /// A single trajectory reads all of J in every step, and the memory sets its pace. Here an element of J that is read serves all trials: 48
    /// trials of 4000 neurons take as long as three of them one by one, and other threads help. Initial states, inputs and noise are those of
    /// [`Simulation::run`]; sums are rounded in another order, so that a chaotic trial parts from its twin after a while. The result does
    /// not depend on the number of threads, nor a trial on the number of its companions. [`Precision::Half`] is taken as
    /// [`Precision::Single`].
    ///
    /// ```
    /// use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation, ensemble::Gaussian, nonlinearity::Tanh};
    /// let regions = Regions::single("all", 50)?;
    /// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
    /// let simulation = Simulation { clock: Clock::new(0.01, 0.1)?, trials: 48, ..Default::default() };
    /// let (together, apart) = (simulation.run_together(&network)?, simulation.run(&network)?);
    /// assert!((together.rates - apart.rates).amax() < 1e-12);
    /// # Ok::<(), crosscurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn run_together(&self, network: &Network) -> Result<Recording> {
        self.record(network, |see| self.observe_together(network, see))
    }

    /// As [`Simulation::observe`], with all trials advanced together: `see(trial, sample, activations)` meets every trial at sample 0, then
    /// every trial at sample 1, and so on.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn observe_together(&self, network: &Network, mut see: impl FnMut(usize, usize, &[f64])) -> Result<()> {
        self.check(network)?;
        match self.precision {
            Precision::Double => self.together::<f64>(network, &mut see),
            Precision::Mixed | Precision::Single | Precision::Half => self.together::<f32>(network, &mut see),
        }
    }

    fn together<T: Element>(&self, network: &Network, see: &mut dyn FnMut(usize, usize, &[f64])) -> Result<()> {
        let mut stepper = ManyStepper::<T>::new(network, self.trials, &*self.integrator, self.clock.dt());
        let (neurons, width) = (network.neurons(), stepper.width());
        let mut x = Buffer::<T>::zeros(neurons * width);
        let mut worlds = Vec::with_capacity(self.trials);
        for trial in 0..self.trials {
            let (world, start) = World::new(self, network, trial)?;
            start.iter().enumerate().for_each(|(i, &start)| x[i * width + trial] = T::from_f64(start));
            worlds.push(world);
        }
        let mut one = vec![0.0; neurons];
        for step in worlds[0].step..self.clock.steps() as i64 {
            if step >= 0 && (step as usize).is_multiple_of(self.steps_per_sample) {
                for trial in 0..self.trials {
                    one.iter_mut().enumerate().for_each(|(i, one)| *one = x[i * width + trial].to_f64());
                    see(trial, step as usize / self.steps_per_sample, &one);
                }
            }
            stepper.step(&mut x, |stage, u| self.drive_all(&mut worlds, stage, &mut one, u));
            finish_all(&mut worlds, width, &mut x)?;
        }
        Ok(())
    }

    /// Writes inputs and filtered noise of all trials into `u`; false where there are none. Without such noise one trial knows what all meet.
    fn drive_all<T: Element>(&self, worlds: &mut [World], stage: f64, one: &mut [f64], u: &mut [T]) -> bool {
        let width = u.len() / one.len();
        let separate = matches!(self.noise, Noise::Filtered { .. });
        let mut driven = false;
        for trial in 0..if separate { self.trials } else { 1 } {
            one.fill(0.0);
            driven = worlds[trial].drive(stage, one);
            if !driven {
                break;
            }
            let to = if separate { trial..trial + 1 } else { 0..self.trials };
            for (one, u) in one.iter().zip(u.chunks_exact_mut(width)) {
                u[to.clone()].fill(T::from_f64(*one));
            }
        }
        driven
    }
}

/// Ends the step of all trials: adds their white noise, and refuses a state that has left every bound.
fn finish_all<T: Element>(worlds: &mut [World], width: usize, x: &mut [T]) -> Result<()> {
    for (trial, world) in worlds.iter_mut().enumerate() {
        world.advance(|neuron, z| {
            let x = &mut x[neuron * width + trial];
            *x = T::from_f64(x.to_f64() + z);
        });
    }
    if divergence(x).is_none() {
        return Ok(());
    }
    // What fills the last lanes is no trial and may do what it likes.
    let sizes = x.chunks_exact(width).flat_map(|x| x[..worlds.len()].iter().map(|x| x.to_f64().abs()));
    let size = sizes.fold(0.0, |most: f64, size| if size.is_finite() { most.max(size) } else { f64::INFINITY });
    if size > DIVERGED { Err(worlds[0].diverged(size)) } else { Ok(()) }
}
