//! A study is a grid that can be killed, continued, split and joined, and always ends in the same bytes.

use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const STUDY: &str = r#"
seeds = 3
[truths.small]
kind = "three-region"
units = 6
projecting = 0.5
amplitude = 0.5
noise = { kind = "white", strength = 0.0 }
[truths.dense]
kind = "network"
regions = [{ name = "A", neurons = 6 }, { name = "B", neurons = 6 }]
duration = 3.0
transient = 1.0
[methods.Ridge]
kind = "ridge"
[methods.Pinning]
kind = "pinning"
learning_passes = 2
[grid]
truth.small.noise.strength = [0.0, 0.1]
recording.observed = [1.0, 0.5]
recording.samples = [250, 100000]
"#;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("crosscurrent"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn study(folder: &Path) -> String {
    let path = folder.join("s.toml");
    // The long run is for the three-region truth, where it fails at once; 100 000 samples of the other would take too long.
    fs::write(&path, STUDY.replace("[250, 100000]", "[250]")).unwrap();
    path.display().to_string()
}

const FILES: [&str; 4] = ["trials.csv", "trials.parquet", "table.csv", "table.parquet"];

fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    FILES.iter().map(|name| fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))).collect()
}

fn lines(journal: &Path) -> usize {
    fs::read_to_string(journal).map_or(0, |text| text.lines().count().saturating_sub(1))
}

#[test]
fn a_killed_study_goes_on_and_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (file, whole, killed) = (study(folder.path()), folder.path().join("whole"), folder.path().join("killed"));
    let out = |path: &Path| path.display().to_string();
    assert!(run(&["identify", "--study", &file, "--threads", "2", "--out", &out(&whole)]).status.success());
    let journal = killed.join("journal.csv");
    for wanted in [2, 9] {
        let mut child = command(&["identify", "--study", &file, "--threads", "1", "--out", &out(&killed)]).spawn().unwrap();
        let start = Instant::now();
        while lines(&journal) < wanted && start.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(2));
        }
        // SIGKILL: no handler runs.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // A line torn by the crash, as a full disk or a power cut leaves it.
    let mut torn = fs::read(&journal).unwrap();
    torn.extend(b"0123456789abcdef,small");
    fs::write(&journal, &torn).unwrap();
    assert!(!killed.join("trials.csv").exists());
    assert!(run(&["identify", "--study", &file, "--threads", "2", "--out", &out(&killed)]).status.success());
    assert_eq!(bytes(&killed), bytes(&whole));
    // No trial lost, none twice.
    let text = fs::read_to_string(&journal).unwrap();
    let keys: std::collections::HashSet<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!((keys.len(), text.lines().count() - 1), (lines(&whole.join("journal.csv")), lines(&whole.join("journal.csv"))));
}

#[test]
fn parts_join_into_the_whole_and_what_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (file, parts, joined) = (study(folder.path()), folder.path().join("parts"), folder.path().join("joined"));
    let text = |path: &Path| path.display().to_string();
    for shard in ["1/3", "3/3"] {
        assert!(run(&["identify", "--study", &file, "--shard", shard, "--out", &text(&parts)]).status.success());
    }
    let missing = run(&["gather", &text(&parts), "--out", &text(&joined)]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stdout).contains("trials are missing"), "{missing:?}");
    assert!(run(&["identify", "--study", &file, "--shard", "2/3", "--out", &text(&parts)]).status.success());
    assert!(run(&["gather", &text(&parts), "--out", &text(&joined)]).status.success());
    let whole = folder.path().join("whole");
    assert!(run(&["identify", "--study", &file, "--out", &text(&whole)]).status.success());
    assert_eq!(bytes(&joined), bytes(&whole));
    // Another study is refused.
    let other = folder.path().join("other.toml");
    fs::write(&other, fs::read_to_string(&file).unwrap().replace("seeds = 3", "seeds = 1")).unwrap();
    assert!(run(&["identify", "--study", &text(&other), "--shard", "1/2", "--out", &text(&folder.path().join("o"))]).status.success());
    let refused = run(&["gather", &text(&parts.join("shard-1-of-3")), &text(&folder.path().join("o")), "--out", &text(&joined)]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another study"), "{refused:?}");
}

#[test]
fn a_failed_trial_is_a_row_and_more_seeds_do_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    let short = STUDY.replace("[truths.dense]", "[unused]").split("[unused]").next().unwrap().to_string();
    let rest = STUDY.split("[methods.Ridge]").nth(1).unwrap();
    fs::write(&path, format!("{short}[methods.Ridge]{rest}")).unwrap();
    let (file, out) = (path.display().to_string(), folder.path().join("out"));
    let arguments =
        |seeds: &'static str| ["identify", "--study", &file, "--seeds", seeds, "--out", out.to_str().unwrap()].map(str::to_string);
    let first = run(&arguments("1").each_ref().map(String::as_str));
    assert!(first.status.success() && String::from_utf8_lossy(&first.stdout).contains("8 trials failed"), "{first:?}");
    let rows = |out: &Path| fs::read_to_string(out.join("trials.csv")).unwrap();
    let before = rows(&out);
    assert_eq!(before.lines().count(), 1 + 16);
    assert_eq!(before.lines().filter(|line| line.contains("at least one of the")).count(), 8);
    let second = run(&arguments("2").each_ref().map(String::as_str));
    assert!(String::from_utf8_lossy(&second.stderr).contains("16 of 32 trials were done before"), "{second:?}");
    // The rows of the first seed are as they were.
    let after = rows(&out);
    assert!(before.lines().all(|line| after.lines().any(|other| other == line)));
}
