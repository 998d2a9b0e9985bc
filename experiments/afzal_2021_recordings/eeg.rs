//! EEG of slow cortical potentials: the standard split, and what E(t) looks like.

use super::{Judged, at, path};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::classify::decision::RbfSvm;
use crosscurrent::classify::{AnyClassifier, DynamicTimeWarping, EuclideanNearest, Trakr, Values, error_traces, standard};
use crosscurrent::io::Dataset;
use crosscurrent::{Error, Result};
use nalgebra::DMatrix;

/// The trials.
pub const TRIALS: &str = "classification/SelfRegulationSCP1_dec4.npz";
/// The panel.
pub const PANEL: &str = "EEG";
/// Samples in a second.
pub const RATE: f64 = 64.0;

/// Mean E(t) of the test trials of a class under the first training trial of another or the same.
pub struct Trace {
    pub template: String,
    pub class: String,
    /// Mean over trials and channels.
    pub mean: Vec<f64>,
    /// Standard error of that over trials.
    pub error: Vec<f64>,
}

/// Both classes under a template of each.
pub fn traces(context: &Context) -> Result<Vec<Trace>> {
    let (train, test) = split(context)?;
    let trakr = Trakr { units: context.pick(5, 30, 30), ..Default::default() };
    let mut traces = Vec::new();
    for template in 0..train.classes().len() {
        let first = train.labels().iter().position(|&label| label == template).expect("every class has a training trial");
        for class in 0..train.classes().len() {
            let asked: Vec<DMatrix<f64>> =
                (0..test.len()).filter(|&k| test.labels()[k] == class).map(|k| test.series()[k].clone()).collect();
            let found = error_traces(&trakr, &train.series()[first], &asked, context.seed)?;
            let names = (train.classes()[template].clone(), train.classes()[class].clone());
            traces.push(average(names, &found));
        }
    }
    Ok(traces)
}

fn average((template, class): (String, String), found: &[DMatrix<f64>]) -> Trace {
    let (count, samples) = (found.len() as f64, found[0].ncols());
    let of_trials = |t: usize| found.iter().map(move |trace| trace.column(t).mean());
    let mean: Vec<f64> = (0..samples).map(|t| of_trials(t).sum::<f64>() / count).collect();
    let variance = |t: usize| of_trials(t).map(|value| (value - mean[t]).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (0..samples).map(|t| (variance(t) / count).sqrt()).collect();
    Trace { template, class, mean, error }
}

/// Methods on the standard split.
pub fn run(context: &Context) -> Result<Vec<Judged>> {
    let (train, test) = split(context)?;
    let mut methods: Vec<(&'static str, AnyClassifier)> = vec![
        ("E(t), RBF SVM", Trakr { units: context.pick(5, 30, 30), ..Default::default() }.into()),
        ("Euclidean 1-NN", EuclideanNearest::default().into()),
        ("DTW 1-NN", DynamicTimeWarping::default().into()),
        ("RBF SVM on samples", Values { decision: RbfSvm::default().into() }.into()),
    ];
    if context.pick(true, false, false) {
        methods.retain(|(name, _)| *name != "DTW 1-NN");
    }
    let judge = |(curve, classifier): (&'static str, AnyClassifier)| {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        Ok(Judged { panel: PANEL, curve, x: 0.0, evaluation: standard(&*classifier, &train, &test, context.seed)? })
    };
    methods.into_iter().map(judge).collect()
}

/// Training and test trials; fewer in a smoke run.
fn split(context: &Context) -> Result<(crosscurrent::classify::Labelled, crosscurrent::classify::Labelled)> {
    let data = Dataset::read(&path(context, TRIALS))?;
    let problem = || Error::file(path(context, TRIALS), "it is not split", "give X_train, y_train, X_test and y_test");
    let test = data.test.as_ref().ok_or_else(problem)?;
    let few = |set: &crosscurrent::classify::Labelled| set.subset(&(0..set.len()).step_by(context.pick(10, 1, 1)).collect::<Vec<_>>());
    Ok((few(&data.train), few(test)))
}

/// That error traces hold something of the class, and that the samples hold more.
pub fn check(context: &Context, judged: &[Judged], findings: &mut Findings) {
    let of = |curve: &str| at(judged, PANEL, curve, 0.0).map(|found| found.accuracy);
    let (traces, samples) = (of("E(t), RBF SVM"), of("RBF SVM on samples"));
    let low = traces.map_or(f64::NAN, |accuracy| accuracy.low);
    // 147 of the 293 test trials are of the larger class.
    findings.checks.push(context.check(
        ("8D", "share of the larger class"),
        "SelfRegulationSCP1: lower end of the interval of E(t)'s accuracy",
        low,
        (Side::AtLeast, 0.502, 0.0),
    ));
    let lost = samples.zip(traces).map_or(f64::NAN, |(samples, traces)| samples.value - traces.value);
    findings.checks.push(context.check(
        ("8D", "measured here"),
        "SelfRegulationSCP1: accuracy of an SVM on the samples less that of E(t): E(t) is not the method for it",
        lost,
        (Side::AtLeast, 0.0, 0.0),
    ));
}
