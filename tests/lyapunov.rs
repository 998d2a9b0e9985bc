//! `crosscurrent lyapunov`: exponents of networks, kept on the way and taken up again; bad input is refused in one line.

use crosscurrent::io::read_arrays;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn command(arguments: &[&str], out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosscurrent"));
    command.arg("lyapunov").args(arguments).arg("--out").arg(out);
    command
}

fn told(arguments: &[&str], out: &Path) -> String {
    let output = command(arguments, out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stderr, .. } = command(arguments, &folder.path().join("out")).output().unwrap();
    let error = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{arguments:?}: {error}");
    error
}

#[test]
fn all_exponents_of_a_law_obey_their_sum_rule() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["--ensemble", "gaussian", "--set", "gain=3", "--n", "30", "--duration", "40", "--two-trajectories", "--covariant", "3"];
    let mut arguments = arguments.to_vec();
    arguments.extend(["--transient", "20", "--dt", "0.05", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&told(&arguments, folder.path())).unwrap();
    assert_eq!((document["neurons"].as_u64(), document["exponents"].as_array().unwrap().len()), (Some(30), 30));
    let named = |name: &str| {
        document["quantities"].as_array().unwrap().iter().find(|q| q["name"].as_str().unwrap().starts_with(name)).unwrap().clone()
    };
    let sum = named("sum of all");
    assert!((sum["value"].as_f64().unwrap() - sum["check"].as_f64().unwrap()).abs() < 30.0 * 1e-3, "{sum}");
    assert!(named("largest exponent (")["check"].is_number());
    let arrays = read_arrays(&folder.path().join("lyapunov.npz")).unwrap();
    assert_eq!(arrays.get("exponents").unwrap().shape(), [30]);
    assert_eq!(arrays.get("finite_time").unwrap().shape(), [100, 30]);
    assert_eq!(read_arrays(&folder.path().join("covariant.npz")).unwrap().get("vectors").unwrap().shape(), [3, 30, 30]);
    assert_eq!(fs::read_to_string(folder.path().join("exponents.csv")).unwrap().lines().count(), 31);
    for name in ["exponents.svg", "exponents.png", "provenance.toml"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    assert!(!folder.path().join("checkpoint.npz").exists(), "a job that is done keeps no checkpoint");
}

#[test]
fn vectors_in_32_bits_find_the_same_exponents() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--ensemble", "gaussian", "--set", "gain=3", "--n", "60", "--exponents", "20", "--duration", "50", "--json"];
    let found = ["double", "single"].map(|precision| {
        let out = folder.path().join(precision);
        let document: serde_json::Value =
            serde_json::from_str(&told(&[&arguments[..], &["--precision", precision]].concat(), &out)).unwrap();
        assert!(fs::read_to_string(out.join("provenance.toml")).unwrap().contains(&format!("precision = \"{precision}\"")));
        document["exponents"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect::<Vec<f64>>()
    });
    assert_ne!(found[0], found[1]);
    assert!(found[0].iter().zip(&found[1]).all(|(double, single)| (double - single).abs() < 1e-4), "{found:?}");
}

#[test]
fn every_seed_can_be_told() {
    let folder = tempfile::tempdir().unwrap();
    let short = ["--ensemble", "gaussian", "--n", "5", "--duration", "1", "--transient", "0", "--alignment", "0"];
    for seed in ["1", "2", "3", "4"] {
        told(&[&short[..], &["--seed", seed]].concat(), &folder.path().join(seed));
        assert!(folder.path().join(seed).join("provenance.toml").is_file(), "{seed}");
    }
}

#[test]
fn inputs_noise_and_networks_come_from_options_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec.toml");
    fs::write(&spec, "kind = \"network\"\nregions = [{ name = \"A\", neurons = 20 }]\nnoise = { kind = \"white\", strength = 0.1 }\n")
        .unwrap();
    let short = ["--duration", "3", "--transient", "1", "--exponents", "2"];
    let drive = ["--input", "{ amplitude = 3.0, input = { kind = \"sine\", frequency = 1.0 } }", "--integrator", "euler"];
    let all = |first: &[&'static str]| [first, &short, &drive].concat();
    let path = spec.to_str().unwrap();
    let text = told(&[&[path], &short[..], &drive].concat(), &folder.path().join("a"));
    assert!(text.contains("20 neurons") && text.contains("The network is driven"), "{text}");
    let text = told(
        &all(&["--ensemble", "gaussian", "--n", "15", "--noise", "0.2", "--nonlinearity", "rectified", "--tau", "0.1"]),
        &folder.path().join("b"),
    );
    assert!(text.contains("15 neurons, the leading 2 exponents over 3 s"), "{text}");
    let simulation = folder.path().join("simulation");
    let made = Command::new(env!("CARGO_BIN_EXE_crosscurrent"))
        .args(["simulate", "--ensemble", "gaussian", "--regions", "1", "--n", "12", "--duration", "1", "--out"])
        .arg(&simulation)
        .output();
    assert!(made.unwrap().status.success());
    let recording = simulation.join("recording.npz");
    let text = told(&[&[recording.to_str().unwrap()], &short[..]].concat(), &folder.path().join("c"));
    assert!(text.contains("12 neurons"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    use std::time::{Duration, Instant};
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let arguments = ["--ensemble", "gaussian", "--set", "gain=3", "--n", "80", "--noise", "0.1", "--duration", "100", "--checkpoint", "0"];
    told(&arguments, &whole);
    // Ctrl-C as soon as there is something to go on from.
    let mut child = command(&arguments, &parts).spawn().unwrap();
    let start = Instant::now();
    while !parts.join("checkpoint.npz").exists() && child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success();
    let status = child.wait().unwrap();
    assert!(interrupted && status.code() == Some(130), "{status}");
    assert!(parts.join("checkpoint.npz").is_file());
    for other in [vec!["--ensemble", "gaussian", "--n", "10"], [&arguments[..], &["--precision", "single"]].concat()] {
        let refused = command(&other, &parts).output().unwrap();
        assert!(String::from_utf8(refused.stderr).unwrap().contains("--fresh"), "a checkpoint of another job is not taken up");
    }
    told(&arguments, &parts);
    for file in ["exponents.csv", "lyapunov.npz"] {
        assert_eq!(fs::read(whole.join(file)).unwrap(), fs::read(parts.join(file)).unwrap(), "{file}");
    }
}

#[test]
fn bad_input_is_refused() {
    assert!(refused(&[]).contains("--ensemble"));
    assert!(refused(&["--ensemble", "gausian"]).contains("did you mean 'gaussian'"));
    assert!(refused(&["--ensemble", "gaussian", "--exponents", "none"]).contains("or all"));
    assert!(refused(&["--ensemble", "gaussian", "--n", "5", "--exponents", "6"]).contains("at most the 5"));
    assert!(refused(&["--ensemble", "gaussian", "--integrator", "rk5"]).contains("did you mean 'rk4'"));
    assert!(refused(&["--ensemble", "gaussian", "--dt", "-1"]).contains("dt = -1"));
    assert!(refused(&["--ensemble", "gaussian", "--duration", "0"]).contains("duration = 0"));
    assert!(refused(&["--ensemble", "gaussian", "--input", "{ input = { kind = \"sin\" } }"]).contains("did you mean 'sine'"));
    assert!(refused(&["--ensemble", "gaussian", "--precision", "half"]).contains("[possible values: double, single]"));
    assert!(refused(&["missing.npz"]).contains("no such file"));
}
