//! 4A and 4B, theory: overlap and variances against the gain.

use super::overlap::Measured;
use super::{published, row};
use crate::experiment::{Context, Findings};
use crosscurrent::Result;
use crosscurrent::plot::{Axis, Colour, Dash, Legend, Line, Mark, Panel};
use crosscurrent::theory::autonomous;
use rayon::prelude::*;

/// One gain: kappa, mu, Delta0 and Delta_inf of the structured state.
pub struct Point {
    pub gain: f64,
    pub kappa: f64,
    pub delta0: f64,
    pub delta_inf: f64,
}

/// The structured branches; S_m = 1.
pub struct Branches {
    /// Fixed points with a stable bulk.
    pub stationary: Vec<Point>,
    /// Fixed points that have lost to chaos.
    pub unstable: Vec<Point>,
    pub chaotic: Vec<Point>,
    /// Chaos without structure, beyond the collapse.
    pub unstructured: Vec<Point>,
    /// Where the second and third begin, and where the third ends.
    pub onset: f64,
    pub collapse: f64,
}

impl Branches {
    pub fn solve(context: &Context) -> Result<Self> {
        let points = context.pick(4, 14, 40);
        let (onset, collapse) = (published(1.0).chaos_onset()?, published(1.0).collapse()?);
        let between = |low: f64, high: f64| -> Vec<f64> {
            // Square-root steps at the upper end, where the overlap falls steeply.
            (0..=points).map(|k| high - (high - low) * (1.0 - k as f64 / points as f64).powi(2)).collect()
        };
        let fixed = |gain: f64| -> Result<Option<Point>> {
            let state = published(gain).structured()?;
            Ok(state.map(|s| Point { gain, kappa: s.kappa, delta0: s.delta0, delta_inf: s.delta0 }))
        };
        let moving = |gain: f64| -> Result<Option<Point>> {
            let state = published(gain).structured_chaos()?;
            Ok(state.map(|s| Point { gain, kappa: s.kappa, delta0: s.delta0, delta_inf: s.delta_inf }))
        };
        let all = |gains: Vec<f64>, solve: &(dyn Fn(f64) -> Result<Option<Point>> + Sync)| -> Result<Vec<Point>> {
            let found: Result<Vec<_>> = gains.par_iter().with_max_len(1).map(|&gain| solve(gain)).collect();
            Ok(found?.into_iter().flatten().collect())
        };
        let stationary = all((0..=points).map(|k| 0.05 + (onset - 0.05) * k as f64 / points as f64).collect(), &fixed)?;
        let unstable = all(between(onset, collapse + 0.15), &fixed)?;
        let chaotic = all(between(onset + 1e-4, collapse - 1e-5), &moving)?;
        let free = |gain: f64| -> Result<Option<Point>> {
            Ok(Some(Point { gain, kappa: 0.0, delta0: autonomous(gain)?.variance, delta_inf: 0.0 }))
        };
        let unstructured = all((0..=points).map(|k| collapse + (3.1 - collapse) * k as f64 / points as f64).collect(), &free)?;
        Ok(Branches { stationary, unstable, chaotic, unstructured, onset, collapse })
    }

    /// Rows of the data.
    pub fn report(&self, findings: &mut Findings) {
        let branches = [
            ("stationary", &self.stationary),
            ("unstable stationary", &self.unstable),
            ("chaotic", &self.chaotic),
            ("chaotic without structure", &self.unstructured),
        ];
        for (name, points) in branches {
            for point in points {
                row(findings, "4A", &format!("kappa, {name}"), None, (point.gain, point.kappa));
                row(findings, "4B", &format!("Delta0 - S^2 kappa^2, {name}"), None, (point.gain, point.delta0 - point.kappa.powi(2)));
                row(findings, "4B", &format!("Delta_inf - S^2 kappa^2, {name}"), None, (point.gain, point.delta_inf - point.kappa.powi(2)));
            }
        }
    }
}

/// A curve over the gain.
pub fn curve(points: &[Point], pick: impl Fn(&Point) -> f64, dash: Dash, colour: Colour, label: &str) -> Mark {
    let (x, y) = points.iter().map(|point| (point.gain, pick(point))).unzip();
    Line { x, y, dash, colour, width: 2.0, label: label.into(), ..Line::default() }.into()
}

/// 4B: the variance of activity without the part that structure gives, split into static and temporal.
pub fn variance_panel(branches: &Branches, measured: &[Measured]) -> Panel {
    let rest = |point: &Point| point.delta0 - point.kappa.powi(2);
    let fixed = |point: &Point| point.delta_inf - point.kappa.powi(2);
    let mut marks = vec![
        curve(&branches.stationary, rest, Dash::Solid, Colour::BLACK, "all: Δ₀ − S²κ²"),
        curve(&branches.chaotic, rest, Dash::Solid, Colour::BLACK, ""),
        curve(&branches.unstructured, rest, Dash::Solid, Colour::BLACK, ""),
        curve(&branches.chaotic, fixed, Dash::Dashed, Colour::BLACK, "static: Δ∞ − S²κ²"),
        curve(&branches.chaotic, |point| point.delta0 - point.delta_inf, Dash::Dotted, Colour::BLACK, "in time: Δ₀ − Δ∞"),
        curve(&branches.unstructured, fixed, Dash::Dashed, Colour::BLACK, ""),
        curve(&branches.unstructured, |point| point.delta0, Dash::Dotted, Colour::BLACK, ""),
        Mark::vline(branches.onset, "chaos"),
        Mark::vline(branches.collapse, "collapse"),
    ];
    marks.push(super::overlap::points(measured, |m| m.delta0 - m.kappa.powi(2), Colour::BLUE, "network, all"));
    marks.push(super::overlap::points(measured, |m| m.delta0 - m.delta_inf, Colour::VERMILION, "network, in time"));
    Panel {
        title: "Variance of activations beyond the structure".into(),
        x: Axis { range: Some((0.0, 3.2)), ..Axis::new("random gain g") },
        y: Axis::new("variance"),
        marks,
        legend: Legend::Above,
        ..Panel::default()
    }
}
