//! 8A: what noise, the size of the reservoir and its gain do to the ratio.

use super::patterns::Pattern;
use super::{quantile, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::plot::{Axis, Colour, Figure, Mark, Panel, Points, Scale, Whiskers};
use crosscurrent::{Error, Result};
use rayon::prelude::*;

/// The three curves.
pub fn curves(context: &Context, findings: &mut Findings) -> Result<()> {
    let seeds = context.pick(2, 24, 100);
    let base = Pattern::default();
    let noise = [0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0];
    let units = [10.0, 20.0, 30.0, 50.0, 100.0, 150.0];
    let gain = [0.2, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0];
    let noise = curve(context, findings, ("noise", seeds, &noise), |noise| Pattern { noise, ..base })?;
    let units = curve(context, findings, ("units", seeds, &units), |units| Pattern { units: units as usize, ..base })?;
    let gain = curve(context, findings, ("gain", seeds, &gain), |gain| Pattern { gain, ..base })?;
    let mut check = |claim: &str, measured, wanted| {
        findings.checks.push(context.check(("8A", "the paper's claim of robustness, in words"), claim, measured, wanted));
    };
    check("median ratio at a noise of 0.2 (a fifth of the amplitude)", at(&noise, 0.2), (Side::AtLeast, 2.0, 0.0));
    check("median ratio without noise over that at a noise of 1", at(&noise, 0.0) / at(&noise, 1.0), (Side::AtLeast, 3.0, 0.0));
    check("median ratio with 100 units over that with 10", at(&units, 100.0) / at(&units, 10.0), (Side::AtLeast, 1.0, 0.0));
    check("median ratio at the published gain of 1.2", at(&gain, 1.2), (Side::AtLeast, 8.0, 0.0));
    let panels = vec![
        panel("Noise on both signals", "standard deviation (amplitude 1)", noise),
        panel("Units", "units N", units),
        panel("Gain", "gain g", gain),
    ];
    findings.figures.push(("8A_robustness".into(), Figure { columns: 3, panels, panel_size: (400, 320), ..Figure::default() }));
    Ok(())
}

/// Parameter, and the quartiles of the ratio.
type Curve = Vec<(f64, [f64; 3])>;

fn curve(
    context: &Context,
    findings: &mut Findings,
    (name, seeds, values): (&str, usize, &[f64]),
    pattern: impl Fn(f64) -> Pattern + Sync,
) -> Result<Curve> {
    let jobs: Vec<(f64, usize)> = values.iter().flat_map(|&value| (0..seeds).map(move |seed| (value, seed))).collect();
    let bar = context.progress(jobs.len(), name);
    let run = |&(value, seed): &(f64, usize)| {
        bar.inc(1);
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        pattern(value).ratio(context.seed.child("8A robustness").trial(seed as u64))
    };
    let ratios = jobs.par_iter().map(run).collect::<Vec<Result<f64>>>().into_iter().collect::<Result<Vec<f64>>>()?;
    bar.finish_and_clear();
    for ((value, seed), ratio) in jobs.iter().zip(&ratios) {
        findings.data.1.push(row("8A robustness", name, *seed, *value, *ratio));
    }
    let quartiles = |ratios: &[f64]| [0.25, 0.5, 0.75].map(|share| quantile(ratios, share));
    Ok(values.iter().zip(ratios.chunks(seeds)).map(|(&value, ratios)| (value, quartiles(ratios))).collect())
}

fn at(curve: &Curve, value: f64) -> f64 {
    curve.iter().find(|(x, _)| *x == value).map_or(f64::NAN, |(_, [_, median, _])| *median)
}

fn panel(title: &str, x: &str, curve: Curve) -> Panel {
    let points = Points {
        x: curve.iter().map(|(x, _)| *x).collect(),
        y: curve.iter().map(|(_, [_, median, _])| *median).collect(),
        whiskers: Whiskers::Interval {
            low: curve.iter().map(|(_, [low, ..])| *low).collect(),
            high: curve.iter().map(|(_, [.., high])| *high).collect(),
        },
        colour: Colour::BLUE,
        ..Points::default()
    };
    Panel {
        title: title.into(),
        x: Axis::new(x),
        y: Axis { scale: Scale::Log, ..Axis::new("E new / E learned, quartiles") },
        // The last points of the first curve lie on the line.
        marks: vec![points.into(), Mark::hline(1.0, if title.starts_with("Noise") { "" } else { "no difference" })],
        ..Panel::default()
    }
}
