//! What the paper does not show: weights and currents of the demonstration against the truth.

use super::MEASURED;
use crate::experiment::{Context, Findings, Side, Size};
use crosscurrent::Result;
use crosscurrent::fit::AnyFit;
use crosscurrent::identify::{CURRENT_CORRELATION, Study, Table, TruthSpec, VARIANCE_REPORTED, WEIGHT_CORRELATION, is_between};
use crosscurrent::plot::study;

/// The scores of four fits: the default study without those that have a posterior.
pub fn scores(context: &Context, findings: &mut Findings) -> Result<()> {
    let mut study = if context.size == Size::Smoke { small() } else { Study::default() };
    study.methods.0.retain(|(_, fit)| matches!(fit, AnyFit::Pinning(_) | AnyFit::Ridge(_)));
    let bar = context.progress(study.passes(), "scores");
    let outcome = study.run(context.seed, &|_| {
        bar.inc(1);
        context.go_on()
    })?;
    bar.finish_and_clear();
    for row in &outcome.table.rows {
        let curve = format!("{}, {}: {}", row.truth, row.method, row.score.name);
        let cells = ["scores".into(), curve, row.repetition.to_string(), row.score.subject.clone(), row.score.value.to_string()];
        findings.data.1.push(cells.to_vec());
    }
    check_recovery(context, findings, &outcome.table);
    findings.figures.push(("scores".into(), study::scores_figure(&study, &outcome.table)));
    Ok(())
}

/// The default study on a dozen units.
fn small() -> Study {
    let mut study = Study { seeds: 1, ..Default::default() };
    for (_, truth) in &mut study.truths.0 {
        if let TruthSpec::ThreeRegion(spec) = truth {
            spec.units = 12;
        }
    }
    for (_, fit) in &mut study.methods.0 {
        if let AnyFit::Pinning(pinning) = fit {
            pinning.learning_passes = 2;
        }
    }
    study
}

fn check_recovery(context: &Context, findings: &mut Findings, table: &Table) {
    let of = |truth: &str, method: &str, name: &str, keep: fn(&str) -> bool| table.summary((truth, method), name, keep, |s| s.value).mean;
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("scores", MEASURED), claim, measured, wanted));
    for (truth, between) in [("weak", (0.05, 0.15)), ("strong", (0.3, 0.15))] {
        let method = "published CURBD";
        check(&format!("{truth} coupling, {method}: pVar"), of(truth, method, VARIANCE_REPORTED, |_| true), (Side::AtLeast, 0.96, 0.0));
        check(
            &format!("{truth} coupling, {method}: correlation of J"),
            of(truth, method, WEIGHT_CORRELATION, |s| s == "all"),
            (Side::AtMost, 0.2, 0.0),
        );
        let value = of(truth, method, CURRENT_CORRELATION, is_between);
        check(
            &format!("{truth} coupling, {method}: mean correlation of the currents between regions"),
            value,
            (Side::Near, between.0, between.1),
        );
        let value = of(truth, "Ridge, inputs known", CURRENT_CORRELATION, is_between);
        check(&format!("{truth} coupling, Ridge with known inputs: the same"), value, (Side::AtLeast, 0.999, 0.0));
    }
}
