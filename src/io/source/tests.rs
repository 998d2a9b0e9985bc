//! Files as users have them, and what is refused.

use super::*;
use crate::io::{Array, Packing, write_recording};
use nalgebra::DMatrix;
use std::path::Path;

fn wave(neurons: usize, samples: usize) -> DMatrix<f64> {
    DMatrix::from_fn(neurons, samples, |i, k| ((i + 1) as f64 * 0.37 * k as f64).sin())
}

fn npz(folder: &Path, edit: impl FnOnce(&mut Arrays)) -> PathBuf {
    let path = folder.join("a.npz");
    let mut arrays = Arrays::default();
    edit(&mut arrays);
    arrays.write_npz(&path, Packing::default()).unwrap();
    path
}

fn simple(folder: &Path) -> Source {
    Source::of(npz(folder, |arrays| {
        arrays.push("activity", Array::from(&wave(4, 20)));
        arrays.push("fps", Array::of(8.0));
    }))
}

fn refused(source: Source) -> String {
    let message = source.read().unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn scattered_labels_are_sorted_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.csv");
    std::fs::write(&labels, "index,name,area\n0,a,X\n1,b,Y\n2,c,X\n3,d,Y\n").unwrap();
    let source = Source { labels: Some(labels), by: Some("area".into()), ..simple(folder.path()) };
    let loaded = source.read().unwrap();
    assert_eq!(loaded.recorded.neuron_index, [0, 2, 1, 3]);
    assert_eq!(loaded.recorded.recording.regions, Regions::new([("X", 2), ("Y", 2)]).unwrap());
    assert_eq!(loaded.recorded.recording.rates.row(1), wave(4, 20).row(2));
    assert_eq!(loaded.recorded.recording.clock.dt(), 0.125);
    assert!(loaded.notices[0].contains("'fps' = 8"), "{:?}", loaded.notices);
    let message = refused(Source { by: Some("aera".into()), ..source.clone() });
    assert!(message.contains("no column is called 'aera'") && message.contains("index, name, area"), "{message}");
    assert!(refused(Source { by: None, ..source.clone() }).contains("one of the columns name, area"));
    assert!(refused(Source { regions: Some("A:0-3".into()), ..source.clone() }).contains("not both"));
    std::fs::write(source.labels.as_ref().unwrap(), "area\nX\nY\n").unwrap();
    assert!(refused(source.clone()).contains("expected 4 rows, one per neuron, found 2 rows"));
    std::fs::write(source.labels.as_ref().unwrap(), "name,area\na,X\nb,\nc,X\nd,Y\n").unwrap();
    assert!(refused(source).contains("row 1 (from 0, after the header) has no 'area'"));
}

#[test]
fn ranges_are_checked_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let with = |ranges: &str| Source { regions: Some(ranges.into()), ..simple(folder.path()) };
    let loaded = with("B:2-3, A:0 ,A:1").read().unwrap();
    assert_eq!(loaded.recorded.neuron_index, [2, 3, 0, 1]);
    assert!(refused(with("A:0-2,B:2-3")).contains("neuron 2 is in 'A' and in 'B'"));
    assert!(refused(with("A:0-1,B:2-4")).contains("B:2-4: expected neurons 0 to 3"));
    assert!(refused(with("A:0-1,B:3")).contains("1 of the 4 neurons are in no region (between 2 and 2)"));
    assert!(refused(with("")).contains("at least one region"));
    for wrong in ["A", "A:", ":0-3", "A:3-0", "A:0-x", "A:-1-3"] {
        assert!(refused(with(wrong)).contains("NAME:FIRST-LAST"), "{wrong}");
    }
}

