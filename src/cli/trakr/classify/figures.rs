//! Figures: how well each method does, what it confuses, and what error traces look like.

use super::results::{Results, Row};
use crate::classify::{Evaluation, Interval, Labelled, Trakr, error_traces};
use crate::error::Result;
use crate::plot::{Axis, Colour, ColourMap, Figure, HeatMap, Line, Mark, Panel, Points, Scale, Whiskers};
use crate::seed::Seed;
use nalgebra::DMatrix;
use std::path::Path;

/// Most classes that get a line of their own, and most templates that get a panel.
const SHOWN: usize = 5;
/// Most series of a class that a mean trace is taken over.
const AVERAGED: usize = 30;
/// Most confusion matrices.
const MATRICES: usize = 6;

/// Writes every figure.
pub fn write(results: &Results, trakr: &Trakr, seed: Seed, folder: &Path) -> Result<()> {
    let judged: Vec<(&Row, &Evaluation)> = results.rows.iter().filter_map(|row| Some((row, row.evaluation.as_ref()?))).collect();
    if judged.is_empty() {
        return Ok(());
    }
    methods(&judged, results).save(folder, "methods")?;
    confusions(&judged, results.data.train.classes()).save(folder, "confusion")?;
    traces(&results.data.train, trakr, seed)?.save(folder, "traces")?;
    Ok(())
}

/// Accuracy and area of every method with intervals.
fn methods(judged: &[(&Row, &Evaluation)], results: &Results) -> Figure {
    let names = || Axis { ticks: Vec::new(), ..Axis::categories(judged.iter().map(|(row, _)| row.method.clone())) };
    let panel = |label: &str, chance: (f64, &str), pick: fn(&Evaluation) -> Interval| {
        let points = |ours: bool, colour: Colour, label: &str| {
            let chosen: Vec<(usize, Interval)> = judged
                .iter()
                .enumerate()
                .filter(|(_, (row, _))| row.method.starts_with("trakr") == ours)
                .map(|(k, (_, found))| (k, pick(found)))
                .collect();
            let ends = |pick: fn(&Interval) -> f64| chosen.iter().map(|(_, interval)| pick(interval)).collect();
            Points {
                x: chosen.iter().map(|(k, _)| *k as f64).collect(),
                y: chosen.iter().map(|(_, interval)| interval.value).collect(),
                whiskers: Whiskers::Interval { low: ends(|one| one.low), high: ends(|one| one.high) },
                colour,
                label: label.into(),
                ..Points::default()
            }
        };
        let marks = vec![
            Mark::hline(chance.0, chance.1),
            points(true, Colour::VERMILION, "TRAKR").into(),
            points(false, Colour::BLUE, "other methods").into(),
        ];
        Panel { x: names(), y: Axis::new(label), marks, ..Panel::default() }
    };
    let counts = results.data.test.as_ref().unwrap_or(&results.data.train).counts();
    let most = counts.iter().max().copied().unwrap_or(0) as f64 / counts.iter().sum::<usize>().max(1) as f64;
    Figure {
        title: results.data.name.clone(),
        panels: vec![
            panel("accuracy", (most, "largest class"), |found| found.accuracy),
            panel("AUC, one versus rest", (0.5, "chance"), |found| found.auc),
        ],
        columns: 1,
        panel_size: (110 + 48 * judged.len().max(6) as u32, 320),
        shared_legend: true,
        ..Figure::default()
    }
}

/// Confusion matrices of the first methods.
fn confusions(judged: &[(&Row, &Evaluation)], classes: &[String]) -> Figure {
    let panel = |(row, found): &(&Row, &Evaluation)| {
        let axis = |label: &str| Axis { label: label.into(), ..Axis::categories(classes.to_vec()) };
        let map = HeatMap {
            matrix: found.confusion.clone(),
            map: ColourMap::Auto,
            limits: Some((0.0, 1.0)),
            label: "share of the class".into(),
            decimals: (classes.len() <= 5).then_some(2),
            ..HeatMap::default()
        };
        Panel { title: row.name.clone(), x: axis("predicted class"), y: axis("true class"), marks: vec![map.into()], ..Panel::default() }
    };
    let size = if classes.len() > 5 { (380, 330) } else { (330, 290) };
    Figure { panels: judged.iter().take(MATRICES).map(panel).collect(), panel_size: size, ..Figure::default() }
}

/// The templates, and under each the mean E(t) of the series of each class.
fn traces(train: &Labelled, trakr: &Trakr, seed: Seed) -> Result<Figure> {
    let shown = train.classes().len().min(SHOWN);
    let members = |class: usize| (0..train.len()).filter(|&k| train.labels()[k] == class).take(AVERAGED).collect::<Vec<_>>();
    let of_class: Vec<Vec<usize>> = (0..shown).map(members).collect();
    let line = |y: Vec<f64>, class: usize| Line {
        x: (0..y.len()).map(|t| t as f64).collect(),
        y,
        colour: Colour::cycle(class),
        label: format!("class {}", train.classes()[class]),
        ..Line::default()
    };
    let time = || Axis::new("time (samples)");
    let signals = of_class.iter().enumerate().filter(|(_, members)| !members.is_empty());
    let signals = signals.map(|(class, members)| line(train.series()[members[0]].row(0).iter().copied().collect(), class).into()).collect();
    let mut panels =
        vec![Panel { title: "templates".into(), x: time(), y: Axis::new("signal, channel 0"), marks: signals, ..Panel::default() }];
    for (class, template) in of_class.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
        let mut marks = Vec::new();
        for (other, members) in of_class.iter().enumerate() {
            // The template itself would look too well known.
            let asked: Vec<DMatrix<f64>> = members.iter().filter(|&&k| k != template[0]).map(|&k| train.series()[k].clone()).collect();
            if !asked.is_empty() {
                let found = error_traces(trakr, &train.series()[template[0]], &asked, seed)?;
                marks.push(Mark::from(line(mean_trace(&found), other)));
            }
        }
        let y = Axis { scale: Scale::Log, ..Axis::new("mean E(t)") };
        let title = format!("template of class {}", train.classes()[class]);
        panels.push(Panel { title, x: time(), y, marks, ..Panel::default() });
    }
    Ok(Figure { panels, columns: 3, shared_legend: true, ..Figure::default() })
}

/// Mean over series and channels, up to the shortest series.
fn mean_trace(traces: &[DMatrix<f64>]) -> Vec<f64> {
    let samples = traces.iter().map(|trace| trace.ncols()).min().unwrap_or(0);
    (0..samples).map(|t| traces.iter().map(|trace| trace.column(t).mean()).sum::<f64>() / traces.len() as f64).collect()
}
