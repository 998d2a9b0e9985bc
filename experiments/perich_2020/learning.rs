//! 7A: how variance explained and training error change from pass to pass.

use super::{generator, published};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Band, Colour, Dash, Figure, Legend, Line, Mark, Panel, Scale};
use crosscurrent::{Fit, Result};
use rayon::prelude::*;

struct Curve {
    label: String,
    tau: f64,
    amplitude: f64,
    /// Per seed: variance explained and chi² of every pass.
    runs: Vec<Vec<(f64, f64)>>,
}

/// 7A: variance explained and chi² over passes.
pub fn curves(context: &Context, findings: &mut Findings) -> Result<()> {
    let (passes, seeds) = (context.pick(3, 60, 500), context.pick(1, 9, 9));
    let settings = [(0.05, 0.02), (0.05, 0.2), (0.1, 0.02), (0.1, 0.2)];
    let jobs: Vec<(usize, u64)> = (0..settings.len()).flat_map(|setting| (0..seeds).map(move |seed| (setting, seed))).collect();
    let bar = context.progress(jobs.len() * (passes + 1), "7A learning curves");
    let runs: Vec<Result<Vec<(f64, f64)>>> = jobs
        .par_iter()
        .with_max_len(1)
        .map(|&(setting, seed)| {
            let (tau, amplitude) = settings[setting];
            let recording = generator(context, amplitude).build(context.seed.child("7A").trial(seed))?.record()?;
            let fitted = published(tau, passes).fit_watched(&recording, context.seed.trial(seed), &mut |_| {
                bar.inc(1);
                context.go_on()
            })?;
            Ok(fitted.history.iter().map(|pass| (pass.variance_explained, pass.chi2)).collect())
        })
        .collect();
    bar.finish_and_clear();
    let mut runs = runs.into_iter();
    let mut curves = Vec::new();
    for (tau, amplitude) in settings {
        let runs = (0..seeds).map(|_| runs.next().expect("one run per job")).collect::<Result<_>>()?;
        curves.push(Curve { label: format!("τ = {tau} s, links {amplitude}"), tau, amplitude, runs });
    }
    for curve in &curves {
        for (seed, run) in curve.runs.iter().enumerate() {
            for (pass, (variance, chi2)) in run.iter().enumerate() {
                for (quantity, y) in [("pVar", variance), ("chi2", chi2)] {
                    let cells =
                        ["7A".into(), format!("{quantity}, {}", curve.label), seed.to_string(), (pass + 1).to_string(), y.to_string()];
                    findings.data.1.push(cells.to_vec());
                }
            }
        }
    }
    check_curves(context, findings, &curves);
    findings.figures.push(("7A_learning".into(), curves_figure(&curves)));
    Ok(())
}

fn check_curves(context: &Context, findings: &mut Findings, curves: &[Curve]) {
    let at = |tau: f64, amplitude: f64, pass: usize| {
        let curve = curves.iter().find(|c| c.tau == tau && c.amplitude == amplitude).expect("the setting was run");
        let mut values: Vec<f64> = curve.runs.iter().filter_map(|run| run.get(pass - 1)).map(|(variance, _)| *variance).collect();
        values.sort_by(f64::total_cmp);
        // The median: single seeds of the authors' program spread over several of these tolerances, to the low side.
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let mut check = |tau, pass, expected: (f64, f64), source| {
        let claim = format!("median pVar over seeds after pass {pass}, τ = {tau} s, links 0.02");
        findings.checks.push(context.check(("7A", source), claim, at(tau, 0.02, pass), (Side::Near, expected.0, expected.1)));
    };
    let eight = "authors' Python program, median of 8 seeds";
    check(0.05, 1, (0.9756, 0.02), eight);
    check(0.05, 10, (0.9969, 0.003), eight);
    check(0.1, 1, (0.9412, 0.02), eight);
    check(0.1, 10, (0.9916, 0.004), eight);
    check(0.1, 50, (0.9968, 0.003), "faithful equivalent of the authors' program, one seed");
}

fn curves_figure(curves: &[Curve]) -> Figure {
    let panel = |title: &str, label: &str, pick: fn(&(f64, f64)) -> f64| {
        let marks = curves.iter().flat_map(|curve| {
            let passes = curve.runs[0].len();
            let at = |pass: usize| curve.runs.iter().map(|run| pick(&run[pass])).collect::<Vec<f64>>();
            let x: Vec<f64> = (1..=passes).map(|pass| pass as f64).collect();
            let (mut low, mut middle, mut high) = (Vec::new(), Vec::new(), Vec::new());
            for pass in 0..passes {
                let values = at(pass);
                low.push(values.iter().copied().fold(f64::INFINITY, f64::min));
                high.push(values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                middle.push(Summary::of(&values).mean);
            }
            // Colour tells tau, dashes tell the links; one band per tau, or nothing could be seen.
            let colour = Colour::cycle(usize::from(curve.tau == 0.1));
            let weak = curve.amplitude == 0.02;
            let band = weak.then(|| Mark::from(Band { x: x.clone(), low, high, colour, alpha: 0.18, ..Band::default() }));
            let dash = if weak { Dash::Solid } else { Dash::Dashed };
            let line = Line { x, y: middle, colour, dash, label: curve.label.clone(), ..Line::default() };
            band.into_iter().chain([Mark::from(line)])
        });
        let log = Scale::Log;
        let x = Axis { scale: log.clone(), ..Axis::new("pass") };
        Panel {
            title: title.into(),
            x,
            y: Axis { scale: log, ..Axis::new(label) },
            marks: marks.collect(),
            legend: Legend::Off,
            ..Panel::default()
        }
    };
    let panels = vec![panel("Unexplained variance", "1 − pVar", |p| 1.0 - p.0), panel("Training error", "χ² per pass", |p| p.1)];
    let title = "CURBD learns its demonstration (lines: mean over seeds; bands: range, links 0.02)".to_string();
    Figure { title, panels, columns: 2, panel_size: (480, 340), shared_legend: true, ..Figure::default() }
}
