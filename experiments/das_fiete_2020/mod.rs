//! Das & Fiete 2020: strongly recurrent circuits make a fit report weights between neurons that are correlated but not connected.

use crate::experiment::{Context, Experiment, Findings, Side};
use crosscurrent::fit::Ridge;
use crosscurrent::identify::{Cell, Series, Summary};
use crosscurrent::metric::correlation;
use crosscurrent::plot::{Axis, Band, Colour, Dash, Figure, Line, Panel, Points, Scale};
use crosscurrent::{Clock, Connectivity, Fit, Network, Noise, Recording, Regions, Result, Seed, Simulation, nonlinearity::Tanh};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The experiment.
pub struct DasFiete2020;

const SOURCE: &str = "Das & Fiete 2020: the error grows with recurrence and stays with more data where the model is wrong";

/// Neurons of the ring, reach of their weights, and steps between samples where the model is wrong.
const NEURONS: usize = 60;
const REACH: usize = 3;
const COARSE: usize = 10;

/// A strength of recurrence, a number of samples, whether the fit knows the step, a repetition.
type Job = (f64, usize, bool, u64);

/// The mean fitted weight at every distance along the ring beyond the reach: RMS over that of the true weights, and correlation with the
/// correlation of the rates there. The mean over the ring leaves what is systematic.
#[derive(Clone, Copy)]
struct Spurious {
    size: f64,
    follows: f64,
}

impl Experiment for DasFiete2020 {
    fn name(&self) -> &'static str {
        "das_fiete_2020"
    }

    fn source(&self) -> &'static str {
        "Das & Fiete 2020, Nat. Neurosci. 23:1286: systematic errors in connectivity inferred from activity in strongly recurrent networks"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let strengths = context.pick(
            vec![0.5, 0.9],
            vec![0.2, 0.5, 0.7, 0.8, 0.9, 0.95],
            vec![0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98],
        );
        let (lengths, seeds) = (context.pick([300, 600], [3_000, 30_000], [3_000, 100_000]), context.pick(1, 3, 10));
        let mut jobs: Vec<Job> = Vec::new();
        for &strength in &strengths {
            for length in lengths {
                for known in [true, false] {
                    jobs.extend((0..seeds).map(|seed| (strength, length, known, seed)));
                }
            }
        }
        let bar = context.progress(jobs.len(), "ring networks");
        let found: Result<Vec<Spurious>> = jobs.par_iter().with_max_len(1).map(|job| (one(context.seed, job), bar.inc(1)).0).collect();
        bar.finish_and_clear();
        let found = found?;
        let mut findings =
            Findings { data: (vec!["strength", "samples", "step known", "seed", "size", "follows"], Vec::new()), ..Default::default() };
        for ((strength, length, known, seed), spurious) in jobs.iter().zip(&found) {
            let cells = [strength.to_string(), length.to_string(), known.to_string(), seed.to_string()];
            findings.data.1.push(cells.into_iter().chain([spurious.size.to_string(), spurious.follows.to_string()]).collect());
        }
        let of = |strength: f64, length: usize, known: bool, part: fn(&Spurious) -> f64| -> Vec<f64> {
            let same = |job: &Job| (job.0, job.1, job.2) == (strength, length, known);
            jobs.iter().zip(&found).filter(|(job, _)| same(job)).map(|(_, spurious)| part(spurious)).collect()
        };
        findings.figures.push(("spurious_weights".into(), figure(&strengths, lengths, &of)));
        let mean = |strength, length, known, part| Summary::of(&of(strength, length, known, part)).mean;
        let [short, long] = lengths;
        let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("A", SOURCE), claim, measured, wanted));
        let ratio = |known| mean(0.9, long, known, |s| s.size) / mean(0.9, short, known, |s| s.size);
        let expected = (short as f64 / long as f64).sqrt();
        check("right model: spurious weights shrink like one over the root of the samples", ratio(true), (Side::Near, expected, 0.12));
        check("wrong step: spurious weights stay with more data", ratio(false), (Side::AtLeast, 0.5, 0.0));
        let growth = mean(0.9, long, false, |s| s.size) / mean(0.5, long, false, |s| s.size);
        check("wrong step: spurious weights over true ones grow with recurrence (0.9 over 0.5)", growth, (Side::AtLeast, 1.3, 0.0));
        check(
            "wrong step, strength 0.9: they follow the correlation of the rates",
            mean(0.9, long, false, |s| s.follows),
            (Side::AtLeast, 0.5, 0.0),
        );
        Ok(findings)
    }
}

