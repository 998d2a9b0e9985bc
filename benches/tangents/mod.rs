//! Rows about tangent vectors: the steps that carry them, and the product that these are made of.

use crate::limits::{median, product_rate};
use crate::table::Row;
use crate::{Peer, ROUNDS, jobs, operations_per_second};
use crosscurrent::{Network, Precision};

/// Steps with a tenth as many tangent vectors as neurons per second of both sides, in turn; the limit is our own packed product.
pub fn tangent(peer: &mut Peer, neurons: usize, interval: usize) -> Result<Row, String> {
    let steps = 2 * interval.max(20);
    let network: Network = jobs::network(neurons);
    let (mut ours, mut theirs, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limits.push(product_rate(neurons, neurons / 10));
        ours.push(jobs::tangent_step(&network, neurons / 10, (steps, interval)));
        theirs.push(peer.seconds(&format!("tangent{interval} {neurons} float64 {steps}"))? / steps as f64);
    }
    Ok(Row {
        job: format!("tangent N={neurons} k={} QR every {interval}", neurons / 10),
        unit: "steps/s",
        ours: 1.0 / median(ours),
        theirs: 1.0 / median(theirs),
        limit: median(limits),
    })
}

/// Our own products of a packed square matrix with a tenth as many columns per second beside BLAS, in turn.
pub fn thin_product(peer: &mut Peer, neurons: usize) -> Result<Row, String> {
    let columns = neurons / 10;
    let (mut ours, mut theirs, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limits.push(operations_per_second(Precision::Double) / (2 * neurons * neurons * columns) as f64);
        ours.push(product_rate(neurons, columns));
        theirs.push(20.0 / peer.seconds(&format!("thin {neurons} float64 20"))?);
    }
    let job = format!("product N={neurons} k={columns} Double");
    Ok(Row { job, unit: "products/s", ours: median(ours), theirs: median(theirs), limit: median(limits) })
}
