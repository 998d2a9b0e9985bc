//! What this machine can do at best, measured beside the jobs: its speed drifts.
#![allow(dead_code, reason = "each bench uses its own part")]

use crosscurrent::bench_internals::{Buffer, LeftFactor, Level, Real, Strided, multiply_adds, read_all};
use std::hint::black_box;
use std::time::Instant;

/// Middle of `values`.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Best seconds of `runs` runs: what disturbs a run only makes it longer.
fn best_seconds(runs: usize, mut work: impl FnMut()) -> f64 {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// Bytes per second of reading a working set of `bytes` again and again.
pub fn read_rate(bytes: usize) -> f64 {
    // On whole lines: a load across two of them counts twice.
    let x = Buffer::from_slice(&vec![1.0_f32; bytes.div_ceil(4)]);
    let sweeps = (1_usize << 24).div_ceil(bytes);
    let seconds = best_seconds(15, || {
        for _ in 0..sweeps {
            black_box(read_all(Level::detect(), black_box(&x)));
        }
    });
    (sweeps * bytes) as f64 / seconds
}

/// Bytes per second of changing a working set of `bytes` in place again and again; a byte that is read and written counts once.
pub fn change_rate(bytes: usize) -> f64 {
    let mut x = Buffer::from_slice(&vec![1.0_f64; bytes.div_ceil(8)]);
    let sweeps = (1_usize << 26).div_ceil(bytes);
    let seconds = best_seconds(15, || {
        for _ in 0..sweeps {
            let by = black_box(0.999_999);
            x.iter_mut().for_each(|value| *value *= by);
            black_box(&mut x);
        }
    });
    (sweeps * bytes) as f64 / seconds
}

/// Floating-point operations per second in registers.
pub fn multiply_add_rate<T: Real>() -> f64 {
    let mut operations = 0;
    let seconds = best_seconds(15, || operations = multiply_adds::<T>(Level::detect(), black_box(100_000)));
    operations as f64 / seconds
}

/// Our own products of a packed square matrix with `columns` columns, per second.
pub fn product_rate<T: Real>(rows: usize, columns: usize) -> f64 {
    let values = |len: usize| (0..len).map(|k| T::from_f64((k as f64 * 0.37).sin())).collect::<Vec<T>>();
    let (left, right) = (values(rows * rows), values(rows * columns));
    let mut factor = LeftFactor::new(Strided::columns_of(&left, rows), Level::detect());
    let mut product = vec![T::ZERO; rows * columns];
    1.0 / best_seconds(15, || factor.multiply_add(None, Strided::columns_of(black_box(&right), rows), &mut product))
}

/// Prints a measured rate beside the limit.
pub fn report(what: &str, rate: f64, limit: f64, unit: &str) {
    println!("{what:<44} {rate:>12.4e} {unit:<10} limit {limit:>10.4e}  {:>5.0} %", 100.0 * rate / limit);
}
