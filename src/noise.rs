//! Noise: white or filtered, drawn per step and per neuron.

use crate::clock::Clock;
use crate::error::{Result, in_range, positive};
use crate::kernels::{Level, normals};
use crate::seed::Seed;
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// Process noise of every neuron, independent across neurons.
///
/// ```
/// use crosscurrent::Noise;
/// let white = Noise::White { strength: 0.1 };
/// assert!(white.check().is_ok());
/// assert!(Noise::Filtered { deviation: 0.1, tau: -1.0 }.check().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Noise {
    /// No noise.
    #[default]
    None,
    /// tau dx = ... dt + strength sqrt(tau) dW: every step of length dt adds strength sqrt(dt / tau) z with z standard normal.
    ///
    /// Alone, x then has the standard deviation strength / sqrt(2) whatever dt. (Section 3B of the theory of white drive writes
    /// sqrt(2) sigma for the strength.)
    White {
        /// At least 0.
        strength: f64,
    },
    /// An Ornstein–Uhlenbeck input added to u(t), with this standard deviation and time constant.
    Filtered {
        /// Standard deviation; at least 0.
        deviation: f64,
        /// Time constant in s; positive.
        tau: f64,
    },
}

/// How the numbers of process noise are drawn; both are fixed by the seed alone.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Network, Noise, NoiseStream, Regions, Simulation, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::single("all", 20)?;
/// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let noise = Noise::White { strength: 0.1 };
/// let simulation = Simulation { clock: Clock::new(0.01, 1.0)?, noise, noise_stream: NoiseStream::Blocks, ..Default::default() };
/// assert_eq!(simulation.run(&network)?, simulation.run(&network)?);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseStream {
    /// One generator (xoshiro256++) and a ziggurat, number after number in 64 bits. The recorded results were made so.
    #[default]
    Sequential,
    /// Blocks of 1024 numbers, each with a key of its own from the seed, by eight generators side by side: some five times as fast. The
    /// numbers have 24 bits and end at 6.7 standard deviations; they do not depend on the SIMD level.
    Blocks,
}

/// Fills `out` with the first independent standard normal numbers of block `block` of `seed`.
///
/// Any part of a long noise can be had without what precedes it. The numbers have 24 significant bits, end at 6.7 standard deviations, and
/// depend neither on threads nor on the SIMD level; the transform is that of Box & Muller (1958), the generator xoshiro256++ (Blackman &
/// Vigna 2021).
///
/// ```
/// use crosscurrent::{Seed, normal_block};
/// let mut noise = [0.0; 1000];
/// normal_block(Seed(1), 0, &mut noise);
/// let variance = noise.iter().map(|z| z * z).sum::<f64>() / 1000.0;
/// assert!((variance - 1.0).abs() < 0.2);
/// ```
pub fn normal_block(seed: Seed, block: u64, out: &mut [f64]) {
    normals(Level::detect(), seed.trial(block).0, out);
}

impl Noise {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] that names the one out of range.
    pub fn check(&self) -> Result<()> {
        match *self {
            Noise::None => Ok(()),
            Noise::White { strength } => in_range("strength of the noise", strength, 0.0.., "at least 0").map(|_| ()),
            Noise::Filtered { deviation, tau } => {
                in_range("deviation of the noise", deviation, 0.0.., "at least 0")?;
                positive("tau of the noise", tau).map(|_| ())
            }
        }
    }
}

/// The running state of a [`Noise`]: what one trial has drawn so far.
#[derive(Clone)]
pub(crate) struct NoiseState {
    noise: Noise,
    source: Source,
    /// Current value of filtered noise per neuron.
    filtered: Vec<f64>,
    decay: f64,
    /// sqrt(dt / tau) per neuron, for white noise.
    step_scale: Vec<f64>,
}

impl NoiseState {
    pub(crate) fn new((noise, stream): (Noise, NoiseStream), dt: f64, tau: &[f64], seed: Seed) -> Self {
        let mut source = Source::new(stream, seed.child("noise"));
        let (decay, filtered) = match noise {
            Noise::Filtered { deviation, tau: correlation } => {
                let stationary = tau.iter().map(|_| deviation * source.next()).collect();
                ((-dt / correlation).exp(), stationary)
            }
            _ => (0.0, Vec::new()),
        };
        NoiseState { noise, source, filtered, decay, step_scale: tau.iter().map(|tau| (dt / tau).sqrt()).collect() }
    }

    /// Adds filtered noise to the drive of the step that begins.
    pub(crate) fn add_to_drive(&self, drive: &mut [f64]) {
        for (u, &value) in drive.iter_mut().zip(&self.filtered) {
            *u += value;
        }
    }

    /// Ends a step: white noise is added to the activations, filtered noise moves on.
    pub(crate) fn advance(&mut self, mut add: impl FnMut(usize, f64)) {
        match self.noise {
            Noise::None => {}
            Noise::White { strength } => {
                for (neuron, &scale) in self.step_scale.iter().enumerate() {
                    add(neuron, strength * scale * self.source.next());
                }
            }
            Noise::Filtered { deviation, .. } => {
                let fresh = deviation * (1.0 - self.decay * self.decay).sqrt();
                for value in &mut self.filtered {
                    *value = self.decay * *value + fresh * self.source.next();
                }
            }
        }
    }
}

