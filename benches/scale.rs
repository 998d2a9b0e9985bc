//! Time per step and per update from 30 to 50 000 neurons, and the roofline: `cargo bench --features bench-internals --bench scale`.
//!
//! Nothing is compared with a peer here; `paired` does that. The table goes to `benches/record/<processor>/<date>-scale.csv`, the figure to
//! `figures/performance/`. One thread. The largest networks take 12 GB: `-- small` leaves them out.

mod jobs;
mod limits;
mod table;

use crosscurrent::ensemble::{Links, Sparse};
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Marker, Panel, Points, Scale};
use crosscurrent::{Clock, Ensemble, Error, Network, Precision, Regions, Result, Seed, Simulation};
use limits::{median, multiply_add_rate, read_rate};
use std::time::Instant;

/// Runs of each job.
const ROUNDS: usize = 5;

/// One measured time.
struct Measured {
    job: &'static str,
    neurons: usize,
    seconds: f64,
    /// Bytes that have to be read once; the limit is the rate of reading as many.
    bytes: usize,
    limit: f64,
}

impl Measured {
    fn new(job: &'static str, neurons: usize, seconds: f64, bytes: usize) -> Self {
        let measured = Measured { job, neurons, seconds, bytes, limit: bytes as f64 / read_rate(bytes) };
        println!("{job:<28} N={neurons:<6} {:>12.3} µs   limit {:>12.3} µs", 1e6 * seconds, 1e6 * measured.limit);
        measured
    }
}

/// Seconds of a step of `network`, from the first sample to the second: packing J is no part of a step.
fn step(network: &Network, precision: Precision, rounds: usize) -> f64 {
    let steps = (400_000_000 / network.neurons().pow(2)).clamp(20, 20_000);
    let clock = Clock::with_steps(0.01, steps + 1).expect("a valid clock");
    let simulation = Simulation { clock, steps_per_sample: steps, precision, ..Default::default() };
    let one = || {
        let mut seen = Vec::new();
        simulation.observe(network, |_, _, _| seen.push(Instant::now())).expect("a run that does not diverge");
        (seen[1] - seen[0]).as_secs_f64() / steps as f64
    };
    median((0..rounds).map(|_| jobs::alone(one)).collect())
}

fn steps(found: &mut Vec<Measured>) {
    for neurons in [30, 100, 300, 1000, 3000, 10_000] {
        let network = jobs::network(neurons);
        let square = neurons * neurons;
        found.push(Measured::new("step, 64 bits", neurons, step(&network, Precision::Double, ROUNDS), 8 * square));
        found.push(Measured::new("step, 32 bits", neurons, step(&network, Precision::Single, ROUNDS), 4 * square));
        if neurons >= 1000 {
            found.push(Measured::new("step, J in 16 bits", neurons, step(&network, Precision::Half, ROUNDS), 2 * square));
        }
    }
}

/// A step and an update of recursive least squares for every sample: J twice, and half of P.
fn updates(found: &mut Vec<Measured>) {
    for neurons in [30, 100, 300, 1000, 3000, 10_000] {
        let samples = (40_000_000 / (neurons * neurons)).clamp(6, 4000);
        let recording = jobs::simulate(&jobs::network(neurons), Precision::Single, 10 * (samples + 1));
        let updates = (recording.samples() - 1) as f64;
        let square = neurons * neurons;
        let mut add = |job, precision, bytes| {
            let pass = median(jobs::pinning_with(&recording, precision, (1, if neurons > 3000 { 2 } else { ROUNDS })));
            found.push(Measured::new(job, neurons, pass / updates, bytes));
        };
        if neurons <= 3000 {
            add("step and update, P in 64 bits", Precision::Mixed, 2 * 4 * square + 4 * square);
        }
        add("step and update, 32 bits", Precision::Single, 2 * 4 * square + 2 * square);
    }
}

/// Networks that other programs do not hold.
fn large(found: &mut Vec<Measured>) -> Result<()> {
    let regions = Regions::single("all", 50_000)?;
    let law = Sparse { links: Links::InDegree(1000), ..Default::default() };
    let network = Network::new(regions.clone(), law.sample(&regions, Seed(1))?, Tanh, &[0.1])?;
    let weights = 50_000 * 1000;
    found.push(Measured::new("sparse, 1000 inputs, 32 bits", 50_000, step(&network, Precision::Single, 1), 8 * weights));
    drop(network);
    let network = jobs::network(30_000);
    found.push(Measured::new("step, J in 16 bits", 30_000, step(&network, Precision::Half, 1), 2 * 30_000 * 30_000));
    Ok(())
}

