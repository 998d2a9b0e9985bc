//! ManyStepper: a network and an integrator, packed for steps of many trajectories at once.

use super::Integrator;
use super::stepper::{Element, Row, rows_of};
use crate::connectivity::ManyPacked;
use crate::kernels::{Buffer, Level, Real, Weights, accumulate, leak};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use rayon::prelude::*;
use std::sync::Arc;

/// Panels of J whose rows go through a step together: their drives stay in the nearest cache.
const PANELS: usize = 12;
/// Multiply-adds of a product from which on other threads are asked to help.
const WORTH_SHARING: usize = 1 << 22;

/// Advances trajectories that stand side by side: neuron i of trajectory b at `i * width + b`.
pub(crate) struct ManyStepper<T: Real> {
    connectivity: ManyPacked<T>,
    nonlinearity: Arc<dyn Nonlinearity>,
    rows: Vec<Row<T>>,
    /// F of each stage.
    drives: Vec<Buffer<T>>,
    stage: Buffer<T>,
    rates: Buffer<T>,
    input: Buffer<T>,
    blocks: Blocks,
}

/// How neurons are shared out: in blocks of so many, whatever the number of threads.
#[derive(Clone, Copy)]
struct Blocks {
    neurons: usize,
    width: usize,
    shared: bool,
}

impl Blocks {
    /// Calls `work` with the first neuron of each block and its values in `values`.
    fn each<T: Send>(self, values: &mut [T], work: impl Fn(usize, &mut [T]) + Sync + Send) {
        let size = self.neurons * self.width;
        if self.shared {
            values.par_chunks_mut(size).enumerate().for_each(|(block, values)| work(block * self.neurons, values));
        } else {
            values.chunks_mut(size).enumerate().for_each(|(block, values)| work(block * self.neurons, values));
        }
    }
}

impl<T: Element> ManyStepper<T> {
    pub(crate) fn new(network: &Network, trajectories: usize, integrator: &dyn Integrator, dt: f64) -> Self {
        let connectivity = ManyPacked::new(&network.connectivity, trajectories);
        let (neurons, width) = (network.neurons(), connectivity.width());
        let rows = rows_of(network, integrator, dt);
        let zeros = || Buffer::zeros(neurons * width);
        ManyStepper {
            blocks: Blocks { neurons: PANELS * connectivity.height(), width, shared: neurons * neurons * width >= WORTH_SHARING },
            connectivity,
            nonlinearity: Arc::clone(&network.nonlinearity),
            drives: (1..rows.len()).map(|_| zeros()).collect(),
            rows,
            stage: zeros(),
            rates: zeros(),
            input: zeros(),
        }
    }

    /// Values from one neuron to the next: the trajectories and some that fill the last lanes.
    pub(crate) fn width(&self) -> usize {
        self.blocks.width
    }

    /// One step of `x`. `input` writes u(t + node dt) of all trajectories, or returns false where there is none.
    pub(crate) fn step(&mut self, x: &mut [T], mut input: impl FnMut(f64, &mut [T]) -> bool) {
        let (level, blocks, last) = (Level::detect(), self.blocks, self.rows.len() - 1);
        for row in 0..last {
            // The first stage is x itself.
            let stage: &[T] = if row == 0 {
                x
            } else {
                self.stage.copy_from_slice(x);
                blocks.each(&mut self.stage, |first, stage| combine(&self.rows[row], &self.drives, (first, blocks.width), stage));
                &self.stage
            };
            let phi = &*self.nonlinearity;
            blocks.each(&mut self.rates, |first, rates| T::rates(phi, &stage[first * blocks.width..][..rates.len()], rates));
            let driven = input(self.rows[row].node, &mut self.input);
            let (connectivity, rates, added) = (&self.connectivity, &self.rates, &self.input);
            blocks.each(&mut self.drives[row], |first, drive| {
                connectivity.apply(first..first + drive.len() / blocks.width, rates, drive);
                if driven {
                    accumulate(level, drive, T::ONE, &added[first * blocks.width..][..drive.len()]);
                }
            });
        }
        blocks.each(x, |first, x| combine(&self.rows[last], &self.drives, (first, blocks.width), x));
    }
}

/// x = decay x + sum_j weights_j drives_j for the neurons from `first` on; a row without weights leaves x as it is.
fn combine<T: Real>(row: &Row<T>, drives: &[Buffer<T>], (first, width): (usize, usize), x: &mut [T]) {
    let level = Level::detect();
    let neurons = x.len() / width;
    let one = [T::ONE; 1];
    for (index, (weights, drive)) in row.weights.iter().zip(drives).enumerate() {
        let (weights, drive) = (&weights[first..][..neurons], &drive[first * width..][..x.len()]);
        let keep = if index == 0 { &row.decay[first..][..neurons] } else { &one[..] };
        if same(weights) && same(keep) {
            leak(level, x, Weights::One(keep[0]), Weights::One(weights[0]), drive);
        } else {
            for (i, (x, drive)) in x.chunks_mut(width).zip(drive.chunks(width)).enumerate() {
                leak(level, x, Weights::One(keep[i.min(keep.len() - 1)]), Weights::One(weights[i]), drive);
            }
        }
    }
}

/// Whether all values are equal.
fn same<T: PartialEq>(values: &[T]) -> bool {
    values.iter().all(|value| *value == values[0])
}
