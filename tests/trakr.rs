//! `crosscurrent trakr track`: a recording in, its changes out; bad input is refused in one line.

use crosscurrent::io::{Array, read_arrays, write_npy};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Samples per second.
const RATE: f64 = 100.0;

fn track(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosscurrent"));
    command.args(["trakr", "track"]).args(arguments).arg("--out").arg(out).output().unwrap()
}

/// 240 s of a noisy sine whose frequency doubles from 150 to 180 s.
fn signal() -> Vec<f64> {
    let mut state = 12345_u64;
    let mut phase = 0.0;
    let mut next = |k: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let hertz = if (15_000..18_000).contains(&k) { 5.0 } else { 2.5 };
        phase += std::f64::consts::TAU * hertz / RATE;
        phase.sin() + 0.2 * ((state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5)
    };
    (0..24_000).map(&mut next).collect()
}

fn changes(folder: &Path) -> Vec<(f64, String)> {
    let text = fs::read_to_string(folder.join("change_points.csv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse().unwrap(), cells[1].to_string())
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn a_change_and_its_return_are_found_in_every_format_and_go_with_their_event() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (npy, text, row, events, signal) = (at("lfp.npy"), at("lfp.csv"), at("row.csv"), at("events.csv"), signal());
    fs::write(&row, signal.iter().map(f64::to_string).collect::<Vec<_>>().join(",") + "\n").unwrap();
    fs::write(&text, signal.iter().map(|value| format!("{value}\n")).collect::<String>()).unwrap();
    write_npy(&npy, &Array::vector(signal)).unwrap();
    fs::write(&events, "time\n149.8\n").unwrap();
    let common = ["--dt", "0.01", "--train", "0:80", "--units", "30", "--json"];
    for (name, file, more) in [("a", &npy, &[][..]), ("b", &text, &["--transpose"][..]), ("c", &row, &[][..])] {
        let out = at(name);
        let arguments = [&[file.to_str().unwrap()], &common[..], more, &["--events", events.to_str().unwrap()]].concat();
        let output = track(&arguments, &out);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found = changes(&out);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!((found[0].0 - 150.0).abs() < 1.0 && found[0].1 == "departure", "{found:?}");
        assert!((found[1].0 - 180.0).abs() < 10.0 && found[1].1 == "return", "{found:?}");
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains("\"with_departure\": 1"), "{told}");
        for name in ["table.csv", "events.csv", "track.png", "track.svg", "summary.txt", "provenance.toml"] {
            assert!(out.join(name).is_file(), "{name}");
        }
        assert_eq!(read_arrays(&out.join("track.npz")).unwrap().get("learning_error").unwrap().shape(), [1, 24_000]);
    }
    for other in ["b/table.csv", "c/table.csv"] {
        assert_eq!(fs::read(at("a/table.csv")).unwrap(), fs::read(at(other)).unwrap());
    }
}

#[test]
fn any_law_can_be_the_reservoir() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lfp.npy");
    write_npy(&file, &Array::vector(signal())).unwrap();
    let law = ["--reservoir", "orthogonal", "--set", "gain=0.9", "--units", "50"];
    let output = track(&[&[file.to_str().unwrap(), "--dt", "0.01", "--train", "0:60"], &law[..]].concat(), folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(changes(folder.path()).iter().any(|(_, kind)| kind == "departure"), "{:?}", changes(folder.path()));
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("lfp.npy"), folder.path().join("out"));
    let refused = |values: Vec<f64>, more: &[&str]| {
        write_npy(&file, &Array::vector(values)).unwrap();
        let output = track(&[&[file.to_str().unwrap(), "--dt", "0.01"], more].concat(), &out);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        error
    };
    let long = signal();
    let broken: Vec<f64> = long.iter().enumerate().map(|(k, value)| if k == 777 { f64::NAN } else { *value }).collect();
    assert!(refused(long.clone(), &["--train", "200:300"]).contains("lasts 240 s"));
    assert!(refused(long.clone(), &["--train", "60:0"]).contains("the first before the second"));
    assert!(refused(long.clone(), &["--train", "0:60", "--calibrate", "50:100"]).contains("does not overlap"));
    assert!(refused(long.clone(), &["--train", "0:60", "--channels", "1"]).contains("from 0 to 0"));
    assert!(refused(long.clone(), &["--train", "0:60", "--reservoir", "orthogonl"]).contains("did you mean 'orthogonal'"));
    assert!(refused(long.clone(), &["--train", "0:60", "--reservoir", "elliptic", "--set", "tau=2"]).contains("tau = 2"));
    assert!(refused(long, &["--train", "0:1"]).contains("calibration stretch"));
    assert!(refused(broken, &["--train", "0:60"]).contains("NaN at channel 0, sample 777"));
    assert!(refused(vec![1.0; 20_000], &["--train", "0:60"]).contains("never changes"));
    assert!(refused(Vec::new(), &["--train", "0:60"]).contains("empty"));
}
