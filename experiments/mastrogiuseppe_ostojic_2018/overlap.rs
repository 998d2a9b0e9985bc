//! 4A: the overlap kappa of simulated networks.

use super::branches::{Branches, Point, curve};
use super::{Sample, published, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Clock, Error, Initial, Precision, Result, Simulation};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Gains of networks with standardised vectors, and of networks with vectors as they are drawn.
const STANDARDISED: [f64; 8] = [0.5, 1.0, 1.5, 1.7, 1.9, 2.0, 2.1, 3.0];
const RAW: [f64; 3] = [0.5, 1.0, 1.5];

/// Moments of the activity of one network.
pub struct Measured {
    pub gain: f64,
    pub seed: u64,
    /// Vectors with exactly the moments of their law.
    pub standardised: bool,
    pub kappa: f64,
    pub delta0: f64,
    pub delta_inf: f64,
}

/// All networks.
pub fn measure(context: &Context) -> Result<Vec<Measured>> {
    // More where vectors as drawn and standardised ones are compared.
    let seeds = |gain: f64| if RAW.contains(&gain) { context.pick(1, 24, 48) } else { context.pick(1, 8, 16) };
    let of = |gains: &[f64], standardised: bool| -> Vec<(f64, bool, u64)> {
        gains.iter().flat_map(|&gain| (0..seeds(gain)).map(move |seed| (gain, standardised, seed))).collect()
    };
    let jobs = [of(&STANDARDISED, true), of(&RAW, false)].concat();
    let bar = context.progress(jobs.len(), "4A networks");
    let measured: Result<Vec<Measured>> = jobs
        .par_iter()
        .with_max_len(1)
        .map(|&(gain, standardised, seed)| {
            if context.go_on().is_break() {
                return Err(Error::Cancelled);
            }
            let measured = one(context, gain, standardised, seed);
            bar.inc(1);
            measured
        })
        .collect();
    bar.finish_and_clear();
    measured
}

/// One network, from activity along m, so that the state of positive kappa is the one that is reached.
fn one(context: &Context, gain: f64, standardised: bool, seed: u64) -> Result<Measured> {
    let sample = Sample::draw(published(gain), context.pick(60, 1000, 1000), standardised, context.seed.child("4A").trial(seed))?;
    // A state at rest needs no mean over time.
    let duration = if published(gain).structured()?.is_some_and(|state| state.bulk_radius < 0.9) { 20.0 } else { 200.0 };
    let simulation = Simulation {
        clock: Clock::new(0.1, context.pick(20.0, duration, 3.0 * duration))?,
        transient: context.pick(10.0, 100.0, 200.0),
        steps_per_sample: 10,
        initial: Initial::Given(sample.m.as_slice().to_vec()),
        precision: Precision::Half,
        ..Simulation::default()
    };
    let rates = simulation.run(&sample.network)?.rates;
    let overlaps = sample.overlaps(&rates);
    let (delta0, delta_inf) = variances(&rates.map(f64::atanh));
    Ok(Measured { gain, seed, standardised, kappa: overlaps.iter().sum::<f64>() / overlaps.len() as f64, delta0, delta_inf })
}

/// (Delta0, Delta_inf): the variance over units and time, and the part of it that is constant. The latter is the covariance of the means over
/// the two halves of the run; the variance of one mean would count fluctuations that have not averaged out.
fn variances(x: &DMatrix<f64>) -> (f64, f64) {
    let half = x.ncols() / 2;
    let (first, second) = (x.columns(0, half).column_mean(), x.columns(half, half).column_mean());
    let mean = x.mean();
    (x.norm_squared() / x.len() as f64 - mean * mean, first.dot(&second) / first.len() as f64 - first.mean() * second.mean())
}

