//! Perich et al. 2020: the published three-region demonstration, and what it recovered (panels 7A, 7B, 7E).

use crate::experiment::{Context, Experiment, Findings, Side, Size};
use crosscurrent::fit::{AnyFit, Normalisation, Pinning, pinning::Mode};
use crosscurrent::identify::{
    CURRENT_CORRELATION, Example, Study, Summary, ThreeRegion, Truth, TruthSpec, VARIANCE_REPORTED, Variant, WEIGHT_CORRELATION, is_between,
};
use crosscurrent::metric::correlation;
use crosscurrent::plot::{Axis, Band, Colour, ColourMap, Dash, Figure, HeatMap, Legend, Line, Mark, Panel, Points, study};
use crosscurrent::{Currents, Error, Fit, Fitted, Recording, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The experiment.
pub struct Perich2020;

/// Where the expected numbers come from: runs of the authors' code, or of a faithful equivalent, with the shipped settings.
const MEASURED: &str = "authors' Python program, measured";

impl Experiment for Perich2020 {
    fn name(&self) -> &'static str {
        "perich_2020"
    }

    fn source(&self) -> &'static str {
        "Perich et al. 2020, bioRxiv 2020.12.18.423348: inferring brain-wide interactions with data-constrained networks (CURBD)"
    }

    fn run(&self, context: &Context) -> Result<Findings> {
        let mut findings = Findings::default();
        findings.data.0 = vec!["panel", "curve", "seed", "x", "y"];
        learning_curves(context, &mut findings)?;
        currents(context, &mut findings)?;
        initial_connectivities(context, &mut findings)?;
        recovery(context, &mut findings)?;
        Ok(findings)
    }
}

/// The published generator with the amplitude of one of its two programs.
fn generator(context: &Context, amplitude: f64) -> ThreeRegion {
    ThreeRegion { variant: Variant::Python, units: context.pick(12, 100, 100), amplitude: Some(amplitude), ..Default::default() }
}

/// The published fit: five steps per sample, every region divided by its largest rate.
fn published(tau: f64, passes: usize) -> Pinning {
    Pinning {
        mode: Mode::CurbdPython,
        normalisation: Normalisation::PerRegion,
        steps_per_sample: 5,
        tau: vec![tau],
        learning_passes: passes,
        ..Default::default()
    }
}

struct Curve {
    label: String,
    tau: f64,
    amplitude: f64,
    /// Per seed: variance explained and chi² of every pass.
    runs: Vec<Vec<(f64, f64)>>,
}

/// 7A: variance explained and chi² over passes.
fn learning_curves(context: &Context, findings: &mut Findings) -> Result<()> {
    let (passes, seeds) = (context.pick(3, 60, 500), context.pick(1, 9, 9));
    let settings = [(0.05, 0.02), (0.05, 0.2), (0.1, 0.02), (0.1, 0.2)];
    let jobs: Vec<(usize, u64)> = (0..settings.len()).flat_map(|setting| (0..seeds).map(move |seed| (setting, seed))).collect();
    let bar = context.progress(jobs.len() * (passes + 1), "7A learning curves");
    let runs: Vec<Result<Vec<(f64, f64)>>> = jobs
        .par_iter()
        .with_max_len(1)
        .map(|&(setting, seed)| {
            let (tau, amplitude) = settings[setting];
            let recording = generator(context, amplitude).build(context.seed.child("7A").trial(seed))?.record()?;
            let fitted = published(tau, passes).fit_watched(&recording, context.seed.trial(seed), &mut |_| {
                bar.inc(1);
                context.go_on()
            })?;
            Ok(fitted.history.iter().map(|pass| (pass.variance_explained, pass.chi2)).collect())
        })
        .collect();
    bar.finish_and_clear();
    let mut runs = runs.into_iter();
    let mut curves = Vec::new();
    for (tau, amplitude) in settings {
        let runs = (0..seeds).map(|_| runs.next().expect("one run per job")).collect::<Result<_>>()?;
        curves.push(Curve { label: format!("τ = {tau} s, links {amplitude}"), tau, amplitude, runs });
    }
    for curve in &curves {
        for (seed, run) in curve.runs.iter().enumerate() {
            for (pass, (variance, chi2)) in run.iter().enumerate() {
                for (quantity, y) in [("pVar", variance), ("chi2", chi2)] {
                    let cells =
                        ["7A".into(), format!("{quantity}, {}", curve.label), seed.to_string(), (pass + 1).to_string(), y.to_string()];
                    findings.data.1.push(cells.to_vec());
                }
            }
        }
    }
    check_curves(context, findings, &curves);
    findings.figures.push(("7A_learning".into(), curves_figure(&curves)));
    Ok(())
}

