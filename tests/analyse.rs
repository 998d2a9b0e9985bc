//! `crosscurrent analyse`: every analysis of recordings and networks, and what cannot be analysed.

use crosscurrent::io::{read_arrays, write_network};
use crosscurrent::{Connectivity, Network, Regions, nonlinearity::Tanh};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str], out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crosscurrent")).args(arguments).arg("--out").arg(out).output().unwrap()
}

fn told(arguments: &[&str], out: &Path) -> String {
    let output = run(arguments, out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str], out: &Path) -> serde_json::Value {
    serde_json::from_str(&told(&[arguments, &["--json"]].concat(), out)).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = run(arguments, &folder.path().join("out"));
    let error = String::from_utf8(output.stderr).unwrap();
    let errors: Vec<&str> = error.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert_eq!((output.status.code(), errors.len()), (Some(2), 1), "{arguments:?}: {error}");
    errors[0].to_string()
}

/// The value of a quantity on a subject.
fn value(document: &serde_json::Value, on: &str, quantity: &str) -> f64 {
    let rows = document["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["on"].as_str().unwrap().starts_with(on) && row["quantity"] == quantity);
    row.and_then(|row| row["value"].as_f64()).unwrap_or_else(|| panic!("no '{quantity}' of '{on}' in {document}"))
}

/// Writes neurons × samples as CSV.
fn sheet(folder: &Path, neurons: usize, samples: usize, rate: impl Fn(usize, usize) -> f64) -> PathBuf {
    let row = |i: usize| (0..samples).map(|k| rate(i, k).to_string()).collect::<Vec<_>>().join(",");
    let path = folder.join("rates.csv");
    fs::write(&path, (0..neurons).map(row).collect::<Vec<_>>().join("\n")).unwrap();
    path
}

/// A rotation at 2 Hz in region A, which B follows 0.05 s later, with a little noise that repeats for nobody.
fn turning(i: usize, k: usize) -> f64 {
    let (t, late) = (0.01 * k as f64, if i < 4 { 0.0 } else { 0.05 });
    let noise = ((i * 37 + 11) as f64 * 0.7 * (k * k + 3 * k) as f64).sin();
    (std::f64::consts::TAU * (2.0 * (t - late) - 0.25 * (i % 4) as f64)).cos() + 0.1 * noise
}

#[test]
fn a_rotation_in_two_regions_is_described_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let path = sheet(folder.path(), 8, 1000, turning);
    let out = folder.path().join("out");
    let arguments = ["analyse", path.to_str().unwrap(), "--dt", "0.01", "--regions", "A:0-3,B:4-7", "--components", "2"];
    let found = document(&arguments, &out);
    assert!((value(&found, "all", "participation ratio") - 2.0).abs() < 0.2);
    assert!((value(&found, "all", "components for 95 %") - 2.0).abs() < 0.5);
    assert!((value(&found, "all", "peak frequency") - 2.0).abs() < 0.2);
    // cos(2π 2 lag) is 1/2 at 1/12 s.
    assert!((value(&found, "A", "half-width of the autocorrelation") - 1.0 / 12.0).abs() < 0.01);
    assert!(value(&found, "A – B", "smallest angle") < 10.0);
    assert_eq!(value(&found, "A → B", "dimension of the subspace"), 2.0);
    assert!(value(&found, "A → B", "held-out variance explained") > 0.9);
    assert!((value(&found, "plane 1", "frequency") - 2.0).abs() < 0.02);
    assert!(value(&found, "2 components", "rotation over linear") > 0.95);
    let reasons: Vec<&str> = found["skipped"].as_array().unwrap().iter().map(|s| s["analysis"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["linearised", "fixed-points"], "a recording has no network");
    for name in ["table.csv", "analysis.npz", "recording.svg", "recording.png", "provenance.toml"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert!(!out.join("network.svg").exists());
    let rows = fs::read_to_string(out.join("table.csv")).unwrap().lines().count();
    assert_eq!(rows, 1 + found["rows"].as_array().unwrap().len());
}

#[test]
fn a_network_has_fixed_points_and_a_linearised_spectrum() {
    let folder = tempfile::tempdir().unwrap();
    let j = nalgebra::dmatrix![2.0, 0.0; 0.0, 0.5];
    let network = Network::new(Regions::single("all", 2).unwrap(), Connectivity::dense(j).unwrap(), Tanh, &[0.1]).unwrap();
    let path = folder.path().join("network.npz");
    write_network(&path, &network).unwrap();
    let out = folder.path().join("out");
    let found = document(&["analyse", path.to_str().unwrap()], &out);
    assert_eq!(value(&found, "40 starts", "fixed points"), 3.0);
    assert!((value(&found, "x = 0", "growth rate") - 10.0).abs() < 1e-9);
    assert_eq!(found["skipped"].as_array().unwrap().len(), 8, "there is no recording");
    let states = read_arrays(&out.join("analysis.npz")).unwrap().get("fixed_point_states").unwrap().to_matrix().unwrap();
    assert_eq!(states.shape(), (3, 2));
    assert!(states.column(0).iter().all(|x| x.abs() < 1e-9 || (x.abs() - 1.9150080481545).abs() < 1e-9));
    assert!(out.join("network.png").is_file() && !out.join("recording.png").exists());
    // The spectrum at one of them, on the scale on which 1 is the limit: 2 (1 - tanh²) and 0.5.
    let outer = (0..3).find(|&k| states[(k, 0)].abs() > 1.0).unwrap().to_string();
    let at = out.join("analysis.npz");
    let arguments = ["spectrum", path.to_str().unwrap(), "--at", at.to_str().unwrap(), "--state", &outer];
    let text = told(&arguments, &folder.path().join("spectrum"));
    assert!(text.contains("stable (largest real part 0.5000"), "{text}");
}

#[test]
fn both_are_found_in_a_simulation_and_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let simulation = folder.path().join("simulation");
    told(&["simulate", "--ensemble", "multi-region", "--n", "12", "--duration", "6"], &simulation);
    let path = simulation.join("recording.npz");
    let bytes = |threads: &str| {
        let out = folder.path().join(threads);
        let text = told(&["analyse", path.to_str().unwrap(), "--threads", threads, "--starts", "12"], &out);
        assert!(text.contains("and its network") && !text.contains("not done"), "{text}");
        (fs::read(out.join("table.csv")).unwrap(), fs::read(out.join("analysis.npz")).unwrap())
    };
    assert_eq!(bytes("1"), bytes("2"));
}

#[test]
fn what_cannot_be_done_is_said_and_the_rest_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = sheet(folder.path(), 4, 300, turning);
    let found = document(&["analyse", path.to_str().unwrap(), "--dt", "0.01"], &folder.path().join("one"));
    let reason = |name: &str| {
        let skipped = found["skipped"].as_array().unwrap().iter().find(|skipped| skipped["analysis"] == name);
        skipped.map(|skipped| skipped["reason"].as_str().unwrap().to_string())
    };
    for name in ["correlation", "angles", "communication", "similarity"] {
        assert!(reason(name).unwrap().contains("one region"), "{name}");
    }
    assert_eq!(reason("dimension"), None);
    // Too short for a spectrum, long enough for the dimension.
    let short = sheet(folder.path(), 4, 30, turning);
    let text = told(&["analyse", short.to_str().unwrap(), "--dt", "0.01", "--only", "spectrum,dimension"], &folder.path().join("two"));
    assert!(text.contains("spectrum: not done") && text.contains("participation ratio"), "{text}");
    assert!(refused(&["analyse", short.to_str().unwrap(), "--dt", "0.01", "--only", "spectrum"]).contains("nothing could be analysed"));
}

