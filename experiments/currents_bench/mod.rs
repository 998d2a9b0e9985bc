//! The currents bench: what every method recovers of the currents between regions, against truth (panels A, B).

mod figure;

use crate::experiment::{Check, Context, Experiment, Findings, Side, Size};
use crate::frames::{finished_frame, mean};
use crosscurrent::Result;
use crosscurrent::identify::{Frame, Study, Trial};

/// The experiment.
pub struct CurrentsBench;

const MEASURED: &str = "ridge regression in current space in NumPy, 12 to 24 networks; tolerance: two standard errors of ours";

/// Mean and standard deviation over networks.
type Spread = (f64, f64);

/// Truth B: method, samples, noise, correlation of the currents within and between regions, over 24 networks (12 at T = 20000) of an
/// independent simulation. Earlier measurements of single networks, 0.918 / 0.577, 0.760 / 0.525, 0.949 / 0.688, 0.968 / 0.787 and 0.236 / 0.291, lie within
/// one standard deviation of a single network.
const DESIGN_B: [(&str, &str, &str, Spread, Spread); 5] = [
    ("Ridge, 0.000001 T", "1200", "0", (0.923, 0.042), (0.600, 0.187)),
    ("Ridge, 0.001 T", "1200", "0.1", (0.773, 0.062), (0.530, 0.088)),
    ("Ridge, 0.001 T", "6000", "0.1", (0.955, 0.034), (0.794, 0.115)),
    ("Ridge, 0.001 T", "20000", "0.1", (0.970, 0.027), (0.848, 0.120)),
    ("Ridge, 0.000001 T", "1200", "0.1", (0.159, 0.309), (0.3184, 0.146)),
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
        study.seeds = context.pick(1, 2, 20);
        let trials: Vec<Trial> = study.trials()?.into_iter().filter(|trial| wanted(context, trial)).collect();
        let frame = finished_frame(context, &study, &trials)?;
        let columns = vec!["truth", "method", "parameters", "seed", "score", "value"];
        Ok(Findings {
            checks: checks(context, &frame, study.seeds)?,
            figures: figure::figures(&frame)?,
            data: (columns, crate::frames::long(&frame)),
        })
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
        Size::Default => !closed_loop && (samples < 20_000 || trial.method.starts_with("Ridge") || trial.method == "Bayes"),
        Size::Paper => true,
    }
}

fn checks(context: &Context, frame: &Frame, seeds: usize) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (method, samples, noise, within, between) in DESIGN_B {
        let cell = [("truth", "dense"), ("method", method), ("recording.samples", samples), ("truth.noise.strength", noise)];
        for (what, (expected, deviation)) in [("within", within), ("between", between)] {
            let claim = format!("dense regions, {method}, T = {samples}, noise {noise}: correlation of the currents {what} regions");
            let measured = mean(frame, &cell, &format!("currents {what}"));
            let tolerance = 2.0 * deviation / (seeds as f64).sqrt();
            checks.push(context.check(("B", MEASURED), claim, measured, (Side::Near, expected, tolerance)));
        }
    }
    for samples in ["1200", "6000", "20000"] {
        for what in ["within", "between"] {
            let of = |method| {
                let cell = [("truth", "dense"), ("method", method), ("recording.samples", samples), ("truth.noise.strength", "0.1")];
                mean(frame, &cell, &format!("currents {what}"))
            };
            let claim = format!("dense regions, T = {samples}, noise 0.1: Bayes is above the fixed penalty {what} regions, same networks");
            let source = "Ridge, 0.001 T, in this run";
            checks.push(context.check(("B", source), claim, of("Bayes"), (Side::AtLeast, of("Ridge, 0.001 T"), 0.0)));
        }
    }
    three_regions(context, frame, &mut checks);
    Ok(checks)
}

/// Truth A: what must not be worse than before, and what exact data determine.
fn three_regions(context: &Context, frame: &Frame, checks: &mut Vec<Check>) {
    for (truth, bar) in [("weak", 0.24), ("strong", 0.69)] {
        for inputs in ["known", "unknown"] {
            let cell = [
                ("truth", truth),
                ("method", "Bayes"),
                ("recording.inputs", inputs),
                ("truth.noise.strength", "0.03"),
                ("recording.observed", "1"),
            ];
            let claim = format!("{truth} coupling, noise 0.03, inputs {inputs}, Bayes: currents between");
            let source = "Bayes with a Gaussian prior in NumPy, one network";
            checks.push(context.check(("A", source), claim, mean(frame, &cell, "currents between"), (Side::AtLeast, bar, 0.0)));
        }
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
}
