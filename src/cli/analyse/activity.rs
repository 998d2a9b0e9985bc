//! Analyses of state space: dimension and rotation.

use super::context::{Context, parts};
use super::figure::{colour_of, shown};
use super::outcome::{Outcome, Row};
use crate::analysis::{PrincipalComponents, RotationPlane, Rotations, dimension as measured_dimension};
use crate::error::{Error, Result};
use crate::io::Array;
use crate::plot::{Axis, Colour, Legend, Line, Mark, Panel, Points};
use crate::recording::Recording;

/// Parts of the time for the errors.
pub const BLOCKS: usize = 10;

/// Components that are kept in the arrays.
const KEPT: usize = 20;

/// Participation ratio, components for 95 % and the share of the first one, of all neurons and of each region.
pub fn dimension(context: &Context) -> Result<Outcome> {
    let recording = context.recording()?;
    let mut outcome = Outcome::default();
    let mut marks: Vec<Mark> = vec![Mark::hline(0.95, "")];
    for (place, (name, part)) in parts(recording)?.into_iter().enumerate() {
        let found = PrincipalComponents::of(&part.rates)?;
        let shares = found.shares()?;
        let ratio = measured_dimension(&part, BLOCKS.min(part.samples()))?;
        let for_95 = found.count_for(0.95)?;
        outcome.rows.push(Row::estimate("dimension", &name, "participation ratio", ratio));
        outcome.rows.push(Row::new("dimension", &name, "components for 95 %", for_95 as f64));
        outcome.rows.push(Row::new("dimension", &name, "share of the first component", shares[0]));
        outcome.keep(&format!("variances_{name}"), Array::vector(found.variances.clone()));
        if place == 0 {
            let kept = KEPT.min(shares.len());
            outcome.keep("components_all", Array::from(&found.leading(kept)?));
            outcome.keep("scores_all", Array::from(&found.scores(&part.rates, kept)?));
        }
        if shown(recording, place) {
            marks.push(cumulative(&shares, found.count_for(0.999)?, place, &name));
        }
    }
    let y = Axis { range: Some((0.0, 1.03)), ..Axis::new("share of the variance") };
    let x = Axis::new("principal components");
    outcome.panels.push(Panel { title: "Dimension (dashed: 95 %)".into(), x, y, marks, legend: Legend::BottomRight, ..Panel::default() });
    Ok(outcome)
}

fn cumulative(shares: &[f64], upto: usize, place: usize, name: &str) -> Mark {
    let mut sum = 0.0;
    let y: Vec<f64> = shares.iter().take(upto.max(3)).map(|share| (sum += share, sum).1).collect();
    let x = (1..=y.len()).map(|k| k as f64).collect();
    let (colour, width) = (colour_of(place), if place == 0 { 2.0 } else { 1.2 });
    Line { x, y, colour, width, label: name.into(), ..Line::default() }.into()
}

/// How much of the flow of the leading components is rotation.
pub fn rotation(context: &Context) -> Result<Outcome> {
    let recording = context.recording()?;
    let asked = context.components();
    let dimensions = PrincipalComponents::of(&recording.rates)?.count_for(1.0)?;
    let components = (asked - asked % 2).min(dimensions - dimensions % 2);
    if components < 2 {
        let problem = format!("{asked} components are asked for, the activity has {dimensions} dimensions");
        return Err(Error::data("rotation", problem, "a rotation needs two"));
    }
    let method = Rotations { components, ..Default::default() };
    let (found, chance) = (method.of(recording)?, method.chance(recording, context.session.seed().child("rotation"))?);
    let mut outcome = Outcome::default();
    let on = format!("{components} components");
    let row = |quantity: &str, value: f64| Row::new("rotation", &on, quantity, value);
    outcome.rows.extend([
        row("R² of a linear flow", found.linear),
        row("R² of a rotation", found.rotation).chance(chance),
        row("R² of a gradient flow", found.gradient),
        row("rotation over linear", found.ratio()),
        row("share of the variance", found.captured),
    ]);
    for (k, plane) in found.planes.iter().enumerate() {
        let on = format!("plane {}", k + 1);
        outcome.rows.push(Row::new("rotation", &on, "frequency", plane.frequency).unit("Hz"));
        outcome.rows.push(Row::new("rotation", &on, "share within the components", plane.share));
        outcome.keep(&format!("rotation_plane_{}", k + 1), Array::from(&plane.scores));
    }
    let first = found.planes.first().ok_or_else(|| Error::data("rotation", "nothing turns", "use activity that moves"))?;
    outcome.panels.push(plane_panel(recording, first));
    Ok(outcome)
}

/// Trajectories of the trials in a plane of rotation.
fn plane_panel(recording: &Recording, plane: &RotationPlane) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (k, trial) in recording.trials().enumerate().take(20) {
        let axis = |row: usize| trial.clone().map(|sample| plane.scores[(row, sample)]).collect::<Vec<f64>>();
        let (x, y) = (vec![plane.scores[(0, trial.start)]], vec![plane.scores[(1, trial.start)]]);
        marks.push(Line { x: axis(0), y: axis(1), colour: Colour::cycle(k), width: 0.9, alpha: 0.8, ..Line::default() }.into());
        let label = if k == 0 { "start".to_string() } else { String::new() };
        marks.push(Points { x, y, colour: Colour::BLACK, size: 6.0, label, ..Points::default() }.into());
    }
    Panel {
        title: format!("Rotation plane, {:.3} Hz", plane.frequency),
        x: Axis::new("first axis (rate)"),
        y: Axis::new("second axis (rate)"),
        marks,
        equal_aspect: true,
        ..Panel::default()
    }
}
