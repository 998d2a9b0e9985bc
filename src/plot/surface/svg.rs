//! SVG: plotters' own backend, on a grid ten times finer than the page because it only knows whole numbers.

use super::image::base64;
use super::{Align, Image, Ink, Point, Stroke, Surface, Type};
use crate::error::{Error, Result};
use crate::plot::colour::Colour;
use crate::plot::font;
use crate::plot::scale::Area;
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBAColor, ShapeStyle, TextStyle};

/// Units of the file per pixel of the page.
const GRID: f64 = 10.0;
/// The backend divides every font size by this.
const FONT_DIVISOR: f64 = 1.24;
/// The backend puts the baseline this many font sizes below the place of a text that hangs from its top.
const TOP_TO_BASELINE: f64 = 0.76;
/// Stands where an image belongs until the text of the file is complete; a letter that no font defines.
const PLACEHOLDER: char = '\u{F0FFF}';

/// The SVG file of what `draw` makes on white paper of `size` pixels.
pub(in crate::plot) fn svg(size: (u32, u32), draw: impl FnOnce(&mut dyn Surface)) -> Result<String> {
    let mut text = String::new();
    let fine = (size.0 * GRID as u32, size.1 * GRID as u32);
    let (images, problem) = {
        let mut paper = Svg { backend: SVGBackend::with_string(&mut text, fine), images: Vec::new(), problem: None };
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let page = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        paper.polygon(&page, Ink { colour: Colour::WHITE, alpha: 1.0 });
        draw(&mut paper);
        let outcome = paper.backend.present();
        paper.note(outcome);
        (std::mem::take(&mut paper.images), paper.problem.take())
    };
    match problem {
        Some(problem) => Err(Error::data("a figure", problem, "report the marks that cause it")),
        None => Ok(finished(&text, size, &images)),
    }
}

/// The file with its size in pixels, round joins, and images in the place of their placeholders.
fn finished(text: &str, size: (u32, u32), images: &[String]) -> String {
    let (head, body) = text.split_once('\n').unwrap_or(("", text));
    let fine = (size.0 * GRID as u32, size.1 * GRID as u32);
    let mut file = if head.starts_with("<svg") { String::new() } else { format!("{head}\n") };
    file += &format!(
        "<svg width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n",
        size.0, size.1, fine.0, fine.1
    );
    let mut images = images.iter();
    let mut rest = body;
    while let Some(place) = rest.find(PLACEHOLDER) {
        let start = rest[..place].rfind("<text").unwrap_or(place);
        let end = rest[place..].find("</text>").map_or(rest.len(), |length| place + length + "</text>".len());
        file += &rest[..start];
        file += images.next().map_or("", String::as_str);
        rest = &rest[end..];
    }
    file + rest
}

struct Svg<'a> {
    backend: SVGBackend<'a>,
    images: Vec<String>,
    problem: Option<String>,
}

fn fine((x, y): Point) -> (i32, i32) {
    ((x * GRID).round() as i32, (y * GRID).round() as i32)
}

fn style(ink: Ink, width: f64) -> ShapeStyle {
    let color = RGBAColor(ink.colour.red, ink.colour.green, ink.colour.blue, (ink.alpha * 1000.0).round() / 1000.0);
    ShapeStyle { color, filled: true, stroke_width: (width * GRID).round().max(1.0) as u32 }
}

impl Svg<'_> {
    /// Remembers the first problem, so that drawing code need not carry one through every line.
    fn note<E: std::fmt::Display>(&mut self, outcome: std::result::Result<(), E>) {
        if let (Err(error), None) = (outcome, &self.problem) {
            self.problem = Some(error.to_string());
        }
    }
}

impl Surface for Svg<'_> {
    fn path(&mut self, points: &[Point], stroke: Stroke) {
        let style = style(Ink { colour: stroke.colour, alpha: stroke.alpha }, stroke.width);
        let outcome = self.backend.draw_path(points.iter().copied().map(fine), &style);
        self.note(outcome);
    }

    fn polygon(&mut self, points: &[Point], ink: Ink) {
        let outcome = self.backend.fill_polygon(points.iter().copied().map(fine), &style(ink, 0.0));
        self.note(outcome);
    }

    fn disc(&mut self, centre: Point, radius: f64, ink: Ink) {
        let radius = (radius * GRID).round().max(1.0) as u32;
        let outcome = self.backend.draw_circle(fine(centre), radius, &style(ink, 0.0), true);
        self.note(outcome);
    }

    fn text(&mut self, text: &str, at: Point, kind: Type) {
        let lift = TOP_TO_BASELINE * kind.size;
        let (at, transform) = match kind.turned {
            true => ((at.0 - lift, at.1), FontTransform::Rotate270),
            false => ((at.0, at.1 - lift), FontTransform::None),
        };
        let side = match kind.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        font::face(kind.bold);
        let weight = if kind.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = (kind.size * GRID * FONT_DIVISOR * 100.0).round() / 100.0;
        let face = (font::FAMILY, size).into_font().style(weight).transform(transform);
        let ink = RGBAColor(kind.colour.red, kind.colour.green, kind.colour.blue, 1.0).to_rgba();
        let style = TextStyle::from(face).color(&ink).pos(Pos::new(side, VPos::Top));
        let clean: String = text.chars().filter(|letter| !letter.is_control() && *letter != PLACEHOLDER).collect();
        let outcome = self.backend.draw_text(&clean, &style, fine(at));
        self.note(outcome);
    }

    fn image(&mut self, area: Area, image: &Image) {
        let Ok(png) = image.png(1.0).map_err(|error| self.note(Err(error))) else { return };
        let (x, y) = fine((area.left, area.top));
        let (right, bottom) = fine((area.right, area.bottom));
        self.images.push(format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,{}\"/>",
            right - x,
            bottom - y,
            base64(&png)
        ));
        let style = TextStyle::from((font::FAMILY, 10).into_font());
        let outcome = self.backend.draw_text(&PLACEHOLDER.to_string(), &style, (0, 0));
        self.note(outcome);
    }
}
