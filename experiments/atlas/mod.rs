//! The atlas of identifiability: when can a fit be believed? Phase diagrams and curves around one base case.

mod figures;

use crate::experiment::{Check, Context, Experiment, Findings, Side, Size};
use crate::frames::{CONDENSED, condensed, finished_frame, mean};
use crosscurrent::Result;
use crosscurrent::identify::{Frame, Study, Trial};

/// The experiment.
pub struct Atlas;

const EXPECTED: &str = "what the equations lead to expect";

impl Experiment for Atlas {
    fn name(&self) -> &'static str {
        "atlas"
    }

    fn source(&self) -> &'static str {
        "recovery of J and of currents over gain, samples, noise, observed share, mismatch and anatomy, for every method"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut study = Study::named("atlas").expect("the program carries it along");
        study.seeds = context.pick(1, 4, study.seeds);
        let trials: Vec<Trial> = study.trials()?.into_iter().filter(|trial| wanted(context, trial)).collect();
        let frame = finished_frame(context, &study, &trials)?;
        Ok(Findings {
            figures: figures::all(&frame)?,
            data: (CONDENSED.to_vec(), condensed(&frame, &["J", "currents within", "currents between"])),
            checks: checks(context, &frame, trials.len()),
        })
    }
}

/// Methods of the default size; the second of them takes longest.
const FEW: [&str; 4] = ["Ridge", "Pinning", "Pinning on currents", "CORNN"];

/// The default size leaves out the longest recordings, the largest networks and half of the methods; smoke keeps a corner.
fn wanted(context: &Context, trial: &Trial) -> bool {
    let number = |part: &str, path: &str| trial.value(part, path).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let small = number("recording", "samples_per_neuron") < 100.0 && number("truth", "regions.neurons") < 100.0;
    match context.size {
        Size::Smoke => {
            let settings = trial.setting.iter().any(|s| s.path == "ensemble.within") && number("recording", "samples_per_neuron") <= 3.0;
            settings && trial.method == "Ridge"
        }
        Size::Default => small && FEW.contains(&trial.method.as_str()) && (trial.method != FEW[1] || trial.repetition == 0),
        Size::Paper => true,
    }
}

/// (name, value) pairs that make a cell.
type Base = [(&'static str, &'static str); 7];

/// The base case, to which a cell adds what it changes.
const BASE: Base = [
    ("truth", "dense"),
    ("truth.ensemble.within", "1.5"),
    ("recording.samples_per_neuron", "30"),
    ("truth.noise.strength", "0.05"),
    ("recording.observed", "1"),
    ("truth.inter_region_power", "0.3"),
    ("truth.regions.neurons", "20"),
];

/// Mean score of a method where the base case is changed in some columns.
fn score(frame: &Frame, method: &str, changed: &[(&str, &str)], score: &str) -> f64 {
    let mut cell: Vec<(&str, &str)> = vec![("method", method), ("fit.tau", "0.1"), ("truth.nonlinearity.kind", "tanh")];
    cell.extend(BASE);
    for &(name, value) in changed {
        cell.retain(|(known, _)| *known != name);
        cell.push((name, value));
    }
    mean(frame, &cell, score)
}

fn checks(context: &Context, frame: &Frame, trials: usize) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check =
        |panel: &str, claim: &str, measured: f64, wanted| checks.push(context.check((panel, EXPECTED), claim, measured, wanted));
    let ridge = |changed: &[(&str, &str)], what: &str| score(frame, "Ridge", changed, what);
    let longer = ridge(&[], "J") - ridge(&[("recording.samples_per_neuron", "1")], "J");
    check("A", "Ridge: J gains from 30 samples per neuron over 1", longer, (Side::AtLeast, 0.2, 0.0));
    let exact = ridge(&[("truth.noise.strength", "0.03")], "currents between")
        - ridge(&[("truth.noise.strength", "0.03"), ("recording.observed", "0.25")], "currents between");
    check("B", "Ridge: currents between regions lost when a quarter of the neurons is seen", exact, (Side::AtLeast, 0.2, 0.0));
    // The drive is y = h + tau dh/dt; read with twice tau it is 2 y - h, which is as good a target but for a scale and the neuron's own state.
    let wrong = ridge(&[], "currents between") - ridge(&[("fit.tau", "0.2")], "currents between");
    check("C", "Ridge: currents between regions lost when tau is taken twice too large", wrong, (Side::Near, 0.0, 0.03));
    let weak = ridge(&[("truth.inter_region_power", "1")], "currents between")
        - ridge(&[("truth.inter_region_power", "0.03")], "currents between");
    check("D", "Ridge: currents between regions gain from power 1 over 0.03", weak, (Side::AtLeast, 0.2, 0.0));
    let told = |known: &str, wrong: &str| {
        let cell = [("truth", "sparse"), ("method", "Ridge"), ("recording.anatomy.known", known), ("recording.anatomy.wrong", wrong)];
        mean(frame, &cell, "currents between")
    };
    check(
        "E",
        "Ridge: currents between regions gain from a whole and right anatomy",
        told("1", "0") - told("0", "0"),
        (Side::AtLeast, 0.05, 0.0),
    );
    check("E", "Ridge: they lose when half of that anatomy is wrong", told("1", "0") - told("1", "0.5"), (Side::AtLeast, 0.05, 0.0));
    if context.size == Size::Paper {
        check("all", "number of fits", trials as f64, (Side::AtLeast, 5000.0, 0.0));
    }
    checks
}
