//! 8A: one run in full, and how well E(t) tells the halves apart over many reservoirs.

use super::patterns::{HALF, Pattern};
use super::{MEASURED, row};
use crate::experiment::{Context, Findings, Side, median};
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Legend, Line, Mark, Panel, Points};
use crosscurrent::track::{Change, Detection, Detector, Kind, Rule, Series};
use crosscurrent::{Error, Result, Seed};
use rayon::prelude::*;

/// Median ratio of E over 400 reservoirs, and its standard error for 200.
const RATIO: (f64, f64) = (32.8, 1.8);
/// Samples of the run in which the frequency changes once, and where it does.
const LONG: (usize, usize) = (17_500, 14_500);
/// Where its calibration ends.
const CALIBRATED: usize = 11_500;

/// One reservoir: training, test, output and E(t); and one signal whose frequency changes in the middle.
pub fn traces(context: &Context, findings: &mut Findings) -> Result<()> {
    let (train, test, found) = Pattern::default().run(context.seed.child("8A trace"))?;
    let time: Vec<f64> = (0..2 * HALF).map(|k| k as f64 / HALF as f64).collect();
    let highest = found.learning_error.max();
    let relative: Vec<f64> = found.learning_error.iter().map(|e| e / highest).collect();
    for k in (0..2 * HALF).step_by(5) {
        for (curve, value) in [("train", train[k]), ("test", test[k]), ("output", found.output[k]), ("E/max", relative[k])] {
            findings.data.1.push(row("8A", curve, 0, time[k], value));
        }
    }
    let line = |y: &[f64], colour: Colour, label: &str| -> Mark {
        Line { x: time.clone(), y: y.to_vec(), colour, label: label.into(), width: 1.2, ..Line::default() }.into()
    };
    let panel = |title: &str, y: &str, marks: Vec<Mark>| {
        let x = Axis { range: Some((0.0, 2.0)), ..Axis::new("time (halves of the signal, 2500 samples each)") };
        Panel { title: title.into(), x, y: Axis::new(y), marks, legend: Legend::Above, ..Panel::default() }
    };
    let mut output = line(found.output.as_slice(), Colour::BLUE, "readout z");
    if let Mark::Line(line) = &mut output {
        line.dash = Dash::Dashed;
    }
    let panels = vec![
        panel(
            "Training; the readout learns in the second half",
            "signal",
            vec![line(train.as_slice(), Colour::GREY, ""), Mark::vline(1.0, "")],
        ),
        panel("Test: the halves swapped, readout frozen", "signal, z", vec![line(test.as_slice(), Colour::GREY, "signal"), output]),
        panel("Learning error of the test", "E(t) / largest", vec![line(&relative, Colour::VERMILION, ""), Mark::vline(1.0, "")]),
    ];
    findings.figures.push(("8A_traces".into(), Figure { columns: 1, panels, panel_size: (900, 230), ..Figure::default() }));
    changes(context, findings)
}

/// A frequency that changes once in a noisy signal: how often and how precisely the detector finds it.
fn changes(context: &Context, findings: &mut Findings) -> Result<()> {
    let runs = context.pick(2, 60, 200) as u64;
    let found: Vec<Result<(usize, Vec<Change>)>> =
        (0..runs).into_par_iter().map(|k| detected(context, context.seed.child("8A change").trial(k))).collect();
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    let error = |changes: &Vec<Change>| {
        let first = changes.iter().find(|change| change.kind == Kind::Departure)?;
        Some(first.sample as f64 - (LONG.1 - CALIBRATED) as f64)
    };
    let errors: Vec<Option<f64>> = found.iter().map(|(_, changes)| error(changes)).collect();
    for (k, error) in errors.iter().enumerate() {
        findings.data.1.push(row("8A", "change error (samples)", k, 0.0, error.unwrap_or(f64::NAN)));
    }
    let hits = found.iter().zip(&errors).filter(|((block, _), error)| error.is_some_and(|e| e.abs() <= 2.0 * *block as f64)).count();
    let share = hits as f64 / runs as f64;
    let claim = "share of runs whose only change of frequency is found to within two blocks";
    findings.checks.push(context.check(("8A", "the paper's figure, in words"), claim, share, (Side::AtLeast, 0.9, 0.0)));
    Ok(())
}

