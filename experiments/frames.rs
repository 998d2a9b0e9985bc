//! Studies as tables of trials, for the experiments that run one.

use crate::experiment::Context;
use crosscurrent::identify::{Frame, Study, Summary, Trial, frame};
use crosscurrent::{Error, Result};
use rayon::prelude::*;
use std::collections::HashMap;

/// Runs the trials and gives their table; a trial that fails is a row with its error.
pub fn finished_frame(context: &Context, study: &Study, trials: &[Trial]) -> Result<Frame> {
    let bar = context.progress(trials.len(), "trials");
    let finished: Result<Vec<_>> = trials
        .par_iter()
        .with_max_len(1)
        .map(|trial| {
            if context.go_on().is_break() {
                return Err(Error::Cancelled);
            }
            let finished = trial.run(context.seed, &|_| context.go_on());
            bar.inc(1);
            finished
        })
        .collect();
    bar.finish_and_clear();
    frame(study, trials.iter().zip(&finished?))
}

/// Mean of a score over the trials with these values; NaN where there are none.
pub fn mean(frame: &Frame, cell: &[(&str, &str)], score: &str) -> f64 {
    let cell: Vec<(String, String)> = cell.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let part = frame.keep(&cell).ok().and_then(|part| part.column(score).cloned());
    match part {
        Some(crosscurrent::identify::Column::Numbers(values)) => Summary::of(&values).mean,
        _ => f64::NAN,
    }
}

/// Rows of data.csv: truth, method, the other parameters, seed, score, value.
pub fn long(frame: &Frame) -> Vec<Vec<String>> {
    let names = frame.names();
    let seed = names.iter().position(|name| *name == "seed").expect("every table of trials has it");
    let mut rows = Vec::new();
    for cells in frame.cells() {
        let named = |range: std::ops::Range<usize>| range.map(|k| format!("{} = {}", names[k], cells[k])).collect::<Vec<_>>().join("; ");
        for score in seed + 2..names.len() {
            let row = [cells[0].as_str(), &cells[1], &named(2..seed), &cells[seed], names[score], &cells[score]];
            rows.push(row.map(str::to_string).to_vec());
        }
    }
    rows
}

/// Columns of [`condensed`].
pub const CONDENSED: [&str; 7] = ["truth", "method", "parameters", "score", "networks", "mean", "sd"];

/// Rows of data.csv where there are too many trials to list: for every cell, number of networks, mean and standard deviation of `scores`.
pub fn condensed(frame: &Frame, scores: &[&str]) -> Vec<Vec<String>> {
    let mut order: Vec<[String; 4]> = Vec::new();
    let mut values: HashMap<[String; 4], Vec<f64>> = HashMap::new();
    for row in long(frame).into_iter().filter(|row| scores.contains(&row[4].as_str())) {
        let [truth, method, parameters, _, score, value] = <[String; 6]>::try_from(row).expect("long rows have six columns");
        let cell = [truth, method, parameters, score];
        let value = value.parse().unwrap_or(f64::NAN);
        match values.get_mut(&cell) {
            Some(values) => values.push(value),
            None => {
                order.push(cell.clone());
                values.insert(cell, vec![value]);
            }
        }
    }
    let row = |cell: [String; 4]| {
        let Summary { mean, sd, count } = Summary::of(&values[&cell]);
        cell.into_iter().chain([count.to_string(), mean.to_string(), sd.to_string()]).collect()
    };
    order.into_iter().map(row).collect()
}
