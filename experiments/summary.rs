//! The table of all checks, and the index of the published figures.

use crate::experiment::{Check, Experiment, Side, Verdict, read_checks};
use crosscurrent::{Result, io};
use std::io::Write;
use std::path::Path;

type All = [(&'static str, &'static str, Vec<Check>)];

/// Every check on one line, and the count.
pub fn table(findings: &All) -> String {
    let mut out = String::new();
    let (mut passed, mut failed) = (0, 0);
    for (name, _, checks) in findings {
        for check in checks {
            passed += usize::from(check.verdict() == Verdict::Pass);
            failed += usize::from(check.verdict() == Verdict::Fail);
            out.push_str(&format!(
                "{:<10} {name} {}: {} (measured {:.4}, {})\n",
                word(check.verdict()),
                check.panel,
                check.claim,
                check.measured,
                wanted(check)
            ));
        }
    }
    let unjudged = findings.iter().map(|(.., checks)| checks.len()).sum::<usize>() - passed - failed;
    out.push_str(&format!("{passed} checks passed, {failed} failed, {unjudged} not judged\n"));
    out
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::NotJudged => "not judged",
    }
}

fn wanted(check: &Check) -> String {
    match check.side {
        Side::Near => format!("expected {} ± {}", short(check.expected), short(check.tolerance)),
        Side::AtLeast => format!("at least {}", short(check.expected)),
        Side::AtMost => format!("at most {}", short(check.expected)),
    }
}

/// Six digits of a number: no table is judged by the seventh.
fn short(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// `README.md` of the folder of figures, from what the experiments wrote there: picture, claims, verdicts.
pub fn write_index(root: &Path, experiments: &[Box<dyn Experiment>]) -> Result<()> {
    let mut text = String::from(
        "# Reproduced figures\n\nMade by `cargo run --release --bin reproduce -- all --publish`; nothing here is edited by hand.\n\
         What a check that fails means stands in [docs/reproductions.md](../docs/reproductions.md).\n",
    );
    for experiment in experiments {
        let Some(checks) = read_checks(&root.join(experiment.name()))? else { continue };
        text.push_str(&section(root, experiment.name(), experiment.source(), &checks));
    }
    io::write_atomically(&root.join("README.md"), |file| file.write_all(text.as_bytes()))
}

fn section(root: &Path, name: &str, source: &str, checks: &[Check]) -> String {
    let mut text = format!("\n## {name}\n\n{source}\n\n");
    for picture in pictures(&root.join(name)) {
        text.push_str(&format!("![{name}]({name}/{picture})\n\n"));
    }
    text.push_str("| panel | claim | source | expected | measured | verdict |\n|---|---|---|---|---|---|\n");
    for check in checks {
        let cells = [&check.panel, &check.claim, &check.source];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| {} | {} | {:.4} | {} |\n", cells.join(" | "), wanted(check), check.measured, word(check.verdict())));
    }
    text
}

/// Names of the PNG files of a folder, sorted.
fn pictures(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".png")).collect();
    names.sort();
    names
}
