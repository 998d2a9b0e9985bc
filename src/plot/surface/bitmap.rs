//! Bitmaps: plotters' bitmap backend blends the pixels, the coverage of each shape is our own (its polygons have hard edges).

use super::coverage::Coverage;
use super::{Align, Image, Ink, Point, Stroke, Surface, Type, ZOOM};
use crate::plot::colour::Colour;
use crate::plot::font;
use crate::plot::scale::Area;
use ab_glyph::{Font, ScaleFont};
use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{Color, RGBAColor};

/// The picture that `draw` makes on white paper of `size` pixels, at [`ZOOM`] times the resolution.
pub(in crate::plot) fn bitmap(size: (u32, u32), draw: impl FnOnce(&mut dyn Surface)) -> Image {
    let (width, height) = ((f64::from(size.0) * ZOOM) as u32, (f64::from(size.1) * ZOOM) as u32);
    let mut rgb = vec![255; 3 * width as usize * height as usize];
    draw(&mut Bitmap { backend: BitMapBackend::with_buffer(&mut rgb, (width, height)) });
    Image { width: width as usize, height: height as usize, rgb }
}

struct Bitmap<'a> {
    backend: BitMapBackend<'a>,
}

impl Bitmap<'_> {
    fn size(&self) -> (i32, i32) {
        let (width, height) = self.backend.get_size();
        (width as i32, height as i32)
    }

    fn pixel(&mut self, place: (i32, i32), colour: Colour, alpha: f64) {
        let colour = RGBAColor(colour.red, colour.green, colour.blue, alpha.clamp(0.0, 1.0));
        // A bitmap in memory never refuses a pixel; those outside are passed over.
        let _ = self.backend.draw_pixel(place, colour.to_backend_color());
    }

    fn blend(&mut self, coverage: Option<Coverage>, ink: Ink) {
        for (x, y, covered) in coverage.iter().flat_map(Coverage::pixels) {
            self.pixel((x, y), ink.colour, ink.alpha * covered);
        }
    }
}

fn zoomed(points: &[Point]) -> Vec<Point> {
    points.iter().map(|&(x, y)| (x * ZOOM, y * ZOOM)).collect()
}

impl Surface for Bitmap<'_> {
    fn path(&mut self, points: &[Point], stroke: Stroke) {
        let coverage = Coverage::line(&zoomed(points), stroke.width * ZOOM, self.size());
        self.blend(coverage, Ink { colour: stroke.colour, alpha: stroke.alpha });
    }

    fn polygon(&mut self, points: &[Point], ink: Ink) {
        let coverage = Coverage::polygon(&zoomed(points), self.size());
        self.blend(coverage, ink);
    }

    fn disc(&mut self, centre: Point, radius: f64, ink: Ink) {
        let coverage = Coverage::disc((centre.0 * ZOOM, centre.1 * ZOOM), radius * ZOOM, self.size());
        self.blend(coverage, ink);
    }

    fn text(&mut self, text: &str, at: Point, style: Type) {
        let face = font::face(style.bold);
        let scaled = face.as_scaled(font::scale(face, style.size * ZOOM));
        let width = font::width(text, style.size * ZOOM, style.bold);
        let (x, y) = (at.0 * ZOOM, at.1 * ZOOM);
        // Glyphs are laid out along u with the baseline at v; a quarter turn maps (u, v) to (v, −u) on the page.
        let (u, v) = if style.turned { (-y, x) } else { (x, y) };
        let mut u = match style.align {
            Align::Left => u,
            Align::Centre => u - 0.5 * width,
            Align::Right => u - width,
        };
        for letter in text.chars() {
            let mut glyph = scaled.scaled_glyph(letter);
            glyph.position = ab_glyph::point(u as f32, v as f32);
            u += f64::from(scaled.h_advance(glyph.id));
            let Some(outline) = face.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|column, row, covered| {
                let (u, v) = (corner.x as i32 + column as i32, corner.y as i32 + row as i32);
                let place = if style.turned { (v, -u - 1) } else { (u, v) };
                self.pixel(place, style.colour, f64::from(covered));
            });
        }
    }

    fn image(&mut self, area: Area, image: &Image) {
        let edge = |value: f64| (value * ZOOM).round() as i32;
        let (left, top, right, bottom) = (edge(area.left), edge(area.top), edge(area.right), edge(area.bottom));
        for y in top..bottom {
            let row = (y - top) as usize * image.height / (bottom - top) as usize;
            for x in left..right {
                let column = (x - left) as usize * image.width / (right - left) as usize;
                let first = 3 * (row * image.width + column);
                let colour = Colour::rgb(image.rgb[first], image.rgb[first + 1], image.rgb[first + 2]);
                self.pixel((x, y), colour, 1.0);
            }
        }
    }
}
