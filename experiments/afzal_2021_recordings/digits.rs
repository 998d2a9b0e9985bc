//! Sequential MNIST: every digit read row by row; some digits in turn are the template, all are classified under it.

use super::{Judged, at, path};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::classify::cross_validated;
use crosscurrent::classify::decision::{AnyDecision, LinearSvm};
use crosscurrent::classify::{AnyClassifier, EuclideanNearest, Evaluation, Features, Labelled, Published, Repeated, Trakr, Values};
use crosscurrent::io::{Dataset, read_arrays};
use crosscurrent::{Error, Result};
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// The digits.
pub const IMAGES: &str = "mnist/mnist_dev_1000.npz";
/// The order of the permuted pixels.
pub const ORDER: &str = "mnist/permutation_784_seed92916.npz";
/// Panels: methods, permuted pixels, noise on the template, neurons of the reservoir.
pub const METHODS: &str = "digits";
pub const PERMUTED: &str = "permuted digits";
pub const NOISE: &str = "noise";
pub const UNITS: &str = "units";
/// Neurons of the published reservoir.
const PUBLISHED: usize = 30;
/// Neurons of the reservoirs.
const SIZES: [usize; 4] = [5, 10, 30, 100];
/// The curve of templates that are noise and no digit.
const NO_DIGIT: &str = "E(t), noise as template";
/// Standard deviations of the noise that is added to a z-scored template.
const NOISES: [f64; 5] = [0.0, 0.25, 0.5, 1.0, 2.0];

/// The protocol of one set with one reservoir.
struct Task<'a> {
    context: &'a Context,
    data: &'a Labelled,
    protocol: Published<'a>,
    templates: Vec<usize>,
}

impl<'a> Task<'a> {
    fn new(context: &'a Context, data: &'a Labelled, units: usize, templates: usize) -> Result<Self> {
        let trakr = Trakr { units, ..Default::default() };
        let protocol = Published::new(data, &trakr, context.pick(2, 10, 10), context.seed)?;
        let step = (data.len() / templates).max(1);
        Ok(Task { context, data, protocol, templates: (0..data.len()).step_by(step).take(templates).collect() })
    }

    /// The published decision on what `features` gives for each template.
    fn judge(&self, features: impl Fn(&Published, usize) -> Result<Vec<Features>> + Sync) -> Result<Evaluation> {
        let scores = |&template: &usize| {
            if self.context.go_on().is_break() {
                return Err(Error::Cancelled);
            }
            self.protocol.judge(&features(&self.protocol, template)?, &AnyDecision::default())
        };
        let scores: Vec<Vec<DMatrix<f64>>> = self.templates.par_iter().map(scores).collect::<Result<_>>()?;
        let every: Vec<usize> = (0..self.data.len()).collect();
        let mut repeated = Repeated::new(self.data.len(), self.data.classes().len());
        scores.iter().flatten().try_for_each(|scores| repeated.add(scores, self.data.labels(), &every))?;
        Ok(repeated.evaluation())
    }
}

/// All panels of the digits.
pub fn run(context: &Context) -> Result<Vec<Judged>> {
    let whole = Dataset::read(&path(context, IMAGES))?;
    let order: Vec<usize> = {
        let arrays = read_arrays(&path(context, ORDER))?;
        let problem = || Error::file(path(context, ORDER), "it holds no numbers", "give the order of the pixels");
        arrays.numbers().first().ok_or_else(problem)?.1.values().iter().map(|&place| place as usize).collect()
    };
    let some = |set: &Dataset| set.train.subset(&(0..set.train.len()).step_by(context.pick(8, 1, 1)).collect::<Vec<_>>());
    let (data, permuted) = (some(&whole), some(&whole.reordered(&order)?));
    let mut judged = methods(context, &data, METHODS)?;
    judged.extend(methods(context, &permuted, PERMUTED)?);
    let few = context.pick(1, 12, 1000);
    for noise in NOISES {
        let task = Task::new(context, &data, context.pick(5, PUBLISHED, PUBLISHED), few)?;
        let evaluation = task.judge(|protocol, template| protocol.traces_under(&[noisy(context, &data, template, noise)]))?;
        judged.push(Judged { panel: NOISE, curve: "E(t)", x: noise, evaluation });
    }
    for units in context.pick(&SIZES[..1], &SIZES, &SIZES) {
        let task = Task::new(context, &data, *units, few)?;
        let evaluation = task.judge(|protocol, template| protocol.traces(template..template + 1))?;
        judged.push(Judged { panel: UNITS, curve: "E(t)", x: *units as f64, evaluation });
    }
    Ok(judged)
}

