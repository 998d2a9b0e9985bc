//! The protocols that judge one method after the other.

use super::{Classify, Method, Protocol, Row, timed};
use crate::classify::{AnyClassifier, Evaluation, GoOn, Tuned, cross_validated, one_shot, standard};
use crate::cli::Session;
use crate::error::{Error, Result};
use crate::io::Dataset;

/// One row for each method; a method that cannot take the series says why instead.
pub fn rows(command: &Classify, data: &Dataset, protocol: Protocol, session: &Session) -> Result<Vec<Row>> {
    let (methods, trakr) = (command.methods(protocol), command.options.trakr()?);
    let bar = session.progress(methods.len() as u64, "methods");
    let mut rows = Vec::new();
    for &method in &methods {
        if session.stopped() {
            return Err(Error::Cancelled);
        }
        let classifier = method.classifier(&trakr);
        let outcome = timed(|| judge(command, &classifier, (data, protocol), session));
        let row = Row::new(method.typed(), classifier.name());
        match outcome {
            Ok(((evaluation, settings), seconds)) => rows.push(Row { evaluation: Some(evaluation), settings, seconds, ..row }),
            // One method out of many may not suit the series; alone it is the error of the command.
            Err(Error::Shape { what, expected, found }) if methods.len() > 1 => {
                let reason = format!("{what}: expected {expected}, found {found}");
                session.notice(&reason);
                rows.push(Row { refused: Some(reason), ..row });
            }
            Err(error) => return Err(error),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(rows)
}

/// Accuracy and area of one method, and the settings that it chose for itself.
fn judge(
    command: &Classify,
    classifier: &AnyClassifier,
    (data, protocol): (&Dataset, Protocol),
    session: &Session,
) -> Result<(Evaluation, Option<String>)> {
    let (seed, go_on): (_, &GoOn) = (session.seed(), &|| session.go_on());
    match (protocol, &data.test, classifier) {
        (Protocol::Standard, Some(test), AnyClassifier::Tuned(tuned)) => {
            let chosen = Tuned::settings(tuned, &data.train, seed, go_on)?;
            let text = toml::to_string(&chosen).map_err(|e| Error::parameter("settings", e, "values that TOML can hold"))?;
            Ok((standard(&chosen, &data.train, test, seed)?, Some(text)))
        }
        (Protocol::Standard, Some(test), _) => Ok((standard(&**classifier, &data.train, test, seed)?, None)),
        (Protocol::OneShot, ..) => Ok((one_shot(&**classifier, &data.pooled(), command.draws, seed, go_on)?, None)),
        _ => Ok((cross_validated(&**classifier, &data.pooled(), command.folds, seed, go_on)?, None)),
    }
}

impl Method {
    /// Whether the published protocol has a feature of this kind.
    pub fn is_published(self) -> bool {
        matches!(self, Method::Trakr | Method::Euclidean | Method::MutualInformation)
    }
}
