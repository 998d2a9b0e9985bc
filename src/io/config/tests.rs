//! The place and the words of every kind of wrong settings.

use super::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Study {
    dt: f64,
    #[serde(default)]
    regions: Vec<Region>,
    #[serde(default)]
    fits: Vec<Fit>,
    #[serde(default)]
    noise: Option<Noise>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Region {
    name: String,
    size: usize,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code)]
enum Fit {
    Pinning { passes: usize, gain: f64 },
    Ridge { penalty: f64 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Noise {
    strength: f64,
    white: bool,
}

fn message(text: &str) -> String {
    let message = parse_toml::<Study>(text, "s.toml").unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn sound_settings_are_read() {
    let text = "dt = 0.01\n[[regions]]\nname = \"A\"\nsize = 3\n[[fits]]\nkind = \"ridge\"\npenalty = 1e-3\n[noise]\nstrength = 0.1\nwhite = true\n";
    let study: Study = parse_toml(text, "s.toml").unwrap();
    assert_eq!((study.dt, study.regions[0].size, study.fits.len()), (0.01, 3, 1));
}

#[test]
fn unknown_keys_have_a_place_and_a_suggestion() {
    let known = "expected one of 'dt', 'regions', 'fits', 'noise'";
    assert_eq!(message("dt = 1.0\nregoins = []\n"), format!("s.toml:2:1: unknown key 'regoins': {known}; did you mean 'regions'?"));
    assert_eq!(message("dt = 1.0\nxyzzy = 1\n"), format!("s.toml:2:1: unknown key 'xyzzy': {known}; remove it or correct its name"));
    assert_eq!(
        message("dt = 1.0\n[noise]\n  strengh = 1.0\nwhite = true"),
        "s.toml:3:3: unknown key 'strengh': expected one of 'strength', 'white'; did you mean 'strength'?"
    );
    assert!(message("dt = 1.0\nregions = [{ name = \"A\", sise = 3 }]").starts_with("s.toml:2:26: unknown key 'sise'"));
}

#[test]
fn settings_with_a_kind_keep_their_place() {
    let text = "dt = 1.0\n[[fits]]\nkind = \"pinning\"\npasses = 3\ngain = 1.5\n\n[[fits]]\nkind = \"ridge\"\npenalty = 1.0\ngain = 2.0\n";
    assert_eq!(message(text), "s.toml:10:1: unknown key 'gain': expected 'penalty'; remove it or correct its name");
    let text = "dt = 1.0\n# penlaty in a remark\n[[fits]]\nkind = \"ridge\"\npenlaty = 1.0\n";
    assert_eq!(message(text), "s.toml:5:1: unknown key 'penlaty': expected 'penalty'; did you mean 'penalty'?");
    let text = "dt = 1.0\n[[fits]]\nkind = \"ridge\"\npenalty = \"large\"\n";
    assert_eq!(message(text), "s.toml:4:11: expected a number, found string \"large\"; correct the value");
    let text = "dt = 1.0\n[[fits]]\nkind = \"rigde\"\npenalty = 1.0\n";
    assert_eq!(message(text), "s.toml:3:8: unknown choice 'rigde': expected one of 'pinning', 'ridge'; did you mean 'ridge'?");
    let text = "dt = 1.0\n[[fits]]\nkind = \"pinning\"\npasses = -3\ngain = 1.0\n";
    assert_eq!(message(text), "s.toml:4:10: expected a whole number of at least 0, found integer -3; correct the value");
}

#[test]
fn wrong_values_missing_keys_and_bad_syntax_have_a_place() {
    assert_eq!(message("dt = \"fast\"\n"), "s.toml:1:6: expected a number, found string \"fast\"; correct the value");
    assert_eq!(
        message("dt = 1.0\n[noise]\nstrength = 1\nwhite = \"yes\"\n"),
        "s.toml:4:9: expected true or false, found string \"yes\"; correct the value"
    );
    assert!(message("regions = []\n").contains("the key 'dt' is missing; add 'dt = ...'"));
    assert!(message("dt = 1.0\n\n[noise]\nstrength = 1.0\n").starts_with("s.toml:3:1: the key 'white' is missing"));
    assert!(message("dt = 1.0\nregions = [\n").starts_with("s.toml:"));
    assert!(message("dt 1.0\n").starts_with("s.toml:1:"));
    assert!(message("dt = 1.0\ndt = 2.0\n").starts_with("s.toml:2:1: duplicate key"));
}

#[test]
fn files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.toml");
    assert!(read_toml::<Study>(&path).unwrap_err().to_string().contains("no such file"));
    std::fs::write(&path, "dt = 1.0\nx = 1\n").unwrap();
    assert!(read_toml::<Study>(&path).unwrap_err().to_string().contains("study.toml:2:1: unknown key 'x'"));
}

#[test]
fn distances_count_letters() {
    assert_eq!((distance("gian", "gain"), distance("", "abc"), distance("tau", "tau")), (2, 3, 0));
}
