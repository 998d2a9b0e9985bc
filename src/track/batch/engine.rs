//! Engine: the hot loop of one thread, one series in each lane.

use super::Trained;
use super::group::Group;
use crate::integrator::Element;
use crate::kernels::{Buffer, Correlations, Frozen, Level, Readouts, Reservoirs, Trace, patterns};
use crate::network::Network;
use crate::nonlinearity::Nonlinearity;
use crate::track::{Rule, Tracking, Wiring};
use nalgebra::DMatrix;
use std::ops::Range;
use std::sync::Arc;

/// What all engines of a batch share.
pub(super) struct Model<T: Element> {
    reservoirs: Reservoirs<T>,
    nonlinearity: Arc<dyn Nonlinearity>,
    tracking: Tracking,
    /// Neurons, inputs, outputs.
    sizes: (usize, usize, usize),
    feedback: bool,
    pub level: Level,
    pub lanes: usize,
}

impl<T: Element> Model<T> {
    /// The weights of the network, of the inputs and of the feedback side by side, in the storage of the kernels.
    pub fn new(network: &Network, tracking: Tracking, wiring: &Wiring) -> Self {
        let mut weights = network.connectivity.to_dense().as_slice().to_vec();
        weights.extend_from_slice(wiring.input.as_slice());
        weights.extend_from_slice(wiring.feedback.as_ref().map_or(&[][..], DMatrix::as_slice));
        let decay: Vec<f64> = network.tau.iter().map(|tau| tracking.dt / tau).collect();
        let level = Level::detect();
        Model {
            reservoirs: Reservoirs::new(&weights, &decay, level),
            nonlinearity: Arc::clone(&network.nonlinearity),
            tracking,
            sizes: (network.neurons(), wiring.input.ncols(), wiring.readout.nrows()),
            feedback: wiring.feedback.is_some(),
            level,
            lanes: patterns::<T>(level),
        }
    }
}

/// State, readouts and inverse correlations of a group, and the buffers of its steps.
pub(super) struct Engine<'a, T: Element> {
    model: &'a Model<T>,
    correlations: Correlations<T>,
    readouts: Readouts<T>,
    /// Activation: a vector for each neuron.
    state: Buffer<T>,
    /// For each observation of a sweep: rates, inputs, fed-back outputs.
    sources: Vec<Buffer<T>>,
    output: Vec<Buffer<T>>,
    /// E: for each sample, a vector for each output.
    pub learning_error: Buffer<T>,
    /// Activation of each series where it ended.
    ended: Vec<Vec<f64>>,
}

impl<'a, T: Element> Engine<'a, T> {
    pub fn new(model: &'a Model<T>) -> Self {
        let (lanes, (neurons, inputs, outputs)) = (model.lanes, model.sizes);
        // With feedback, a state waits for the output before it, and so do the rates of the next observation.
        let most = if model.feedback { 1 } else { usize::MAX };
        let correlations = Correlations::new(neurons, model.tracking.learning_rate, most, model.level);
        let sources = neurons + inputs + if model.feedback { outputs } else { 0 };
        Engine {
            sources: vec![Buffer::zeros(sources * lanes); correlations.together()],
            output: vec![Buffer::zeros(outputs * lanes); correlations.together()],
            correlations,
            readouts: Readouts::new(neurons, outputs, model.level),
            state: Buffer::zeros(neurons * lanes),
            learning_error: Buffer::zeros(0),
            ended: vec![vec![0.0; neurons]; lanes],
            model,
        }
    }

    /// Puts the same tracker into every lane.
    pub fn set(&mut self, start: &Trained) {
        let convert = |values: &[f64]| -> Vec<T> { values.iter().map(|&value| T::from_f64(value)).collect() };
        for (to, from) in self.state.chunks_exact_mut(self.model.lanes).zip(convert(&start.state)) {
            to.fill(from);
        }
        self.readouts.set_all(&convert(&start.readout));
        self.correlations.set_all(&convert(&start.correlation));
    }