#[test]
fn constant_neurons_are_dropped_and_regions_too_small_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = sheet(folder.path(), 6, 400, |i, k| if i == 2 { 1.0 } else { turning(i, k) });
    let arguments = ["analyse", path.to_str().unwrap(), "--dt", "0.01", "--regions", "A:0-1,B:2,C:3-5"];
    let found = document(&arguments, &folder.path().join("out"));
    let notices = found["notices"].to_string();
    assert!(notices.contains("dropped neuron 2") && notices.contains("region 'B'"), "{notices}");
    assert!(value(&found, "A → C", "dimension of the subspace") >= 1.0);
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = sheet(folder.path(), 3, 100, turning);
    let good = good.to_str().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let nan = write("nan.csv", &["1,2,3,4,NaN,6,7,8,9,10,11,12", "2,1,4,3,6,5,8,7,10,9,12,11"].join("\n"));
    let flat = write("flat.csv", &["1,1,1,1,1,1,1,1,1,1,1,1", "2,2,2,2,2,2,2,2,2,2,2,2"].join("\n"));
    let short = write("short.csv", "1,2,3\n3,2,1\n");
    assert!(refused(&["analyse", "missing.npz"]).contains("no such file"));
    assert!(refused(&["analyse", &nan, "--dt", "0.1"]).contains("NaN at neuron 0, sample 4"));
    assert!(refused(&["analyse", &flat, "--dt", "0.1"]).contains("every neuron is constant"));
    assert!(refused(&["analyse", &short, "--dt", "0.1"]).contains("at least 10 samples"));
    assert!(refused(&["analyse", good]).contains("--dt"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--only", "dimensions"]).contains("'dimensions'"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--samples", "50:20"]).contains("--samples"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--samples", "0:101"]).contains("at most 100"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--components", "0"]).contains("components = 0"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--longest", "-1"]).contains("longest lag = -1"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--smooth", "-1"]).contains("-1"));
    assert!(refused(&["spectrum", "--ensemble", "gaussian", "--at", good]).contains("--at"));
    assert!(refused(&["analyse", good, "--dt", "0.1", "--only", "fixed-points"]).contains("holds no network"));
}
