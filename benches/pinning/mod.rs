//! Rows about passes of Pinning: beside the published program's formulas in plain NumPy, beside tuned NumPy, beside JAX.

use crate::limits::{median, read_rate};
use crate::table::Row;
use crate::{Peer, ROUNDS, jobs, with_jax};
use crosscurrent::{Precision, Recording};

/// Updates of a pass of the published demonstration.
const UPDATES: usize = 1200;

/// Passes of both sides in turn.
struct Race {
    recording: Recording,
    updates: usize,
    rounds: usize,
}

impl Race {
    /// On a recording of a chaotic network with a sample for each update and one to start from.
    fn new(neurons: usize, updates: usize, rounds: usize) -> Self {
        Race { recording: jobs::simulate(&jobs::network(neurons), Precision::Double, 10 * (updates + 1)), updates, rounds }
    }

    /// A row of each precision beside the type of the peer that stands with it. Without names of peers in the row, the peer is NumPy.
    fn beside(&self, peer: &mut Peer, (request, name): (&str, &str), pairs: &[(Precision, &str)]) -> Result<Vec<Row>, String> {
        let (neurons, updates) = (self.recording.neurons(), self.updates);
        let (mut ours, mut theirs, mut limits) =
            (vec![Vec::new(); pairs.len()], vec![Vec::new(); pairs.len()], vec![Vec::new(); pairs.len()]);
        for _ in 0..self.rounds {
            for (at, (precision, dtype)) in pairs.iter().enumerate() {
                let (j, half_p) = bytes(neurons, *precision);
                limits[at].push(read_rate(j + half_p) / ((5 * j + half_p) * updates) as f64);
                ours[at].push(median(jobs::pinning(&self.recording, *precision, 1)));
                theirs[at].push(peer.seconds(&format!("{request} {neurons} {dtype} {updates}"))?);
            }
        }
        let rate = |seconds: &Vec<f64>| 1.0 / median(seconds.clone());
        let row = |at: usize, precision: Precision| Row {
            job: format!("Pinning pass N={neurons} {precision:?}{name}"),
            unit: "passes/s",
            ours: rate(&ours[at]),
            theirs: rate(&theirs[at]),
            limit: median(limits[at].clone()),
        };
        Ok(pairs.iter().enumerate().map(|(at, (precision, _))| row(at, *precision)).collect())
    }

    /// Beside the published formulas, tuned NumPy (`peer`) and JAX.
    fn rows(&self, peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
        let double = [(Precision::Mixed, "float64"), (Precision::Double, "float64")];
        let mut published = Peer::start("curbd_numpy.py")?;
        self.beside(&mut published, ("published", " v published"), &double)?.into_iter().for_each(&mut *add);
        let all = [(Precision::Mixed, "float64"), (Precision::Double, "float64"), (Precision::Single, "float32")];
        self.beside(peer, ("pinning", ""), &all)?.into_iter().for_each(&mut *add);
        with_jax(&mut |jax| {
            self.beside(jax, ("pinning", " v JAX"), &all)?.into_iter().for_each(&mut *add);
            Ok(())
        })
    }
}

/// Bytes of J and of the half of P that is kept.
fn bytes(neurons: usize, precision: Precision) -> (usize, usize) {
    let square = neurons * neurons;
    let j = square * if precision == Precision::Double { 8 } else { 4 };
    (j, square / 2 * if precision == Precision::Single { 4 } else { 8 })
}

/// The size of the published demonstration.
pub fn small_curbd(peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    Race::new(300, UPDATES, ROUNDS).rows(peer, add)
}

/// Larger networks, on few samples: 75 steps and 15 updates at N = 3000.
pub fn curbd(peer: &mut Peer, add: &mut dyn FnMut(Row)) -> Result<(), String> {
    Race::new(900, 100, 5).rows(peer, add)?;
    Race::new(3000, 15, 3).rows(peer, add)
}