/// Operations per byte and per second.
fn roofline() -> Panel {
    let peak = multiply_add_rate::<f32>();
    let levels = [(256 << 10, "second cache"), (8 << 20, "third cache"), (256 << 20, "memory")];
    let reach = |rate: f64| (0..=60).map(|k| 0.1 * 10_f64.powf(k as f64 / 15.0)).map(move |x| (x, (x * rate).min(peak)));
    let mut marks: Vec<Mark> = Vec::new();
    for ((bytes, name), dash) in levels.into_iter().zip([Dash::Solid, Dash::Dashed, Dash::Dotted]) {
        let (x, y): (Vec<f64>, Vec<f64>) = reach(read_rate(bytes)).unzip();
        marks.push(Line { x, y: y.iter().map(|y| 1e-9 * y).collect(), dash, label: format!("{name}, 32 bits"), ..Line::default() }.into());
    }
    let mut add = |index: usize, label: String, operations: f64, bytes: f64, seconds: f64| {
        println!("{label}: {:.1} GFLOP/s at {:.2} operations per byte", 1e-9 * operations / seconds, operations / bytes);
        let (x, y) = (vec![operations / bytes], vec![1e-9 * operations / seconds]);
        marks.push(Points { x, y, marker: Marker::cycle(index), colour: Colour::cycle(index), label, ..Points::default() }.into());
    };
    for (index, neurons) in [300, 1000, 4000].into_iter().enumerate() {
        let (network, square) = (jobs::network(neurons), (neurons * neurons) as f64);
        add(index, format!("step, N = {neurons}"), 2.0 * square, 4.0 * square, step(&network, Precision::Single, ROUNDS));
        let together = median((0..ROUNDS).map(|_| jobs::together(&network, (100_000_000 / (neurons * neurons)).clamp(10, 500))).collect());
        add(index + 3, format!("48 trials, N = {neurons}"), 96.0 * square, 4.0 * square, together);
    }
    let size = 2000.0_f64;
    let product = median((0..ROUNDS).map(|_| jobs::product::<f32>(2000)).collect());
    add(6, "product, N = 2000".into(), 2.0 * size.powi(3), 12.0 * size * size, product);
    Panel {
        title: "Roofline, one thread".into(),
        x: Axis { scale: Scale::Log, ..Axis::new("operations per byte of J") },
        y: Axis { scale: Scale::Log, ..Axis::new("GFLOP/s") },
        marks,
        legend: Legend::Right,
        ..Panel::default()
    }
}

/// Measured points and the limit of each job.
fn times(found: &[Measured], title: &str, jobs: &[&'static str]) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        let own: Vec<&Measured> = found.iter().filter(|measured| measured.job == *job).collect();
        let x: Vec<f64> = own.iter().map(|measured| measured.neurons as f64).collect();
        let (colour, marker) = (Colour::cycle(index), Marker::cycle(index));
        let label = if index == 0 { "limit: what has to be read" } else { "" };
        if own.len() > 1 {
            let y = own.iter().map(|measured| 1e6 * measured.limit).collect();
            marks.push(Line { x: x.clone(), y, width: 1.2, label: label.into(), ..Line::default() }.into());
        }
        let y = own.iter().map(|measured| 1e6 * measured.seconds).collect();
        marks.push(Points { x, y, colour, marker, label: (*job).into(), ..Points::default() }.into());
    }
    Panel {
        title: title.into(),
        x: Axis { scale: Scale::Log, ..Axis::new("neurons N") },
        y: Axis { scale: Scale::Log, ..Axis::new("time (µs)") },
        marks,
        legend: Legend::Best,
        ..Panel::default()
    }
}

fn run() -> Result<()> {
    let small = std::env::args().any(|argument| argument == "small");
    let mut found = Vec::new();
    let roofline = roofline();
    steps(&mut found);
    updates(&mut found);
    if !small {
        large(&mut found)?;
    }
    let rows = found.iter().map(|m| format!("{},{},{:e},{},{:e}", m.job.replace(',', ";"), m.neurons, m.seconds, m.bytes, m.limit));
    let path = table::write_lines("-scale", "job,neurons,seconds,bytes,limit_seconds", rows)
        .map_err(|problem| Error::file("benches/record", problem.to_string(), "make the folder writable"))?;
    println!("written to {}", path.display());
    let steps = ["step, 64 bits", "step, 32 bits", "step, J in 16 bits", "sparse, 1000 inputs, 32 bits"];
    let updates = ["step and update, P in 64 bits", "step and update, 32 bits"];
    let panels = vec![times(&found, "A step of one network", &steps), times(&found, "A sample of a fit", &updates), roofline];
    let figure = Figure { panels, columns: 2, panel_size: (520, 400), ..Figure::default() };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/figures/performance");
    std::fs::create_dir_all(folder).map_err(|problem| Error::file(folder, problem.to_string(), "make the folder writable"))?;
    figure.save(folder, "scale").map(|_| ())
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("error: {problem}");
        std::process::exit(1);
    }
}