/// Data and checks.
pub fn report(context: &Context, findings: &mut Findings, measured: &[Measured]) -> Result<()> {
    for m in measured {
        let kind = if m.standardised { "standardised vectors" } else { "raw vectors" };
        row(findings, "4A", &format!("kappa, network, {kind}"), Some(m.seed), (m.gain, m.kappa));
        row(findings, "4B", &format!("Delta0, network, {kind}"), Some(m.seed), (m.gain, m.delta0));
        row(findings, "4B", &format!("Delta_inf, network, {kind}"), Some(m.seed), (m.gain, m.delta_inf));
    }
    let summary = |gain: f64, standardised: bool| {
        let chosen = measured.iter().filter(|m| m.gain == gain && m.standardised == standardised);
        Summary::of(&chosen.map(|m| m.kappa).collect::<Vec<_>>())
    };
    // (gain, mean and deviation over 4 seeds of a reference at N = 1000): the bias it had, and 4 standard errors of ours.
    for (gain, mean, deviation) in [(0.5, 1.212, 0.007), (1.0, 1.078, 0.026), (1.5, 0.765, 0.039)] {
        let theory = published(gain).structured()?.map_or(0.0, |state| state.kappa);
        let found = summary(gain, true);
        let tolerance = (theory - mean).abs() + 4.0 * deviation / (found.count as f64).sqrt();
        let claim = format!("kappa at g = {gain}, N = 1000, mean over seeds, against theory");
        let source = "mean-field theory; tolerance: bias + 4 standard errors of the reference simulation";
        findings.checks.push(context.check(("4A", source), claim, found.mean, (Side::Near, theory, tolerance)));
    }
    // (gain, ratio over 60 networks of an independent simulation, two standard errors of ours).
    for (gain, ratio, tolerance) in [(0.5, 1.99, 0.84), (1.0, 1.53, 0.64)] {
        let found = summary(gain, false).sd / summary(gain, true).sd;
        let claim = format!("spread of kappa over networks at g = {gain}: vectors as drawn over standardised vectors");
        let source = "independent simulation, 60 networks; tolerance: two standard errors";
        findings.checks.push(context.check(("4A", source), claim, found, (Side::Near, ratio, tolerance)));
    }
    let claim = "|kappa| at g = 3, beyond the collapse, mean over seeds";
    let beyond = measured.iter().filter(|m| m.gain == 3.0).map(|m| m.kappa.abs()).collect::<Vec<_>>();
    // kappa of a sample strays by sqrt(<n²> q / N) / (1 - M_m M_n (1 - q)), here 0.2, of which a mean over time keeps the slow part.
    let source = "mean-field theory: 0; bound: finite-size fluctuations at N = 1000";
    findings.checks.push(context.check(("4A", source), claim, Summary::of(&beyond).mean, (Side::AtMost, 0.15, 0.0)));
    Ok(())
}

/// 4A: kappa against g.
pub fn overlap_panel(branches: &Branches, measured: &[Measured]) -> Panel {
    let kappa = |point: &Point| point.kappa;
    let raw: Vec<&Measured> = measured.iter().filter(|m| !m.standardised).collect();
    let cloud = Points {
        x: raw.iter().map(|m| m.gain + 0.04).collect(),
        y: raw.iter().map(|m| m.kappa).collect(),
        colour: Colour::ORANGE,
        marker: Marker::Diamond,
        hollow: true,
        size: 5.0,
        label: "networks, vectors as drawn".into(),
        ..Points::default()
    };
    let marks = vec![
        curve(&branches.stationary, kappa, Dash::Solid, Colour::BLACK, "stationary, theory"),
        curve(&branches.unstable, kappa, Dash::Dotted, Colour::BLACK, "stationary, unstable"),
        curve(&branches.chaotic, kappa, Dash::Dashed, Colour::BLACK, "chaotic, theory"),
        curve(&branches.unstructured, kappa, Dash::Dashed, Colour::BLACK, ""),
        cloud.into(),
        points(measured, |m| m.kappa, Colour::BLUE, "networks, standardised"),
    ];
    Panel {
        title: "Overlap along the structure".into(),
        x: Axis { range: Some((0.0, 3.2)), ..Axis::new("random gain g") },
        y: Axis::new("κ = ⟨n φ⟩"),
        marks,
        legend: Legend::BottomLeft,
        ..Panel::default()
    }
}

/// Mean and standard deviation over seeds of networks with standardised vectors.
pub fn points(measured: &[Measured], pick: impl Fn(&Measured) -> f64, colour: Colour, label: &str) -> Mark {
    let at = |gain: f64| {
        let chosen = measured.iter().filter(|m| m.standardised && m.gain == gain);
        Summary::of(&chosen.map(&pick).collect::<Vec<_>>())
    };
    let summaries: Vec<Summary> = STANDARDISED.iter().map(|&gain| at(gain)).collect();
    Points {
        x: STANDARDISED.to_vec(),
        y: summaries.iter().map(|s| s.mean).collect(),
        whiskers: Whiskers::Symmetric(summaries.iter().map(|s| if s.sd.is_finite() { s.sd } else { 0.0 }).collect()),
        colour,
        label: label.into(),
        ..Points::default()
    }
    .into()
}
