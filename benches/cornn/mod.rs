//! Fits of the published benchmark of CORNN at size: correlation with the true J against seconds of the processor, beside the published
//! solver in NumPy.

use crate::Peer;
use crate::jobs::alone;
use crate::table::Row;
use crosscurrent::bench_internals::{Gemv, Level, Real};
use crosscurrent::fit::cornn::Equation;
use crosscurrent::fit::{Newton, Pass};
use crosscurrent::metric::correlation;
use crosscurrent::{Recording, Regions, Seed, normal_block};
use nalgebra::DMatrix;
use rand::RngExt;
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Decay of a rate over one sample; the published alpha is 1 less this.
const DECAY: f64 = 0.9;

/// A network in rate form and what it did.
struct Generated {
    /// W, targets × sources.
    weights: DMatrix<f64>,
    /// Neurons × samples.
    recording: Recording,
}

/// Seconds of the clock on the wall and of the processor; those are NaN where several threads share the work or the system does not tell.
#[derive(Clone, Copy)]
struct Seconds {
    wall: f64,
    processor: f64,
}

impl Seconds {
    /// Those of the processor if they are known.
    fn spent(self) -> f64 {
        if self.processor.is_nan() { self.wall } else { self.processor }
    }
}

/// One point of a curve.
struct Reached {
    /// Steps or iterations.
    steps: usize,
    correlation: f64,
    seconds: Seconds,
}

fn normal(rows: usize, columns: usize, deviation: f64, seed: Seed) -> DMatrix<f64> {
    let mut values = DMatrix::zeros(rows, columns);
    let blocks = values.as_mut_slice().chunks_mut(1024).enumerate();
    blocks.for_each(|(block, values)| normal_block(seed, block as u64, values));
    values * deviation
}

/// r_{k+1} = 0.9 r_k + 0.1 (tanh(W r_k + noise) + noise), W normal of gain 3 without a diagonal; the products are made in `T`.
fn generate<T: Real>((neurons, samples): (usize, usize), noise: [f64; 2], seed: Seed) -> Generated {
    let mut weights = normal(neurons, neurons, 3.0 / (neurons as f64).sqrt(), seed.child("weights"));
    weights.fill_diagonal(0.0);
    let mut rng = seed.child("start").rng();
    let mut rates = DMatrix::zeros(neurons, samples);
    rates.column_mut(0).iter_mut().for_each(|r| *r = 2.0 * rng.random::<f64>() - 1.0);
    let mut product = Gemv::<T>::from_column_major(neurons, neurons, weights.as_slice(), Level::detect());
    let (mut narrow, mut drive) = (vec![T::ZERO; neurons], vec![T::ZERO; neurons]);
    for k in 1..samples {
        let of = |place: &str, deviation| normal(neurons, 1, deviation, seed.child(place).trial(k as u64));
        let (inside, outside) = (of("inside", noise[0]), of("outside", noise[1]));
        (0..neurons).for_each(|i| narrow[i] = T::from_f64(rates[(i, k - 1)]));
        product.apply(&narrow, &mut drive);
        for i in 0..neurons {
            let rate = (drive[i].to_f64() + inside[i]).tanh() + outside[i];
            rates[(i, k)] = DECAY * rates[(i, k - 1)] + (1.0 - DECAY) * rate;
        }
    }
    let regions = Regions::single("all", neurons).expect("one region");
    Generated { weights, recording: Recording::new(rates, 0.01, regions).expect("finite rates of one region") }
}

/// Nanoseconds that the processor spent on this thread, if the system tells.
fn spent() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    line.split_whitespace().next()?.parse().ok()
}

/// Seconds since it was started, without those in which it was stopped. `processor` counts those of its thread, if it is there.
struct Watch {
    before: Seconds,
    wall: Instant,
    processor: Option<f64>,
}

impl Watch {
    fn start() -> Watch {
        Watch { before: Seconds { wall: 0.0, processor: 0.0 }, wall: Instant::now(), processor: spent() }
    }

    fn read(&self) -> Seconds {
        let wall = self.wall.elapsed().as_secs_f64();
        let processor = spent().zip(self.processor).map_or(f64::NAN, |(now, then)| 1e-9 * (now - then));
        Seconds { wall: self.before.wall + wall, processor: self.before.processor + processor }
    }