    /// Runs a group from the trackers that are set; the readouts learn at the samples in `plastic`.
    pub fn run(&mut self, group: &Group<T>, plastic: Range<usize>) {
        let (steps, together) = (group.steps, self.correlations.together());
        let errors = steps * self.model.sizes.2 * self.model.lanes;
        if self.learning_error.len() != errors {
            self.learning_error = Buffer::zeros(errors);
        }
        let mut first = 0;
        while first < steps {
            for t in 0..together {
                self.advance(t, first + t, group);
            }
            let some = first..(first + together).min(steps);
            let learning = some.start < plastic.end && plastic.start < some.end;
            if some.len() == together && !learning && !self.model.feedback && self.model.sizes.2 == 1 {
                self.judge(some, group);
            } else {
                self.correlations.observe(&self.sources);
                some.for_each(|sample| self.learn(sample - first, sample, group, plastic.contains(&sample)));
            }
            first += together;
        }
        self.keep_ended(steps, group);
    }

    /// One Euler step of the network, from the state at `sample`, which becomes observation `t` of the sweep.
    fn advance(&mut self, t: usize, sample: usize, group: &Group<T>) {
        let (lanes, (neurons, inputs, _)) = (self.model.lanes, self.model.sizes);
        let (rates, others) = self.sources[t].split_at_mut(neurons * lanes);
        if sample >= group.steps {
            // Zeros change nothing in P.
            return rates.fill(T::ZERO);
        }
        T::rates(&*self.model.nonlinearity, &self.state, rates);
        others[..inputs * lanes].copy_from_slice(group.input(sample));
        if self.model.feedback {
            self.readouts.output(rates, &mut self.output[t]);
            others[inputs * lanes..].copy_from_slice(&self.output[t]);
        }
        if sample >= group.shortest {
            self.keep_ended(sample, group);
            for lane in (0..group.members.len()).filter(|&lane| sample >= group.samples[lane]) {
                self.sources[t][..neurons * lanes].iter_mut().skip(lane).step_by(lanes).for_each(|rate| *rate = T::ZERO);
            }
        }
        self.model.reservoirs.step(&self.sources[t], &mut self.state);
    }

    /// Observes `samples`, and their learning errors as no weight changes: the sweep makes them on its way.
    fn judge(&mut self, samples: Range<usize>, group: &Group<T>) {
        let lanes = self.model.lanes;
        let frozen = Frozen {
            weights: self.readouts.weights(),
            target: group.targets(samples.clone()),
            squared: self.model.tracking.rule == Rule::Published,
            learning_error: &mut self.learning_error[samples.start * lanes..samples.end * lanes],
        };
        self.correlations.observe_frozen(&self.sources, frozen);
    }

    /// Output, learning error and, where plastic, learning of observation `t`, which is `sample`.
    fn learn(&mut self, t: usize, sample: usize, group: &Group<T>, plastic: bool) {
        let size = self.output[t].len();
        if !self.model.feedback {
            self.readouts.output(&self.sources[t], &mut self.output[t]);
        }
        let trace = Trace {
            output: &self.output[t],
            target: group.targets(sample..sample + 1),
            gain: self.correlations.gain(t),
            factor: self.correlations.factor(t),
            size_of_gain: self.correlations.size_of_gain(t),
            squared: self.model.tracking.rule == Rule::Published,
            learning_error: &mut self.learning_error[sample * size..(sample + 1) * size],
        };
        self.readouts.learn(trace, plastic);
    }

    /// Copies the state of every series that has just `sample` samples.
    fn keep_ended(&mut self, sample: usize, group: &Group<T>) {
        for lane in (0..group.members.len()).filter(|&lane| group.samples[lane] == sample) {
            let state = self.state.iter().skip(lane).step_by(self.model.lanes);
            self.ended[lane].iter_mut().zip(state).for_each(|(to, from)| *to = from.to_f64());
        }
    }

    /// The tracker of a lane as its series left it. Its rates were zero from there on, so W and P have not changed since.
    pub fn trained(&mut self, lane: usize) -> Trained {
        let mut readout = vec![T::ZERO; self.readouts.values()];
        let mut correlation = vec![T::ZERO; self.correlations.values()];
        self.readouts.take(lane, &mut readout);
        self.correlations.take(lane, &mut correlation);
        let promote = |values: Vec<T>| values.into_iter().map(|value| value.to_f64()).collect();
        Trained { state: self.ended[lane].clone(), readout: promote(readout), correlation: promote(correlation) }
    }
}