/// Local excitation, broader inhibition, nothing beyond the reach; the largest eigenvalue is `strength`, at 1 a pattern forms.
fn ring(strength: f64) -> DMatrix<f64> {
    let distance = |i: usize, k: usize| i.abs_diff(k).min(NEURONS - i.abs_diff(k));
    let profile = |d: usize| match d {
        1 => 1.0,
        2..=REACH => -0.2,
        _ => 0.0,
    };
    let shape = DMatrix::from_fn(NEURONS, NEURONS, |i, k| profile(distance(i, k)));
    // The eigenvectors of a circulant matrix are waves.
    let eigenvalue =
        |wave: usize| (0..NEURONS).map(|k| shape[(0, k)] * (std::f64::consts::TAU * (wave * k) as f64 / NEURONS as f64).cos()).sum::<f64>();
    let largest = (0..NEURONS).map(eigenvalue).fold(f64::NEG_INFINITY, f64::max);
    shape * (strength / largest)
}

/// Simulates a ring, records it, fits it, and compares the weights of pairs that are not connected.
fn one(seed: Seed, &(strength, samples, known, repetition): &Job) -> Result<Spurious> {
    let truth = ring(strength);
    let network = Network::new(Regions::single("ring", NEURONS)?, Connectivity::dense(truth.clone())?, Tanh, &[0.1])?;
    let simulation = Simulation {
        clock: Clock::with_steps(0.01, if known { samples } else { samples * COARSE })?,
        steps_per_sample: if known { 1 } else { COARSE },
        transient: 5.0,
        noise: Noise::White { strength: 0.2 },
        seed: seed.child("ring").trial(repetition),
        ..Default::default()
    };
    let recording: Recording = simulation.run(&network)?;
    let fitted = Ridge { penalties: vec![1e-9], ..Default::default() }.fit(&recording, seed)?.network.connectivity.to_dense();
    let correlations = rate_correlations(&recording.rates);
    let along = |matrix: &DMatrix<f64>, d: usize| (0..NEURONS).map(|i| matrix[(i, (i + d) % NEURONS)]).sum::<f64>() / NEURONS as f64;
    let present: Vec<f64> = (1..=REACH).map(|d| along(&truth, d)).collect();
    let beyond = REACH + 1..=NEURONS / 2;
    let (weights, expected): (Vec<f64>, Vec<f64>) = beyond.map(|d| (along(&fitted, d), along(&correlations, d))).unzip();
    let rms = |values: &[f64]| (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt();
    let column = |values: &[f64]| DMatrix::from_column_slice(values.len(), 1, values);
    Ok(Spurious { size: rms(&weights) / rms(&present), follows: correlation(&column(&weights), &column(&expected)) })
}

/// Correlation of every pair of rows.
fn rate_correlations(rates: &DMatrix<f64>) -> DMatrix<f64> {
    let mut centred = rates.clone();
    for mut row in centred.row_iter_mut() {
        let mean = row.mean();
        row.add_scalar_mut(-mean);
        let norm = row.norm();
        row /= norm;
    }
    &centred * centred.transpose()
}

type Values<'a> = dyn Fn(f64, usize, bool, fn(&Spurious) -> f64) -> Vec<f64> + 'a;

/// Size of the spurious weights, and how far they follow the correlations, over the strength of recurrence.
fn figure(strengths: &[f64], lengths: [usize; 2], of: &Values) -> Figure {
    let panel = |title: &str, label: &str, part: fn(&Spurious) -> f64, scale: Scale| {
        let mut marks = Vec::new();
        for (known, colour) in [(true, Colour::BLUE), (false, Colour::VERMILION)] {
            for (length, dash) in [(lengths[0], Dash::Dashed), (lengths[1], Dash::Solid)] {
                let cells: Vec<Cell> = strengths.iter().map(|&s| Cell::of(&of(s, length, known, part))).collect();
                let series = Series { name: format!("{}, T = {length}", if known { "right model" } else { "wrong step" }), cells };
                let values = |part: fn(&Cell) -> f64| series.cells.iter().map(part).collect::<Vec<f64>>();
                let x = strengths.to_vec();
                marks.push(Band { x: x.clone(), low: values(|c| c.low), high: values(|c| c.high), colour, ..Band::default() }.into());
                marks
                    .push(Line { x: x.clone(), y: values(|c| c.mean), colour, dash, label: series.name.clone(), ..Line::default() }.into());
                marks.push(Points { x, y: values(|c| c.mean), colour, hollow: dash == Dash::Dashed, ..Points::default() }.into());
            }
        }
        let x = Axis::new("strength of recurrence (1: a pattern forms)");
        Panel { title: title.into(), x, y: Axis { scale, ..Axis::new(label) }, marks, ..Panel::default() }
    };
    let panels = vec![
        panel("Weights of pairs that are not connected", "RMS of spurious over true weights", |s| s.size, Scale::Log),
        panel("Do they follow the correlations?", "correlation with that of the rates", |s| s.follows, Scale::Linear),
    ];
    Figure { panels, columns: 2, panel_size: (440, 340), shared_legend: true, ..Figure::default() }
}
