//! `crosscurrent spectrum`: eigenvalues of laws, matrices and networks; bad input is refused in one line.

use crosscurrent::io::read_arrays;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crosscurrent")).args(arguments).arg("--out").arg(out).output().unwrap()
}

fn told(arguments: &[&str], out: &Path) -> String {
    let output = run(arguments, out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = run(arguments, &folder.path().join("out"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn a_law_leaves_eigenvalues_table_and_figure() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["spectrum", "--ensemble", "sparse", "--set", "classes=[{ mean = 1.0 }]", "--n", "100,50", "--samples", "3", "--json"];
    let document: serde_json::Value = serde_json::from_str(&told(&arguments, folder.path())).unwrap();
    assert_eq!((document["neurons"].as_u64(), document["samples"].as_u64()), (Some(150), Some(3)));
    let outlier = document["quantities"].as_array().unwrap().iter().find(|q| q["name"] == "outlier 1").unwrap();
    let (found, expected) = (outlier["mean"].as_f64().unwrap(), outlier["predicted"].as_f64().unwrap());
    assert!((found - expected).abs() < 4.0 * outlier["predicted_sd"].as_f64().unwrap(), "{outlier}");
    let arrays = read_arrays(&folder.path().join("spectrum.npz")).unwrap();
    assert_eq!(arrays.get("eigenvalues_real").unwrap().shape(), [3, 150]);
    assert_eq!(fs::read_to_string(folder.path().join("table.csv")).unwrap().lines().count(), 4);
    for name in ["spectrum.svg", "spectrum.png", "provenance.toml"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn equal_seeds_give_equal_files_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let out = folder.path().join(threads);
        told(&["spectrum", "--ensemble", "gaussian", "--n", "520", "--threads", threads], &out);
        fs::read(out.join("table.csv")).unwrap()
    };
    assert_eq!(bytes("1"), bytes("2"));
}

#[test]
fn matrices_and_networks_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rotation.csv");
    fs::write(&path, "0,-2\n2,0\n").unwrap();
    let text = told(&["spectrum", "--matrix", path.to_str().unwrap()], &folder.path().join("a"));
    assert!(text.contains("'rotation'") && text.contains("2 neurons"), "{text}");
    let arrays = read_arrays(&folder.path().join("a/spectrum.npz")).unwrap();
    assert!((arrays.get("eigenvalues_imaginary").unwrap().values()[0] - 2.0).abs() < 1e-14);
    let simulation = folder.path().join("simulation");
    told(&["simulate", "--ensemble", "gaussian", "--n", "30", "--duration", "1"], &simulation);
    let recording = simulation.join("recording.npz");
    let text = told(&["spectrum", recording.to_str().unwrap()], &folder.path().join("b"));
    assert!(text.contains("linearised at rest: 90 neurons"), "{text}");
}

#[test]
fn every_law_can_be_simulated_and_its_parameters_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let laws = [
        "gaussian",
        "multi-region",
        "blocks",
        "sparse",
        "small-world",
        "distance",
        "signs",
        "elliptic",
        "dale",
        "low-rank",
        "heavy-tailed",
        "orthogonal",
        "three-region",
    ];
    for law in laws {
        let out = folder.path().join(law);
        told(&["simulate", "--ensemble", law, "--n", "20", "--duration", "0.2"], &out);
        assert!(out.join("recording.npz").is_file(), "{law}");
    }
    let wrong = [
        ("dale", "fraction=1.5"),
        ("elliptic", "tau=-1.5"),
        ("orthogonal", "gain=-1"),
        ("sparse", "links.probability=2"),
        ("low-rank", "g=1"),
    ];
    for (law, pair) in wrong {
        for command in ["simulate", "spectrum"] {
            refused(&[command, "--ensemble", law, "--n", "20", "--set", pair]);
        }
    }
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.csv");
    fs::write(&path, "1,2,3\n4,5,6\n").unwrap();
    assert!(refused(&["spectrum"]).contains("--ensemble"));
    assert!(refused(&["spectrum", "--ensemble", "gausian"]).contains("did you mean 'gaussian'"));
    assert!(refused(&["spectrum", "--ensemble", "gaussian", "--set", "gain"]).contains("KEY=VALUE"));
    assert!(refused(&["spectrum", "--ensemble", "gaussian", "--set", "gain=-1"]).contains("gain = -1"));
    assert!(refused(&["spectrum", "--ensemble", "gaussian", "--n", "0"]).contains("at least 1"));
    assert!(refused(&["spectrum", "--ensemble", "gaussian", "--samples", "0"]).contains("samples = 0"));
    assert!(refused(&["spectrum", "--matrix", path.to_str().unwrap()]).contains("2 × 3"));
    assert!(refused(&["spectrum", "--matrix", "missing.npy"]).contains("no such file"));
    assert!(refused(&["spectrum", path.to_str().unwrap()]).contains("holds no network"));
}
