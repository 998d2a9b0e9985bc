//! `crosscurrent curbd`: real recordings in, results out; bad input is refused in one line.

use crosscurrent::ensemble::MultiRegion;
use crosscurrent::io::{Array, Arrays, Packing, Recorded, read_arrays, read_fitted, write_recording};
use crosscurrent::metric::correlation;
use crosscurrent::nonlinearity::Tanh;
use crosscurrent::{Clock, Ensemble, Network, Regions, Seed, Simulation};
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn curbd(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosscurrent"));
    command.arg("curbd").args(arguments).arg("--out").arg(out).output().unwrap()
}

/// What a run that must succeed prints.
fn told(arguments: &[&str], out: &Path) -> String {
    let output = curbd(arguments, out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The one line that a run which must be refused prints; it may leave no file.
fn refused(arguments: &[&str], out: &Path) -> String {
    let output = curbd(arguments, out);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty());
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(!out.is_dir() || fs::read_dir(out).unwrap().next().is_none(), "{error}");
    error
}

/// Slow waves with a little structure of their own: `neurons` × `samples`.
fn waves(neurons: usize, samples: usize) -> Vec<Vec<f64>> {
    let value = |i: usize, k: usize| (TAU * (k as f64 / (23.0 + i as f64) + i as f64 / 7.0)).sin() + 0.3 * ((i * k) as f64).sin();
    (0..neurons).map(|i| (0..samples).map(|k| value(i, k)).collect()).collect()
}

fn csv(path: &Path, rows: &[Vec<f64>]) {
    let line = |row: &Vec<f64>| row.iter().map(f64::to_string).collect::<Vec<_>>().join(",") + "\n";
    fs::write(path, rows.iter().map(line).collect::<String>()).unwrap();
}

fn npz(path: &Path, shape: &[usize], dt: f64) {
    let count = shape.iter().product();
    let mut arrays = Arrays::default();
    let values = waves(1, count).remove(0);
    arrays.push("activity", Array::new(shape.to_vec(), values).unwrap());
    arrays.push("dt_s", Array::of(dt));
    arrays.write_npz(path, Packing::default()).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_embedded_sample_and_the_file_in_the_repository_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fmri");
    let (file, labels) = (data.join("fmri28_rest.npz"), data.join("fmri28_rest.labels_roi-hemisphere-group.csv"));
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let summary = told(&["sample", "--passes", "5"], &a);
    told(&[text(&file), "--labels", text(&labels), "--by", "group", "--passes", "5", "--threads", "2"], &b);
    for name in ["fitted.npz", "currents.npz", "table.csv"] {
        assert_eq!(fs::read(a.join(name)).unwrap(), fs::read(b.join(name)).unwrap(), "{name}");
    }
    assert!(summary.contains("What was not checked") && summary.contains("thalamus (2)"), "{summary}");
    assert_eq!(fs::read_to_string(a.join("summary.txt")).unwrap(), summary);
    assert_eq!(fs::read_to_string(a.join("table.csv")).unwrap().lines().count(), 50);
    for stem in ["regions", "traces", "fit"] {
        let svg = fs::read_to_string(a.join(stem).with_extension("svg")).unwrap();
        assert_eq!(svg, fs::read_to_string(b.join(stem).with_extension("svg")).unwrap(), "{stem}");
        assert!(svg.contains("thalamus") && summary.contains(&format!("{stem}.svg, {stem}.png")), "{stem}");
        assert!(fs::read(a.join(stem).with_extension("png")).unwrap().starts_with(b"\x89PNG"), "{stem}");
    }
    let provenance = fs::read_to_string(b.join("provenance.toml")).unwrap();
    assert!(provenance.contains("name = \"fmri28_rest.npz\"") && provenance.contains("z_score = true"), "{provenance}");
}

#[test]
fn currents_add_up_to_what_the_fitted_network_says() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("rates.csv"), folder.path().join("out"));
    csv(&file, &waves(6, 150));
    for method in ["corrected", "ridge", "curbd-python", "curbd-matlab"] {
        let arguments = [text(&file), "--dt", "0.05", "--regions", "A:0-1,B:2-5", "--method", method, "--passes", "8", "--json"];
        let document: serde_json::Value = serde_json::from_str(&told(&arguments, &out)).unwrap();
        assert_eq!(document["pairs"].as_array().unwrap().len(), 4);
        assert_eq!(document["scores"]["fitted_samples"], 120);
        assert!(document["scores"]["persistence"].is_number());
        let fitted = read_fitted(&out.join("fitted.npz")).unwrap();
        let currents = read_arrays(&out.join("currents.npz")).unwrap();
        let part = |name: &str| currents.get(name).unwrap().to_matrix().unwrap();
        let sum = part("current_A_to_B") + part("current_B_to_B");
        let drive = fitted.network.connectivity.to_dense() * fitted.at_samples().unwrap().rates;
        let size = drive.amax();
        assert!((sum - drive.rows(2, 4)).amax() < 1e-6 * size, "{method}");
        assert!((part("excitatory_A_to_B") + part("inhibitory_A_to_B") - part("current_A_to_B")).amax() < 1e-6 * size);
    }
}