#[test]
fn regions_may_be_texts_of_the_file_or_missing() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = simple(folder.path()).read().unwrap();
    assert_eq!(loaded.recorded.recording.regions.names(), ["all"]);
    assert!(loaded.notices.iter().any(|notice| notice.contains("a single current")));
    let texts: Vec<String> = ["P", "Q", "P", "Q"].map(String::from).to_vec();
    let path = npz(folder.path(), |arrays| {
        arrays.push("rates", Array::from(&wave(4, 20)));
        arrays.push_text("area", texts.clone());
        arrays.push_text("side", vec!["L".into(); 4]);
    });
    let source = Source { dt: Some(0.1), ..Source::of(path) };
    assert_eq!(source.read().unwrap().recorded.recording.regions.names(), ["P", "Q"]);
    let side = Source { by: Some("side".into()), ..source.clone() };
    assert_eq!(side.read().unwrap().recorded.recording.regions.names(), ["L"]);
    assert!(refused(Source { by: Some("none".into()), ..source }).contains("no text is called 'none'"));
}

#[test]
fn the_array_is_chosen_by_name_by_labels_or_by_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = npz(folder.path(), |arrays| {
        arrays.push("other", Array::from(&wave(3, 20)));
        arrays.push("first", Array::from(&wave(4, 20)));
        arrays.push("dt_ms", Array::of(50.0));
    });
    let source = Source::of(&path);
    assert!(refused(source.clone()).contains("say which one with --array"));
    let named = Source { array: Some("other".into()), ..source.clone() }.read().unwrap();
    assert_eq!((named.recorded.recording.neurons(), named.recorded.recording.clock.dt()), (3, 0.05));
    assert!(refused(Source { array: Some("othre".into()), ..source.clone() }).contains("the file holds other (3, 20)"));
    let labels = folder.path().join("labels.csv");
    std::fs::write(&labels, "area\nX\nY\nX\nY\n").unwrap();
    let loaded = Source { labels: Some(labels), ..source }.read().unwrap();
    assert!(loaded.notices[0].contains("took array 'first' (4, 20) because it has one row per label"), "{:?}", loaded.notices);
    let path = npz(folder.path(), |arrays| {
        arrays.push("other", Array::from(&wave(3, 20)));
        arrays.push("activity", Array::from(&wave(4, 20)));
    });
    assert_eq!(Source { dt: Some(1.0), ..Source::of(path) }.read().unwrap().recorded.recording.neurons(), 4);
}

#[test]
fn slices_and_orientation_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let cube = Array::new(vec![3, 4, 20], (0..240).map(|v| f64::from(v * v % 97)).collect()).unwrap();
    let path = npz(folder.path(), |arrays| {
        arrays.push("dff", cube.clone());
        arrays.push("line", Array::vector((0..20).map(f64::from).collect()));
        arrays.push("dt", Array::of(0.1));
    });
    let source = Source::of(path);
    assert!(refused(source.clone()).contains("leading axis has 3 entries, no slice is chosen; choose one with --slice 0 … 2"));
    assert!(refused(Source { slice: Some(3), ..source.clone() }).contains("there is no slice 3"));
    let second = Source { slice: Some(1), ..source.clone() }.read().unwrap().recorded.recording;
    assert_eq!(second.rates, cube.slice(1).unwrap().to_matrix().unwrap());
    let turned = Source { slice: Some(1), transpose: true, ..source.clone() };
    assert!(refused(turned).contains("at least 10 samples, found 4"));
    let line = Source { array: Some("line".into()), ..source.clone() };
    assert_eq!(line.read().unwrap().recorded.recording.rates.shape(), (1, 20), "one axis is a single channel");
    assert!(refused(Source { slice: Some(0), ..line }).contains("found shape (20)"));
    assert!(refused(Source { slice: Some(0), ..simple(folder.path()) }).contains("leave --slice out"));
    let csv = folder.path().join("b.csv");
    std::fs::write(&csv, (0..20).map(|k| format!("{},{}\n", k % 7, k % 5)).collect::<String>()).unwrap();
    let upright = Source { transpose: true, dt: Some(0.1), ..Source::of(csv) }.read().unwrap();
    assert_eq!(upright.recorded.recording.rates.shape(), (2, 20));
}

