//! Methods side by side on the set that comes with the library.

use crate::experiment::{Context, Findings, Side};
use crosscurrent::classify::decision::{NaiveBayes, RbfSvm};
use crosscurrent::classify::{
    AnyClassifier, DynamicTimeWarping, EchoState, EuclideanNearest, Evaluation, MutualInformation, Reading, Trakr, Tuned, Values, Window,
    standard,
};
use crosscurrent::io::Dataset;
use crosscurrent::{Error, Result};

/// One method on the standard split.
pub struct Judged {
    pub name: &'static str,
    pub evaluation: Evaluation,
}

impl Judged {
    /// Its row of data.csv.
    pub fn row(&self) -> Vec<String> {
        let accuracy = &self.evaluation.accuracy;
        let numbers = [accuracy.value, accuracy.low, accuracy.high].map(|value| value.to_string());
        [vec!["methods".into(), self.name.into(), "0".into(), String::new()], numbers.to_vec()].concat()
    }
}

/// Every method on ItalyPowerDemand.
pub fn run(context: &Context) -> Result<Vec<Judged>> {
    let data = Dataset::read("sample".as_ref())?;
    let test = data.test.as_ref().expect("the sample is split");
    let nearest = Trakr { reading: Reading::Nearest, ..Default::default() };
    let rounds = context.pick(1, 2, 2);
    let start = Trakr { units: context.pick(5, 30, 30), ..Default::default() };
    let methods: Vec<(&str, AnyClassifier)> = vec![
        ("TRAKR, one template", nearest.into()),
        ("TRAKR, SVM", Trakr::default().into()),
        ("TRAKR, tuned", Tuned { rounds, start, folds: context.pick(2, 5, 5) }.into()),
        ("Euclidean", EuclideanNearest::default().into()),
        ("DTW", DynamicTimeWarping::default().into()),
        ("DTW, learned window", DynamicTimeWarping { window: Window::Learned, independent: false }.into()),
        ("mutual information", MutualInformation::default().into()),
        ("echo state", EchoState::default().into()),
        ("naive Bayes", Values { decision: NaiveBayes::default().into() }.into()),
        ("RBF SVM", Values { decision: RbfSvm::default().into() }.into()),
    ];
    let bar = context.progress(methods.len(), "methods");
    let mut judged = Vec::new();
    for (name, classifier) in methods {
        if context.go_on().is_break() {
            return Err(Error::Cancelled);
        }
        judged.push(Judged { name, evaluation: standard(&*classifier, &data.train, test, context.seed)? });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(judged)
}

/// The published accuracies of the two distances, and that error traces hold something.
pub fn check(context: &Context, methods: &[Judged], findings: &mut Findings) {
    let accuracy =
        |name: &str| methods.iter().find(|method| method.name == name).map_or(f64::NAN, |method| method.evaluation.accuracy.value);
    let published = [("Euclidean", 0.955), ("DTW", 0.950), ("DTW, learned window", 0.955)];
    let source = "UCR archive, published";
    for (name, expected) in published {
        let claim = format!("ItalyPowerDemand, {name}: accuracy on the standard split");
        findings.checks.push(context.check(("8B", source), claim, accuracy(name), (Side::Near, expected, 0.0005)));
    }
    for name in ["TRAKR, SVM", "TRAKR, tuned"] {
        // 513 of the 1029 test series are of the larger class.
        let claim = format!("ItalyPowerDemand, {name}: above the share of the larger class");
        let low = methods.iter().find(|method| method.name == name).map_or(f64::NAN, |method| method.evaluation.accuracy.low);
        findings.checks.push(context.check(("8B", "share of the larger class"), claim, low, (Side::AtLeast, 0.5, 0.0)));
    }
}