/// Numbers of a block of [`NoiseStream::Blocks`].
const BLOCK: usize = 1024;

/// A stream of standard normal numbers.
#[derive(Clone)]
enum Source {
    Sequential(Xoshiro256PlusPlus),
    Blocks { seed: Seed, block: u64, numbers: Vec<f64>, used: usize },
}

impl Source {
    fn new(stream: NoiseStream, seed: Seed) -> Self {
        match stream {
            NoiseStream::Sequential => Source::Sequential(seed.rng()),
            NoiseStream::Blocks => Source::Blocks { seed, block: 0, numbers: vec![0.0; BLOCK], used: BLOCK },
        }
    }

    #[inline]
    fn next(&mut self) -> f64 {
        match self {
            Source::Sequential(rng) => normal(rng),
            Source::Blocks { seed, block, numbers, used } => {
                if *used == BLOCK {
                    normal_block(*seed, *block, numbers);
                    (*block, *used) = (*block + 1, 0);
                }
                *used += 1;
                numbers[*used - 1]
            }
        }
    }
}

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

/// The frozen filtered noise that CURBD and PINning add as an input: drawn once per fit and used again in every pass.
///
/// n_t ~ N(0, tau / dt); w_0 = 1; w_t = e w_{t-1} + (1 - e) n_t with e = exp(-dt / tau); result `amplitude` · w, neurons × steps.
/// The standard deviation settles at amplitude sqrt( (tau/dt) tanh(dt / (2 tau)) ), close to amplitude / sqrt(2).
///
/// # Errors
/// `tau` must be positive and `amplitude` finite.
pub fn frozen_noise(neurons: usize, clock: &Clock, tau: f64, amplitude: f64, seed: Seed) -> Result<DMatrix<f64>> {
    positive("tau of the noise", tau)?;
    in_range("amplitude of the noise", amplitude, .., "a finite number")?;
    let mut rng = seed.child("frozen noise").rng();
    let keep = (-clock.dt() / tau).exp();
    let fresh = (1.0 - keep) * (tau / clock.dt()).sqrt();
    let mut noise = DMatrix::from_element(neurons, clock.steps(), 1.0);
    for step in 1..clock.steps() {
        for neuron in 0..neurons {
            noise[(neuron, step)] = keep * noise[(neuron, step - 1)] + fresh * normal(&mut rng);
        }
    }
    Ok(noise * amplitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frozen_noise_has_the_deviation_of_its_filter() {
        // T24: A sqrt((tw / dt) tanh(dt / 2 tw)) within 2 %.
        for (dt, tau) in [(0.01, 0.1), (0.1, 0.1), (0.001, 0.05)] {
            let clock = Clock::with_steps(dt, 40_000).unwrap();
            let noise = frozen_noise(20, &clock, tau, 0.3, Seed(2)).unwrap();
            let tail = noise.columns(10_000, 30_000);
            let deviation = (tail.norm_squared() / tail.len() as f64).sqrt();
            let expected = 0.3 * (tau / dt * (dt / (2.0 * tau)).tanh()).sqrt();
            assert!((deviation / expected - 1.0).abs() < 0.02, "{deviation} against {expected}");
            assert!(noise.column(0).iter().all(|&w| w == 0.3));
        }
    }

    #[test]
    fn filtered_noise_is_stationary_with_its_deviation_and_time_constant() {
        [NoiseStream::Sequential, NoiseStream::Blocks].into_iter().for_each(filtered_noise_of);
    }

    fn filtered_noise_of(stream: NoiseStream) {
        let tau = vec![0.1; 500];
        let mut state = NoiseState::new((Noise::Filtered { deviation: 0.7, tau: 0.05 }, stream), 0.01, &tau, Seed(3));
        let value = |state: &NoiseState| {
            let mut drive = vec![0.0; 500];
            state.add_to_drive(&mut drive);
            drive
        };
        let (mut variance, mut lagged) = (0.0, 0.0);
        for _ in 0..400 {
            let before = value(&state);
            state.advance(|_, _| unreachable!("filtered noise is a drive"));
            let after = value(&state);
            variance += before.iter().map(|v| v * v).sum::<f64>() / (500.0 * 400.0);
            lagged += before.iter().zip(&after).map(|(a, b)| a * b).sum::<f64>() / (500.0 * 400.0);
        }
        assert!((variance - 0.49).abs() < 0.02, "{variance}");
        assert!((lagged / variance - (-0.2_f64).exp()).abs() < 0.01, "{}", lagged / variance);
    }

    #[test]
    fn blocks_follow_each_other_in_the_order_of_their_numbers() {
        let mut source = Source::new(NoiseStream::Blocks, Seed(5));
        let drawn: Vec<f64> = (0..3 * BLOCK).map(|_| source.next()).collect();
        for (block, drawn) in drawn.chunks(BLOCK).enumerate().rev() {
            let mut alone = vec![0.0; BLOCK];
            normal_block(Seed(5), block as u64, &mut alone);
            assert_eq!(drawn, alone);
        }
    }
}