    /// Does `work` off the clock.
    fn stopped(&mut self, work: impl FnOnce(Seconds)) {
        let before = self.read();
        work(before);
        *self = Watch { before, processor: self.processor.and(spent()), ..Watch::start() };
    }
}

/// Our fit from the recording to J, or to these rows of it, step by step, on one thread.
fn ours(made: &Generated, newton: &Newton, rows: Option<&[usize]>) -> Vec<Reached> {
    alone(|| follow(made, newton, rows, Watch::start()))
}

fn follow(made: &Generated, newton: &Newton, rows: Option<&[usize]>, mut watch: Watch) -> Vec<Reached> {
    let all = made.weights.transpose();
    let (mut curve, truth) = (Vec::new(), rows.map_or_else(|| all.clone(), |rows| all.select_columns(rows)));
    let mut follow = |_: &Pass, found: &DMatrix<f64>| {
        watch.stopped(|seconds| {
            curve.push(Reached { steps: curve.len(), correlation: correlation(&truth, found), seconds });
            tell("ours", &curve[curve.len() - 1]);
        });
        ControlFlow::Continue(())
    };
    match rows {
        None => drop(newton.fit_followed(&made.recording, &mut follow).expect("a fit of finite rates")),
        Some(rows) => drop(newton.fit_rows(&made.recording, rows, &mut follow).expect("a fit of finite rates")),
    }
    curve
}

/// The published solver in NumPy on the same rates.
fn theirs(made: &Generated, iterations: &[usize]) -> Result<Vec<Reached>, String> {
    let python = std::env::var("CROSSCURRENT_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/cornn_numpy.py");
    let mut command = Command::new(&python);
    command.arg(script).args(["-", &made.weights.nrows().to_string(), &made.recording.samples().to_string()]);
    command.args(iterations.iter().map(usize::to_string)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().map_err(|error| format!("cannot start {python}: {error}"))?;
    let mut to = process.stdin.take().ok_or("no way to write to Python")?;
    for matrix in [&made.weights, &made.recording.rates] {
        for column in matrix.as_slice().chunks(matrix.nrows()) {
            let bytes: Vec<u8> = column.iter().flat_map(|value| value.to_le_bytes()).collect();
            to.write_all(&bytes).map_err(|error| error.to_string())?;
        }
    }
    drop(to);
    let from = BufReader::new(process.stdout.take().ok_or("no way to read from Python")?);
    let mut curve = Vec::new();
    for line in from.lines() {
        let line = line.map_err(|error| error.to_string())?;
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.trim_start_matches('(').parse().ok()).collect();
        let [steps, correlation, wall, processor] = numbers[..] else { return Err(format!("the peer said `{line}`")) };
        curve.push(Reached { steps: steps as usize, correlation, seconds: Seconds { wall, processor } });
        tell("NumPy", &curve[curve.len() - 1]);
    }
    process.wait().map_err(|error| error.to_string())?;
    if curve.is_empty() { Err("the peer told nothing".into()) } else { Ok(curve) }
}

fn tell(who: &str, reached: &Reached) {
    let Reached { steps, correlation, seconds: Seconds { wall, processor } } = reached;
    let processor = if processor.is_nan() { String::new() } else { format!("   {processor:>8.2} s of the processor") };
    println!("  {who:<6} {steps:>4} steps   r {correlation:.4}{processor}   {wall:>8.2} s");
}

/// Seconds until a curve first has this correlation.
fn until(curve: &[Reached], correlation: f64) -> Option<f64> {
    curve.iter().find(|reached| reached.correlation >= correlation).map(|reached| reached.seconds.spent())
}

fn last(curve: &[Reached]) -> f64 {
    curve.last().map_or(f64::NAN, |reached| reached.correlation)
}

/// Our fit as it comes, of rates in the published form.
fn default() -> Newton {
    Newton { equation: Equation::Rates, ..Default::default() }
}

/// A published experiment: name, neurons and samples, noise inside and outside of tanh, iterations of the published solver, and the figures
/// of the best published method: correlation with the truth, and seconds on an unknown machine.
struct Experiment {
    name: &'static str,
    size: (usize, usize),
    noise: [f64; 2],
    iterations: usize,
    best: (f64, f64),
}

