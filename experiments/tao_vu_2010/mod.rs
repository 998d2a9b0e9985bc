//! Edelman 1988; Tao & Vu 2010: the smallest singular value has one law for all entries (panel 1H, test T9).

use crate::experiment::{Context, Experiment, Findings, Side};
use crosscurrent::ensemble::SmallestSingularValue;
use crosscurrent::linalg::{complex_singular_values, singular_values};
use crosscurrent::metric::kolmogorov_smirnov;
use crosscurrent::plot::{Axis, Band, Colour, Dash, Figure, Legend, Line, Mark, Panel, Scale};
use crosscurrent::{Error, Result, Seed};
use nalgebra::{Complex, DMatrix};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// The experiment.
pub struct TaoVu2010;

/// Entries of mean 0 and variance 1.
#[derive(Clone, Copy, PartialEq)]
enum Entries {
    Gaussian,
    Signs,
    Complex,
}

impl Entries {
    const ALL: [Entries; 3] = [Entries::Gaussian, Entries::Signs, Entries::Complex];

    fn name(self) -> &'static str {
        match self {
            Entries::Gaussian => "real Gaussian",
            Entries::Signs => "real, ±1",
            Entries::Complex => "complex Gaussian",
        }
    }

    fn law(self) -> SmallestSingularValue {
        if self == Entries::Complex { SmallestSingularValue::Complex } else { SmallestSingularValue::Real }
    }

    /// t = n s² of one n × n matrix.
    fn draw(self, n: usize, seed: Seed) -> Result<f64> {
        let mut rng = seed.rng();
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let values = match self {
            Entries::Gaussian => singular_values(&DMatrix::from_fn(n, n, |_, _| normal()))?,
            Entries::Signs => singular_values(&DMatrix::from_fn(n, n, |_, _| if rng.random::<bool>() { 1.0 } else { -1.0 }))?,
            Entries::Complex => complex_singular_values(&DMatrix::from_fn(n, n, |_, _| Complex::new(normal(), normal()) * 0.5_f64.sqrt()))?,
        };
        Ok(n as f64 * values[n - 1].powi(2))
    }
}

impl Experiment for TaoVu2010 {
    fn name(&self) -> &'static str {
        "tao_vu_2010"
    }

    fn source(&self) -> &'static str {
        "Tao & Vu 2010, Geometric and Functional Analysis 20:260 (and Edelman 1988): the smallest singular value of a random matrix"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let (n, draws) = (context.pick(20, 100, 100), context.pick(40_u64, 3000, 10_000));
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "draw", "x", "y"];
        let bar = context.progress(Entries::ALL.len() * draws as usize, "1H smallest singular values");
        let mut samples = Vec::new();
        for entries in Entries::ALL {
            let seed = context.seed.child("1H").child(entries.name());
            let draw = |k| {
                bar.inc(1);
                if context.go_on().is_break() { Err(Error::Cancelled) } else { entries.draw(n, seed.trial(k)) }
            };
            let mut sample = (0..draws).into_par_iter().map(draw).collect::<Result<Vec<f64>>>()?;
            sample.sort_by(f64::total_cmp);
            for (k, t) in sample.iter().enumerate() {
                let share = (k as f64 + 0.5) / draws as f64;
                findings.data.1.push(vec!["1H".into(), entries.name().into(), k.to_string(), t.to_string(), share.to_string()]);
            }
            checks(context, &mut findings, entries, &sample);
            samples.push((entries, sample));
        }
        bar.finish_and_clear();
        findings.figures.push(("1H_smallest_singular_value".into(), figure(&samples, n)));
        Ok(findings)
    }
}

fn checks(context: &Context, findings: &mut Findings, entries: Entries, sample: &[f64]) {
    let source = if entries == Entries::Complex { "Edelman 1988, exact for every n" } else { "Edelman 1988; Tao & Vu 2010" };
    let mut check = |claim: String, measured, wanted| findings.checks.push(context.check(("1H", source), claim, measured, wanted));
    let distance = kolmogorov_smirnov(sample, |t| entries.law().cumulative(t));
    let bound = 1.36 / (sample.len() as f64).sqrt() + 0.01;
    check(format!("T9: Kolmogorov–Smirnov distance from the law, {}", entries.name()), distance, (Side::AtMost, bound, 0.0));
    let median = 0.5 * (sample[sample.len() / 2] + sample[(sample.len() - 1) / 2]);
    let expected = entries.law().quantile(0.5);
    // Three standard errors of a median, 1 / (2 density √draws).
    let tolerance = 1.5 / entries.law().density(expected) / (sample.len() as f64).sqrt();
    check(format!("median of n s², {}", entries.name()), median, (Side::Near, expected, tolerance));
}

/// The t at which curves are drawn.
fn places() -> Vec<f64> {
    (0..=200).map(|k| 10.0_f64.powf(-4.0 + 5.0 * f64::from(k) / 200.0)).collect()
}

/// The share of a sample up to t, less the law if `minus`.
fn found(k: usize, (entries, sample): &(Entries, Vec<f64>), minus: bool) -> Mark {
    let share = |t: f64| sample.partition_point(|v| *v <= t) as f64 / sample.len() as f64;
    let y = places().iter().map(|&t| share(t) - if minus { entries.law().cumulative(t) } else { 0.0 }).collect();
    Line { x: places(), y, colour: Colour::cycle(k), width: 2.2, alpha: 0.9, label: entries.name().into(), ..Line::default() }.into()
}

fn figure(samples: &[(Entries, Vec<f64>)], n: usize) -> Figure {
    let draws = samples[0].1.len();
    let theory = |law: SmallestSingularValue, dash, label: &str| -> Mark {
        let y = places().iter().map(|&t| law.cumulative(t)).collect();
        Line { x: places(), y, colour: Colour::BLACK, dash, label: label.into(), ..Line::default() }.into()
    };
    let curves = |minus: bool| samples.iter().enumerate().map(move |(k, sample)| found(k, sample, minus));
    let mut cumulative: Vec<Mark> = curves(false).collect();
    cumulative.push(theory(SmallestSingularValue::Real, Dash::Solid, "theory, real entries"));
    cumulative.push(theory(SmallestSingularValue::Complex, Dash::Dashed, "theory, complex entries"));
    let bound = 1.36 / (draws as f64).sqrt();
    let flat = |y: f64| vec![y; places().len()];
    let label = "95 of 100 samples stay within".into();
    let band = Band { x: places(), low: flat(-bound), high: flat(bound), colour: Colour::GREY, alpha: 0.15, label };
    let difference: Vec<Mark> = [band.into(), Mark::hline(0.0, "")].into_iter().chain(curves(true)).collect();
    let panel = |title: &str, y: &str, marks, legend| Panel {
        title: title.into(),
        x: Axis { scale: Scale::Log, ..Axis::new("t = n s² (s: smallest singular value, unit variance)") },
        y: Axis::new(y),
        marks,
        legend,
        ..Panel::default()
    };
    let panels = vec![
        panel("One law for all real entries", "P(n s² ≤ t)", cumulative, Legend::TopLeft),
        panel("Difference from the law", "found − theory", difference, Legend::Above),
    ];
    let title = format!("Smallest singular values, {draws} matrices of {n} × {n} each");
    Figure { title, panels, columns: 2, panel_size: (470, 380), ..Figure::default() }
}
