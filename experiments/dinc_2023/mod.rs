//! Dinc et al. 2023: the published benchmarks of CORNN, and good predictions from some of the neurons with a wrong J.

mod data;

use self::data::{Generated, generate, run, trained};
use crate::experiment::{Context, Experiment, Findings, Side, median};
use crosscurrent::fit::cornn::Equation;
use crosscurrent::fit::{Bayes, Between, Cornn, Newton};
use crosscurrent::identify::Cell;
use crosscurrent::metric::{correlation, variance_explained};
use crosscurrent::plot::{Axis, Colour, Figure, Line, Mark, Panel, Points};
use crosscurrent::{Fit, Recording, Result, Seed};
use nalgebra::DMatrix;
use rand::seq::index;
use rayon::prelude::*;

/// The experiment.
pub struct Dinc2023;

const SOURCE: &str = "Dinc et al. 2023, result files of the authors: median over 100 networks of the best method of each experiment";
const MEANS: &str = "Dinc et al. 2023, result files of the authors: mean over 100 networks of CORNN on a CPU";
const SUBSAMPLED: &str = "an independent implementation of the generator and of CORNN, two networks of 200 units, 6000 samples";

/// A published benchmark: name, neurons, samples, noise inside and outside of tanh, iterations of CORNN, published figures (best method, CORNN).
struct Benchmark {
    name: &'static str,
    size: (usize, usize),
    noise: [f64; 2],
    iterations: usize,
    best: f64,
    cornn: f64,
}

const BENCHMARKS: [Benchmark; 3] = [
    Benchmark { name: "1a", size: (200, 3000), noise: [0.01, 1e-4], iterations: 100, best: 0.9947, cornn: 0.983 },
    Benchmark { name: "1b", size: (200, 3000), noise: [0.1, 1e-5], iterations: 100, best: 0.9752, cornn: 0.969 },
    Benchmark { name: "1c", size: (500, 10_000), noise: [0.1, 1e-5], iterations: 10, best: 0.9898, cornn: 0.990 },
];

const METHODS: [(&str, Colour); 4] =
    [("closed form", Colour::GREY), ("CORNN", Colour::ORANGE), ("Newton", Colour::BLUE), ("Bayes", Colour::VERMILION)];

/// Observed shares, and the correlation of J that the reference found.
const SHARES: [(f64, f64); 5] = [(1.0, 0.997), (0.9, 0.874), (0.75, 0.757), (0.5, 0.559), (0.25, 0.329)];

/// Noise inside and outside of tanh where some of the neurons are seen.
const SMALL: [f64; 2] = [0.01, 1e-4];

/// Method by method, benchmark by benchmark: a correlation per network.
type Recovered = Vec<Vec<Vec<f64>>>;

impl Experiment for Dinc2023 {
    fn name(&self) -> &'static str {
        "dinc_2023"
    }

    fn source(&self) -> &'static str {
        "Dinc, Shai, Schnitzer & Tanaka 2023, NeurIPS: CORNN, experiments 1a, 1b and 1c, and subsampling"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let (recovered, mut rows) = benchmarks(context)?;
        let (random, more) = subsampled(context, "B", |size, seed| Ok(generate(size, SMALL, seed)))?;
        rows.extend(more);
        let taught = |(neurons, samples), seed| Ok(run(trained(neurons, seed)?, samples, SMALL, seed));
        let (taught, more) = subsampled(context, "C", taught)?;
        rows.extend(more);
        let mut findings =
            Findings { data: (vec!["panel", "condition", "method", "network", "score", "value"], rows), ..Default::default() };
        findings.figures.push(("recovery".into(), figure(&recovered, &random, &taught)));
        for (at, benchmark) in BENCHMARKS.iter().enumerate() {
            let of = |method: usize| median(recovered[method][at].iter().copied());
            let mut check = |source, claim: &str, value, wanted| {
                findings.checks.push(context.check(("A", source), format!("{}, {claim}", benchmark.name), value, wanted));
            };
            check(SOURCE, "Newton with its defaults: correlation with the true J", of(2), (Side::AtLeast, benchmark.best, 0.0));
            check(MEANS, "CORNN: correlation with the true J", of(1), (Side::Near, benchmark.cornn, 0.015));
        }
        for ((share, expected), found) in SHARES.iter().zip(&random) {
            let claim = format!("{:.0} % of the neurons: correlation of J", 100.0 * share);
            let value = median(found.iter().map(|(j, _)| *j));
            findings.checks.push(context.check(("B", SUBSAMPLED), claim, value, (Side::Near, *expected, 0.08)));
        }
        let source = "Dinc et al. 2023, subsampling of a trained network of 5000 units: R² 0.92 with J recovered at 0.69";
        let mut check = |claim: &str, score: fn(&(f64, f64)) -> f64, wanted| {
            let claim = format!("trained network, 75 % of the neurons: {claim}");
            findings.checks.push(context.check(("C", source), claim, median(taught[2].iter().map(score)), wanted));
        };
        check("R² of tanh(J r) on samples that were not fitted", |(_, r2)| *r2, (Side::AtLeast, 0.92, 0.0));
        check("correlation of J, no better than published", |(j, _)| *j, (Side::AtMost, 0.69, 0.0));
        Ok(findings)
    }
}

