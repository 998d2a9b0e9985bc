//! The currents bench: what every method recovers of the currents between regions, against truth (panels A, B).

mod figure;

use crate::experiment::{Check, Context, Experiment, Findings, Side, Size};
use crate::frames::{finished_frame, mean};
use crosscurrent::Result;
use crosscurrent::identify::{Frame, Study, Trial};

/// The experiment.
pub struct CurrentsBench;

const MEASURED: &str = "ridge regression in current space, measured in NumPy";

/// Truth B: method, samples, noise, correlation of the currents within and between regions.
const DESIGN_B: [(&str, &str, &str, f64, f64); 5] = [
    ("Ridge, 0.000001 T", "1200", "0", 0.918, 0.577),
    ("Ridge, 0.001 T", "1200", "0.1", 0.760, 0.525),
    ("Ridge, 0.001 T", "6000", "0.1", 0.949, 0.688),
    ("Ridge, 0.001 T", "20000", "0.1", 0.968, 0.787),
    ("Ridge, 0.000001 T", "1200", "0.1", 0.236, 0.291),
];

impl Experiment for CurrentsBench {
    fn name(&self) -> &'static str {
        "currents_bench"
    }

    fn source(&self) -> &'static str {
        "every fit against known currents: the three-region simulation of Perich et al. 2020, and dense Gaussian regions"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut study = Study::named("currents").expect("the program carries it along");
        study.seeds = context.pick(1, 3, 20);
        let trials: Vec<Trial> = study.trials()?.into_iter().filter(|trial| wanted(context, trial)).collect();
        let frame = finished_frame(context, &study, &trials)?;
        let columns = vec!["truth", "method", "parameters", "seed", "score", "value"];
        Ok(Findings { checks: checks(context, &frame)?, figures: figure::figures(&frame)?, data: (columns, crate::frames::long(&frame)) })
    }
}

/// The paper size runs everything; smaller ones leave out what takes long.
fn wanted(context: &Context, trial: &Trial) -> bool {
    let samples = trial.value("recording", "samples").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let closed_loop = trial.method.contains("CURBD") || trial.method.contains("corrected");
    let whole = trial.value("recording", "observed").as_deref() == Some("1");
    match context.size {
        Size::Smoke => trial.truth == "dense" && samples == 1200 && trial.method.starts_with("Ridge, "),
        // A three-region trial of 300 units costs seconds, a closed loop half a minute.
        Size::Default if trial.truth != "dense" => whole && trial.repetition == 0 && !closed_loop,
        Size::Default => !closed_loop && (samples < 20_000 || trial.method.starts_with("Ridge")),
        Size::Paper => true,
    }
}

fn checks(context: &Context, frame: &Frame) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (method, samples, noise, within, between) in DESIGN_B {
        let cell = [("truth", "dense"), ("method", method), ("recording.samples", samples), ("truth.noise.strength", noise)];
        for (what, expected) in [("within", within), ("between", between)] {
            let claim = format!("dense regions, {method}, T = {samples}, noise {noise}: correlation of the currents {what} regions");
            let measured = mean(frame, &cell, &format!("currents {what}"));
            checks.push(context.check(("B", MEASURED), claim, measured, (Side::Near, expected, 0.08)));
        }
    }
    for (samples, between) in [("6000", 0.688), ("20000", 0.787)] {
        let cell = [("truth", "dense"), ("method", "Ridge"), ("recording.samples", samples), ("truth.noise.strength", "0.1")];
        let claim = format!("dense regions, T = {samples}: Ridge with a held-out penalty beats the fixed one between regions");
        checks.push(context.check(("B", MEASURED), claim, mean(frame, &cell, "currents between"), (Side::AtLeast, between, 0.0)));
    }
    for truth in ["weak", "strong"] {
        let cell = [
            ("truth", truth),
            ("method", "Ridge"),
            ("recording.inputs", "known"),
            ("truth.noise.strength", "0"),
            ("recording.observed", "1"),
        ];
        for score in ["J", "currents within", "currents between"] {
            let claim = format!("{truth} coupling, no noise, inputs known, all observed, Ridge: {score}");
            checks.push(context.check(("A", "exact data determine J"), claim, mean(frame, &cell, score), (Side::AtLeast, 0.999, 0.0)));
        }
    }
    Ok(checks)
}