/// Block and changes in a noisy sine whose frequency doubles.
fn detected(context: &Context, seed: Seed) -> Result<(usize, Vec<Change>)> {
    if context.go_on().is_break() {
        return Err(Error::Cancelled);
    }
    let period = |k: usize| if k < LONG.1 { 40.0 } else { 20.0 };
    let signal = super::alarms::oscillation(LONG.0, period, seed);
    let horizon = 0.1 * (LONG.0 - CALIBRATED) as f64;
    let tracker = Pattern { rule: Rule::LeastSquares, ..Default::default() }.tracker(seed)?;
    let stretch = |range: std::ops::Range<usize>| Series::from_values(&signal[range]);
    let detection = Detection { horizon, ..Default::default() };
    let mut detector = match Detector::new(tracker, &stretch(0..1500), &stretch(1500..CALIBRATED), detection) {
        // Errors that stay correlated for too long to be calibrated count as a change that is not found.
        Err(Error::Data { .. }) => return Ok((0, Vec::new())),
        made => made?,
    };
    let mut changes = Vec::new();
    for value in &signal[CALIBRATED..] {
        changes.extend(detector.push(&[*value], &[*value])?.change);
    }
    Ok((detector.block(), changes))
}

/// T30: the ratio of E over many reservoirs, under both rules.
pub fn ratios(context: &Context, findings: &mut Findings) -> Result<()> {
    let seeds = context.pick(3, 200, 400) as u64;
    let mut panels = Vec::new();
    for (rule, name) in [(Rule::Published, "published step"), (Rule::LeastSquares, "recursive least squares")] {
        let pattern = Pattern { rule, ..Default::default() };
        let found: Vec<Result<f64>> = (0..seeds).into_par_iter().map(|k| pattern.ratio(context.seed.child("8A ratio").trial(k))).collect();
        let ratios = found.into_iter().collect::<Result<Vec<f64>>>()?;
        ratios.iter().enumerate().for_each(|(k, ratio)| findings.data.1.push(row("8A ratio", name, k, 0.0, *ratio)));
        let share = |bound: f64| ratios.iter().filter(|ratio| **ratio > bound).count() as f64 / seeds as f64;
        let median = median(ratios.iter().copied());
        let mut check = |claim: String, measured, wanted| {
            findings.checks.push(context.check(("8A", MEASURED), claim, measured, wanted));
        };
        check(format!("{name}: median of mean E, new half over learned half"), median, (Side::Near, RATIO.0, 4.0 * RATIO.1));
        check(format!("{name}: share of reservoirs with a ratio above 8"), share(8.0), (Side::AtLeast, 0.92, 0.0));
        check(format!("{name}: share of reservoirs with a ratio above 1"), share(1.0), (Side::AtLeast, 1.0, 0.0));
        panels.push(ratio_panel(name, &ratios));
    }
    findings.figures.push(("8A_ratio".into(), Figure { columns: 2, panels, panel_size: (460, 320), ..Figure::default() }));
    Ok(())
}

/// Ratios in rising order.
fn ratio_panel(name: &str, ratios: &[f64]) -> Panel {
    let rank = (0..ratios.len()).map(|k| 100.0 * (k as f64 + 0.5) / ratios.len() as f64).collect();
    let points = Points { x: rank, y: ratios.to_vec(), colour: Colour::BLUE, size: 2.5, ..Points::default() };
    let marks = vec![points.into(), Mark::hline(8.0, "8"), Mark::hline(RATIO.0, "median in NumPy")];
    Panel {
        title: name.into(),
        x: Axis::new("reservoirs (%)"),
        y: Axis { scale: crosscurrent::plot::Scale::Log, ..Axis::new("E on the new half / E on the learned half") },
        marks,
        ..Panel::default()
    }
}
