//! Stepper: a network and an integrator, packed for many steps.

use super::{Integrator, Scheme};
use crate::connectivity::Packed;
use crate::kernels::{Beside, Buffer, Level, Real, Update, Weights, accumulate, demote, leak};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use std::sync::Arc;

/// A number type that a nonlinearity knows.
pub(crate) trait Element: Real {
    fn rates(phi: &dyn Nonlinearity, x: &[Self], rates: &mut [Self]);

    /// The two of a state in 64 bits, where this type has as many.
    fn beside<'a>(rates: &'a [f64], drive: &'a mut [f64]) -> Beside<'a, Self>;
}

impl Element for f64 {
    fn rates(phi: &dyn Nonlinearity, x: &[Self], rates: &mut [Self]) {
        phi.rates(x, rates);
    }

    fn beside<'a>(rates: &'a [f64], drive: &'a mut [f64]) -> Beside<'a, f64> {
        Some((rates, drive))
    }
}

impl Element for f32 {
    fn rates(phi: &dyn Nonlinearity, x: &[Self], rates: &mut [Self]) {
        phi.rates_single(x, rates);
    }

    fn beside<'a>(_: &'a [f64], _: &'a mut [f64]) -> Beside<'a, f32> {
        None
    }
}

/// One row of the scheme, with a coefficient per neuron (time constants may differ).
pub(super) struct Row<T: Real> {
    pub(super) node: f64,
    pub(super) decay: Buffer<T>,
    pub(super) weights: Vec<Buffer<T>>,
}

/// The rows of `integrator` for `network`.
pub(super) fn rows_of<T: Real>(network: &Network, integrator: &dyn Integrator, dt: f64) -> Vec<Row<T>> {
    let schemes: Vec<_> = network.tau.iter().map(|tau| integrator.scheme(dt / tau)).collect();
    let each = |of: &dyn Fn(&Scheme) -> f64| Buffer::from_slice(&schemes.iter().map(|scheme| T::from_f64(of(scheme))).collect::<Vec<T>>());
    (0..schemes[0].stages.len())
        .map(|row| Row {
            node: schemes[0].stages[row].node,
            decay: each(&|scheme| scheme.stages[row].decay),
            weights: (0..row).map(|j| each(&|scheme| scheme.stages[row].weights[j])).collect(),
        })
        .collect()
}

/// Advances activations of type `T`; owns everything that a step needs, so that a step allocates nothing.
pub(crate) struct Stepper<T: Real> {
    connectivity: Packed<T>,
    nonlinearity: Arc<dyn Nonlinearity>,
    rows: Vec<Row<T>>,
    /// F of each stage.
    drives: Vec<Buffer<T>>,
    stage: Buffer<T>,
    rates: Buffer<T>,
    input: Input<T>,
}

/// What is added to the drive of a stage.
struct Input<T: Real> {
    /// As the world adds it up; zeros between two stages.
    sum: Vec<f64>,
    /// The same in the precision of the step.
    added: Buffer<T>,
}

impl<T: Real> Input<T> {
    /// The input at `node` of the step, where `ask` finds one.
    fn at(&mut self, node: f64, ask: &mut impl FnMut(f64, &mut [f64]) -> bool) -> Option<&[T]> {
        ask(node, &mut self.sum).then(|| {
            demote(Level::detect(), &self.sum, &mut self.added);
            self.sum.fill(0.0);
            &self.added[..]
        })
    }
}

impl<T: Element> Stepper<T> {
    pub(crate) fn new(network: &Network, integrator: &dyn Integrator, dt: f64) -> Self {
        Self::of(Packed::new(&network.connectivity), network, integrator, dt)
    }

    /// As [`Stepper::new`], with the weights stored in 16 bits.
    pub(crate) fn half(network: &Network, integrator: &dyn Integrator, dt: f64) -> Self {
        Self::of(Packed::half(&network.connectivity), network, integrator, dt)
    }

    fn of(connectivity: Packed<T>, network: &Network, integrator: &dyn Integrator, dt: f64) -> Self {
        let neurons = network.neurons();
        let rows = rows_of(network, integrator, dt);
        Stepper {
            connectivity,
            nonlinearity: Arc::clone(&network.nonlinearity),
            drives: vec![Buffer::zeros(neurons); rows.len() - 1],
            rows,
            stage: Buffer::zeros(neurons),
            rates: Buffer::zeros(neurons),
            input: Input { sum: vec![0.0; neurons], added: Buffer::zeros(neurons) },
        }
    }

