//! `crosscurrent replay`: what it prints and how it ends.

use crosscurrent::io::{Array, write_npz};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A TRAKR record that can be written down: one unit without any input stays at zero, so the error is minus the signal.
fn record(folder: &Path, trained: f64) -> PathBuf {
    let cell = |value| Array::new(vec![1, 1], vec![value]).unwrap();
    let row = |sign: f64| Array::new(vec![1, 3], vec![sign * 0.1, sign * 0.2, sign * 0.4]).unwrap();
    let arrays = [
        ("J", cell(0.0)),
        ("x0", cell(0.0)),
        ("w_in", cell(0.0)),
        ("w_out", cell(0.5)),
        ("train_signal", row(1.0)),
        ("test_signal", row(1.0)),
        ("tau", Array::of(1.0)),
        ("dt", Array::of(0.1)),
        ("alpha", Array::of(2.0)),
        ("train_error", row(-1.0)),
        ("w_trained", cell(trained)),
        ("P_after_test", cell(2.0)),
    ];
    let path = folder.join("trakr.npz");
    write_npz(&path, &arrays.each_ref().map(|(name, array)| (*name, array))).unwrap();
    path
}

fn run(arguments: &[&str], path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crosscurrent")).arg("replay").arg(path).args(arguments).output().unwrap()
}

#[test]
fn agreement_ends_with_0_and_difference_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let good = run(&[], &record(folder.path(), 0.5));
    let text = String::from_utf8(good.stdout).unwrap();
    assert_eq!(good.status.code(), Some(0), "{text}");
    assert!(text.contains("w_trained") && text.ends_with("trakr: all 3 arrays agree\n"), "{text}");
    let path = record(folder.path(), 0.500001);
    let bad = run(&[], &path);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8(bad.stdout).unwrap().ends_with("trakr: 1 of 3 arrays differ\n"));
    assert_eq!(run(&["--tolerance", "1e-3"], &path).status.code(), Some(0));
}

#[test]
fn json_is_one_document() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["--json"], &record(folder.path(), 0.5));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["agrees"], true);
    assert_eq!(document["replay"]["format"], "trakr");
    assert_eq!(document["replay"]["rows"][0]["name"], "train_error");
}

#[test]
fn files_that_are_no_record_end_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.npz");
    write_npz(&path, &[("something", &Array::of(1.0))]).unwrap();
    let output = run(&[], &path);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("curbd (activity") && message.lines().count() == 1, "{message}");
    assert_eq!(run(&[], &folder.path().join("absent.npz")).status.code(), Some(2));
    assert_eq!(run(&["--tolerance=-1"], &record(folder.path(), 0.5)).status.code(), Some(2));
}
