//! Jobs beside tuned NumPy, C, JAX and numba, run in turn: `cargo bench --features bench-internals --bench paired`.
//!
//! A name behind it (`-- exponents`) runs the rows of one group: steps, exponents, algebra or tracking. Others run only by name, as
//! they take long: `curbd` (passes of Pinning at N = 900 and 3000), `published` (the published experiments of CORNN, ours on all threads
//! beside the published solver on one), `cornn` (the same at 1000 neurons, one thread each), and `large-fit` and `large-end` (ours alone,
//! 5000 neurons, 12 GB).
//!
//! `CROSSCURRENT_PYTHON` names the interpreter, `python3` without it; it needs `benches/peers/requirements.txt`. The table goes to
//! `benches/record/<processor>/<date>.csv` as well, where all were run.

mod cornn;
mod jobs;
mod limits;
mod pinning;
mod steps;
mod table;
mod tangents;

use crosscurrent::Precision;
use limits::{median, multiply_add_rate};
use pinning::{curbd, small_curbd};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;
use steps::{half, shared, step, step_in_c, step_in_jax, together};
use table::Row;
use tangents::{tangent, thin_product};

/// Runs of each side.
const ROUNDS: usize = 7;
/// Samples of a pass of TRAKR: the pixels of an image.
const PASS: usize = 784;

/// The Python process, which answers one request at a time.
struct Peer {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    version: String,
}

impl Peer {
    /// Starts Python; the error says what is missing.
    fn start(script: &str) -> Result<Peer, String> {
        let python = std::env::var("CROSSCURRENT_PYTHON").unwrap_or_else(|_| "python3".into());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");
        let script = format!("{folder}/{script}");
        let started = Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.map_err(|error| format!("cannot start {python} ({error}); name another in CROSSCURRENT_PYTHON"))?;
        let requests = process.stdin.take().ok_or("no way to write to Python")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no way to read from Python")?);
        let mut peer = Peer { process, requests, answers, version: String::new() };
        match peer.line()?.split_once(' ') {
            Some(("ready", version)) => peer.version = version.into(),
            Some(("missing", module)) => return Err(format!("{python} has no {module}; pip install -r {folder}/requirements.txt")),
            _ => return Err(format!("{python} did not run the peers")),
        }
        Ok(peer)
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        Ok(line.trim().into())
    }

