//! Figures of a table of trials: curves with confidence bands, and phase diagrams with the line of reliability.

use super::{Axis, Band, Colour, ColourMap, Dash, Figure, HeatMap, Legend, Line, Mark, Panel, Points, Scale};
use crate::identify::{Cell, Levels, Series};
use nalgebra::DMatrix;

/// A curve per colour: mean over seeds as points and line, 95 % band of the mean, the level of reliability as a dashed line.
///
/// `panels` are (title, curves); all share `x`, the places on the axis.
pub fn curves(panels: &[(String, Vec<Series>)], (x, y): (&Levels, &str), reliable: f64) -> Figure {
    let panels: Vec<Panel> = panels
        .iter()
        .map(|(title, series)| {
            let mut marks = vec![level_of(reliable, x).into()];
            marks.extend(series.iter().enumerate().flat_map(|(index, series)| curve(series, index, x)));
            Panel { title: title.clone(), x: axis(x), y: Axis::new(y), marks, legend: Legend::Above, ..Panel::default() }
        })
        .collect();
    let shared_legend = panels.len() > 1 || panels.iter().any(|panel| panel.marks.len() > 10);
    let panel_size = if panels.len() == 1 { (560, 400) } else { (340, 280) };
    Figure { panels, shared_legend, panel_size, ..Figure::default() }
}

/// The level of reliability; curves may cross it anywhere, so its name stands in the legend.
fn level_of(reliable: f64, x: &Levels) -> Line {
    let ends = [place(x, 0), place(x, x.names.len().saturating_sub(1))];
    let label = format!("reliable from {reliable}");
    Line { x: ends.to_vec(), y: vec![reliable; 2], colour: Colour::GREY, dash: Dash::Dashed, width: 1.2, label, ..Line::default() }
}

fn curve(series: &Series, index: usize, x: &Levels) -> [Mark; 3] {
    let places: Vec<f64> = (0..x.names.len()).map(|level| place(x, level)).collect();
    let of = |part: fn(&Cell) -> f64| series.cells.iter().map(part).collect::<Vec<f64>>();
    let colour = Colour::cycle(index);
    // After six colours they come again: then dashes tell.
    let dash = [Dash::Solid, Dash::Dashed, Dash::Dotted][index / 6 % 3];
    [
        Band { x: places.clone(), low: of(|c| c.low), high: of(|c| c.high), colour, alpha: 0.18, ..Band::default() }.into(),
        Line { x: places.clone(), y: of(|c| c.mean), colour, dash, label: series.name.clone(), ..Line::default() }.into(),
        Points { x: places, y: of(|c| c.mean), colour, size: 5.0, ..Points::default() }.into(),
    ]
}

/// Where a level stands: at its number on a scale, else at its rank.
fn place(levels: &Levels, level: usize) -> f64 {
    levels.numbers.as_ref().map_or(level as f64, |numbers| numbers[level])
}

/// A linear or logarithmic axis of numbers, or one of names.
fn axis(levels: &Levels) -> Axis {
    let label = levels.label.clone();
    match &levels.numbers {
        Some(numbers) if numbers.iter().all(|&v| v > 0.0) && numbers[numbers.len() - 1] > 9.0 * numbers[0] => {
            Axis { label, scale: Scale::Log, ..Axis::default() }
        }
        Some(_) => Axis::new(label),
        None => Axis { label, ..Axis::categories(levels.names.clone()) },
    }
}

/// A panel per (title, means, rows of y × columns of x): colours from 0 to 1, a black line where the mean crosses the level of reliability.
pub fn phases(panels: &[(String, DMatrix<f64>)], (x, y, score): (&Levels, &Levels, &str), reliable: f64) -> Figure {
    let count = panels.len();
    let panels = panels.iter().map(|(title, means)| {
        let (rows, columns) = means.shape();
        let map = HeatMap {
            matrix: means.clone(),
            map: ColourMap::Cividis,
            limits: Some((0.0, 1.0)),
            label: score.to_string(),
            decimals: (rows * columns <= 64).then_some(2),
            ..HeatMap::default()
        };
        let (line_x, line_y) = contour(means, reliable);
        let line =
            Line { x: line_x, y: line_y, width: 2.5, colour: Colour::VERMILION, label: format!("{score} = {reliable}"), ..Line::default() };
        Panel {
            title: title.clone(),
            x: Axis { range: Some((-0.5, columns as f64 - 0.5)), ..ranks(x) },
            y: Axis { range: Some((-0.5, rows as f64 - 0.5)), ..ranks(y) },
            marks: vec![map.into(), line.into()],
            ..Panel::default()
        }
    });
    Figure {
        panels: panels.collect(),
        shared_legend: true,
        panel_size: if count == 1 { (480, 380) } else { (360, 300) },
        ..Figure::default()
    }
}

/// Levels side by side, each at its rank.
fn ranks(levels: &Levels) -> Axis {
    let ticks = levels.names.iter().enumerate().map(|(rank, name)| (rank as f64, name.clone())).collect();
    Axis { ticks, ..Axis::new(levels.label.clone()) }
}

/// The line at which a matrix, taken as linear between the middles of its cells, crosses `level`: corners of pieces, parted by NaN.
///
/// x counts columns, y counts rows.
fn contour(means: &DMatrix<f64>, level: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for row in 0..means.nrows().saturating_sub(1) {
        for column in 0..means.ncols().saturating_sub(1) {
            let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
            let crossings: Vec<(f64, f64)> =
                (0..4).filter_map(|side| crossing(means, level, corners[side], corners[(side + 1) % 4])).collect();
            for piece in crossings.chunks_exact(2) {
                for &(at_x, at_y) in piece {
                    x.push(at_x);
                    y.push(at_y);
                }
                x.push(f64::NAN);
                y.push(f64::NAN);
            }
        }
    }
    (x, y)
}

/// Where the level is crossed between two neighbouring cells: (column, row).
fn crossing(means: &DMatrix<f64>, level: f64, a: (usize, usize), b: (usize, usize)) -> Option<(f64, f64)> {
    let (from, to) = (means[a], means[b]);
    // A NaN crosses nothing.
    let crosses = (from >= level && to < level) || (from < level && to >= level);
    let part = (level - from) / (to - from);
    let between = |a: usize, b: usize| a as f64 + part * (b as f64 - a as f64);
    crosses.then(|| (between(a.1, b.1), between(a.0, b.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_runs_where_the_means_cross_the_level() {
        // Means grow by 0.5 from column to column: 0.75 is crossed half-way between the second and the third.
        let means = DMatrix::from_fn(3, 3, |_, column| 0.5 * column as f64);
        let (x, y) = contour(&means, 0.75);
        assert_eq!(x.len(), 2 * 3);
        assert!(x.iter().all(|x| x.is_nan() || (x - 1.5).abs() < 1e-12), "{x:?}");
        assert!(y.iter().all(|y| y.is_nan() || (0.0..=2.0).contains(y)));
        assert!(contour(&DMatrix::from_element(3, 3, f64::NAN), 0.5).0.is_empty());
        assert!(contour(&means, 2.0).0.is_empty());
    }
}
