//! 4C: where chaos begins, and the phases in the plane of random gain and structure.

use super::{THEORY, published, row};
use crate::experiment::{Context, Findings, Side};
use crosscurrent::Result;
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Line, Mark, Note, Panel, Points};
use crosscurrent::theory::LowRank;
use rayon::prelude::*;

/// Boundaries over M_m M_n.
struct Boundaries {
    strengths: Vec<f64>,
    narrow: Vec<f64>,
    wide: Vec<f64>,
    collapse: Vec<f64>,
}

/// A network with M_n = 1, so that M_m is the strength.
fn network(strength: f64, deviation_m: f64) -> LowRank {
    LowRank { mean_m: strength, mean_n: 1.0, deviation_m, ..LowRank::default() }
}

/// 4C and the phase diagram, with their checks.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let count = context.pick(3, 15, 61);
    let strengths: Vec<f64> = (0..=count).map(|k| 1.0 + 3.0 * k as f64 / count as f64).collect();
    let solved: Result<Vec<[f64; 3]>> = strengths
        .par_iter()
        .with_max_len(1)
        .map(|&s| Ok([network(s, 0.0).chaos_onset()?, network(s, 1.0).chaos_onset()?, network(s, 0.0).collapse()?]))
        .collect();
    let solved = solved?;
    let column = |k: usize| solved.iter().map(|row| row[k]).collect::<Vec<f64>>();
    let boundaries = Boundaries { narrow: column(0), wide: column(1), collapse: column(2), strengths };
    let curves = [("g_c, S = 0", &boundaries.narrow), ("g_c, S = 1", &boundaries.wide), ("collapse", &boundaries.collapse)];
    for (name, gains) in curves {
        for (&strength, &gain) in boundaries.strengths.iter().zip(gains) {
            row(findings, "4C", name, None, (strength, gain));
        }
    }
    check(context, findings)?;
    Ok(vec![onset_panel(&boundaries), phase_panel(&boundaries)])
}

fn check(context: &Context, findings: &mut Findings) -> Result<()> {
    let mut near = |claim: String, measured: f64, expected: f64, tolerance: f64| {
        findings.checks.push(context.check(("4C", THEORY), claim, measured, (Side::Near, expected, tolerance)));
    };
    near("onset of structured chaos (T22)".into(), published(1.0).chaos_onset()?, 1.7959, 1e-3);
    near("collapse of structure (T22)".into(), published(1.0).collapse()?, 2.136, 1e-3);
    near("kappa at g = 1 (T23)".into(), published(1.0).structured()?.map_or(f64::NAN, |state| state.kappa), 1.08785, 1e-4);
    let table = [(1.2, 1.1759, 1.1747), (2.0, 1.7300, 1.7105), (4.0, 2.8776, 2.8346)];
    for (strength, narrow, wide) in table.into_iter().take(context.pick(0, 3, 3)) {
        near(format!("g_c at M_m M_n = {strength}, S = 0"), network(strength, 0.0).chaos_onset()?, narrow, 1e-4);
        near(format!("g_c at M_m M_n = {strength}, S = 1"), network(strength, 1.0).chaos_onset()?, wide, 1e-4);
    }
    Ok(())
}

fn onset_panel(boundaries: &Boundaries) -> Panel {
    let line = |y: &[f64], dash: Dash, label: &str| -> Mark {
        Line { x: boundaries.strengths.clone(), y: y.to_vec(), dash, width: 2.0, label: label.into(), ..Line::default() }.into()
    };
    let table = Points {
        x: [1.2, 1.5, 2.0, 3.0, 4.0, 1.2, 1.5, 2.0, 3.0, 4.0].to_vec(),
        y: [1.1759, 1.3992, 1.73, 2.3256, 2.8776, 1.1747, 1.392, 1.7105, 2.2895, 2.8346].to_vec(),
        colour: Colour::VERMILION,
        hollow: true,
        label: "reference table".into(),
        ..Points::default()
    };
    Panel {
        title: "Gain at which structured activity becomes chaotic".into(),
        x: Axis::new("overlap of the structure ⟨m n⟩ (⟨n⟩ = 1)"),
        y: Axis::new("critical gain g_c"),
        marks: vec![line(&boundaries.narrow, Dash::Solid, "S = 0"), line(&boundaries.wide, Dash::Dashed, "S = 1"), table.into()],
        legend: Legend::TopLeft,
        ..Panel::default()
    }
}

fn phase_panel(boundaries: &Boundaries) -> Panel {
    let across = |x: &[f64], dash: Dash, label: &str| -> Mark {
        Line { x: x.to_vec(), y: boundaries.strengths.clone(), dash, width: 2.0, label: label.into(), ..Line::default() }.into()
    };
    let straight = |x: [f64; 2], y: [f64; 2]| -> Mark { Line { x: x.to_vec(), y: y.to_vec(), width: 2.0, ..Line::default() }.into() };
    let note = |x: f64, y: f64, text: &str| -> Mark { Note { x, y, text: text.into(), ..Note::default() }.into() };
    let marks = vec![
        straight([0.0, 1.0], [1.0, 1.0]),
        straight([1.0, 1.0], [0.0, 1.0]),
        across(&boundaries.narrow, Dash::Solid, "g_c, S = 0"),
        across(&boundaries.wide, Dash::Dashed, "g_c, S = 1"),
        across(&boundaries.collapse, Dash::Dotted, "collapse"),
        note(0.5, 0.5, "quiet"),
        note(0.9, 2.7, "structured,\nstationary"),
        note(2.15, 1.15, "chaos"),
        note(2.98, 3.62, "structured\nchaos"),
    ];
    Panel {
        title: "Phases of activity".into(),
        x: Axis { range: Some((0.0, 3.2)), ..Axis::new("random gain g") },
        y: Axis { range: Some((0.0, 4.0)), ..Axis::new("overlap of the structure ⟨m n⟩") },
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}
