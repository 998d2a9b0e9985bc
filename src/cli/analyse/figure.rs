//! What the figures of the command share, and how their panels are put together.

use super::results::Results;
use crate::error::Result;
use crate::plot::{Axis, Colour, ColourMap, Figure, HeatMap, Mark, Panel, Reference};
use crate::recording::Recording;
use nalgebra::DMatrix;
use std::path::Path;

/// Regions that are drawn as curves of their own at most.
const CURVES: usize = 5;

/// Matrices of more regions carry no numbers.
const NUMBERED: usize = 8;

/// Longer names are cut.
const NAME: usize = 16;

/// Analyses of a network have a figure of their own.
const OF_NETWORKS: [&str; 2] = ["linearised", "fixed-points"];

/// Whether the curve at `place` (0: all neurons, k: region k) is drawn.
pub fn shown(recording: &Recording, place: usize) -> bool {
    place == 0 || recording.regions.count() <= CURVES
}

/// Black for all neurons, then a colour for each region.
pub fn colour_of(place: usize) -> Colour {
    if place == 0 { Colour::BLACK } else { Colour::cycle(place) }
}

pub fn zero() -> Mark {
    Reference { width: 0.8, ..Reference::default() }.into()
}

/// What a matrix of regions shows.
pub struct Bar {
    /// Words along the colour bar.
    pub label: &'static str,
    /// Its ends; from 0 to the largest number where they are not given.
    pub limits: Option<(f64, f64)>,
    /// Of the numbers in the cells.
    pub decimals: usize,
    /// Columns are sources and rows are targets.
    pub ordered: bool,
}

/// A matrix of regions in colour.
pub fn matrix_panel(recording: &Recording, matrix: DMatrix<f64>, title: &str, bar: Bar) -> Panel {
    let count = recording.regions.count();
    let short =
        |name: &String| if name.chars().count() <= NAME { name.clone() } else { name.chars().take(NAME - 1).chain(['…']).collect() };
    let names: Vec<String> = recording.regions.names().iter().map(short).collect();
    let finite = matrix.iter().copied().filter(|value| value.is_finite());
    let limits = bar.limits.or(Some((0.0, finite.fold(1.0, f64::max))));
    let map = if limits.is_some_and(|(low, _)| low < 0.0) { ColourMap::Diverging } else { ColourMap::Viridis };
    let decimals = (count <= NUMBERED).then_some(bar.decimals);
    let heat = HeatMap { matrix, map, limits, label: bar.label.into(), decimals, ..HeatMap::default() };
    let axis = |label: &str| Axis { label: label.into(), ..Axis::categories(names.clone()) };
    let (x, y) = if bar.ordered { (axis("source"), axis("target")) } else { (axis(""), axis("")) };
    Panel { title: title.into(), x, y, marks: vec![heat.into()], equal_aspect: true, ..Panel::default() }
}

/// `recording` and `network`, as far as there are panels.
pub fn write(results: &Results, folder: &Path) -> Result<Vec<&'static str>> {
    let panels = |of_network: bool| -> Vec<Panel> {
        let mine = results.outcomes.iter().filter(|(name, _)| OF_NETWORKS.contains(name) == of_network);
        mine.flat_map(|(_, outcome)| outcome.panels.clone()).collect()
    };
    let mut written = Vec::new();
    for (stem, panels) in [("recording", panels(false)), ("network", panels(true))] {
        if panels.is_empty() {
            continue;
        }
        let columns = panels.len().min(3);
        let figure = Figure { title: results.subject.describe(), panels, columns, panel_size: (390, 330), ..Figure::default() };
        figure.save(folder, stem)?;
        written.push(stem);
    }
    Ok(written)
}
