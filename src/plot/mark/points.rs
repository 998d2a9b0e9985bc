//! Single points.

use super::whiskers::{Whiskers, whisker};
use super::{Extent, Key, Member, Sample, key, same_length};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::scale::View;
use crate::plot::surface::{Ink, Point, Stroke, Surface};

/// Points with optional error bars. Those that are not finite are left out.
///
/// The default is the style of simulations: blue discs.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// Abscissas.
    pub x: Vec<f64>,
    /// Ordinates, as many.
    pub y: Vec<f64>,
    /// Error bars along y.
    pub whiskers: Whiskers,
    /// Shape.
    pub marker: Marker,
    /// Only the outline is drawn, on white.
    pub hollow: bool,
    /// Colour.
    pub colour: Colour,
    /// Diameter in pixels.
    pub size: f64,
    /// Opacity, 0 to 1.
    pub alpha: f64,
    /// Name in the legend; empty for none.
    pub label: String,
}

impl Default for Points {
    fn default() -> Self {
        Points {
            x: Vec::new(),
            y: Vec::new(),
            whiskers: Whiskers::None,
            marker: Marker::Disc,
            hollow: false,
            colour: Colour::BLUE,
            size: 6.0,
            alpha: 1.0,
            label: String::new(),
        }
    }
}

/// Shape of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marker {
    /// A circle.
    #[default]
    Disc,
    /// A square.
    Square,
    /// A triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// Two crossing strokes.
    Cross,
}

impl Marker {
    /// The `index`-th shape for a series, beside [`Colour::cycle`].
    pub fn cycle(index: usize) -> Self {
        [Marker::Disc, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Cross][index % 5]
    }

    /// The corners of the shape for a disc of the same area; none for shapes without corners.
    fn corners(self, (x, y): Point, radius: f64) -> Vec<Point> {
        let around = |corners: usize, turn: f64, reach: f64| -> Vec<Point> {
            let angle = |k: usize| (k as f64 / corners as f64 + turn) * std::f64::consts::TAU;
            (0..corners).map(|k| (x + reach * angle(k).sin(), y - reach * angle(k).cos())).collect()
        };
        match self {
            Marker::Disc => around(24, 0.0, radius),
            Marker::Square => around(4, 0.125, 1.25 * radius),
            Marker::Triangle => around(3, 0.0, 1.5 * radius),
            Marker::Diamond => around(4, 0.0, 1.3 * radius),
            Marker::Cross => Vec::new(),
        }
    }
}

/// Draws one point.
pub(in crate::plot) fn draw_marker(marker: Marker, at: Point, (radius, hollow): (f64, bool), ink: Ink, surface: &mut dyn Surface) {
    let pen = Stroke { colour: ink.colour, alpha: ink.alpha, width: 1.2 };
    let mut corners = marker.corners(at, radius);
    if marker == Marker::Cross {
        let reach = 0.85 * radius;
        surface.path(&[(at.0 - reach, at.1 - reach), (at.0 + reach, at.1 + reach)], pen);
        surface.path(&[(at.0 - reach, at.1 + reach), (at.0 + reach, at.1 - reach)], pen);
    } else if hollow {
        surface.polygon(&corners, Ink { colour: Colour::WHITE, alpha: 1.0 });
        corners.push(corners[0]);
        surface.path(&corners, pen);
    } else if marker == Marker::Disc {
        surface.disc(at, radius, ink);
    } else {
        surface.polygon(&corners, ink);
    }
}

impl Points {
    fn places<'a>(&'a self, view: &'a View) -> impl Iterator<Item = (usize, Point)> + 'a {
        let places = self.x.iter().zip(&self.y).map(|(&x, &y)| view.point(x, y)).enumerate();
        places.filter(|(_, place)| !place.0.is_nan() && !place.1.is_nan() && view.area.holds(*place, 0.5))
    }
}

impl Member for Points {
    fn check(&self) -> Result<()> {
        same_length("points y", self.x.len(), self.y.len())?;
        self.whiskers.check(self.y.len())
    }

    fn extend(&self, extent: &mut Extent) {
        extent.x.add_all(&self.x);
        extent.y.add_all(&self.y);
        self.whiskers.extend(&self.y, extent);
        (extent.x.tight, extent.y.tight) = (false, false);
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        for (k, place) in self.places(view) {
            if let Some(ends) = self.whiskers.ends(k, self.y[k]) {
                whisker(view, place.0, ends, self.colour, surface);
            }
        }
        let ink = Ink { colour: self.colour, alpha: self.alpha };
        for (_, place) in self.places(view) {
            draw_marker(self.marker, place, (0.5 * self.size, self.hollow), ink, surface);
        }
    }

    fn keys(&self) -> Vec<Key> {
        key(&self.label, Sample::Marker(self.marker, self.colour, 0.5 * self.size.max(5.0), self.hollow))
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        let mut points = Vec::new();
        for (k, place) in self.places(view) {
            points.push(place);
            if let Some((low, high)) = self.whiskers.ends(k, self.y[k]) {
                points.extend([(place.0, view.y.pixel(low)), (place.0, view.y.pixel(high))]);
            }
        }
        points
    }
}
