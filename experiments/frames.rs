//! Studies as tables of trials, for the experiments that run one.

use crate::experiment::Context;
use crosscurrent::identify::{Frame, Study, Trial, frame};
use crosscurrent::{Error, Result};
use rayon::prelude::*;

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
        Some(crosscurrent::identify::Column::Numbers(values)) => crosscurrent::identify::Summary::of(&values).mean,
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
