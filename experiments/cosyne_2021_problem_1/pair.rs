//! (iv): two units, one excitatory and one inhibitory: equal eigenvalues, unequal transients.

use super::{SOURCE, record};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::integrator::Rk4;
use crosscurrent::linalg::eigenvalues;
use crosscurrent::metric::non_normality;
use crosscurrent::nonlinearity::Identity;
use crosscurrent::plot::{Axis, Colour, Figure, Legend, Line, Mark, Marker, Panel, Points};
use crosscurrent::{Clock, Connectivity, Initial, Network, Regions, Result, Simulation};
use nalgebra::{DMatrix, dmatrix};

/// The eigenvalue that is kept while w grows; the other is 0.
const KEPT: f64 = -0.5;

/// W = [[w, −k w], [w, −k w]] with w (1 − k) = −0.5.
fn weights(w: f64) -> DMatrix<f64> {
    let kw = w - KEPT;
    dmatrix![w, -kw; w, -kw]
}

/// Activity of the excitatory unit after a pulse to it: exp(−t) (1 + w (exp(λ t) − 1) / λ), because W² = λ W.
fn response(w: f64, t: f64) -> f64 {
    (-t).exp() * (1.0 + w * ((KEPT * t).exp() - 1.0) / KEPT)
}

/// Step of integration in τ.
const DT: f64 = 0.02;

/// The excitatory activity of a simulated pair after a pulse to it.
fn simulated(w: f64) -> Result<Vec<f64>> {
    let network = Network::new(Regions::new([("E", 1), ("I", 1)])?, Connectivity::dense(weights(w))?, Identity, &[1.0])?;
    let initial = Initial::Given(vec![1.0, 0.0]);
    let simulation = Simulation { clock: Clock::new(DT, 8.0)?, integrator: Rk4.into(), initial, ..Default::default() };
    Ok(simulation.run(&network)?.rates.row(0).iter().copied().collect())
}

/// Responses to a pulse for several w.
pub fn transients(context: &Context, findings: &mut Findings) -> Result<()> {
    let strengths = [0.5, 2.0, 5.0, 10.0];
    let (mut marks, mut peaks, mut henrici): (Vec<Mark>, Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new(), Vec::new());
    let mut error = 0.0_f64;
    for (k, &w) in strengths.iter().enumerate() {
        let values = eigenvalues(&weights(w))?;
        henrici.push(non_normality(&weights(w), &values));
        let rates = simulated(w)?;
        let time: Vec<f64> = (0..rates.len()).map(|sample| DT * sample as f64).collect();
        error = rates.iter().zip(&time).map(|(r, &t)| (r - response(w, t)).abs()).fold(error, f64::max);
        peaks.push(rates.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        let label = format!("w = {w}");
        let (x, y): (Vec<f64>, Vec<f64>) = (0..time.len()).step_by(16).map(|sample| (time[sample], rates[sample])).unzip();
        x.iter().zip(&y).for_each(|(&x, &y)| record(findings, ("pair", &label), 0, (x, y)));
        let theory = if k == 0 { "theory" } else { "" };
        let curve = time.iter().map(|&t| response(w, t)).collect();
        marks.push(Line { x: time, y: curve, colour: Colour::BLACK, label: theory.into(), ..Line::default() }.into());
        marks.push(Points { x, y, colour: Colour::cycle(k), size: 5.0, label, ..Points::default() }.into());
        let kept = values.iter().map(|z| z.re).fold(0.0, f64::min);
        let claim = format!("the eigenvalue of w = {w} that is not 0");
        findings.checks.push(context.check(("pair", SOURCE), claim, kept, (Side::Near, KEPT, 1e-9)));
    }
    let mut check = |claim: &str, measured, wanted| findings.checks.push(context.check(("pair", SOURCE), claim, measured, wanted));
    check("largest distance of the simulated response from theory", error, (Side::AtMost, 1e-6, 0.0));
    check("peak at w = 0.5: a pulse only decays", peaks[0], (Side::Near, 1.0, 1e-9));
    check("peak at w = 10: the same eigenvalues amplify it", peaks[3], (Side::AtLeast, 2.5, 0.0));
    let growth = peaks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    check("least growth of the peak from one w to the next", growth, (Side::AtLeast, 0.1, 0.0));
    findings.figures.push(("4_transient_amplification".into(), figure(marks, &strengths, (peaks, henrici))));
    Ok(())
}

fn figure(responses: Vec<Mark>, strengths: &[f64], (peaks, henrici): (Vec<f64>, Vec<f64>)) -> Figure {
    let fine: Vec<f64> = (1..=220).map(|k| 0.05 * f64::from(k)).collect();
    let peak = |w: f64| (0..=800).map(|k| response(w, 0.01 * f64::from(k))).fold(0.0, f64::max);
    let y = fine.iter().map(|&w| peak(w)).collect();
    let theory = Line { x: fine, y, colour: Colour::BLACK, label: "peak, theory".into(), ..Line::default() };
    let points = |y, colour, marker, label: &str| -> Mark {
        Points { x: strengths.to_vec(), y, colour, marker, size: 7.0, label: label.into(), ..Points::default() }.into()
    };
    let found = points(peaks, Colour::BLUE, Marker::Disc, "peak, simulated");
    let index = points(henrici, Colour::VERMILION, Marker::Square, "Henrici index");
    let panel = |title: &str, (x, y): (&str, Axis), marks, legend| Panel {
        title: title.into(),
        x: Axis::new(x),
        y,
        marks,
        legend,
        ..Panel::default()
    };
    let height = Axis { range: Some((0.0, 4.0)), ..Axis::new("peak activity; Henrici index") };
    let panels = vec![
        panel("A pulse to the excitatory unit", ("time (τ)", Axis::new("excitatory activity")), responses, Legend::TopRight),
        panel("Amplification at fixed eigenvalues", ("w", height), vec![theory.into(), found, index], Legend::TopLeft),
    ];
    let title = "Two units, W = [w, −kw; w, −kw], eigenvalues 0 and −0.5".to_string();
    Figure { title, panels, columns: 2, panel_size: (460, 370), ..Figure::default() }
}
