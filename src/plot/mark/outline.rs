//! Closed curves.

use super::band::clip_polygon;
use super::{Dash, Extent, Key, Line, Member, Sample, key, same_length};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::scale::View;
use crate::plot::surface::{Ink, Point, Stroke, Surface};

/// A closed curve, such as the support of a spectrum that theory predicts.
///
/// ```
/// use crosscurrent::plot::Outline;
/// let support = Outline { label: "theory".into(), ..Outline::ellipse((0.0, 0.0), (1.4, 0.6)) };
/// assert!((support.x[0] - 1.4).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Abscissas of the corners; the last is joined to the first.
    pub x: Vec<f64>,
    /// Ordinates, as many.
    pub y: Vec<f64>,
    /// Colour of pen and inside.
    pub colour: Colour,
    /// Solid, dashed or dotted.
    pub dash: Dash,
    /// Width of the pen in pixels.
    pub width: f64,
    /// Opacity of the inside, 0 for none.
    pub fill: f64,
    /// Name in the legend; empty for none.
    pub label: String,
}

impl Default for Outline {
    fn default() -> Self {
        let (x, y, label) = (Vec::new(), Vec::new(), String::new());
        Outline { x, y, colour: Colour::BLACK, dash: Dash::Solid, width: 1.5, fill: 0.0, label }
    }
}

impl Outline {
    /// An ellipse around `centre` with its half axes along x and y.
    pub fn ellipse(centre: (f64, f64), half_axes: (f64, f64)) -> Self {
        let angles = (0..180).map(|k| f64::from(k) * std::f64::consts::TAU / 180.0);
        let (x, y) = angles.map(|angle| (centre.0 + half_axes.0 * angle.cos(), centre.1 + half_axes.1 * angle.sin())).unzip();
        Outline { x, y, ..Outline::default() }
    }

    /// The border as a curve that comes back to its first point.
    fn border(&self) -> Line {
        let closed = |values: &[f64]| values.iter().chain(values.first()).copied().collect();
        Line { x: closed(&self.x), y: closed(&self.y), colour: self.colour, dash: self.dash, width: self.width, ..Line::default() }
    }
}

impl Member for Outline {
    fn check(&self) -> Result<()> {
        same_length("outline y", self.x.len(), self.y.len())
    }

    fn extend(&self, extent: &mut Extent) {
        extent.x.add_all(&self.x);
        extent.y.add_all(&self.y);
        (extent.x.tight, extent.y.tight) = (false, false);
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        let corners: Vec<Point> = self.x.iter().zip(&self.y).map(|(&x, &y)| view.point(x, y)).collect();
        let whole = corners.iter().all(|corner| !corner.0.is_nan() && !corner.1.is_nan());
        let inside = if whole && self.fill > 0.0 { clip_polygon(corners, &view.area) } else { Vec::new() };
        if inside.len() > 2 {
            surface.polygon(&inside, Ink { colour: self.colour, alpha: self.fill });
        }
        self.border().draw(view, surface);
    }

    fn keys(&self) -> Vec<Key> {
        key(&self.label, Sample::Line(Stroke::solid(self.colour, self.width), self.dash))
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        self.border().obstacles(view)
    }
}
