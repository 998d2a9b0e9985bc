//! Rows about tangent vectors: the steps that carry them, and the product that these are made of.

use crate::limits::{median, product_rate};
use crate::table::Row;
use crate::{Peer, ROUNDS, dtype, jobs, operations_per_second};
use crosscurrent::{Network, Precision};

/// Our own products of a packed square matrix with a tenth as many columns per second.
fn own_products(neurons: usize, precision: Precision) -> f64 {
    if precision == Precision::Double { product_rate::<f64>(neurons, neurons / 10) } else { product_rate::<f32>(neurons, neurons / 10) }
}

/// Steps with a tenth as many tangent vectors as neurons per second, all in turn; the limit is our own packed product of that precision.
///
/// Three rows: 64 bits on both sides; our vectors in 32 bits, with the state and the orthonormalisation in 64, beside the peer in 64 bits,
/// which is another precision; the same beside the peer with everything in 32 bits, which computes less exactly than ours.
pub fn tangent(peer: &mut Peer, neurons: usize, interval: usize) -> Result<[Row; 3], String> {
    let steps = 2 * interval.max(20);
    let network: Network = jobs::network(neurons);
    let both = [Precision::Double, Precision::Single];
    let (mut ours, mut theirs, mut limits) = ([vec![], vec![]], [vec![], vec![]], [vec![], vec![]]);
    for _ in 0..ROUNDS {
        for (k, precision) in both.into_iter().enumerate() {
            limits[k].push(own_products(neurons, precision));
            ours[k].push(jobs::tangent_step(&network, (neurons / 10, precision), (steps, interval)));
            theirs[k].push(peer.seconds(&format!("tangent{interval} {neurons} {} {steps}", dtype(precision).0))? / steps as f64);
        }
    }
    let (ours, theirs, limits) = (ours.map(median), theirs.map(median), limits.map(median));
    let row = |mine: usize, other: usize, against: &str| Row {
        job: format!("tangent N={neurons} k={} QR every {interval}{against}", neurons / 10),
        unit: "steps/s",
        ours: 1.0 / ours[mine],
        theirs: 1.0 / theirs[other],
        limit: limits[mine],
    };
    Ok([row(0, 0, ""), row(1, 0, " vectors Single v float64"), row(1, 1, " vectors Single v float32")])
}

/// Our own products of a packed square matrix with a tenth as many columns per second beside BLAS, in turn.
pub fn thin_product(peer: &mut Peer, neurons: usize, precision: Precision) -> Result<Row, String> {
    let columns = neurons / 10;
    let (mut ours, mut theirs, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limits.push(operations_per_second(precision) / (2 * neurons * neurons * columns) as f64);
        ours.push(own_products(neurons, precision));
        theirs.push(20.0 / peer.seconds(&format!("thin {neurons} {} 20", dtype(precision).0))?);
    }
    let job = format!("product N={neurons} k={columns} {precision:?}");
    Ok(Row { job, unit: "products/s", ours: median(ours), theirs: median(theirs), limit: median(limits) })
}
