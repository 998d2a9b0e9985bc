//! What a study leaves in its folder: the study, its tables, and arrays and figures of the first seed.

use super::super::Session;
use crate::error::{Error, Result};
use crate::identify::{self, Example, Finished, Study, Table, Trial, lines};
use crate::io::{self, Array, Record};
use crate::plot::study::{currents_figure, scores_figure, weights_figure};
use crate::seed::Seed;
use std::collections::HashMap;
use std::path::Path;

/// More lines than this nobody reads on a terminal.
const READABLE: usize = 60;

/// Writes the study itself, options applied.
pub(in crate::cli) fn write_study(folder: &Path, study: &Study) -> Result<()> {
    let text = toml::to_string(study).map_err(|e| Error::parameter("study", e, "values that TOML can hold"))?;
    io::write_atomically(&folder.join("study.toml"), |file| std::io::Write::write_all(file, text.as_bytes()))
}

/// Writes `table` (one row per trial, score and subject) and `trials` (one row per trial), both as CSV and as Parquet.
pub(in crate::cli) fn write_tables(
    folder: &Path,
    study: &Study,
    (trials, seed): (&[Trial], Seed),
    done: &HashMap<u64, Record>,
) -> Result<Table> {
    let mut table = Table::default();
    let mut finished = Vec::new();
    for trial in trials {
        let scores = done.get(&trial.key(seed)).cloned().expect("the run has finished every trial");
        if let Ok(scores) = &scores {
            table.extend(trial, scores.iter().cloned());
        }
        finished.push(Finished { scores, example: None });
    }
    io::write_frame(folder, "trials", &identify::frame(study, trials.iter().zip(&finished))?)?;
    io::write_frame(folder, "table", &table.frame())?;
    Ok(table)
}

/// Tells the result: every line of a small study, the folder of a large one, and how many trials failed.
pub(in crate::cli) fn report(session: &Session, study: &Study, table: &Table, folder: &Path) -> Result<()> {
    let lines = lines(table);
    let text = if lines.len() <= READABLE { identify::text(study, table) } else { format!("{} cells of truth and method.\n", lines.len()) };
    let rows = table.rows.iter().map(|row| (&row.truth, &row.method, row.repetition)).collect::<std::collections::HashSet<_>>().len();
    let failed = study.trials()?.len() - rows;
    let failed = if failed > 0 { format!("{failed} trials failed: see the column 'error' of trials.csv.\n") } else { String::new() };
    session.report(&format!("{text}{failed}Written to {}", folder.display()), &lines)
}

/// The examples of all truths and methods; those that an earlier run finished are computed again.
pub(super) fn complete(mut known: Vec<Example>, trials: &[Trial], session: &Session) -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    for trial in trials.iter().filter(|trial| trial.repetition == 0) {
        match known.iter().position(|example| (&example.truth, &example.method) == (&trial.truth, &trial.method)) {
            Some(place) => examples.push(known.swap_remove(place)),
            // A trial that failed has no example.
            None => match trial.example(session.seed(), &|_| session.go_on()) {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                example => examples.extend(example.ok()),
            },
        }
    }
    Ok(examples)
}

/// Writes figures and arrays of the first seed.
pub(super) fn write_examples(folder: &Path, study: &Study, table: &Table, examples: &[Example]) -> Result<()> {
    scores_figure(study, table).save(folder, "scores")?;
    weights_figure(examples).save(folder, "weights")?;
    for example in examples {
        let stem = format!("{}_{}", stem(&example.truth), stem(&example.method));
        currents_figure(example)?.save(folder, &format!("currents_{stem}"))?;
        write_arrays(&folder.join(format!("{stem}.npz")), example)?;
    }
    Ok(())
}

/// A name that is safe in a file name.
fn stem(name: &str) -> String {
    let mut stem: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    while stem.contains("--") {
        stem = stem.replace("--", "-");
    }
    stem.trim_matches('-').to_string()
}

/// J, rates and all currents of a fit and of its truth.
fn write_arrays(path: &Path, example: &Example) -> Result<()> {
    let fitted = &example.fitted;
    let mut arrays = vec![
        ("recorded_rates".to_string(), Array::from(&example.recording.rates)),
        ("dt_s".to_string(), Array::of(example.recording.clock.dt())),
        ("region_sizes".to_string(), Array::vector(example.currents.regions().sizes().iter().map(|&n| n as f64).collect())),
        ("J_true".to_string(), Array::from(&example.connectivity)),
        ("J_fitted".to_string(), Array::from(&fitted.network.connectivity.to_dense())),
        ("model_rates".to_string(), Array::from(&fitted.at_samples()?.rates)),
        ("variance_explained_per_pass".to_string(), Array::vector(fitted.history.iter().map(|p| p.variance_explained).collect())),
        ("chi2_per_pass".to_string(), Array::vector(fitted.history.iter().map(|p| p.chi2).collect())),
    ];
    if let Some(initial) = &fitted.initial {
        arrays.push(("J_initial".to_string(), Array::from(&initial.to_dense())));
    }
    for projection in example.currents.regions().projections() {
        let name = |kind: &str| format!("current_{}_from_{}_{kind}", projection.target, projection.source);
        arrays.push((name("true"), Array::from(example.currents.get(&projection)?)));
        arrays.push((name("inferred"), Array::from(example.inferred.get(&projection)?)));
    }
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
    io::write_npz(path, &named)
}