#[test]
fn intervals_that_are_missing_or_senseless_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, value: f64| {
        Source::of(npz(folder.path(), |arrays| {
            arrays.push("rates", Array::from(&wave(2, 20)));
            arrays.push(name, Array::of(value));
        }))
    };
    assert!(refused(with("temperature", 21.0)).contains("give it in seconds with --dt"));
    assert!(refused(with("dt", -0.1)).contains("'dt' = -0.1 is no time"));
    assert!(refused(with("fps", 0.0)).contains("'fps' = 0 is no time"));
    assert!(refused(Source { dt: Some(-1.0), ..with("dt", 0.1) }).contains("dt = -1"));
    assert!(refused(Source { dt: Some(f64::NAN), ..with("dt", 0.1) }).contains("dt = NaN"));
}

#[test]
fn constant_neurons_are_named_and_empty_regions_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut rates = wave(5, 20);
    rates.row_mut(1).fill(0.0);
    rates.row_mut(3).fill(2.5);
    rates.row_mut(4).fill(0.0);
    let path = npz(folder.path(), |arrays| arrays.push("rates", Array::from(&rates)));
    let source = Source { dt: Some(0.1), regions: Some("A:0-2,B:3,C:4".into()), ..Source::of(path) };
    let loaded = source.read().unwrap();
    assert_eq!(loaded.recorded.neuron_index, [0, 2]);
    assert_eq!(loaded.recorded.recording.regions, Regions::new([("A", 2)]).unwrap());
    assert!(loaded.notices[0].starts_with("dropped neurons 1, 3, 4 "), "{:?}", loaded.notices);
    assert!(loaded.notices[1].contains("'B'") && loaded.notices[2].contains("'C'"));
    let path = npz(folder.path(), |arrays| arrays.push("rates", Array::from(&DMatrix::from_element(3, 20, 1.0))));
    assert!(refused(Source { dt: Some(0.1), ..Source::of(path) }).contains("every neuron is constant"));
}

#[test]
fn values_that_are_not_finite_are_named_by_their_place_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for bad in [f64::NAN, f64::INFINITY] {
        let mut rates = wave(4, 20);
        rates[(2, 7)] = bad;
        let path = npz(folder.path(), |arrays| arrays.push("rates", Array::from(&rates)));
        // Sorting puts row 2 first: the error must come before it.
        let message = refused(Source { dt: Some(0.1), regions: Some("A:2-3,B:0-1".into()), ..Source::of(path) });
        assert!(message.contains("at neuron 2, sample 7 (1 of 80 values); interpolate"), "{message}");
    }
}

#[test]
fn our_own_files_keep_all_they_know() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::new(wave(4, 20), 0.25, Regions::new([("A", 1), ("B", 3)]).unwrap()).unwrap();
    recording.trial_starts = vec![0, 12];
    let path = folder.path().join("recording.npz");
    write_recording(&path, &Recorded { neuron_index: vec![3, 0, 1, 2], ..recording.clone().into() }).unwrap();
    let loaded = Source::of(&path).read().unwrap();
    assert_eq!((&loaded.recorded.recording, &loaded.notices), (&recording, &Vec::new()));
    let other = Source { dt: Some(0.5), regions: Some("X:1-3,Y:0".into()), ..Source::of(&path) }.read().unwrap().recorded;
    assert_eq!((other.neuron_index, other.recording.clock.dt()), (vec![0, 1, 2, 3], 0.5));
}

#[test]
fn the_sample_needs_nothing_else() {
    let loaded = Source::of("sample").read().unwrap();
    let recording = &loaded.recorded.recording;
    assert_eq!((recording.neurons(), recording.samples(), recording.regions.count()), (28, 250, 7));
    assert_eq!(recording.clock.dt(), 1.89);
    let hemispheres = Source { by: Some("hemisphere".into()), ..Source::of("sample") }.read().unwrap();
    assert_eq!(hemispheres.recorded.recording.regions.names(), ["L", "R"]);
}
