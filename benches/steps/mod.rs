//! Rows about steps of a network: beside NumPy, beside C, with J in 16 bits, and of many trials together.

use crate::limits::{median, read_rate};
use crate::table::Row;
use crate::{Peer, ROUNDS, dtype, jobs, operations_per_second, timed};
use crosscurrent::{Network, Precision, Recording};
use std::io::Write;

/// Steps of a run: so many that what happens once (waking a thread, first touches of memory) does not count.
fn counted(neurons: usize) -> usize {
    (1_000_000_000 / (neurons * neurons)).clamp(50, 100_000)
}

/// Steps per second of both sides, in turn.
pub fn step(peer: &mut Peer, neurons: usize, precision: Precision) -> Result<Row, String> {
    let (name, width) = dtype(precision);
    let steps = counted(neurons);
    let network: Network = jobs::network(neurons);
    let (mut ours, mut theirs, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    let bytes = neurons * neurons * width;
    for _ in 0..ROUNDS {
        limits.push(read_rate(bytes) / bytes as f64);
        // Packing J is no part of a step.
        let start = timed(|| jobs::simulate(&network, precision, 10));
        ours.push((timed(|| jobs::simulate(&network, precision, steps + 10)) - start) / steps as f64);
        theirs.push(peer.seconds(&format!("step {neurons} {name} {steps}"))? / steps as f64);
    }
    Ok(Row {
        job: format!("step N={neurons} {precision:?}"),
        unit: "steps/s",
        ours: 1.0 / median(ours),
        theirs: 1.0 / median(theirs),
        limit: median(limits),
    })
}

/// Steps per second beside the same in C, in turn; none where the machine has no compiler.
pub fn step_in_c(peer: &mut Peer, neurons: usize, precision: Precision) -> Result<Option<Row>, String> {
    let (name, width) = dtype(precision);
    let steps = counted(neurons);
    let network: Network = jobs::network(neurons);
    let (mut ours, mut theirs, mut limits, bytes) = (Vec::new(), Vec::new(), Vec::new(), neurons * neurons * width);
    for _ in 0..ROUNDS {
        writeln!(peer.requests, "c-step {neurons} {name} {steps}").map_err(|error| error.to_string())?;
        let answer = peer.line()?;
        if answer == "missing" {
            return Ok(None);
        }
        theirs.push(answer.parse::<f64>().map_err(|_| "the peer in C failed")? / steps as f64);
        limits.push(read_rate(bytes) / bytes as f64);
        let start = timed(|| jobs::simulate(&network, precision, 10));
        ours.push((timed(|| jobs::simulate(&network, precision, steps + 10)) - start) / steps as f64);
    }
    let job = format!("step N={neurons} {precision:?} v C");
    Ok(Some(Row { job, unit: "steps/s", ours: 1.0 / median(ours), theirs: 1.0 / median(theirs), limit: median(limits) }))
}

/// Steps per second in 32 bits beside a compiled scan of JAX, in turn; both keep one state in ten.
pub fn step_in_jax(jax: &mut Peer, neurons: usize) -> Result<Row, String> {
    let steps = counted(neurons) / 10 * 10;
    let network = jobs::network(neurons);
    let (mut ours, mut theirs, mut limits, bytes) = (Vec::new(), Vec::new(), Vec::new(), 4 * neurons * neurons);
    for _ in 0..ROUNDS {
        limits.push(read_rate(bytes) / bytes as f64);
        let start = timed(|| jobs::simulate(&network, Precision::Single, 10));
        ours.push((timed(|| jobs::simulate(&network, Precision::Single, steps + 10)) - start) / steps as f64);
        theirs.push(jax.seconds(&format!("step {neurons} float32 {steps}"))? / steps as f64);
    }
    let job = format!("step N={neurons} Single v JAX");
    Ok(Row { job, unit: "steps/s", ours: 1.0 / median(ours), theirs: 1.0 / median(theirs), limit: median(limits) })
}

/// Steps per second with J in 16 bits beside our own with J in 32; the limit is the rate of reading J in 16.
pub fn half(neurons: usize) -> Row {
    let steps = counted(neurons);
    let network = jobs::network(neurons);
    let seconds = |precision| {
        let start = timed(|| jobs::simulate(&network, precision, 10));
        (timed(|| jobs::simulate(&network, precision, steps + 10)) - start) / steps as f64
    };
    let (mut half, mut single, mut limits, bytes) = (Vec::new(), Vec::new(), Vec::new(), 2 * neurons * neurons);
    for _ in 0..ROUNDS {
        limits.push(read_rate(bytes) / bytes as f64);
        half.push(seconds(Precision::Half));
        single.push(seconds(Precision::Single));
    }
    let (ours, theirs) = (1.0 / median(half), 1.0 / median(single));
    Row { job: format!("step N={neurons} Half v Single"), unit: "steps/s", ours, theirs, limit: median(limits) }
}

/// Steps per second of one trial on two threads beside one.
pub fn shared(neurons: usize, precision: Precision) -> Row {
    let steps = (2_000_000_000 / (neurons * neurons)).clamp(200, 10_000);
    let network = jobs::network(neurons);
    let seconds = |run: fn(&Network, Precision, usize) -> Recording| {
        let start = timed(|| run(&network, precision, 10));
        (timed(|| run(&network, precision, steps + 10)) - start) / steps as f64
    };
    let (mut two, mut one) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        two.push(seconds(jobs::simulate_on_all));
        one.push(seconds(jobs::simulate));
    }
    let (ours, theirs) = (1.0 / median(two), 1.0 / median(one));
    Row { job: format!("step N={neurons} {precision:?} 2 threads v 1"), unit: "steps/s", ours, theirs, limit: 2.0 * theirs }
}

/// Steps of single trials per second where 48 are advanced together: beside NumPy doing the same, and beside our own one by one.
pub fn together(peer: &mut Peer, neurons: usize) -> Result<[Row; 2], String> {
    let steps = (100_000_000 / (neurons * neurons)).clamp(10, 500);
    let network = jobs::network(neurons);
    let (mut ours, mut theirs, mut alone, mut limits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limits.push(operations_per_second(Precision::Single) / (2 * neurons * neurons) as f64);
        ours.push(jobs::together(&network, steps) / 48.0);
        theirs.push(peer.seconds(&format!("together {neurons} float32 {steps}"))? / (48 * steps) as f64);
        let start = timed(|| jobs::simulate(&network, Precision::Single, 10));
        alone.push((timed(|| jobs::simulate(&network, Precision::Single, 4 * steps + 10)) - start) / (4 * steps) as f64);
    }
    let (ours, limit) = (1.0 / median(ours), median(limits));
    let row = |against: &str, theirs: Vec<f64>| Row {
        job: format!("48 trials N={neurons} v {against}"),
        unit: "steps/s",
        ours,
        theirs: 1.0 / median(theirs),
        limit,
    };
    Ok([row("NumPy", theirs), row("one by one", alone)])
}
