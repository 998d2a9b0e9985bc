//! The house keeps its order: a module uses only what stands above it in `src/lib.rs`, and what is replaceable is named in one place.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code of a file without comments, documentation and tests.
fn code(path: &Path) -> String {
    let is_test_file = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "gallery" || stem == "reference");
    let text = read(path);
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = body.lines().map(|line| line.split("//").next().unwrap_or_default());
    if is_test_file { String::new() } else { lines.collect::<Vec<_>>().join("\n") }
}

/// Modules in the order of `lib.rs`, and the module that each re-exported name comes from.
fn order() -> (Vec<String>, HashMap<String, String>) {
    let text = read(&root().join("lib.rs"));
    let mut modules = Vec::new();
    let mut names = HashMap::new();
    for line in text.lines().map(str::trim) {
        if let Some(module) = line.strip_prefix("pub mod ").or(line.strip_prefix("mod ")).and_then(|rest| rest.strip_suffix(';')) {
            modules.push(module.to_string());
        }
        if let Some((module, list)) = line.strip_prefix("pub use ").and_then(|rest| rest.trim_end_matches(';').split_once("::")) {
            for name in list.trim_matches(['{', '}']).split(',') {
                names.insert(name.trim().to_string(), module.to_string());
            }
        }
    }
    (modules, names)
}

/// The first path segment after each `crate::`, lists in braces included.
fn used(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(list) = after.strip_prefix('{') {
            let list = list.split('}').next().unwrap_or_default();
            found.extend(list.split(',').map(|item| item.split("::").next().unwrap_or_default().trim().to_string()));
        } else {
            found.push(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let (modules, names) = order();
    assert!(modules.len() > 20, "lib.rs must list the modules: {modules:?}");
    let position = |module: &str| modules.iter().position(|m| m == module);
    let mut checked = 0;
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).unwrap();
        let own = relative.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_string();
        let Some(own_position) = position(&own) else { continue };
        for name in used(&code(&path)) {
            let module = names.get(&name).unwrap_or(&name);
            let Some(at) = position(module) else { continue };
            checked += 1;
            assert!(at <= own_position, "{}: module '{own}' stands above '{module}' in lib.rs and must not use it", relative.display());
        }
    }
    assert!(checked > 200, "only {checked} uses were found: the reader of sources is broken");
}

/// Asserts that `words` occur only in files whose path below `src` begins with one of `homes`.
fn only_in(words: &[&str], homes: &[&str]) {
    let mut seen = 0;
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let code = code(&path);
        for word in words.iter().filter(|word| code.contains(**word)) {
            seen += 1;
            assert!(homes.iter().any(|home| relative.starts_with(home)), "{relative} contains '{word}', which belongs to {homes:?}");
        }
    }
    assert!(seen > 0, "{words:?} were found nowhere: the check checks nothing");
}

#[test]
fn unsafe_code_and_simd_live_in_kernels_alone() {
    only_in(&["unsafe {", "unsafe fn", "core::arch", "std::arch", "use wide"], &["kernels/"]);
}

#[test]
fn replaceable_libraries_are_named_in_one_place() {
    only_in(&["faer::"], &["linalg/"]);
    only_in(&["plotters::"], &["plot/"]);
    only_in(&["realfft::"], &["analysis/fourier.rs"]);
    only_in(&["zip::"], &["io/"]);
    only_in(&["flate2::"], &["io/"]);
    only_in(&["clap::", "indicatif::", "ctrlc::"], &["cli/"]);
}

#[test]
fn the_library_is_silent_and_does_not_look_at_the_clock_or_the_environment() {
    only_in(&["println!", "print!(", "eprintln!"], &["cli/"]);
    only_in(&["SystemTime::now"], &["cli/"]);
    // Which of two threads computes half of a product may depend on the clock: its bits do not.
    only_in(&["Instant::now"], &["cli/", "kernels/duo.rs"]);
    only_in(&["env::var", "env::args"], &["cli/", "kernels/level.rs"]);
}

#[test]
fn files_are_opened_in_io_and_plot_alone() {
    only_in(&["File::open", "File::create", "fs::read", "fs::write", "OpenOptions"], &["io/", "plot/"]);
}
