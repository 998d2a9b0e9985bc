//! The kernels against the limits of the machine: `cargo bench --features bench-internals --bench kernels`.

mod limits;

use criterion::{Criterion, Throughput};
use crosscurrent::bench_internals::{Gemv, InverseCorrelation, Level, PlasticMatrix, Real, normals, sum_of_squares, tanh};
use limits::{multiply_add_rate, read_rate};
use std::hint::black_box;

/// Values without pattern in (-1, 1).
fn values(len: usize) -> Vec<f64> {
    (0..len).map(|i| (i as f64 * 0.731).sin()).collect()
}

fn vector<T: Real>(len: usize) -> Vec<T> {
    values(len).into_iter().map(T::from_f64).collect()
}

/// Name of a number type.
fn name<T: Real>() -> &'static str {
    if size_of::<T>() == 4 { "f32" } else { "f64" }
}

/// Matrices: throughput in bytes of J or P, beside the rate of reading as many bytes.
fn matrices<T: Real>(criterion: &mut Criterion) {
    for n in [100, 300, 1000] {
        let (bytes, matrix, r) = (n * n * size_of::<T>(), values(n * n), vector::<T>(n));
        println!("limit: reading {} KB runs at {:.1} GiB/s", bytes >> 10, read_rate(bytes) / (1_u64 << 30) as f64);
        let mut group = criterion.benchmark_group(format!("{} N={n}", name::<T>()));
        let mut out = vec![T::ZERO; n];
        group.throughput(Throughput::Bytes(bytes as u64));
        let mut gemv = Gemv::<T>::from_column_major(n, n, &matrix, Level::detect());
        group.bench_function("gemv", |b| b.iter(|| gemv.apply(black_box(&r), &mut out)));
        let mut plastic = PlasticMatrix::<T>::from_column_major(n, n, &matrix, Level::detect());
        group.bench_function("gemv with a rank-one update", |b| {
            b.iter(|| {
                plastic.rank_one(1e-9, &r, &r);
                plastic.apply(black_box(&r), &mut out);
            });
        });
        group.throughput(Throughput::Bytes((bytes / 2) as u64));
        let mut correlation = InverseCorrelation::<T>::new(n, 1.0, Level::detect());
        group.bench_function("update of P", |b| b.iter(|| correlation.update(black_box(&r), &mut out)));
        group.finish();
    }
}

/// Vectors: throughput in elements.
fn vectors<T: Real>(criterion: &mut Criterion) {
    println!("limit: {:.1} {} GFLOP/s", multiply_add_rate::<T>() / 1e9, name::<T>());
    let x: Vec<T> = values(1000).into_iter().map(|x| T::from_f64(3.0 * x)).collect();
    let mut out = vec![T::ZERO; 1000];
    let mut group = criterion.benchmark_group(format!("{} of 1000", name::<T>()));
    group.throughput(Throughput::Elements(1000));
    group.bench_function("tanh", |b| b.iter(|| tanh(Level::detect(), black_box(&x), &mut out)));
    group.bench_function("sum of squares", |b| b.iter(|| sum_of_squares(Level::detect(), black_box(&x))));
    let mut key = 0;
    group.bench_function("normal numbers", |b| {
        b.iter(|| {
            key += 1;
            normals(Level::detect(), key, black_box(&mut out));
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1))
        .configure_from_args();
    vectors::<f32>(&mut criterion);
    vectors::<f64>(&mut criterion);
    matrices::<f32>(&mut criterion);
    matrices::<f64>(&mut criterion);
    criterion.final_summary();
}
