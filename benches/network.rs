//! Whole jobs against the limits of the machine: `cargo bench --features bench-internals --bench network`.

mod jobs;
mod limits;

use criterion::{Criterion, Throughput};
use crosscurrent::Precision;
use limits::{change_rate, median, read_rate, report};

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

/// An update of Pinning with a mask of its own for every neuron, beside the full one and what moving as many bytes of P allows.
fn masks() {
    let (neurons, sources) = (500, 50);
    let (full, masked) = jobs::masked_update(neurons, sources, 100);
    let triangles = [neurons * (neurons + 1) / 2 * 8, neurons * sources * (sources + 1) / 2 * 8];
    let [one, many] = triangles.map(|bytes| bytes as f64 / change_rate(bytes));
    println!(
        "update of Pinning N={neurons}: full {:.1} µs, {sources} sources each {:.1} µs, ratio {:.2}; P changed at the rate of memory: {:.1} µs \
         ({} KB), {:.1} µs ({} KB), ratio {:.2}",
        1e6 * full,
        1e6 * masked,
        masked / full,
        1e6 * one,
        triangles[0] >> 10,
        1e6 * many,
        triangles[1] >> 10,
        many / one
    );
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1))
        .configure_from_args();
    simulation(&mut criterion);
    pinning();
    masks();
    criterion.final_summary();
}