fn benchmarks(context: &Context) -> Result<(Recovered, Vec<Vec<String>>)> {
    let networks = context.pick([1, 1, 1], [4, 4, 2], [100, 100, 100]);
    let jobs: Vec<(usize, usize)> = (0..BENCHMARKS.len()).rev().flat_map(|at| (0..networks[at]).map(move |k| (at, k))).collect();
    let bar = context.progress(jobs.len(), "benchmarks");
    let run = |&(at, network): &(usize, usize)| {
        let Benchmark { name, size, noise, iterations, .. } = &BENCHMARKS[at];
        let size = context.pick((40, 400), *size, *size);
        let made = generate(size, *noise, context.seed.child(name).trial(network as u64));
        // The posterior of 500 neurons takes longer than everything else together.
        let found = fits(&made, *iterations, context.pick(true, size.0 < 500, true));
        bar.inc(1);
        found
    };
    let found: Vec<Vec<f64>> = jobs.par_iter().with_max_len(1).map(run).collect::<Result<_>>()?;
    bar.finish_and_clear();
    let mut recovered: Recovered = vec![vec![Vec::new(); BENCHMARKS.len()]; METHODS.len()];
    let mut rows = Vec::new();
    for (&(at, network), values) in jobs.iter().zip(found) {
        for (method, value) in values.into_iter().enumerate() {
            recovered[method][at].push(value);
            let condition = BENCHMARKS[at].name.to_string();
            rows.push(vec![
                "A".into(),
                condition,
                METHODS[method].0.into(),
                network.to_string(),
                "J correlation".into(),
                value.to_string(),
            ]);
        }
    }
    Ok((recovered, rows))
}

/// The correlation of each method with the true J.
fn fits(made: &Generated, iterations: usize, posterior: bool) -> Result<Vec<f64>> {
    let cornn = |iterations| Cornn { equation: Equation::Rates, iterations, ..Default::default() };
    let newton = Newton { equation: Equation::Rates, ..Default::default() };
    // Bayes reads rates of the crate's equation: d of a network in rate form is tanh of an activation that follows it.
    let bayes = Bayes { between: Between::Gaussian, clip: 1e-6, ..Default::default() };
    let score = |fit: &dyn Fit, recording: &Recording| -> Result<f64> {
        Ok(correlation(&made.weights, &fit.fit(recording, Seed(0))?.network.connectivity.to_dense()))
    };
    let mut found = vec![score(&cornn(0), &made.recording)?, score(&cornn(iterations), &made.recording)?, score(&newton, &made.recording)?];
    if posterior {
        found.push(score(&bayes, &made.activations()?)?);
    }
    Ok(found)
}

/// J correlation and R² of every network at every observed share.
type Shares = Vec<Vec<(f64, f64)>>;

/// All shares of several networks, each made by `make` from neurons, samples and a seed.
fn subsampled(
    context: &Context,
    panel: &str,
    make: impl Fn((usize, usize), Seed) -> Result<Generated> + Sync,
) -> Result<(Shares, Vec<Vec<String>>)> {
    let (neurons, samples) = context.pick((40, 400), (200, 6000), (200, 6000));
    let networks = context.pick(1, 3, 20);
    let jobs: Vec<(f64, u64)> = SHARES.iter().flat_map(|&(share, _)| (0..networks).map(move |k| (share, k))).collect();
    let bar = context.progress(jobs.len(), "subsampled");
    let run = |&(share, network): &(f64, u64)| {
        let seed = context.seed.child("subsampled").trial(network);
        let made = make((neurons, samples + samples / 6), seed)?;
        let found = observed(&made, share, samples, seed);
        bar.inc(1);
        found
    };
    let found: Vec<(f64, f64)> = jobs.par_iter().with_max_len(1).map(run).collect::<Result<_>>()?;
    bar.finish_and_clear();
    let mut rows = Vec::new();
    for (&(share, network), (j, r2)) in jobs.iter().zip(&found) {
        for (score, value) in [("J correlation", j), ("R2", r2)] {
            rows.push(vec![panel.into(), share.to_string(), "CORNN".into(), network.to_string(), score.into(), value.to_string()]);
        }
    }
    Ok((found.chunks(networks as usize).map(<[_]>::to_vec).collect(), rows))
}

