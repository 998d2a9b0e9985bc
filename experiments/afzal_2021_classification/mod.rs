//! Afzal et al. 2021, classification: patterns of chaotic networks by the number of classes and by noise (8C), and methods side by side on a
//! small set of the UCR archive (8B).

mod figure;
mod methods;
mod patterns;

use crate::experiment::{Context, Experiment, Findings};
use crosscurrent::Result;

/// The experiment.
pub struct Afzal2021Classification;

impl Experiment for Afzal2021Classification {
    fn name(&self) -> &'static str {
        "afzal_2021_classification"
    }

    fn source(&self) -> &'static str {
        "Afzal et al. 2021, bioRxiv 2021.10.13.464288: classification by error traces of a reservoir (TRAKR)"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "accuracy", "low", "high"];
        let by_classes = patterns::by_classes(context)?;
        let by_noise = patterns::by_noise(context)?;
        let methods = methods::run(context)?;
        patterns::check(context, (&by_classes, &by_noise), &mut findings);
        methods::check(context, &methods, &mut findings);
        for curve in by_classes.iter().chain(&by_noise) {
            findings.data.1.extend(curve.rows());
        }
        findings.data.1.extend(methods.iter().map(|method| method.row()));
        findings.figures.push(("classification".into(), figure::figure(context, (&by_classes, &by_noise), &methods)?));
        Ok(findings)
    }
}