    /// One step of `x`. `input` adds u(t + node dt) to a cleared buffer of N elements, or leaves it and returns false where there is none.
    pub(crate) fn step(&mut self, x: &mut [T], mut input: impl FnMut(f64, &mut [f64]) -> bool) {
        // With one stage the product ends in the new state.
        let [stage, last] = &self.rows[..] else { return self.step_watched(x, input, |_, _, _| false) };
        T::rates(&*self.nonlinearity, x, &mut self.rates);
        let added = self.input.at(stage.node, &mut input);
        let update = Update { keep: &last.decay, gain: &last.weights[0], added };
        self.connectivity.advance(&self.rates, update, &mut self.drives[0], x);
    }

    /// As [`Stepper::step`]; `watch` is told the index, and the activations and rates of every stage that is a drive's, and may write J
    /// times the rates to its last argument: then it returns true.
    pub(super) fn step_watched(
        &mut self,
        x: &mut [T],
        mut input: impl FnMut(f64, &mut [f64]) -> bool,
        mut watch: impl FnMut(usize, [&[T]; 2], &mut [T]) -> bool,
    ) {
        let last = self.rows.len() - 1;
        for row in 0..last {
            // The first stage is x itself.
            let stage = if row == 0 {
                &*x
            } else {
                self.stage.copy_from_slice(x);
                combine(&self.rows[row], self.drives.iter().map(|drive| &drive[..]), &mut self.stage);
                &self.stage[..]
            };
            T::rates(&*self.nonlinearity, stage, &mut self.rates);
            if !watch(row, [stage, &self.rates], &mut self.drives[row]) {
                self.connectivity.apply(&self.rates, &mut self.drives[row]);
            }
            if let Some(added) = self.input.at(self.rows[row].node, &mut input) {
                accumulate(Level::detect(), &mut self.drives[row], T::ONE, added);
            }
        }
        combine(&self.rows[last], self.drives.iter().map(|drive| &drive[..]), x);
    }
}

/// x = decay ∘ x + sum_j weights_j ∘ drives_j; the first row has no weights and leaves x as it is.
pub(super) fn combine<'a, T: Real>(row: &Row<T>, drives: impl Iterator<Item = &'a [T]>, x: &mut [T]) {
    let mut keep = Weights::Each(&row.decay[..]);
    for (weights, drive) in row.weights.iter().zip(drives) {
        leak(Level::detect(), x, keep, Weights::Each(weights), drive);
        keep = Weights::One(T::ONE);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AnyIntegrator, Integrator};
    use super::*;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::nonlinearity::Tanh;
    use crate::regions::Regions;
    use crate::seed::Seed;

    fn network(tau: &[f64]) -> Network {
        let regions = Regions::new([("A", 6), ("B", 4)]).unwrap();
        let j = Gaussian { gain: 1.2, autapses: true }.sample(&regions, Seed(5)).unwrap();
        Network::new(regions, j, Tanh, tau).unwrap()
    }

    /// x after one time unit in steps of `dt`, driven by a sine.
    fn run(network: &Network, integrator: &dyn Integrator, dt: f64) -> Vec<f64> {
        let mut stepper = Stepper::<f64>::new(network, integrator, dt);
        let mut x: Vec<f64> = (0..10).map(|i| 0.1 * i as f64 - 0.4).collect();
        let steps = (1.0 / dt).round() as usize;
        for step in 0..steps {
            stepper.step(&mut x, |node, u| {
                let t = (step as f64 + node) * dt;
                u.iter_mut().enumerate().for_each(|(i, u)| *u += (3.0 * t + i as f64).sin());
                true
            });
        }
        x
    }

    #[test]
    fn every_integrator_converges_with_its_order() {
        // Two regions with different time constants, so that coefficients per neuron are exercised.
        let network = network(&[0.5, 0.8]);
        for integrator in AnyIntegrator::members() {
            let error = |dt: f64| {
                let reference = run(&network, &super::super::Rk4, 1.0 / 4096.0);
                run(&network, &*integrator, dt).iter().zip(reference).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
            };
            let order = (error(1.0 / 32.0) / error(1.0 / 64.0)).log2();
            assert!((order - f64::from(integrator.order())).abs() < 0.2, "{integrator:?} has order {order}");
        }
    }

    #[test]
    fn single_precision_follows_double() {
        let network = network(&[0.5]);
        let mut double = Stepper::<f64>::new(&network, &super::super::Heun, 0.05);
        let mut single = Stepper::<f32>::new(&network, &super::super::Heun, 0.05);
        let mut x: Vec<f64> = (0..10).map(|i| 0.1 * i as f64 - 0.4).collect();
        let mut y: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        for _ in 0..20 {
            double.step(&mut x, |_, _| false);
            single.step(&mut y, |_, _| false);
        }
        assert!(x.iter().zip(&y).all(|(a, &b)| (a - f64::from(b)).abs() < 1e-5));
    }
}
