//! 7E: how far fits of the same data from different initial J agree.

use super::{MEASURED, generator, published};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::identify::Summary;
use crosscurrent::metric::correlation;
use crosscurrent::plot::{Axis, Colour, Figure, Line, Panel, Points};
use crosscurrent::{Currents, Error, Fit, Fitted, Result};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// 7E: the same data fitted from several initial J.
pub fn agreement(context: &Context, findings: &mut Findings) -> Result<()> {
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
    let weights: Vec<DMatrix<f64>> = fitted.iter().map(|f| f.network.connectivity.to_dense()).collect();
    let kinds = pairs(&fitted, &weights)?;
    for (kind, values) in &kinds {
        for (pair, value) in values.iter().enumerate() {
            findings.data.1.push(vec!["7E".into(), kind.to_string(), pair.to_string(), String::new(), value.to_string()]);
        }
    }
    check_agreement(context, findings, &fitted, (&truth.network.connectivity.to_dense(), &weights))?;
    findings.figures.push(("7E_initial_J".into(), agreement_figure(&kinds)));
    Ok(())
}

/// Correlations of J and of currents between every two fits.
fn pairs(fitted: &[Fitted], weights: &[DMatrix<f64>]) -> Result<[(&'static str, Vec<f64>); 3]> {
    let currents = fitted.iter().map(|f| Currents::decompose(&f.network, &f.at_samples()?)).collect::<Result<Vec<_>>>()?;
    let mut kinds: [(&'static str, Vec<f64>); 3] =
        [("J", Vec::new()), ("currents within regions", Vec::new()), ("currents between regions", Vec::new())];
    for a in 0..fitted.len() {
        for b in a + 1..fitted.len() {
            kinds[0].1.push(correlation(&weights[a], &weights[b]));
            for projection in fitted[a].network.regions.projections() {
                let value = correlation(currents[a].get(&projection)?, currents[b].get(&projection)?);
                kinds[if projection.is_within() { 1 } else { 2 }].1.push(value);
            }
        }
    }
    Ok(kinds)
}

/// The true J, and the fitted ones.
type Weights<'a> = (&'a DMatrix<f64>, &'a [DMatrix<f64>]);

/// All fits explain the data, none finds J, and each remembers where it started.
fn check_agreement(context: &Context, findings: &mut Findings, fitted: &[Fitted], (truth, weights): Weights) -> Result<()> {
    let worst = fitted.iter().filter_map(|f| f.history.last()).map(|p| p.variance_explained).fold(f64::INFINITY, f64::min);
    let with_truth = Summary::of(&weights.iter().map(|j| correlation(truth, j)).collect::<Vec<_>>()).mean;
    let initial = |f: &Fitted| {
        f.initial.as_ref().map(|j| j.to_dense()).ok_or_else(|| Error::parameter("initial J", "none", "a fit that starts from one"))
    };
    let with_start = fitted.iter().zip(weights).map(|(f, j)| Ok(correlation(&initial(f)?, j))).collect::<Result<Vec<_>>>()?;
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("7E", MEASURED), claim, measured, wanted));
    check("smallest pVar of the fits from different initial J", worst, (Side::AtLeast, 0.96, 0.0));
    check("mean correlation of fitted with true J", with_truth, (Side::AtMost, 0.2, 0.0));
    check("mean correlation of fitted with initial J", Summary::of(&with_start).mean, (Side::Near, 0.19, 0.1));
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
