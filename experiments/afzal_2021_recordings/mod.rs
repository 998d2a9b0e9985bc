//! Afzal et al. 2021, recordings: sequential MNIST under the protocol of the paper, with noise, with permuted pixels and by size of the
//! reservoir (8B), and EEG (8D).

mod digits;
mod eeg;
mod figure;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;
use crosscurrent::classify::Evaluation;
use std::path::PathBuf;

/// The experiment.
pub struct Afzal2021Recordings;

/// One point of the figure.
pub struct Judged {
    panel: &'static str,
    curve: &'static str,
    x: f64,
    evaluation: Evaluation,
}

impl Judged {
    /// Its row of data.csv.
    fn row(&self) -> Vec<String> {
        let Evaluation { accuracy, auc, repetitions, .. } = &self.evaluation;
        let numbers = [self.x, accuracy.value, accuracy.low, accuracy.high, auc.value, auc.low, auc.high];
        let words = [self.panel.to_string(), self.curve.to_string(), repetitions.to_string()];
        words.into_iter().chain(numbers.map(|value| value.to_string())).collect()
    }
}

impl Experiment for Afzal2021Recordings {
    fn name(&self) -> &'static str {
        "afzal_2021_recordings"
    }

    fn source(&self) -> &'static str {
        "Afzal et al. 2021, bioRxiv 2021.10.13.464288: sequential MNIST; and EEG of the UEA archive (SelfRegulationSCP1)"
    }

    fn missing(&self, context: &Context) -> Option<String> {
        let files = [digits::IMAGES, digits::ORDER, eeg::TRIALS];
        files.into_iter().find(|file| !path(context, file).is_file()).map(Into::into)
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 =
            vec!["panel", "curve", "repetitions", "x", "accuracy", "accuracy_low", "accuracy_high", "auc", "auc_low", "auc_high"];
        let mut judged = digits::run(context)?;
        let traces = eeg::traces(context)?;
        judged.extend(eeg::run(context)?);
        digits::check(context, &judged, &mut findings);
        eeg::check(context, &judged, &mut findings);
        findings.data.1 = judged.iter().map(Judged::row).collect();
        findings.figures.push(("recordings".into(), figure::figure(&judged, &traces)));
        Ok(findings)
    }
}

fn path(context: &Context, file: &str) -> PathBuf {
    context.data.join(file)
}

/// The point of a curve at `x`.
fn at<'a>(judged: &'a [Judged], panel: &str, curve: &str, x: f64) -> Option<&'a Evaluation> {
    judged.iter().find(|one| one.panel == panel && one.curve == curve && one.x == x).map(|one| &one.evaluation)
}
