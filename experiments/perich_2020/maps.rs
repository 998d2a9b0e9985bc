//! 7B: the maps of the currents, inferred and true.

use super::{MEASURED, generator, published};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::{Example, Summary, Truth};
use crosscurrent::metric::correlation;
use crosscurrent::plot::{Axis, ColourMap, Figure, HeatMap, Panel, study};
use crosscurrent::{Currents, Fit, Fitted, Recording, Result};

/// A truth, its recording and a published fit of it.
fn fitted_example(context: &Context, amplitude: f64, passes: usize) -> Result<(Truth, Recording, Fitted)> {
    let truth = generator(context, amplitude).build(context.seed.child("7B"))?;
    let recording = truth.record()?;
    let fitted = published(0.1, passes).fit_watched(&recording, context.seed.child("7B fit"), &mut |_| context.go_on())?;
    Ok((truth, recording, fitted))
}

/// 7B: the 3 × 3 maps of currents that the paper shows, beside the true ones that it does not.
pub fn currents(context: &Context, findings: &mut Findings) -> Result<()> {
    let passes = context.pick(3, 60, 500);
    for amplitude in [0.02, 0.2] {
        let (truth, recording, fitted) = fitted_example(context, amplitude, passes)?;
        let example = Example {
            truth: format!("links {amplitude}"),
            method: "published CURBD".into(),
            connectivity: truth.network.connectivity.to_dense(),
            currents: Currents::decompose(&truth.network, &recording)?,
            inferred: Currents::decompose(&fitted.network, &fitted.at_samples()?)?,
            recording,
            fitted,
        };
        check_maps(context, findings, &example, (amplitude, passes))?;
        findings.figures.push((format!("7B_true_and_inferred_links_{amplitude}"), study::currents_figure(&example)?));
        if amplitude == 0.02 {
            findings.figures.push(("7B_as_published".into(), published_maps(&example)?));
        }
    }
    Ok(())
}

/// The fit explains the data; its currents between regions and its J are not the true ones.
fn check_maps(context: &Context, findings: &mut Findings, example: &Example, (amplitude, passes): (f64, usize)) -> Result<()> {
    let mut between = Vec::new();
    let curve = format!("current correlation, links {amplitude}");
    for projection in example.currents.regions().projections() {
        let value = correlation(example.currents.get(&projection)?, example.inferred.get(&projection)?);
        between.extend((!projection.is_within()).then_some(value));
        findings.data.1.push(vec!["7B".into(), curve.clone(), "0".into(), projection.to_string(), value.to_string()]);
    }
    let variance = example.fitted.history.last().map_or(f64::NAN, |p| p.variance_explained);
    let weights = correlation(&example.connectivity, &example.fitted.network.connectivity.to_dense());
    let mut check = |what: &str, measured, wanted| {
        let claim = format!("{what}, links {amplitude}, after {passes} passes");
        findings.checks.push(context.check(("7B", MEASURED), claim, measured, wanted));
    };
    check("pVar of the fit", variance, (Side::AtLeast, 0.96, 0.0));
    let mean = Summary::of(&between).mean;
    check("mean correlation of the six currents between regions with the truth", mean, (Side::Near, 0.05, 0.15));
    check("correlation of J with the truth", weights, (Side::AtMost, 0.2, 0.0));
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
