//! The paper: five strokes that every panel is drawn with, done once for SVG and once for bitmaps.

mod bitmap;
mod coverage;
mod image;
mod svg;

pub(super) use bitmap::bitmap;
pub(super) use image::Image;
pub(super) use svg::svg;

use super::colour::Colour;
use super::scale::Area;

/// A place on the page, in pixels of the page (a bitmap has [`ZOOM`] times as many).
pub(super) type Point = (f64, f64);

/// Pixels of a bitmap per pixel of the page.
pub(super) const ZOOM: f64 = 2.0;

/// A pen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub colour: Colour,
    pub alpha: f64,
    pub width: f64,
}

impl Stroke {
    pub fn solid(colour: Colour, width: f64) -> Self {
        Stroke { colour, alpha: 1.0, width }
    }
}

/// The inside of a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub colour: Colour,
    pub alpha: f64,
}

/// Which part of a text its place refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// How text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub size: f64,
    pub bold: bool,
    pub colour: Colour,
    pub align: Align,
    /// Turned by a quarter, to be read from below.
    pub turned: bool,
}

impl Type {
    pub fn plain(size: f64, align: Align) -> Self {
        Type { size, bold: false, colour: Colour::BLACK, align, turned: false }
    }
}

/// Where a figure is drawn.
pub(super) trait Surface {
    /// A line through `points`.
    fn path(&mut self, points: &[Point], stroke: Stroke);
    /// A filled polygon.
    fn polygon(&mut self, points: &[Point], ink: Ink);
    /// A filled circle.
    fn disc(&mut self, centre: Point, radius: f64, ink: Ink);
    /// One line of text; `at` is on its baseline.
    fn text(&mut self, text: &str, at: Point, style: Type);
    /// Pixels stretched over `area`.
    fn image(&mut self, area: Area, image: &Image);
}