    /// Seconds of one run of a job.
    fn seconds(&mut self, request: &str) -> Result<f64, String> {
        writeln!(self.requests, "{request}").map_err(|error| error.to_string())?;
        self.line()?.parse().map_err(|_| format!("the peer failed at `{request}`"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Does `work` with JAX; says on one line that it was left out where JAX is missing.
fn with_jax(work: &mut dyn FnMut(&mut Peer) -> Result<(), String>) -> Result<(), String> {
    match Peer::start("jax_scan.py") {
        Ok(mut jax) => work(&mut jax),
        Err(reason) => {
            println!("no rows beside JAX: {reason}");
            Ok(())
        }
    }
}

/// Name of the type as NumPy has it, and its bytes.
fn dtype(precision: Precision) -> (&'static str, usize) {
    if precision == Precision::Double { ("float64", 8) } else { ("float32", 4) }
}

fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_secs_f64()
}

/// Of arithmetic in registers.
fn operations_per_second(precision: Precision) -> f64 {
    if precision == Precision::Double { multiply_add_rate::<f64>() } else { multiply_add_rate::<f32>() }
}

/// Products of two square matrices per second of both sides, in turn; packing counts.
fn product(peer: &mut Peer, size: usize, precision: Precision) -> Result<Row, String> {
    let (name, _) = dtype(precision);
    let (mut ours, mut theirs, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limits.push(operations_per_second(precision) / (2.0 * (size as f64).powi(3)));
        ours.push(if precision == Precision::Double { jobs::product::<f64>(size) } else { jobs::product::<f32>(size) });
        theirs.push(peer.seconds(&format!("product {size} {name} 1"))?);
    }
    Ok(Row {
        job: format!("product N={size} {precision:?}"),
        unit: "products/s",
        ours: 1.0 / median(ours),
        theirs: 1.0 / median(theirs),
        limit: median(limits),
    })
}

/// Spectra of general matrices per second of both sides, in turn. No limit: the iteration has no fixed number of operations.
fn eigenvalues(peer: &mut Peer, size: usize) -> Result<Row, String> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS.min(if size > 1000 { 3 } else { ROUNDS }) {
        ours.push(jobs::eigenvalues(size));
        theirs.push(peer.seconds(&format!("eigenvalues {size} float64 1"))?);
    }
    let job = format!("eigenvalues N={size}");
    Ok(Row { job, unit: "spectra/s", ours: 1.0 / median(ours), theirs: 1.0 / median(theirs), limit: f64::NAN })
}

/// Passes of TRAKR per second on one thread: beside the published formulas in plain NumPy (64 bits, as they run), beside numba, and beside
/// numba where it may add in any order.
fn trakr(peer: &mut Peer, neurons: usize, precision: Precision) -> Result<[Row; 3], String> {
    let (name, _) = dtype(precision);
    let (mut ours, mut published, mut numba, mut fastmath, mut limits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // J r takes N² multiply-adds, half of P three for each element.
    let operations = 2.0 * 2.5 * (neurons * neurons * PASS) as f64;
    for _ in 0..ROUNDS {
        limits.push(operations_per_second(precision) / operations);
        ours.push(jobs::trakr(neurons, precision, PASS, 1));
        published.push(peer.seconds(&format!("published {neurons} float64 {PASS}"))?);
        numba.push(peer.seconds(&format!("numba {neurons} {name} {PASS}"))?);
        fastmath.push(peer.seconds(&format!("fastmath {neurons} {name} {PASS}"))?);
    }
    let (ours, limit) = (1.0 / median(ours), median(limits));
    let row = |against: &str, theirs: Vec<f64>| Row {
        job: format!("TRAKR pass N={neurons} {precision:?} v {against}"),
        unit: "passes/s",
        ours,
        theirs: 1.0 / median(theirs),
        limit,
    };
    Ok([row("published", published), row("numba", numba), row("numba fastmath", fastmath)])
}

/// Standard normal numbers per second beside rand_distr with the same generator. No limit: the work is not one of bytes or multiply-adds.
fn noise() -> Row {
    let (ours, theirs) = (0..ROUNDS).map(|_| jobs::normal_number()).unzip();
    let (ours, theirs) = (1.0 / median(ours), 1.0 / median(theirs));
    Row { job: "normal numbers v rand_distr".into(), unit: "numbers/s", ours, theirs, limit: f64::NAN }
}

/// TRAKR passes per second on two threads beside one.
fn two_threads(neurons: usize, precision: Precision) -> Row {
    let (mut two, mut one) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        two.push(jobs::trakr(neurons, precision, PASS, 2));
        one.push(jobs::trakr(neurons, precision, PASS, 1));
    }
    let (two, one) = (1.0 / median(two), 1.0 / median(one));
    Row { job: format!("TRAKR N={neurons} {precision:?} 2 threads v 1"), unit: "passes/s", ours: two, theirs: one, limit: 2.0 * one }
}

/// Rows of single networks and of many trials.
fn steps(peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    let precisions = [Precision::Single, Precision::Double];
    for (neurons, precision) in [100, 300, 1000, 4000].into_iter().flat_map(|n| precisions.map(|p| (n, p))) {
        add(step(peer, neurons, precision)?);
    }
    for (neurons, precision) in [100, 300, 700, 1000, 4000].into_iter().flat_map(|n| precisions.map(|p| (n, p))) {
        let Some(row) = step_in_c(peer, neurons, precision)? else {
            println!("no C compiler: no rows beside C");
            break;
        };
        add(row);
    }
    with_jax(&mut |jax| [100, 300, 1000].into_iter().try_for_each(|neurons| step_in_jax(jax, neurons).map(&mut *add)))?;
    for neurons in [700, 1000, 4000] {
        add(half(neurons));
    }
    for (neurons, precision) in [400, 500, 700, 1000, 4000].into_iter().flat_map(|n| precisions.map(|p| (n, p))) {
        add(shared(neurons, precision));
    }
    for neurons in [100, 1000, 4000] {
        together(peer, neurons)?.into_iter().for_each(&mut *add);
    }
    add(noise());
    Ok(())
}

/// Rows of tangent vectors, made orthonormal all the time, as often as exponents ask for it, and hardly ever.
fn exponents(peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    for precision in [Precision::Double, Precision::Single] {
        add(thin_product(peer, 1000, precision)?);
    }
    for interval in [1, 10, 100] {
        tangent(peer, 1000, interval)?.into_iter().for_each(&mut *add);
    }
    Ok(())
}

/// Rows of fits and of linear algebra.
fn algebra(peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    small_curbd(peer, add)?;
    for precision in [Precision::Single, Precision::Double] {
        add(product(peer, 2000, precision)?);
    }
    for size in [1000, 2000] {
        add(eigenvalues(peer, size)?);
    }
    Ok(())
}

/// Rows of TRAKR.
fn tracking(_: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    let mut numba = Peer::start("trakr_numba.py")?;
    for neurons in [30, 100] {
        for precision in [Precision::Single, Precision::Double] {
            trakr(&mut numba, neurons, precision)?.into_iter().for_each(&mut *add);
        }
        add(two_threads(neurons, Precision::Single));
    }
    Ok(())
}

/// Rows that stand together, by a name.
type Group = (&'static str, fn(&mut Peer, &mut dyn FnMut(Row)) -> Result<(), String>);

fn run() -> Result<(), String> {
    let groups: [Group; 4] = [("steps", steps), ("exponents", exponents), ("algebra", algebra), ("tracking", tracking)];
    // Minutes each, so only by name; the last two have no peer.
    let named: [Group; 3] = [("cornn", cornn::cornn), ("published", cornn::published), ("curbd", curbd)];
    let alone: [(&str, fn()); 2] = [("large-fit", cornn::large_fit), ("large-end", cornn::large_end)];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let known: Vec<&str> = groups.iter().chain(&named).map(|(name, _)| *name).chain(alone.map(|(name, _)| name)).collect();
    if let Some(name) = wanted.iter().find(|wanted| !known.contains(&wanted.as_str())) {
        return Err(format!("no group is called {name}; there are {}", known.join(", ")));
    }
    let told = |name: &str| wanted.iter().any(|wanted| wanted == name);
    alone.iter().filter(|(name, _)| told(name)).for_each(|(_, job)| job());
    let usual = groups.iter().filter(|(name, _)| wanted.is_empty() || told(name));
    let chosen: Vec<&Group> = usual.chain(named.iter().filter(|(name, _)| told(name))).collect();
    if chosen.is_empty() {
        return Ok(());
    }
    let mut peer = Peer::start("tuned_numpy.py")?;
    println!("one thread each but where a row says so, medians of {ROUNDS} runs in turn; peer: {}", peer.version);
    let mut rows = Vec::new();
    let mut add = |row: Row| {
        println!("{row}");
        rows.push(row);
    };
    for (_, group) in chosen {
        group(&mut peer, &mut add)?;
    }
    if wanted.is_empty() {
        let path = table::write(&peer.version, &rows).map_err(|error| format!("the record was not written: {error}"))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

fn main() {
    if let Err(reason) = run() {
        eprintln!("no comparison: {reason}");
        std::process::exit(1);
    }
}
