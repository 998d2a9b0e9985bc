//! Words inside a panel.

use super::{Extent, Member};
use crate::error::Result;
use crate::plot::colour::Colour;
use crate::plot::font;
use crate::plot::scale::View;
use crate::plot::surface::{Align, Ink, Point, Surface, Type};

/// Words at a place of the data; moved inwards where they would leave the panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Abscissa of the middle of the text.
    pub x: f64,
    /// Ordinate of the middle of the text.
    pub y: f64,
    /// The words; line breaks are kept.
    pub text: String,
    /// Colour.
    pub colour: Colour,
    /// Font size in pixels.
    pub size: f64,
}

impl Default for Note {
    fn default() -> Self {
        Note { x: 0.0, y: 0.0, text: String::new(), colour: Colour::BLACK, size: 10.5 }
    }
}

/// The four corners around one line of text.
pub(super) fn text_box(text: &str, at: Point, style: Type) -> [Point; 4] {
    let width = font::width(text, style.size, style.bold);
    let left = match style.align {
        Align::Left => at.0,
        Align::Centre => at.0 - 0.5 * width,
        Align::Right => at.0 - width,
    };
    let (top, bottom) = (at.1 - (font::CAPITAL + 0.12) * style.size, at.1 + font::DESCENT * style.size);
    [(left - 1.5, top), (left + width + 1.5, top), (left + width + 1.5, bottom), (left - 1.5, bottom)]
}

/// One line of text on a veil of paper, so that it can be read above curves.
pub(super) fn boxed(text: &str, at: Point, style: Type, surface: &mut dyn Surface) {
    surface.polygon(&text_box(text, at, style), Ink { colour: Colour::WHITE, alpha: 0.8 });
    surface.text(text, at, style);
}

impl Note {
    /// The lines with their baselines, shifted to stay inside the panel.
    fn lines(&self, view: &View) -> Vec<(String, Point)> {
        let lines: Vec<String> = self.text.lines().map(str::to_string).collect();
        let (x, y) = view.point(self.x, self.y);
        if x.is_nan() || y.is_nan() {
            return Vec::new();
        }
        let half_width = 0.5 * font::widest(&lines, self.size, false) + 3.0;
        let half_height = 0.5 * font::LINE * self.size * lines.len() as f64;
        let inside = |value: f64, low: f64, high: f64| if low < high { value.clamp(low, high) } else { 0.5 * (low + high) };
        let x = inside(x, view.area.left + half_width, view.area.right - half_width);
        let y = inside(y, view.area.top + half_height, view.area.bottom - half_height);
        let baseline = |k: usize| y - half_height + (k as f64 + 0.5) * font::LINE * self.size + 0.5 * font::CAPITAL * self.size;
        lines.into_iter().enumerate().map(|(k, line)| (line, (x, baseline(k)))).collect()
    }

    fn style(&self) -> Type {
        Type { colour: self.colour, ..Type::plain(self.size, Align::Centre) }
    }
}

impl Member for Note {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn extend(&self, extent: &mut Extent) {
        extent.x.add(self.x);
        extent.y.add(self.y);
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        for (line, at) in self.lines(view) {
            boxed(&line, at, self.style(), surface);
        }
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        let lines = self.lines(view).into_iter();
        lines.flat_map(|(line, at)| super::line::spaced(&text_box(&line, at, self.style()), 8.0)).collect()
    }
}
