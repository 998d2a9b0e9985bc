//! Bands: the area between two curves.

use super::{Extent, Key, Member, Sample, key, same_length};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::scale::{Area, View};
use crate::plot::surface::{Ink, Point, Surface};

/// The area between two curves, such as a confidence interval. Where a value is not finite the band has a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Abscissas.
    pub x: Vec<f64>,
    /// Lower curve, as many values.
    pub low: Vec<f64>,
    /// Upper curve, as many values.
    pub high: Vec<f64>,
    /// Colour of the area.
    pub colour: Colour,
    /// Opacity, 0 to 1.
    pub alpha: f64,
    /// Name in the legend; empty for none.
    pub label: String,
}

impl Default for Band {
    fn default() -> Self {
        let (x, low, high, label) = (Vec::new(), Vec::new(), Vec::new(), String::new());
        Band { x, low, high, colour: Colour::BLUE, alpha: 0.22, label }
    }
}

impl Band {
    /// Closed polygons, one for each run without gaps.
    fn polygons(&self, view: &View) -> Vec<Vec<Point>> {
        let both = |k: usize| (view.point(self.x[k], self.low[k]), view.point(self.x[k], self.high[k]));
        let pairs: Vec<(Point, Point)> = (0..self.x.len()).map(both).collect();
        let runs = pairs.split(|(low, high)| (low.0 + low.1 + high.1).is_nan());
        let closed = |run: &[(Point, Point)]| run.iter().map(|pair| pair.0).chain(run.iter().rev().map(|pair| pair.1)).collect();
        runs.filter(|run| run.len() > 1).map(closed).collect()
    }
}

/// The part of a polygon inside `area`, cut at one side after the other.
pub(super) fn clip_polygon(points: Vec<Point>, area: &Area) -> Vec<Point> {
    let sides: [fn(&Point, &Area) -> f64; 4] = [
        |point, area| point.0 - area.left,
        |point, area| area.right - point.0,
        |point, area| point.1 - area.top,
        |point, area| area.bottom - point.1,
    ];
    sides.iter().fold(points, |points, room| {
        let mut kept = Vec::with_capacity(points.len());
        for (k, to) in points.iter().enumerate() {
            let from = &points[(k + points.len() - 1) % points.len()];
            let (before, after) = (room(from, area), room(to, area));
            if (before < 0.0) != (after < 0.0) {
                let part = before / (before - after);
                kept.push((from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)));
            }
            if after >= 0.0 {
                kept.push(*to);
            }
        }
        kept
    })
}

impl Member for Band {
    fn check(&self) -> Result<()> {
        same_length("band low", self.x.len(), self.low.len())?;
        same_length("band high", self.x.len(), self.high.len())
    }

    fn extend(&self, extent: &mut Extent) {
        extent.x.add_all(&self.x);
        extent.y.add_all(&self.low);
        extent.y.add_all(&self.high);
        extent.y.tight = false;
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        for polygon in self.polygons(view) {
            let inside = clip_polygon(polygon, &view.area);
            if inside.len() > 2 {
                surface.polygon(&inside, Ink { colour: self.colour, alpha: self.alpha });
            }
        }
    }

    fn keys(&self) -> Vec<Key> {
        key(&self.label, Sample::Patch(self.colour, self.alpha))
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        self.polygons(view).into_iter().flat_map(|polygon| super::line::spaced(&polygon, 8.0)).collect()
    }
}
