//! The summary in plain language: what was found, and what was not checked.

use super::analysis::Pair;
use super::figures;
use super::method::{Method, Settings};
use super::results::Results;
use crate::cli::fit::latent_inputs;
use crate::identify::align;
use std::fmt::Write;
use std::path::Path;

/// Pairs that are shown; all of them stand in the table.
const SHOWN: usize = 12;

/// Below this share of the variance of the fitted samples, currents say little about the recording.
const FOLLOWS: f64 = 0.5;

/// The text for people: on the screen and in `summary.txt`.
pub fn text(results: &Results, folder: &Path) -> String {
    let sections =
        [heading(results), scores(results), pairs(results), inferred(results), intervals(results), agreement(results), limits(results)];
    let mut text = sections.iter().filter(|section| !section.is_empty()).cloned().collect::<Vec<_>>().join("\n");
    let figures: String = figures::STEMS.iter().map(|stem| format!(", {stem}.svg, {stem}.png")).collect();
    let files = "fitted.npz, currents.npz, table.csv, summary.txt, provenance.toml";
    let _ = writeln!(text, "\nWritten to {}: {files}{figures}", folder.display());
    text
}

fn heading(results: &Results) -> String {
    let recording = results.recording;
    let sizes: Vec<String> = recording.regions.iter().map(|(name, range)| format!("{name} ({})", range.len())).collect();
    let trials = recording.trial_starts.len();
    format!(
        "{} neurons, {} samples every {} s, {trials} {}, tau {} s\nRegions: {}\n{}",
        recording.neurons(),
        recording.samples(),
        short(recording.clock.dt()),
        if trials == 1 { "trial" } else { "trials" },
        short(results.settings.tau),
        sizes.join(", "),
        results.loaded.notices.iter().map(|notice| format!("Note: {notice}\n")).collect::<String>(),
    )
}

/// Three decimals; nothing is explained where nothing varies.
fn score(value: f64) -> String {
    if value.is_nan() { "undefined".to_string() } else { format!("{value:.3}") }
}

fn scores(results: &Results) -> String {
    let s = &results.analysis.scores;
    let fitted = if results.settings.method.has_random_start() { "the network's own run" } else { "one step ahead" };
    let free = s.free_run.map_or("diverged".to_string(), score);
    let mut text = String::from("Variance explained                              model   without a model\n");
    let _ = writeln!(text, "  {:44} {:>7}", format!("fitted, {} samples, {fitted}", s.fitted_samples), score(s.fitted));
    let _ = writeln!(
        text,
        "  {:44} {:>7}   {} (nothing changes)",
        format!("held out, {} samples, one step ahead", s.held_out_samples),
        score(s.one_step),
        score(s.persistence)
    );
    let _ =
        writeln!(text, "  {:44} {free:>7}   {} (mean of the fitted samples)", "held out, free run from its first sample", score(s.mean));
    text.push_str(&verdict(results));
    text
}

/// What the held-out scores say, in words.
fn verdict(results: &Results) -> String {
    let s = &results.analysis.scores;
    let mut text = String::new();
    if s.fitted < FOLLOWS {
        text.push_str(&does_not_follow(s.fitted, results.settings));
    }
    if s.one_step <= s.persistence {
        text.push_str("One step ahead the network is no better than repeating the sample before: it has not learned the dynamics.\n");
    }
    if s.free_run.is_none_or(|free| free <= s.mean.max(0.0)) {
        text.push_str("On its own the network is no better than a constant on the held-out samples.\n");
    }
    text
}

/// Why the currents of a fit that scores `fitted` on its own samples mean nothing, and what may help.
fn does_not_follow(fitted: f64, settings: &Settings) -> String {
    let failed = if fitted < 0.0 {
        format!("The fit failed: on the samples that it was fitted to, the network is worse than their mean ({}). ", score(fitted))
    } else {
        format!("The fit is poor: the network does not follow the samples that it was fitted to ({}). ", score(fitted))
    };
    let advice = match settings.method.has_random_start() {
        false => "Do not interpret its currents. Try --smooth 1 or another --tau.",
        true => {
            "The currents below are those of the network's own run: do not interpret them. Try --method ridge, which reads currents from \
             the recorded rates, or --smooth 1, another --tau or more --passes."
        }
    };
    format!("{failed}{advice}\n")
}

