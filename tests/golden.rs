//! The published programs' own runs, reproduced from their recorded inputs. Absent records skip the tests.

use crosscurrent::replay::replay;
use std::io::Write;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden")
}

/// Every record that there is, sorted.
fn records() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return Vec::new() };
    let mut records: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    records.retain(|path| path.extension().is_some_and(|extension| extension == "npz"));
    records.sort();
    records
}

/// Rows of each known record: an array that is lost on the way must not pass unseen.
fn expected_rows(name: &str) -> Option<usize> {
    match name {
        "three_region_python" => Some(3),
        "curbd_python_a" | "curbd_python_b" | "curbd_python_c" => Some(9),
        "trakr_python" => Some(10),
        "cornn_python" => Some(17),
        _ => None,
    }
}

#[test]
fn every_record_is_reproduced_within_its_tolerance() {
    let records = records();
    if records.is_empty() {
        // Written past the test harness, which keeps what passing tests print to itself.
        writeln!(std::io::stderr(), "golden tests skipped: no records in ../shared/golden").expect("standard error is open");
        return;
    }
    for path in records {
        let name = path.file_stem().expect("a record has a name").to_string_lossy().into_owned();
        let replay = replay(&path).unwrap_or_else(|error| panic!("{error}"));
        for row in &replay.rows {
            assert!(row.agrees(None), "{name}: {row:?}");
        }
        if let Some(rows) = expected_rows(&name) {
            assert_eq!(replay.rows.len(), rows, "{name}");
        }
    }
}

#[test]
fn the_python_variant_drives_its_regions_with_the_recorded_time_courses() {
    use crosscurrent::identify::{ThreeRegion, Variant};
    let path = folder().join("three_region_python.npz");
    if !path.exists() {
        writeln!(std::io::stderr(), "golden drives skipped: no records in ../shared/golden").expect("standard error is open");
        return;
    }
    let arrays = crosscurrent::io::read_arrays(&path).expect("the record can be read");
    let recorded = |name: &str| arrays.get(name).and_then(|a| a.to_matrix()).expect("the record holds the drive");
    let spec = ThreeRegion { variant: Variant::Python, units: 16, duration: 4.0, lead: 1.0, ..Default::default() };
    let (sequence, points) = spec.drives().expect("the run is long enough");
    for (name, ours) in [("Rseq", sequence), ("Rfp", points)] {
        let theirs = recorded(name);
        assert_eq!(ours.shape(), theirs.shape(), "{name}");
        assert!((ours - theirs).amax() < 1e-12, "{name}");
    }
}
