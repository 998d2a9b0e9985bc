//! 2G: dimension and entropy per neuron against the gain.

use super::{Run, TABLE, all, drawn, mean_and_error, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::analysis::LyapunovSpectrum;
use crosscurrent::integrator::Euler;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Mark, Marker, Panel, Points, Whiskers};
use crosscurrent::{Precision, Result};

const GAINS: [f64; 6] = [1.5, 2.0, 3.0, 4.5, 7.0, 10.0];

/// Dimension and entropy per neuron at one gain and size, each with its standard error over networks.
struct Point {
    gain: f64,
    neurons: usize,
    dimension: (f64, f64),
    entropy: (f64, f64),
}

/// 2G. The leading sixth of the exponents is enough: the dimension stays below a tenth of N.
pub fn dimension(context: &Context, findings: &mut Findings) -> Result<()> {
    let sizes: &[usize] = context.pick(&[24, 36], &[200, 400], &[200, 400]);
    let seeds = context.pick(1, 3, 10);
    let (duration, transient) = (context.pick(5.0, 100.0, 300.0), context.pick(5.0, 100.0, 300.0));
    let run = |gain, neurons: usize| Run {
        gain,
        neurons,
        integrator: Euler.into(),
        dt: 0.05,
        exponents: neurons / 6,
        duration,
        transient,
        alignment: 0.2 * duration,
        precision: Precision::Double,
    };
    let gains = &GAINS[..context.pick(3, 6, 6)];
    let runs: Vec<(Run, u64)> = gains.iter().flat_map(|&gain| sizes.iter().map(move |&n| (run(gain, n), seeds))).collect();
    let mut points = Vec::new();
    for ((run, _), spectra) in runs.iter().zip(all(context, "2G", &runs)?) {
        let n = run.neurons as f64;
        let of = |number: &dyn Fn(&LyapunovSpectrum) -> f64| spectra.iter().map(|s| number(s) / n).collect::<Vec<f64>>();
        let (dimensions, entropies) = (of(&|s| s.dimension().unwrap_or(f64::NAN)), of(&LyapunovSpectrum::entropy));
        for (seed, (d, h)) in dimensions.iter().zip(&entropies).enumerate() {
            findings.data.1.push(row("2G", (&format!("D/N, N = {n}"), seed), (run.gain, *d, f64::NAN)));
            findings.data.1.push(row("2G", (&format!("H/N, N = {n}"), seed), (run.gain, *h, f64::NAN)));
        }
        let (dimension, entropy) = (mean_and_error(&dimensions), mean_and_error(&entropies));
        points.push(Point { gain: run.gain, neurons: run.neurons, dimension, entropy });
    }
    check(context, findings, &points, sizes);
    let title = format!("Dimension and entropy are extensive (Euler, dt = 0.05 τ; mean ± standard error of {seeds} networks)");
    let panels = vec![
        panel(&points, sizes, ("2G: Kaplan–Yorke dimension", "D / N"), |point| point.dimension),
        panel(&points, sizes, ("2G: entropy rate", "H / N (nats/τ)"), |point| point.entropy),
    ];
    findings.figures.push(("2G_dimension".into(), Figure { title, panels, columns: 2, panel_size: (430, 320), ..Figure::default() }));
    Ok(())
}

fn check(context: &Context, findings: &mut Findings, points: &[Point], sizes: &[usize]) {
    let at = |gain: f64, neurons: usize| points.iter().find(|point| point.gain == gain && point.neurons == neurons);
    let (Some(small), Some(large)) = (at(3.0, sizes[0]), at(3.0, sizes[1])) else { return };
    let mut check = |source: &str, claim: String, measured: f64, wanted: (Side, f64, f64)| {
        findings.checks.push(context.check(("2G", source), claim, measured, wanted));
    };
    check(TABLE, "T17: D/N at g = 3, N = 200".into(), small.dimension.0, (Side::Near, 0.064, 0.012));
    let ratio = large.dimension.0 / small.dimension.0;
    check("extensivity", format!("D/N at N = {} over N = {}, g = 3", sizes[1], sizes[0]), ratio, (Side::Near, 1.0, 0.15));
    let largest = points.iter().map(|point| point.dimension.0).fold(0.0, f64::max);
    check("published: about a tenth of N at most", "largest D/N over all gains".into(), largest, (Side::AtMost, 0.11, 0.0));
    let rising = points.iter().filter(|point| point.neurons == sizes[1]).map(|point| point.entropy.0);
    let falls = rising.clone().zip(rising.skip(1)).filter(|(a, b)| b < a).count();
    check("entropy rises with the gain", format!("gains at which H/N falls, N = {}", sizes[1]), falls as f64, (Side::AtMost, 0.0, 0.0));
}

fn panel(points: &[Point], sizes: &[usize], (title, label): (&str, &str), pick: impl Fn(&Point) -> (f64, f64)) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, &neurons) in sizes.iter().enumerate() {
        let at: Vec<&Point> = points.iter().filter(|point| point.neurons == neurons).collect();
        marks.push(
            Points {
                x: at.iter().map(|point| point.gain).collect(),
                y: at.iter().map(|point| pick(point).0).collect(),
                whiskers: Whiskers::Symmetric(drawn(at.iter().map(|point| pick(point).1))),
                colour: Colour::cycle(index),
                marker: Marker::cycle(index),
                label: format!("N = {neurons}"),
                ..Points::default()
            }
            .into(),
        );
    }
    let y = Axis { range: None, ..Axis::new(label) };
    Panel { title: title.into(), x: Axis::new("gain g"), y, marks, legend: Legend::BottomRight, ..Panel::default() }
}