#[test]
fn a_recording_whose_truth_is_known_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("recording.npz"), folder.path().join("out"));
    let regions = Regions::new([("A", 12), ("B", 12)]).unwrap();
    let j = MultiRegion::default().sample(&regions, Seed(3)).unwrap();
    let network = Network::new(regions, j, Tanh, &[0.1]).unwrap();
    let recording = Simulation { clock: Clock::new(0.01, 12.0).unwrap(), ..Default::default() }.run(&network).unwrap();
    write_recording(&file, &Recorded { truth: Some(network.clone()), ..recording.into() }).unwrap();
    let summary = told(&[text(&file), "--raw", "--method", "ridge"], &out);
    assert!(summary.contains("A (12), B (12)") && summary.contains("1.000"), "{summary}");
    let fitted = read_fitted(&out.join("fitted.npz")).unwrap();
    assert!(correlation(&network.connectivity.to_dense(), &fitted.network.connectivity.to_dense()) > 0.999);
}

#[test]
fn the_agreement_of_two_fits_is_told_where_the_start_is_random() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("rates.csv"), folder.path().join("out"));
    csv(&file, &waves(6, 150));
    let with = |method: &str| told(&[text(&file), "--dt", "0.05", "--regions", "A:0-1,B:2-5", "--passes", "3", "--method", method], &out);
    assert!(with("corrected").contains("Agreement between two fits"));
    assert!(!with("ridge").contains("Agreement between two fits"));
}

#[test]
fn constant_neurons_are_dropped_and_never_become_nan() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("rates.csv"), folder.path().join("out"));
    let mut rows = waves(6, 100);
    rows[1] = vec![0.0; 100];
    // Silent in all that is fitted, active in what is held out.
    rows[4][..90].fill(2.0);
    csv(&file, &rows);
    let summary = told(&[text(&file), "--dt", "0.05", "--regions", "A:0-3,B:4,C:5", "--passes", "3"], &out);
    for expected in ["dropped neuron 1 (", "dropped neuron 4 (", "no change in samples 0-79", "dropped region 'B'"] {
        assert!(summary.contains(expected), "{expected}: {summary}");
    }
    assert!(!fs::read_to_string(out.join("table.csv")).unwrap().contains("NaN"));
}