const EXPERIMENTS: [Experiment; 3] = [
    Experiment { name: "1a", size: (200, 3000), noise: [0.01, 1e-4], iterations: 100, best: (0.9947, 16.6) },
    Experiment { name: "1b", size: (200, 3000), noise: [0.1, 1e-5], iterations: 100, best: (0.9752, 1.80) },
    Experiment { name: "1c", size: (500, 10_000), noise: [0.1, 1e-5], iterations: 10, best: (0.9898, 1.11) },
];

/// The whole of our default fit of each published experiment on all threads, in seconds of the clock on the wall.
pub fn published(_: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    for Experiment { name, size, noise, iterations, best } in EXPERIMENTS {
        for seed in 0..3 {
            println!("experiment {name}, seed {seed}, ours on all threads; best published: r {} after {} s", best.0, best.1);
            let made = generate::<f64>(size, noise, Seed(seed));
            let start = Instant::now();
            let mine = follow(&made, &default(), None, Watch { processor: None, ..Watch::start() });
            let ours = start.elapsed().as_secs_f64();
            let peer = theirs(&made, &[iterations])?;
            let theirs = peer[peer.len() - 1].seconds.wall;
            let job = format!("experiment {name} to r={:.4} (peer {:.4}), seed {seed}", last(&mine), last(&peer));
            add(Row { job, unit: "fits/s", ours: 1.0 / ours, theirs: 1.0 / theirs, limit: f64::NAN });
        }
    }
    Ok(())
}

/// Both sides at N = 1000 and T = 6000, in turn: times to equal correlation with the truth, at the end of the shorter-reaching one.
pub fn cornn(_: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    let size = (1000, 6000);
    let small: (&str, [f64; 2], &[usize]) = ("small noise", [0.01, 1e-4], &[1, 2, 5, 10, 20, 50, 100]);
    let large: (&str, [f64; 2], &[usize]) = ("more noise", [0.1, 1e-5], &[1, 2, 5, 10, 20]);
    for (seed, (name, noise, iterations)) in [(0, small), (1, small), (2, small), (0, large)] {
        println!("CORNN's benchmark, N={} T={}, noise {} inside and {} outside of tanh, seed {seed}", size.0, size.1, noise[0], noise[1]);
        let made = generate::<f64>(size, noise, Seed(seed));
        let mine = ours(&made, &default(), None);
        let peer = theirs(&made, iterations)?;
        for reached in &peer {
            if let Some(seconds) = until(&mine, reached.correlation) {
                println!("  to r {:.4}: {:.2} times as fast", reached.correlation, reached.seconds.spent() / seconds);
            }
        }
        let level = last(&peer).min(last(&mine));
        let seconds = |curve: &[Reached]| until(curve, level).unwrap_or(f64::NAN);
        let job = format!("fit to r={level:.3}, {name}, seed {seed}");
        add(Row { job, unit: "fits/s", ours: 1.0 / seconds(&mine), theirs: 1.0 / seconds(&peer), limit: f64::NAN });
    }
    Ok(())
}

/// A large network's recording.
fn large() -> Generated {
    let (size, noise) = ((5000, 30_000), [0.01, 1e-3]);
    println!("fit of N={} T={}, noise {} inside and {} outside of tanh, seed 0", size.0, size.1, noise[0], noise[1]);
    // J in 32 bits: what it rounds away is a thousand times smaller than the noise.
    let made = generate::<f32>(size, noise, Seed(0));
    println!("  generated");
    made
}

/// Ours at N = 5000 and T = 30 000: correlation against time. Some 12 GB of memory.
pub fn large_fit() {
    // As many inner steps as each step needs: with few the curve creeps (see `large_end`).
    let newton = Newton { steps: 4, inner_steps: 300, ..default() };
    ours(&large(), &newton, None);
}

/// Where the fit of [`large_fit`] ends: every 25th row of J, with few inner steps, as there, and with enough to solve each step well.
pub fn large_end() {
    let made = large();
    let rows: Vec<usize> = (0..5000).step_by(25).collect();
    for (steps, inner_steps, forcing) in [(10, 8, 0.1), (4, 300, 0.1), (5, 300, 0.01)] {
        println!("  {} rows, {inner_steps} inner steps at most, until the residual is {forcing} of itself", rows.len());
        let newton = Newton { steps, inner_steps, forcing, tolerance: 0.001, ..default() };
        ours(&made, &newton, Some(&rows));
    }
}