fn pairs(results: &Results) -> String {
    let mut order: Vec<&Pair> = results.analysis.pairs.iter().collect();
    order.sort_by(|a, b| b.rms.total_cmp(&a.rms));
    let name = |pair: &Pair| format!("{} → {}", pair.source, pair.target);
    let width = order.iter().take(SHOWN).map(|pair| name(pair).chars().count()).max().unwrap_or(0).max(6);
    let title = if order.len() > SHOWN { format!("Largest {SHOWN} of {} currents", order.len()) } else { "Currents".to_string() };
    let mut text = format!("{title} (model units, at the fitted samples)\n");
    let _ = writeln!(
        text,
        "  {:width$}  {:>8} {:>8} {:>7} {:>7} {:>7} {:>7}  two fits",
        "source → target", "mean |.|", "net", "RMS", "share", "E RMS", "I RMS"
    );
    for pair in order.iter().take(SHOWN) {
        let agreement = pair.agreement.map_or("-".to_string(), |value| format!("{value:.2}"));
        let _ = writeln!(
            text,
            "  {:width$}  {:>8.4} {:>8.4} {:>7.4} {:>6.1}% {:>7.4} {:>7.4}  {agreement:>8}",
            name(pair),
            pair.mean_absolute,
            pair.net,
            pair.rms,
            100.0 * pair.share,
            pair.excitatory_rms,
            pair.inhibitory_rms
        );
    }
    text.push_str("  share: of the sum of the RMS of all currents into the target; larger sources have larger shares.\n");
    text
}

/// The inputs that the method inferred, where it looks for any.
fn inferred(results: &Results) -> String {
    match results.settings.method {
        Method::CommonInputs => latent_inputs(&results.analysis.fitted),
        _ => String::new(),
    }
}

/// Every current between regions with its interval and its verdict, the largest first.
fn intervals(results: &Results) -> String {
    let Some(posterior) = &results.analysis.fitted.posterior else { return String::new() };
    let mut order: Vec<&Pair> = results.analysis.pairs.iter().filter(|pair| pair.source != pair.target).collect();
    order.sort_by(|a, b| b.rms.total_cmp(&a.rms));
    let mut grid = vec![["source → target", "RMS", "90 % ±", "sign known", "expected", "verdict"].map(String::from).to_vec()];
    for pair in order {
        let Some(interval) = &pair.interval else { continue };
        let numbers = [format!("{:.4}", pair.rms), format!("{:.4}", interval.half_width), format!("{:.0} %", 100.0 * interval.sign_known)];
        let mut cells = vec![format!("{} → {}", pair.source, pair.target)];
        cells.extend(numbers);
        cells.extend([format!("{:.2}", interval.expected), format!("{}: {}", interval.verdict.name(), interval.reason)]);
        grid.push(cells);
    }
    if grid.len() == 1 {
        return String::new();
    }
    let (check, coverage) = (posterior.misfit.verdict(), posterior.coverage());
    let table = align(&grid);
    format!("Currents between regions, from the posterior\n{table}Model check: {check}\nIntervals: {coverage}\n{INTERVALS}")
}

const INTERVALS: &str = "90 % ±: half the interval of one neuron's current at one sample, RMS. Sign known: share of neurons and samples whose interval\n\
    does not hold 0. Expected: correlation with the truth, as the posterior has it; below 0.5 a current is not constrained, below 0.8,\n\
    or where over a quarter of the target's neurons contradict the model, one cannot tell. Intervals hold if tau, phi and white noise do\n\
    and everything that sends input was recorded; crosscurrent constrain fits again with these changed.\n";

fn agreement(results: &Results) -> String {
    let s = &results.analysis.scores;
    let mut values: Vec<f64> = results.analysis.pairs.iter().filter_map(|pair| pair.agreement).collect();
    values.sort_by(f64::total_cmp);
    let (Some(second), Some(lowest), Some(highest)) = (s.second_fitted, values.first(), values.last()) else {
        return String::new();
    };
    format!(
        "Agreement between two fits (other random start, variance explained {:.3} and {second:.3}): the currents correlate {:.2} in the \
         median over pairs ({lowest:.2} to {highest:.2}), J {:.2}; J still correlates {:.2} with its random start.\n",
        s.fitted,
        values[values.len() / 2],
        s.second_connectivity.unwrap_or(f64::NAN),
        s.start_correlation.unwrap_or(f64::NAN),
    )
}

fn limits(results: &Results) -> String {
    let items = not_checked(results).into_iter().map(|item| format!("  - {item}\n"));
    format!("What was not checked\n{}", items.collect::<String>())
}

/// What a reader must not conclude.
pub fn not_checked(results: &Results) -> Vec<String> {
    let mut items = vec![
        "Whether the currents are right: the true ones of a recording are unknown, and a high variance explained is no evidence for \
         correct currents (networks with known truth show it: crosscurrent identify)."
            .to_string(),
        match results.settings.method.has_random_start() {
            false => "How much the currents depend on the start: this fit has none. Compare it with --method corrected.".to_string(),
            true => "More than one other random start: a current that two fits do not share is not determined by the data, one that they \
                  share can still be wrong."
                .to_string(),
        },
        "Input from regions that were not recorded: whatever they send is attributed to those that were.".to_string(),
        format!(
            "tau = {} s and the nonlinearity tanh: both are assumed, and the size of all currents depends on them.",
            short(results.settings.tau)
        ),
    ];
    if results.settings.rescaled {
        items.push("Means, deviations and the largest modulus were taken over all samples, the held-out ones included.".to_string());
    }
    if results.settings.smoothed {
        items.push("Smoothing makes neighbouring samples alike, also across the held-out boundary: one step ahead, compare with 'nothing changes' only.".to_string());
    }
    items
}

/// Up to four significant digits.
pub fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}
