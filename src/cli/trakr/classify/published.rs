//! The protocol of the paper, block by block of templates.

use super::{Classify, Method, Protocol, Row, timed};
use crate::classify::decision::AnyDecision;
use crate::classify::{Features, Labelled, Published, Repeated};
use crate::cli::Session;
use crate::error::{Error, Result};
use std::ops::Range;

/// Templates whose traces exist at the same time.
const BLOCK: usize = 64;

/// What gives the features of a block of templates.
type Source<'a> = dyn Fn(Range<usize>) -> Result<Vec<Features>> + 'a;

/// One row for each kind of feature and each decision.
pub fn rows(command: &Classify, data: &Labelled, session: &Session) -> Result<Vec<Row>> {
    let methods = command.methods(Protocol::Published);
    if let Some(other) = methods.iter().find(|method| !method.is_published()) {
        return Err(Error::parameter("--method", other.typed(), "trakr, euclidean or mutual-information under the published protocol"));
    }
    let protocol = Published::new(data, &command.options.trakr()?, command.folds, session.seed())?;
    let decisions: Vec<AnyDecision> = command.options.reading.iter().map(|decide| decide.decision()).collect();
    let mut rows = Vec::new();
    for method in methods {
        let source: &Source = match method {
            Method::Euclidean => &|block| protocol.euclidean(block),
            Method::MutualInformation => &|block| protocol.mutual_information(block),
            _ => &|block| protocol.traces(block),
        };
        // The scalar baselines are read by the decision of the paper alone.
        let read_by = if method == Method::Trakr { &decisions[..] } else { &[AnyDecision::default()] };
        rows.extend(of_source(&protocol, (method, source), read_by, (data, session))?);
    }
    Ok(rows)
}

/// Goes through all templates once; every decision reads the same features.
fn of_source(
    protocol: &Published,
    (method, source): (Method, &Source),
    decisions: &[AnyDecision],
    (data, session): (&Labelled, &Session),
) -> Result<Vec<Row>> {
    let every: Vec<usize> = (0..data.len()).collect();
    let mut repeated = vec![(Repeated::new(data.len(), data.classes().len()), 0.0); decisions.len()];
    let mut source_seconds = 0.0;
    let bar = session.progress(data.len() as u64, &format!("templates, {}", method.typed()));
    for start in (0..data.len()).step_by(BLOCK) {
        if session.stopped() {
            return Err(Error::Cancelled);
        }
        let block = start..(start + BLOCK).min(data.len());
        let (features, seconds) = timed(|| source(block.clone()))?;
        source_seconds += seconds;
        for (decision, (sums, spent)) in decisions.iter().zip(&mut repeated) {
            let (scores, seconds) = timed(|| protocol.judge(&features, decision))?;
            *spent += seconds;
            scores.iter().try_for_each(|scores| sums.add(scores, data.labels(), &every))?;
        }
        bar.inc(block.len() as u64);
    }
    bar.finish_and_clear();
    let what = if method == Method::Trakr { "E(t)" } else { "one distance" };
    let row = |(decision, (sums, spent)): (&AnyDecision, (Repeated, f64))| Row {
        evaluation: Some(sums.evaluation()),
        seconds: spent,
        source_seconds: Some(source_seconds),
        ..Row::new(method.typed(), format!("{}: {what}, {}", method.typed(), decision.name()))
    };
    Ok(decisions.iter().zip(repeated).map(row).collect())
}