/// CORNN on some of the neurons and the first `samples`; R² of the tanh that every later sample demands.
fn observed(made: &Generated, share: f64, samples: usize, seed: Seed) -> Result<(f64, f64)> {
    let neurons = made.weights.nrows();
    let count = ((share * neurons as f64).round() as usize).max(2);
    let mut chosen = index::sample(&mut seed.child("observed").rng(), neurons, count).into_vec();
    chosen.sort_unstable();
    let part = made.of(&chosen)?;
    let cornn = Cornn { equation: Equation::Rates, iterations: 25, threshold: 1.0, ..Default::default() };
    let j = cornn.fit(&part.recording.window(0..samples)?, Seed(0))?.network.connectivity.to_dense();
    let (rates, demanded) = (&part.recording.rates, part.demanded());
    let later = |matrix: &DMatrix<f64>| matrix.columns(samples, demanded.ncols() - samples).into_owned();
    let predicted = (&j * later(rates)).map(f64::tanh);
    Ok((correlation(&part.weights, &j), variance_explained(&later(&demanded), &predicted)))
}

fn figure(recovered: &Recovered, random: &Shares, taught: &Shares) -> Figure {
    let mut marks: Vec<Mark> = Vec::new();
    for (at, benchmark) in BENCHMARKS.iter().enumerate() {
        let x = vec![at as f64 - 0.4, at as f64 + 0.4];
        let label = if at == 0 { "best published median" } else { "" };
        marks.push(Line { x, y: vec![benchmark.best; 2], colour: Colour::BLACK, label: label.into(), ..Line::default() }.into());
    }
    for (method, &(label, colour)) in METHODS.iter().enumerate() {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (at, values) in recovered[method].iter().enumerate() {
            x.extend(values.iter().map(|_| at as f64 + 0.18 * (method as f64 - 1.5)));
            y.extend(values);
        }
        marks.push(Points { x, y, colour, label: label.into(), ..Points::default() }.into());
    }
    let ticks = BENCHMARKS.iter().enumerate().map(|(at, benchmark)| (at as f64, benchmark.name.to_string())).collect();
    let first = Panel {
        x: Axis { range: Some((-0.5, 2.5)), ticks, ..Axis::new("published experiment") },
        y: Axis::new("correlation of J with the truth"),
        marks,
        ..Panel::default()
    };
    Figure {
        panels: vec![first, share_panel("random networks", random), share_panel("trained networks", taught)],
        columns: 3,
        panel_size: (420, 380),
        ..Figure::default()
    }
}

fn share_panel(title: &str, shares: &Shares) -> Panel {
    let x: Vec<f64> = SHARES.iter().map(|(share, _)| *share).collect();
    let reference = SHARES.iter().map(|(_, expected)| *expected).collect();
    let mut marks: Vec<Mark> = Vec::new();
    if title.starts_with("random") {
        marks.push(Line { x: x.clone(), y: reference, colour: Colour::BLACK, label: "J, reference".into(), ..Line::default() }.into());
    }
    for (which, colour, label) in [(0, Colour::BLUE, "J, found"), (1, Colour::ORANGE, "R² of the next sample")] {
        let cell = |found: &Vec<(f64, f64)>| {
            let values: Vec<f64> = found.iter().map(|(j, r2)| if which == 0 { *j } else { *r2 }).collect();
            Cell::of(&values).mean
        };
        let y = shares.iter().map(cell).collect();
        marks.push(Points { x: x.clone(), y, colour, label: label.into(), ..Points::default() }.into());
    }
    Panel {
        title: title.into(),
        x: Axis { range: Some((0.2, 1.05)), ..Axis::new("observed share of the neurons") },
        y: Axis { range: Some((0.0, 1.1)), ..Axis::new("correlation of J, R²") },
        marks,
        ..Panel::default()
    }
}
