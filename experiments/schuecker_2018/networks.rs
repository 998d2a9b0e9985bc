//! 3F: the largest exponent of networks under noise.

use super::plane::GAINS;
use super::{network, row, simulation};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::{Lyapunov, NetworkTangent};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Colour, Mark, Points, Whiskers};
use crosscurrent::theory::{noise_transition, white_noise};
use crosscurrent::{Error, Result};
use rayon::prelude::*;

/// Noise of the points, in units of that which ends chaos.
const SHARES: [f64; 5] = [0.0, 0.5, 1.0, 1.5, 2.5];

/// Integration step: noise asks for a small one.
const DT: f64 = 0.02;

/// Mean and standard deviation over networks.
pub struct Point {
    gain: f64,
    sigma: f64,
    mean: f64,
    sd: f64,
}

impl Point {
    /// The points at one gain.
    pub fn mark(points: &[Point], gain: f64, (colour, label): (Colour, &str)) -> Mark {
        let at: Vec<&Point> = points.iter().filter(|point| point.gain == gain).collect();
        Points {
            x: at.iter().map(|point| point.sigma).collect(),
            y: at.iter().map(|point| point.mean).collect(),
            whiskers: Whiskers::Symmetric(at.iter().map(|point| if point.sd.is_finite() { point.sd } else { 0.0 }).collect()),
            colour,
            size: 5.0,
            label: label.into(),
            ..Points::default()
        }
        .into()
    }
}

/// Exponents that are conditional on the noise, over gains and noises.
pub fn networks(context: &Context, findings: &mut Findings) -> Result<Vec<Point>> {
    let (neurons, seeds) = (context.pick(30, 500, 1000), context.pick(1, 3, 3));
    let places: Vec<(f64, f64)> = GAINS
        .iter()
        .map(|&gain| Ok((gain, noise_transition(gain)?.sigma)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flat_map(|(gain, critical)| SHARES.map(|share| (gain, share * critical)))
        .collect();
    let jobs: Vec<((f64, f64), u64)> = places.iter().flat_map(|&place| (0..seeds).map(move |seed| (place, seed))).collect();
    let bar = context.progress(jobs.len(), "3F networks");
    let measure = |&(place, seed): &((f64, f64), u64)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        let exponent = exponent(context, neurons, place, seed);
        bar.inc(1);
        exponent
    };
    let found: Vec<f64> = jobs.par_iter().with_max_len(1).map(measure).collect::<Vec<_>>().into_iter().collect::<Result<_>>()?;
    bar.finish_and_clear();
    for ((place, seed), exponent) in jobs.iter().zip(&found) {
        findings.data.1.push(row("3F", &format!("lambda, network {seed}, N = {neurons}"), *place, (place.1, *exponent, f64::NAN)));
    }
    let point = |(&(gain, sigma), all): (&(f64, f64), &[f64])| {
        let summary = Summary::of(all);
        Point { gain, sigma, mean: summary.mean, sd: summary.sd }
    };
    let points: Vec<Point> = places.iter().zip(found.chunks(seeds as usize)).map(point).collect();
    check(context, findings, &points, neurons)?;
    Ok(points)
}

fn exponent(context: &Context, neurons: usize, (gain, sigma): (f64, f64), seed: u64) -> Result<f64> {
    let seed = context.seed.child("3F").trial(seed);
    let simulation = simulation((DT, DT), sigma, seed)?;
    // Near the transition a network forgets its start slowly.
    let transient = context.pick(5.0, 60.0, 300.0);
    let lyapunov = Lyapunov {
        exponents: 1,
        duration: context.pick(5.0, 100.0, 500.0),
        transient,
        alignment: context.pick(1.0, 20.0, 50.0),
        interval: 0,
        seed,
        ..Default::default()
    };
    let network = network(neurons, gain, seed)?;
    let spectrum = lyapunov.measure_watched(&mut NetworkTangent::new(&network, &simulation)?, &mut |_| context.go_on())?;
    Ok(spectrum.exponents[0])
}

fn check(context: &Context, findings: &mut Findings, points: &[Point], neurons: usize) -> Result<()> {
    let source = "mean field; finite networks lie below it";
    for point in points.iter().filter(|point| point.gain == 2.0) {
        let theory = white_noise(point.gain, point.sigma)?.exponent;
        let claim = format!("λ of networks at g = {}, σ = {:.3}, N = {neurons}", point.gain, point.sigma);
        findings.checks.push(context.check(("3F", source), claim, point.mean, (Side::Near, theory, 0.03)));
    }
    for &gain in &GAINS {
        let beyond = points.iter().filter(|p| p.gain == gain).skip(3).map(|p| p.mean).fold(f64::NEG_INFINITY, f64::max);
        let claim = format!("largest mean λ of networks from 1.5 times the transition on, g = {gain}");
        findings.checks.push(context.check(("3F", "mean field"), claim, beyond, (Side::AtMost, 0.0, 0.0)));
    }
    Ok(())
}