/// The template with noise, the same numbers at every strength; of infinite strength, the noise alone.
fn noisy(context: &Context, data: &Labelled, template: usize, strength: f64) -> DMatrix<f64> {
    let mut rng = context.seed.child("noise").trial(template as u64).rng();
    data.series()[template].map(|value| {
        let noise = rng.sample::<f64, _>(StandardNormal);
        if strength.is_finite() { value + strength * noise } else { noise }
    })
}

/// Features under a template, and two methods that learn from the same labelled digits without one.
fn methods(context: &Context, data: &Labelled, panel: &'static str) -> Result<Vec<Judged>> {
    let task = Task::new(context, data, context.pick(5, PUBLISHED, PUBLISHED), context.pick(2, 25, 1000))?;
    let mut judged = Vec::new();
    let mut add = |curve, evaluation| judged.push(Judged { panel, curve, x: 0.0, evaluation });
    add("E(t)", task.judge(|protocol, template| protocol.traces(template..template + 1))?);
    // What is left when the template is no digit at all.
    add(NO_DIGIT, task.judge(|protocol, template| protocol.traces_under(&[noisy(context, data, template, f64::INFINITY)]))?);
    add("Euclidean distance", task.judge(|protocol, template| protocol.euclidean(template..template + 1))?);
    add("mutual information", task.judge(|protocol, template| protocol.mutual_information(template..template + 1))?);
    let on_samples: [(&str, AnyClassifier); 2] = [
        ("Euclidean 1-NN", EuclideanNearest::default().into()),
        ("linear SVM on pixels", Values { decision: LinearSvm::default().into() }.into()),
    ];
    for (curve, classifier) in on_samples {
        let folds = context.pick(2, 10, 10);
        add(curve, cross_validated(&*classifier, data, folds, context.seed, &|| context.go_on())?);
    }
    Ok(judged)
}

/// The claims of the paper, and the one that it does not make.
pub fn check(context: &Context, judged: &[Judged], findings: &mut Findings) {
    let accuracy = |panel: &str, curve: &str, x: f64| at(judged, panel, curve, x).map_or(f64::NAN, |found| found.accuracy.value);
    let auc = at(judged, METHODS, "E(t)", 0.0).map_or(f64::NAN, |found| found.auc.value);
    let mut add = |source, claim: &str, measured, wanted| findings.checks.push(context.check(("8B", source), claim, measured, wanted));
    let words = "the paper's claim, in words";
    add("the paper: about 0.99 on all of MNIST", "sequential MNIST: area under the ROC curve", auc, (Side::Near, 0.99, 0.02));
    for (panel, name) in [(METHODS, "sequential MNIST"), (PERMUTED, "permuted pixels")] {
        for scalar in ["Euclidean distance", "mutual information"] {
            let gain = accuracy(panel, "E(t)", 0.0) - accuracy(panel, scalar, 0.0);
            add(words, &format!("{name}: accuracy of E(t) less that of {scalar} to the template"), gain, (Side::AtLeast, 0.0, 0.0));
        }
    }
    let kept = |noise| accuracy(NOISE, "E(t)", noise) / accuracy(NOISE, "E(t)", 0.0);
    add(words, "share of the accuracy that is left with noise of 1 on the template", kept(1.0), (Side::AtLeast, 0.8, 0.0));
    let largest = SIZES.iter().map(|&units| accuracy(UNITS, "E(t)", units as f64)).fold(0.0, f64::max);
    let gain = largest - accuracy(UNITS, "E(t)", 5.0);
    add(
        "measured here",
        "accuracy of the best size of the reservoir less that with 5 neurons: size hardly matters",
        gain,
        (Side::AtMost, 0.05, 0.0),
    );
    let lost = accuracy(METHODS, NO_DIGIT, 0.0) - accuracy(METHODS, "E(t)", 0.0);
    add(
        "measured here",
        "accuracy with noise as template less that with a digit: the template is not what is read",
        lost,
        (Side::AtLeast, 0.0, 0.0),
    );
    let lost = accuracy(METHODS, "linear SVM on pixels", 0.0) - accuracy(METHODS, "E(t)", 0.0);
    add("measured here", "accuracy of a linear SVM on pixels less that of E(t): simpler is better", lost, (Side::AtLeast, 0.0, 0.0));
}