fn check_curves(context: &Context, findings: &mut Findings, curves: &[Curve]) {
    let at = |tau: f64, amplitude: f64, pass: usize| {
        let curve = curves.iter().find(|c| c.tau == tau && c.amplitude == amplitude).expect("the setting was run");
        let mut values: Vec<f64> = curve.runs.iter().filter_map(|run| run.get(pass - 1)).map(|(variance, _)| *variance).collect();
        values.sort_by(f64::total_cmp);
        // The median: single seeds of the authors' program spread over several of these tolerances, to the low side.
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let mut check = |tau, pass, expected, source| {
        let claim = format!("median pVar over seeds after pass {pass}, τ = {tau} s, links 0.02");
        findings.checks.push(context.check("7A", claim, source, at(tau, 0.02, pass), Side::Near, expected));
    };
    let eight = "authors' Python program, median of 8 seeds";
    check(0.05, 1, (0.9756, 0.02), eight);
    check(0.05, 10, (0.9969, 0.003), eight);
    check(0.1, 1, (0.9412, 0.02), eight);
    check(0.1, 10, (0.9916, 0.004), eight);
    check(0.1, 50, (0.9968, 0.003), "faithful equivalent of the authors' program, one seed");
}

fn curves_figure(curves: &[Curve]) -> Figure {
    let panel = |title: &str, label: &str, pick: fn(&(f64, f64)) -> f64| {
        let marks = curves.iter().flat_map(|curve| {
            let passes = curve.runs[0].len();
            let at = |pass: usize| curve.runs.iter().map(|run| pick(&run[pass])).collect::<Vec<f64>>();
            let x: Vec<f64> = (1..=passes).map(|pass| pass as f64).collect();
            let (mut low, mut middle, mut high) = (Vec::new(), Vec::new(), Vec::new());
            for pass in 0..passes {
                let values = at(pass);
                low.push(values.iter().copied().fold(f64::INFINITY, f64::min));
                high.push(values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                middle.push(Summary::of(&values).mean);
            }
            // Colour tells tau, dashes tell the links; one band per tau, or nothing could be seen.
            let colour = Colour::cycle(usize::from(curve.tau == 0.1));
            let weak = curve.amplitude == 0.02;
            let band = weak.then(|| Mark::from(Band { x: x.clone(), low, high, colour, alpha: 0.18, ..Band::default() }));
            let dash = if weak { Dash::Solid } else { Dash::Dashed };
            let line = Line { x, y: middle, colour, dash, label: curve.label.clone(), ..Line::default() };
            band.into_iter().chain([Mark::from(line)])
        });
        let log = crosscurrent::plot::Scale::Log;
        let x = Axis { scale: log.clone(), ..Axis::new("pass") };
        Panel {
            title: title.into(),
            x,
            y: Axis { scale: log, ..Axis::new(label) },
            marks: marks.collect(),
            legend: Legend::Off,
            ..Panel::default()
        }
    };
    let panels = vec![panel("Unexplained variance", "1 − pVar", |p| 1.0 - p.0), panel("Training error", "χ² per pass", |p| p.1)];
    let title = "CURBD learns its demonstration (lines: mean over seeds; bands: range, links 0.02)".to_string();
    Figure { title, panels, columns: 2, panel_size: (480, 340), shared_legend: true, ..Figure::default() }
}

/// A truth, its recording and a published fit of it.
fn fitted_example(context: &Context, amplitude: f64, passes: usize) -> Result<(Truth, Recording, Fitted)> {
    let truth = generator(context, amplitude).build(context.seed.child("7B"))?;
    let recording = truth.record()?;
    let fitted = published(0.1, passes).fit_watched(&recording, context.seed.child("7B fit"), &mut |_| context.go_on())?;
    Ok((truth, recording, fitted))
}

/// 7B: the 3 × 3 maps of currents that the paper shows, beside the true ones that it does not.
fn currents(context: &Context, findings: &mut Findings) -> Result<()> {
    let passes = context.pick(3, 60, 500);
    for amplitude in [0.02, 0.2] {
        let (truth, recording, fitted) = fitted_example(context, amplitude, passes)?;
        let variance = fitted.history.last().map_or(f64::NAN, |p| p.variance_explained);
        let example = Example {
            truth: format!("links {amplitude}"),
            method: "published CURBD".into(),
            connectivity: truth.network.connectivity.to_dense(),
            currents: Currents::decompose(&truth.network, &recording)?,
            inferred: Currents::decompose(&fitted.network, &fitted.at_samples()?)?,
            recording,
            fitted,
        };
        let (mut between, mut within) = (Vec::new(), Vec::new());
        for projection in example.currents.regions().projections() {
            let value = correlation(example.currents.get(&projection)?, example.inferred.get(&projection)?);
            if projection.is_within() {
                within.push(value)
            } else {
                between.push(value)
            }
            findings.data.1.push(vec![
                "7B".into(),
                format!("current correlation, links {amplitude}"),
                "0".into(),
                projection.to_string(),
                value.to_string(),
            ]);
        }
        let claim = |what: &str| format!("{what}, links {amplitude}, after {passes} passes");
        findings.checks.push(context.check("7B", claim("pVar of the fit"), MEASURED, variance, Side::AtLeast, (0.96, 0.0)));
        let mean = Summary::of(&between).mean;
        findings.checks.push(context.check(
            "7B",
            claim("mean correlation of the six currents between regions with the truth"),
            MEASURED,
            mean,
            Side::Near,
            (0.05, 0.15),
        ));
        let weights = correlation(&example.connectivity, &example.fitted.network.connectivity.to_dense());
        findings.checks.push(context.check("7B", claim("correlation of J with the truth"), MEASURED, weights, Side::AtMost, (0.2, 0.0)));
        findings.figures.push((format!("7B_true_and_inferred_links_{amplitude}"), study::currents_figure(&example)?));
        if amplitude == 0.02 {
            findings.figures.push(("7B_as_published".into(), published_maps(&example)?));
        }
    }
    Ok(())
}

/// The figure of the paper: the inferred currents alone, colours from -1 to 1.
fn published_maps(example: &Example) -> Result<Figure> {
    let mut panels = Vec::new();
    for projection in example.inferred.regions().projections() {
        let map = HeatMap {
            matrix: example.inferred.get(&projection)?.clone(),
            x: Some((0.0, example.inferred.clock().duration())),
            map: ColourMap::Diverging,
            limits: Some((-1.0, 1.0)),
            label: "current".into(),
            ..HeatMap::default()
        };
        let y = Axis::new(format!("neuron of {}", projection.target));
        panels.push(Panel { title: projection.to_string(), x: Axis::new("time (s)"), y, marks: vec![map.into()], ..Panel::default() });
    }
    let title = "Inferred currents as the paper shows them (limits ± 1), without the truth".to_string();
    Ok(Figure { title, panels, columns: 3, panel_size: (300, 220), hide_letters: true, ..Figure::default() })
}

/// What the paper does not show: weights and currents of the demonstration against the truth, for four fits (the default study).
fn recovery(context: &Context, findings: &mut Findings) -> Result<()> {
    let mut study = Study::default();
    if context.size == Size::Smoke {
        study.seeds = 1;
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
    }
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
    let of = |truth: &str, method: &str, name: &str, keep: fn(&str) -> bool| {
        outcome.table.summary((truth, method), name, keep, |s| s.value).mean
    };
    let mut check =
        |claim: &str, measured, side, expected| findings.checks.push(context.check("scores", claim, MEASURED, measured, side, expected));
    for (truth, between) in [("weak", (0.05, 0.15)), ("strong", (0.3, 0.15))] {
        let method = "published CURBD";
        check(&format!("{truth} coupling, {method}: pVar"), of(truth, method, VARIANCE_REPORTED, |_| true), Side::AtLeast, (0.96, 0.0));
        check(
            &format!("{truth} coupling, {method}: correlation of J"),
            of(truth, method, WEIGHT_CORRELATION, |s| s == "all"),
            Side::AtMost,
            (0.2, 0.0),
        );
        let value = of(truth, method, CURRENT_CORRELATION, is_between);
        check(&format!("{truth} coupling, {method}: mean correlation of the currents between regions"), value, Side::Near, between);
        let value = of(truth, "Ridge, inputs known", CURRENT_CORRELATION, is_between);
        check(&format!("{truth} coupling, Ridge with known inputs: the same"), value, Side::AtLeast, (0.999, 0.0));
    }
    findings.figures.push(("scores".into(), study::scores_figure(&study, &outcome.table)));
    Ok(())
}

/// 7E: the same data fitted from several initial J.
fn initial_connectivities(context: &Context, findings: &mut Findings) -> Result<()> {
    let (fits, passes) = (context.pick(2, 6, 10), context.pick(2, 40, 500));
    let truth = generator(context, 0.2).build(context.seed.child("7E"))?;
    let recording = truth.record()?;
    let bar = context.progress(fits * (passes + 1), "7E initial J");
    let fitted: Vec<Result<Fitted>> = (0..fits as u64)
        .into_par_iter()
        .map(|start| {
            published(0.1, passes).fit_watched(&recording, context.seed.child("7E fit").trial(start), &mut |_| {
                bar.inc(1);
                context.go_on()
            })
        })
        .collect();
    bar.finish_and_clear();
    let fitted = fitted.into_iter().collect::<Result<Vec<_>>>()?;
    let currents = fitted.iter().map(|f| Currents::decompose(&f.network, &f.at_samples()?)).collect::<Result<Vec<_>>>()?;
    let weights: Vec<DMatrix<f64>> = fitted.iter().map(|f| f.network.connectivity.to_dense()).collect();
    let mut kinds: [(&str, Vec<f64>); 3] =
        [("J", Vec::new()), ("currents within regions", Vec::new()), ("currents between regions", Vec::new())];
    for a in 0..fits {
        for b in a + 1..fits {
            kinds[0].1.push(correlation(&weights[a], &weights[b]));
            for projection in recording.regions.projections() {
                let value = correlation(currents[a].get(&projection)?, currents[b].get(&projection)?);
                kinds[if projection.is_within() { 1 } else { 2 }].1.push(value);
            }
        }
    }
    for (kind, values) in &kinds {
        for (pair, value) in values.iter().enumerate() {
            findings.data.1.push(vec!["7E".into(), kind.to_string(), pair.to_string(), String::new(), value.to_string()]);
        }
    }
    let worst = fitted.iter().filter_map(|f| f.history.last()).map(|p| p.variance_explained).fold(f64::INFINITY, f64::min);
    let truth = truth.network.connectivity.to_dense();
    let with_truth = Summary::of(&weights.iter().map(|j| correlation(&truth, j)).collect::<Vec<_>>()).mean;
    let initial = |f: &Fitted| {
        f.initial.as_ref().map(|j| j.to_dense()).ok_or_else(|| Error::parameter("initial J", "none", "a fit that starts from one"))
    };
    let with_start = fitted.iter().zip(&weights).map(|(f, j)| Ok(correlation(&initial(f)?, j))).collect::<Result<Vec<_>>>()?;
    let mut check =
        |claim: &str, measured, side, expected| findings.checks.push(context.check("7E", claim, MEASURED, measured, side, expected));
    check("smallest pVar of the fits from different initial J", worst, Side::AtLeast, (0.96, 0.0));
    check("mean correlation of fitted with true J", with_truth, Side::AtMost, (0.2, 0.0));
    check("mean correlation of fitted with initial J", Summary::of(&with_start).mean, Side::Near, (0.19, 0.1));
    findings.figures.push(("7E_initial_J".into(), agreement_figure(&kinds)));
    Ok(())
}

/// Histograms of the agreement between pairs of fits.
fn agreement_figure(kinds: &[(&str, Vec<f64>); 3]) -> Figure {
    const BINS: usize = 40;
    let panels = kinds.iter().enumerate().map(|(index, (kind, values))| {
        let mut counts = vec![0.0; BINS];
        for value in values.iter().filter(|v| v.is_finite()) {
            let bin = ((value + 1.0) / 2.0 * BINS as f64) as usize;
            counts[bin.min(BINS - 1)] += 1.0 / values.len() as f64;
        }
        // Each bin as a step: two corners.
        let edge = |k: usize| 2.0 * k as f64 / BINS as f64 - 1.0;
        let x = (0..BINS).flat_map(|k| [edge(k), edge(k + 1)]).collect();
        let y = counts.iter().flat_map(|&c| [c, c]).collect();
        let mean = Summary::of(values).mean;
        let line = Line { x, y, colour: Colour::cycle(index), ..Line::default() };
        let point = Points { x: vec![mean], y: vec![0.0], label: format!("mean {mean:.2}"), ..Points::default() };
        let x = Axis { range: Some((-1.0, 1.0)), ..Axis::new("correlation between two fits") };
        Panel { title: kind.to_string(), x, y: Axis::new("share of pairs"), marks: vec![line.into(), point.into()], ..Panel::default() }
    });
    let title = "The same data, fitted from different initial J".to_string();
    Figure { title, panels: panels.collect(), columns: 3, panel_size: (330, 260), ..Figure::default() }
}
