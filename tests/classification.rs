//! Accuracies that are published for data sets of the UCR and UEA archives, on their standard split. Absent files skip the tests.

use crosscurrent::Seed;
use crosscurrent::classify::{Classifier, DynamicTimeWarping, EuclideanNearest, Evaluation, Reading, Trakr, Window, one_shot, standard};
use crosscurrent::io::Dataset;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// The set of this name, or a line that says why its test is skipped.
fn set(name: &str) -> Option<Dataset> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/classification").join(format!("{name}.npz"));
    if !path.exists() {
        // Written past the test harness, which keeps what passing tests print to itself.
        writeln!(std::io::stderr(), "{name} skipped: it is not in ../shared/data/classification").expect("standard error is open");
        return None;
    }
    Some(Dataset::read(&path).expect("the set can be read"))
}

fn judged(classifier: &dyn Classifier, data: &Dataset) -> Evaluation {
    standard(classifier, &data.train, data.test.as_ref().expect("the set is split"), Seed(1)).expect("the method takes the set")
}

/// Accuracy to the three digits in which it is published.
fn accuracy(classifier: &dyn Classifier, data: &Dataset) -> String {
    format!("{:.3}", judged(classifier, data).accuracy.value)
}

fn dtw(window: Window) -> DynamicTimeWarping {
    DynamicTimeWarping { window, independent: false }
}

#[test]
fn gun_point_has_its_published_accuracies() {
    let Some(data) = set("GunPoint") else { return };
    assert_eq!(accuracy(&EuclideanNearest::default(), &data), "0.913");
    assert_eq!(accuracy(&dtw(Window::Full), &data), "0.907");
    assert_eq!(accuracy(&dtw(Window::Learned), &data), "0.913");
}

#[test]
fn italy_power_demand_has_its_published_accuracies() {
    let Some(data) = set("ItalyPowerDemand") else { return };
    assert_eq!(accuracy(&EuclideanNearest::default(), &data), "0.955");
    assert_eq!(accuracy(&dtw(Window::Full), &data), "0.950");
    assert_eq!(accuracy(&dtw(Window::Learned), &data), "0.955");
}

#[test]
fn the_set_that_comes_along_keeps_the_published_accuracies_at_half_precision() {
    let data = Dataset::read("sample".as_ref()).unwrap();
    assert_eq!(accuracy(&EuclideanNearest::default(), &data), "0.955");
    assert_eq!(accuracy(&dtw(Window::Full), &data), "0.950");
    assert_eq!(accuracy(&dtw(Window::Learned), &data), "0.955");
}

#[test]
fn six_channels_have_the_measured_accuracies() {
    let Some(data) = set("BasicMotions") else { return };
    assert_eq!(accuracy(&EuclideanNearest::default(), &data), "0.600");
    assert_eq!(accuracy(&dtw(Window::Full), &data), "0.975");
    assert_eq!(accuracy(&DynamicTimeWarping { window: Window::Full, independent: true }, &data), "1.000");
}

#[test]
fn error_traces_tell_the_classes_of_the_set_that_comes_along_apart() {
    let data = Dataset::read("sample".as_ref()).unwrap();
    let found = judged(&Trakr::default(), &data);
    assert!(found.accuracy.value > 0.8 && found.auc.value > 0.85, "{found:?}");
    // With one template of each class and nothing else, most of that is lost.
    let nearest = Trakr { reading: Reading::Nearest, ..Default::default() };
    let alone = one_shot(&nearest, &data.train, 10, Seed(1), &|| ControlFlow::Continue(())).unwrap();
    assert!(alone.accuracy.value > 0.5 && alone.repetitions == 10, "{alone:?}");
}