#[test]
fn bad_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let out = path("out");
    let (file, broken) = (path("a.npz"), path("broken.npz"));
    assert!(refused(&[text(&path("missing.npz"))], &out).contains("there is no such file"));
    npz(&file, &[4, 60], 0.1);
    fs::write(&broken, &fs::read(&file).unwrap()[..1200]).unwrap();
    assert!(refused(&[text(&broken)], &out).contains("damaged"));
    npz(&file, &[2, 2, 3, 20], 0.1);
    assert!(refused(&[text(&file)], &out).contains("found shape (2, 2, 3, 20)"));
    npz(&file, &[3, 4, 60], 0.1);
    assert!(refused(&[text(&file)], &out).contains("leading axis has 3 entries"));
    assert!(refused(&[text(&file), "--slice", "3"], &out).contains("there is no slice 3"));
    npz(&file, &[20, 6], 0.1);
    assert!(refused(&[text(&file)], &out).contains("at least 10 samples, found 6"));
    npz(&file, &[4, 60], -0.1);
    assert!(refused(&[text(&file)], &out).contains("'dt_s' = -0.1"));
    let mut rows = waves(3, 60);
    rows[2][7] = f64::NAN;
    csv(&path("nan.csv"), &rows);
    assert!(refused(&[text(&path("nan.csv")), "--dt", "1"], &out).contains("NaN at neuron 2, sample 7"));
    rows[2][7] = f64::INFINITY;
    csv(&path("inf.csv"), &rows);
    assert!(refused(&[text(&path("inf.csv")), "--dt", "1"], &out).contains("inf at neuron 2, sample 7"));
    fs::write(path("text.csv"), "1,2,3\n4,five,6\n").unwrap();
    assert!(refused(&[text(&path("text.csv")), "--dt", "1"], &out).contains("line 2, column 2"));
    csv(&path("flat.csv"), &[vec![1.0; 60], vec![0.0; 60]]);
    assert!(refused(&[text(&path("flat.csv")), "--dt", "1"], &out).contains("every neuron is constant"));
    csv(&path("ok.csv"), &waves(3, 60));
    assert!(refused(&[text(&path("ok.csv"))], &out).contains("give it in seconds with --dt"));
}

#[test]
fn bad_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, labels, out) = (folder.path().join("a.csv"), folder.path().join("labels.csv"), folder.path().join("out"));
    csv(&file, &waves(4, 60));
    fs::write(&labels, "name,area\na,X\nb,Y\nc,X\nd,Y\n").unwrap();
    let with = |options: &[&str]| refused(&[&[text(&file)], options].concat(), &out);
    assert!(with(&["--dt", "-0.1"]).contains("dt = -0.1"));
    assert!(with(&["--dt", "1", "--tau", "-2"]).contains("tau = -2"));
    assert!(with(&["--dt", "1", "--tau", "0.1", "--steps-per-sample", "1"]).contains("--steps-per-sample 20 or more"));
    assert!(with(&["--dt", "1", "--smooth", "0"]).contains("smooth = 0"));
    assert!(with(&["--dt", "1", "--passes", "0"]).contains("passes = 0"));
    assert!(with(&["--dt", "1", "--regions", ""]).contains("at least one region"));
    assert!(with(&["--dt", "1", "--regions", "A:0-2,B:2-3"]).contains("neuron 2 is in 'A' and in 'B'"));
    assert!(with(&["--dt", "1", "--regions", "A:0-9"]).contains("neurons 0 to 3"));
    assert!(with(&["--dt", "1", "--labels", text(&labels), "--by", "region"]).contains("the columns are name, area"));
    assert!(with(&["--dt", "1", "--array", "rates"]).contains("no array is called 'rates'"));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("file");
    fs::write(&taken, "").unwrap();
    assert!(refused(&["sample"], &taken).contains("expected a folder, found a file"));
    assert!(refused(&["sample"], &taken.join("below")).contains("choose an output folder"));
}

#[test]
fn the_zebrafish_beside_the_repository_are_read() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/zebrafish");
    if !data.is_dir() {
        println!("skipped: there are no shared data beside the repository");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, labels): (PathBuf, PathBuf) = (data.join("zebrafish_dev_fish1-6.npz"), data.join("zebrafish_dev_fish1-6.labels.csv"));
    for fish in ["0", "1", "2", "3", "4", "5"] {
        let out = folder.path().join(fish);
        let arguments = [text(&file), "--labels", text(&labels), "--by", "group", "--slice", fish, "--smooth", "1", "--passes", "3"];
        let summary = told(&arguments, &out);
        assert!(summary.contains("'fps_approx'") && summary.contains("dropped neuron"), "{summary}");
        assert_eq!(read_fitted(&out.join("fitted.npz")).unwrap().network.regions.count(), 5);
    }
}
