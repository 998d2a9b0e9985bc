//! Whole jobs against the limits of the machine: `cargo bench --features bench-internals --bench network`.

mod jobs;
mod limits;

use criterion::{Criterion, Throughput};
use crosscurrent::Precision;
use limits::{median, read_rate, report};

/// Bytes of one number of J.
fn width(precision: Precision) -> usize {
    if precision == Precision::Double { 8 } else { 4 }
}

/// Steps of a simulation; criterion reports steps per second.
fn simulation(criterion: &mut Criterion) {
    for neurons in [100, 300, 1000] {
        let network = jobs::network(neurons);
        let steps = 3_000_000 / (neurons * neurons) * 10 + 100;
        for precision in [Precision::Single, Precision::Double] {
            let bytes = neurons * neurons * width(precision);
            println!("limit: {:.4e} steps/s, the rate of reading J", read_rate(bytes) / bytes as f64);
            let mut group = criterion.benchmark_group(format!("simulation N={neurons}"));
            group.throughput(Throughput::Elements(steps as u64));
            group.bench_function(format!("{precision:?}"), |b| b.iter(|| jobs::simulate(&network, precision, steps)));
            group.finish();
        }
    }
}

/// Passes of Pinning: 5 J and half of P per update, at the rate of reading both.
fn pinning() {
    let (neurons, samples) = (300, 1201);
    let recording = jobs::simulate(&jobs::network(neurons), Precision::Double, 10 * samples);
    for precision in [Precision::Mixed, Precision::Double, Precision::Single] {
        let p_width = if precision == Precision::Single { 4 } else { 8 };
        let square = neurons * neurons;
        let (set, bytes) = (square * width(precision) + square * p_width / 2, 5 * square * width(precision) + square * p_width / 2);
        let limit = read_rate(set) / (bytes * (samples - 1)) as f64;
        report(
            &format!("Pinning pass N={neurons} {precision:?}"),
            1.0 / median(jobs::pinning(&recording, precision, 9)),
            limit,
            "passes/s",
        );
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1))
        .configure_from_args();
    simulation(&mut criterion);
    pinning();
    criterion.final_summary();
}
