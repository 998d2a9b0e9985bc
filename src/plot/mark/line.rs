//! Curves: cut to the panel, thinned to what pixels can show, broken where there is no number.

use super::{Extent, Key, Member, Sample, key, same_length};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::scale::{Area, View};
use crate::plot::surface::{Point, Stroke, Surface};

/// A curve through points. Where a value is not finite the curve has a gap.
///
/// The default is the style of theory: black and solid.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Abscissas.
    pub x: Vec<f64>,
    /// Ordinates, as many.
    pub y: Vec<f64>,
    /// Colour of the pen.
    pub colour: Colour,
    /// Solid, dashed or dotted.
    pub dash: Dash,
    /// Width of the pen in pixels.
    pub width: f64,
    /// Opacity, 0 to 1.
    pub alpha: f64,
    /// Name in the legend; empty for none.
    pub label: String,
}

impl Default for Line {
    fn default() -> Self {
        let (x, y, label) = (Vec::new(), Vec::new(), String::new());
        Line { x, y, colour: Colour::BLACK, dash: Dash::Solid, width: 1.5, alpha: 1.0, label }
    }
}

/// How a line is interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Long strokes.
    Dashed,
    /// Dots.
    Dotted,
}

impl Line {
    fn stroke(&self) -> Stroke {
        Stroke { colour: self.colour, alpha: self.alpha, width: self.width }
    }

    /// Runs of consecutive points that have a place on the page.
    fn runs(&self, view: &View) -> Vec<Vec<Point>> {
        let points: Vec<Point> = self.x.iter().zip(&self.y).map(|(&x, &y)| view.point(x, y)).collect();
        let runs = points.split(|point| point.0.is_nan() || point.1.is_nan());
        runs.filter(|run| !run.is_empty()).map(|run| thinned(run.to_vec())).collect()
    }
}

impl Member for Line {
    fn check(&self) -> Result<()> {
        same_length("line y", self.x.len(), self.y.len())
    }

    fn extend(&self, extent: &mut Extent) {
        extent.x.add_all(&self.x);
        extent.y.add_all(&self.y);
        extent.y.tight = false;
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        for run in self.runs(view) {
            // A lone point between two gaps would vanish as a line.
            if let [point] = run[..]
                && view.area.holds(point, 0.0)
            {
                surface.disc(point, self.width, crate::plot::surface::Ink { colour: self.colour, alpha: self.alpha });
            }
            for piece in clipped(&run, &view.area) {
                dashed(&piece, self.stroke(), self.dash, surface);
            }
        }
    }

    fn keys(&self) -> Vec<Key> {
        key(&self.label, Sample::Line(Stroke { alpha: self.alpha.max(0.6), ..self.stroke() }, self.dash))
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        let pieces = self.runs(view).into_iter().flat_map(|run| clipped(&run, &view.area));
        pieces.flat_map(|piece| spaced(&piece, 5.0)).collect()
    }
}

/// The same curve to the eye with at most four points per half pixel column: first, lowest, highest, last.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    let column = |point: &Point| (point.0 * 2.0).floor();
    let rising = points.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    if points.len() < 2000 || !rising {
        return points;
    }
    let mut kept = Vec::new();
    for run in points.chunk_by(|a, b| column(a) == column(b)) {
        let by_height = |a: &&Point, b: &&Point| a.1.total_cmp(&b.1);
        let mut four = [run.first(), run.iter().min_by(by_height), run.iter().max_by(by_height), run.last()].map(|point| point.copied());
        four[1..3].sort_by(|a, b| a.map(|point| point.0).partial_cmp(&b.map(|point| point.0)).unwrap_or(std::cmp::Ordering::Equal));
        kept.extend(four.into_iter().flatten());
    }
    kept.dedup();
    kept
}

/// The pieces of a curve that lie inside `area`.
fn clipped(points: &[Point], area: &Area) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1], area) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of one segment inside `area`, found by shrinking the interval of its parameter at each side in turn.
fn clip_segment(from: Point, to: Point, area: &Area) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    let sides = [(-dx, from.0 - area.left), (dx, area.right - from.0), (-dy, from.1 - area.top), (dy, area.bottom - from.1)];
    for (towards, room) in sides {
        if towards == 0.0 && room < 0.0 {
            return None;
        } else if towards < 0.0 {
            enter = enter.max(room / towards);
        } else if towards > 0.0 {
            leave = leave.min(room / towards);
        }
    }
    let at = |part: f64| (from.0 + part * dx, from.1 + part * dy);
    let start = if enter == 0.0 { from } else { at(enter) };
    let end = if leave == 1.0 { to } else { at(leave) };
    (enter <= leave).then_some((start, end))
}

/// Draws a curve in strokes and gaps measured along its length.
pub(in crate::plot) fn dashed(points: &[Point], stroke: Stroke, dash: Dash, surface: &mut dyn Surface) {
    let width = stroke.width.max(1.0);
    // Round ends lengthen every stroke by the width of the pen.
    let (on, off) = match dash {
        Dash::Solid => return surface.path(points, stroke),
        Dash::Dashed => (3.5 * width, 3.5 * width),
        Dash::Dotted => (0.05 * width, 2.4 * width),
    };
    let (mut drawing, mut left) = (true, on);
    let mut piece = points.first().map_or(Vec::new(), |&point| vec![point]);
    for pair in points.windows(2) {
        let length = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let turn = (pair[0].0 + (pair[1].0 - pair[0].0) * done / length, pair[0].1 + (pair[1].1 - pair[0].1) * done / length);
            piece.push(turn);
            if drawing {
                surface.path(&piece, stroke);
            }
            (drawing, left, piece) = (!drawing, if drawing { off } else { on }, vec![turn]);
        }
        left -= length - done;
        piece.push(pair[1]);
    }
    if drawing && piece.len() > 1 {
        surface.path(&piece, stroke);
    }
}

/// Points along a curve no further apart than `step`.
pub(super) fn spaced(points: &[Point], step: f64) -> Vec<Point> {
    let mut all = points.to_vec();
    for pair in points.windows(2) {
        let count = ((pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1) / step) as usize;
        let at = |k: usize| k as f64 / (count + 1) as f64;
        all.extend((1..=count).map(|k| (pair[0].0 + (pair[1].0 - pair[0].0) * at(k), pair[0].1 + (pair[1].1 - pair[0].1) * at(k))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_cut_at_the_frame() {
        let area = Area { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };
        let pieces = clipped(&[(-5.0, 5.0), (5.0, 5.0), (5.0, 20.0), (8.0, 20.0), (8.0, 5.0)], &area);
        assert_eq!(pieces, [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]);
        assert!(clipped(&[(-5.0, -1.0), (20.0, -1.0)], &area).is_empty());
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let points: Vec<Point> = (0..100_000).map(|k| (k as f64 * 1e-3, (k as f64 * 0.7).sin())).collect();
        let thin = thinned(points.clone());
        assert!(thin.len() <= 804, "{}", thin.len());
        let highest = |points: &[Point]| points.iter().map(|point| point.1).fold(f64::MIN, f64::max);
        assert_eq!(highest(&thin), highest(&points));
    }
}
