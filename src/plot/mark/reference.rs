//! Reference lines across a panel.

use super::note::{boxed, text_box};
use super::{Dash, Extent, Member, dashed};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::font;
use crate::plot::scale::View;
use crate::plot::surface::{Align, Point, Stroke, Surface, Type};

/// A line across the whole panel: a critical value, a chance level, a change of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Where it crosses the axis.
    pub at: f64,
    /// It stands upright at a number of the x axis, instead of lying at a number of the y axis.
    pub vertical: bool,
    /// Name written along it; empty for none.
    pub label: String,
    /// Colour of line and name.
    pub colour: Colour,
    /// Solid, dashed or dotted.
    pub dash: Dash,
    /// Width of the pen in pixels.
    pub width: f64,
}

impl Default for Reference {
    fn default() -> Self {
        Reference { at: 0.0, vertical: false, label: String::new(), colour: Colour::GREY, dash: Dash::Dashed, width: 1.0 }
    }
}

const SIZE: f64 = 10.0;

impl Reference {
    /// The two ends, if the line is in the panel.
    fn ends(&self, view: &View) -> Option<[Point; 2]> {
        let area = &view.area;
        let ends = match self.vertical {
            true => [(view.x.pixel(self.at), area.bottom), (view.x.pixel(self.at), area.top)],
            false => [(area.left, view.y.pixel(self.at)), (area.right, view.y.pixel(self.at))],
        };
        ends.iter().all(|end| area.holds(*end, 0.01)).then_some(ends)
    }

    /// Where the name goes: above the frame for an upright line, above the line at its right end for a lying one.
    fn place(&self, view: &View) -> Option<(Point, Type)> {
        let [_, end] = self.ends(view)?;
        let (half, area) = (0.5 * font::width(&self.label, SIZE, false), &view.area);
        let style = |align| Type { colour: self.colour, ..Type::plain(SIZE, align) };
        let placed = if self.vertical {
            let middle = end.0.min(area.right + 8.0 - half).max(area.left - 8.0 + half);
            ((middle, area.top - 4.0), style(Align::Centre))
        } else {
            let above = end.1 - 4.0 - SIZE > area.top;
            ((area.right - 3.0, if above { end.1 - 4.0 } else { end.1 + SIZE + 2.0 }), style(Align::Right))
        };
        (!self.label.is_empty()).then_some(placed)
    }
}

impl Member for Reference {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn extend(&self, extent: &mut Extent) {
        let span = if self.vertical { &mut extent.x } else { &mut extent.y };
        span.add(self.at);
        span.tight = false;
    }

    fn headroom(&self) -> f64 {
        if self.vertical && !self.label.is_empty() { font::LINE * SIZE } else { 0.0 }
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        let Some(ends) = self.ends(view) else { return };
        dashed(&ends, Stroke::solid(self.colour, self.width), self.dash, surface);
        if let Some((at, style)) = self.place(view) {
            boxed(&self.label, at, style, surface);
        }
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        self.place(view).map_or(Vec::new(), |(at, style)| super::line::spaced(&text_box(&self.label, at, style), 8.0))
    }
}
